package demo_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/demo"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
)

var now = time.Date(2027, 2, 14, 2, 0, 0, 0, time.UTC)

// TestLoad plays the demo: everything in it is done by the portal's own
// functions, so a demo that loads has walked through all of them.
func TestLoad(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	if err := demo.Load(t.Context(), db, now); err != nil {
		t.Fatal(err)
	}
	if err := demo.Load(t.Context(), db, now.Add(time.Hour)); err != nil {
		t.Fatalf("a second start: %v", err)
	}
	type row struct {
		Status string
		N      int
	}
	got, err := pg.All[row](t.Context(), db, `select status, count(*)::int as n from proposals group by status order by status`)
	if err != nil {
		t.Fatal(err)
	}
	want := []row{{"approved", 1}, {"conditional", 1}, {"declined", 1}, {"draft", 1}, {"in_review", 3}, {"returned", 1}, {"submitted", 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n, err := pg.Value[int](t.Context(), db, `select count(*)::int from programmes where status = 'published'`); err != nil || n != 5 {
		t.Errorf("%d programmes, %v", n, err)
	}
}
