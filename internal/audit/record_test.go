package audit_test

import (
	"testing"
	"time"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/ref"
)

// Events of one subject form a chain whether they were recorded one by one or
// many at a time, and the ids come back in the order they were asked for.
func TestRecord(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	act := audit.Act{At: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
	subjects := []int64{ref.New[int64](), ref.New[int64](), ref.New[int64]()}
	first, err := audit.Record(ctx, tx, act, "start", "thing", subjects[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	events, err := audit.RecordAll(ctx, tx, act, "go", "thing", subjects, audit.Detail{"why": "chờ"})
	if err != nil || len(events) != len(subjects) {
		t.Fatal(events, err)
	}
	for i, e := range events {
		if got, err := pg.Value[int64](ctx, tx, `select subject_id from audit_events where id = $1 and verb = 'go'`, e); err != nil || got != subjects[i] {
			t.Errorf("event %d is about %d, %v; want %d", i, got, err, subjects[i])
		}
	}
	linked, err := pg.Value[bool](ctx, tx, `
		select n.prev_hash = p.hash and n.seq = 2 and n.hash = event_hash(n.prev_hash, n.subject, n.subject_id, n.seq, n.person_id, n.at, n.verb, n.detail)
		from audit_events p, audit_events n where p.id = $1 and n.id = $2`, first, events[1])
	if err != nil || !linked {
		t.Errorf("the second event does not follow the first: %v", err)
	}
	if none, err := audit.RecordAll(ctx, tx, act, "go", "thing", []int64{}, nil); err != nil || len(none) != 0 {
		t.Error(none, err)
	}
}
