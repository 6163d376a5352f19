package spreadsheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"daubang/internal/form"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

func budget(tb testing.TB) (Stamp, form.Terms) {
	tb.Helper()
	d, err := form.Default()
	if err != nil {
		tb.Fatal(err)
	}
	_, q, _ := d.Question("budget")
	year := func(y string) form.Option { return form.Option{Value: y, Label: words.Pair{Vi: y, En: y}} }
	activity := func(id, name string) form.Option {
		return form.Option{Value: id, Label: words.Pair{Vi: name, En: name}}
	}
	return Stamp{Form: 4711, Question: q, Language: words.Vi}, form.Terms{Lists: map[string][]form.Option{
		form.Years: {year("2027"), year("2028")}, "rows:activities": {activity("act1", "1. Tập huấn"), activity("act2", "2. Tập huấn")},
	}}
}

func standing() []form.Row {
	return []form.Row{
		{"id": "r1", "text": "Thuê hội trường", "activity": "act1", "unit": "buổi", "quantity": "2,5", "price": "1.500.000", "source": "state_budget", "year": "2027"},
		{"id": "r2", "text": "=HYPERLINK(\"http://x\")", "unit": "bộ", "quantity": "0,05", "price": "9.000.000.000.000.000.000", "source": "own_kind", "year": "2028", "overhead": "yes"},
	}
}

