-- +goose Up

-- Administrative units, one row per version. A code alone names nothing: after
-- July 2025 most codes of communes name another place than before.
create table places (
  id           bigint primary key default new_id(),
  level        smallint not null check (level between 1 and 3),   -- 1 province, 2 district (until 30/6/2025), 3 commune
  code         text not null check (code <> ''),
  valid_from   date not null default '0001-01-01',                -- that day: already there when our list begins
  valid_to     date,                                              -- exclusive; null: still there
  name         text not null check (name <> ''),
  full_name    text not null check (full_name <> ''),
  name_en      text not null default '',
  parent_code  text not null default '',
  unit_type    text not null check (unit_type in ('tinh', 'thanh_pho_tw', 'quan', 'huyen', 'thi_xa', 'thanh_pho_tinh',
                 'thanh_pho_thuoc_tp', 'xa', 'phuong', 'thi_tran', 'dac_khu')),
  search_key   text not null,
  unique (level, code, valid_from),
  check (valid_to > valid_from),
  check ((level = 1) = (parent_code = ''))
);
create index places_current on places (level, code) where valid_to is null;
create index places_within on places (parent_code, level);
create index places_search on places (search_key text_pattern_ops) where valid_to is null;

-- What became of a unit that ended: the whole of it, or a part.
create table place_successions (
  old_level  smallint not null,
  old_code   text not null,
  new_level  smallint not null,
  new_code   text not null,
  since      date not null,
  kind       text not null check (kind in ('whole', 'part')),
  primary key (old_level, old_code, since, new_level, new_code)
);

create table legal_documents (
  id           bigint primary key default new_id(),
  doc_type     text not null check (doc_type <> ''),
  number       text not null check (number <> ''),                -- with its symbol: 59/KH-UBND
  number_key   text not null check (number_key <> ''),            -- letters and digits only: hyphens of Party numbers move
  date         date,
  issuer       text not null check (issuer <> ''),
  issuer_key   text not null,
  title_vi     text not null check (title_vi <> ''),              -- short, ours, not the official one
  title_en     text not null default '',
  status       text not null check (status in ('in_force', 'ended', 'replaced', 'unknown')),
  status_note  text not null default '',                          -- for the desk
  verified     text not null check (verified in ('yes', 'number_only', 'no')),
  source       text not null default '',                          -- for the desk
  search_key   text not null,
  unique nulls not distinct (number_key, issuer_key, date)        -- numbers begin again every year
);

create table holidays (
  date     date not null,
  name_vi  text not null check (name_vi <> ''),
  name_en  text not null default '',
  kind     text not null check (kind in ('holiday', 'in_lieu', 'swap_off', 'swap_work')),
  status   text not null check (status in ('statutory', 'secondary_source', 'pending_official_notice', 'unverified')),
  primary key (date)
);

-- Targets of the national strategy. One target may have two rows (3.2a, 3.2b).
create table national_targets (
  code          text primary key,
  objective_vi  text not null check (objective_vi <> ''),
  objective_en  text not null default '',
  target_vi     text not null check (target_vi <> ''),
  target_en     text not null default '',
  unit          text not null,
  op_2025       text not null check (op_2025 in ('>=', '>', '<=', '<', '=', '~')),   -- ~ is "about"
  value_2025    numeric not null,
  op_2030       text not null check (op_2030 in ('>=', '>', '<=', '<', '=', '~')),
  value_2030    numeric not null,
  verified      text not null check (verified in ('yes', 'no')),
  note          text not null default '',                         -- for the desk
  position      int not null                                      -- 5.10 after 5.9
);

-- Reference data is for everybody; what nobody has seen in a source is blank.
create view visible.places as
  select id, level, code, valid_from, valid_to, name, full_name, name_en, parent_code, unit_type, search_key from places;

create view visible.place_successions as
  select old_level, old_code, new_level, new_code, since, kind from place_successions;

create view visible.legal_documents as
  select id, doc_type, number, number_key, case when verified = 'yes' then date end as date, issuer, issuer_key, title_vi, title_en,
         case when verified = 'yes' then status else 'unknown' end as status, status_note, verified, search_key
  from legal_documents;

create view visible.holidays as
  select date, name_vi, name_en, kind, status, status in ('statutory', 'secondary_source') as certain from holidays;

create view visible.national_targets as
  select code, objective_vi, objective_en, target_vi, target_en, unit,
         case when verified = 'yes' then op_2025 end as op_2025, case when verified = 'yes' then value_2025 end as value_2025,
         case when verified = 'yes' then op_2030 end as op_2030, case when verified = 'yes' then value_2030 end as value_2030,
         verified, position
  from national_targets;

-- +goose Down
drop view visible.national_targets, visible.holidays, visible.legal_documents, visible.place_successions, visible.places;
drop table national_targets, holidays, legal_documents, place_successions, places;
