-- +goose Up

-- The applicant reads in the life of a proposal that it was begun with an earlier
-- one; what said so before had come too late to be heard.
-- +goose StatementBegin
do $do$
declare
  was text := pg_get_functiondef('visible.history(bigint)'::regprocedure);
begin
  if position($a$'clone', 'submit', 'reopen', $a$ in was) = 0 then
    execute replace(was, $a$'submit', 'reopen', $a$, $a$'clone', 'submit', 'reopen', $a$);
  end if;
end $do$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
do $do$
begin
  execute replace(pg_get_functiondef('visible.history(bigint)'::regprocedure), $a$'clone', 'submit', 'reopen', $a$, $a$'submit', 'reopen', $a$);
end $do$;
-- +goose StatementEnd
