-- +goose Up

-- An extension for places is for the organisations that stood there when it came
-- to hold, and for those that registered there since: who was told of it keeps
-- it, wherever the record moves, and moving there afterwards gains nobody time.
alter table extensions add column stood bigint[] not null default '{}'; -- organisations; see extension_stood

-- +goose StatementBegin
create function extension_stood(provinces text[], communes text[]) returns bigint[] language sql stable as $$
  select coalesce(array_agg(o.id order by o.id), '{}')
  from organisations o left join places l on l.id = o.place_id
  where o.province_code = any(provinces) or l.level = 3 and l.code = any(communes)
$$;
-- +goose StatementEnd

update extensions set stood = extension_stood(provinces, communes) where confirmed_at is not null and cardinality(provinces) + cardinality(communes) > 0;

-- +goose StatementBegin
create or replace function extension_concerns(e extensions, organisation bigint) returns boolean language sql stable as $$
  select e.whole or organisation = any(e.organisations) or organisation = any(e.stood) or exists (
    select from organisations o left join places l on l.id = o.place_id
    where o.id = organisation and (e.confirmed_at is null or o.created_at > e.confirmed_at)
      and (o.province_code = any(e.provinces) or l.level = 3 and l.code = any(e.communes)))
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function extension_concerns(e extensions, organisation bigint) returns boolean language sql stable as $$
  select e.whole or organisation = any(e.organisations) or exists (
    select from organisations o left join places l on l.id = o.place_id
    where o.id = organisation and (o.province_code = any(e.provinces) or l.level = 3 and l.code = any(e.communes)))
$$;
-- +goose StatementEnd
drop function extension_stood;
alter table extensions drop column stood;
