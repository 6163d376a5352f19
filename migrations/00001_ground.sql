-- +goose Up

-- What one person may see of the portal is decided in the functions and views
-- of this schema, and nowhere else.
create schema visible;

-- +goose StatementBegin
-- new_id draws a random 60-bit id: addresses tell neither order nor number.
create function new_id() returns bigint language sql volatile as $$
  select ('x0' || right(replace(gen_random_uuid()::text, '-', ''), 12)
              || left(gen_random_uuid()::text, 3))::bit(64)::bigint
$$;
-- +goose StatementEnd

-- ---------------------------------------------------------------- people ----

create table people (
  id            bigint primary key default new_id(),
  name          text not null check (name <> '' and char_length(name) <= 120),
  given_name    text collate "vi-x-icu" generated always as (substring(name from '\S+$')) stored,  -- by which Vietnamese lists are sorted
  email         text not null check (char_length(email) <= 254),
  email_key     text not null unique,            -- NFC, lower case
  phone         text not null default '',
  locale        text not null default 'vi' check (locale in ('vi', 'en')),
  password_hash text not null default '',        -- argon2id; empty: none was set yet
  verified_at   timestamptz,
  disabled_at   timestamptz,
  search_key    text not null default '',
  created_at    timestamptz not null
);
create index people_given_name on people (given_name, id);

create table sessions (
  id          bigint primary key default new_id(),
  person_id   bigint not null references people on delete cascade,
  token_hash  bytea not null unique,             -- SHA-256 of the cookie's value
  strength    text not null default 'password' check (strength in ('password', 'second_factor')),
  user_agent  text not null default '',
  address     text not null default '',
  created_at  timestamptz not null,
  seen_at     timestamptz not null,
  ended_at    timestamptz
);
create index sessions_person on sessions (person_id, address);

-- A token is the row's id and an HMAC of the row under DAUBANG_SECRET; the
-- database alone cannot make one. One that verifies brings the password that was
-- chosen with it: who registers an address that is not theirs chooses none for
-- its owner.
create table account_tokens (
  id             bigint primary key default new_id(),
  person_id      bigint not null references people on delete cascade,
  kind           text not null check (kind in ('verify', 'reset')),
  password_hash  text not null default '',
  created_at     timestamptz not null,
  expires_at     timestamptz not null,
  used_at        timestamptz,
  used_from      text not null default ''         -- the network address
);
create index account_tokens_person on account_tokens (person_id, kind);

-- tries counts attempts in windows of time: per account, address and site.
create table tries (
  bucket      text not null,                     -- what is limited, and whose it is, hashed
  window_at   timestamptz not null,
  n           int not null,
  primary key (bucket, window_at)
);
create index tries_window on tries (window_at);

create table roles (
  id           bigint primary key default new_id(),
  person_id    bigint not null references people on delete cascade,
  role         text not null check (role in ('admin', 'auditor', 'officer', 'chair', 'reviewer')),
  programme_id bigint,                           -- foreign keys follow with their tables
  call_id      bigint,
  granted_by   bigint references people,
  granted_at   timestamptz not null,
  unique nulls not distinct (person_id, role, programme_id, call_id),
  check (case role
           when 'officer' then programme_id is not null and call_id is null
           when 'chair' then call_id is not null and programme_id is null
           when 'reviewer' then call_id is not null and programme_id is null
           else programme_id is null and call_id is null
         end)
);
create index roles_programme on roles (programme_id) where programme_id is not null;
create index roles_call on roles (call_id) where call_id is not null;

-- ----------------------------------------------------------------- audit ----

create table audit_events (
  id          bigint primary key default new_id(),
  subject     text not null,
  subject_id  bigint not null,
  seq         int not null,                      -- 1, 2, 3 … within the subject
  person_id   bigint references people,          -- null: the portal itself
  at          timestamptz not null,
  verb        text not null,
  detail      jsonb not null default '{}',
  prev_hash   bytea not null,
  hash        bytea not null,
  unique (subject, subject_id, seq)
);
create index audit_events_at on audit_events (at);

-- +goose StatementBegin
-- event_hash is SHA-256 over the hash before and the event, each part with its
-- length before it, so that no two events write the same bytes.
create function event_hash(prev bytea, subject text, subject_id bigint, seq int, person_id bigint, at timestamptz, verb text, detail jsonb)
returns bytea language sql stable as $$
  select sha256(prev || convert_to((
    select string_agg(length(part) || ':' || part, '' order by n)
    from unnest(array[subject, subject_id::text, seq::text, coalesce(person_id::text, ''),
                      to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), verb, detail::text]) with ordinality as parts (part, n)
  ), 'UTF8'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- append_event adds to a subject's chain and returns the event's id. A fork,
-- two events after the same one, breaks the unique key.
create function append_event(person_id bigint, at timestamptz, verb text, subject text, subject_id bigint, detail jsonb)
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

-- +goose StatementBegin
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is only ever added to', tg_table_name;
end $$;
-- +goose StatementEnd
create trigger audit_events_append_only before update or delete or truncate on audit_events
  for each statement execute function refuse_change();

-- --------------------------------------------------------------- letters ----

create table letters (
  id            bigint primary key default new_id(),
  kind          text not null,
  event_id      bigint not null,                 -- the audit event that caused it
  person_id     bigint references people,        -- null: to an address without an account
  address       text not null,
  locale        text not null check (locale in ('vi', 'en')),
  programme_id  bigint,                          -- whose officers may read it
  proposal_id   bigint,
  refs          jsonb not null default '{}',     -- further ids and plain facts the kind needs
  state         text not null default 'queued' check (state in ('queued', 'outbox', 'sent', 'failed', 'withheld')),
  subject       text not null default '',        -- as last written; without one-time links
  body_text     text not null default '',
  body_html     text not null default '',
  tries         int not null default 0,
  last_error    text not null default '',        -- a mail server's words
  withheld_for  text not null default '',        -- why it was not sent; a word of package letter
  search_key    text not null default '',        -- the subject, folded
  lease_until   timestamptz,                     -- a worker has it in hand; by the database's clock
  queued_at     timestamptz not null,
  sent_at       timestamptz,
  check ((state = 'sent') = (sent_at is not null)),
  check ((state = 'withheld') = (withheld_for <> '')),
  unique (event_id, kind, address)
);
create index letters_recent on letters (queued_at desc, id desc);
create index letters_state on letters (state, queued_at desc, id desc);
create index letters_proposal on letters (proposal_id) where proposal_id is not null;
create index letters_programme on letters (programme_id, queued_at desc) where programme_id is not null;

-- +goose Down
drop table letters;
drop table audit_events;
drop function refuse_change, append_event, event_hash;
drop table roles, tries, account_tokens, sessions, people;
drop function new_id;
drop schema visible;
