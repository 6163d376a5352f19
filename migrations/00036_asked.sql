-- +goose Up

-- Who is asked to review has not said yes: they know of the proposal what it takes
-- to answer, and read it once they accept. Of a withdrawn one nobody who reviews
-- reads on. Both see it as 'asked': the row of the list, and of what was sent
-- nothing but, before the answer, its summary.
-- +goose StatementBegin
create or replace function visible.proposals(viewer bigint)
returns table (id bigint, call_id bigint, programme_id bigint, view text, organisation_id bigint, organisation_name text, organisation_kind text,
               reference text, title text, title_en text, status text, amount_asked bigint, months int, province_code text,
               created_at timestamptz, updated_at timestamptz, submitted_at timestamptz, returned_until timestamptz, returned_sections jsonb,
               ineligible_reasons text, reviews_assigned int, reviews_sent int, score_mean numeric, score_min numeric, score_max numeric)
language sql stable as $$
  select p.id, p.call_id, p.programme_id, v.view,
         case when hidden.identity then null else p.organisation_id end,
         case when hidden.identity then null when v.view = 'applicant' or p.organisation_name = '' then o.name_vi else p.organisation_name end,
         case when hidden.identity then null else p.organisation_kind end,
         p.reference, p.title, p.title_en, p.status, p.amount_asked, p.months,
         case when hidden.identity then null else p.province_code end,
         p.created_at, p.updated_at, p.submitted_at, p.returned_until,
         case when v.view in ('reviewer', 'chair', 'asked') then '{}' else p.returned_sections end,
         case when v.view in ('reviewer', 'chair', 'asked') then '' else p.ineligible_reasons end,
         case when v.view in ('officer', 'auditor', 'chair') then p.reviews_assigned end,
         case when v.view in ('officer', 'auditor', 'chair') then p.reviews_sent end,
         case when v.view in ('officer', 'auditor', 'chair') then p.score_mean end,
         case when v.view in ('officer', 'auditor', 'chair') then p.score_min end,
         case when v.view in ('officer', 'auditor', 'chair') then p.score_max end
  from proposals p
  join calls c on c.id = p.call_id
  join organisations o on o.id = p.organisation_id
  cross join lateral (select case
      when p.organisation_id in (select m.organisation_id from members m where m.person_id = viewer) then
        case when p.status <> 'discarded' then 'applicant' end
      when p.id in (select x.proposal_id from visible.co_applied(viewer) x) then
        case when p.status <> 'discarded' then 'co_applicant' end
      when p.id in (select k.proposal_id from conflicts k where k.person_id = viewer) then null
      when p.submitted_at is not null and p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer') then 'officer'
      when exists (select from roles r where r.person_id = viewer and r.role = 'auditor') then 'auditor'
      when p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
           and p.call_id in (select r.call_id from roles r where r.person_id = viewer and r.role = 'chair') then 'chair'
      when p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
           and p.id in (select a.proposal_id from assignments a where a.reviewer_id = viewer and a.state in ('invited', 'accepted', 'sent')) then
        case when p.status <> 'withdrawn'
                  and p.id in (select a.proposal_id from assignments a where a.reviewer_id = viewer and a.state in ('accepted', 'sent')) then 'reviewer' else 'asked' end
    end as view) v
  cross join lateral (select c.blind and v.view in ('reviewer', 'chair', 'asked') as identity) hidden
  where v.view is not null
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

-- +goose StatementBegin
create or replace function visible.decisions(viewer bigint)
returns table (id bigint, proposal_id bigint, outcome text, amount bigint, conditions text, reason text, feedback text, state text,
               staged_at timestamptz, released_at timestamptz) language sql stable as $$
  select d.id, d.proposal_id, d.outcome, d.amount, d.conditions,
         case when p.view in ('officer', 'auditor', 'chair') then d.reason else '' end,
         d.feedback, d.state, d.staged_at, d.released_at
  from decisions d join visible.proposals(viewer) p on p.id = d.proposal_id
  where p.view in ('officer', 'auditor', 'chair') or (d.state = 'released' and p.view <> 'asked')
$$;
-- +goose StatementEnd

