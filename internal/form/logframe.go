package form

import (
	"slices"
	"strconv"
	"strings"

	"daubang/internal/words"
)

// The levels of a log-frame, from the top: what is reached by what stands
// beneath it.
var levels = []string{"goal", "outcome", "output", "activity"}

// Cells of a log-frame that its check knows.
const (
	levelCell       = "level"
	baselineCell    = "baseline"
	baselineUnknown = "baseline_unknown" // a flag: nobody has measured it yet, which is not zero
	baselineYear    = "baseline_year"
)

// HalfYears is the list of [Terms] of the half-years a project may run in.
const HalfYears = "half_years"

// ColumnsIn are the columns of a table under the call's terms: one that is
// asked for each entry of a list stands there once for each.
func (q Question) ColumnsIn(t Terms) []Column {
	if !slices.ContainsFunc(q.Columns, func(c Column) bool { return c.Each != "" }) {
		return q.Columns
	}
	var all []Column
	for _, c := range q.Columns {
		if c.Each == "" {
			all = append(all, c)
			continue
		}
		for _, o := range t.Lists[c.Each] {
			one := c
			one.Key = c.Key + "." + o.Value
			one.Label = words.Pair{Vi: c.Label.Vi + " " + o.Label.Vi, En: c.Label.En + " " + o.Label.En}
			all = append(all, one)
		}
	}
	return all
}

// demanded says that a row may not leave the column empty.
func (c Column) demanded(r Row) bool {
	if len(c.Levels) > 0 && !slices.Contains(c.Levels, r[levelCell]) {
		return false
	}
	if (c.Key == baselineCell || c.Key == baselineYear) && r[baselineUnknown] == Yes {
		return false
	}
	return c.Required
}

// Numbers are the numbers of the rows of a log-frame, by which one speaks of
// them: 1, 1.1, 1.1.1, 1.2. A row without a level has none.
func (q Question) Numbers(a Answer) []string {
	if q.Kind != Logframe {
		return make([]string, len(a.Rows))
	}
	var at [4]int
	numbers := make([]string, len(a.Rows))
	for i, r := range a.Rows {
		level := slices.Index(levels, r[levelCell])
		if level < 0 {
			continue
		}
		at[level]++
		clear(at[level+1:])
		var parts []string
		for _, n := range at[1 : level+1] {
			parts = append(parts, strconv.Itoa(n))
		}
		numbers[i] = strings.Join(parts, ".")
	}
	return numbers
}

// logframe checks that every level hangs on the one above it, and that a
// baseline is a number or said to be unknown.
func (c *checking) logframe(q Question, a Answer) {
	above := 0 // the first row may be the goal or an outcome
	for i, r := range a.Rows {
		level := slices.Index(levels, r[levelCell])
		if level < 0 {
			continue
		}
		if level > above+1 {
			c.add(Name(q.Key, i, levelCell), "form.logframe.level", i+1, Label(q.Column(levelCell).Options, levels[level-1]))
		}
		above = level
		if r[baselineUnknown] == Yes && r[baselineCell] != "" {
			c.add(Name(q.Key, i, baselineCell), "form.logframe.baseline", i+1)
		}
	}
	for _, needed := range []string{"outcome", "output"} {
		if !slices.ContainsFunc(a.Rows, func(r Row) bool { return r[levelCell] == needed }) {
			c.add(Name(q.Key, len(a.Rows), levelCell), "form.logframe.needs", Label(q.Column(levelCell).Options, needed))
		}
	}
}
