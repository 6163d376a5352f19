-- +goose Up

-- Whom a change of a proposal concerns among its reviewers: asked, and not said
-- no. For letters only; who may see assignments is visible.assignments.
create view visible.active_reviewers as
  select proposal_id, reviewer_id as person_id from assignments where state in ('invited', 'accepted', 'sent');

-- +goose Down
drop view visible.active_reviewers;
