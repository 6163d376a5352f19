package spreadsheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"daubang/internal/form"
	"daubang/internal/viet"
)

// What a workbook may be once it is unpacked.
const (
	maxUnpacked = 24 << 20
	maxParts    = 200
)

// ReadWorkbook reads a filled-in template. It refuses what is too large, locked
// with a password, holds macros or links, is no workbook, or is not the template
// of this very question in this version of its form.
func ReadWorkbook(b []byte, s Stamp, t form.Terms) (out Table, err error) {
	if err := harmless(b); err != nil {
		return out, err
	}
	defer func() { // the library is not ours, and the file is a stranger's
		if v := recover(); v != nil {
			out, err = Table{}, fmt.Errorf("%w: reading a workbook: %v", refuse("file", "sheet.broken"), v)
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked})
	if err != nil {
		return out, fmt.Errorf("%w: %w", refuse("file", "sheet.broken"), err)
	}
	defer func() { _ = f.Close() }() // it is in memory
	if err := trim(f); err != nil {
		return out, err
	}
	r, err := recognise(f, s)
	if err != nil {
		return out, err
	}
	lines, err := r.lines()
	if err != nil {
		return out, err
	}
	if out = table(lines, s.Question, t); len(out.Rows) == 0 {
		return out, refuse("file", "sheet.nothing")
	}
	return out, nil
}

