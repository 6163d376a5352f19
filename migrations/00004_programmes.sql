-- +goose Up

-- A programme is a plan document as the portal runs it. What its source does not
-- say stays empty here, and what somebody only inferred stands in note.
create table programmes (
  id                  bigint primary key default new_id(),
  key                 text unique,                       -- of its record in an imported file; null: written at the desk
  title_vi            text not null check (title_vi <> ''),
  title_en            text not null default '',
  doc_type_vi         text not null default '',
  doc_type_en         text not null default '',
  number              text not null default '',          -- keeps its zero: 08
  symbol              text not null default '',          -- KH-UBND
  issued_on           date,
  issued_on_note_vi   text not null default '',
  issued_on_note_en   text not null default '',
  issuer_vi           text not null check (issuer_vi <> ''),   -- as issued
  issuer_en           text not null default '',
  issuer_place_level  smallint,                          -- the unit the issuer governs, if it governs one
  issuer_place_code   text,
  issuer_ended_on     date,                              -- first day it was no more; null: it exists
  successor_vi        text not null default '',          -- who answers for its tasks now
  successor_en        text not null default '',
  year                int check (year between 1945 and 2100),
  period_from         date,
  period_to           date,                              -- inclusive
  territory_vi        text not null default '',
  territory_en        text not null default '',
  source              jsonb not null default '{}',       -- programme.Source
  body                jsonb not null default '{}',       -- programme.Body
  note                text not null default '',          -- inferred or unverified: for the desk only
  status              text not null default 'draft' check (status in ('draft', 'published')),
  search_key          text not null default '',
  created_by          bigint references people,
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  check ((issuer_place_level is null) = (issuer_place_code is null)),
  check (period_from <= period_to)
);
create index programmes_published on programmes (issued_on desc nulls last, id) where status = 'published';

-- Calls and proposals refer to task groups, so these are rows.
create table task_groups (
  id            bigint primary key default new_id(),
  programme_id  bigint not null references programmes on delete cascade,
  code          text not null check (code ~ '^[a-z][a-z0-9_]*$'),
  title_vi      text not null check (title_vi <> ''),
  title_en      text not null default '',
  position      int not null,
  unique (programme_id, code)
);

-- Legal bases are picked from the register, not typed. Relation succession is
-- the basis on which somebody else took over from the issuer.
create table programme_bases (
  programme_id  bigint not null references programmes on delete cascade,
  document_id   bigint not null references legal_documents,
  relation      text not null check (relation in ('implements', 'communicates', 'parent_plan', 'succession')),
  by_subject    boolean not null default false,          -- the plan names its subject only; the number is the register's
  position      int not null,
  primary key (programme_id, document_id, relation)
);
create index programme_bases_document on programme_bases (document_id);

-- +goose StatementBegin
-- Published programmes are everybody's, with the note kept back; drafts are for
-- their officers and auditors.
create function visible.programmes(viewer bigint)
returns table (id bigint, view text, key text, title_vi text, title_en text, doc_type_vi text, doc_type_en text, number text, symbol text,
               issued_on date, issued_on_note_vi text, issued_on_note_en text, issuer_vi text, issuer_en text,
               issuer_place_level smallint, issuer_place_code text, issuer_ended_on date, successor_vi text, successor_en text,
               year int, period_from date, period_to date, territory_vi text, territory_en text, source jsonb, body jsonb, note text,
               status text, search_key text, created_at timestamptz, updated_at timestamptz)
language sql stable as $$
  select p.id, v.view, p.key, p.title_vi, p.title_en, p.doc_type_vi, p.doc_type_en, p.number, p.symbol,
         p.issued_on, p.issued_on_note_vi, p.issued_on_note_en, p.issuer_vi, p.issuer_en,
         p.issuer_place_level, p.issuer_place_code, p.issuer_ended_on, p.successor_vi, p.successor_en,
         p.year, p.period_from, p.period_to, p.territory_vi, p.territory_en, p.source, p.body,
         case when v.view in ('officer', 'auditor') then p.note else '' end,
         p.status, p.search_key, p.created_at, p.updated_at
  from programmes p
  cross join lateral (select case
      when p.id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer') then 'officer'
      when exists (select from roles r where r.person_id = viewer and r.role = 'auditor') then 'auditor'
      when p.status = 'published' then 'public'
    end as view) v
  where v.view is not null
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function visible.task_groups(viewer bigint)
returns table (id bigint, programme_id bigint, code text, title_vi text, title_en text, "position" int) language sql stable as $$
  select g.id, g.programme_id, g.code, g.title_vi, g.title_en, g.position
  from task_groups g join visible.programmes(viewer) p on p.id = g.programme_id
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function visible.programme_bases(viewer bigint)
returns table (programme_id bigint, document_id bigint, relation text, by_subject boolean, "position" int) language sql stable as $$
  select b.programme_id, b.document_id, b.relation, b.by_subject, b.position
  from programme_bases b join visible.programmes(viewer) p on p.id = b.programme_id
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.programme_bases, visible.task_groups, visible.programmes;
drop table programme_bases, task_groups, programmes;
