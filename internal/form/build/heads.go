package build

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"daubang/internal/form"
	"daubang/internal/problem"
	"daubang/internal/words"
)

// Heads are what a form is called, and the headings its sections stand under.
type Heads struct {
	Title  words.Pair   `json:"title"`
	Groups []form.Group `json:"groups"`
}

// HeadsOf are the heads of a form.
func HeadsOf(d form.Definition) Heads { return Heads{Title: d.Title, Groups: d.Groups} }

// PutHeads writes what the controls of a page hold into the heads of a form. It
// names a heading that is left without words; headings that the page does not
// know stay as they are, at the end.
func PutHeads(d form.Definition, t Typed) (form.Definition, problem.Invalid) {
	heads := HeadsOf(d)
	wrong := Bind(&heads, t, "groups")
	for _, g := range d.Groups {
		if !slices.ContainsFunc(heads.Groups, func(now form.Group) bool { return now.Key == g.Key }) {
			heads.Groups = append(heads.Groups, g)
		}
	}
	heads.Groups = slices.DeleteFunc(heads.Groups, func(now form.Group) bool {
		return !slices.ContainsFunc(d.Groups, func(g form.Group) bool { return g.Key == now.Key })
	})
	d.Title, d.Groups = heads.Title, heads.Groups
	for _, flaw := range Check(d) {
		if strings.HasPrefix(flaw.Path, "title.") || strings.HasPrefix(flaw.Path, "groups[") {
			wrong.Add(Control(flaw.Path, ""), flaw.Words.Key, flaw.Words.Args...)
		}
	}
	return d, wrong
}

// Arrange puts the rows of lists in the order of their "order" controls, those
// without any words last, so that what is wrong with a row is said where it
// stands from now on.
func (t Typed) Arrange(lists ...string) {
	for _, list := range lists {
		n := t.Count(list)
		rows := make([]int, n)
		for i := range rows {
			rows[i] = i
		}
		place := func(i int) float64 {
			at := list + "." + strconv.Itoa(i)
			if !t.Has(at+".label.vi") && !t.Has(at+".label.en") && !t.Has(at+".title.vi") && !t.Has(at+".title.en") {
				return mostLike + float64(i)
			}
			return (&binder{typed: t}).order(at, i)
		}
		slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(place(a), place(b)) })
		moved := Typed{}
		for now, was := range rows {
			from, to := list+"."+strconv.Itoa(was)+".", list+"."+strconv.Itoa(now)+"."
			for name, values := range t {
				if rest, ok := strings.CutPrefix(name, from); ok && rest != "order" {
					moved[to+rest] = values
				}
			}
		}
		maps.DeleteFunc(t, func(name string, _ []string) bool { return strings.HasPrefix(name, list+".") })
		maps.Copy(t, moved)
	}
}