func template(tb testing.TB, change func(f *excelize.File)) []byte {
	tb.Helper()
	s, t := budget(tb)
	var b bytes.Buffer
	if err := Template(&b, s, t, standing(), nil); err != nil {
		tb.Fatal(err)
	}
	if change == nil {
		return b.Bytes()
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		tb.Fatal(err)
	}
	change(f)
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// name is the sheet of the template; its columns are B text, C activity, D unit,
// E quantity, F price, G source, H year, I overhead.
const name = "Các dòng ngân sách"

// A template that comes back as it went out changes nothing.
func TestTemplateComesBack(t *testing.T) {
	t.Parallel()
	s, terms := budget(t)
	got, err := ReadWorkbook(template(t, nil), s, terms)
	if err != nil || len(got.Wrong) > 0 {
		t.Fatal(err, got.Wrong)
	}
	rows := Result(s.Question, standing(), got, Replace)
	for _, c := range Difference(standing(), rows) {
		if c.Kind != Same {
			t.Errorf("%s: %v", c.Kind, c)
		}
	}
	if Moved(standing(), rows) || rows[0]["id"] != "r1" || rows[1]["text"] != standing()[1]["text"] || rows[1]["price"] != standing()[1]["price"] {
		t.Error(rows)
	}
}

func TestWhatExcelKeeps(t *testing.T) {
	t.Parallel()
	s, terms := budget(t)
	date, general := 14, 0
	b := template(t, func(f *excelize.File) {
		set := func(cell string, v any) {
			if err := f.SetCellValue(name, cell, v); err != nil {
				t.Fatal(err)
			}
		}
		style := func(cell string, format int) {
			id, err := f.NewStyle(&excelize.Style{NumFmt: format})
			if err != nil || f.SetCellStyle(name, cell, cell, id) != nil {
				t.Fatal(err)
			}
		}
		set("B3", 46174.0) // 01/06/2026
		style("B3", date)
		set("E3", 0.1+0.2) // 0.30000000000000004
		set("F3", 1.5e6)
		set("G3", "xã hội hoá")
		set("H3", 2028)
		set("I3", true)
		set("B4", 12.5)
		style("B4", general)
		set("E4", "1.200,5")
		set("F4", "1.500.000 đ")
		set("I4", "không")
		set("B5", "Mới")
		set("F5", "1,500,000")
		set("E5", "2.5")
	})
	got, err := ReadWorkbook(b, s, terms)
	if err != nil || len(got.Wrong) > 0 {
		t.Fatal(err, got.Wrong)
	}
	want := []form.Row{
		{"id": "r1", "text": "01/06/2026", "activity": "act1", "unit": "buổi", "quantity": "0,3", "price": "1.500.000", "source": "community", "year": "2028", "overhead": "yes"},
		{"id": "r2", "text": "12,5", "unit": "bộ", "quantity": "1.200,5", "price": "1.500.000 đ", "source": "own_kind", "year": "2028"},
		{"text": "Mới", "quantity": "2,5", "price": "1.500.000"},
	}
	if diff := cmp.Diff(want, got.Rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{3, 4, 5}, got.Lines); diff != "" {
		t.Error(diff)
	}
}

func TestCellsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s, terms := budget(t)
	b := template(t, func(f *excelize.File) {
		for cell, v := range map[string]any{
			"B3": strings.Repeat("ă", 251), "C3": "Tập huấn", "E3": "ba", "F3": 1.5, "G3": "quỹ riêng", "H3": 2035, "I3": "có thể", "E4": 0, "F4": -5,
		} {
			if err := f.SetCellValue(name, cell, v); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.SetCellFormula(name, "E5", "1/0"); err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellValue(name, "B5", "Công thức"); err != nil {
			t.Fatal(err)
		}
	})
	got, err := ReadWorkbook(b, s, terms)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, w := range got.Wrong {
		said[w.Column.Key+" "+strconv.Itoa(w.Line)] = w.Words.Key
	}
	want := map[string]string{
		"text 3": "sheet.too_long", "activity 3": "sheet.not_in_list", "quantity 3": "sheet.not_quantity", "price 3": "sheet.not_money", "source 3": "sheet.not_in_list",
		"year 3": "sheet.not_in_list", "overhead 3": "sheet.not_flag", "quantity 4": "sheet.not_quantity", "price 4": "sheet.not_money", "quantity 5": "sheet.formula",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
	if w, ok := got.At(0, "price"); !ok || w.Typed != "1.5" {
		t.Error(w, ok)
	}
}

// zipped is a file of these parts.
func zipped(tb testing.TB, parts map[string]string) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	s, terms := budget(t)
	plain := excelize.NewFile()
	var foreign, locked bytes.Buffer
	if err := plain.Write(&foreign); err != nil {
		t.Fatal(err)
	}
	if err := plain.Write(&locked, excelize.Options{Password: "x"}); err != nil {
		t.Fatal(err)
	}
	set := func(cell, v string) []byte {
		return template(t, func(f *excelize.File) {
			if err := f.SetCellStr(hidden, cell, v); err != nil {
				t.Fatal(err)
			}
		})
	}
	many := template(t, func(f *excelize.File) {
		for i := range MaxRows + 1 {
			if err := f.SetCellStr(name, at(2, firstRow+i), "x"); err != nil {
				t.Fatal(err)
			}
		}
	})
	for want, b := range map[string][]byte{
		"sheet.no_workbook":   []byte("Khoản chi;Số lượng"),
		"sheet.too_large":     append(template(t, nil), make([]byte, MaxBytes)...),
		"sheet.locked":        locked.Bytes(),
		"sheet.foreign":       foreign.Bytes(),
		"sheet.macros":        zipped(t, map[string]string{"xl/workbook.xml": "<x/>", "xl/vbaProject.bin": "x"}),
		"sheet.broken":        zipped(t, map[string]string{"xl/workbook.xml": "<workbook"}),
		"sheet.other_table":   set("A3", "activities"),
		"sheet.other_version": set("A2", "000000000000"),
		"sheet.too_many_rows": many,
		"sheet.nothing": template(t, func(f *excelize.File) {
			if f.RemoveRow(name, 4) != nil || f.RemoveRow(name, 3) != nil {
				t.Error("rows could not be removed")
			}
		}),
	} {
		_, err := ReadWorkbook(b, s, terms)
		wrong, ok := errors.AsType[problem.Invalid](err)
		if !ok || wrong["file"].Key != want {
			t.Errorf("%s: %v %v", want, err, wrong)
		}
	}
	bomb := zipped(t, map[string]string{"xl/workbook.xml": "<x/>", "xl/sheet.xml": strings.Repeat(" ", maxUnpacked+1)})
	if _, err := ReadWorkbook(bomb, s, terms); len(bomb) > MaxBytes || !strings.Contains(err.Error(), "file") {
		t.Errorf("a bomb of %d bytes: %v", len(bomb), err)
	}
}

func TestPasted(t *testing.T) {
	t.Parallel()
	s, terms := budget(t)
	want := []form.Row{{"text": "Thuê\nhội trường", "unit": "buổi", "quantity": "2", "price": "1.500.000", "source": "aid", "year": "2027"}}
	for name, text := range map[string]string{
		"in order":      "\"Thuê\nhội trường\"\t\tbuổi\t2\t1.500.000\tViện trợ\t2027",
		"with headings": "Đơn giá (đồng)\tKhoản chi *\tGhi chú\tđơn vị tính\tSố lượng\tNguồn\tNăm\r\n1.500.000\t\"Thuê\nhội trường\"\tkhông ai đọc\tbuổi\t2\tviện trợ\t2027\r\n\r\n",
	} {
		got, err := ReadPasted(text, s.Question, terms)
		if err != nil || len(got.Wrong) > 0 {
			t.Fatal(name, err, got.Wrong)
		}
		for i := range want {
			want[i]["text"] = viet.Clean("Thuê\nhội trường")
		}
		if diff := cmp.Diff(want, got.Rows); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	got, err := ReadPasted("Khoản chi\tĐơn vị tính\n\nA\tbuổi\n\nB\tx\t\n", s.Question, terms)
	if err != nil || len(got.Rows) != 2 || got.Lines[1] != 5 {
		t.Error(got, err)
	}
	for _, nothing := range []string{"", "\n\t\t\n", "Khoản chi\tĐơn vị tính"} {
		if _, err := ReadPasted(nothing, s.Question, terms); err == nil {
			t.Errorf("%q passed for rows", nothing)
		}
	}
}

func TestDifference(t *testing.T) {
	t.Parallel()
	s, _ := budget(t)
	was := standing()
	rows := Result(s.Question, was, Table{Columns: []string{"text", "price", "unit"}, Rows: []form.Row{{"text": "thuê hội trường", "price": "1600000"}, {"text": "Mới"}}}, Replace)
	var kinds []ChangeKind
	for _, c := range Difference(was, rows) {
		kinds = append(kinds, c.Kind)
	}
	if diff := cmp.Diff([]ChangeKind{Changed, Added, Removed}, kinds); diff != "" || rows[0]["id"] != "r1" || rows[0]["quantity"] != "2,5" || rows[0]["unit"] != "" {
		t.Error(diff, rows)
	}
	rows = Result(s.Question, was, Table{Rows: []form.Row{{"id": "r1", "text": "Mới"}}}, Append)
	if len(rows) != 3 || rows[0]["id"] != "r1" || rows[2]["id"] == "r1" {
		t.Error(rows)
	}
	if !Moved(was, []form.Row{was[1], was[0]}) || Moved(was, was[1:]) {
		t.Error("order")
	}
	for a, b := range map[string]string{"1.500.000": "1500000", "2,50": "2,5", "3,00": "3"} {
		if len(differing(form.Row{"x": a}, form.Row{"x": b})) > 0 {
			t.Errorf("%s and %s differ", a, b)
		}
	}
	for a, b := range map[string]string{"1,5": "15", "a": "A", "2,": "2", "": "0"} {
		if len(differing(form.Row{"x": a}, form.Row{"x": b})) == 0 {
			t.Errorf("%q and %q are the same", a, b)
		}
	}
}

func TestSerialDays(t *testing.T) {
	t.Parallel()
	for n, want := range map[float64]string{61: "01/03/1900", 36526: "01/01/2000", 46387.75: "31/12/2026", 2_958_465: "31/12/9999"} {
		if got, ok := serial(n, false); !ok || viet.Date(got) != want {
			t.Errorf("%f: %s %v", n, viet.Date(got), ok)
		}
	}
	if got, ok := serial(0, true); !ok || viet.Date(got) != "01/01/1904" {
		t.Error(viet.Date(got))
	}
	for _, n := range []float64{60, 0, -1, 2_958_466, 1e300} {
		if _, ok := serial(n, false); ok {
			t.Errorf("%f passed for a day", n)
		}
	}
}

// Whatever rows stand come back from a template unchanged.
func TestAnyRowsComeBack(t *testing.T) {
	t.Parallel()
	s, terms := budget(t)
	rapid.Check(t, func(rt *rapid.T) {
		rows := form.Named(rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) form.Row {
			return form.Row{
				"text":     viet.Clean("x" + rapid.StringN(0, 40, -1).Draw(rt, "text")),
				"quantity": strings.TrimSuffix(strconv.FormatInt(rapid.Int64Range(1, 1e12).Draw(rt, "quantity"), 10)+rapid.SampledFrom([]string{"", ",5", ",25", ",01"}).Draw(rt, "decimals"), ","),
				"price":    viet.Number(rapid.Int64Range(0, 1<<62).Draw(rt, "price")),
				"source":   rapid.SampledFrom([]string{"state_budget", "aid", "other"}).Draw(rt, "source"),
				"year":     "2027",
			}
		}), 1, 4).Draw(rt, "rows"))
		var b bytes.Buffer
		if err := Template(&b, s, terms, rows, nil); err != nil {
			rt.Fatal(err)
		}
		got, err := ReadWorkbook(b.Bytes(), s, terms)
		if err != nil || len(got.Wrong) > 0 {
			rt.Fatal(err, got.Wrong)
		}
		for _, c := range Difference(rows, Result(s.Question, rows, got, Replace)) {
			if c.Kind != Same {
				rt.Fatalf("%v became %v", c.Old, c.New)
			}
		}
	})
}

