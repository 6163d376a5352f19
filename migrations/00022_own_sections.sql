-- +goose Up

-- +goose StatementBegin
-- What is entrusted to oneself, wherever: for one's own list, which begins here
-- rather than at all that one may see.
create function visible.own_sections(viewer bigint)
returns table (proposal_id bigint, key text, due_on date) language sql stable as $$
  select a.proposal_id, a.key, a.due_on from section_assignments a where a.person_id = viewer
$$;
-- +goose StatementEnd

-- +goose Down
drop function visible.own_sections;
