package revision_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daubang/internal/form"
	"daubang/internal/form/revision"
	"daubang/internal/words"
)

var none form.Terms

func label(s string) words.Pair { return words.Pair{Vi: s, En: s} }

func options(values ...string) []form.Option {
	var all []form.Option
	for _, v := range values {
		all = append(all, form.Option{Value: v, Label: label(v)})
	}
	return all
}

func one(q form.Question) form.Definition {
	q.Label = label("Q")
	return form.Definition{Key: "f", Sections: []form.Section{{Key: "s", Questions: []form.Question{q}}}}
}

func text(s string) form.Answer { return form.Answer{Text: s} }

func values(v ...string) form.Answer { return form.Answer{Values: v} }

func rows(r ...form.Row) form.Answer { return form.Answer{Rows: r} }

func TestWhatFits(t *testing.T) {
	t.Parallel()
	table := func(most int, columns ...form.Column) form.Question {
		return form.Question{Key: "q", Kind: form.Table, MaxRows: most, Columns: columns}
	}
	of := func(k form.Kind, more ...string) form.Question {
		return form.Question{Key: "q", Kind: k, Options: options(more...)}
	}
	a, b := form.Column{Key: "a", Kind: form.Line}, form.Column{Key: "b", Kind: form.Line}
	for name, c := range map[string]struct {
		was, now   form.Question
		typed      form.Answer
		kept, left form.Answer
		why        revision.Reason
	}{
		"a longer limit":            {form.Question{Key: "q", Kind: form.Text, MaxWords: 1}, of(form.Text), text("hai từ"), text("hai từ"), form.Answer{}, ""},
		"a shorter limit":           {of(form.Text), form.Question{Key: "q", Kind: form.Text, MaxWords: 1}, text("hai từ"), text("hai từ"), form.Answer{}, ""},
		"a line to a text":          {of(form.Line), of(form.Text), text("x"), text("x"), form.Answer{}, ""},
		"a text of one line":        {of(form.Text), of(form.Line), text("x"), text("x"), form.Answer{}, ""},
		"a text of two lines":       {of(form.Text), of(form.Line), text("x\ny"), form.Answer{}, text("x\ny"), revision.Kind},
		"a line that is a number":   {of(form.Line), of(form.Number), text("1.200"), text("1.200"), form.Answer{}, ""},
		"a line that is none":       {of(form.Line), of(form.Number), text("nhiều"), form.Answer{}, text("nhiều"), revision.Kind},
		"an option withdrawn":       {of(form.Choice, "x", "y"), of(form.Choice, "y"), text("x"), form.Answer{}, values("x"), revision.Option},
		"an option that stays":      {of(form.Choice, "x", "y"), of(form.Choice, "y", "z"), text("y"), text("y"), form.Answer{}, ""},
		"one of several withdrawn":  {of(form.Choices, "x", "y"), of(form.Choices, "y"), values("x", "y"), values("y"), values("x"), revision.Option},
		"one becomes several":       {of(form.Choice, "x"), of(form.Choices, "x"), text("x"), values("x"), form.Answer{}, ""},
		"several become one":        {of(form.Choices, "x", "y"), of(form.Choice, "x", "y"), values("x"), text("x"), form.Answer{}, ""},
		"several were chosen":       {of(form.Choices, "x", "y"), of(form.Choice, "x", "y"), values("x", "y"), form.Answer{}, values("x", "y"), revision.Kind},
		"a promise is no answer":    {of(form.YesNo), of(form.Agree), text("yes"), form.Answer{}, text("yes"), revision.Kind},
		"a column gone":             {table(9, a, b), table(9, b), rows(form.Row{"a": "1", "b": "2"}, form.Row{"b": "3"}), rows(form.Row{"b": "2"}, form.Row{"b": "3"}), rows(form.Row{"a": "1", "b": "2"}), revision.Column},
		"a column more":             {table(9, a), table(9, a, b), rows(form.Row{"a": "1"}), rows(form.Row{"a": "1"}), form.Answer{}, ""},
		"fewer rows":                {table(9, a), table(1, a), rows(form.Row{"a": "1"}, form.Row{"a": "2"}), rows(form.Row{"a": "1"}), rows(form.Row{"a": "2"}), revision.Rows},
		"a table that is a budget":  {table(9, a), form.Question{Key: "q", Kind: form.Budget, Columns: []form.Column{a}}, rows(form.Row{"a": "1"}), form.Answer{}, rows(form.Row{"a": "1"}), revision.Kind},
		"a question not asked":      {of(form.Line), form.Question{Key: "other", Kind: form.Line}, text("x"), form.Answer{}, text("x"), revision.Gone},
		"a line of counts is gone":  {counts("total", "poor"), counts("total"), rows(count("r.total"), count("r.poor")), rows(count("r.total")), rows(count("r.poor")), revision.Line},
		"a list that is the call's": {form.Question{Key: "q", Kind: form.Choice, From: form.Targets}, form.Question{Key: "q", Kind: form.Choice, From: form.Targets, Required: true}, text("any"), text("any"), form.Answer{}, ""},
	} {
		got, asides := revision.Rebase(one(c.was), one(c.now), form.Content{"s": {"q": c.typed}}, none)
		if !got["s"]["q"].Equal(c.kept) {
			t.Errorf("%s: kept %v, want %v", name, got["s"]["q"], c.kept)
		}
		switch {
		case c.why == "" && len(asides) > 0:
			t.Errorf("%s: %v put aside", name, asides)
		case c.why != "" && (len(asides) != 1 || asides[0].Why != c.why || !asides[0].Answer.Equal(c.left)):
			t.Errorf("%s: put aside %v, want %v because of %s", name, asides, c.left, c.why)
		}
	}
}

