-- +goose Up
-- A call that is moving to another form has its drafts moved in the same act; a
-- proposal that begins meanwhile waits, and begins in the new one.
-- +goose StatementBegin
create or replace function begin_in_form() returns trigger language plpgsql as $$
begin
  if new.form_id is null then
    select c.form_id into new.form_id from calls c where c.id = new.call_id for key share;
  end if;
  return new;
end $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function begin_in_form() returns trigger language plpgsql as $$
begin
  if new.form_id is null then
    select c.form_id into new.form_id from calls c where c.id = new.call_id;
  end if;
  return new;
end $$;
-- +goose StatementEnd
