package letter

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

// Resend sends a failed letter again. Officers of its programme and admins may.
func Resend(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	may, err := pg.Value[bool](ctx, tx, `select l.may_send from visible.letters($1) l where l.id = $2`, act.By, id)
	if err != nil {
		return fmt.Errorf("finding letter %s: %w", id, err)
	}
	if !may {
		return problem.Because(problem.Forbidden, "letters.may_not_send")
	}
	return again(ctx, tx, act, id)
}

// again locks a failed letter, records that somebody sends it again, and
// queues its job.
func again(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	state, err := pg.Value[State](ctx, tx, `select state from letters where id = $1 for update`, id)
	if err != nil {
		return fmt.Errorf("locking letter %s: %w", id, err)
	}
	if state != Failed {
		return problem.Because(problem.Conflict, "letters.not_failed")
	}
	if err := pg.Exec(ctx, tx, `update letters set state = 'queued', lease_until = null where id = $1`, id); err != nil {
		return fmt.Errorf("queueing letter %s again: %w", id, err)
	}
	if _, err := audit.Record(ctx, tx, act, "resend", "letter", id, nil); err != nil {
		return err
	}
	return send(ctx, tx, []ID{id})
}

// ResendFailed sends again the failed letters under f that the actor may, the
// oldest first, at most some hundreds at once, and says how many.
func ResendFailed(ctx context.Context, tx pgx.Tx, act audit.Act, f Filter) (int, error) {
	f.State = Failed
	q := f.query(act.By)
	q.and(`l.may_send and l.id not in (select j.letter_id from letter_jobs j) and @most > 0`, "most", batch)
	ids, err := pg.Values[ID](ctx, tx, `
		select l.id from visible.letters(@viewer) l`+q.clauses()+` order by l.queued_at, l.id limit @most`, q.args)
	if err != nil {
		return 0, fmt.Errorf("finding failed letters: %w", err)
	}
	for _, id := range ids {
		if err := again(ctx, tx, act, id); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}
