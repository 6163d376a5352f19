-- +goose Up

-- A proposal that was begun with what was written in an earlier one: from which,
-- and what found no place. Its writers read it until one of them dismisses it.
create table proposal_clones (
  proposal_id   bigint primary key references proposals on delete cascade,
  source_id     bigint not null references proposals,
  from_form     bigint not null references forms,
  to_form       bigint not null references forms,
  aside         jsonb not null,                       -- as package revision writes it
  documents     int not null,                         -- that were carried
  left_behind   int not null,                         -- that were not
  cloned_at     timestamptz not null,
  dismissed_at  timestamptz,
  dismissed_by  bigint references people
);
create index proposal_clones_source on proposal_clones (source_id);

-- +goose StatementBegin
-- From which it was begun is its organisation's own affair.
create function visible.proposal_clones(viewer bigint)
returns table (proposal_id bigint, source_id bigint, source_call_id bigint, source_reference text, source_title text, source_readable boolean, from_form bigint, to_form bigint,
               aside jsonb, documents int, left_behind int, cloned_at timestamptz, dismissed_at timestamptz) language sql stable as $$
  select c.proposal_id, c.source_id, s.call_id, s.reference, s.title, s.status <> 'discarded', c.from_form, c.to_form,
         c.aside, c.documents, c.left_behind, c.cloned_at, c.dismissed_at
  from proposal_clones c
  join visible.proposals(viewer) p on p.id = c.proposal_id
  join proposals s on s.id = c.source_id
  where p.view = 'applicant'
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- What is sent keeps the form in which it was written, and what it took; of one
-- that was begun with an earlier one's answers that tells nothing.
create or replace function send_in_form() returns trigger language plpgsql as $$
begin
  select p.form_id, case when exists (select from proposal_clones c where c.proposal_id = p.id) then 0 else p.worked_ms end
  into new.form_id, new.worked_ms from proposals p where p.id = new.proposal_id;
  return new;
end $$;
-- +goose StatementEnd

-- The applicant reads of it in the life of a proposal; the office does not.
-- +goose StatementBegin
do $do$
begin
  execute replace(pg_get_functiondef('visible.history(bigint)'::regprocedure), $a$('start', 'submit', 'reopen', $a$, $a$('start', 'clone', 'submit', 'reopen', $a$);
end $do$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
do $do$
begin
  execute replace(pg_get_functiondef('visible.history(bigint)'::regprocedure), $a$('start', 'clone', 'submit', 'reopen', $a$, $a$('start', 'submit', 'reopen', $a$);
end $do$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function send_in_form() returns trigger language plpgsql as $$
begin
  select p.form_id, p.worked_ms into new.form_id, new.worked_ms from proposals p where p.id = new.proposal_id;
  return new;
end $$;
-- +goose StatementEnd
drop function visible.proposal_clones;
drop table proposal_clones;
