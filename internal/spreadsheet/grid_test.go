package spreadsheet

import (
	"bytes"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"daubang/internal/form"
	"daubang/internal/words"
)

func counts(tb testing.TB) Stamp {
	tb.Helper()
	d, err := form.Default()
	if err != nil {
		tb.Fatal(err)
	}
	_, q, _ := d.Question("beneficiaries")
	return Stamp{Form: 4711, Question: q, Language: words.Vi}
}

// edited is the template of rows after somebody wrote in its cells.
func edited(t *testing.T, s Stamp, rows []form.Row, cells map[string]any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Template(&b, s, form.Terms{}, rows, nil); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	for cell, v := range cells {
		if err := f.SetCellValue(f.GetSheetName(0), cell, v); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func wrongs(t Table) map[string]string {
	said := map[string]string{}
	for _, w := range t.Wrong {
		said[w.Column.Key+strconv.Itoa(w.Line)] = w.Words.Key
	}
	return said
}

// The columns of a grid are B reach, C group, D to F the sexes, G not collected;
// its first line, the total, is row 3.
func TestCountsThroughExcel(t *testing.T) {
	t.Parallel()
	s := counts(t)
	was := []form.Row{
		{"line": "direct.total", "female": "1.200", "male": "300"},
		{"line": "direct.disability", "not_collected": "yes"},
		{"line": "direct.poor", "female": "7", "male": "7"},
	}
	same, err := ReadWorkbook(edited(t, s, was, nil), s, form.Terms{})
	if err != nil || len(same.Wrong) > 0 {
		t.Fatal(err, same.Wrong)
	}
	standing := Rows(s.Question, was)
	for _, c := range Difference(standing, Result(s.Question, was, same, Replace)) {
		if c.Kind != Same {
			t.Errorf("%s: %v", c.Kind, c)
		}
	}

	// 0 is a count, an empty cell is none, and "not collected" is neither.
	read, err := ReadWorkbook(edited(t, s, was, map[string]any{"D3": 1500, "E3": 0, "G4": "Có", "D5": "2.000", "D13": nil, "E13": nil, "G10": nil, "F10": 4}), s, form.Terms{})
	if err != nil || len(read.Wrong) > 0 {
		t.Fatal(err, read.Wrong)
	}
	rows := Result(s.Question, was, read, Replace)
	sent := map[string]string{}
	for _, c := range Controls(s.Question, form.Terms{}, rows) {
		sent[c.Name] = c.Value
	}
	want := map[string]string{
		"beneficiaries.direct.total.female": "1500", "beneficiaries.direct.total.male": "0", "beneficiaries.direct.age_0_15.not_collected": "yes",
		"beneficiaries.direct.age_16_30.female": "2.000", "beneficiaries.direct.disability.other": "4",
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Error(diff)
	}
}

func TestCountsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := counts(t)
	read, err := ReadWorkbook(edited(t, s, nil, map[string]any{
		"G3": "Có", "D4": "chưa thu thập", "E4": -1, "F4": 1.5, "D5": 3, "G5": "Có", "D6": 1e12, "C7": "Tổng số", "B8": "Ai đó", "C8": "Ai đó", "G9": "có lẽ",
	}), s, form.Terms{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"not_collected3": "sheet.count_total", "female4": "sheet.not_count", "male4": "sheet.not_count", "other4": "sheet.not_count", "not_collected5": "sheet.count_both",
		"female6": "sheet.not_count", "group7": "sheet.line_twice", "not_collected9": "sheet.not_flag",
	}
	if diff := cmp.Diff(want, wrongs(read)); diff != "" { // row 8 has lost its words and is found by its hidden name
		t.Error(diff)
	}
}

// Pasted lines are found by their words; those that are not pasted stay.
func TestCountsPasted(t *testing.T) {
	t.Parallel()
	s := counts(t)
	was := []form.Row{{"line": "direct.total", "female": "10", "male": "5", "other": "1"}, {"line": "indirect.total", "female": "99"}}
	read, err := ReadPasted("Trực tiếp hay gián tiếp\tNhóm\tNữ\tNam\tChưa thu thập\nTrực tiếp\ttổng số\t1,200\t0\t\ndirectly\tKinh\t\t\tx\n", s.Question, form.Terms{})
	if err != nil || len(read.Wrong) > 0 {
		t.Fatal(err, read.Wrong)
	}
	got := map[string]string{}
	for _, c := range Controls(s.Question, form.Terms{}, Result(s.Question, was, read, Append)) {
		got[strings.TrimPrefix(c.Name, "beneficiaries.")] = c.Value
	}
	want := map[string]string{
		"direct.total.female": "1.200", "direct.total.male": "0", "direct.total.other": "1", "direct.kinh.not_collected": "yes", "indirect.total.female": "99",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	unnamed, err := ReadPasted("\t\t5\t5\nTrực tiếp\tngười lạ\t1\t1\n", s.Question, form.Terms{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"group1": "sheet.which_line", "group2": "sheet.not_in_list"}, wrongs(unnamed)); diff != "" {
		t.Error(diff)
	}
}

// Whatever a grid holds comes back from its template unchanged.
func TestAnyCountsComeBack(t *testing.T) {
	t.Parallel()
	s := counts(t)
	rapid.Check(t, func(rt *rapid.T) {
		var was []form.Row
		for _, l := range s.Question.Counts {
			row := form.Row{"line": rapid.SampledFrom([]string{"direct.", "indirect."}).Draw(rt, "reach") + l.Key}
			cells := rapid.MapOfN(rapid.SampledFrom(form.Sexes), rapid.SampledFrom([]string{"0", "7", "1.234", "1234", "1000000000"}), 0, 3).Draw(rt, "cells")
			if maps.Copy(row, cells); len(cells) == 0 && l.Key != "total" {
				row["not_collected"] = "yes"
			}
			was = append(was, row)
		}
		var b bytes.Buffer
		if err := Template(&b, s, form.Terms{}, was, nil); err != nil {
			rt.Fatal(err)
		}
		got, err := ReadWorkbook(b.Bytes(), s, form.Terms{})
		if err != nil || len(got.Wrong) > 0 {
			rt.Fatal(err, got.Wrong)
		}
		for _, c := range Difference(Rows(s.Question, was), Result(s.Question, was, got, Replace)) {
			if c.Kind != Same {
				rt.Fatalf("%v became %v", c.Old, c.New)
			}
		}
	})
}