-- Papers of the organisation and letters written for it name who applies: in a
-- blind call they are not for those who judge.
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
-- The summary of what was sent last, for who is asked to review it.
create function visible.summaries(viewer bigint) returns table (proposal_id bigint, summary text) language sql stable as $$
  select p.id, (
    select section.answers -> 'summary' ->> 'text'
    from submissions s, jsonb_each(s.content) section (key, answers)
    where s.proposal_id = p.id and section.answers ? 'summary'
    order by s.number desc limit 1)
  from visible.proposals(viewer) p
  where p.view = 'asked' and p.status = 'in_review'
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.summaries;
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
          else not d.personal and d.id in (
            select sd.document_id from submission_documents sd join submissions s on s.id = sd.submission_id
            where s.proposal_id = d.proposal_id and s.number = (select max(l.number) from submissions l where l.proposal_id = d.proposal_id))
        end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function visible.decisions(viewer bigint)
returns table (id bigint, proposal_id bigint, outcome text, amount bigint, conditions text, reason text, feedback text, state text,
               staged_at timestamptz, released_at timestamptz) language sql stable as $$
  select d.id, d.proposal_id, d.outcome, d.amount, d.conditions,
         case when p.view in ('officer', 'auditor', 'chair') then d.reason else '' end,
         d.feedback, d.state, d.staged_at, d.released_at
  from decisions d join visible.proposals(viewer) p on p.id = d.proposal_id
  where p.view in ('officer', 'auditor', 'chair') or d.state = 'released'
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
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function visible.proposals(viewer bigint)
returns table (id bigint, call_id bigint, programme_id bigint, view text, organisation_id bigint, organisation_name text, organisation_kind text,
               reference text, title text, title_en text, status text, amount_asked bigint, months int, province_code text,
               created_at timestamptz, updated_at timestamptz, submitted_at timestamptz, returned_until timestamptz, returned_sections jsonb,
               ineligible_reasons text, reviews_assigned int, reviews_sent int, score_mean numeric, score_min numeric, score_max numeric)
language sql stable as $$
  select p.id, p.call_id, p.programme_id, v.view,
         case when hidden.identity then null else p.organisation_id end,
         case when hidden.identity then null when v.view = 'applicant' or p.organisation_name = '' then o.name_vi else p.organisation_name end,
         case when hidden.identity then null else p.organisation_kind end,
         p.reference, p.title, p.title_en, p.status, p.amount_asked, p.months,
         case when hidden.identity then null else p.province_code end,
         p.created_at, p.updated_at, p.submitted_at, p.returned_until,
         case when v.view in ('reviewer', 'chair') then '{}' else p.returned_sections end,
         case when v.view in ('reviewer', 'chair') then '' else p.ineligible_reasons end,
         case when v.view in ('officer', 'auditor', 'chair') then p.reviews_assigned end,
         case when v.view in ('officer', 'auditor', 'chair') then p.reviews_sent end,
         case when v.view in ('officer', 'auditor', 'chair') then p.score_mean end,
         case when v.view in ('officer', 'auditor', 'chair') then p.score_min end,
         case when v.view in ('officer', 'auditor', 'chair') then p.score_max end
  from proposals p
  join calls c on c.id = p.call_id
  join organisations o on o.id = p.organisation_id
  cross join lateral (select case
      when p.organisation_id in (select m.organisation_id from members m where m.person_id = viewer) then
        case when p.status <> 'discarded' then 'applicant' end
      when p.id in (select x.proposal_id from visible.co_applied(viewer) x) then
        case when p.status <> 'discarded' then 'co_applicant' end
      when p.id in (select k.proposal_id from conflicts k where k.person_id = viewer) then null
      when p.submitted_at is not null and p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer') then 'officer'
      when exists (select from roles r where r.person_id = viewer and r.role = 'auditor') then 'auditor'
      when p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
           and p.call_id in (select r.call_id from roles r where r.person_id = viewer and r.role = 'chair') then 'chair'
      when p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
           and p.id in (select a.proposal_id from assignments a where a.reviewer_id = viewer and a.state in ('invited', 'accepted', 'sent')) then 'reviewer'
    end as view) v
  cross join lateral (select c.blind and v.view in ('reviewer', 'chair') as identity) hidden
  where v.view is not null
$$;
-- +goose StatementEnd
