-- +goose Up
-- Two events more of a proposal's past: a section that was opened because an
-- answer came to ask for it, for both sides, and that an officer looked at the
-- account that was sent, for the office.
-- +goose StatementBegin
do $do$
begin
  execute replace(replace(pg_get_functiondef('visible.history(bigint)'::regprocedure),
    $a$p.view = 'officer' and e.verb in ('start', $a$, $a$p.view = 'officer' and e.verb in ('see_account', 'open_sections', 'start', $a$),
    $a$p.view = 'applicant' and e.verb in ('start', $a$, $a$p.view = 'applicant' and e.verb in ('open_sections', 'start', $a$);
end $do$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
do $do$
begin
  execute replace(replace(pg_get_functiondef('visible.history(bigint)'::regprocedure),
    $a$in ('see_account', 'open_sections', 'start', $a$, $a$in ('start', $a$),
    $a$in ('open_sections', 'start', $a$, $a$in ('start', $a$);
end $do$;
-- +goose StatementEnd
