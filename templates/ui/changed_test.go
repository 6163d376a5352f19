package ui_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"daubang/templates/ui"
)

// Whatever two texts are, what is left without what came is the first, and
// without what went the second.
func TestChangesAddUp(t *testing.T) {
	t.Parallel()
	words := rapid.SampledFrom([]string{"chị", "em", "họp", " ", "  ", "\n", "tuần", "tháng,", "😀"})
	rapid.Check(t, func(r *rapid.T) {
		before := strings.Join(rapid.SliceOf(words).Draw(r, "before"), "")
		after := strings.Join(rapid.SliceOf(words).Draw(r, "after"), "")
		var a, b strings.Builder
		for _, c := range ui.Changes(before, after) {
			if !c.New {
				a.WriteString(c.Text)
			}
			if !c.Gone {
				b.WriteString(c.Text)
			}
		}
		if a.String() != before || b.String() != after {
			r.Fatalf("%q and %q become %q and %q", before, after, a.String(), b.String())
		}
	})
}
