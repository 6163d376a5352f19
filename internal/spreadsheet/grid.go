package spreadsheet

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"daubang/internal/form"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// The cells that say which line of a grid of counts a row is.
const (
	reachCell = "reach"
	groupCell = "group"
)

// count is the kind of a cell that holds how many people there are. None of them
// (0) is a count; a cell that is empty is none.
const count form.Kind = "count"

// largestCount is more people than live anywhere.
const largestCount = 1_000_000_000

// Shape is a question as the table that goes out and comes back: a table is its
// own; a grid of counts has a row for each of its lines, which are as many as
// they are.
func Shape(q form.Question) form.Question {
	if q.Kind != form.Beneficiaries {
		return q
	}
	columns := []form.Column{
		{Key: reachCell, Kind: form.Choice, Label: said("sheet.reach"), Options: q.Reaches},
		{Key: groupCell, Kind: form.Choice, Label: said("proposal.count_group"), Wide: true},
	}
	for _, l := range q.Counts {
		columns[1].Options = append(columns[1].Options, form.Option{Value: l.Key, Label: l.Label})
	}
	for _, sex := range form.Sexes {
		columns = append(columns, form.Column{Key: sex, Kind: count, Label: said("proposal.sex." + sex)})
	}
	columns = append(columns, form.Column{Key: form.NotCollectedCell, Kind: form.Flag, Label: said("proposal.not_collected")})
	q.Columns, q.MaxRows = columns, len(q.Reaches)*len(q.Counts)
	return q
}

func said(key string) words.Pair {
	return words.Pair{Vi: words.T(words.Vi, key), En: words.T(words.En, key)}
}

// Fixed says that no rows can be added to the table or taken from it.
func Fixed(q form.Question) bool { return q.Kind == form.Beneficiaries }

// Rows are the rows of an answer in the [Shape] of its question, each with a
// name: of a grid all its lines, whether anything stands in them or not.
func Rows(q form.Question, rows []form.Row) []form.Row {
	if !Fixed(q) {
		return form.Named(rows)
	}
	all := make([]form.Row, 0, len(q.Reaches)*len(q.Counts))
	for _, reach := range q.Reaches {
		for _, l := range q.Counts {
			row := maps.Clone(form.Answer{Rows: rows}.Line(reach.Value + "." + l.Key))
			delete(row, form.LineCell)
			row[form.RowID], row[reachCell], row[groupCell] = strconv.Itoa(len(all)), reach.Value, l.Key
			all = append(all, row)
		}
	}
	return all
}

// Control is one control of the page that sends an answer.
type Control struct{ Name, Value string }

// Controls are what a page sends for rows in the [Shape] of a question.
func Controls(q form.Question, t form.Terms, rows []form.Row) []Control {
	var all []Control
	add := func(name, value string) {
		if value != "" {
			all = append(all, Control{name, value})
		}
	}
	for i, r := range rows {
		if Fixed(q) {
			for _, cell := range append([]string{form.NotCollectedCell}, form.Sexes...) {
				add(form.CountName(q.Key, r[reachCell]+"."+r[groupCell], cell), r[cell])
			}
			continue
		}
		for _, c := range q.ColumnsIn(t) {
			add(form.Name(q.Key, i, c.Key), r[c.Key])
			if c.Kind == form.Place {
				add(form.Name(q.Key, i, form.LocatedCell(c.Key)), r[form.LocatedCell(c.Key)])
			}
		}
		add(form.Name(q.Key, i, form.RowID), r[form.RowID])
	}
	return all
}

// grid finds the lines of a grid of counts while one is read.
type grid struct {
	form.Question

	seen map[string]int // line → where it stood
}

// line finds out which line a row is, by its words or else by its hidden name,
// and what is wrong with its counts.
func (g grid) line(l line, row form.Row, wrong []Wrong) []Wrong {
	id, known := g.id(row)
	if !known {
		n, err := strconv.Atoi(l.id)
		if known = err == nil && n >= 0 && n < len(g.Reaches)*len(g.Counts); known {
			id = strconv.Itoa(n)
			row[reachCell], row[groupCell] = g.Reaches[n/len(g.Counts)].Value, g.Counts[n%len(g.Counts)].Key
			wrong = slices.DeleteFunc(wrong, func(w Wrong) bool { return w.Column.Key == reachCell || w.Column.Key == groupCell })
		}
	}
	add := func(column, key string, args ...any) {
		if !slices.ContainsFunc(wrong, func(w Wrong) bool { return w.Column.Key == column }) {
			wrong = append(wrong, Wrong{Line: l.at, Column: Shape(g.Question).Column(column), Typed: l.cells[column].text, Words: problem.Say(key, args...)})
		}
	}
	at, twice := g.seen[id]
	switch {
	case !known:
		add(groupCell, "sheet.which_line")
	case twice:
		add(groupCell, "sheet.line_twice", at)
	default:
		g.seen[id] = l.at
		row[form.RowID] = id
	}
	if row[form.NotCollectedCell] == form.Yes {
		switch {
		case known && id == "0":
			add(form.NotCollectedCell, "sheet.count_total")
		case row[form.Sexes[0]]+row[form.Sexes[1]]+row[form.Sexes[2]] != "":
			add(form.NotCollectedCell, "sheet.count_both")
		}
	}
	return wrong
}

// id is the name of the line that a row says it is.
func (g grid) id(row form.Row) (string, bool) {
	reach := slices.IndexFunc(g.Reaches, func(o form.Option) bool { return o.Value == row[reachCell] })
	group := slices.IndexFunc(g.Counts, func(l form.CountLine) bool { return l.Key == row[groupCell] })
	return strconv.Itoa(reach*len(g.Counts) + group), reach >= 0 && group >= 0
}

// lines are all lines of a grid once what was read comes in: one that was not
// read stays, and so do the cells of columns that were not.
func (t Table) lines(standing []form.Row) []form.Row {
	rows := make([]form.Row, len(standing))
	for i, s := range standing {
		rows[i] = copied(s)
		at := slices.IndexFunc(t.Rows, func(r form.Row) bool { return r[form.RowID] == s[form.RowID] })
		if at < 0 {
			continue
		}
		for _, key := range t.Columns {
			if rows[i][key] = t.Rows[at][key]; rows[i][key] == "" {
				delete(rows[i], key)
			}
		}
	}
	return rows
}

// people reads how many there are.
func (c cell) people() (string, *problem.Words) {
	typed := viet.Clean(c.text)
	if r, ok := c.rat(); ok {
		typed = decimals(r, 9)
	} else if groups.MatchString(typed) {
		typed = strings.ReplaceAll(typed, ",", ".")
	}
	n, ok := viet.ParseInt(typed)
	if !ok || c.state == asDate || n < 0 || n > largestCount {
		return "", say("sheet.not_count", c.text)
	}
	return typed, nil
}
