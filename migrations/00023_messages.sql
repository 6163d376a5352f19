-- +goose Up

-- What an applicant and the office write to each other about a proposal: one
-- thread, from its first submission on. Nothing in it is ever changed.
create table messages (
  id           bigint primary key default new_id(),
  proposal_id  bigint not null references proposals,
  side         text not null check (side in ('applicant', 'office')),
  author_id    bigint not null references people,
  text         text not null check (text <> ''),
  sent_at      timestamptz not null
);
create index messages_thread on messages (proposal_id, sent_at, id);
create trigger messages_append_only before update or delete or truncate on messages
  for each statement execute function refuse_change();

-- Since when a thread waits for the office; null: it does not.
create table message_threads (
  proposal_id    bigint primary key references proposals,
  waiting_since  timestamptz
);
create index message_threads_waiting on message_threads (waiting_since) where waiting_since is not null;

-- How far a person has read a thread, and when a letter last told them of it.
create table message_marks (
  proposal_id  bigint not null references proposals,
  person_id    bigint not null references people on delete cascade,
  read_at      timestamptz,
  told_at      timestamptz,
  primary key (proposal_id, person_id)
);

-- +goose StatementBegin
-- Both sides and auditors; those who judge see nothing. Applicants see who of
-- their own wrote, and the office as the office. One's own mark tells what is new.
create function visible.messages(viewer bigint)
returns table (id bigint, proposal_id bigint, side text, author_id bigint, author text, text text, sent_at timestamptz, unread boolean) language sql stable as $$
  select m.id, m.proposal_id, m.side,
         case when m.side = 'applicant' or p.view <> 'applicant' then m.author_id end,
         case when m.side = 'applicant' or p.view <> 'applicant' then w.name end,
         m.text, m.sent_at,
         p.view <> 'auditor' and m.side <> case p.view when 'applicant' then 'applicant' else 'office' end
           and m.sent_at > coalesce((select k.read_at from message_marks k where k.proposal_id = m.proposal_id and k.person_id = viewer), '-infinity')
  from messages m
  join visible.proposals(viewer) p on p.id = m.proposal_id
  join people w on w.id = m.author_id
  where p.view in ('applicant', 'officer', 'auditor')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The threads that wait for an answer of the viewer's office.
create function visible.message_threads(viewer bigint) returns table (proposal_id bigint, waiting_since timestamptz) language sql stable as $$
  select t.proposal_id, t.waiting_since
  from message_threads t
  where t.proposal_id in (select d.id from visible.desk(viewer) d where d.id in (select w.proposal_id from message_threads w where w.waiting_since is not null))
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.message_threads, visible.messages;
drop table message_marks, message_threads, messages;
