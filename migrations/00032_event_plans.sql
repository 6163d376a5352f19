-- +goose Up

-- +goose StatementBegin
-- append_event adds to a subject's chain and returns the event's id. A fork,
-- two events after the same one, breaks the unique key. It is plpgsql because a
-- session keeps its plan then; as sql it was planned anew at every act.
create or replace function append_event(person_id bigint, at timestamptz, verb text, subject text, subject_id bigint, detail jsonb)
returns bigint language plpgsql volatile as $$
declare
  last record;
  event bigint;
begin
  select e.seq, e.hash into last from audit_events e
  where e.subject = append_event.subject and e.subject_id = append_event.subject_id
  order by e.seq desc limit 1;
  insert into audit_events (subject, subject_id, seq, person_id, at, verb, detail, prev_hash, hash)
  values (append_event.subject, append_event.subject_id, coalesce(last.seq, 0) + 1, append_event.person_id, append_event.at, append_event.verb, append_event.detail,
          coalesce(last.hash, '\x'::bytea),
          event_hash(coalesce(last.hash, '\x'::bytea), append_event.subject, append_event.subject_id, coalesce(last.seq, 0) + 1, append_event.person_id, append_event.at,
                     append_event.verb, append_event.detail))
  returning id into event;
  return event;
end $$;
-- +goose StatementEnd

-- +goose Down

-- +goose StatementBegin
create or replace function append_event(person_id bigint, at timestamptz, verb text, subject text, subject_id bigint, detail jsonb)
returns bigint language sql volatile as $$
  with last as (
    select e.seq, e.hash from audit_events e
    where e.subject = append_event.subject and e.subject_id = append_event.subject_id
    order by e.seq desc limit 1
  ), head as (
    select coalesce((select seq from last), 0) + 1 as seq, coalesce((select hash from last), '\x'::bytea) as prev
  )
  insert into audit_events (subject, subject_id, seq, person_id, at, verb, detail, prev_hash, hash)
  select append_event.subject, append_event.subject_id, head.seq, append_event.person_id, append_event.at, append_event.verb, append_event.detail, head.prev,
         event_hash(head.prev, append_event.subject, append_event.subject_id, head.seq, append_event.person_id, append_event.at, append_event.verb, append_event.detail)
  from head
  returning id
$$;
-- +goose StatementEnd
