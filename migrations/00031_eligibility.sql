-- +goose Up

-- The few questions by which anybody finds out, before there is an account,
-- whether a call is for them. It is advice: the officer decides at screening.
create table eligibility_checks (
  call_id     bigint primary key references calls,
  questions   jsonb not null,                      -- as package eligibility writes them
  edition     int not null default 1,              -- how often it was changed: two who edit find out
  updated_by  bigint references people,
  updated_at  timestamptz not null
);

-- What was answered when a proposal was begun. The questions cannot change any
-- more then, so they are not copied.
create table eligibility_answers (
  proposal_id  bigint primary key references proposals on delete cascade,
  answers      jsonb not null,                     -- question → the value of an answer
  answered_by  bigint not null references people,
  answered_at  timestamptz not null
);

-- +goose StatementBegin
create function visible.eligibility_checks(viewer bigint) returns table (call_id bigint, questions jsonb, edition int) language sql stable as $$
  select e.call_id, e.questions, e.edition from eligibility_checks e join visible.calls(viewer) c on c.id = e.call_id
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- What an applicant said of themself is theirs and the office's; those who
-- judge do not see it: it might tell who applies.
create function visible.eligibility_answers(viewer bigint)
returns table (proposal_id bigint, questions jsonb, answers jsonb, answered_at timestamptz) language sql stable as $$
  select p.id, e.questions, a.answers, a.answered_at
  from visible.proposals(viewer) p
  join eligibility_checks e on e.call_id = p.call_id
  left join eligibility_answers a on a.proposal_id = p.id
  where p.view in ('applicant', 'co_applicant', 'officer', 'auditor')
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.eligibility_answers, visible.eligibility_checks;
drop table eligibility_answers, eligibility_checks;
