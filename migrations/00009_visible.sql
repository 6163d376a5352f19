-- +goose Up

-- The one place that decides what a person may see. Each function is a single
-- SELECT, stable, not strict, with no SET, so the planner puts it in line and
-- the indexes of the outer filter serve. The lists in parentheses depend only on
-- the viewer and are worked out once a query. Deny by default: a role that is
-- not named here sees nothing. viewer 0 is nobody.

-- +goose StatementBegin
create function visible.calls(viewer bigint) returns setof calls language sql stable as $$
  select c.* from calls c
  where c.status = 'published'
     or c.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
     or exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
$$;
-- +goose StatementEnd

create view visible.forms as select id, key, version, definition, frozen_at, created_at from forms;
create view visible.rubrics as select id, key, version, definition, frozen_at, created_at from rubrics;
create view visible.call_task_groups as select call_id, task_group_id from call_task_groups;

-- +goose StatementBegin
create function visible.organisations(viewer bigint) returns setof organisations language sql stable as $$
  select o.* from organisations o
  where o.id in (select m.organisation_id from members m where m.person_id = viewer)
     or exists (select from roles r where r.person_id = viewer and r.role in ('officer', 'auditor', 'admin'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function visible.organisation_papers(viewer bigint) returns setof organisation_papers language sql stable as $$
  select l.* from organisation_papers l join visible.organisations(viewer) o on o.id = l.organisation_id
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function visible.members(viewer bigint)
returns table (organisation_id bigint, person_id bigint, role text, joined_at timestamptz, name text, email text, locale text) language sql stable as $$
  select m.organisation_id, m.person_id, m.role, m.joined_at, p.name, p.email, p.locale
  from members m join people p on p.id = m.person_id
  where m.organisation_id in (select mine.organisation_id from members mine where mine.person_id = viewer)
     or exists (select from roles r where r.person_id = viewer and r.role in ('officer', 'auditor', 'admin'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- An invitation is for the organisation's members and for who holds its address.
create function visible.invitations(viewer bigint) returns setof invitations language sql stable as $$
  select i.* from invitations i
  where i.organisation_id in (select m.organisation_id from members m where m.person_id = viewer)
     or i.email_key = (select p.email_key from people p where p.id = viewer and p.verified_at is not null)
     or exists (select from roles r where r.person_id = viewer and r.role in ('officer', 'auditor', 'admin'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- A person sees themself; admins and auditors see everybody; officers see those
-- who review, chair or decide.
create function visible.people(viewer bigint)
returns table (id bigint, name text, given_name text, email text, phone text, locale text, verified_at timestamptz, disabled_at timestamptz, search_key text, created_at timestamptz)
language sql stable as $$
  select p.id, p.name, p.given_name, p.email, p.phone, p.locale, p.verified_at, p.disabled_at, p.search_key, p.created_at
  from people p
  where p.id = viewer
     or exists (select from roles r where r.person_id = viewer and r.role in ('admin', 'auditor'))
     or (exists (select from roles r where r.person_id = viewer and r.role = 'officer')
         and p.id in (select r.person_id from roles r where r.role in ('reviewer', 'chair', 'officer')))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function visible.roles(viewer bigint)
returns table (id bigint, person_id bigint, role text, programme_id bigint, call_id bigint, granted_at timestamptz) language sql stable as $$
  select r.id, r.person_id, r.role, r.programme_id, r.call_id, r.granted_at
  from roles r
  where r.person_id = viewer
     or exists (select from roles a where a.person_id = viewer and a.role in ('admin', 'auditor'))
     or (r.role in ('reviewer', 'chair') and r.call_id in (
           select c.id from calls c join roles o on o.programme_id = c.programme_id
           where o.person_id = viewer and o.role = 'officer'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Roles never add up on one proposal: a member of its organisation has the
-- applicant's view and no other; a declared conflict leaves nothing. Those who
-- judge see nothing before the first submission, reviewers nothing before review
-- opens; in a blind call reviewers and chairs do not see who applies.
create function visible.proposals(viewer bigint)
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

-- +goose StatementBegin
-- What the desk lists, sorts, searches and exports: raw columns, so that their
-- indexes serve, and therefore only rows whose viewer may see every one of them:
-- officers of the programme and auditors, less their own organisations'
-- proposals and declared conflicts.
create function visible.desk(viewer bigint) returns setof proposals language sql stable as $$
  select p.* from proposals p
  where p.submitted_at is not null
    and (exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
         or p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'))
    and p.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)
    and p.id not in (select k.proposal_id from conflicts k where k.person_id = viewer)
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- What is being written belongs to those who write it, and to auditors.
create function visible.sections(viewer bigint)
returns table (proposal_id bigint, key text, answers jsonb, version int, done boolean, updated_by bigint, updated_by_name text, updated_at timestamptz) language sql stable as $$
  select s.proposal_id, s.key, s.answers, s.version, s.done, s.updated_by, w.name, s.updated_at
  from proposal_sections s
  join visible.proposals(viewer) p on p.id = s.proposal_id
  join people w on w.id = s.updated_by
  where p.view in ('applicant', 'auditor')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function visible.submissions(viewer bigint)
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
-- Applicants see what stands in the draft; everybody else what was sent. Personal
-- papers are for the head of the organisation, who sent them, the officers and
-- auditors; a name that may tell who applies is blank where identity is.
create function visible.documents(viewer bigint)
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
          when 'auditor' then true
          when 'officer' then d.id in (select sd.document_id from submission_documents sd)
          else not d.personal and d.id in (
            select sd.document_id from submission_documents sd join submissions s on s.id = sd.submission_id
            where s.proposal_id = d.proposal_id and s.number = (select max(l.number) from submissions l where l.proposal_id = d.proposal_id))
        end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- A reviewer sees their own assignments, whatever became of them; their peers'
-- once their own review is sent, if the call says so. Applicants see none. Open
-- is what still waits for the reviewer; it stands here so that a reviewer's list
-- need not work out what they may see of every proposal they were ever asked for.
create function visible.assignments(viewer bigint)
returns table (id bigint, proposal_id bigint, reviewer_id bigint, reviewer_name text, state text, due_at timestamptz, assigned_at timestamptz,
               answered_at timestamptz, reason text, open boolean) language sql stable as $$
  select a.id, a.proposal_id, a.reviewer_id, w.name, a.state, a.due_at, a.assigned_at, a.answered_at,
         case when a.reviewer_id = viewer or p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
                   or exists (select from roles r where r.person_id = viewer and r.role = 'auditor') then a.reason else '' end,
         a.state in ('invited', 'accepted') and p.status = 'in_review' and p.id not in (select k.proposal_id from conflicts k where k.person_id = viewer)
  from assignments a
  join proposals p on p.id = a.proposal_id
  join calls c on c.id = p.call_id
  join people w on w.id = a.reviewer_id
  where p.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)
    and case
      when a.reviewer_id = viewer then p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
      when p.id in (select k.proposal_id from conflicts k where k.person_id = viewer) then false
      when p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer') then true
      when exists (select from roles r where r.person_id = viewer and r.role = 'auditor') then true
      when p.call_id in (select r.call_id from roles r where r.person_id = viewer and r.role = 'chair') then p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
      else c.peers_visible and a.state = 'sent' and exists (
        select from assignments mine where mine.proposal_id = a.proposal_id and mine.reviewer_id = viewer and mine.state = 'sent')
    end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- A declared conflict is known to who declared it, to officers, chairs and auditors.
create function visible.conflicts(viewer bigint)
returns table (proposal_id bigint, person_id bigint, person_name text, kind text, note text, declared_at timestamptz) language sql stable as $$
  select k.proposal_id, k.person_id, w.name, k.kind, k.note, k.declared_at
  from conflicts k
  join proposals p on p.id = k.proposal_id
  join people w on w.id = k.person_id
  where k.person_id = viewer
     or (p.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)
         and p.id not in (select mine.proposal_id from conflicts mine where mine.person_id = viewer)
         and (p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
              or p.call_id in (select r.call_id from roles r where r.person_id = viewer and r.role = 'chair')
              or exists (select from roles r where r.person_id = viewer and r.role = 'auditor')))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- One's own review always; others' only when they are sent and their assignment
-- is visible. A conflict or a withdrawal of one's own assignment closes it.
create function visible.reviews(viewer bigint)
returns table (assignment_id bigint, proposal_id bigint, reviewer_id bigint, reviewer_name text, state text, due_at timestamptz,
               feedback text, note text, total numeric, marks int, version int, updated_at timestamptz, sent_at timestamptz) language sql stable as $$
  select a.id, a.proposal_id, a.reviewer_id, a.reviewer_name, a.state, a.due_at, r.feedback, r.note, r.total, r.marks, r.version, r.updated_at, r.sent_at
  from visible.assignments(viewer) a
  join reviews r on r.assignment_id = a.id
  where (a.reviewer_id = viewer and a.state in ('accepted', 'sent')) or (a.reviewer_id <> viewer and r.sent_at is not null)
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function visible.scores(viewer bigint)
returns table (assignment_id bigint, proposal_id bigint, state text, criterion text, mark int, comment text) language sql stable as $$
  select s.assignment_id, r.proposal_id, r.state, s.criterion, s.mark, s.comment
  from scores s join visible.reviews(viewer) r on r.assignment_id = s.assignment_id
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- A staged decision exists for officers, the chair and auditors only; the reason
-- is for the file.
create function visible.decisions(viewer bigint)
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
-- What reviewers wrote for the applicant, without who wrote it or in which order:
-- to the applicant after release, to those who judge as they see the reviews.
create function visible.feedback(viewer bigint)
returns table (proposal_id bigint, feedback text) language sql stable as $$
  select a.proposal_id, r.feedback
  from reviews r
  join assignments a on a.id = r.assignment_id
  join visible.proposals(viewer) p on p.id = a.proposal_id
  where r.sent_at is not null and r.feedback <> ''
    and p.view = 'applicant'
    and exists (select from decisions d where d.proposal_id = a.proposal_id and d.state = 'released')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The life of a proposal as each side may know it. Applicants see their own acts
-- by name and the office's by what was done; what reviewers and the desk do among
-- themselves they do not see. Reviewers see nothing.
create function visible.history(viewer bigint)
returns table (event_id bigint, proposal_id bigint, seq int, at timestamptz, verb text, who text, detail jsonb) language sql stable as $$
  select e.id, p.id, e.seq, e.at, e.verb,
         case when p.view <> 'applicant' or e.person_id in (
                select m.person_id from members m where m.organisation_id in (select mine.organisation_id from members mine where mine.person_id = viewer)
              ) then w.name end,
         case when p.view = 'applicant' then '{}'::jsonb else e.detail end
  from audit_events e
  join visible.proposals(viewer) p on p.id = e.subject_id
  left join people w on w.id = e.person_id
  where e.subject = 'proposal'
    and (p.view in ('officer', 'auditor')
         or (p.view = 'applicant' and (e.verb in ('start', 'submit', 'withdraw', 'return', 'accept', 'refuse', 'open_review', 'attach', 'detach')
              or (e.verb in ('approve', 'approve_with_conditions', 'waitlist', 'decline')))))
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.history, visible.feedback, visible.decisions, visible.scores, visible.reviews, visible.conflicts,
  visible.assignments, visible.documents, visible.submissions, visible.sections, visible.desk, visible.proposals, visible.roles, visible.people,
  visible.invitations, visible.members, visible.organisation_papers, visible.organisations, visible.calls;
drop view visible.call_task_groups, visible.rubrics, visible.forms;
