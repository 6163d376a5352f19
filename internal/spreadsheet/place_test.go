package spreadsheet

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/pgtest"
	"daubang/internal/place"
	"daubang/internal/words"
)

const units = "code,name,full_name,name_en,level,parent_code,valid_from,valid_to,unit_type,search_key\n" +
	"97,Lê Vàng,Tỉnh Lê Vàng,,1,,,,tinh,\n98,Táo Mèo,Tỉnh Táo Mèo,,1,,,,tinh,\n" +
	"09701,Ớt Xanh,Xã Ớt Xanh,,3,97,2025-07-01,,xa,\n09801,Ớt Xanh,Xã Ớt Xanh,,3,98,2025-07-01,,xa,\n09802,Gừng Gió,Phường Gừng Gió,,3,98,2025-07-01,,phuong,\n"

// A cell of a place takes a name or a code; one that can mean several units is
// refused with what they are, and a template names the unit beneath.
func TestPlaces(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	if _, err := place.Import(ctx, tx, audit.Act{}, "places.csv", strings.NewReader(units)); err != nil {
		t.Fatal(err)
	}
	q := form.Question{Key: "places", Kind: form.Places, MaxRows: 10, Label: words.Pair{Vi: "Nơi làm", En: "Where"}, Columns: form.StandardColumns(form.Places)}
	s := Stamp{Form: 4711, Question: q, Language: words.Vi}
	all, err := place.Today(ctx, tx)
	if err != nil || len(all) != 5 {
		t.Fatal(err, all)
	}
	was := []form.Row{{"id": "a", "name": "Xã Ớt Xanh, Tỉnh Táo Mèo", "name.is": "3-09801-2025-07-01"}, {"id": "b", "name": "Ớt Xanh"}}
	var b bytes.Buffer
	if err := Template(&b, s, form.Terms{}, was, all); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	sheet := f.GetSheetName(0)
	if shown, _ := f.GetColVisible(sheet, "C"); shown {
		t.Error("the column of what is meant is shown")
	}
	if rules, _ := f.GetDataValidations(sheet); len(rules) != 1 || !strings.Contains(rules[0].Formula1, "$A$2:$A$6") || rules[0].ShowErrorMessage {
		t.Errorf("what a place may be: %+v", rules)
	}
	for cell, v := range map[string]any{"B5": 9802, "B6": "09701", "B7": "gung gio, tao meo", "B8": "98", "B9": "Sả Chanh", "C3": "3-09701-2025-07-01"} { // the last is another unit than its name says
		if err := f.SetCellValue(sheet, cell, v); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	read, err := ReadWorkbook(out.Bytes(), s, form.Terms{})
	if err != nil {
		t.Fatal(err)
	}
	if read, err = Located(ctx, tx, q, read); err != nil {
		t.Fatal(err)
	}
	gingerWind, village := form.Row{"name": "Phường Gừng Gió, Tỉnh Táo Mèo", "name.is": "3-09802-2025-07-01"}, form.Row{"name": "Xã Ớt Xanh, Tỉnh Lê Vàng", "name.is": "3-09701-2025-07-01"}
	want := []form.Row{
		{"id": "a", "name": "Xã Ớt Xanh, Tỉnh Táo Mèo", "name.is": "3-09801-2025-07-01"},
		{"id": "b"},
		gingerWind, village, gingerWind,
		{"name": "Tỉnh Táo Mèo", "name.is": "1-98-0001-01-01"},
		{},
	}
	if diff := cmp.Diff(want, read.Rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"name4": "sheet.which_place", "name9": "sheet.no_place"}, wrongs(read)); diff != "" {
		t.Error(diff)
	}
	if said := words.Say(words.Vi, read.Wrong[0].Words); !strings.Contains(said, "Xã Ớt Xanh, Tỉnh Lê Vàng (09701); Xã Ớt Xanh, Tỉnh Táo Mèo (09801)") {
		t.Error(said)
	}
}
