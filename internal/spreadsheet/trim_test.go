package spreadsheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"daubang/internal/problem"
)

// rewritten is our template with one of its parts changed.
func rewritten(t *testing.T, part string, change func(string) string) []byte {
	t.Helper()
	b := template(t, nil)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(text)
	}
	parts[part] = change(parts[part])
	return zipped(t, parts)
}

// more puts rows behind those of a sheet.
func more(rows string) func(string) string {
	return func(sheet string) string { return strings.Replace(sheet, "</sheetData>", rows+"</sheetData>", 1) }
}

const tablePart, hiddenPart = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"

func many(n int, row func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(row(i))
	}
	return b.String()
}

// A few bytes of XML that name a far cell, or many of anything, are refused
// before they fill the memory.
func TestFarCellsFillNoMemory(t *testing.T) { //nolint:paralleltest // what it measures is of the whole process
	s, terms := budget(t)
	far := func(i int) string { return fmt.Sprintf(`<row r="%d"><c r="XFD%[1]d"><v>1</v></c></row>`, 1001+i) }
	wide := func(i int) string { return fmt.Sprintf(`<row r="%d"><c r="CU%[1]d"><v>1</v></c></row>`, 1001+i) }
	for name, c := range map[string]struct {
		part   string
		change func(string) string
		want   string
	}{
		"a far column in every row":     {tablePart, more(many(100_000, far)), "sheet.too_large"},
		"the last column in every row":  {tablePart, more(many(8_000, wide)), "sheet.too_large"},
		"the same where nobody looks":   {hiddenPart, more(many(8_000, wide)), "sheet.too_large"},
		"the last row":                  {tablePart, more(`<row r="1048576"><c r="A1048576"><v>1</v></c></row>`), "sheet.too_many_rows"},
		"a row that does not say which": {tablePart, more(`<row><c r="A1048576"><v>1</v></c></row>`), "sheet.broken"},
		"a row twice":                   {tablePart, more(`<row r="3"><c r="A3"><v>1</v></c></row>`), "sheet.broken"},
		"a cell that is nowhere":        {tablePart, more(`<row r="9000"><c><v>1</v></c></row>`), "sheet.broken"},
		"very many styles": {"xl/styles.xml", func(s string) string {
			return strings.Replace(s, "</cellXfs>", strings.Repeat("<xf/>", mostElements)+"</cellXfs>", 1)
		}, "sheet.too_large"},
		"letters of another kind": {"xl/sharedStrings.xml", func(s string) string {
			return regexp.MustCompile(`<\?xml[^>]*>`).ReplaceAllString(s, `<?xml version="1.0" encoding="utf-16"?>`)
		}, "sheet.broken"},
	} {
		b := rewritten(t, c.part, c.change)
		if len(b) > MaxBytes {
			t.Fatalf("%s: %d bytes", name, len(b))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ReadWorkbook(b, s, terms)
		runtime.ReadMemStats(&after)
		if wrong, ok := errors.AsType[problem.Invalid](err); !ok || wrong["file"].Key != c.want {
			t.Errorf("%s: %v", name, err)
		}
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 256 {
			t.Errorf("%s took %d MB", name, mb)
		}
	}
}

// What only looks like something does not count: programs write it without
// being asked.
func TestEmptyCellsAreNothing(t *testing.T) {
	t.Parallel()
	s, terms := budget(t)
	b := rewritten(t, tablePart, func(sheet string) string {
		sheet = more(`<row r="1003" s="1" customFormat="1"><c r="XFD1003" s="1"/></row><row r="1048576" hidden="false"></row>`)(sheet)
		sheet = regexp.MustCompile(`(<row r="3"[^>]*>.*?)</row>`).ReplaceAllString(sheet, `$1<c r="CW3"><v>7</v></c><c r="XFD3" s="1"/></row>`)
		return sheet + "\n"
	})
	got, err := ReadWorkbook(b, s, terms)
	if err != nil || len(got.Wrong) > 0 {
		t.Fatal(err, got.Wrong)
	}
	for _, c := range Difference(standing(), Result(s.Question, standing(), got, Replace)) {
		if c.Kind != Same {
			t.Errorf("%s: %v", c.Kind, c)
		}
	}
	merged := template(t, func(f *excelize.File) {
		if err := f.MergeCell(name, "B3", "B4"); err != nil {
			t.Fatal(err)
		}
	})
	if got, err := ReadWorkbook(merged, s, terms); err != nil || got.Rows[0]["text"] != standing()[0]["text"] {
		t.Error(err, got.Rows)
	}
}
