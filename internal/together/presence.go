package together

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

// presentFor is how long somebody counts as writing after the last sign of it.
const presentFor = 5 * time.Minute

// seldom is how often a sign is worth writing down.
const seldom = 20 * time.Second

// Presence is a colleague who has a section in hand just now: their browser
// said so, or they saved something, within the last five minutes.
type Presence struct {
	Key    string
	Name   string
	SeenAt time.Time
}

// Minutes is how many whole minutes ago the last sign was.
func (p Presence) Minutes(now time.Time) int { return max(0, int(now.Sub(p.SeenAt)/time.Minute)) }

// Seen notes that the actor has a section in hand, seldom enough to cost
// nothing. It refuses who may not write it now, and what the form does not have. The proposal is not locked:
// nothing depends on it.
func Seen(ctx context.Context, tx pgx.Tx, act audit.Act, id proposal.ID, key string) error {
	p, err := proposal.ToWrite(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return err
	}
	asks, err := form.Asks(ctx, tx, p.FormID)
	if err != nil {
		return err
	}
	if _, ok := asks.Section(key); !ok {
		return problem.NotFound
	}
	if err := proposal.WhyNotEditable(ctx, tx, people.ID(act.By), p, key, act.At); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		insert into presences (proposal_id, key, person_id, seen_at) values ($1, $2, $3, $4)
		on conflict (proposal_id, key, person_id) do update set seen_at = excluded.seen_at where presences.seen_at < excluded.seen_at - $5::interval`,
		id, key, act.By, act.At, seldom); err != nil {
		return fmt.Errorf("noting who writes proposal %s: %w", id, err)
	}
	return nil
}

// Forget drops signs that nobody looks at any more.
func Forget(ctx context.Context, tx pgx.Tx, before time.Time) error {
	if _, err := tx.Exec(ctx, `delete from presences where seen_at < $1`, before); err != nil {
		return fmt.Errorf("forgetting who wrote: %w", err)
	}
	return nil
}
