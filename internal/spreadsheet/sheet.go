// Package spreadsheet is a table of a form outside the portal: it writes our own
// template of one as an Excel file, with the rows that stand, and reads that
// file, or cells that were pasted, back into rows. It names what it cannot read
// cell by cell and says what would change; it saves nothing. Whether rows are
// complete is package form's business.
package spreadsheet

import (
	"maps"
	"slices"
	"strings"

	"daubang/internal/form"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// The largest file and table that are read.
const (
	MaxBytes = 2 << 20
	MaxRows  = 1000
)

// Stamp says whose template a file is: of which version of a form, and of which
// of its questions. Language is that of its headings.
type Stamp struct {
	Form     form.ID
	Question form.Question
	Language words.Lang
}

// Takes says that an answer can go out and come in as a file: a table or a grid
// of counts.
func Takes(q form.Question) bool { return q.IsTable() || Fixed(q) }

// Table is what was read. Rows are kept as a page would send them; where a cell
// could not be read it is absent and named in Wrong.
type Table struct {
	Rows    []form.Row
	Lines   []int    // where each row stood in the file or the pasted text, from 1
	Columns []string // that were read: what a row holds in others stays
	Wrong   []Wrong
}

// Wrong is a cell that could not be read: what stood in it, and the remedy.
type Wrong struct {
	Line   int
	Row    int // in Rows
	Column form.Column
	Typed  string
	Words  problem.Words
}

// At is what is wrong at a cell of a row, if anything.
func (t Table) At(row int, column string) (Wrong, bool) {
	i := slices.IndexFunc(t.Wrong, func(w Wrong) bool { return w.Row == row && w.Column.Key == column })
	if i < 0 {
		return Wrong{}, false
	}
	return t.Wrong[i], true
}

// line is one line of cells on its way into a table.
type line struct {
	at    int
	id    string
	cells map[string]cell // by column
}

// table reads lines of cells; those with nothing in them are left out.
func table(lines []line, q form.Question, t form.Terms) Table {
	var out Table
	columns := Shape(q).ColumnsIn(t)
	counted := grid{q, map[string]int{}}
	for _, c := range columns {
		if slices.ContainsFunc(lines, func(l line) bool { _, there := l.cells[c.Key]; return there }) {
			out.Columns = append(out.Columns, c.Key)
		}
	}
	for _, l := range lines {
		row, wrong := l.row(columns, t)
		if len(row) == 0 && len(wrong) == 0 {
			continue
		}
		if Fixed(q) {
			wrong = counted.line(l, row, wrong)
		} else if l.id != "" {
			row[form.RowID] = l.id
		}
		for i := range wrong {
			wrong[i].Row = len(out.Rows)
		}
		out.Rows, out.Lines, out.Wrong = append(out.Rows, row), append(out.Lines, l.at), append(out.Wrong, wrong...)
	}
	return out
}

// row reads the cells of a line.
func (l line) row(columns []form.Column, t form.Terms) (row form.Row, wrong []Wrong) {
	row = form.Row{}
	for _, c := range columns {
		was := l.cells[c.Key]
		if was.blank() {
			continue
		}
		v, why := was.as(c, t)
		switch {
		case why != nil:
			wrong = append(wrong, Wrong{Line: l.at, Column: c, Typed: was.text, Words: *why})
		case v != "":
			row[c.Key] = v
			if is := l.cells[form.LocatedCell(c.Key)].text; c.Kind == form.Place && is != "" {
				row[form.LocatedCell(c.Key)] = is
			}
		}
	}
	return row, wrong
}

// refuse is a file, or what was pasted, that cannot be read at all.
func refuse(field, key string, args ...any) error {
	return problem.Invalid{field: problem.Say(key, args...)}
}

// ChangeKind is what becomes of a row.
type ChangeKind string

// What becomes of rows.
const (
	Same    ChangeKind = "same"
	Changed ChangeKind = "changed"
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
)

// Change is what becomes of one row: New of those that stay or come, Old of
// those that stay or go. Cells are the columns that differ.
type Change struct {
	Kind     ChangeKind
	Old, New form.Row
	At       int // of the new rows, or of the old ones where it goes
	Cells    []string
}

// Match gives rows that have no name the name of the row they are: one with the
// same in every cell, else the first with the same in the first column. Others
// are new.
func Match(q form.Question, rows, standing []form.Row) []form.Row {
	standing = form.Named(standing)
	taken := map[string]bool{}
	for _, r := range rows {
		taken[r[form.RowID]] = true
	}
	out := make([]form.Row, len(rows))
	for i, r := range rows {
		out[i] = copied(r)
	}
	for _, same := range []func(a, b form.Row) bool{
		func(a, b form.Row) bool { return len(differing(a, b)) == 0 },
		func(a, b form.Row) bool {
			key := q.Columns[0].Key
			return a[key] != "" && viet.Key(a[key]) == viet.Key(b[key])
		},
	} {
		for _, r := range out {
			if r[form.RowID] != "" {
				continue
			}
			i := slices.IndexFunc(standing, func(s form.Row) bool { return !taken[s[form.RowID]] && same(r, s) })
			if i >= 0 {
				r[form.RowID] = standing[i][form.RowID]
				taken[r[form.RowID]] = true
			}
		}
	}
	return form.Named(out)
}

func copied(r form.Row) form.Row {
	c := form.Row{}
	maps.Copy(c, r)
	return c
}

// Difference says what becomes of the standing rows, as [Rows] has them, when
// these, which have been matched, take their place, in the order of the new
// ones; those that go stand at the end.
func Difference(standing, rows []form.Row) []Change {
	standing = form.Named(standing)
	var all []Change
	for i, r := range rows {
		at := slices.IndexFunc(standing, func(s form.Row) bool { return s[form.RowID] == r[form.RowID] })
		switch {
		case at < 0:
			all = append(all, Change{Kind: Added, New: r, At: i})
		case len(differing(standing[at], r)) > 0:
			all = append(all, Change{Kind: Changed, Old: standing[at], New: r, At: i, Cells: differing(standing[at], r)})
		default:
			all = append(all, Change{Kind: Same, Old: standing[at], New: r, At: i})
		}
	}
	for i, s := range standing {
		if !slices.ContainsFunc(rows, func(r form.Row) bool { return r[form.RowID] == s[form.RowID] }) {
			all = append(all, Change{Kind: Removed, Old: s, At: i})
		}
	}
	return all
}

// Moved says that rows which stay stand in another order.
func Moved(standing, rows []form.Row) bool {
	was := map[string]int{}
	for i, s := range form.Named(standing) {
		was[s[form.RowID]] = i
	}
	last := -1
	for _, r := range rows {
		at, stays := was[r[form.RowID]]
		if !stays {
			continue
		}
		if at < last {
			return true
		}
		last = at
	}
	return false
}

// differing are the columns in which two rows differ, however numbers in them
// are written. Which unit a place is belongs to the column of its name.
func differing(a, b form.Row) []string {
	var keys []string
	for k, v := range a {
		if k != form.RowID && plain(v) != plain(b[k]) {
			keys = append(keys, strings.TrimSuffix(k, form.LocatedCell("")))
		}
	}
	for k, v := range b {
		if _, there := a[k]; !there && k != form.RowID && v != "" {
			keys = append(keys, strings.TrimSuffix(k, form.LocatedCell("")))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// plain takes the dots between thousands out of a number: 1.500.000 and 1500000
// are the same.
func plain(s string) string {
	whole, decimals, broken := strings.Cut(s, ",")
	if n, ok := viet.ParseMoney(whole); ok {
		whole = viet.Number(n)
	}
	if broken && strings.Trim(decimals, "0") != "" {
		return whole + "," + strings.TrimRight(decimals, "0")
	}
	if broken && decimals == "" {
		return s
	}
	return whole
}

// The ways in which rows that were read come in.
const (
	Append  = "append"  // after those that stand
	Replace = "replace" // in their place
)

// Result is the table as it would stand once what was read comes in. A row that
// takes the place of one that stands keeps the cells of columns that were not
// read.
func Result(q form.Question, standing []form.Row, read Table, way string) []form.Row {
	standing = Rows(q, standing)
	if Fixed(q) {
		return read.lines(standing)
	}
	if way != Replace {
		fresh := make([]form.Row, len(read.Rows))
		for i, r := range read.Rows {
			fresh[i] = copied(r)
			delete(fresh[i], form.RowID)
		}
		return form.Named(append(slices.Clone(standing), fresh...))
	}
	rows := Match(q, read.Rows, standing)
	for _, r := range rows {
		i := slices.IndexFunc(standing, func(s form.Row) bool { return s[form.RowID] == r[form.RowID] })
		if i < 0 {
			continue
		}
		for key, v := range standing[i] {
			if !slices.ContainsFunc(read.Columns, func(c string) bool { return key == c || key == form.LocatedCell(c) }) {
				r[key] = v
			}
		}
	}
	return rows
}
