-- +goose Up

-- A form that was sent after its session had ended waits here, sealed, until its
-- sender has signed in again; see package kept. It never waits long.
create table kept_forms (
  id            bigint primary key default new_id(),
  person_id     bigint references people on delete cascade, -- whose session it was; null: the browser had lost even that
  browser_hash  bytea not null,                             -- SHA-256 of the cookie that the browser was given
  origin_hash   bytea not null,                             -- of the network address
  form          bytea not null check (octet_length(form) <= 600000), -- sealed
  kept_at       timestamptz not null,
  expires_at    timestamptz not null
);
create index kept_forms_person on kept_forms (person_id, kept_at);
create index kept_forms_browser on kept_forms (browser_hash, kept_at);
create index kept_forms_expiry on kept_forms (expires_at);
create index kept_forms_nobodys on kept_forms (origin_hash, expires_at) where person_id is null;

-- +goose Down
drop table kept_forms;
