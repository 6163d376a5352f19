// Package revision compares two versions of a form and carries what was written
// for one over to the other.
//
// Nothing is dropped in silence: what no longer fits is an [Aside], with why,
// for the applicant to read and to write again. Who is moved to another version,
// and when, is decided upstream.
package revision

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"daubang/internal/form"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Aside is an answer, or the part of one, that does not fit the later version.
// Of a table it holds the whole rows that lost something.
type Aside struct {
	Section  string      `json:"section"` // in the earlier version
	Question string      `json:"question"`
	Label    words.Pair  `json:"label"`
	Why      Reason      `json:"why"`
	Answer   form.Answer `json:"answer,omitzero"`
	Document int64       `json:"document,omitempty"` // a file, instead of an answer
	Name     string      `json:"name,omitempty"`     // of the file
	Page     string      `json:"page,omitempty"`     // the opened page that sent it after the move
}

// Reason says why an answer did not fit.
type Reason string

// The reasons.
const (
	Gone   Reason = "gone"   // the question is no longer asked
	Kind   Reason = "kind"   // it is asked in another way
	Option Reason = "option" // what was chosen is no longer offered
	Column Reason = "column" // a column of the table is gone or asks something else
	Rows   Reason = "rows"   // the table takes fewer rows
	Line   Reason = "line"   // a line of a grid of counts is gone
	Since  Reason = "since"  // somebody else has answered it in the later version
)

// Reasons lists them.
var Reasons = []Reason{Gone, Kind, Option, Column, Rows, Line, Since}

// Rebase carries what was written for one version over to another: every answer
// whose question is still asked in a way that takes it, in its new section. What
// does not fit is named, in the order of the earlier version.
func Rebase(from, to form.Definition, c form.Content, t form.Terms) (form.Content, []Aside) {
	r := rebase{from: from, to: to, terms: t, content: form.Content{}}
	for key, answers := range c {
		if _, ok := to.Section(key); ok && r.content[key] == nil { // it may hold what moved here already
			r.content[key] = form.Answers{}
		}
		for question, a := range answers {
			r.carry(key, question, a)
		}
	}
	slices.SortStableFunc(r.asides, func(a, b Aside) int {
		if d := r.position(a) - r.position(b); d != 0 {
			return d
		}
		return strings.Compare(a.Question, b.Question)
	})
	return r.content, r.asides
}

type rebase struct {
	from, to form.Definition
	terms    form.Terms
	content  form.Content
	asides   []Aside
}

// position is where the earlier version asked for it.
func (r *rebase) position(a Aside) int {
	n := 0
	for _, s := range r.from.Sections {
		for _, q := range s.Questions {
			if s.Key == a.Section && q.Key == a.Question {
				return n
			}
			n++
		}
	}
	return n
}

func (r *rebase) put(section, question string, a form.Answer) {
	if a.Empty() {
		return
	}
	if r.content[section] == nil {
		r.content[section] = form.Answers{}
	}
	r.content[section][question] = a
}

// carry takes one answer over, or what of it fits.
func (r *rebase) carry(section, question string, a form.Answer) {
	was, asked := form.Question{}, false
	if s, ok := r.from.Section(section); ok {
		was, asked = s.Question(question)
	}
	at, now, asks := r.to.Question(question)
	switch {
	case !asked && !asks: // nobody sees it, before or after
		r.put(section, question, a)
	case !asked || !asks:
		r.aside(section, question, was, Gone, a)
	case reflect.DeepEqual(was, now):
		r.put(at.Key, question, a)
	default:
		kept, left, why := fit{was: was, now: now, terms: r.terms}.split(a)
		r.put(at.Key, question, kept)
		r.aside(section, question, was, why, left)
	}
}

func (r *rebase) aside(section, question string, was form.Question, why Reason, a form.Answer) {
	if a.Empty() {
		return
	}
	label := was.Label
	if label.Vi == "" {
		label = words.Pair{Vi: question, En: question}
	}
	r.asides = append(r.asides, Aside{Section: section, Question: question, Label: label, Why: why, Answer: a})
}

// fit compares how a question was asked with how it is asked now.
type fit struct {
	was, now form.Question
	terms    form.Terms
}

// split divides an answer into what still fits and what does not.
func (f fit) split(a form.Answer) (kept, left form.Answer, why Reason) {
	switch was, now := f.was.Kind, f.now.Kind; {
	case now == form.Choices && (was == form.Choices || was == form.Choice), now == form.Choice && was == form.Choices:
		return f.chosen(a)
	case was != now && written(was) && written(now):
		if takes(now, was, a.Text) {
			return a, form.Answer{}, ""
		}
		return form.Answer{}, a, Kind
	case was != now:
		return form.Answer{}, a, Kind
	case now == form.Choice:
		return f.chosen(a)
	case now == form.Beneficiaries:
		return f.counts(a)
	case len(f.now.Columns) > 0 || len(f.was.Columns) > 0:
		return f.rows(a)
	default:
		return a, form.Answer{}, ""
	}
}

