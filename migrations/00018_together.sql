-- +goose Up

-- Who of the applicant writes which section, until when.
create table section_assignments (
  proposal_id  bigint not null references proposals on delete cascade,
  key          text not null,
  person_id    bigint not null references people,
  due_on       date not null,
  assigned_by  bigint not null references people,
  assigned_at  timestamptz not null,
  primary key (proposal_id, key)
);
create index section_assignments_person on section_assignments (person_id);

-- Who has a section in hand just now. It is worth nothing after some minutes, so
-- it is not logged, and refers to nothing, so that nobody waits for it.
create unlogged table presences (
  proposal_id  bigint not null,
  key          text not null,
  person_id    bigint not null,
  seen_at      timestamptz not null,
  primary key (proposal_id, key, person_id)
);

-- The one of the organisation whom a proposal is with; null: who began it.
alter table proposals add column responsible_id bigint references people;

-- +goose StatementBegin
-- Which section is with whom is the applicant's own affair, and auditors'. One
-- who writes for the organisation no more has no role.
create function visible.section_assignments(viewer bigint)
returns table (proposal_id bigint, key text, person_id bigint, name text, role text, due_on date, assigned_by_name text, assigned_at timestamptz) language sql stable as $$
  select a.proposal_id, a.key, a.person_id, w.name, coalesce(m.role, ''), a.due_on, coalesce(b.name, ''), a.assigned_at
  from section_assignments a
  join visible.proposals(viewer) p on p.id = a.proposal_id
  join people w on w.id = a.person_id
  left join people b on b.id = a.assigned_by
  left join members m on m.organisation_id = p.organisation_id and m.person_id = a.person_id
  where p.view in ('applicant', 'auditor')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Who writes just now: said by their browser, or seen by what they saved. For
-- those who write with them alone.
create function visible.presences(viewer bigint)
returns table (proposal_id bigint, key text, person_id bigint, name text, seen_at timestamptz) language sql stable as $$
  select s.proposal_id, s.key, s.person_id, w.name, s.seen_at
  from (
    select proposal_id, key, person_id, seen_at from presences
    union all
    select proposal_id, key, updated_by, updated_at from proposal_sections
  ) s
  join visible.proposals(viewer) p on p.id = s.proposal_id
  join people w on w.id = s.person_id
  where p.view = 'applicant'
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Whom a proposal is with, for its organisation and auditors. Role is empty when
-- that person writes for the organisation no more.
create function visible.responsible(viewer bigint)
returns table (proposal_id bigint, person_id bigint, name text, role text) language sql stable as $$
  select p.id, r.person_id, w.name, coalesce(m.role, '')
  from visible.proposals(viewer) p
  join (select id, coalesce(responsible_id, created_by) as person_id from proposals) r on r.id = p.id
  join people w on w.id = r.person_id
  left join members m on m.organisation_id = p.organisation_id and m.person_id = r.person_id
  where p.view in ('applicant', 'auditor')
$$;
-- +goose StatementEnd

-- The life of a proposal, as before, with whom an act concerns: who was given a
-- section or the whole. How the applicant shares its work is not the office's.
drop function visible.history;
-- +goose StatementBegin
create function visible.history(viewer bigint)
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

-- +goose Down
drop function visible.history, visible.responsible, visible.presences, visible.section_assignments;
-- +goose StatementBegin
create function visible.history(viewer bigint)
returns table (event_id bigint, proposal_id bigint, seq int, at timestamptz, verb text, who text, detail jsonb) language sql stable as $$
  select e.id, p.id, e.seq, e.at, e.verb,
         case when p.view <> 'applicant' or e.person_id in (
                select m.person_id from members m where m.organisation_id in (select mine.organisation_id from members mine where mine.person_id = viewer)
              ) then w.name end,
         case when p.view = 'applicant' then '{}'::jsonb else e.detail end
  from audit_events e
  join visible.proposals(viewer) p on p.id = e.subject_id
  left join people w on w.id = e.person_id
  where e.subject = 'proposal'
    and (p.view in ('officer', 'auditor')
         or (p.view = 'applicant' and (e.verb in ('start', 'submit', 'withdraw', 'return', 'accept', 'refuse', 'open_review', 'attach', 'detach')
              or (e.verb in ('approve', 'approve_with_conditions', 'waitlist', 'decline')))))
$$;
-- +goose StatementEnd
alter table proposals drop column responsible_id;
drop table presences, section_assignments;
