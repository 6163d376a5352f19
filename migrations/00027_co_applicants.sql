-- +goose Up

-- Organisations that apply together with the one a proposal is of. One is
-- invited by mail and named as who invites knows it; who confirms says which
-- organisation of the portal it is.
create table co_applicants (
  id               bigint primary key default new_id(),
  proposal_id      bigint not null references proposals on delete cascade,
  name             text not null check (name <> ''),
  email            text not null,
  email_key        text not null,
  role             text not null check (role in ('co_lead', 'coordinate', 'technical', 'fund')),
  state            text not null default 'invited' check (state in ('invited', 'confirmed', 'refused', 'removed')),
  organisation_id  bigint references organisations,
  invited_by       bigint not null references people,
  invited_at       timestamptz not null,
  expires_at       timestamptz not null,
  answered_by      bigint references people,
  answered_at      timestamptz,
  removed_at       timestamptz,
  check (state <> 'confirmed' or (organisation_id is not null and answered_at is not null))
);
create index co_applicants_proposal on co_applicants (proposal_id);
create index co_applicants_by on co_applicants (invited_by, invited_at);
create index co_applicants_email on co_applicants (email_key) where state = 'invited';
create unique index co_applicants_once on co_applicants (proposal_id, email_key) where state = 'invited';
create unique index co_applicants_confirmed on co_applicants (organisation_id, proposal_id) where state = 'confirmed';

-- +goose StatementBegin
-- The proposals that an organisation of the viewer's has confirmed to apply for
-- together with another.
create function visible.co_applied(viewer bigint) returns table (proposal_id bigint) language sql stable as $$
  select x.proposal_id from members m join co_applicants x on x.organisation_id = m.organisation_id and x.state = 'confirmed'
  where m.person_id = viewer
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Who applies together: for those who may know who applies at all. Where an
-- invitation was sent is the applicant's.
create function visible.co_applicants(viewer bigint)
returns table (id bigint, proposal_id bigint, name text, email text, role text, state text, organisation_id bigint, invited_at timestamptz, expires_at timestamptz,
               answered_at timestamptz) language sql stable as $$
  select x.id, x.proposal_id, coalesce(o.name_vi, x.name), case when p.view in ('applicant', 'auditor') then x.email else '' end, x.role, x.state, x.organisation_id,
         x.invited_at, x.expires_at, x.answered_at
  from co_applicants x
  join visible.proposals(viewer) p on p.id = x.proposal_id
  left join organisations o on o.id = x.organisation_id and x.state = 'confirmed'
  where p.organisation_id is not null and x.state <> 'removed'
    and (p.view in ('applicant', 'co_applicant', 'officer', 'auditor') or x.state = 'confirmed')
$$;
-- +goose StatementEnd

-- What an invitation tells who holds its letter or its address; package together
-- asks for the proof.
create view visible.co_applicant_offers as
  select x.id, x.proposal_id, x.name, x.email, x.email_key, x.role, x.state, x.organisation_id, x.invited_at, x.expires_at, w.name as invited_by,
         p.reference, p.title, p.title_en, p.status, p.organisation_id as lead_id, o.name_vi as lead_vi, o.name_en as lead_en,
         p.call_id, c.title_vi as call_vi, c.title_en as call_en, c.sensitive
  from co_applicants x
  join proposals p on p.id = x.proposal_id
  join calls c on c.id = p.call_id
  join organisations o on o.id = p.organisation_id
  join people w on w.id = x.invited_by;

-- Who may see what, as before, with those who apply together: their people read a
-- proposal and neither judge it nor count it at the desk.

-- +goose StatementBegin
create or replace function visible.proposals(viewer bigint)
returns table (id bigint, call_id bigint, programme_id bigint, view text, organisation_id bigint, organisation_name text, organisation_kind text,
               reference text, title text, title_en text, status text, amount_asked bigint, months int, province_code text,
               created_at timestamptz, updated_at timestamptz, submitted_at timestamptz, returned_until timestamptz, returned_sections jsonb,
               ineligible_reasons text, reviews_assigned int, reviews_sent int, score_mean numeric, score_min numeric, score_max numeric)
