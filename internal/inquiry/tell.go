package inquiry

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
)

// Tell writes to the officers of each call about which something was asked since
// they were told last: one letter, however many questions there are. It returns
// how many questions they are told of; each is told of once.
func Tell(ctx context.Context, tx pgx.Tx, act audit.Act) (int, error) {
	type asked struct {
		ID     ID
		CallID call.ID
	}
	fresh, err := pg.All[asked](ctx, tx, `
		update inquiries set told_at = $1 where told_at is null and state = 'open' returning id, call_id`, act.At)
	if err != nil {
		return 0, fmt.Errorf("finding questions nobody was told of: %w", err)
	}
	slices.SortFunc(fresh, func(a, b asked) int { return int(min(max(int64(a.CallID-b.CallID), -1), 1)) })
	for i, q := range fresh {
		if i > 0 && fresh[i-1].CallID == q.CallID {
			continue
		}
		c, err := call.Get(ctx, tx, 0, q.CallID)
		if err != nil {
			return 0, err
		}
		event, err := audit.Record(ctx, tx, act, "tell", "inquiry", q.ID, audit.Detail{"call": c.ID.String()})
		if err != nil {
			return 0, err
		}
		to, err := people.Officers(ctx, tx, int64(c.ProgrammeID))
		if err != nil {
			return 0, err
		}
		about := letter.About{ProgrammeID: int64(c.ProgrammeID), Refs: map[string]any{"call": c.ID.String()}}
		if err := people.Write(ctx, tx, act, event, letter.InquiriesAsked, about, to...); err != nil {
			return 0, err
		}
	}
	return len(fresh), nil
}
