-- +goose Up

create table assignments (
  id           bigint primary key default new_id(),
  proposal_id  bigint not null references proposals,
  reviewer_id  bigint not null references people,
  state        text not null default 'invited' check (state in ('invited', 'accepted', 'declined', 'conflict', 'sent', 'withdrawn')),
  due_at       timestamptz not null,
  assigned_by  bigint not null references people,
  assigned_at  timestamptz not null,
  answered_at  timestamptz,
  reason       text not null default '',          -- why declined or withdrawn
  unique (proposal_id, reviewer_id)
);
create index assignments_reviewer on assignments (reviewer_id, state, due_at, id) include (proposal_id);

create table conflicts (
  proposal_id  bigint not null references proposals,
  person_id    bigint not null references people,
  kind         text not null check (kind in ('member', 'family', 'money', 'partner', 'dispute', 'other')),
  note         text not null default '',
  declared_at  timestamptz not null,
  primary key (proposal_id, person_id)
);
create index conflicts_person on conflicts (person_id, proposal_id);

create table reviews (
  assignment_id  bigint primary key references assignments,
  feedback       text not null default '',        -- to the applicant
  note           text not null default '',        -- to the panel and officers
  total          numeric(5,2),                    -- of 100; null while marks are missing
  marks          int not null default 0,          -- how many are given
  version        int not null default 1,
  updated_at     timestamptz not null,
  sent_at        timestamptz
);

create table scores (
  assignment_id  bigint not null references reviews on delete cascade,
  criterion      text not null,
  mark           int check (mark between 1 and 5),
  comment        text not null default '',
  primary key (assignment_id, criterion)
);

create table decisions (
  id           bigint primary key default new_id(),
  proposal_id  bigint not null references proposals,
  call_id      bigint not null references calls,                -- of the proposal: the envelope is the call's
  outcome      text not null check (outcome in ('approved', 'conditional', 'waitlisted', 'declined')),
  amount       bigint not null default 0 check (amount >= 0),   -- đồng
  conditions   text not null default '',
  reason       text not null default '',                        -- for the file; not shown to the applicant
  feedback     text not null default '',                        -- to the applicant
  state        text not null default 'staged' check (state in ('staged', 'released', 'superseded')),
  staged_by    bigint not null references people,
  staged_at    timestamptz not null,
  released_at  timestamptz,
  check (outcome in ('approved', 'conditional') or amount = 0),
  check ((state = 'staged') = (released_at is null))
);
create index decisions_call on decisions (call_id, state);
create unique index decisions_one_staged on decisions (proposal_id) where state = 'staged';
create unique index decisions_one_released on decisions (proposal_id) where state = 'released';

-- +goose Down
drop table decisions, scores, reviews, conflicts, assignments;
