package desk_test

import (
	"strings"
	"testing"

	"daubang/internal/desk"
	"daubang/internal/people"
	"daubang/internal/ref"
)

// TestCursorOfOthers: what no page of the list wrote begins at the beginning,
// whatever the sort, forwards and backwards.
func TestCursorOfOthers(t *testing.T) {
	t.Parallel()
	ctx, db, w := newWorld(t)
	officer, id := people.ID(w.People["PO"]), ref.Of(w.Proposal["submitted"])
	tails := []string{
		"", "x", "aaaa", "2027-01-01", "infinity", "NaN", "1e9", "0x1p4", "1_000", "99999999999999999999", "--1", strings.Repeat("9", 5_000),
		strings.Repeat("a", 5_000), "a\x00b", "\xff\xfe", "' or true --", "-4713-01-01 00:00:00+00", "2027-13-40 00:00:00+00",
	}
	for _, sort := range []desk.Sort{desk.Newest, desk.Score, desk.Amount, desk.Title} {
		first, err := desk.List(ctx, db, officer, desk.Filter{Sort: sort}, "", false)
		if err != nil || len(first.Lines) == 0 {
			t.Fatalf("by %s: %d lines (%v)", sort, len(first.Lines), err)
		}
		for _, tail := range tails {
			for _, start := range []string{id, "aaaaaaaaaaaaaaaa", "bk07nasyn6x0", "", "iiiiiiiiiiii"} {
				for _, back := range []bool{false, true} {
					if _, err := desk.List(ctx, db, officer, desk.Filter{Sort: sort}, start+tail, back); err != nil {
						t.Errorf("by %s from %q, back %t: %v", sort, start+tail, back, err)
					}
				}
			}
		}
		if sort == desk.Title {
			continue // of a title anything may be one
		}
		p, err := desk.List(ctx, db, officer, desk.Filter{Sort: sort}, id+"aaaa", false)
		if err != nil || p.First != 1 || p.Lines[0].ID != first.Lines[0].ID {
			t.Errorf("by %s a mangled cursor shows a page from %d (%v), want the first", sort, p.First, err)
		}
	}
}
