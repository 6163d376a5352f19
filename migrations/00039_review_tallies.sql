-- +goose Up

-- How many proposals of a call each reviewer was asked about, by how far they
-- are: kept as it changes, so that whom to ask next costs the same in a call of
-- five thousand proposals as in one of fifty.
create table review_tallies (
  call_id      bigint not null references calls,
  reviewer_id  bigint not null references people,
  state        text not null,
  n            bigint not null,
  primary key (call_id, reviewer_id, state)
);
insert into review_tallies
select p.call_id, a.reviewer_id, a.state, count(*) from assignments a join proposals p on p.id = a.proposal_id group by 1, 2, 3;

-- +goose StatementBegin
-- Assignments that come by the thousand are counted once a statement, in an order
-- in which two statements do not wait for each other in a circle.
create function tally_new_assignments() returns trigger language plpgsql as $$
begin
  insert into review_tallies as t
  select p.call_id, m.reviewer_id, m.state, count(*) from made m join proposals p on p.id = m.proposal_id group by 1, 2, 3 order by 1, 2, 3
  on conflict (call_id, reviewer_id, state) do update set n = t.n + excluded.n;
  return null;
end $$;
-- +goose StatementEnd
create trigger assignments_tally_new after insert on assignments referencing new table as made
  for each statement execute function tally_new_assignments();

-- +goose StatementBegin
create function tally_assignment() returns trigger language plpgsql as $$
begin
  update review_tallies t set n = t.n - 1
  from proposals p where p.id = old.proposal_id and t.call_id = p.call_id and t.reviewer_id = old.reviewer_id and t.state = old.state;
  if tg_op = 'UPDATE' then
    insert into review_tallies as t select p.call_id, new.reviewer_id, new.state, 1 from proposals p where p.id = new.proposal_id
    on conflict (call_id, reviewer_id, state) do update set n = t.n + 1;
  end if;
  return null;
end $$;
-- +goose StatementEnd
create trigger assignments_tally after update of state on assignments
  for each row when (old.state <> new.state) execute function tally_assignment();
create trigger assignments_tally_gone after delete on assignments
  for each row execute function tally_assignment();

-- +goose StatementBegin
-- What visible.desk_assignments would count by call and reviewer: the tallies of
-- the calls of viewer's programmes, less the few proposals that viewer may not
-- see among them.
create function visible.reviewer_loads(viewer bigint) returns table (call_id bigint, reviewer_id bigint, state text, n bigint) language sql stable as $$
  select counted.call_id, counted.reviewer_id, counted.state, sum(counted.n)::bigint
  from (
    select t.call_id, t.reviewer_id, t.state, t.n
    from review_tallies t join calls c on c.id = t.call_id
    where exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
       or c.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
    union all
    select p.call_id, a.reviewer_id, a.state, -1
    from assignments a join proposals p on p.id = a.proposal_id
    where a.proposal_id in (select mine.id from members m join proposals mine on mine.organisation_id = m.organisation_id where m.person_id = viewer
                            union select k.proposal_id from conflicts k where k.person_id = viewer
                            union select x.proposal_id from visible.co_applied(viewer) x)
      and (exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
           or p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'))
  ) counted
  group by counted.call_id, counted.reviewer_id, counted.state
  having sum(counted.n) <> 0
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.reviewer_loads;
drop trigger assignments_tally_gone on assignments;
drop trigger assignments_tally on assignments;
drop trigger assignments_tally_new on assignments;
drop function tally_assignment, tally_new_assignments;
drop table review_tallies;
