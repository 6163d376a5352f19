-- +goose Up

-- +goose StatementBegin
-- Whose affair a file is: the heads and writers of the organisation whose proposal
-- it belongs to; of a paper its heads, who alone may change it.
create function document_keepers(document bigint) returns table (person_id bigint) language sql stable as $$
  select m.person_id
  from documents d
  left join proposals p on p.id = d.proposal_id
  join members m on m.organisation_id = coalesce(d.organisation_id, p.organisation_id)
  where d.id = document and (m.role = 'head' or (m.role = 'writer' and d.proposal_id is not null))
$$;
-- +goose StatementEnd

-- +goose Down
drop function document_keepers;
