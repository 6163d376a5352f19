-- +goose Up

-- A form or rubric is a version of data; frozen once a call that uses it is
-- published, and never changed after.
create table forms (
  id          bigint primary key default new_id(),
  key         text not null,
  version     int not null,
  definition  jsonb not null,
  frozen_at   timestamptz,
  created_at  timestamptz not null,
  unique (key, version)
);

create table rubrics (
  id          bigint primary key default new_id(),
  key         text not null,
  version     int not null,
  definition  jsonb not null,
  frozen_at   timestamptz,
  created_at  timestamptz not null,
  unique (key, version)
);

create table calls (
  id                    bigint primary key default new_id(),
  programme_id          bigint not null references programmes,
  code                  text not null unique check (code ~ '^[A-Z0-9]+(-[A-Z0-9]+)*$'),
  title_vi              text not null check (title_vi <> ''),
  title_en              text not null default '',
  summary_vi            text not null default '',
  summary_en            text not null default '',
  text_vi               text not null default '',
  text_en               text not null default '',
  opens_at              timestamptz not null,
  closes_at             timestamptz not null,
  grace                 interval not null default '2 minutes',  -- hidden; for what was already on its way
  envelope              bigint not null check (envelope >= 0),   -- đồng
  grant_min             bigint not null check (grant_min >= 0),  -- đồng
  grant_max             bigint not null,                         -- đồng
  months_max            int not null check (months_max between 1 and 60),
  applicant_kinds       text[] not null default '{}',            -- empty: every kind of organisation
  provinces             text[] not null default '{}',            -- province codes; empty: everywhere
  form_id               bigint not null references forms,
  rubric_id             bigint not null references rubrics,
  reviews_per_proposal  int not null default 2 check (reviews_per_proposal between 1 and 9),
  blind                 boolean not null default false,
  peers_visible         boolean not null default true,           -- others' reviews, after one's own is sent
  sensitive             boolean not null default false,          -- violence-related: neutral subjects, quick exit
  timetable             jsonb not null default '[]',             -- [{"on": "2027-01-05", "vi": "…", "en": "…"}]
  review_due_on         date,
  results_on            date,
  status                text not null default 'draft' check (status in ('draft', 'published')),
  published_at          timestamptz,
  search_key            text not null default '',
  created_by            bigint references people,
  created_at            timestamptz not null,
  updated_at            timestamptz not null,
  check (opens_at < closes_at),
  check (grant_min <= grant_max and grant_max <= envelope)
);
create index calls_programme on calls (programme_id);
create index calls_closing on calls (closes_at) where status = 'published';

create table call_task_groups (
  call_id        bigint not null references calls on delete cascade,
  task_group_id  bigint not null references task_groups,
  primary key (call_id, task_group_id)
);

alter table roles add foreign key (programme_id) references programmes on delete cascade;
alter table roles add foreign key (call_id) references calls on delete cascade;

-- +goose Down
alter table roles drop constraint roles_call_id_fkey;
alter table roles drop constraint roles_programme_id_fkey;
drop table call_task_groups, calls, rubrics, forms;
