-- +goose Up

-- A deadline that was put off: for the whole call, for places (a storm), or for
-- organisations. One that was asked for when the call had closed counts once a
-- second officer has confirmed it.
create table extensions (
  id             bigint primary key default new_id(),
  call_id        bigint not null references calls,
  whole          boolean not null default false,
  provinces      text[] not null default '{}',        -- codes
  communes       text[] not null default '{}',        -- codes of today
  organisations  bigint[] not null default '{}',
  closed_before  timestamptz not null,                -- when the call closed, as it stood
  closes_at      timestamptz not null,                -- the first refused instant now
  reason         text not null check (reason <> ''),
  late           boolean not null,                    -- the call had closed: two officers
  proposed_by    bigint not null references people,
  proposed_at    timestamptz not null,
  confirmed_by   bigint references people,
  confirmed_at   timestamptz,
  dropped_by     bigint references people,
  dropped_at     timestamptz,
  check (closed_before < closes_at),
  check ((confirmed_by is null) = (confirmed_at is null)),
  check ((dropped_by is null) = (dropped_at is null)),
  check (confirmed_at is null or dropped_at is null),
  check (not late or confirmed_by is null or confirmed_by <> proposed_by),
  check (whole::int + (cardinality(organisations) > 0)::int + (cardinality(provinces) + cardinality(communes) > 0)::int = 1)
);
create index extensions_call on extensions (call_id);

-- +goose StatementBegin
-- Whether an extension is for an organisation: by its place as its record stands.
create function extension_concerns(e extensions, organisation bigint) returns boolean language sql stable as $$
  select e.whole or organisation = any(e.organisations) or exists (
    select from organisations o left join places l on l.id = o.place_id
    where o.id = organisation and (o.province_code = any(e.provinces) or l.level = 3 and l.code = any(e.communes)))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The extensions that hold for an organisation: for its members and the office.
create function visible.extensions_of(viewer bigint, organisation bigint) returns setof extensions language sql stable as $$
  select e.* from extensions e
  where e.confirmed_at is not null and extension_concerns(e, organisation)
    and (organisation in (select m.organisation_id from members m where m.person_id = viewer)
         or exists (select from roles r join calls c on c.id = e.call_id
                    where r.person_id = viewer and (r.role = 'auditor' or r.role = 'officer' and r.programme_id = c.programme_id)))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Until when a call accepts what an organisation sends, where that is later than
-- the call itself says; null where it is not.
create function visible.closing(viewer bigint, call bigint, organisation bigint) returns timestamptz language sql stable as $$
  select max(e.closes_at) from visible.extensions_of(viewer, organisation) e where e.call_id = call
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- All extensions for the office, with who decided; for everybody those of places
-- and of the whole call that hold, for the call says so in public. Those of
-- single organisations are nobody else's: see visible.extensions_of.
create function visible.extensions(viewer bigint)
returns table (id bigint, call_id bigint, whole boolean, provinces text[], communes text[], organisations bigint[], closed_before timestamptz, closes_at timestamptz,
               reason text, late boolean, proposed_by bigint, proposed_by_name text, proposed_at timestamptz, confirmed_by_name text, confirmed_at timestamptz,
               dropped_by_name text, dropped_at timestamptz) language sql stable as $$
  select e.id, e.call_id, e.whole, e.provinces, e.communes, e.organisations, e.closed_before, e.closes_at, e.reason, e.late,
         case when v.office then e.proposed_by end, case when v.office then p.name end, e.proposed_at,
         case when v.office then k.name end, e.confirmed_at, case when v.office then d.name end, e.dropped_at
  from extensions e
  join calls c on c.id = e.call_id
  join people p on p.id = e.proposed_by
  left join people k on k.id = e.confirmed_by
  left join people d on d.id = e.dropped_by
  cross join lateral (select exists (
    select from roles r where r.person_id = viewer and (r.role = 'auditor' or r.role = 'officer' and r.programme_id = c.programme_id)) as office) v
  where v.office or (c.status = 'published' and e.confirmed_at is not null and cardinality(e.organisations) = 0)
$$;
-- +goose StatementEnd

-- Who wants no reminders says so in their account.
alter table people add column reminders boolean not null default true;

