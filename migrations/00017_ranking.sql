-- +goose Up

-- Mean marks by criterion of the sheets that are in, as score_mean is their
-- mean total: stored when they change, so that a ranking need not read sheets.
alter table proposals add criterion_means jsonb not null default '{}';
update proposals p set criterion_means = m.means
from (
  select x.proposal_id, jsonb_object_agg(x.criterion, x.mark) as means
  from (
    select a.proposal_id, s.criterion, avg(s.mark) as mark
    from scores s join assignments a on a.id = s.assignment_id
    where a.state = 'sent' and s.mark is not null
    group by a.proposal_id, s.criterion
  ) x
  group by x.proposal_id
) m
where m.proposal_id = p.id;

-- +goose StatementBegin
-- What orders a call's proposals, and what each takes of its envelope, in đồng:
-- for the office, the call's chairs and auditors, less their own organisations'
-- proposals and declared conflicts. Nothing in it tells who applies.
create function visible.ranking(viewer bigint)
returns table (id bigint, call_id bigint, reference text, status text, score_mean numeric, criterion_means jsonb, asked bigint, staged bigint, released bigint) language sql stable as $$
  select p.id, p.call_id, p.reference, p.status, p.score_mean, p.criterion_means, p.amount_asked, s.amount, r.amount
  from proposals p
  left join decisions s on s.proposal_id = p.id and s.state = 'staged'
  left join decisions r on r.proposal_id = p.id and r.state = 'released'
  where p.submitted_at is not null
    and p.status in ('in_review', 'approved', 'conditional', 'waitlisted', 'declined')
    and (exists (select from roles o where o.person_id = viewer and o.role = 'auditor')
         or p.programme_id in (select o.programme_id from roles o where o.person_id = viewer and o.role = 'officer')
         or p.call_id in (select o.call_id from roles o where o.person_id = viewer and o.role = 'chair'))
    and p.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)
    and p.id not in (select k.proposal_id from conflicts k where k.person_id = viewer)
$$;
-- +goose StatementEnd

-- How much each reviewer of a call has to do, whole in the index.
create index assignments_load on assignments (proposal_id) include (reviewer_id, state);
drop function visible.desk_assignments;
-- +goose StatementBegin
create function visible.desk_assignments(viewer bigint)
returns table (proposal_id bigint, call_id bigint, proposal_status text, reviewer_id bigint, state text, due_at timestamptz) language sql stable as $$
  select a.proposal_id, p.call_id, p.status, a.reviewer_id, a.state, a.due_at
  from assignments a join visible.desk(viewer) p on p.id = a.proposal_id
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.desk_assignments;
-- +goose StatementBegin
create function visible.desk_assignments(viewer bigint)
returns table (proposal_id bigint, call_id bigint, proposal_status text, state text, due_at timestamptz) language sql stable as $$
  select a.proposal_id, p.call_id, p.status, a.state, a.due_at
  from assignments a join visible.desk(viewer) p on p.id = a.proposal_id
$$;
-- +goose StatementEnd
drop index assignments_load;
drop function visible.ranking;
alter table proposals drop criterion_means;
