package spreadsheet

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"daubang/internal/form"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// The hidden sheet of a template: what it is, whose, and the lists to choose
// from in its further columns.
const (
	hidden    = "daubang"
	magic     = "Dấu Bằng table 1"
	firstList = 3
)

// The rows of a template: keys of columns (hidden), headings, and the table.
const (
	keysRow  = 1
	headRow  = 2
	firstRow = 3
)

// Template writes the Excel file of a table with the rows that stand in it: one
// hidden column for their names, lists to choose from, headings that cannot be
// changed by mistake.
func Template(w io.Writer, s Stamp, t form.Terms, rows []form.Row) error {
	b := &book{File: excelize.NewFile(), stamp: s, terms: t, columns: s.Question.ColumnsIn(t)}
	defer func() { _ = b.Close() }() // it is in memory
	b.name = sheetName(s.Question.Label.In(s.Language))
	b.step(b.SetSheetName("Sheet1", b.name))
	b.heads()
	for i, r := range form.Named(rows) {
		b.row(firstRow+i, r)
	}
	b.guard()
	if b.err != nil {
		return fmt.Errorf("writing the template of %s: %w", s.Question.Key, b.err)
	}
	return b.Write(w)
}

// book is a workbook while it is written; the first error stays.
type book struct {
	*excelize.File

	stamp   Stamp
	terms   form.Terms
	columns []form.Column
	name    string
	err     error
}

func (b *book) step(err error) {
	if b.err == nil {
		b.err = err
	}
}

// sheetName is a title that Excel takes as the name of a sheet.
func sheetName(title string) string {
	clean := []rune(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, title))
	return strings.TrimSpace(string(clean[:min(len(clean), 31)]))
}

// at names a cell: column 1 is the hidden one of the rows' names.
func at(column, row int) string {
	name, _ := excelize.CoordinatesToCellName(column, row) // both are small and above 0
	return name
}

func (b *book) text(sheet string, column, row int, text string) {
	b.step(b.SetCellStr(sheet, at(column, row), text))
}

// heads writes the hidden keys, the headings and the hidden sheet.
func (b *book) heads() {
	_, err := b.NewSheet(hidden)
	b.step(err)
	for i, v := range []string{magic, b.stamp.Form.String(), b.stamp.Question.Key} {
		b.text(hidden, 1, 1+i, v)
	}
	head := b.style(&excelize.Style{
		Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"6B1F55"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
	})
	b.text(b.name, 1, keysRow, form.RowID)
	for i, c := range b.columns {
		label := c.Label.In(b.stamp.Language)
		if c.Required {
			label += " *"
		}
		b.text(b.name, 2+i, keysRow, c.Key)
		b.text(b.name, 2+i, headRow, label)
		b.column(i, c)
	}
	b.step(b.SetCellStyle(b.name, at(2, headRow), at(1+len(b.columns), headRow), head))
	b.step(b.SetRowHeight(b.name, headRow, 34))
}

func (b *book) style(s *excelize.Style) int {
	id, err := b.NewStyle(s)
	b.step(err)
	return id
}

