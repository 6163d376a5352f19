package decision_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/decision"
	"daubang/internal/people"
	"daubang/internal/pgtest"
)

// drawn is a ranking as a reader sees it: rank, name, mean, spread, flags, sum
// in millions.
func drawn(rows []decision.Row) string {
	var b strings.Builder
	for _, r := range rows {
		name, _, _ := strings.Cut(r.Reference, "-")
		mean := "-"
		if r.Mean != nil {
			mean = r.Mean.In("en")
		}
		var under []string
		for _, c := range r.Under {
			under = append(under, c.Key)
		}
		fmt.Fprintf(&b, "%d %s %s ±%s %d/%d [%s] %d\n", r.Rank, name, mean, r.Spread().In("en"), r.Sent, r.Assigned, strings.Join(under, " "), r.Sum/1_000_000)
	}
	return b.String()
}

func TestRanking(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.proposal(t, "none", nil, nil)
	w.proposal(t, "split", []int{5, 3}, nil)                                                                // 80, 40 apart
	w.proposal(t, "even", []int{4, 4}, nil)                                                                 // 80, tied with split on everything
	w.proposal(t, "gender", []int{4}, map[string]int{"gender_analysis": 5, "fit": 3})                       // 80, wins on gender analysis
	w.proposal(t, "safe", []int{4}, map[string]int{"safeguarding": 5, "priority": 3})                       // 80, then on safeguarding
	w.proposal(t, "low", []int{2}, nil)                                                                     // 40, under every minimum
	w.proposal(t, "weak", []int{3}, map[string]int{"gender_analysis": 2, "capacity": 2, "safeguarding": 3}) // 55
	second := w.call
	w.call = w.newCall(t)
	w.proposal(t, "elsewhere", []int{5}, nil)
	w.call = second

	rows, all, err := decision.Ranking(ctx, w.tx, w.officer, w.call, w.definition, 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	want := `1 gender 80 ±0 1/1 [] 300
2 safe 80 ±0 1/1 [] 600
3 even 80 ±0 2/2 [] 900
3 split 80 ±40 2/2 [] 1200
5 weak 55 ±0 1/1 [gender_analysis capacity] 1500
6 low 40 ±0 1/1 [gender_analysis capacity safeguarding] 1800
0 none - ±0 0/0 [] 2100
`
	if diff := cmp.Diff(want, drawn(rows)); diff != "" {
		t.Errorf("ranking (-want +got):\n%s", diff)
	}
	part, _, err := decision.Ranking(ctx, w.tx, w.officer, w.call, w.definition, 3, 2)
	if err != nil || all != 7 {
		t.Fatalf("%d rows in all, %v", all, err)
	}
	if diff := cmp.Diff(strings.Join(strings.SplitAfter(want, "\n")[3:5], ""), drawn(part)); diff != "" {
		t.Errorf("a page of the ranking (-want +got):\n%s", diff)
	}
	for name, tt := range map[string]struct {
		who people.ID
		n   int
	}{"chair": {w.chair, 7}, "auditor": {w.auditor, 7}, "head": {w.head, 0}, "stranger": {w.stranger, 0}, "nobody": {0, 0}} {
		if rows, _, err := decision.Ranking(ctx, w.tx, tt.who, w.call, w.definition, 0, 50); err != nil || len(rows) != tt.n {
			t.Errorf("%s reads %d rows, want %d; %v", name, len(rows), tt.n, err)
		}
	}
	w.join(t, w.officer, "reader")
	if rows, _, err := decision.Ranking(ctx, w.tx, w.officer, w.call, w.definition, 0, 50); err != nil || len(rows) != 0 {
		t.Errorf("an officer of the applicant reads %d rows; %v", len(rows), err)
	}
}

// What is decided takes its amount, not what was asked.
func TestRankingAddsUpDecisions(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	a, b := w.proposal(t, "A", []int{5}, nil), w.proposal(t, "B", []int{4}, nil)
	w.proposal(t, "C", []int{3}, nil)
	w.stage(t, a, grant(100_000_000))
	w.stage(t, b, decision.Content{Outcome: decision.Declined, Reason: "x"})
	rows, _, err := decision.Ranking(ctx, w.tx, w.officer, w.call, w.definition, 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	if rows[0].Sum != 100_000_000 || rows[1].Sum != 100_000_000 || rows[2].Sum != 400_000_000 {
		t.Errorf("sums %d %d %d", rows[0].Sum, rows[1].Sum, rows[2].Sum)
	}
	if rows[0].Staged == nil || rows[2].Staged != nil || rows[0].Released != nil {
		t.Errorf("decisions stand at the wrong rows: %+v", rows)
	}
}
