-- +goose Up

-- What each side reads of a proposal's past. What its writers do among themselves
-- is theirs and the auditors': the office reads of what was sent and of what
-- itself did.
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
         or (p.view = 'officer' and e.verb in ('start', 'submit', 'withdraw', 'return', 'accept', 'refuse', 'open_review', 'set_aside',
               'assign', 'unassign', 'set_review_due', 'accept_review', 'decline_review', 'declare_conflict', 'send_review', 'stage_decision', 'unstage_decision',
               'approve', 'approve_with_conditions', 'waitlist', 'decline', 'extend', 'extend_return', 'message', 'settle_messages',
               'invite_co_applicant', 'confirm_co_applicant', 'refuse_co_applicant', 'remove_co_applicant'))
         or (p.view = 'applicant' and e.verb in ('start', 'submit', 'reopen', 'withdraw', 'return', 'accept', 'refuse', 'open_review', 'set_aside', 'attach', 'detach',
               'approve', 'approve_with_conditions', 'waitlist', 'decline', 'extend', 'extend_return', 'message', 'form_changed',
               'assign_section', 'unassign_section', 'hand_over',
               'invite_co_applicant', 'confirm_co_applicant', 'refuse_co_applicant', 'remove_co_applicant')))
$$;
-- +goose StatementEnd

-- +goose Down
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
         or (p.view = 'applicant' and e.verb in ('start', 'invite_co_applicant', 'confirm_co_applicant', 'refuse_co_applicant', 'remove_co_applicant', 'submit', 'reopen', 'withdraw', 'return', 'accept', 'refuse', 'open_review', 'attach', 'detach',
               'approve', 'approve_with_conditions', 'waitlist', 'decline', 'assign_section', 'unassign_section', 'hand_over',
               'extend', 'extend_return', 'message', 'carry')))
$$;
-- +goose StatementEnd
