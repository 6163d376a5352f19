// Package audit keeps the portal's memory of who did what, and when.
//
// Events are only ever added. Those of one subject form a chain: each carries
// the SHA-256 of the one before, so a change in the middle shows (schema:
// function append_event). Nothing here decides anything; the concepts do.
package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/pg"
)

// Act is one deliberate act by one person: who, and at what moment. Every
// function that changes the record takes one, so rules about deadlines and
// entries in the log can never disagree about the time.
type Act struct {
	By int64 // a people.ID, 0 for the portal itself; people live a storey above
	At time.Time
}

// Detail is what else an event should remember: small, and never a secret, a
// password or the text of an answer.
type Detail map[string]any

// Record writes the act to the log, in the same transaction as its effect, and
// returns the event's id: what letters about it are unique by. The caller holds
// a lock on the subject, so that the chain does not fork.
func Record[ID ~int64](ctx context.Context, tx pgx.Tx, act Act, verb, subject string, id ID, detail Detail) (int64, error) {
	if detail == nil {
		detail = Detail{}
	}
	event, err := pg.Value[int64](ctx, tx, `
		select append_event(nullif($1::bigint, 0), $2, $3, $4, $5, $6)`,
		act.By, act.At, verb, subject, int64(id), detail)
	if err != nil {
		return 0, fmt.Errorf("recording %s of %s %d: %w", verb, subject, id, err)
	}
	return event, nil
}

// RecordAll is [Record] of the same verb about many subjects, in one statement;
// the events come back in the order of ids.
func RecordAll[ID ~int64](ctx context.Context, tx pgx.Tx, act Act, verb, subject string, ids []ID, detail Detail) ([]int64, error) {
	if detail == nil {
		detail = Detail{}
	}
	events, err := pg.Values[int64](ctx, tx, `
		select append_event(nullif(@by::bigint, 0), @at, @verb, @subject, s.id, @detail)
		from unnest(@ids::bigint[]) with ordinality as s (id, n)
		order by s.n`,
		pgx.StrictNamedArgs{"by": act.By, "at": act.At, "verb": verb, "subject": subject, "ids": ids, "detail": detail})
	if err != nil {
		return nil, fmt.Errorf("recording %s of %d %ss: %w", verb, len(ids), subject, err)
	}
	return events, nil
}
