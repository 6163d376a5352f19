-- +goose Up

-- What people ask about a call in public, and what the office answers. Who asked
-- is known to the office alone. An answer is never changed: a correction is a
-- further one, with its date.
create table inquiries (
  id           bigint primary key default new_id(),
  call_id      bigint not null references calls,
  asker_id     bigint not null references people,
  text         text not null check (text <> ''),
  public_text  text not null default '',     -- as published: without what would tell who asks
  state        text not null default 'open' check (state in ('open', 'public', 'private', 'declined')),
  asked_at     timestamptz not null,
  check (state <> 'public' or public_text <> '')
);
create index inquiries_call on inquiries (call_id, asked_at, id);
create index inquiries_open on inquiries (call_id) where state = 'open';
create index inquiries_asker on inquiries (asker_id, call_id, asked_at);

create table inquiry_answers (
  id           bigint primary key default new_id(),
  inquiry_id   bigint not null references inquiries,
  kind         text not null check (kind in ('public', 'private', 'declined')),
  text         text not null check (text <> ''),
  answered_by  bigint not null references people,
  answered_at  timestamptz not null
);
create index inquiry_answers_of on inquiry_answers (inquiry_id, answered_at, id);
create trigger inquiry_answers_append_only before update or delete or truncate on inquiry_answers
  for each statement execute function refuse_change();

-- Until when a call takes questions, where that is not five days before it closes.
create table inquiry_times (
  call_id  bigint primary key references calls,
  until    timestamptz not null
);

-- Whom a letter told of new answers under a call, and on which day.
create table inquiry_notices (
  call_id    bigint not null references calls,
  person_id  bigint not null references people on delete cascade,
  day        date not null,
  primary key (call_id, person_id, day)
);

create view visible.inquiry_times as select call_id, until from inquiry_times;

-- +goose StatementBegin
-- Published ones are everybody's, in their public words and without who asked;
-- one's own one sees whole; the office and auditors see all.
create function visible.inquiries(viewer bigint)
returns table (id bigint, call_id bigint, mine boolean, asker_id bigint, asker text, text text, public_text text, state text, asked_at timestamptz) language sql stable as $$
  select i.id, i.call_id, i.asker_id = viewer, case when v.office then i.asker_id end, case when v.office then w.name end,
         case when v.office or i.asker_id = viewer then i.text else i.public_text end, i.public_text, i.state, i.asked_at
  from inquiries i
  join visible.calls(viewer) c on c.id = i.call_id
  join people w on w.id = i.asker_id
  cross join lateral (select exists (
    select from roles r where r.person_id = viewer and (r.role = 'auditor' or r.role = 'officer' and r.programme_id = c.programme_id)) as office) v
  where v.office or i.asker_id = viewer or i.state = 'public'
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function visible.inquiry_answers(viewer bigint)
returns table (id bigint, inquiry_id bigint, call_id bigint, kind text, text text, answered_by text, answered_at timestamptz) language sql stable as $$
  select a.id, a.inquiry_id, i.call_id, a.kind, a.text, case when i.asker_id is not null then w.name end, a.answered_at
  from inquiry_answers a
  join visible.inquiries(viewer) i on i.id = a.inquiry_id
  join people w on w.id = a.answered_by
  where a.kind = 'public' or i.mine or i.asker_id is not null
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.inquiry_answers, visible.inquiries;
drop view visible.inquiry_times;
drop table inquiry_notices, inquiry_times, inquiry_answers, inquiries;
