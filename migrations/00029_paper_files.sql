-- +goose Up

-- Scans of an organisation's papers: documents of a paper rather than of a
-- proposal. They go through the same store and scanner; a paper that was taken
-- away leaves its number with them.
alter table documents alter column proposal_id drop not null;
alter table documents
  add column organisation_id bigint references organisations,
  add column paper_id        bigint,
  add constraint documents_of_one check ((proposal_id is null) = (organisation_id is not null) and (organisation_id is null) = (paper_id is null)),
  add constraint documents_of_paper unique (paper_id, number);
create index organisations_by_name on organisations (name_vi collate "vi-x-icu", id);
create index documents_of_organisation on documents (organisation_id) where organisation_id is not null;
-- +goose StatementBegin
create function remove_paper_files() returns trigger language plpgsql as $$
begin
  update documents set removed_at = now() where paper_id = old.id and removed_at is null;
  return null;
end $$;
-- +goose StatementEnd
create trigger organisation_papers_files after delete on organisation_papers for each row execute function remove_paper_files();

-- What of the passport was sent and is for the office alone: the account, sealed
-- as it stood (for the row of its organisation, see package seal), and the scans
-- of the papers.
create table submission_accounts (
  submission_id    bigint primary key references submissions,
  organisation_id  bigint not null references organisations,
  bank             text not null,
  bank_holder      text not null,
  bank_number      bytea not null,
  bank_tail        text not null,
  mark             text not null,                 -- its print, which the submission names
  verified         boolean not null
);
create trigger submission_accounts_append_only before update or delete or truncate on submission_accounts
  for each statement execute function refuse_change();
create table submission_papers (
  submission_id  bigint not null references submissions,
  document_id    bigint not null references documents,
  primary key (submission_id, document_id)
);
create index submission_papers_document on submission_papers (document_id);
create trigger submission_papers_append_only before update or delete or truncate on submission_papers
  for each statement execute function refuse_change();

-- +goose StatementBegin
-- Scans of papers, for the organisation's people and for officers: those that
-- stand, and those that were sent. Open: that viewer may open it. What waits for
-- the scanner, or could not be scanned, is for the organisation alone.
create function visible.paper_files(viewer bigint)
returns table (id bigint, organisation_id bigint, paper_id bigint, number int, name text, media_type text, size bigint, sha256 text, state text,
               uploaded_at timestamptz, removed_at timestamptz, open boolean) language sql stable as $$
  select d.id, d.organisation_id, d.paper_id, d.number, d.name, d.media_type, d.size, d.sha256, d.state, d.uploaded_at, d.removed_at,
         d.state in ('clean', 'not_scanned')
         or (d.state in ('pending', 'unscannable') and d.organisation_id in (select m.organisation_id from members m where m.person_id = viewer))
  from documents d
  where d.organisation_id is not null
    and (d.removed_at is null or d.id in (select s.document_id from submission_papers s))
    and (d.organisation_id in (select m.organisation_id from members m where m.person_id = viewer)
         or exists (select from roles r where r.person_id = viewer and r.role = 'officer'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Scans of papers that officers may not open, and why.
create function visible.paper_quarantine(viewer bigint)
returns table (document_id bigint, organisation_id bigint, organisation_name text, number int, state text, said text, uploaded_at timestamptz, scanned_at timestamptz) language sql stable as $$
  select d.id, d.organisation_id, o.name_vi, d.number, d.state, d.scan_said, d.uploaded_at, d.scanned_at
  from documents d
  join organisations o on o.id = d.organisation_id
  where d.state in ('pending', 'infected', 'unscannable') and d.removed_at is null
    and exists (select from roles r where r.person_id = viewer and r.role = 'officer')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The account as it was sent: to the heads of the organisation and to the
-- programme's officers.
create function visible.submission_accounts(viewer bigint)
returns table (submission_id bigint, proposal_id bigint, organisation_id bigint, bank text, bank_holder text, bank_number bytea, bank_tail text, mark text, verified boolean) language sql stable as $$
  select a.submission_id, s.proposal_id, a.organisation_id, a.bank, a.bank_holder, a.bank_number, a.bank_tail, a.mark, a.verified
  from submission_accounts a
  join submissions s on s.id = a.submission_id
  join visible.proposals(viewer) p on p.id = s.proposal_id
  where p.view = 'officer'
     or a.organisation_id in (select m.organisation_id from members m where m.person_id = viewer and m.role = 'head')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of a scanned paper, its scans are a part: another scan is another paper.
create or replace function visible.passport_parts(viewer bigint)
returns table (organisation_id bigint, part text, kind text, number text, issued_on date, issuer text, expires_on date, note text, place int, mark text,
               state text, reason text, checked_at timestamptz, checked_by_name text) language sql stable as $$
  select p.organisation_id, p.part, p.kind, p.number, p.issued_on, p.issuer, p.expires_on, p.note, p.place, p.mark,
         case when k.mark is null then 'new' when k.mark <> p.mark then 'changed' else k.verdict end,
         case when k.mark = p.mark then k.reason else '' end,
         case when k.mark = p.mark then k.checked_at end,
         case when k.mark = p.mark then w.name else '' end
  from (
    select l.organisation_id, l.id::text as part, l.kind, l.number, l.issued_on, l.issuer, l.expires_on, '' as note, l.position as place,
           passport_mark(variadic array[l.kind, l.number, l.issued_on::text, l.issuer, l.expires_on::text]
             || array(select f.sha256 from documents f where f.paper_id = l.id and f.removed_at is null order by f.number)) as mark
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

-- +goose Down
-- +goose StatementBegin
create or replace function visible.passport_parts(viewer bigint)
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
drop function visible.submission_accounts, visible.paper_quarantine, visible.paper_files;
drop table submission_papers, submission_accounts;
drop trigger organisation_papers_files on organisation_papers;
drop function remove_paper_files;
delete from documents where proposal_id is null;
alter table documents drop constraint documents_of_paper, drop constraint documents_of_one;
drop index documents_of_organisation, organisations_by_name;
alter table documents drop column paper_id, drop column organisation_id;
alter table documents alter column proposal_id set not null;
