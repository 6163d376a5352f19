package build

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"daubang/internal/form"
)

// Begin fills the controls of a question that is to be of another kind with what
// such questions begin like: what is empty, or still stands as the kind it was
// before began, takes the new kind's. What somebody wrote stays; columns that
// the new kind works with are added to theirs.
func (t Typed) Begin(d form.Definition, was, kind form.Kind) error {
	before, err := begun(d, was)
	if err != nil {
		return err
	}
	now, err := begun(d, kind)
	if err != nil {
		return err
	}
	from, to := Fields(before), Fields(now)
	for _, name := range begins {
		if !t.Has(name) || t.At(name) == from.At(name) {
			t.take(name, to)
		}
	}
	for _, list := range []string{"columns", "reaches", "counts", "purposes", "options"} {
		if stands := t.said(list); len(stands) == 0 || maps.EqualFunc(stands, from.said(list), slices.Equal) {
			t.drop(list)
			for name := range to {
				if strings.HasPrefix(name, list+".") {
					t.take(name, to)
				}
			}
		}
	}
	t.need(now)
	t["kind"] = []string{string(now.Kind)}
	return nil
}

// begins are the controls, other than lists, that a kind may fill in.
var begins = []string{
	"label.vi", "label.en", "hint.vi", "hint.en", "looks.vi", "looks.en", "max_words", "max_chars", "min_rows", "max_rows", "overhead_max", "cofunding_min",
}

// begun is a question as it begins in a form: budget lines of one that asks for
// activities say for which they are.
func begun(d form.Definition, kind form.Kind) (form.Question, error) {
	q, err := form.Standard(kind)
	if err != nil || q.Kind != form.Budget {
		return q, err
	}
	for _, s := range d.Sections {
		for _, other := range s.Questions {
			if other.Kind == form.Activities {
				column := form.Column{Key: "activity", Kind: form.Choice, From: form.RowsOf + other.Key, Wide: true, Label: both("build.column_activity")}
				q.Columns = slices.Insert(slices.Clone(q.Columns), 1, column)
				return q, nil
			}
		}
	}
	return q, nil
}

// take copies a control.
func (t Typed) take(name string, from Typed) {
	if values, ok := from[name]; ok {
		t[name] = values
		return
	}
	delete(t, name)
}

// drop takes a list away.
func (t Typed) drop(list string) {
	for name := range t {
		if strings.HasPrefix(name, list+".") {
			delete(t, name)
		}
	}
}

// said is what a list's controls hold, but for the places of its rows: rows
// without a label are none.
func (t Typed) said(list string) Typed {
	said := Typed{}
	for name, values := range t {
		row, ok := strings.CutPrefix(name, list+".")
		at, cell, _ := strings.Cut(row, ".")
		if ok && cell != "order" && t.At(name) != "" && t.Has(list+"."+at+".label.vi") {
			said[name] = values
		}
	}
	return said
}

// need adds the columns that a kind works with and that are not there.
func (t Typed) need(q form.Question) {
	n := t.Count("columns")
	for _, key := range form.Needs(q.Kind) {
		there := false
		for i := range n {
			there = there || t.At("columns."+strconv.Itoa(i)+".key") == key
		}
		if there {
			continue
		}
		for name, values := range Fields(form.Question{Columns: []form.Column{q.Column(key)}}) {
			if rest, ok := strings.CutPrefix(name, "columns.0."); ok {
				t["columns."+strconv.Itoa(n)+"."+rest] = values
			}
		}
		n++
	}
}
