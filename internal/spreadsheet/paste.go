package spreadsheet

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"daubang/internal/form"
	"daubang/internal/viet"
)

// ReadPasted reads cells as Excel puts them on the clipboard: lines of cells
// with tabs between them, in the order of the table's columns or, if the first
// line holds their headings, in that of the headings. It refuses what holds
// nothing, or more rows than a table may have.
func ReadPasted(text string, q form.Question, t form.Terms) (Table, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	columns := Shape(q).ColumnsIn(t)
	var lines []line
	for n := 0; ; n++ {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Table{}, refuse("pasted", "sheet.not_cells")
		}
		at, _ := r.FieldPos(0)
		if n == 0 {
			if headed := headings(fields, q, t); headed != nil {
				columns = headed
				continue
			}
		}
		if len(fields) > maxColumns || len(lines) >= MaxRows {
			return Table{}, refuse("pasted", "sheet.too_many_rows", MaxRows)
		}
		l := line{at: at, cells: map[string]cell{}}
		for i, f := range fields {
			if i < len(columns) && columns[i].Key != "" {
				l.cells[columns[i].Key] = cell{text: f}
			}
		}
		lines = append(lines, l)
	}
	out := table(lines, q, t)
	if len(out.Rows) == 0 {
		return out, refuse("pasted", "sheet.nothing")
	}
	return out, nil
}

// maxColumns is more than any table of a form has.
const maxColumns = 100

// headings are the columns that a first line names, in its order, those it does
// not know without a key; nil if it names fewer than two: then it is a row.
func headings(fields []string, q form.Question, t form.Terms) []form.Column {
	columns, known := make([]form.Column, len(fields)), 0
	for i, f := range fields {
		k := viet.Key(strings.TrimRight(f, " *"))
		for _, c := range Shape(q).ColumnsIn(t) {
			if k != "" && (viet.Key(c.Label.Vi) == k || viet.Key(c.Label.En) == k) {
				columns[i] = c
				known++
			}
		}
	}
	if known < min(2, len(Shape(q).Columns)) {
		return nil
	}
	return columns
}
