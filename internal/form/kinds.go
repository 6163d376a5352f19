package form

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"daubang/internal/pg"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/viet"
)

// OtherName is the name of the control for what else, beside a choice that asks
// for it.
func OtherName(question string) string { return question + ".other" }

// AsksOther says that one of the options asks what else.
func (q Question) AsksOther() bool { return slices.ContainsFunc(q.Options, other) }

func other(o Option) bool { return o.Other }

func (q Question) readOther(all func(string) []string, wrong problem.Invalid) string {
	if !q.AsksOther() {
		return ""
	}
	return bounded(OtherName(q.Key), viet.Clean(first(all(OtherName(q.Key)))), wrong)
}

// Else is what was written beside the choice that asks for it, if that is
// picked. What was written and is not picked any more stays kept and is not
// sent.
func (q Question) Else(a Answer) string {
	if slices.ContainsFunc(q.Options, func(o Option) bool { return o.Other && a.Has(o.Value) }) {
		return a.Other
	}
	return ""
}

func (c *checking) chosen(q Question, a Answer) {
	picked := a.Values
	if a.Text != "" {
		picked = append(picked, a.Text)
	}
	if len(picked) == 0 && q.Required && q.Offers(c.terms) {
		c.add(q.Key, missing[q.Kind], q.Label)
	}
	for _, v := range picked {
		c.offered(q.Key, q.Label, v, q.Choices(c.terms))
	}
	if i := slices.IndexFunc(q.Options, other); i >= 0 && a.Has(q.Options[i].Value) {
		field := OtherName(q.Key)
		if a.Other == "" {
			c.add(field, "form.missing.other", q.Label)
		}
		c.length(field, q.Options[i].Label, a.Other, 0, cmp.Or(q.MaxChars, longestOther))
	}
}

// longestOther is how long what else may be where the form says nothing.
const longestOther = 200

// The cells of a period.
const (
	FromCell = "from"
	ToCell   = "to"
)

// MonthName is the name of a control of a period: period.from.
func MonthName(question, cell string) string { return question + "." + cell }

func (q Question) readMonths(all func(string) []string, wrong problem.Invalid) []Row {
	row := Row{}
	for _, cell := range []string{FromCell, ToCell} {
		if v := short(MonthName(q.Key, cell), all, wrong); v != "" {
			row[cell] = v
		}
	}
	if len(row) == 0 {
		return nil
	}
	return []Row{row}
}

// Month is what was typed in a cell of a period.
func (a Answer) Month(cell string) string {
	if len(a.Rows) == 0 {
		return ""
	}
	return a.Rows[0][cell]
}

// Months is a period read: its first and last month. Both may stand in the
// first field, as "06/2027 – 12/2028". It refuses what is no month, and an end
// before the beginning.
func (a Answer) Months() (from, to time.Time, ok bool) {
	if a.Month(ToCell) == "" {
		return viet.ParseMonths(a.Month(FromCell))
	}
	from, ok1 := viet.ParseMonth(a.Month(FromCell))
	to, ok2 := viet.ParseMonth(a.Month(ToCell))
	return from, to, ok1 && ok2 && !to.Before(from)
}

func (c *checking) period(q Question, a Answer) {
	from, to, ok := a.Months()
	if ok {
		if most := q.largest(c.terms); most > 0 && int64(viet.MonthsIn(from, to)) > most {
			c.add(MonthName(q.Key, ToCell), "form.too_many_months", q.Label, number(int64(viet.MonthsIn(from, to))), number(most))
		}
		return
	}
	good := true
	for _, cell := range []string{FromCell, ToCell} {
		if _, ok := viet.ParseMonth(a.Month(cell)); !ok {
			c.add(MonthName(q.Key, cell), "form.not_month."+cell, q.Label)
			good = false
		}
	}
	if good {
		c.add(MonthName(q.Key, ToCell), "form.months_turned", q.Label)
	}
}

func (c *checking) decimal(q Question, text string) {
	hundredths, ok := ParseQuantity(text)
	if ok && q.Decimals == 1 && hundredths%10 != 0 {
		ok = false
	}
	switch most := q.largest(c.terms); {
	case !ok:
		c.add(q.Key, "form.not_decimal", q.Label)
	case hundredths < 100*q.Min:
		c.add(q.Key, "form.too_small", q.Label, number(q.Min))
	case most > 0 && hundredths > 100*most:
		c.add(q.Key, "form.too_large", q.Label, number(most))
	}
}

// located ends the cell beside a place's name that says which unit is meant:
// its [place.Ref].
const located = ".is"

// LocatedCell is the cell beside the cell of a place that says which unit is
// meant.
func LocatedCell(column string) string { return column + located }

// Locate works out which units the names in cells of the kind [Place] mean. One
// that is plain is kept under its full name with its [place.Ref]; one that is
// not is left as it was typed, for the page to ask ([Candidates]) and the check
// to name. A ref that came with a name holds only if the name can mean it. The
// answers come back changed; what was given is left alone.
func (s Section) Locate(ctx context.Context, db pg.DB, a Answers) (Answers, error) {
	found, err := place.Match(ctx, db, s.placesIn(a))
	if err != nil || len(found) == 0 {
		return a, err
	}
	a = maps.Clone(a)
	for _, q := range s.Questions {
		for _, col := range q.Columns {
			if col.Kind != Place || len(a[q.Key].Rows) == 0 {
				continue
			}
			answer := a[q.Key]
			answer.Rows = slices.Clone(answer.Rows)
			for i, r := range answer.Rows {
				answer.Rows[i] = col.locate(r, found[r[col.Key]])
			}
			a[q.Key] = answer
		}
	}
	return a, nil
}

// placesIn are the names typed in cells of the kind Place.
func (s Section) placesIn(a Answers) []string {
	var typed []string
	for _, q := range s.Questions {
		for _, col := range q.Columns {
			for _, r := range a[q.Key].Rows {
				if col.Kind == Place && r[col.Key] != "" {
					typed = append(typed, r[col.Key])
				}
			}
		}
	}
	return typed
}

func (c Column) locate(r Row, units []place.Found) Row {
	at := c.Key + located
	unit, known := place.ByRef(units, place.Ref(r[at]))
	if !known && len(units) == 1 {
		unit, known = units[0], true
	}
	r = maps.Clone(r)
	delete(r, at)
	if known {
		r[c.Key], r[at] = unit.Address(), string(unit.Ref())
	}
	return r
}

// Candidates are the units that a name which is not plain can mean, by name:
// for the page to let one be chosen. Plain ones are not asked about.
func (s Section) Candidates(ctx context.Context, db pg.DB, a Answers) (map[string][]place.Found, error) {
	var open []string
	for _, q := range s.Questions {
		for _, col := range q.Columns {
			for _, r := range a[q.Key].Rows {
				if col.Kind == Place && r[col.Key] != "" && r[col.Key+located] == "" {
					open = append(open, r[col.Key])
				}
			}
		}
	}
	return place.Match(ctx, db, open)
}
