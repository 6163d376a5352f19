package spreadsheet

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"daubang/internal/form"
	"daubang/internal/pg"
	"daubang/internal/place"
)

// HasPlaces says that a column of the table asks for administrative units.
func HasPlaces(q form.Question) bool {
	return slices.ContainsFunc(q.Columns, func(c form.Column) bool { return c.Kind == form.Place })
}

// Located works out which units the cells of places mean: each holds a name,
// with or without its province, or a code. One that is plain gets its full name
// and is known from then on; one that can mean several units, or none, is named
// in Wrong. Nothing is asked of the database for a table without places.
func Located(ctx context.Context, db pg.DB, q form.Question, t Table) (Table, error) {
	if !HasPlaces(q) {
		return t, nil
	}
	var typed []string
	for _, c := range q.Columns {
		for _, r := range t.Rows {
			if c.Kind == form.Place && r[c.Key] != "" {
				typed = append(typed, r[c.Key])
			}
		}
	}
	found, err := place.Match(ctx, db, typed)
	if err != nil {
		return t, fmt.Errorf("locating the rows of %s: %w", q.Key, err)
	}
	for i, r := range t.Rows {
		for _, c := range q.Columns {
			if c.Kind == form.Place && r[c.Key] != "" {
				t.locate(i, c, found[r[c.Key]])
			}
		}
	}
	slices.SortStableFunc(t.Wrong, func(a, b Wrong) int {
		column := func(w Wrong) int {
			return slices.IndexFunc(q.Columns, func(c form.Column) bool { return c.Key == w.Column.Key })
		}
		return cmp.Or(a.Row-b.Row, column(a)-column(b))
	})
	return t, nil
}

func (t *Table) locate(i int, c form.Column, units []place.Found) {
	r, is := t.Rows[i], form.LocatedCell(c.Key)
	unit, known := place.ByRef(units, place.Ref(r[is]))
	if !known && len(units) == 1 {
		unit, known = units[0], true
	}
	if known {
		r[c.Key], r[is] = unit.Address(), string(unit.Ref())
		return
	}
	w := Wrong{Line: t.Lines[i], Row: i, Column: c, Typed: r[c.Key], Words: *say("sheet.no_place", r[c.Key])}
	if len(units) > 0 {
		w.Words = *say("sheet.which_place", r[c.Key], len(units), addresses(units), units[0].Address(), units[0].Code)
	}
	delete(r, c.Key)
	delete(r, is)
	t.Wrong = append(t.Wrong, w)
}

// addresses are the first few units by name.
func addresses(units []place.Found) string {
	const most = 5
	var names []string
	for _, u := range units[:min(len(units), most)] {
		names = append(names, u.Address()+" ("+u.Code+")")
	}
	if len(units) > most {
		names = append(names, "…")
	}
	return strings.Join(names, "; ")
}