func counts(lines ...string) form.Question {
	q := form.Question{Key: "q", Kind: form.Beneficiaries, Reaches: options("r")}
	for _, l := range lines {
		q.Counts = append(q.Counts, form.CountLine{Key: l, Label: label(l)})
	}
	return q
}

func count(line string) form.Row { return form.Row{form.LineCell: line, "female": "1"} }

func TestAMovedQuestionTakesItsAnswerAlong(t *testing.T) {
	t.Parallel()
	q := func(key string) form.Question { return form.Question{Key: key, Kind: form.Line, Label: label(key)} }
	from := form.Definition{Sections: []form.Section{{Key: "a", Questions: []form.Question{q("x"), q("y")}}, {Key: "b"}}}
	to := form.Definition{Sections: []form.Section{{Key: "a", Questions: []form.Question{q("y")}}, {Key: "b", Questions: []form.Question{q("x")}}}}
	got, asides := revision.Rebase(from, to, form.Content{"a": {"x": text("1"), "y": text("2")}}, none)
	if diff := cmp.Diff(form.Content{"a": {"y": text("2")}, "b": {"x": text("1")}}, got); diff != "" || len(asides) > 0 {
		t.Error(diff, asides)
	}
}

// drawn makes forms, changes to them, and answers.
type drawn struct{ *rapid.T }

func (d drawn) pick(name string, from ...string) string {
	return rapid.SampledFrom(from).Draw(d.T, name)
}

func (d drawn) some(name string, from ...string) []string {
	var some []string
	for _, v := range from {
		if rapid.Bool().Draw(d.T, name+" "+v) {
			some = append(some, v)
		}
	}
	return some
}

var kinds = []form.Kind{form.Line, form.Text, form.Number, form.Money, form.Date, form.Choice, form.Choices, form.YesNo, form.Agree, form.Files, form.Table, form.Beneficiaries}

func (d drawn) question(key string) form.Question {
	q := form.Question{Key: key, Kind: rapid.SampledFrom(kinds).Draw(d.T, "kind of "+key), Label: label(key), Required: rapid.Bool().Draw(d.T, "required")}
	switch q.Kind {
	case form.Choice, form.Choices:
		q.Options = options(append(d.some("option", "x", "y", "z"), "o")...)
	case form.Table:
		q.MaxRows = rapid.IntRange(1, 4).Draw(d.T, "rows")
		for _, c := range append(d.some("column", "c1", "c2"), "c3") {
			q.Columns = append(q.Columns, form.Column{Key: c, Label: label(c), Kind: rapid.SampledFrom([]form.Kind{form.Line, form.Text, form.Number, form.Flag}).Draw(d.T, "cell")})
		}
	case form.Beneficiaries:
		q.Reaches = options("r")
		for _, c := range append([]string{"total"}, d.some("line", "l1", "l2")...) {
			q.Counts = append(q.Counts, form.CountLine{Key: c, Label: label(c)})
		}
	default:
	}
	return q
}

