-- +goose Up

-- Since when what was sent is being changed, to be sent again before the call
-- closes; null: it is not. What was sent counts meanwhile.
alter table proposals add column changing_since timestamptz;

-- What was changed after a submission and never sent, kept when the office began
-- to work on what was.
create table unsent_changes (
  submission_id  bigint primary key references submissions,
  form_id        bigint not null references forms, -- the version they were written in
  content        jsonb not null,                   -- section key → answers, as they stood
  documents      bigint[] not null,                -- attached as they stood
  since          timestamptz,
  set_aside_at   timestamptz not null
);

-- That it is being changed is its organisation's affair, and the auditors'.
-- +goose StatementBegin
create function visible.changing(viewer bigint) returns table (proposal_id bigint, since timestamptz) language sql stable as $$
  select p.id, p.changing_since from proposals p
  where p.changing_since is not null
    and (p.organisation_id in (select m.organisation_id from members m where m.person_id = viewer)
         or exists (select from roles r where r.person_id = viewer and r.role = 'auditor'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function visible.unsent_changes(viewer bigint)
returns table (proposal_id bigint, submission_id bigint, form_id bigint, content jsonb, documents bigint[], since timestamptz, set_aside_at timestamptz) language sql stable as $$
  select p.id, u.submission_id, u.form_id, u.content, u.documents, u.since, u.set_aside_at
  from unsent_changes u
  join submissions s on s.id = u.submission_id
  join visible.proposals(viewer) p on p.id = s.proposal_id
  where p.view in ('applicant', 'auditor')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function visible.history(viewer bigint)
returns table (event_id bigint, proposal_id bigint, seq int, at timestamptz, verb text, who text, whom text, detail jsonb) language sql stable as $$
  select e.id, p.id, e.seq, e.at, e.verb,
         case when p.view <> 'applicant' or e.person_id in (
                select m.person_id from members m where m.organisation_id in (select mine.organisation_id from members mine where mine.person_id = viewer)
              ) then w.name end,
         t.name,
         case when p.view = 'applicant' then '{}'::jsonb else e.detail end
  from audit_events e
  join visible.proposals(viewer) p on p.id = e.subject_id
  left join people w on w.id = e.person_id
  left join people t on t.id = case when e.verb in ('assign_section', 'hand_over') then (e.detail ->> 'to')::bigint end
  where e.subject = 'proposal'
    and (p.view = 'auditor'
         or (p.view = 'officer' and e.verb not in ('assign_section', 'unassign_section', 'hand_over', 'remind'))
         or (p.view = 'applicant' and e.verb in ('start', 'submit', 'reopen', 'withdraw', 'return', 'accept', 'refuse', 'open_review', 'attach', 'detach',
               'approve', 'approve_with_conditions', 'waitlist', 'decline', 'assign_section', 'unassign_section', 'hand_over',
               'extend', 'extend_return', 'message', 'carry')))
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.unsent_changes, visible.changing;
drop table unsent_changes;
alter table proposals drop column changing_since;
-- +goose StatementBegin
create or replace function visible.history(viewer bigint)
returns table (event_id bigint, proposal_id bigint, seq int, at timestamptz, verb text, who text, whom text, detail jsonb) language sql stable as $$
  select e.id, p.id, e.seq, e.at, e.verb,
         case when p.view <> 'applicant' or e.person_id in (
                select m.person_id from members m where m.organisation_id in (select mine.organisation_id from members mine where mine.person_id = viewer)
              ) then w.name end,
         t.name,
         case when p.view = 'applicant' then '{}'::jsonb else e.detail end
  from audit_events e
  join visible.proposals(viewer) p on p.id = e.subject_id
  left join people w on w.id = e.person_id
  left join people t on t.id = case when e.verb in ('assign_section', 'hand_over') then (e.detail ->> 'to')::bigint end
  where e.subject = 'proposal'
    and (p.view = 'auditor'
         or (p.view = 'officer' and e.verb not in ('assign_section', 'unassign_section', 'hand_over', 'remind'))
         or (p.view = 'applicant' and e.verb in ('start', 'submit', 'withdraw', 'return', 'accept', 'refuse', 'open_review', 'attach', 'detach',
               'approve', 'approve_with_conditions', 'waitlist', 'decline', 'assign_section', 'unassign_section', 'hand_over',
               'extend', 'extend_return', 'message', 'carry')))
$$;
-- +goose StatementEnd
