package spreadsheet

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"daubang/internal/problem"
)

// What a workbook may hold. The library keeps some hundred bytes for every
// element, and fills up each row to the last cell that it names and each sheet to
// its last row: two bytes of a file can be megabytes in memory. Our largest
// template, filled in, has half of these.
const (
	mostElements = 300_000
	mostCells    = 300_000 // of all sheets, with those that fill up
	mostSheetRow = 10_000  // with something in it, on any sheet
)

// elements counts the elements of a part, at most left of them. Another spelling
// of letters than UTF-8 is refused: it would be read by the library alone.
func elements(part io.Reader, left int) (int, error) {
	d := xml.NewDecoder(part)
	foreign := false
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) {
		foreign = true
		return nil, errors.ErrUnsupported
	}
	for n := 0; ; {
		token, err := d.RawToken()
		switch _, opens := token.(xml.StartElement); {
		case foreign:
			return n, refuse("file", "sheet.broken")
		case err != nil:
			return n, nil //nolint:nilerr // no XML, or broken: the library gets no further either
		case opens:
			n++
		}
		if n > left {
			return n, refuse("file", "sheet.too_large")
		}
	}
}

// trim leaves of every sheet only the cells that something stands in, before the
// library makes anything of it: no merged cells, no rules, and no rows and cells
// that only look like something.
func trim(f *excelize.File) (err error) {
	cells := 0
	f.Pkg.Range(func(name, part any) bool {
		b, ok := part.([]byte)
		if !ok || !bytes.Contains(b, []byte("sheetData")) {
			return true
		}
		t := trimming{part: b, decoder: xml.NewDecoder(bytes.NewReader(b))}
		if err = t.run(); err != nil {
			return false
		}
		if cells += t.cells + t.row; cells > mostCells {
			err = refuse("file", "sheet.too_large")
			return false
		}
		f.Pkg.Store(name, append(t.kept, b[t.from:]...))
		return true
	})
	return err
}

// trimming goes through the XML of one sheet.
type trimming struct {
	part    []byte
	decoder *xml.Decoder
	kept    []byte
	from    int // what is before stands in kept, or is left out
	cells   int // that the library will make of what is kept
	row     int // the last that is kept
}

// leave leaves out what begins at from and has just ended.
func (t *trimming) leave(from int) {
	t.kept = append(t.kept, t.part[t.from:from]...)
	t.from = int(t.decoder.InputOffset())
}

func (t *trimming) run() error {
	path := make([]string, 0, 8)
	for {
		at := int(t.decoder.InputOffset())
		token, err := t.decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", refuse("file", "sheet.broken"), err)
		}
		switch e := token.(type) {
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.StartElement:
			switch {
			case len(path) == 1 && e.Name.Local != "sheetData":
				err = t.decoder.Skip()
				t.leave(at)
			case len(path) == 2 && e.Name.Local == "row":
				err = t.line(e, at)
			case len(path) == 2:
				err = t.decoder.Skip()
			default:
				path = append(path, e.Name.Local)
			}
			if _, said := errors.AsType[problem.Invalid](err); err != nil && !said {
				err = fmt.Errorf("%w: %w", refuse("file", "sheet.broken"), err)
			}
			if err != nil {
				return err
			}
		}
	}
}

// line goes through a row. All programs number theirs, upwards; what is not
// numbered, or twice, the library would put elsewhere than we count it.
func (t *trimming) line(row xml.StartElement, from int) error {
	n, err := strconv.Atoi(strings.TrimSpace(named(row)))
	if err != nil || n <= t.row {
		return refuse("file", "sheet.broken")
	}
	kept, before, last := len(t.kept), t.from, 0
	for {
		at := int(t.decoder.InputOffset())
		token, err := t.decoder.Token()
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.EndElement:
			if last == 0 { // nothing stands in it
				t.kept, t.from = t.kept[:kept], before
				t.leave(from)
				return nil
			}
			if n > mostSheetRow {
				return refuse("file", "sheet.too_many_rows", MaxRows)
			}
			t.row, t.cells = n, t.cells+last
			return nil
		case xml.StartElement:
			column, err := t.cell(e, at)
			if err != nil {
				return err
			}
			last = max(last, column)
		}
	}
}

// cell returns the column of a cell that something stands in; another one, and
// one that no table reaches to, is left out.
func (t *trimming) cell(c xml.StartElement, from int) (int, error) {
	something := false
	for depth := 1; depth > 0; {
		token, err := t.decoder.Token()
		if err != nil {
			return 0, err
		}
		switch token.(type) {
		case xml.StartElement:
			something = true
			depth++
		case xml.EndElement:
			depth--
		}
	}
	column := 0
	if something && c.Name.Local == "c" {
		var err error
		if column, _, err = excelize.CellNameToCoordinates(named(c)); err != nil {
			return 0, err
		}
	}
	if column == 0 || column > maxColumns {
		t.leave(from)
		return 0, nil
	}
	return column, nil
}

// named is which row or cell an element says it is.
func named(e xml.StartElement) string {
	r := ""
	for _, a := range e.Attr {
		if a.Name.Local == "r" {
			r = a.Value
		}
	}
	return r
}
