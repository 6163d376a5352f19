package form

import (
	"errors"
	"fmt"
	"slices"

	"daubang/internal/viet"
)

// When says under which answers to earlier questions something is asked. It is
// one of four: a question compared, all of several, any of several, or the
// opposite of one. All of nothing holds always, any of nothing never. A script
// reads the same JSON (web/build/js/when.js), so that the page follows what is
// picked; testdata/when.json holds the cases both must agree on.
type When struct {
	Question string   `json:"question,omitempty"`
	Is       Operator `json:"is,omitempty"`
	Values   []string `json:"values,omitempty"`
	All      []When   `json:"all,omitempty"`
	Any      []When   `json:"any,omitempty"`
	Not      *When    `json:"not,omitempty"`
	Never    bool     `json:"never,omitempty"` // any of nothing, as a page is told it; no form holds it
}

// Operator compares the answer to a question.
type Operator string

// The operators.
const (
	Equals   Operator = "equals"   // the one value is picked, or is among those picked
	OneOf    Operator = "one_of"   // any of the values is
	Answered Operator = "answered" // there is an answer
)

// Bounds of a condition: more than this nobody could follow.
const (
	deepest = 4
	widest  = 12
)

// Holds says whether the condition is met; answer gives what stands for a
// question, nothing for one that is hidden itself.
func (w When) Holds(answer func(question string) Answer) bool {
	switch {
	case w.Never:
		return false
	case w.Not != nil:
		return !w.Not.Holds(answer)
	case w.Any != nil:
		return slices.ContainsFunc(w.Any, func(one When) bool { return one.Holds(answer) })
	case w.Question == "":
		return !slices.ContainsFunc(w.All, func(one When) bool { return !one.Holds(answer) })
	}
	a := answer(w.Question)
	if w.Is == Answered {
		return a.given()
	}
	return slices.ContainsFunc(w.Values, a.Has)
}

// given says that something can be read in an answer: no more than white space
// and what shows nothing is no answer.
func (a Answer) given() bool {
	return len(a.Values) > 0 || len(a.Rows) > 0 || viet.Clean(a.Text) != ""
}

// asks lists the questions a condition asks about.
func (w When) asks() []string {
	var keys []string
	if w.Question != "" {
		keys = append(keys, w.Question)
	}
	for _, one := range slices.Concat(w.All, w.Any) {
		keys = append(keys, one.asks()...)
	}
	if w.Not != nil {
		keys = append(keys, w.Not.asks()...)
	}
	return keys
}

// within is the condition as one page can follow it: what it asks about
// questions that are not on the page is decided by the answers that stand.
func (w When) within(page func(question string) bool, answer func(question string) Answer) When {
	switch {
	case w.Question != "" && !page(w.Question):
		return When{Never: !w.Holds(answer)}
	case w.Not != nil:
		one := w.Not.within(page, answer)
		return When{Not: &one}
	}
	narrow := func(list []When) []When {
		if list == nil {
			return nil
		}
		all := make([]When, len(list))
		for i, one := range list {
			all[i] = one.within(page, answer)
		}
		return all
	}
	w.All, w.Any = narrow(w.All), narrow(w.Any)
	return w
}

// sound refuses a condition nobody could meet or follow; earlier gives the
// questions asked before it.
func (w When) sound(earlier map[string]Question, depth int) error {
	if depth > deepest {
		return fmt.Errorf("has a condition more than %d deep", deepest)
	}
	if w.forms() != 1 || w.Never {
		return errors.New("has a condition that is not exactly one of question, all, any, not")
	}
	if w.Not != nil {
		return w.Not.sound(earlier, depth+1)
	}
	if w.Question == "" {
		parts := slices.Concat(w.All, w.Any)
		if len(parts) == 0 || len(parts) > widest {
			return fmt.Errorf("has a condition of no parts, or of more than %d", widest)
		}
		for _, one := range parts {
			if err := one.sound(earlier, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	q, ok := earlier[w.Question]
	if !ok {
		return fmt.Errorf("has a condition on %q, which is not asked before it", w.Question)
	}
	return w.compares(q)
}

// forms counts which of the four a condition is.
func (w When) forms() int {
	n := 0
	for _, is := range []bool{w.Question != "" || w.Is != "" || w.Values != nil, w.All != nil, w.Any != nil, w.Not != nil} {
		if is {
			n++
		}
	}
	return n
}

// compares refuses what cannot be compared: only what is picked has values, and
// whether files are attached is not known while one writes.
func (w When) compares(q Question) error {
	offered := q.picks()
	switch {
	case q.Kind == Files:
		return fmt.Errorf("has a condition on the files of %q, which are sent by themselves", q.Key)
	case w.Is == Answered && len(w.Values) == 0:
		return nil
	case w.Is == Equals && len(w.Values) != 1, w.Is == OneOf && len(w.Values) == 0, w.Is != Equals && w.Is != OneOf:
		return fmt.Errorf("has a condition on %q whose operator %q and values do not go together", q.Key, w.Is)
	case offered == nil && q.From == "":
		return fmt.Errorf("has a condition on %q, whose answers are not picked from a list", q.Key)
	}
	for _, v := range w.Values {
		if v == "" || q.From == "" && !slices.ContainsFunc(offered, func(o Option) bool { return o.Value == v }) {
			return fmt.Errorf("has a condition on %q, which does not offer %q", q.Key, v)
		}
	}
	return nil
}

// picks are the values a question offers by itself; nil where answers are
// written, not picked.
func (q Question) picks() []Option {
	switch q.Kind {
	case Choice, Choices:
		return q.Options
	case YesNo:
		return []Option{{Value: Yes}, {Value: no}}
	case Agree:
		return []Option{{Value: Yes}}
	default:
		return nil
	}
}
