package spreadsheet

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"daubang/internal/form"
	"daubang/internal/place"
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

// Template writes the Excel file of an answer with the rows that stand in it:
// hidden columns for their names and for which units their places are, lists to
// choose from, headings (and the lines of a grid) that cannot be changed by
// mistake. Units are those that a place may be.
func Template(w io.Writer, s Stamp, t form.Terms, rows []form.Row, units []place.Found) error {
	b := &book{File: excelize.NewFile(), stamp: s, terms: t, columns: Shape(s.Question).ColumnsIn(t)}
	defer func() { _ = b.Close() }() // it is in memory
	b.name = sheetName(s.Question.Label.In(s.Language))
	b.step(b.SetSheetName("Sheet1", b.name))
	if HasPlaces(s.Question) {
		b.units(units)
	}
	b.heads()
	for i, r := range Rows(s.Question, rows) {
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
	places  string // the range of the names of units
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
	case form.Number, count:
		format = "0"
	default: // text stays text: no 1/2 becomes a day
	}
	locked := c.Key == reachCell || c.Key == groupCell
	free := b.style(&excelize.Style{CustomNumFmt: &format, Protection: &excelize.Protection{Locked: locked && Fixed(b.stamp.Question)}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	b.step(b.SetColWidth(b.name, name, name, width))
	b.step(b.SetColStyle(b.name, name, free))
	if options := b.offered(c); len(options) > 0 {
		b.list(i, name, options)
	}
	switch c.Kind {
	case form.Place:
		b.place(i, c, name)
	case count:
		b.counts(name)
	default: // anything may be written; what cannot be read is named when it comes back
	}
}

// cells makes a rule for the cells of a column.
func (b *book) cells(column string) *excelize.DataValidation {
	v := excelize.NewDataValidation(true)
	v.SetSqref(fmt.Sprintf("%s%d:%s%d", column, firstRow, column, firstRow+MaxRows-1))
	return v
}

// place offers the names of units; a code or a shorter name may be written too.
// The hidden column after all others says which unit it is.
func (b *book) place(i int, c form.Column, name string) {
	is, _ := excelize.ColumnNumberToName(2 + len(b.columns) + i) // it is small
	b.text(b.name, 2+len(b.columns)+i, keysRow, form.LocatedCell(c.Key))
	b.step(b.SetColStyle(b.name, is, b.style(&excelize.Style{Protection: &excelize.Protection{Locked: false}})))
	b.step(b.SetColVisible(b.name, is, false))
	if b.places == "" {
		return
	}
	v := b.cells(name)
	v.SetSqrefDropList(b.places)
	v.ShowErrorMessage = false
	v.SetInput(words.T(b.stamp.Language, "sheet.place_title"), words.T(b.stamp.Language, "sheet.place_hint"))
	b.step(b.AddDataValidation(b.name, v))
}

// counts lets a column take whole numbers only, 0 among them.
func (b *book) counts(name string) {
	v := b.cells(name)
	b.step(v.SetRange(0, largestCount, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween))
	v.SetError(excelize.DataValidationErrorStyleStop, words.T(b.stamp.Language, "sheet.count_title"), words.T(b.stamp.Language, "sheet.count_hint"))
	b.step(b.AddDataValidation(b.name, v))
}

// units writes the sheet of all units there are, with their codes.
func (b *book) units(units []place.Found) {
	name := sheetName(words.T(b.stamp.Language, "sheet.units"))
	if name == b.name {
		name += " 2"
	}
	_, err := b.NewSheet(name)
	b.step(err)
	w, err := b.NewStreamWriter(name)
	if err != nil {
		b.step(err)
		return
	}
	b.step(w.SetColWidth(1, 1, 50))
	b.step(w.SetRow("A1", []any{words.T(b.stamp.Language, "sheet.unit_name"), words.T(b.stamp.Language, "sheet.unit_code")}))
	for i, u := range units {
		b.step(w.SetRow(at(1, 2+i), []any{u.Address(), u.Code}))
	}
	b.step(w.Flush())
	if len(units) > 0 {
		b.places = fmt.Sprintf("'%s'!$A$2:$A$%d", name, 1+len(units))
	}
}

// offered are the words of a column's choices.
func (b *book) offered(c form.Column) []string {
	if c.Kind == form.Flag {
		return []string{words.T(b.stamp.Language, "proposal.yes"), words.T(b.stamp.Language, "proposal.no")}
	}
	var all []string
	if c.Kind == form.Choice && !Fixed(b.stamp.Question) {
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
	v := b.cells(column)
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
		if c.Kind == form.Place {
			b.text(b.name, 2+len(b.columns)+i, n, r[form.LocatedCell(c.Key)])
		}
		switch c.Kind {
		case form.Choice:
			v = form.Label(c.Choices(b.terms), v).In(b.stamp.Language)
		case form.Flag:
			v = words.T(b.stamp.Language, "proposal.yes")
		case form.Money, form.Quantity, form.Measure, form.Number, count:
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
	b.step(b.SetColStyle(b.name, "A", free))
	b.step(b.SetCellStyle(b.name, at(1, keysRow), at(1+len(b.columns), keysRow), b.style(&excelize.Style{Protection: &excelize.Protection{Locked: true}})))
	b.step(b.SetPanes(b.name, &excelize.Panes{Freeze: true, YSplit: headRow, TopLeftCell: "A" + strconv.Itoa(firstRow), ActivePane: "bottomLeft"}))
	rows := !Fixed(b.stamp.Question)
	b.step(b.ProtectSheet(b.name, &excelize.SheetProtectionOptions{
		SelectLockedCells: true, SelectUnlockedCells: true, FormatCells: true, FormatColumns: true, FormatRows: true, InsertRows: rows, DeleteRows: rows, Sort: rows,
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
