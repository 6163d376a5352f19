-- +goose Up
-- Late reviews are counted from the index alone; what each reviewer has to do is
-- kept in review_tallies and counted from no index any more.
create index assignments_late on assignments (due_at) include (proposal_id, state) where state in ('invited', 'accepted');
drop index assignments_due, assignments_load;

-- +goose Down
create index assignments_due on assignments (due_at) where state in ('invited', 'accepted');
create index assignments_load on assignments (proposal_id) include (reviewer_id, state);
drop index assignments_late;