// harmless looks at a file before anything is made of it: it is a workbook, of a
// bearable size once unpacked, with nothing in it that acts.
func harmless(b []byte) error {
	switch {
	case len(b) > MaxBytes:
		return refuse("file", "sheet.too_large")
	case bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0")): // an old .xls, or one with a password
		return refuse("file", "sheet.locked")
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return refuse("file", "sheet.no_workbook")
	}
	if len(z.File) > maxParts {
		return refuse("file", "sheet.no_workbook")
	}
	left, tags := int64(maxUnpacked), mostElements
	for _, part := range z.File {
		name := strings.ToLower(strings.ReplaceAll(part.Name, `\`, "/"))
		if acting.MatchString(name) {
			return refuse("file", "sheet.macros")
		}
		n, k, err := unpacked(part, left, tags)
		if err != nil {
			return err
		}
		left, tags = left-n, tags-k
	}
	return nil
}

// acting are parts of a workbook that do something, or fetch something.
var acting = regexp.MustCompile(`vbaproject|macrosheet|dialogsheet|activex|embeddings/|externallinks/|customui|connections\.xml|querytables/`)

// unpacked is how large a part really is, whatever it says of itself, and of how
// many elements.
func unpacked(part *zip.File, most int64, mostTags int) (int64, int, error) {
	r, err := part.Open()
	if err != nil {
		return 0, 0, refuse("file", "sheet.broken")
	}
	defer func() { _ = r.Close() }() // it is in memory
	counted := &io.LimitedReader{R: r, N: most + 1}
	tags, err := elements(counted, mostTags)
	if err != nil {
		return 0, tags, err
	}
	_, err = io.Copy(io.Discard, counted)
	switch {
	case counted.N <= 0:
		return 0, tags, refuse("file", "sheet.too_large")
	case err != nil:
		return 0, tags, refuse("file", "sheet.broken")
	}
	return most + 1 - counted.N, tags, nil
}

// reading is a workbook that is known to be ours.
type reading struct {
	*excelize.File

	sheet     string
	columns   map[int]string // its columns, from 1, to the keys of the question's
	days      map[int]bool   // styles that show a number as a day
	since1904 bool
}

// recognise finds out whose template a workbook is, by its hidden cells.
func recognise(f *excelize.File, s Stamp) (reading, error) {
	r := reading{File: f, columns: map[int]string{}, days: map[int]bool{}}
	said := func(row int) string {
		v, _ := f.GetCellValue(hidden, at(1, row)) // no such sheet: nothing is said
		return v
	}
	for _, name := range f.GetSheetList() {
		if first, _ := f.GetCellValue(name, at(1, keysRow)); r.sheet == "" && first == form.RowID { // it is in the list, so it can be read
			r.sheet = name
		}
	}
	switch {
	case said(1) != magic || r.sheet == "":
		return r, refuse("file", "sheet.foreign")
	case said(3) != s.Question.Key:
		return r, refuse("file", "sheet.other_table", s.Question.Label)
	case formOf(said(2)) != s.Form:
		return r, refuse("file", "sheet.other_version")
	}
	if p, err := f.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		r.since1904 = *p.Date1904
	}
	return r, nil
}

// lines are the rows of the table as they stand in the file.
func (r reading) lines() ([]line, error) {
	rows, err := r.GetRows(r.sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", refuse("file", "sheet.broken"), err)
	}
	if len(rows) < headRow {
		return nil, refuse("file", "sheet.foreign")
	}
	for i, key := range rows[keysRow-1] {
		if i < maxColumns {
			r.columns[i+1] = strings.TrimSpace(key)
		}
	}
	if r.columns[1] != form.RowID {
		return nil, refuse("file", "sheet.foreign")
	}
	var lines []line
	for n, row := range rows {
		if n+1 < firstRow || empty(row) {
			continue
		}
		if len(lines) == MaxRows {
			return nil, refuse("file", "sheet.too_many_rows", MaxRows)
		}
		l, err := r.line(n+1, row)
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

func empty(row []string) bool {
	return strings.TrimSpace(strings.Join(row, "")) == ""
}

func (r reading) line(n int, row []string) (line, error) {
	l := line{at: n, cells: map[string]cell{}}
	for column, key := range r.columns {
		raw := ""
		if column <= len(row) {
			raw = row[column-1]
		}
		if key == form.RowID {
			l.id = viet.Clean(raw)
			continue
		}
		c, err := r.cell(at(column, n), raw)
		if err != nil {
			return l, fmt.Errorf("%w: %w", refuse("file", "sheet.broken"), err)
		}
		l.cells[key] = c
	}
	return l, nil
}

// cell is what stands in one; of a formula its result as the file holds it.
func (r reading) cell(name, raw string) (cell, error) {
	if raw == "" {
		formula, err := r.GetCellFormula(r.sheet, name)
		if formula != "" {
			return cell{state: uncounted}, err
		}
		return cell{}, err
	}
	kind, err := r.GetCellType(r.sheet, name)
	if err != nil {
		return cell{}, err
	}
	switch kind {
	case excelize.CellTypeError:
		return cell{text: raw, state: broken}, nil
	case excelize.CellTypeUnset, excelize.CellTypeNumber:
		return r.number(name, raw)
	default:
		return cell{text: raw}, nil
	}
}

// number is a number, or the day it is shown as.
func (r reading) number(name, raw string) (cell, error) {
	style, err := r.GetCellStyle(r.sheet, name)
	if err != nil {
		return cell{}, err
	}
	day, known := r.days[style]
	if !known {
		day = r.showsDay(style)
		r.days[style] = day
	}
	if !day {
		return cell{text: raw, state: asNumber}, nil
	}
	n, err := strconv.ParseFloat(raw, 64)
	t, ok := serial(n, r.since1904)
	if err != nil || !ok {
		return cell{text: raw, state: broken}, nil //nolint:nilerr // it is no day, and said to be none
	}
	return cell{text: viet.Date(t), state: asDate}, nil
}

// dayish is a number format that shows a day: it has a d or a y outside of
// quotes and colours.
var (
	quoted = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|\\.`)
	dayish = regexp.MustCompile(`(?i)[dy]`)
)

func (r reading) showsDay(style int) bool {
	s, err := r.GetStyle(style)
	if err != nil || s == nil {
		return false
	}
	if s.CustomNumFmt != nil {
		return dayish.MatchString(quoted.ReplaceAllString(*s.CustomNumFmt, ""))
	}
	return s.NumFmt >= 14 && s.NumFmt <= 17 || s.NumFmt == 22 || s.NumFmt >= 27 && s.NumFmt <= 31 || s.NumFmt == 36 || s.NumFmt >= 50 && s.NumFmt <= 58
}