-- Which reminders went out: once per person, kind and what they are about: the
-- deadline, or the moment since when nothing was written.
create table reminders (
  proposal_id  bigint not null references proposals on delete cascade,
  kind         text not null check (kind in ('days_7', 'days_3', 'days_1', 'idle')),
  person_id    bigint not null references people on delete cascade,
  about        timestamptz not null,
  sent_at      timestamptz not null,
  primary key (proposal_id, kind, person_id, about)
);
create index proposals_drafts on proposals (call_id) where status = 'draft';

-- Who writes which draft, until when, and whether they want to be reminded. For
-- letters only: what is in a draft, and that there is one, nobody else learns.
create view visible.draft_writers as
  select p.id as proposal_id, p.call_id, p.programme_id, p.organisation_id, m.person_id, w.reminders, p.created_at, p.updated_at, c.opens_at,
         greatest(c.closes_at, x.closes_at) as closes_at, coalesce(x.told_at, p.created_at) as told_at
  from proposals p
  join calls c on c.id = p.call_id and c.status = 'published'
  join members m on m.organisation_id = p.organisation_id and m.role in ('head', 'writer')
  join people w on w.id = m.person_id and w.disabled_at is null
  left join lateral (
    select max(e.closes_at) as closes_at, max(e.confirmed_at) as told_at from extensions e
    where e.call_id = p.call_id and e.confirmed_at is not null and extension_concerns(e, p.organisation_id)) x on true
  where p.status = 'draft';

-- Applicants see besides that their time was extended, that a message was
-- written, and from which proposal a draft was carried over.
-- +goose StatementBegin
create or replace function visible.history(viewer bigint)
returns table (event_id bigint, proposal_id bigint, seq int, at timestamptz, verb text, who text, whom text, detail jsonb) language sql stable as $$
  select e.id, p.id, e.seq, e.at, e.verb,
         case when p.view <> 'applicant' or e.person_id in (
                select m.person_id from members m where m.organisation_id in (select mine.organisation_id from members mine where mine.person_id = viewer)
              ) then w.name end,
         t.name,
         case when p.view = 'applicant' then '{}'::jsonb else e.detail end
  from audit_events e
  join visible.proposals(viewer) p on p.id = e.subject_id
  left join people w on w.id = e.person_id
  left join people t on t.id = case when e.verb in ('assign_section', 'hand_over') then (e.detail ->> 'to')::bigint end
  where e.subject = 'proposal'
    and (p.view = 'auditor'
         or (p.view = 'officer' and e.verb not in ('assign_section', 'unassign_section', 'hand_over', 'remind'))
         or (p.view = 'applicant' and e.verb in ('start', 'submit', 'withdraw', 'return', 'accept', 'refuse', 'open_review', 'attach', 'detach',
               'approve', 'approve_with_conditions', 'waitlist', 'decline', 'assign_section', 'unassign_section', 'hand_over',
               'extend', 'extend_return', 'message', 'carry')))
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function visible.history(viewer bigint)
returns table (event_id bigint, proposal_id bigint, seq int, at timestamptz, verb text, who text, whom text, detail jsonb) language sql stable as $$
  select e.id, p.id, e.seq, e.at, e.verb,
         case when p.view <> 'applicant' or e.person_id in (
                select m.person_id from members m where m.organisation_id in (select mine.organisation_id from members mine where mine.person_id = viewer)
              ) then w.name end,
         t.name,
         case when p.view = 'applicant' then '{}'::jsonb else e.detail end
  from audit_events e
  join visible.proposals(viewer) p on p.id = e.subject_id
  left join people w on w.id = e.person_id
  left join people t on t.id = case when e.verb in ('assign_section', 'hand_over') then (e.detail ->> 'to')::bigint end
  where e.subject = 'proposal'
    and (p.view = 'auditor'
         or (p.view = 'officer' and e.verb not in ('assign_section', 'unassign_section', 'hand_over'))
         or (p.view = 'applicant' and e.verb in ('start', 'submit', 'withdraw', 'return', 'accept', 'refuse', 'open_review', 'attach', 'detach',
               'approve', 'approve_with_conditions', 'waitlist', 'decline', 'assign_section', 'unassign_section', 'hand_over')))
$$;
-- +goose StatementEnd
drop view visible.draft_writers;
drop index proposals_drafts;
drop table reminders;
alter table people drop column reminders;
drop function visible.extensions, visible.closing, visible.extensions_of, extension_concerns;
drop table extensions;
