-- +goose Up
-- When the office was told by letter of an inquiry; null: not yet. What was asked
-- before there was such a letter counts as told.
alter table inquiries add column told_at timestamptz;
update inquiries set told_at = asked_at;
create index inquiries_untold on inquiries (call_id) where told_at is null and state = 'open';

-- +goose Down
drop index inquiries_untold;
alter table inquiries drop column told_at;
