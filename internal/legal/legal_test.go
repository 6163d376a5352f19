package legal_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/intake"
	"daubang/internal/legal"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
	"daubang/internal/words"
)

const header = "doc_type,number,date,issuer,title_vi_short,title_en,status,status_note,verified,source\n"

// register is made up; # is replaced by a number of the test's own, for tests
// run at once in one database.
const register = header +
	"Nghị định,#/2020/NĐ-CP,2020-03-05,Chính phủ,Công tác văn thư,Records work,in_force,,yes,text\n" +
	"Quyết định,#/QĐ-TTg,2017-06-30,Thủ tướng Chính phủ,Đề án,Scheme,in_force,day unverified,number_only,cited\n" +
	"Chỉ thị,#-CT/TU,2011-12-30,Thành ủy Hà Nội,Cán bộ nữ,Female cadres,unknown,,yes,press\n" +
	"Kế hoạch,#/KH-UBND,2019-02-01,UBND tỉnh Tre,Kế hoạch 2019,Plan 2019,ended,,yes,press\n" +
	"Kế hoạch,#/KH-UBND,2020-02-01,UBND tỉnh Tre,Kế hoạch 2020,Plan 2020,ended,,yes,press\n"

var act = audit.Act{At: time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func load(t *testing.T, tx pgx.Tx, file string) intake.Changes {
	t.Helper()
	changes, err := legal.Import(t.Context(), tx, act, "legal.csv", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func TestImport(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	file := strings.ReplaceAll(register, "#", "9101")
	for i, want := range []intake.Changes{{Added: 5}, {Unchanged: 5}} {
		if got := load(t, tx, file); !cmp.Equal(got, want) {
			t.Errorf("time %d: got %+v, want %+v", i+1, got, want)
		}
	}
	moved := strings.Replace(file, "9101-CT/TU", "9101/CT-TU", 1) // the same directive
	if got, want := load(t, tx, moved), (intake.Changes{Changed: 1, Unchanged: 4}); !cmp.Equal(got, want) {
		t.Errorf("moved hyphen: got %+v, want %+v", got, want)
	}
	d, err := legal.Get(ctx, tx, "9101-CT-TU", time.Time{})
	if err != nil || d.Number != "9101/CT-TU" {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestWhatNobodyHasSeenIsBlank(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	load(t, tx, strings.ReplaceAll(register, "#", "9202"))
	d, err := legal.Get(ctx, tx, "9202/QĐ-TTg", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Date != nil || d.Status != legal.Unknown || d.Seen() {
		t.Errorf("got %+v, want neither date nor status of what is unverified", d)
	}
	if _, err := legal.Get(ctx, tx, "9202/QĐ-TTg", day("2017-06-30")); !errors.Is(err, problem.NotFound) {
		t.Errorf("got %v, want no match on an unverified date", err)
	}
}

func TestNumbersBeginAgainEveryYear(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	load(t, tx, strings.ReplaceAll(register, "#", "9303"))
	for date, want := range map[string]string{"2019-02-01": "Kế hoạch 2019", "2020-02-01": "Kế hoạch 2020", "0001-01-01": "Kế hoạch 2020"} {
		d, err := legal.Get(ctx, tx, "9303/KH-UBND", day(date))
		if err != nil || d.TitleVi != want {
			t.Errorf("%s: got %q, %v; want %q", date, d.TitleVi, err, want)
		}
	}
	list, err := legal.List(ctx, tx, "9303 kh")
	if err != nil || len(list) != 2 || list[0].TitleVi != "Kế hoạch 2020" {
		t.Errorf("got %+v, %v; want both plans, the newer first", list, err)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	for row, want := range map[string]string{
		"Luật,9404/QH,,Quốc hội,A,,in_force,,yes,":                                                                "line 2, date: A verified document needs its date",
		"Luật,9404/QH,2006-11-29,Quốc hội,A,,valid,,yes,":                                                         "line 2, status: “valid” is none of",
		"Luật,//,2006-11-29,Quốc hội,A,,in_force,,yes,":                                                           "line 2, number: The number must have letters or digits",
		"Luật,9404/QH,2006-11-29,,A,,in_force,,yes,":                                                              "line 2, issuer: This must not be empty",
		"Luật,9404/QH,2006-11-29,Quốc hội,A,,in_force,,yes,\nLuật,09404-QH,2006-11-29,QUỐC HỘI,B,,in_force,,yes,": "line 3, number: The same already stands in line 2",
	} {
		_, err := legal.Import(ctx, tx, act, "legal.csv", strings.NewReader(header+row+"\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "legal.csv, "+want) {
			t.Errorf("%q: got %v, want %s", row, err, want)
		}
	}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	load(t, tx, strings.ReplaceAll(register, "#", "9505"))
	known, err := legal.Get(ctx, tx, "9505-CT/TU", day("2011-12-30"))
	if err != nil {
		t.Fatal(err)
	}
	date, other := day("2011-12-30"), day("2012-12-30")
	for what, c := range map[string]legal.Citation{
		"written otherwise": {DocType: "Chỉ thị", Number: "9505/CT-TU", Date: &date, Issuer: "Thành uỷ Hà Nội", TitleVi: "Khác"},
		"without a date":    {DocType: "Chỉ thị", Number: "9505/CT-TU", Issuer: "Thành ủy Hà Nội", TitleVi: "Khác"},
	} {
		if id, err := legal.Register(ctx, tx, c); err != nil || id != known.ID {
			t.Errorf("%s: got %d, %v; want the document that is there", what, id, err)
		}
	}
	for what, c := range map[string]legal.Citation{
		"another year":   {DocType: "Chỉ thị", Number: "9505-CT/TU", Date: &other, Seen: true, Issuer: "Thành ủy Hà Nội", TitleVi: "Mới"},
		"another issuer": {DocType: "Chỉ thị", Number: "9505-CT/TU", Date: &date, Seen: true, Issuer: "Tỉnh ủy Tre", TitleVi: "Mới"},
	} {
		id, err := legal.Register(ctx, tx, c)
		if err != nil || id == known.ID {
			t.Errorf("%s: got %d, %v; want a new document", what, id, err)
		}
		if again, err := legal.Register(ctx, tx, c); err != nil || again != id {
			t.Errorf("%s again: got %d, %v; want %d", what, again, err, id)
		}
	}
	after, err := legal.These(ctx, tx, []legal.ID{known.ID})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(known, after[known.ID]); diff != "" {
		t.Errorf("the register's own words changed: %s", diff)
	}
}

func TestBothLanguages(t *testing.T) {
	t.Parallel()
	d := legal.Document{DocType: "Nghị định", Issuer: "Thủ tướng Chính phủ"}
	if d.Type() != (words.Pair{Vi: "Nghị định", En: "Decree"}) || d.By().En != "Prime Minister" {
		t.Errorf("got %+v, %+v", d.Type(), d.By())
	}
	rare := legal.Document{DocType: "Quy chế phối hợp", Issuer: "UBND tỉnh Tre"}
	if rare.Type().In(words.En) != "Quy chế phối hợp" || rare.By().In(words.En) != "UBND tỉnh Tre" {
		t.Errorf("got %+v, %+v; want the Vietnamese where no English is known", rare.Type(), rare.By())
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	file := "code,objective_vi,objective_en,target_vi_short,target_en,unit,op_2025,value_2025,op_2030,value_2030,verified,note\n" +
		"x5.9,Giáo dục,Education,Nữ thạc sĩ,Women with a master's degree,percent,>=,50,>=,52.5,yes,\n" +
		"x5.10,Giáo dục,Education,Nữ tiến sĩ,Women with a doctorate,percent,>=,30,~,35,no,not seen\n"
	for _, want := range []intake.Changes{{Added: 2}, {Unchanged: 2}} {
		got, err := legal.ImportTargets(ctx, tx, act, "targets.csv", strings.NewReader(file))
		if err != nil || !cmp.Equal(got, want) {
			t.Fatalf("got %+v, %v; want %+v", got, err, want)
		}
	}
	list, err := legal.Targets(ctx, tx)
	if err != nil || len(list) != 2 {
		t.Fatalf("got %+v, %v", list, err)
	}
	if master := list[0]; master.Code != "x5.9" || *master.Value2030 != 52.5 || *master.Op2030 != ">=" || !master.Seen() {
		t.Errorf("got %+v", master)
	}
	if doctor := list[1]; doctor.Code != "x5.10" || doctor.Value2025 != nil || doctor.Op2030 != nil || doctor.Seen() {
		t.Errorf("got %+v, want no figures of what is unverified", doctor)
	}
	_, err = legal.ImportTargets(ctx, tx, act, "targets.csv", strings.NewReader(strings.Replace(file, "52.5", "52,5", 1)))
	if err == nil || !strings.HasPrefix(err.Error(), "targets.csv, line 2: The line has more or fewer fields") {
		t.Errorf("got %v", err)
	}
	_, err = legal.ImportTargets(ctx, tx, act, "targets.csv", strings.NewReader(strings.Replace(file, ",~,", ",approx,", 1)))
	if err == nil || !strings.HasPrefix(err.Error(), "targets.csv, line 3, op_2030: “approx” is none of") {
		t.Errorf("got %v", err)
	}
	events, err := pg.Value[int](ctx, tx, `select count(*)::int from audit_events where detail->>'what' = 'national_targets'`)
	if err != nil || events != 1 {
		t.Errorf("got %d events, %v; want one", events, err)
	}
}
