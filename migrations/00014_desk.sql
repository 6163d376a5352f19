-- +goose Up

-- How many proposals stand where, so that the desk's counts cost the same at a
-- hundred thousand as at a hundred. Sixteen rows share each number, so that
-- submissions in a deadline's last minute do not wait for one another.
create table proposal_tallies (
  programme_id  bigint not null,
  call_id       bigint not null,
  status        text not null,
  slot          smallint not null,
  n             bigint not null,
  primary key (programme_id, call_id, status, slot)
);

-- +goose StatementBegin
-- Rows that are sent when they are made come by the thousand, from imports and
-- the generator: they are counted once a statement.
create function tally_new_proposals() returns trigger language plpgsql as $$
begin
  insert into proposal_tallies as t
  select programme_id, call_id, status, pg_backend_pid() % 16, count(*) from made where submitted_at is not null group by programme_id, call_id, status
  on conflict (programme_id, call_id, status, slot) do update set n = t.n + excluded.n;
  return null;
end $$;
-- +goose StatementEnd
create trigger proposals_tally_new after insert on proposals referencing new table as made
  for each statement execute function tally_new_proposals();

-- +goose StatementBegin
create function tally_proposal() returns trigger language plpgsql as $$
begin
  if new.status = old.status and (new.submitted_at is null) = (old.submitted_at is null) then
    return null;
  end if;
  if old.submitted_at is not null then
    insert into proposal_tallies as t values (old.programme_id, old.call_id, old.status, pg_backend_pid() % 16, -1)
    on conflict (programme_id, call_id, status, slot) do update set n = t.n - 1;
  end if;
  if new.submitted_at is not null then
    insert into proposal_tallies as t values (new.programme_id, new.call_id, new.status, pg_backend_pid() % 16, 1)
    on conflict (programme_id, call_id, status, slot) do update set n = t.n + 1;
  end if;
  return null;
end $$;
-- +goose StatementEnd
create trigger proposals_tally after update of status, submitted_at on proposals
  for each row execute function tally_proposal();

-- +goose StatementBegin
-- What visible.desk would count by call and status: the tallies of the viewer's
-- programmes, less the few proposals the viewer may not see among them.
create function visible.desk_counts(viewer bigint) returns table (call_id bigint, status text, n bigint) language sql stable as $$
  select counted.call_id, counted.status, sum(counted.n)::bigint
  from (
    select t.call_id, t.status, t.n
    from proposal_tallies t
    where exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
       or t.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
    union all
    select p.call_id, p.status, -1
    from proposals p
    where p.id in (select mine.id from members m join proposals mine on mine.organisation_id = m.organisation_id where m.person_id = viewer
                   union select k.proposal_id from conflicts k where k.person_id = viewer)
      and p.submitted_at is not null
      and (exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
           or p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'))
  ) counted
  group by counted.call_id, counted.status
  having sum(counted.n) > 0
$$;
-- +goose StatementEnd

create index proposals_call_amount on proposals (call_id, amount_asked desc, id desc) where submitted_at is not null;
create index proposals_call_title on proposals (call_id, title collate "vi-x-icu", id) where submitted_at is not null;
create index proposals_call_status_newest on proposals (call_id, status, submitted_at desc, id desc) where submitted_at is not null;

-- +goose Down
drop index proposals_call_status_newest, proposals_call_title, proposals_call_amount;
drop function visible.desk_counts;
drop trigger proposals_tally on proposals;
drop trigger proposals_tally_new on proposals;
drop function tally_proposal, tally_new_proposals;
drop table proposal_tallies;
