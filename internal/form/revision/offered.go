package revision

import (
	"maps"
	"slices"
	"strings"

	"daubang/internal/form"
)

// Offered takes out of what was written in a form what t's lists do not hold:
// under another call the years, quarters and task groups are others. What it
// took out is named, in the order of the form; of a table, the whole rows.
func Offered(d form.Definition, c form.Content, t form.Terms) (form.Content, []Aside) {
	content, asides := form.Content{}, []Aside(nil)
	for key, answers := range c {
		content[key] = maps.Clone(answers)
	}
	for _, s := range d.Sections {
		for _, q := range s.Questions {
			a, written := content[s.Key][q.Key]
			if !written {
				continue
			}
			kept, left := listed{t}.split(q, a)
			if left.Empty() {
				continue
			}
			asides = append(asides, Aside{Section: s.Key, Question: q.Key, Label: q.Label, Why: Option, Answer: left})
			if kept.Empty() {
				delete(content[s.Key], q.Key)
			} else {
				content[s.Key][q.Key] = kept
			}
		}
	}
	return content, asides
}

// listed compares answers with the lists of a call.
type listed struct{ terms form.Terms }

func (l listed) split(q form.Question, a form.Answer) (kept, left form.Answer) {
	kept = a
	switch {
	case len(q.Columns) > 0:
		return l.rows(q, a)
	case q.From == "":
	case q.Kind == form.Choice && !has(q.Choices(l.terms), a.Text):
		kept.Text, left.Text = "", a.Text
	case q.Kind == form.Choices:
		kept.Values, left.Values = nil, nil
		for _, v := range a.Values {
			if has(q.Choices(l.terms), v) {
				kept.Values = append(kept.Values, v)
			} else {
				left.Values = append(left.Values, v)
			}
		}
	}
	return kept, left
}

// rows keeps the cells that a list still holds, and rows in which anything is
// left.
func (l listed) rows(q form.Question, a form.Answer) (kept, left form.Answer) {
	kept = a
	kept.Rows = nil
	for _, r := range a.Rows {
		row := maps.Clone(r)
		maps.DeleteFunc(row, func(key, v string) bool { return !l.cell(q, key, v) })
		if maps.Equal(row, r) {
			kept.Rows = append(kept.Rows, r)
			continue
		}
		left.Rows = append(left.Rows, r)
		if row.Typed() > 0 {
			kept.Rows = append(kept.Rows, row)
		}
	}
	return kept, left
}

// cell says that no list speaks against a cell: its choice is on the call's
// list, and so is the entry that the column stands there for.
func (l listed) cell(q form.Question, key, v string) bool {
	for _, c := range q.Columns {
		entry, repeated := strings.CutPrefix(key, c.Key+".")
		switch {
		case c.Each != "" && repeated:
			return has(l.terms.Lists[c.Each], entry)
		case c.Key == key && c.Kind == form.Choice && c.From != "" && !strings.HasPrefix(c.From, form.RowsOf):
			return has(c.Choices(l.terms), v)
		}
	}
	return true
}

func has(offered []form.Option, v string) bool {
	return v == "" || slices.ContainsFunc(offered, func(o form.Option) bool { return o.Value == v })
}
