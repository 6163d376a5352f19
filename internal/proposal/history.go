package proposal

import (
	"context"
	"fmt"
	"time"

	"daubang/internal/people"
	"daubang/internal/pg"
)

// Event is something that happened to a proposal, as far as a viewer may know.
type Event struct {
	EventID int64
	At      time.Time
	Verb    string // start, attach, detach, or a [Move]; for officers also what reviewers and the desk do
	Who     string // empty: the office, or nobody who may be named
	Whom    string // who was given something to do; empty: nobody
	Detail  map[string]any
}

// History is the life of a proposal as viewer may know it, the latest first.
func History(ctx context.Context, db pg.DB, viewer people.ID, id ID) ([]Event, error) {
	events, err := pg.All[Event](ctx, db, `
		select event_id, at, verb, coalesce(who, '') as who, coalesce(whom, '') as whom, detail from visible.history($1) where proposal_id = $2 order by seq desc`, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("reading history of proposal %d: %w", id, err)
	}
	return events, nil
}
