-- +goose Up

-- Who applies together reads what was written and sent, and who leads: by its
-- name, in a draft as in what was sent. The lead's record and passport, and its
-- legal papers among the files, are between the lead and the office.
-- +goose StatementBegin
create or replace function visible.submissions(viewer bigint)
returns table (id bigint, proposal_id bigint, number int, content jsonb, identity jsonb, sha256 text, submitted_by_name text, submitted_at timestamptz, documents bigint[]) language sql stable as $$
  select s.id, s.proposal_id, s.number, s.content,
         case when p.organisation_id is null then null
              when p.view = 'co_applicant' then s.identity - 'passport' || jsonb_build_object('organisation',
                jsonb_build_object('name_vi', s.identity -> 'organisation' -> 'name_vi', 'kind', s.identity -> 'organisation' -> 'kind')
                || jsonb_strip_nulls(jsonb_build_object('name_en', s.identity -> 'organisation' -> 'name_en', 'abbreviation', s.identity -> 'organisation' -> 'abbreviation')))
              else s.identity end,
         s.sha256,
         case when p.organisation_id is not null then w.name end,
         s.submitted_at,
         array(select sd.document_id from submission_documents sd where sd.submission_id = s.id order by sd.document_id)
  from submissions s
  join visible.proposals(viewer) p on p.id = s.proposal_id
  join people w on w.id = s.submitted_by
  where p.view <> 'asked'
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function visible.documents(viewer bigint)
returns table (id bigint, proposal_id bigint, section_key text, question text, purpose text, number int, name text, media_type text, size bigint, sha256 text, state text,
               personal boolean, uploaded_by bigint, uploaded_at timestamptz, removed_at timestamptz) language sql stable as $$
  select d.id, d.proposal_id, d.section_key, d.question, d.purpose, d.number,
         case when p.organisation_id is not null then d.name end,
         d.media_type, d.size, d.sha256, d.state, d.personal,
         case when p.organisation_id is not null then d.uploaded_by end,
         d.uploaded_at, d.removed_at
  from documents d
  join visible.proposals(viewer) p on p.id = d.proposal_id
  where case p.view
          when 'applicant' then not d.personal or d.uploaded_by = viewer
            or exists (select from members m where m.organisation_id = p.organisation_id and m.person_id = viewer and m.role = 'head')
          when 'co_applicant' then not d.personal and d.purpose <> 'legal'
          when 'auditor' then true
          when 'officer' then d.id in (select sd.document_id from submission_documents sd)
          when 'asked' then false
          else not d.personal and not (p.organisation_id is null and d.purpose in ('legal', 'support')) and d.id in (
            select sd.document_id from submission_documents sd join submissions s on s.id = sd.submission_id
            where s.proposal_id = d.proposal_id and s.number = (select max(l.number) from submissions l where l.proposal_id = d.proposal_id))
        end
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function visible.documents(viewer bigint)
returns table (id bigint, proposal_id bigint, section_key text, question text, purpose text, number int, name text, media_type text, size bigint, sha256 text, state text,
               personal boolean, uploaded_by bigint, uploaded_at timestamptz, removed_at timestamptz) language sql stable as $$
  select d.id, d.proposal_id, d.section_key, d.question, d.purpose, d.number,
         case when p.organisation_id is not null then d.name end,
         d.media_type, d.size, d.sha256, d.state, d.personal,
         case when p.organisation_id is not null then d.uploaded_by end,
         d.uploaded_at, d.removed_at
  from documents d
  join visible.proposals(viewer) p on p.id = d.proposal_id
  where case p.view
          when 'applicant' then not d.personal or d.uploaded_by = viewer
            or exists (select from members m where m.organisation_id = p.organisation_id and m.person_id = viewer and m.role = 'head')
          when 'co_applicant' then not d.personal
          when 'auditor' then true
          when 'officer' then d.id in (select sd.document_id from submission_documents sd)
          when 'asked' then false
          else not d.personal and not (p.organisation_id is null and d.purpose in ('legal', 'support')) and d.id in (
            select sd.document_id from submission_documents sd join submissions s on s.id = sd.submission_id
            where s.proposal_id = d.proposal_id and s.number = (select max(l.number) from submissions l where l.proposal_id = d.proposal_id))
        end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function visible.submissions(viewer bigint)
returns table (id bigint, proposal_id bigint, number int, content jsonb, identity jsonb, sha256 text, submitted_by_name text, submitted_at timestamptz, documents bigint[]) language sql stable as $$
  select s.id, s.proposal_id, s.number, s.content,
         case when p.organisation_id is not null then s.identity end,
         s.sha256,
         case when p.organisation_id is not null then w.name end,
         s.submitted_at,
         array(select sd.document_id from submission_documents sd where sd.submission_id = s.id order by sd.document_id)
  from submissions s
  join visible.proposals(viewer) p on p.id = s.proposal_id
  join people w on w.id = s.submitted_by
  where p.view <> 'asked'
$$;
-- +goose StatementEnd