// FuzzCell reads any cell for every kind of column: what is taken is what the
// form takes too, and amounts are exactly those of the file.
func FuzzCell(f *testing.F) {
	for _, seed := range []string{"1500000", "1.5e6", "1.500.000", "1,500,000", "2.5", "-3", "1e99", "46174", "Có", "", "0.30000000000000004", "９", "1E+3", "01/06/2027"} {
		f.Add(seed, 0)
		f.Add(seed, 1)
		f.Add(seed, 2)
	}
	f.Fuzz(func(t *testing.T, text string, kind int) {
		c := cell{text: text, state: state(((kind % 3) + 3) % 3)}
		if v, why := c.as(form.Column{Kind: form.Money}, form.Terms{}); why == nil {
			n, ok := viet.ParseMoney(v)
			if !ok {
				t.Fatalf("%q became the amount %q", text, v)
			}
			if exact, isNumber := new(big.Rat).SetString(text); c.state == asNumber && isNumber {
				off := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(n))
				if off.Abs(off).Cmp(big.NewRat(1, 1_000_000)) > 0 {
					t.Fatalf("%q became %d", text, n)
				}
			}
		}
		for _, k := range []form.Kind{form.Quantity, form.Measure} {
			if v, why := c.as(form.Column{Kind: k}, form.Terms{}); why == nil {
				if n, ok := form.ParseQuantity(v); !ok || k == form.Quantity && n == 0 {
					t.Fatalf("%q became the quantity %q", text, v)
				}
			}
		}
		if v, why := c.as(form.Column{Kind: form.Number}, form.Terms{}); why == nil {
			if _, ok := viet.ParseInt(v); !ok {
				t.Fatalf("%q became the number %q", text, v)
			}
		}
		if v, why := c.as(form.Column{Kind: form.Flag}, form.Terms{}); why == nil && v != "" && v != form.Yes {
			t.Fatalf("%q became the flag %q", text, v)
		}
		if v, why := c.as(form.Column{Kind: form.Line, MaxChars: 20}, form.Terms{}); why == nil && (viet.Clean(v) != v || viet.CountChars(v) > 20) {
			t.Fatalf("%q became the line %q", text, v)
		}
	})
}

