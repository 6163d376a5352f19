-- +goose Up

-- What was sent holds its files, though they were taken away since; so do changes
-- that were never sent, which the applicant may still read.
create index unsent_changes_documents on unsent_changes using gin (documents);
-- +goose StatementBegin
create function document_is_sent(document bigint) returns boolean language sql stable as $$
  select exists (select from submission_documents s where s.document_id = document)
      or exists (select from submission_papers s where s.document_id = document)
      or exists (select from unsent_changes u where u.documents @> array[document])
$$;
-- +goose StatementEnd

create index documents_of_file on documents (sha256);
create index documents_brought on documents (uploaded_by, uploaded_at);
drop index documents_to_scan;
create index documents_to_scan on documents (uploaded_at) where state in ('not_scanned', 'pending');

-- +goose Down
drop index documents_to_scan, documents_brought, documents_of_file;
create index documents_to_scan on documents (uploaded_at) where state in ('not_scanned', 'pending') and removed_at is null;
drop function document_is_sent;
drop index unsent_changes_documents;