// definition draws a form of some of the same keys, in any order.
func (d drawn) definition(name string) form.Definition {
	f := form.Definition{Key: name}
	keys := rapid.Permutation([]string{"a", "b", "c", "d", "e"}).Draw(d.T, name+" order")
	keys = keys[:rapid.IntRange(0, len(keys)).Draw(d.T, name+" questions")]
	for _, s := range append(d.some(name, "s1", "s2"), "s3") {
		n := rapid.IntRange(0, len(keys)).Draw(d.T, "in "+s)
		section := form.Section{Key: s, Title: label(s)}
		for _, k := range keys[:n] {
			section.Questions = append(section.Questions, d.question(k))
		}
		keys = keys[n:]
		f.Sections = append(f.Sections, section)
	}
	return f
}

func (d drawn) answer(q form.Question) form.Answer {
	cell := func() string { return d.pick("typed", "", "12", "nhiều", "01/06/2027", "hai\ndòng", "yes") }
	switch q.Kind {
	case form.Files:
		return form.Answer{}
	case form.Choice:
		return form.Answer{Text: d.pick("picked", "", "o", "x")}
	case form.Choices:
		return form.Answer{Values: d.some("picked", "o", "x", "y")}
	case form.Table:
		var all []form.Row
		for range rapid.IntRange(0, q.MaxRows).Draw(d.T, "typed rows") {
			row := form.Row{}
			for _, c := range q.Columns {
				if v := cell(); v != "" {
					row[c.Key] = v
				}
			}
			if len(row) > 0 {
				all = append(all, row)
			}
		}
		return form.Answer{Rows: all}
	case form.Beneficiaries:
		var all []form.Row
		for _, c := range q.Counts {
			if rapid.Bool().Draw(d.T, "counted") {
				all = append(all, count("r."+c.Key))
			}
		}
		return form.Answer{Rows: all}
	default:
		return form.Answer{Text: cell()}
	}
}

func (d drawn) content(f form.Definition) form.Content {
	c := form.Content{}
	for _, s := range f.Sections {
		a := form.Answers{}
		for _, q := range s.Questions {
			if one := d.answer(q); !one.Empty() {
				a[q.Key] = one
			}
		}
		c[s.Key] = a
	}
	return c
}

func TestRebaseToTheSameVersionIsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := drawn{rt}
		f := d.definition("f")
		c := d.content(f)
		got, asides := revision.Rebase(f, f, c, none)
		if diff := cmp.Diff(c, got); diff != "" || len(asides) > 0 {
			rt.Fatal(diff, asides)
		}
		if changes := revision.Difference(f, f); len(changes) > 0 {
			rt.Fatal(changes)
		}
	})
}

// TestEveryAnswerIsCarriedOrNamed counts every word typed: after a rebase it
// stands in the new version or among what is named.
func TestEveryAnswerIsCarriedOrNamed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := drawn{rt}
		from, to := d.definition("from"), d.definition("to")
		c := d.content(from)
		got, asides := revision.Rebase(from, to, c, none)
		carried := map[string]form.Answer{}
		for _, answers := range got {
			maps.Copy(carried, answers)
		}
		named := map[string]form.Answer{}
		for _, a := range asides {
			if a.Answer.Empty() || a.Label.Vi == "" || !slices.Contains(revision.Reasons, a.Why) {
				rt.Fatalf("an aside of nothing: %+v", a)
			}
			named[a.Question] = a.Answer
		}
		for _, answers := range c {
			for key, a := range answers {
				after := append(typed(key, carried[key]), typed(key, named[key])...)
				for _, w := range typed(key, a) {
					if !slices.Contains(after, w) {
						rt.Fatalf("%s of %q is neither carried nor named: %v, %v", w, key, carried[key], named[key])
					}
				}
			}
		}
		for s, answers := range got {
			for key, a := range answers {
				if at, _, ok := to.Question(key); !ok || at.Key != s || a.Empty() {
					rt.Fatalf("%q stands in %q, where it is not asked: %v", key, s, a)
				}
			}
		}
	})
}

