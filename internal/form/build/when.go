package build

import (
	"slices"
	"strconv"
	"strings"

	"daubang/internal/form"
)

// Slots is how many comparisons a page offers for one condition.
const Slots = 3

// Simple writes a condition as the page's controls hold it: when.0, when.1 …
// each a question and a value (sector=farming, or sector alone for any answer),
// and when.mode, all or any. A condition that cannot be written so stays as it
// is and is only shown: ok is false.
func Simple(w *form.When) (t Typed, ok bool) {
	t = Typed{"when.mode": {"all"}}
	if w == nil {
		return t, true
	}
	list := w.All
	switch {
	case w.Not != nil:
		return t, false
	case w.Any != nil:
		list, t["when.mode"] = w.Any, []string{"any"}
	case w.Question != "" && w.Is == form.OneOf:
		t["when.mode"] = []string{"any"}
		for _, v := range w.Values {
			list = append(list, form.When{Question: w.Question, Is: form.Equals, Values: []string{v}})
		}
	case w.Question != "":
		list = []form.When{*w}
	}
	if len(list) > Slots {
		return t, false
	}
	for i, one := range list {
		name := "when." + strconv.Itoa(i)
		switch {
		case one.Question == "" || one.Is == form.OneOf:
			return t, false
		case one.Is == form.Answered:
			t[name] = []string{one.Question}
		default:
			t[name] = []string{one.Question + "=" + one.Values[0]}
		}
	}
	return t, true
}

// When reads a condition from the page's controls; nil if none is picked.
func (t Typed) When() *form.When {
	var list []form.When
	for i := range Slots {
		question, value, is := strings.Cut(t.At("when."+strconv.Itoa(i)), "=")
		switch {
		case question == "":
		case is:
			list = append(list, form.When{Question: question, Is: form.Equals, Values: []string{value}})
		default:
			list = append(list, form.When{Question: question, Is: form.Answered})
		}
	}
	switch {
	case len(list) == 0:
		return nil
	case len(list) == 1:
		return &list[0]
	case t.At("when.mode") == "any":
		return &form.When{Any: list}
	default:
		return &form.When{All: list}
	}
}

// Comparable lists the questions a condition may ask about, at section or before
// question: what is asked earlier and is picked or written.
func Comparable(d form.Definition, section, question string) []form.Question {
	var all []form.Question
	for _, s := range d.Sections {
		if s.Key == section && question == "" {
			break
		}
		for _, q := range s.Questions {
			if q.Key == question {
				return all
			}
			if !slices.Contains([]form.Kind{form.Files}, q.Kind) {
				all = append(all, q)
			}
		}
		if s.Key == section {
			break
		}
	}
	return all
}
