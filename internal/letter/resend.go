package letter

import (
	"context"
	"errors"
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

// MaySend refuses who may send no letter again at all.
func MaySend(ctx context.Context, db pg.DB, viewer int64) error {
	may, err := pg.Value[bool](ctx, db, `select exists (select from visible.roles($1) r where r.person_id = $1 and r.role in ('officer', 'admin'))`, viewer)
	if err != nil {
		return fmt.Errorf("asking who may send letters: %w", err)
	}
	if !may {
		return problem.Because(problem.Forbidden, "letters.may_not_send")
	}
	return nil
}

// ResendFailed sends again the failed letters under f that the actor may, the
// oldest first, at most some hundreds at once, and says how many. Those that
// somebody else sends at the same moment are left to them.
func ResendFailed(ctx context.Context, tx pgx.Tx, act audit.Act, f Filter) (n int, err error) {
	if err := MaySend(ctx, tx, act.By); err != nil {
		return 0, err
	}
	f.State = Failed
	q := f.query(act.By)
	q.and(`l.may_send`, "most", batch)
	ids, err := pg.Values[ID](ctx, tx, `select l.id from visible.letters(@viewer) l`+q.clauses()+` order by l.queued_at, l.id limit @most`, q.args)
	if err != nil {
		return 0, fmt.Errorf("finding failed letters: %w", err)
	}
	for _, id := range ids {
		if err := again(ctx, tx, act, id); errors.Is(err, problem.Conflict) {
			continue
		} else if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
