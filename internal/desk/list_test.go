package desk_test

import (
	"context"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/desk"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/portaltest"
	"daubang/internal/proposal"
)

// multiply makes n proposals like the one that was sent, of which every second
// is about the market, and one is about the ferry.
func multiply(ctx context.Context, t *testing.T, db *pgxpool.Pool, w portaltest.World, n int) {
	t.Helper()
	_, err := db.Exec(ctx, `
		insert into proposals (call_id, programme_id, organisation_id, reference, title, status, organisation_name, organisation_kind, province_code,
		  search_key, created_by, created_at, updated_at, submitted_at)
		select call_id, programme_id, organisation_id, 'LIST-' || i, 'Title ' || i, status, organisation_name, organisation_kind, province_code,
		  'list ' || i || case when i = 77 then ' chuyen do ngang' when i % 2 = 0 then ' phien cho vung cao' else ' lop hoc toi' end,
		  created_by, created_at, updated_at, submitted_at - i / 3 * interval '1 minute'
		from proposals, generate_series(1, $2) i where id = $1`, w.Proposal["submitted"], n)
	if err != nil {
		t.Fatal(err)
	}
}

// walk reads the list page by page to its end and back again, and returns the
// ids in order.
func walk(ctx context.Context, t *testing.T, db *pgxpool.Pool, who people.ID, f desk.Filter) []proposal.ID {
	t.Helper()
	var there, back []proposal.ID
	var last string
	for cursor := ""; ; {
		p, err := desk.List(ctx, db, who, f, cursor, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Lines {
			there = append(there, l.ID)
		}
		if p.Next == "" {
			last = p.Prev
			back = append(back, there[len(there)-len(p.Lines):]...)
			break
		}
		cursor = p.Next
	}
	for last != "" {
		p, err := desk.List(ctx, db, who, f, last, true)
		if err != nil {
			t.Fatal(err)
		}
		var ids []proposal.ID
		for _, l := range p.Lines {
			ids = append(ids, l.ID)
		}
		back = append(ids, back...)
		last = p.Prev
	}
	if !slices.Equal(there, back) {
		t.Errorf("forwards there are %d lines, backwards %d, or in another order", len(there), len(back))
	}
	return there
}

// TestSearch: a common word is found by another way than a rare one; both find
// every line once, in the order of the sort, under the filter.
func TestSearch(t *testing.T) {
	t.Parallel()
	ctx, db, w := newWorld(t)
	multiply(ctx, t, db, w, 2_300)
	officer := people.ID(w.People["PO"])
	for _, c := range []struct {
		text  string
		total int
		more  bool
		lines int
	}{
		{"phiên chợ", 1_000, true, 1_150},
		{"vùng cao phiên chợ", 1_000, true, 1_150},
		{"chuyến đò", 1, false, 1},
		{"chuyến đò ngang list 77", 1, false, 1},
		{"phiên chợ đò", 0, false, 0},
	} {
		for _, sort := range []desk.Sort{desk.Newest, desk.Title} {
			f := desk.Filter{Text: c.text, Sort: sort}
			p, err := desk.List(ctx, db, officer, f, "", false)
			if err != nil || p.Total != c.total || p.More != c.more {
				t.Errorf("%q counts %d, more %t (%v); want %d, %t", c.text, p.Total, p.More, err, c.total, c.more)
			}
			ids := walk(ctx, t, db, officer, f)
			if len(ids) != c.lines {
				t.Errorf("%q by %s lists %d lines, want %d", c.text, sort, len(ids), c.lines)
			}
			var all []proposal.ID // as the export has them
			for l, err := range desk.All(ctx, db, officer, f) {
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, l.ID)
			}
			if !slices.Equal(ids, all) {
				t.Errorf("%q by %s: the list and the export differ", c.text, sort)
			}
		}
	}
	// The office of another programme finds nothing of it.
	n, err := desk.List(ctx, db, people.ID(w.People["PX"]), desk.Filter{Text: "phiên chợ"}, "", false)
	if err != nil || n.Total != 0 || len(n.Lines) != 0 {
		t.Errorf("PX finds %d (%v)", n.Total, err)
	}
	if held, err := pg.Value[int](ctx, db, `select count(*)::int from proposals where search_key like 'list %'`); err != nil || held != 2_300 {
		t.Fatalf("the world holds %d (%v)", held, err)
	}
}