// written says that the answer is a text that may be read in another way.
func written(k form.Kind) bool {
	return slices.Contains([]form.Kind{form.Line, form.Text, form.Number, form.Money, form.Date}, k)
}

// takes says that a text fits a kind other than the one it was written for.
func takes(now, was form.Kind, text string) bool {
	switch now {
	case was, form.Text:
		return true
	case form.Line:
		return !strings.Contains(text, "\n")
	case form.Number:
		_, ok := viet.ParseInt(text)
		return ok
	case form.Money:
		_, ok := viet.ParseMoney(text)
		return ok
	case form.Date:
		_, ok := viet.ParseDate(text, 0)
		return ok
	default:
		return false
	}
}

// chosen keeps what is still offered.
func (f fit) chosen(a form.Answer) (kept, left form.Answer, why Reason) {
	values := a.Values
	if a.Text != "" {
		values = append(slices.Clone(values), a.Text)
	}
	var on, off []string
	for _, v := range values {
		if offers(f.was.From, f.now.From, f.now.Choices(f.terms), v) {
			on = append(on, v)
		} else {
			off = append(off, v)
		}
	}
	if f.now.Kind == form.Choice && len(on) > 1 { // which of them, only the applicant knows
		return form.Answer{}, a, Kind
	}
	if f.now.Kind == form.Choice && len(on) == 1 {
		kept.Text = on[0]
	} else {
		kept.Values = on
	}
	left.Values = off
	if slices.ContainsFunc(f.now.Choices(f.terms), func(o form.Option) bool { return o.Other && slices.Contains(on, o.Value) }) {
		kept.Other = a.Other
	} else {
		left.Other = a.Other
	}
	return kept, left, Option
}

// offers says that a value may still be chosen. What a call's list holds is the
// same list before and after.
func offers(was, now string, offered []form.Option, v string) bool {
	return now != "" && was == now || slices.ContainsFunc(offered, func(o form.Option) bool { return o.Value == v })
}

// counts keeps the lines that are still there.
func (f fit) counts(a form.Answer) (kept, left form.Answer, why Reason) {
	lines := map[string]bool{}
	for _, reach := range f.now.Reaches {
		for _, line := range f.now.Counts {
			lines[reach.Value+"."+line.Key] = true
		}
	}
	for _, r := range a.Rows {
		if lines[r[form.LineCell]] {
			kept.Rows = append(kept.Rows, r)
		} else {
			left.Rows = append(left.Rows, r)
		}
	}
	return kept, left, Line
}

// rows keeps the cells whose columns still take them.
func (f fit) rows(a form.Answer) (kept, left form.Answer, why Reason) {
	for i, r := range a.Rows {
		if f.now.MaxRows > 0 && len(kept.Rows) >= f.now.MaxRows {
			left.Rows = append(left.Rows, a.Rows[i:]...)
			if why == "" {
				why = Rows
			}
			break
		}
		row := form.Row{}
		for key, v := range r {
			if f.cell(key, v) {
				row[key] = v
			}
		}
		if row.Typed() > 0 || maps.Equal(row, r) {
			kept.Rows = append(kept.Rows, row)
		}
		if !maps.Equal(row, r) {
			left.Rows, why = append(left.Rows, r), Column
		}
	}
	return kept, left, why
}

// cell says that a cell fits its column as it is now.
func (f fit) cell(key, v string) bool {
	was, asked := column(f.was, key)
	now, asks := column(f.now, key)
	switch {
	case !asked && !asks: // a cell that no column shows, such as a row's own id
		return true
	case !asked || !asks:
		return false
	case reflect.DeepEqual(was, now):
		return true
	case now.Kind == form.Choice && was.Kind == form.Choice:
		return offers(was.From, now.From, now.Choices(f.terms), v)
	case was.Kind == now.Kind:
		return true
	default:
		return inCell(was.Kind) && inCell(now.Kind) && takes(now.Kind, was.Kind, v)
	}
}

// inCell says that a column holds text that may be read in another way.
func inCell(k form.Kind) bool { return written(k) || k == form.Quantity }

func column(q form.Question, key string) (form.Column, bool) {
	i := slices.IndexFunc(q.Columns, func(c form.Column) bool { return c.Key == key })
	if i < 0 {
		return form.Column{}, false
	}
	return q.Columns[i], true
}
