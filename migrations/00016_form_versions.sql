-- +goose Up

-- A form is drafted for a call, from an earlier one, and may be changed until it
-- is frozen; edition counts the changes, so that two who edit find out.
alter table forms
  add column call_id     bigint references calls,       -- null: the portal's own
  add column based_on    bigint references forms,
  add column edition     int not null default 1,
  add column updated_at  timestamptz,                   -- null: never edited
  add column updated_by  bigint references people;
create unique index forms_one_draft on forms (call_id) where frozen_at is null;

create or replace view visible.forms as
  select f.id, f.key, f.version, f.definition, f.frozen_at, f.created_at, f.call_id, f.based_on, f.edition, f.updated_at, w.name as updated_by_name
  from forms f left join people w on w.id = f.updated_by;

-- Which version of a form a proposal is written in, and one that was sent was.
-- worked_ms adds up the times between
-- two saves that are not far apart: what writing took.
alter table proposals
  add column form_id    bigint references forms,
  add column worked_ms  bigint not null default 0,
  add column worked_at  timestamptz;
update proposals p set form_id = c.form_id from calls c where c.id = p.call_id;
alter table proposals alter column form_id set not null;
create index proposals_form on proposals (form_id);

alter table submissions
  add column form_id    bigint references forms,
  add column worked_ms  bigint not null default 0;
alter table submissions disable trigger submissions_append_only;
update submissions s set form_id = p.form_id from proposals p where p.id = s.proposal_id;
alter table submissions enable trigger submissions_append_only;
alter table submissions alter column form_id set not null;
create index submissions_effort on submissions (form_id, submitted_at desc) include (worked_ms) where number = 1 and worked_ms > 0;

-- +goose StatementBegin
-- A proposal begins in the form that its call has then.
create function begin_in_form() returns trigger language plpgsql as $$
begin
  if new.form_id is null then
    select c.form_id into new.form_id from calls c where c.id = new.call_id;
  end if;
  return new;
end $$;
-- +goose StatementEnd
create trigger proposals_begin_in_form before insert on proposals for each row execute function begin_in_form();

-- +goose StatementBegin
-- What is sent keeps the form in which it was written, and what it took.
create function send_in_form() returns trigger language plpgsql as $$
begin
  select p.form_id, p.worked_ms into new.form_id, new.worked_ms from proposals p where p.id = new.proposal_id;
  return new;
end $$;
-- +goose StatementEnd
create trigger submissions_send_in_form before insert on submissions for each row execute function send_in_form();

-- In which version a proposal is written or was sent: no secret to who may see
-- it, and nobody else has its id.
create view visible.proposal_forms as select id as proposal_id, form_id from proposals;
create view visible.submission_forms as select id as submission_id, form_id from submissions;

-- When a draft was moved to another version of its form: what no longer fitted
-- is kept aside here, with why.
create table proposal_form_changes (
  id            bigint primary key default new_id(),
  proposal_id   bigint not null references proposals on delete cascade,
  from_form     bigint not null references forms,
  to_form       bigint not null references forms,
  aside         jsonb not null,                       -- as package form writes it
  changed_at    timestamptz not null,
  dismissed_at  timestamptz,                          -- read, and no longer on the task list
  dismissed_by  bigint references people
);
create index proposal_form_changes_proposal on proposal_form_changes (proposal_id);

-- +goose StatementBegin
create function visible.proposal_form_changes(viewer bigint)
returns table (id bigint, proposal_id bigint, from_form bigint, to_form bigint, aside jsonb, changed_at timestamptz, dismissed_at timestamptz) language sql stable as $$
  select c.id, c.proposal_id, c.from_form, c.to_form, c.aside, c.changed_at, c.dismissed_at
  from proposal_form_changes c
  join visible.proposals(viewer) p on p.id = c.proposal_id
  where p.view in ('applicant', 'auditor')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- How many drafts and returned proposals of a call there are, for its officers
-- before they change what it asks; drafts themselves are their writers' alone.
create function visible.writing(viewer bigint)
returns table (call_id bigint, form_id bigint, status text, n bigint) language sql stable as $$
  select p.call_id, p.form_id, p.status, count(*)
  from proposals p
  where p.status in ('draft', 'returned')
    and (p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
         or exists (select from roles r where r.person_id = viewer and r.role = 'auditor'))
  group by p.call_id, p.form_id, p.status
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- What writing took those who sent this form last: the middle one, once there
-- are ten. It is about nobody, and therefore everybody's.
create function visible.form_effort(form bigint) returns table (sample int, seconds double precision) language sql stable as $$
  select count(*)::int, percentile_cont(0.5) within group (order by s.worked_ms / 1000.0)
  from (select w.worked_ms from submissions w where w.form_id = form and w.number = 1 and w.worked_ms > 0 order by w.submitted_at desc limit 200) s
  having count(*) >= 10
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.form_effort, visible.writing, visible.proposal_form_changes;
drop table proposal_form_changes;
drop view visible.submission_forms, visible.proposal_forms;
drop trigger submissions_send_in_form on submissions;
drop trigger proposals_begin_in_form on proposals;
drop function send_in_form, begin_in_form;
alter table submissions drop column form_id, drop column worked_ms;
alter table proposals drop column form_id, drop column worked_ms, drop column worked_at;
drop view visible.forms;
create view visible.forms as select id, key, version, definition, frozen_at, created_at from forms;
alter table forms drop column call_id, drop column based_on, drop column edition, drop column updated_at, drop column updated_by;
