package bench

import (
	"testing"

	"daubang/internal/demo"
	"daubang/internal/pgtest"
)

// budget is how many statements a page may send.
const budget = 12

// actBudget is how many statements sending a proposal may take, with the
// beginning and end of its transaction, its audit and its letters.
const actBudget = 20

// TestPages holds every page of the main job to its budget of statements, to the
// same number however many rows there are, and to its weight.
func TestPages(t *testing.T) {
	t.Parallel()
	few := build(t, pgtest.New(t), demo.Volume{Proposals: 60, Reviews: 120, Seed: 5})
	many := build(t, pgtest.New(t), demo.Volume{Proposals: 240, Reviews: 720, Seed: 5})
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			var n [2]int
			for i, w := range []*world{few, many} {
				w.mustGet(t, p.of(w)) // what is read once and kept is
				n[i] = w.watch.count(func() { w.mustGet(t, p.of(w)) })
			}
			if n[0] > budget || n[1] > budget {
				t.Errorf("%d and %d queries, want at most %d", n[0], n[1], budget)
			}
			if n[0] != n[1] {
				t.Errorf("%d queries over few rows, %d over many", n[0], n[1])
			}
			if n[1] == 0 {
				t.Error("no query was counted")
			}
			few.checkWeight(t, p)
		})
	}
	t.Run("submitting", func(t *testing.T) {
		for _, w := range []*world{few, many} {
			w.giveBack(t, w.twice)
			if n := w.watch.count(func() { w.mustPost(t, w.sending()) }); n == 0 || n > actBudget {
				t.Errorf("%d statements, want at most %d", n, actBudget)
			}
		}
	})
}