// FuzzPasted reads anything from the clipboard.
func FuzzPasted(f *testing.F) {
	for _, seed := range []string{"a\tb\tc\t2,5\t1.000\tViện trợ\t2027", "\"a\n\"\"b\"\tx\n", "Khoản chi\tSố lượng\nA\t1", "\t\t\n", "\"", "\x00\t\u202e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, terms := budget(t)
		got, err := ReadPasted(text, s.Question, terms)
		if err != nil {
			return
		}
		if len(got.Rows) != len(got.Lines) || len(got.Rows) > MaxRows {
			t.Fatalf("%d rows, %d lines", len(got.Rows), len(got.Lines))
		}
		for i, r := range got.Rows {
			for key, v := range r {
				if viet.CleanText(v) != v || v == "" {
					t.Fatalf("row %d, %s: %q", i, key, v)
				}
			}
		}
	})
}

// FuzzDay turns any number into a day or refuses it.
func FuzzDay(f *testing.F) {
	f.Add(46174.5, false)
	f.Add(-1.0, true)
	f.Fuzz(func(t *testing.T, n float64, since1904 bool) {
		if day, ok := serial(n, since1904); ok && (day.Year() < 1900 || day.Year() > 10_003) {
			t.Fatalf("%f is %s", n, day)
		}
	})
}

// FuzzWorkbook reads anything as a workbook.
func FuzzWorkbook(f *testing.F) {
	f.Add(template(f, nil))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, terms := budget(t)
		if _, err := ReadWorkbook(b, s, terms); err != nil {
			if _, said := errors.AsType[problem.Invalid](err); !said {
				t.Fatal(err)
			}
		}
	})
}
