-- +goose Up

-- +goose StatementBegin
-- A letter is for who it was written to, and, unless it is about a proposal that
-- they see as its applicant or not at all, for the officers of its programme and
-- for auditors. Admins see that it was delivered: not what it says, nor about
-- which proposal, for that would tell who reviews it.
create function visible.letters(viewer bigint)
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
-- What letters say is searched here, in raw columns so that the index serves:
-- only those that the viewer may see whole.
create function visible.letter_words(viewer bigint) returns table (id bigint, search_key text) language sql stable as $$
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

create index letters_words on letters using gin (search_key gin_trgm_ops);
create index letters_address on letters using gin (lower(address) gin_trgm_ops);

-- Letters for which a job is still to run. What River's table looks like is for
-- migrations and package jobs to know.
create view letter_jobs as
  select (j.args ->> 'letter_id')::bigint as letter_id
  from river_job j
  where j.kind = 'send_letter' and j.state in ('available', 'pending', 'retryable', 'running', 'scheduled');

-- +goose Down
drop view letter_jobs;
drop index letters_address, letters_words;
drop function visible.letter_words, visible.letters;
