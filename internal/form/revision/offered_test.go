package revision_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/form"
	"daubang/internal/form/revision"
)

// TestWhatACallOffers: what another call's lists do not hold is taken out and
// named; the rest stands untouched.
func TestWhatACallOffers(t *testing.T) {
	t.Parallel()
	terms := form.Terms{Lists: map[string][]form.Option{
		form.Years: options("2028"), form.Quarters: options("2028-1"), form.HalfYears: options("2028-h1"), "task_groups": options("a", "b"),
	}}
	columns := []form.Column{
		{Key: "what", Kind: form.Line},
		{Key: "year", Kind: form.Choice, From: form.Years},
		{Key: "row", Kind: form.Choice, From: form.RowsOf + "other"},
		{Key: "own", Kind: form.Choice, Options: options("x")},
		{Key: "target", Kind: form.Measure, Each: form.HalfYears},
	}
	for name, c := range map[string]struct {
		q          form.Question
		typed      form.Answer
		kept, left form.Answer
	}{
		"a text":               {form.Question{Kind: form.Text}, text("2027"), text("2027"), form.Answer{}},
		"a largest number":     {form.Question{Kind: form.Number, From: "months_max"}, text("99"), text("99"), form.Answer{}},
		"offered":              {form.Question{Kind: form.Choice, From: form.Years}, text("2028"), text("2028"), form.Answer{}},
		"not offered":          {form.Question{Kind: form.Choice, From: form.Years}, text("2027"), form.Answer{}, text("2027")},
		"some of them":         {form.Question{Kind: form.Choices, From: "task_groups"}, values("a", "c"), values("a"), values("c")},
		"none of them":         {form.Question{Kind: form.Choices, From: "task_groups"}, values("c"), form.Answer{}, values("c")},
		"the form's own":       {form.Question{Kind: form.Choices, Options: options("z")}, values("gone"), values("gone"), form.Answer{}},
		"a row that fits":      {form.Question{Kind: form.Table, Columns: columns}, rows(form.Row{"id": "1", "what": "x", "year": "2028", "row": "7", "own": "y", "target.2028-h1": "3"}), rows(form.Row{"id": "1", "what": "x", "year": "2028", "row": "7", "own": "y", "target.2028-h1": "3"}), form.Answer{}},
		"a cell of a row":      {form.Question{Kind: form.Table, Columns: columns}, rows(form.Row{"id": "1", "what": "x", "year": "2027"}, form.Row{"what": "y"}), rows(form.Row{"id": "1", "what": "x"}, form.Row{"what": "y"}), rows(form.Row{"id": "1", "what": "x", "year": "2027"})},
		"a column of the past": {form.Question{Kind: form.Logframe, Columns: columns}, rows(form.Row{"what": "x", "target.2027-h2": "3"}), rows(form.Row{"what": "x"}), rows(form.Row{"what": "x", "target.2027-h2": "3"})},
		"nothing else in it":   {form.Question{Kind: form.Table, Columns: columns}, rows(form.Row{"id": "1", "year": "2027"}), form.Answer{}, rows(form.Row{"id": "1", "year": "2027"})},
	} {
		c.q.Key = "q"
		typed := form.Content{"s": {"q": c.typed}, "other": {"hidden": text("x")}}
		got, asides := revision.Offered(one(c.q), typed, terms)
		if diff := cmp.Diff(c.kept, got["s"]["q"]); diff != "" {
			t.Errorf("%s keeps: %s", name, diff)
		}
		if _, there := got["s"]["q"]; there != !c.kept.Empty() {
			t.Errorf("%s: an empty answer is one", name)
		}
		if got["other"]["hidden"].Text != "x" || !typed["s"]["q"].Equal(c.typed) {
			t.Errorf("%s: something else was changed", name)
		}
		var left form.Answer
		for _, a := range asides {
			if left = a.Answer; a.Why != revision.Option || a.Section != "s" || a.Question != "q" || a.Label.Vi != "Q" {
				t.Errorf("%s: %v", name, a)
			}
		}
		if diff := cmp.Diff(c.left, left); diff != "" || len(asides) > 1 {
			t.Errorf("%s leaves: %s", name, diff)
		}
	}
}
