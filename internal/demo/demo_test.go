package demo_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/demo"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
)

var now = time.Date(2027, 2, 14, 2, 0, 0, 0, time.UTC)

var secret = people.Key("a secret of the tests, long enough")

// TestLoad plays the demo: everything in it is done by the portal's own
// functions, so a demo that loads has walked through all of them.
func TestLoad(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	if err := demo.Load(t.Context(), db, now, secret); err != nil {
		t.Fatal(err)
	}
	if err := demo.Load(t.Context(), db, now.Add(time.Hour), secret); err != nil {
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
	for what, sql := range map[string]string{
		"passports with a part that waits": `select count(distinct organisation_id)::int from visible.passport_parts((select id from people where email_key = 'ha@demo.example')) where state = 'new' and kind in ('signatory', 'bank')`,
		"papers that end within a month":   `select count(*)::int from organisation_papers where expires_on between '2027-02-14' and '2027-03-14'`,
		"co-applicants that confirmed":     `select count(*)::int from co_applicants where state = 'confirmed'`,
		"co-applicants that were invited":  `select count(*)::int from co_applicants where state = 'invited'`,
		"proposals with two versions":      `select count(*)::int from submissions where number = 2`,
		"sections that are with somebody":  `select count(*)::int from section_assignments`,
		"answered questions":               `select count(*)::int from inquiries where state = 'public'`,
	} {
		if n, err := pg.Value[int](t.Context(), db, sql); err != nil || n != 1 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
}
