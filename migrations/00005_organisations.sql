-- +goose Up

create table organisations (
  id                   bigint primary key default new_id(),
  kind                 text not null check (kind in ('womens_union', 'mass_organisation', 'association', 'fund', 'cooperative',
                         'enterprise', 'public_unit', 'department', 'commune', 'foreign_ngo', 'community_group')),
  name_vi              text not null check (name_vi <> ''),
  name_en              text not null default '',
  abbreviation         text not null default '',
  tax_code             text not null default '',      -- digits only
  place_id             bigint references places,      -- its commune, or its province where no commune is known
  province_code        text not null default '',      -- of that place, for filters
  address              text not null default '',
  representative       text not null default '',
  representative_title text not null default '',
  contact_name         text not null default '',
  contact_phone        text not null default '',
  contact_email        text not null default '',
  women_led            boolean,                       -- null: not said
  search_key           text not null default '',
  created_by           bigint not null references people,
  created_at           timestamptz not null,
  updated_at           timestamptz not null
);

create table organisation_papers (
  id               bigint primary key default new_id(),
  organisation_id  bigint not null references organisations on delete cascade,
  kind             text not null check (kind in ('founding', 'charter', 'registration', 'operation', 'other')),
  number           text not null default '',
  issued_on        date,
  issuer           text not null default '',
  position         int not null
);
create index organisation_papers_of on organisation_papers (organisation_id);

create table members (
  organisation_id  bigint not null references organisations on delete cascade,
  person_id        bigint not null references people on delete cascade,
  role             text not null check (role in ('head', 'writer', 'reader')),
  joined_at        timestamptz not null,
  primary key (organisation_id, person_id)
);
create index members_person on members (person_id, organisation_id) include (role);

create table invitations (
  id               bigint primary key default new_id(),
  organisation_id  bigint not null references organisations on delete cascade,
  email            text not null,
  email_key        text not null,
  role             text not null check (role in ('head', 'writer', 'reader')),
  invited_by       bigint not null references people,
  created_at       timestamptz not null,
  expires_at       timestamptz not null,
  accepted_at      timestamptz,
  revoked_at       timestamptz
);
create unique index invitations_live on invitations (organisation_id, email_key) where accepted_at is null and revoked_at is null;

-- +goose Down
drop table invitations, members, organisation_papers, organisations;