language sql stable as $$
  select p.id, p.call_id, p.programme_id, v.view,
         case when hidden.identity then null else p.organisation_id end,
         case when hidden.identity then null when v.view = 'applicant' or p.organisation_name = '' then o.name_vi else p.organisation_name end,
         case when hidden.identity then null else p.organisation_kind end,
         p.reference, p.title, p.title_en, p.status, p.amount_asked, p.months,
         case when hidden.identity then null else p.province_code end,
         p.created_at, p.updated_at, p.submitted_at, p.returned_until,
         case when v.view in ('reviewer', 'chair') then '{}' else p.returned_sections end,
         case when v.view in ('reviewer', 'chair') then '' else p.ineligible_reasons end,
         case when v.view in ('officer', 'auditor', 'chair') then p.reviews_assigned end,
         case when v.view in ('officer', 'auditor', 'chair') then p.reviews_sent end,
         case when v.view in ('officer', 'auditor', 'chair') then p.score_mean end,
         case when v.view in ('officer', 'auditor', 'chair') then p.score_min end,
         case when v.view in ('officer', 'auditor', 'chair') then p.score_max end
  from proposals p
  join calls c on c.id = p.call_id
  join organisations o on o.id = p.organisation_id
  cross join lateral (select case
      when p.organisation_id in (select m.organisation_id from members m where m.person_id = viewer) then
        case when p.status <> 'discarded' then 'applicant' end
      when p.id in (select x.proposal_id from visible.co_applied(viewer) x) then
        case when p.status <> 'discarded' then 'co_applicant' end
      when p.id in (select k.proposal_id from conflicts k where k.person_id = viewer) then null
      when p.submitted_at is not null and p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer') then 'officer'
      when exists (select from roles r where r.person_id = viewer and r.role = 'auditor') then 'auditor'
      when p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
           and p.call_id in (select r.call_id from roles r where r.person_id = viewer and r.role = 'chair') then 'chair'
      when p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
           and p.id in (select a.proposal_id from assignments a where a.reviewer_id = viewer and a.state in ('invited', 'accepted', 'sent')) then 'reviewer'
    end as view) v
  cross join lateral (select c.blind and v.view in ('reviewer', 'chair') as identity) hidden
  where v.view is not null
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function visible.desk(viewer bigint) returns setof proposals language sql stable as $$
  select p.* from proposals p
  where p.submitted_at is not null
    and (exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
         or p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'))
    and p.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)
    and p.id not in (select x.proposal_id from visible.co_applied(viewer) x)
    and p.id not in (select k.proposal_id from conflicts k where k.person_id = viewer)
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function visible.desk_counts(viewer bigint) returns table (call_id bigint, status text, n bigint) language sql stable as $$
  select counted.call_id, counted.status, sum(counted.n)::bigint
  from (
    select t.call_id, t.status, t.n
    from proposal_tallies t
    where exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
       or t.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
    union all
    select p.call_id, p.status, -1
    from proposals p
    where p.id in (select mine.id from members m join proposals mine on mine.organisation_id = m.organisation_id where m.person_id = viewer
                   union select k.proposal_id from conflicts k where k.person_id = viewer
                   union select x.proposal_id from visible.co_applied(viewer) x)
      and p.submitted_at is not null
      and (exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
           or p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'))
  ) counted
  group by counted.call_id, counted.status
  having sum(counted.n) > 0
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function visible.assignments(viewer bigint)
returns table (id bigint, proposal_id bigint, reviewer_id bigint, reviewer_name text, state text, due_at timestamptz, assigned_at timestamptz,
               answered_at timestamptz, reason text, open boolean) language sql stable as $$
  select a.id, a.proposal_id, a.reviewer_id, w.name, a.state, a.due_at, a.assigned_at, a.answered_at,
         case when a.reviewer_id = viewer or p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
                   or exists (select from roles r where r.person_id = viewer and r.role = 'auditor') then a.reason else '' end,
         a.state in ('invited', 'accepted') and p.status = 'in_review' and p.id not in (select k.proposal_id from conflicts k where k.person_id = viewer)
  from assignments a
  join proposals p on p.id = a.proposal_id
  join calls c on c.id = p.call_id
  join people w on w.id = a.reviewer_id
  where p.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)
    and p.id not in (select x.proposal_id from visible.co_applied(viewer) x)
    and case
      when a.reviewer_id = viewer then p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
      when p.id in (select k.proposal_id from conflicts k where k.person_id = viewer) then false
      when p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer') then true
      when exists (select from roles r where r.person_id = viewer and r.role = 'auditor') then true
      when p.call_id in (select r.call_id from roles r where r.person_id = viewer and r.role = 'chair') then p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
      else c.peers_visible and a.state = 'sent' and exists (
        select from assignments mine where mine.proposal_id = a.proposal_id and mine.reviewer_id = viewer and mine.state = 'sent')
    end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function visible.conflicts(viewer bigint)
