package review_test

import (
	"testing"
	"time"

	"daubang/internal/pgtest"
	"daubang/internal/review"
)

func TestQueue(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.open(t)
	w.assign(t, w.r1)
	for _, do := range []func(id review.ID) error{
		func(id review.ID) error { return review.Accept(ctx, w.tx, by(w.r1), id) },
		func(id review.ID) error { w.send2(t, id); return nil },
		func(id review.ID) error { return review.Decline(ctx, w.tx, by(w.r1), id, "Bận") },
		func(id review.ID) error { return review.DeclareConflict(ctx, w.tx, by(w.r1), id, "family", "") },
		func(review.ID) error { w.status(t, "withdrawn"); return nil },
	} {
		w.p = w.proposal(t, "in_review")
		if err := do(w.assign(t, w.r1)); err != nil {
			t.Fatal(err)
		}
	}
	w.p = w.proposal(t, "in_review")
	w.assign(t, w.r2)
	w.p = w.proposal(t, "eligible") // not open yet: nobody but the desk knows
	w.assign(t, w.r1)

	counts, err := review.Counts(ctx, w.tx, w.r1)
	if err != nil {
		t.Fatal(err)
	}
	for tray, want := range map[review.Tray]int{review.ToAnswer: 1, review.ToDo: 1, review.Done: 1, review.Closed: 3} {
		items, more, err := review.Queue(ctx, w.tx, w.r1, tray, "")
		if err != nil || more || len(items) != want || counts[tray] != want {
			t.Errorf("%s: %d items (more %t), counted %d, want %d; %v", tray, len(items), more, counts[tray], want, err)
		}
		for _, it := range items {
			hidden := it.State == review.Declined || it.State == review.Conflicted
			if (it.Title == "") != hidden || (it.Call().Vi == "") != hidden {
				t.Errorf("%s: %+v: title shown %t, want %t", tray, it, it.Title != "", !hidden)
			}
		}
	}
}

func (w *world) send2(t *testing.T, id review.ID) {
	t.Helper()
	if err := review.Accept(t.Context(), w.tx, by(w.r1), id); err != nil {
		t.Fatal(err)
	}
	w.send(t, w.r1, id, 4)
}

// Pages follow one another without gap or repeat, the soonest due first, and a
// cursor that was tampered with begins at the top.
func TestQueuePages(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	const n = review.PageSize*2 + 3
	for i := range n {
		w.p = w.proposal(t, "in_review")
		if _, err := review.Assign(ctx, w.tx, by(w.officer), w.p, w.r1, due.Add(time.Duration(i/2)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	seen, after := map[review.ID]bool{}, ""
	var last time.Time
	for {
		items, more, err := review.Queue(ctx, w.tx, w.r1, review.ToAnswer, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			if seen[it.ID] || it.DueAt.Before(last) {
				t.Fatalf("%s comes twice or too late", it.ID)
			}
			seen[it.ID], last, after = true, it.DueAt, it.Cursor()
		}
		if !more {
			break
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d seen", len(seen), n)
	}
	for _, broken := range []string{"x", "~", "0x1p3~zzzz", "NaN~", "1;drop~0", "1e9~"} {
		items, _, err := review.Queue(ctx, w.tx, w.r1, review.ToAnswer, broken)
		if err != nil || len(items) != review.PageSize {
			t.Errorf("cursor %q: %d items, %v", broken, len(items), err)
		}
	}
}