// typed lists what was typed, word by word.
func typed(key string, a form.Answer) []string {
	var all []string
	for _, v := range append(slices.Clone(a.Values), a.Text) {
		if v != "" {
			all = append(all, key+"="+v)
		}
	}
	for _, r := range a.Rows {
		for c, v := range r {
			all = append(all, fmt.Sprintf("%s.%s=%s", key, c, v))
		}
	}
	return all
}

// TestThereAndBackLosesOnlyWhatWasNamed moves to another version and back.
func TestThereAndBackLosesOnlyWhatWasNamed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := drawn{rt}
		from, to := d.definition("from"), d.definition("to")
		c := d.content(from)
		there, lost := revision.Rebase(from, to, c, none)
		back, more := revision.Rebase(to, from, there, none)
		named := map[string]bool{}
		for _, a := range append(lost, more...) {
			named[a.Question] = true
		}
		for s, answers := range c {
			for key, a := range answers {
				if !named[key] && !reflect.DeepEqual(back[s][key], a) {
					rt.Fatalf("%q was %v, came back as %v, and nothing was said", key, a, back[s][key])
				}
			}
		}
	})
}

// TestDifferenceNamesEveryQuestion: a question is named if and only if it is
// not the same in the same place of its section.
func TestDifferenceNamesEveryQuestion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := drawn{rt}
		from, to := d.definition("from"), d.definition("to")
		named := map[string][]revision.How{}
		for _, c := range revision.Difference(from, to) {
			if c.Question != "" {
				named[c.Question] = append(named[c.Question], c.How)
			}
		}
		for _, key := range []string{"a", "b", "c", "d", "e"} {
			was, old, before := from.Question(key)
			is, now, after := to.Question(key)
			has := func(h revision.How) bool { return slices.Contains(named[key], h) }
			if has(revision.Added) != (!before && after) || has(revision.Removed) != (before && !after) {
				rt.Fatalf("%q was there: %v, is there: %v, named %v", key, before, after, named[key])
			}
			if before && after && (was.Key != is.Key && !has(revision.Moved) || has(revision.Changed) != !reflect.DeepEqual(old, now)) {
				rt.Fatalf("%q was %v in %s, is %v in %s, named %v", key, old, was.Key, now, is.Key, named[key])
			}
		}
	})
}

func TestDifferenceInWords(t *testing.T) {
	t.Parallel()
	from := form.Definition{
		Groups: []form.Group{{Key: "g", Title: label("G")}},
		Sections: []form.Section{
			{Key: "s", Group: "g", Title: label("S"), Questions: []form.Question{
				{Key: "a", Kind: form.Text, Label: label("A"), MaxWords: 300}, {Key: "b", Kind: form.Line, Label: label("B")}, {Key: "c", Kind: form.Choice, Label: label("C"), Options: options("x")},
			}},
			{Key: "t", Group: "g", Title: label("T")},
		},
	}
	to := form.Definition{
		Groups: from.Groups,
		Sections: []form.Section{
			{Key: "t", Group: "g", Title: label("T"), Identity: true},
			{Key: "s", Group: "g", Title: label("S"), Questions: []form.Question{
				{Key: "c", Kind: form.Choice, Label: label("C"), Options: options("x", "y")}, {Key: "a", Kind: form.Text, Label: label("A"), MaxWords: 250, Required: true}, {Key: "n", Kind: form.Date, Label: label("N")},
			}},
		},
	}
	var got []string
	for _, c := range revision.Difference(from, to) {
		line := string(c.How) + " " + c.Section + "/" + c.Question
		var lineSb364 strings.Builder
		for _, p := range c.Parts {
			fmt.Fprintf(&lineSb364, " %s: %s→%s", p.Name, p.Was.Vi, p.Is.Vi)
		}
		line += lineSb364.String()
		got = append(got, line)
	}
	want := []string{
		"changed t/ identity: Không→Có", "moved s/", "changed s/c options: x→x; y",
		"moved s/a", "changed s/a required: Không→Có max_words: 300→250", "added s/n", "removed s/b",
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), strings.Join(got, "\n")); diff != "" {
		t.Error(diff)
	}
}
