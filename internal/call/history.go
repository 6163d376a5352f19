package call

import (
	"context"
	"encoding/json"
	"time"

	"daubang/internal/people"
	"daubang/internal/pg"
)

// Event is one entry of a call's log, as the desk reads it.
type Event struct {
	At     time.Time
	Verb   string
	Who    *string // nil: the portal itself
	Detail map[string]json.RawMessage
}

// Changed lists what an edit or amendment changed, field by field; other events
// have none.
func (e Event) Changed() map[string]Change {
	all := map[string]Change{}
	for field, b := range e.Detail {
		var c Change
		if json.Unmarshal(b, &c) == nil && (c.From != nil || c.To != nil) {
			all[field] = c
		}
	}
	return all
}

// History is a call's log, the latest first: for the officers of its programme
// and auditors, and empty for everybody else.
func History(ctx context.Context, db pg.DB, viewer people.ID, id ID) ([]Event, error) {
	return pg.All[Event](ctx, db, `
		select at, verb, who, detail from visible.call_events($1) where call_id = $2 order by at desc, id`, viewer, id)
}
