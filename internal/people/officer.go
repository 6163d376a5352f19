package people

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

// FirstOfficer makes who acts the officer of a programme they have just
// drafted, so that somebody answers for it. Once it has officers, only an
// administrator names more.
func FirstOfficer(ctx context.Context, tx pgx.Tx, act audit.Act, programmeID int64) error {
	taken, err := pg.Value[bool](ctx, tx, `select exists (select from roles where role = 'officer' and programme_id = $1)`, programmeID)
	if err != nil {
		return fmt.Errorf("asking whose programme it is: %w", err)
	}
	if taken {
		return problem.Conflict
	}
	if _, err := pg.Value[ID](ctx, tx, `select id from people where id = $1 and disabled_at is null for update`, act.By); err != nil {
		return fmt.Errorf("finding the first officer: %w", err)
	}
	err = pg.Exec(ctx, tx, `
		insert into roles (person_id, role, programme_id, granted_by, granted_at) values ($1, 'officer', $2, $1, $3)`, act.By, programmeID, act.At)
	if err != nil {
		return fmt.Errorf("naming the first officer: %w", err)
	}
	_, err = audit.Record(ctx, tx, act, "grant", "person", ID(act.By), detail(Officer, Scope{ProgrammeID: programmeID}))
	return err
}
