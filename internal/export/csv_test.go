package export_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daubang/internal/export"
)

func write(t interface{ Fatal(...any) }, d export.Dialect, rows ...[]export.Cell) string {
	var b bytes.Buffer
	w := export.NewCSV(&b, d)
	for _, r := range rows {
		if err := w.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDialects(t *testing.T) {
	t.Parallel()
	half, at := 81.5, time.Date(2027, 2, 26, 10, 0, 9, 0, time.UTC)
	row := []export.Cell{export.Text(`Tổ "Chị, em"; xã`), export.Whole(-5), export.Whole(742_000_000), export.Decimal(&half), export.Decimal(nil), export.Instant(&at), export.Instant(nil)}
	if got, want := write(t, export.Plain, row), "\"Tổ \"\"Chị, em\"\"; xã\",-5,742000000,81.50,,2027-02-26T17:00:09+07:00,\r\n"; got != want {
		t.Errorf("plain: %q\nwant   %q", got, want)
	}
	if got, want := write(t, export.Excel, row), "\ufeff\"Tổ \"\"Chị, em\"\"; xã\";-5;742000000;81,50;;26/02/2027 17:00:09;\r\n"; got != want {
		t.Errorf("excel: %q\nwant   %q", got, want)
	}
}

func TestFormulasAreText(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"=1+1", "+84", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1", "  =1", `"=1`, "'=1", "\u00a0=1"} {
		if got := write(t, export.Excel, []export.Cell{export.Text(s)}); !strings.HasPrefix(got, "\ufeff\"'") {
			t.Errorf("%q became %q", s, got)
		}
	}
	for _, s := range []string{"", "a=b", "Đề xuất", "5-6"} {
		if got := write(t, export.Plain, []export.Cell{export.Text(s)}); strings.HasPrefix(got, `"'`) {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestAnotherProgramReadsItBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom([]export.Dialect{export.Plain, export.Excel}).Draw(t, "dialect")
		want := rapid.SliceOfN(rapid.StringMatching(`[a-zÀ-ỹ0-9][a-zÀ-ỹ ",;'\n=]*`), 1, 5).Draw(t, "texts")
		var cells []export.Cell
		for _, s := range want {
			cells = append(cells, export.Text(s))
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(write(t, d, cells), "\ufeff")))
		if d == export.Excel {
			r.Comma = ';'
		}
		got, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}
