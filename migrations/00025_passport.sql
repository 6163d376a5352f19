-- +goose Up

-- An organisation's passport: its papers with the day they end, who signs for it
-- and where it is paid; entered once, verified once, and a part of what is sent.
alter table organisation_papers add column expires_on date;
alter table organisation_papers drop constraint organisation_papers_kind_check;
alter table organisation_papers add constraint organisation_papers_kind_check
  check (kind in ('founding', 'charter', 'registration', 'operation', 'tax', 'authorisation', 'other'));
create index organisation_papers_expiry on organisation_papers (expires_on) where expires_on is not null;

create table passports (
  organisation_id  bigint primary key references organisations on delete cascade,
  signatory        text not null default '',
  signatory_title  text not null default '',
  signatory_paper  text not null default '',      -- by which they sign: a decision, an authorisation
  bank             text not null default '',
  bank_holder      text not null default '',
  bank_number      bytea,                         -- sealed, see package seal; null: none
  bank_tail        text not null default '',      -- its last three characters, to tell it by
  updated_at       timestamptz not null
);

-- What an officer said of a part of a passport as it then stood: mark is the
-- print of what they looked at. A part that was changed since has another.
create table passport_checks (
  organisation_id  bigint not null references organisations on delete cascade,
  part             text not null,                 -- bank, signatory, or a paper's id
  mark             text not null,
  verdict          text not null check (verdict in ('verified', 'change')),
  reason           text not null default '',
  checked_by       bigint not null references people,
  checked_at       timestamptz not null,
  primary key (organisation_id, part)
);

-- Of which end of which paper was reminded, and how many days ahead.
create table passport_reminders (
  paper_id    bigint not null references organisation_papers on delete cascade,
  expires_on  date not null,
  days        int not null,
  primary key (paper_id, expires_on, days)
);

-- +goose StatementBegin
create function passport_mark(variadic parts text[]) returns text language sql immutable as $$
  select encode(sha256(convert_to(coalesce(to_jsonb(parts)::text, ''), 'UTF8')), 'hex')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The parts of a passport, for the organisation's people and the office, each
-- with what an officer said of it as it stands: nothing yet, verified, to be
-- changed, or changed since. Where it is paid is for its heads and officers.
create function visible.passport_parts(viewer bigint)
returns table (organisation_id bigint, part text, kind text, number text, issued_on date, issuer text, expires_on date, note text, place int, mark text,
               state text, reason text, checked_at timestamptz, checked_by_name text) language sql stable as $$
  select p.organisation_id, p.part, p.kind, p.number, p.issued_on, p.issuer, p.expires_on, p.note, p.place, p.mark,
         case when k.mark is null then 'new' when k.mark <> p.mark then 'changed' else k.verdict end,
         case when k.mark = p.mark then k.reason else '' end,
         case when k.mark = p.mark then k.checked_at end,
         case when k.mark = p.mark then w.name else '' end
  from (
    select l.organisation_id, l.id::text as part, l.kind, l.number, l.issued_on, l.issuer, l.expires_on, '' as note, l.position as place,
           passport_mark(l.kind, l.number, l.issued_on::text, l.issuer, l.expires_on::text) as mark
    from organisation_papers l
    union all
    select s.organisation_id, 'signatory', 'signatory', s.signatory, null, s.signatory_title, null, s.signatory_paper, 1000,
           passport_mark(s.signatory, s.signatory_title, s.signatory_paper)
    from passports s where s.signatory <> ''
    union all
    select b.organisation_id, 'bank', 'bank', b.bank_tail, null, b.bank, null, b.bank_holder, 1001,
           passport_mark(b.bank, b.bank_holder, encode(b.bank_number, 'hex'))
    from passports b
    where b.bank_number is not null
      and (b.organisation_id in (select m.organisation_id from members m where m.person_id = viewer and m.role = 'head')
           or exists (select from roles r where r.person_id = viewer and r.role = 'officer'))
  ) p
  join visible.organisations(viewer) o on o.id = p.organisation_id
  left join passport_checks k on k.organisation_id = p.organisation_id and k.part = p.part
  left join people w on w.id = k.checked_by
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The sealed number of the account: to an organisation's heads and to officers
-- who are none of its people.
create function visible.passport_accounts(viewer bigint) returns table (organisation_id bigint, bank_number bytea) language sql stable as $$
  select b.organisation_id, b.bank_number
  from passports b
  where b.bank_number is not null
    and (b.organisation_id in (select m.organisation_id from members m where m.person_id = viewer and m.role = 'head')
         or (exists (select from roles r where r.person_id = viewer and r.role = 'officer')
             and b.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)))
$$;
-- +goose StatementEnd

-- Papers of organisations and when they end, for reminders only.
create view visible.expiring_papers as
  select l.id, l.organisation_id, l.kind, l.number, l.expires_on, o.name_vi, o.name_en
  from organisation_papers l join organisations o on o.id = l.organisation_id
  where l.expires_on is not null;

-- +goose Down
drop view visible.expiring_papers;
drop function visible.passport_accounts, visible.passport_parts, passport_mark;
drop table passport_reminders, passport_checks, passports;
drop index organisation_papers_expiry;
alter table organisation_papers drop constraint organisation_papers_kind_check;
update organisation_papers set kind = 'other' where kind in ('tax', 'authorisation');
alter table organisation_papers add constraint organisation_papers_kind_check
  check (kind in ('founding', 'charter', 'registration', 'operation', 'other'));
alter table organisation_papers drop column expires_on;
