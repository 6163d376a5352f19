-- +goose Up

-- One organisation has a tax code. Where several were registered with the same,
-- the oldest keeps it; the others lose it, which their past says, and their
-- people or the office enter the right one.
-- +goose StatementBegin
do $do$
declare copy record;
begin
  for copy in
    select o.id, o.tax_code from organisations o
    where o.tax_code <> ''
      and exists (select from organisations older where older.tax_code = o.tax_code and (older.created_at, older.id) < (o.created_at, o.id))
    order by o.created_at, o.id
  loop
    update organisations set tax_code = '', search_key = replace(search_key, copy.tax_code, '') where id = copy.id;
    perform append_event(null, now(), 'clear_tax_code', 'organisation', copy.id, jsonb_build_object('tax_code', copy.tax_code));
  end loop;
end $do$;
-- +goose StatementEnd
create unique index organisations_tax_code on organisations (tax_code) where tax_code <> '';

-- +goose Down
drop index organisations_tax_code;