returns table (proposal_id bigint, person_id bigint, person_name text, kind text, note text, declared_at timestamptz) language sql stable as $$
  select k.proposal_id, k.person_id, w.name, k.kind, k.note, k.declared_at
  from conflicts k
  join proposals p on p.id = k.proposal_id
  join people w on w.id = k.person_id
  where k.person_id = viewer
     or (p.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)
         and p.id not in (select x.proposal_id from visible.co_applied(viewer) x)
         and p.id not in (select mine.proposal_id from conflicts mine where mine.person_id = viewer)
         and (p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
              or p.call_id in (select r.call_id from roles r where r.person_id = viewer and r.role = 'chair')
              or exists (select from roles r where r.person_id = viewer and r.role = 'auditor')))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function visible.letters(viewer bigint)
returns table (id bigint, kind text, event_id bigint, person_id bigint, address text, locale text, programme_id bigint, proposal_id bigint, refs jsonb, state text,
               subject text, body_text text, body_html text, tries int, last_error text, withheld_for text,
               queued_at timestamptz, sent_at timestamptz, whole boolean, may_send boolean) language sql stable as $$
  select l.id, l.kind,
         case when v.whole then l.event_id end,
         l.person_id, l.address, l.locale,
         case when v.whole then l.programme_id end,
         case when v.whole then l.proposal_id end,
         case when v.whole then l.refs else '{}' end,
         l.state,
         case when v.whole then l.subject else '' end,
         case when v.whole then l.body_text else '' end,
         case when v.whole then l.body_html else '' end,
         l.tries, l.last_error, l.withheld_for, l.queued_at, l.sent_at, v.whole,
         v.admin or (v.whole and coalesce(l.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'), false))
  from letters l
  cross join lateral (select
      coalesce(l.person_id = viewer, false)
      or ((exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
           or coalesce(l.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'), false))
          and (l.proposal_id is null or l.proposal_id not in (
                 select p.id from proposals p where p.organisation_id in (select m.organisation_id from members m where m.person_id = viewer)
                 union all select k.proposal_id from conflicts k where k.person_id = viewer
                 union all select x.proposal_id from visible.co_applied(viewer) x))) as whole,
      exists (select from roles r where r.person_id = viewer and r.role = 'admin') as admin) v
  where v.whole or v.admin
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function visible.letter_words(viewer bigint) returns table (id bigint, search_key text) language sql stable as $$
  select l.id, l.search_key
  from letters l
  where (l.person_id = viewer
         or exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
         or l.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'))
    and (l.person_id = viewer or l.proposal_id is null or l.proposal_id not in (
           select p.id from proposals p where p.organisation_id in (select m.organisation_id from members m where m.person_id = viewer)
           union all select k.proposal_id from conflicts k where k.person_id = viewer
                 union all select x.proposal_id from visible.co_applied(viewer) x))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function visible.sections(viewer bigint)
returns table (proposal_id bigint, key text, answers jsonb, version int, done boolean, updated_by bigint, updated_by_name text, updated_at timestamptz) language sql stable as $$
  select s.proposal_id, s.key, s.answers, s.version, s.done, s.updated_by, w.name, s.updated_at
  from proposal_sections s
  join visible.proposals(viewer) p on p.id = s.proposal_id
  join people w on w.id = s.updated_by
  where p.view in ('applicant', 'co_applicant', 'auditor')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function visible.ranking(viewer bigint)
returns table (id bigint, call_id bigint, reference text, status text, score_mean numeric, criterion_means jsonb, asked bigint, staged bigint, released bigint) language sql stable as $$
  select p.id, p.call_id, p.reference, p.status, p.score_mean, p.criterion_means, p.amount_asked, s.amount, r.amount
  from proposals p
  left join decisions s on s.proposal_id = p.id and s.state = 'staged'
  left join decisions r on r.proposal_id = p.id and r.state = 'released'
  where p.submitted_at is not null
    and p.status in ('in_review', 'approved', 'conditional', 'waitlisted', 'declined')
    and (exists (select from roles o where o.person_id = viewer and o.role = 'auditor')
         or p.programme_id in (select o.programme_id from roles o where o.person_id = viewer and o.role = 'officer')
         or p.call_id in (select o.call_id from roles o where o.person_id = viewer and o.role = 'chair'))
    and p.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)
    and p.id not in (select x.proposal_id from visible.co_applied(viewer) x)
    and p.id not in (select k.proposal_id from conflicts k where k.person_id = viewer)
$$;
-- +goose StatementEnd

-- In the life of a proposal its applicant reads of these acts too, beside all they
-- read of before.
-- +goose StatementBegin
do $do$
begin
  execute replace(pg_get_functiondef('visible.history(bigint)'::regprocedure), $a$('start', $a$, $a$('start', 'invite_co_applicant', 'confirm_co_applicant', 'refuse_co_applicant', 'remove_co_applicant', $a$);
end $do$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function visible.documents(viewer bigint)
returns table (id bigint, proposal_id bigint, section_key text, question text, purpose text, number int, name text, media_type text, size bigint, sha256 text, state text,
               personal boolean, uploaded_by bigint, uploaded_at timestamptz, removed_at timestamptz) language sql stable as $$
  select d.id, d.proposal_id, d.section_key, d.question, d.purpose, d.number,
         case when p.organisation_id is not null then d.name end,
         d.media_type, d.size, d.sha256, d.state, d.personal,
         case when p.organisation_id is not null then d.uploaded_by end,
         d.uploaded_at, d.removed_at
  from documents d
  join visible.proposals(viewer) p on p.id = d.proposal_id
  where case p.view
          when 'applicant' then not d.personal or d.uploaded_by = viewer
            or exists (select from members m where m.organisation_id = p.organisation_id and m.person_id = viewer and m.role = 'head')
          when 'co_applicant' then not d.personal
          when 'auditor' then true
          when 'officer' then d.id in (select sd.document_id from submission_documents sd)
          else not d.personal and d.id in (
            select sd.document_id from submission_documents sd join submissions s on s.id = sd.submission_id
            where s.proposal_id = d.proposal_id and s.number = (select max(l.number) from submissions l where l.proposal_id = d.proposal_id))
        end
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function visible.proposals(viewer bigint)
returns table (id bigint, call_id bigint, programme_id bigint, view text, organisation_id bigint, organisation_name text, organisation_kind text,
               reference text, title text, title_en text, status text, amount_asked bigint, months int, province_code text,
               created_at timestamptz, updated_at timestamptz, submitted_at timestamptz, returned_until timestamptz, returned_sections jsonb,
               ineligible_reasons text, reviews_assigned int, reviews_sent int, score_mean numeric, score_min numeric, score_max numeric)
language sql stable as $$
  select p.id, p.call_id, p.programme_id, v.view,
         case when hidden.identity then null else p.organisation_id end,
         case when hidden.identity then null when v.view = 'applicant' or p.organisation_name = '' then o.name_vi else p.organisation_name end,
         case when hidden.identity then null else p.organisation_kind end,
         p.reference, p.title, p.title_en, p.status, p.amount_asked, p.months,
         case when hidden.identity then null else p.province_code end,
         p.created_at, p.updated_at, p.submitted_at, p.returned_until,
         case when v.view in ('reviewer', 'chair') then '{}' else p.returned_sections end,
         case when v.view in ('reviewer', 'chair') then '' else p.ineligible_reasons end,
         case when v.view in ('officer', 'auditor', 'chair') then p.reviews_assigned end,
         case when v.view in ('officer', 'auditor', 'chair') then p.reviews_sent end,
         case when v.view in ('officer', 'auditor', 'chair') then p.score_mean end,
         case when v.view in ('officer', 'auditor', 'chair') then p.score_min end,
         case when v.view in ('officer', 'auditor', 'chair') then p.score_max end
  from proposals p
  join calls c on c.id = p.call_id
  join organisations o on o.id = p.organisation_id
  cross join lateral (select case
      when p.organisation_id in (select m.organisation_id from members m where m.person_id = viewer) then
        case when p.status <> 'discarded' then 'applicant' end
      when p.id in (select k.proposal_id from conflicts k where k.person_id = viewer) then null
      when p.submitted_at is not null and p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer') then 'officer'
      when exists (select from roles r where r.person_id = viewer and r.role = 'auditor') then 'auditor'
      when p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
           and p.call_id in (select r.call_id from roles r where r.person_id = viewer and r.role = 'chair') then 'chair'
      when p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
           and p.id in (select a.proposal_id from assignments a where a.reviewer_id = viewer and a.state in ('invited', 'accepted', 'sent')) then 'reviewer'
    end as view) v
  cross join lateral (select c.blind and v.view in ('reviewer', 'chair') as identity) hidden
  where v.view is not null
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function visible.desk(viewer bigint) returns setof proposals language sql stable as $$
  select p.* from proposals p
  where p.submitted_at is not null
    and (exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
         or p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'))
    and p.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)
    and p.id not in (select k.proposal_id from conflicts k where k.person_id = viewer)
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function visible.desk_counts(viewer bigint) returns table (call_id bigint, status text, n bigint) language sql stable as $$
  select counted.call_id, counted.status, sum(counted.n)::bigint
  from (
    select t.call_id, t.status, t.n
    from proposal_tallies t
    where exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
       or t.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
    union all
    select p.call_id, p.status, -1
    from proposals p
    where p.id in (select mine.id from members m join proposals mine on mine.organisation_id = m.organisation_id where m.person_id = viewer
                   union select k.proposal_id from conflicts k where k.person_id = viewer)
      and p.submitted_at is not null
      and (exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
           or p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'))
  ) counted
  group by counted.call_id, counted.status
  having sum(counted.n) > 0
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function visible.assignments(viewer bigint)
returns table (id bigint, proposal_id bigint, reviewer_id bigint, reviewer_name text, state text, due_at timestamptz, assigned_at timestamptz,
               answered_at timestamptz, reason text, open boolean) language sql stable as $$
  select a.id, a.proposal_id, a.reviewer_id, w.name, a.state, a.due_at, a.assigned_at, a.answered_at,
         case when a.reviewer_id = viewer or p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
                   or exists (select from roles r where r.person_id = viewer and r.role = 'auditor') then a.reason else '' end,
         a.state in ('invited', 'accepted') and p.status = 'in_review' and p.id not in (select k.proposal_id from conflicts k where k.person_id = viewer)
  from assignments a
  join proposals p on p.id = a.proposal_id
  join calls c on c.id = p.call_id
  join people w on w.id = a.reviewer_id
  where p.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)
    and case
      when a.reviewer_id = viewer then p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
      when p.id in (select k.proposal_id from conflicts k where k.person_id = viewer) then false
      when p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer') then true
      when exists (select from roles r where r.person_id = viewer and r.role = 'auditor') then true
      when p.call_id in (select r.call_id from roles r where r.person_id = viewer and r.role = 'chair') then p.status not in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible')
      else c.peers_visible and a.state = 'sent' and exists (
        select from assignments mine where mine.proposal_id = a.proposal_id and mine.reviewer_id = viewer and mine.state = 'sent')
    end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function visible.conflicts(viewer bigint)
returns table (proposal_id bigint, person_id bigint, person_name text, kind text, note text, declared_at timestamptz) language sql stable as $$
  select k.proposal_id, k.person_id, w.name, k.kind, k.note, k.declared_at
  from conflicts k
  join proposals p on p.id = k.proposal_id
  join people w on w.id = k.person_id
  where k.person_id = viewer
     or (p.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)
         and p.id not in (select mine.proposal_id from conflicts mine where mine.person_id = viewer)
         and (p.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer')
              or p.call_id in (select r.call_id from roles r where r.person_id = viewer and r.role = 'chair')
              or exists (select from roles r where r.person_id = viewer and r.role = 'auditor')))
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function visible.letters(viewer bigint)
returns table (id bigint, kind text, event_id bigint, person_id bigint, address text, locale text, programme_id bigint, proposal_id bigint, refs jsonb, state text,
               subject text, body_text text, body_html text, tries int, last_error text, withheld_for text,
               queued_at timestamptz, sent_at timestamptz, whole boolean, may_send boolean) language sql stable as $$
  select l.id, l.kind,
         case when v.whole then l.event_id end,
         l.person_id, l.address, l.locale,
         case when v.whole then l.programme_id end,
         case when v.whole then l.proposal_id end,
         case when v.whole then l.refs else '{}' end,
         l.state,
         case when v.whole then l.subject else '' end,
         case when v.whole then l.body_text else '' end,
         case when v.whole then l.body_html else '' end,
         l.tries, l.last_error, l.withheld_for, l.queued_at, l.sent_at, v.whole,
         v.admin or (v.whole and coalesce(l.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'), false))
  from letters l
  cross join lateral (select
      coalesce(l.person_id = viewer, false)
      or ((exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
           or coalesce(l.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'), false))
          and (l.proposal_id is null or l.proposal_id not in (
                 select p.id from proposals p where p.organisation_id in (select m.organisation_id from members m where m.person_id = viewer)
                 union all select k.proposal_id from conflicts k where k.person_id = viewer))) as whole,
      exists (select from roles r where r.person_id = viewer and r.role = 'admin') as admin) v
  where v.whole or v.admin
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function visible.letter_words(viewer bigint) returns table (id bigint, search_key text) language sql stable as $$
  select l.id, l.search_key
  from letters l
  where (l.person_id = viewer
         or exists (select from roles r where r.person_id = viewer and r.role = 'auditor')
         or l.programme_id in (select r.programme_id from roles r where r.person_id = viewer and r.role = 'officer'))
    and (l.person_id = viewer or l.proposal_id is null or l.proposal_id not in (
           select p.id from proposals p where p.organisation_id in (select m.organisation_id from members m where m.person_id = viewer)
           union all select k.proposal_id from conflicts k where k.person_id = viewer))
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function visible.sections(viewer bigint)
returns table (proposal_id bigint, key text, answers jsonb, version int, done boolean, updated_by bigint, updated_by_name text, updated_at timestamptz) language sql stable as $$
  select s.proposal_id, s.key, s.answers, s.version, s.done, s.updated_by, w.name, s.updated_at
  from proposal_sections s
  join visible.proposals(viewer) p on p.id = s.proposal_id
  join people w on w.id = s.updated_by
  where p.view in ('applicant', 'auditor')
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function visible.ranking(viewer bigint)
returns table (id bigint, call_id bigint, reference text, status text, score_mean numeric, criterion_means jsonb, asked bigint, staged bigint, released bigint) language sql stable as $$
  select p.id, p.call_id, p.reference, p.status, p.score_mean, p.criterion_means, p.amount_asked, s.amount, r.amount
  from proposals p
  left join decisions s on s.proposal_id = p.id and s.state = 'staged'
  left join decisions r on r.proposal_id = p.id and r.state = 'released'
  where p.submitted_at is not null
    and p.status in ('in_review', 'approved', 'conditional', 'waitlisted', 'declined')
    and (exists (select from roles o where o.person_id = viewer and o.role = 'auditor')
         or p.programme_id in (select o.programme_id from roles o where o.person_id = viewer and o.role = 'officer')
         or p.call_id in (select o.call_id from roles o where o.person_id = viewer and o.role = 'chair'))
    and p.organisation_id not in (select m.organisation_id from members m where m.person_id = viewer)
    and p.id not in (select k.proposal_id from conflicts k where k.person_id = viewer)
$$;
-- +goose StatementEnd
-- +goose StatementBegin
do $do$
begin
  execute replace(pg_get_functiondef('visible.history(bigint)'::regprocedure), $a$('start', 'invite_co_applicant', 'confirm_co_applicant', 'refuse_co_applicant', 'remove_co_applicant', $a$, $a$('start', $a$);
end $do$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function visible.documents(viewer bigint)
returns table (id bigint, proposal_id bigint, section_key text, question text, purpose text, number int, name text, media_type text, size bigint, sha256 text, state text,
               personal boolean, uploaded_by bigint, uploaded_at timestamptz, removed_at timestamptz) language sql stable as $$
  select d.id, d.proposal_id, d.section_key, d.question, d.purpose, d.number,
         case when p.organisation_id is not null then d.name end,
         d.media_type, d.size, d.sha256, d.state, d.personal,
         case when p.organisation_id is not null then d.uploaded_by end,
         d.uploaded_at, d.removed_at
  from documents d
  join visible.proposals(viewer) p on p.id = d.proposal_id
  where case p.view
          when 'applicant' then not d.personal or d.uploaded_by = viewer
            or exists (select from members m where m.organisation_id = p.organisation_id and m.person_id = viewer and m.role = 'head')
          when 'auditor' then true
          when 'officer' then d.id in (select sd.document_id from submission_documents sd)
          else not d.personal and d.id in (
            select sd.document_id from submission_documents sd join submissions s on s.id = sd.submission_id
            where s.proposal_id = d.proposal_id and s.number = (select max(l.number) from submissions l where l.proposal_id = d.proposal_id))
        end
$$;
-- +goose StatementEnd
drop function visible.co_applicants, visible.co_applied;
drop view visible.co_applicant_offers;
drop table co_applicants;