// column sets how a column looks and what it takes.
func (b *book) column(i int, c form.Column) {
	name, _ := excelize.ColumnNumberToName(2 + i) // it is small
	width, format := 18.0, "@"
	switch {
	case c.Wide:
		width = 44
	case c.Kind == form.Quantity || c.Kind == form.Measure || c.Kind == form.Flag:
		width = 12
	}
	switch c.Kind {
	case form.Money:
		format = "#,##0"
	case form.Quantity, form.Measure:
		format = "#,##0.##"
	case form.Number:
		format = "0"
	default: // text stays text: no 1/2 becomes a day
	}
	free := b.style(&excelize.Style{CustomNumFmt: &format, Protection: &excelize.Protection{Locked: false}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	b.step(b.SetColWidth(b.name, name, name, width))
	b.step(b.SetColStyle(b.name, name, free))
	if options := b.offered(c); len(options) > 0 {
		b.list(i, name, options)
	}
}

// offered are the words of a column's choices.
func (b *book) offered(c form.Column) []string {
	if c.Kind == form.Flag {
		return []string{words.T(b.stamp.Language, "proposal.yes"), words.T(b.stamp.Language, "proposal.no")}
	}
	var all []string
	if c.Kind == form.Choice {
		for _, o := range c.Choices(b.terms) {
			all = append(all, o.Label.In(b.stamp.Language))
		}
	}
	return all
}

// list makes a column choose from a list on the hidden sheet.
func (b *book) list(i int, column string, options []string) {
	for k, o := range options {
		b.text(hidden, firstList+i, 1+k, o)
	}
	from, _ := excelize.ColumnNumberToName(firstList + i) // it is small
	v := excelize.NewDataValidation(true)
	v.SetSqref(fmt.Sprintf("%s%d:%s%d", column, firstRow, column, firstRow+MaxRows-1))
	v.SetSqrefDropList(fmt.Sprintf("%s!$%s$1:$%s$%d", hidden, from, from, len(options)))
	v.SetError(excelize.DataValidationErrorStyleStop, words.T(b.stamp.Language, "sheet.choose_title"), words.T(b.stamp.Language, "sheet.choose"))
	b.step(b.AddDataValidation(b.name, v))
}

// row writes a row. Numbers that Excel keeps exactly are numbers, all else is
// text and never a formula.
func (b *book) row(n int, r form.Row) {
	b.text(b.name, 1, n, r[form.RowID])
	for i, c := range b.columns {
		v := r[c.Key]
		if v == "" {
			continue
		}
		switch c.Kind {
		case form.Choice:
			v = form.Label(c.Choices(b.terms), v).In(b.stamp.Language)
		case form.Flag:
			v = words.T(b.stamp.Language, "proposal.yes")
		case form.Money, form.Quantity, form.Measure, form.Number:
			if f, ok := exact(c.Kind, v); ok {
				b.step(b.SetCellFloat(b.name, at(2+i, n), f, -1, 64))
				continue
			}
		default: // text
		}
		b.text(b.name, 2+i, n, v)
	}
}

// exact is a number that a file keeps as it is: fifteen digits at most.
func exact(kind form.Kind, v string) (float64, bool) {
	const most = 999_999_999_999_999
	if kind == form.Quantity || kind == form.Measure {
		n, ok := form.ParseQuantity(v)
		return float64(n) / 100, ok && n <= most
	}
	n, ok := viet.ParseMoney(v)
	return float64(n), ok && n <= most
}

// guard hides what is ours and locks the headings, without a password.
func (b *book) guard() {
	b.step(b.SetColVisible(b.name, "A", false))
	b.step(b.SetRowVisible(b.name, keysRow, false))
	b.step(b.SetSheetVisible(hidden, false, true))
	free := b.style(&excelize.Style{Protection: &excelize.Protection{Locked: false}})
	b.step(b.SetCellStyle(b.name, at(1, firstRow), at(1, firstRow+MaxRows-1), free))
	b.step(b.SetCellStyle(b.name, at(1, keysRow), at(1+len(b.columns), keysRow), b.style(&excelize.Style{Protection: &excelize.Protection{Locked: true}})))
	b.step(b.SetPanes(b.name, &excelize.Panes{Freeze: true, YSplit: headRow, TopLeftCell: "A" + strconv.Itoa(firstRow), ActivePane: "bottomLeft"}))
	b.step(b.ProtectSheet(b.name, &excelize.SheetProtectionOptions{
		SelectLockedCells: true, SelectUnlockedCells: true, FormatCells: true, FormatColumns: true, FormatRows: true, InsertRows: true, DeleteRows: true, Sort: true,
	}))
	b.SetActiveSheet(0)
}

// formOf reads the form that a hidden cell names; nonsense is none.
func formOf(s string) form.ID {
	id, err := ref.Parse[form.ID](strings.TrimSpace(s))
	if err != nil {
		return 0
	}
	return id
}
