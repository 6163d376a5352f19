-- +goose Up
-- What the scanner for malware says of a file. Unscannable: it could not look
-- into it, which is not the same as clean.
alter table documents drop constraint documents_state_check;
alter table documents add constraint documents_state_check check (state in ('not_scanned', 'pending', 'clean', 'infected', 'unscannable'));
alter table documents
  add column scanned_at timestamptz,
  add column scan_said  text not null default ''; -- what the scanner calls it
create index documents_to_scan on documents (uploaded_at) where state in ('not_scanned', 'pending') and removed_at is null;

create index documents_held on documents (proposal_id) where state in ('pending', 'infected', 'unscannable');

-- Documents for which a job is still to run; see letter_jobs.
create view scan_jobs as
  select (j.args ->> 'document_id')::bigint as document_id
  from river_job j
  where j.kind = 'scan_document' and j.state in ('available', 'pending', 'retryable', 'running', 'scheduled');

-- +goose StatementBegin
-- The files that a viewer may open, of those they may see. One that waits for the
-- scanner, or that it could not look into, is for the organisation it comes from
-- alone, also when it was sent; one with malware is for nobody.
create function visible.openable_documents(viewer bigint)
returns table (id bigint, proposal_id bigint, sha256 text) language sql stable as $$
  select d.id, d.proposal_id, d.sha256
  from visible.documents(viewer) d
  where d.state in ('clean', 'not_scanned')
     or (d.state in ('pending', 'unscannable')
         and exists (select from visible.proposals(viewer) p where p.id = d.proposal_id and p.view = 'applicant'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- What the scanner found wrong: for who works at the desk, of what was sent to it.
create function visible.quarantine(viewer bigint)
returns table (document_id bigint, proposal_id bigint, reference text, number int, state text, said text, uploaded_at timestamptz, scanned_at timestamptz) language sql stable as $$
  select d.id, d.proposal_id, p.reference, d.number, d.state, d.scan_said, d.uploaded_at, d.scanned_at
  from documents d
  join visible.proposals(viewer) p on p.id = d.proposal_id
  where d.state in ('pending', 'infected', 'unscannable') and p.view in ('officer', 'auditor')
    and d.id in (select sd.document_id from submission_documents sd)
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.quarantine, visible.openable_documents;
drop view scan_jobs;
drop index documents_to_scan, documents_held;
update documents set state = 'pending' where state = 'unscannable';
alter table documents drop column scan_said, drop column scanned_at;
alter table documents drop constraint documents_state_check;
alter table documents add constraint documents_state_check check (state in ('not_scanned', 'pending', 'clean', 'infected'));
