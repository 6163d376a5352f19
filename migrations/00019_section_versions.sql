-- +goose Up

-- Which open page saved a section last: what a page saved itself is no change by
-- somebody else, however late the answer to its save arrives.
alter table proposal_sections add column saved_from text not null default '';

-- Every version of a section that was acknowledged, as what changed with it:
-- question → what stood then, {} for one that was emptied. What stood at a version
-- is, question by question, the last row at or before it.
create table section_versions (
  proposal_id  bigint not null references proposals on delete cascade,
  key          text not null,
  version      int not null,
  answers      jsonb not null,
  saved_from   text not null default '',
  saved_by     bigint not null references people,
  saved_at     timestamptz not null,
  primary key (proposal_id, key, version)
);

insert into section_versions (proposal_id, key, version, answers, saved_by, saved_at)
select proposal_id, key, version, answers, updated_by, updated_at from proposal_sections where answers <> '{}';

-- +goose StatementBegin
-- Whoever writes a section, by whatever way: its version is kept.
create function keep_section_version() returns trigger language plpgsql as $$
declare
  changed jsonb := coalesce((
    select jsonb_object_agg(q.key, coalesce(new.answers -> q.key, '{}'))
    from (select jsonb_object_keys(new.answers) union select jsonb_object_keys(coalesce(old.answers, '{}'))) q (key)
    where new.answers -> q.key is distinct from old.answers -> q.key), '{}');
begin
  if changed <> '{}' then
    insert into section_versions (proposal_id, key, version, answers, saved_from, saved_by, saved_at)
    values (new.proposal_id, new.key, new.version, changed, new.saved_from, new.updated_by, new.updated_at);
  end if;
  return null;
end $$;
-- +goose StatementEnd
create trigger proposal_sections_versions after insert or update of answers on proposal_sections
  for each row execute function keep_section_version();

-- What somebody wrote and then gave up for what another had saved: nobody's
-- words are thrown away.
create table section_asides (
  id           bigint primary key default new_id(),
  proposal_id  bigint not null references proposals on delete cascade,
  key          text not null,
  version      int not null,                     -- that was kept instead
  answers      jsonb not null,
  written_by   bigint not null references people,
  kept_at      timestamptz not null
);
create index section_asides_section on section_asides (proposal_id, key);

-- +goose StatementBegin
-- How a section came about is for those who write it, and for nobody else.
create function visible.section_versions(viewer bigint)
returns table (proposal_id bigint, key text, version int, answers jsonb, by_name text, at timestamptz, aside boolean) language sql stable as $$
  select v.proposal_id, v.key, v.version, v.answers, w.name, v.at, v.aside
  from (select proposal_id, key, version, answers, saved_by, saved_at, false from section_versions
        union all
        select proposal_id, key, version, answers, written_by, kept_at, true from section_asides) v (proposal_id, key, version, answers, person_id, at, aside)
  join visible.proposals(viewer) p on p.id = v.proposal_id
  join people w on w.id = v.person_id
  where p.view = 'applicant'
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.section_versions;
drop table section_asides;
drop trigger proposal_sections_versions on proposal_sections;
drop function keep_section_version;
drop table section_versions;
alter table proposal_sections drop column saved_from;
