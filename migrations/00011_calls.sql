-- +goose Up

-- +goose StatementBegin
-- What was done to a call and by whom, for its office and for auditors.
create function visible.call_events(viewer bigint)
returns table (id bigint, call_id bigint, at timestamptz, verb text, who text, detail jsonb) language sql stable as $$
  select e.id, c.id, e.at, e.verb, w.name, e.detail
  from audit_events e
  join calls c on c.id = e.subject_id
  left join people w on w.id = e.person_id
  where e.subject = 'call'
    and (c.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
         or exists (select from roles r where r.person_id = viewer and r.role = 'auditor'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- How far the reviews of what the desk lists are, for its counts; without who
-- reviews: that is visible.assignments.
create function visible.desk_assignments(viewer bigint)
returns table (proposal_id bigint, call_id bigint, proposal_status text, state text, due_at timestamptz) language sql stable as $$
  select a.proposal_id, p.call_id, p.status, a.state, a.due_at
  from assignments a join visible.desk(viewer) p on p.id = a.proposal_id
$$;
-- +goose StatementEnd

-- What the desk counts per call, whole in the index: all that was sent, what is
-- still in hand, and the reviews that are late.
create index proposals_call_status on proposals (call_id, status) include (programme_id, organisation_id, id) where submitted_at is not null;
create index proposals_in_hand on proposals (call_id, status) include (programme_id, organisation_id, id, returned_until, reviews_assigned, reviews_sent)
  where submitted_at is not null and status in ('submitted', 'returned', 'eligible', 'in_review');
create index assignments_due on assignments (due_at) where state in ('invited', 'accepted');

-- +goose Down
drop index assignments_due, proposals_in_hand, proposals_call_status;
drop function visible.desk_assignments, visible.call_events;
