package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/audit"
	"daubang/internal/calendar"
	"daubang/internal/intake"
	"daubang/internal/pgtest"
	"daubang/internal/viet"
)

const header = "date,name_vi,name_en,kind,status\n"

// september is made up after the holidays of 2026, in a year of its own: tests
// run at once in one database.
const september = header +
	"2054-09-01,Quốc khánh (ngày liền kề),National Day,holiday,secondary_source\n" +
	"2054-09-02,Quốc khánh,National Day,holiday,statutory\n" +
	"2054-09-03,Nghỉ hoán đổi,Swapped day,swap_off,unverified\n" +
	"2054-09-04,Nghỉ hoán đổi,Swapped day,swap_off,secondary_source\n" +
	"2054-09-12,Làm bù,Working Saturday,swap_work,secondary_source\n" +
	"2054-09-19,Làm bù,Working Saturday,swap_work,pending_official_notice\n"

var act = audit.Act{At: time.Date(2054, 1, 5, 2, 0, 0, 0, time.UTC)}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestReckoning(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	if _, err := calendar.Import(ctx, tx, act, "holidays.csv", strings.NewReader(september)); err != nil {
		t.Fatal(err)
	}
	days, err := calendar.Load(ctx, tx)
	if err != nil {
		t.Fatal(err)
	}
	for d, want := range map[string]bool{
		"2054-08-31": true,  // Monday
		"2054-09-01": false, // Tuesday, a holiday
		"2054-09-02": false,
		"2054-09-03": true,  // unverified, so it counts for nothing
		"2054-09-04": false, // Friday, swapped
		"2054-09-05": false, // Saturday
		"2054-09-06": false,
		"2054-09-12": true,  // Saturday, worked in exchange
		"2054-09-19": false, // Saturday; the swap is not announced
	} {
		if got := days.IsWorkingDay(day(d)); got != want {
			t.Errorf("%s: got %t, want %t", d, got, want)
		}
	}
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2054-08-31", 1, "2054-09-03"},
		{"2054-08-31", 2, "2054-09-07"},
		{"2054-09-11", 1, "2054-09-12"},
		{"2054-09-04", 0, "2054-09-07"},
		{"2054-09-07", 0, "2054-09-07"},
		{"2054-09-07", -1, "2054-09-03"},
		{"2054-09-05", -2, "2054-08-31"},
	} {
		if got := days.AddWorkingDays(day(c.from), c.n).Format(time.DateOnly); got != c.want {
			t.Errorf("%s and %d: got %s, want %s", c.from, c.n, got, c.want)
		}
	}
	// The evening before in London is the holiday itself in Viet Nam.
	if days.IsWorkingDay(time.Date(2054, 8, 31, 17, 0, 0, 0, time.UTC)) {
		t.Error("midnight of 1 September in Viet Nam counts as 31 August")
	}
	if days.IsWorkingDay(time.Date(2054, 9, 1, 0, 0, 0, 0, viet.Zone)) {
		t.Error("midnight of 1 September is no working day")
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	file := strings.ReplaceAll(september, "2054", "2065") + "2066-01-01,Tết Dương lịch,New Year's Day,holiday,statutory\n"
	file = strings.Replace(file, "2065-09-12", "2065-09-13", 1) // a weekend in that year
	for _, want := range []intake.Changes{{Added: 7}, {Unchanged: 7}} {
		got, err := calendar.Import(ctx, tx, act, "holidays.csv", strings.NewReader(file))
		if err != nil || !cmp.Equal(got, want) {
			t.Fatalf("got %+v, %v; want %+v", got, err, want)
		}
	}
	list, err := calendar.List(ctx, tx, 2065)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range list {
		got = append(got, viet.Date(d.Date)+" "+d.Name().En)
	}
	want := "01/09/2065 National Day, 02/09/2065 National Day, 04/09/2065 Swapped day, 13/09/2065 Working Saturday"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
	confirmed := strings.Replace(file, "2065-09-03,Nghỉ hoán đổi,Swapped day,swap_off,unverified", "2065-09-03,Nghỉ hoán đổi,Swapped day,swap_off,statutory", 1)
	if got, err := calendar.Import(ctx, tx, act, "holidays.csv", strings.NewReader(confirmed)); err != nil || got.Changed != 1 {
		t.Errorf("got %+v, %v; want one changed", got, err)
	}
	if list, err := calendar.List(ctx, tx, 2065); err != nil || len(list) != 5 {
		t.Errorf("got %d days, %v; want the confirmed one too", len(list), err)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	for row, want := range map[string]string{
		"2077-09-02,Quốc khánh,,holiday,certain":                           "line 2, status: “certain” is none of",
		"2077-09-02,Quốc khánh,,feast,statutory":                           "line 2, kind: “feast” is none of",
		"2077-02-30,Quốc khánh,,holiday,statutory":                         "line 2, date: “2077-02-30” is no date",
		"2077-09-02,Làm bù,,swap_work,statutory":                           "line 2, kind: A day worked in exchange",
		"2077-09-01,A,,holiday,statutory\n2077-09-01,B,,holiday,statutory": "line 3, date: The same already stands in line 2",
	} {
		_, err := calendar.Import(ctx, tx, act, "holidays.csv", strings.NewReader(header+row+"\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "holidays.csv, "+want) {
			t.Errorf("%q: got %v, want %s", row, err, want)
		}
	}
}

func TestZeroDaysKnowWeekends(t *testing.T) {
	t.Parallel()
	var days calendar.Days
	if days.IsWorkingDay(day("2026-11-21")) || !days.IsWorkingDay(day("2026-11-23")) {
		t.Error("want Saturday off and Monday worked")
	}
}
