package viet_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"daubang/internal/viet"
)

func TestInstants(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 2, 25, 23, 47, 9, 0, time.UTC) // already the next day in Viet Nam
	for _, v := range []struct{ got, want string }{
		{viet.Date(at), "26/02/2027"},
		{viet.DateLong(at), "thứ Sáu 26/02/2027"},
		{viet.Clock(at), "06:47"},
		{viet.Instant(at), "06:47, thứ Sáu 26/02/2027"},
		{viet.InstantSeconds(at), "06:47:09, thứ Sáu 26/02/2027"},
		{viet.Instant(at.AddDate(0, 0, 2)), "06:47, Chủ nhật 28/02/2027"},
		{viet.DateEn(at), "26 February 2027"},
		{viet.DateLongEn(at), "Friday 26 February 2027"},
		{viet.InstantEn(at), "06:47, Friday 26 February 2027"},
		{viet.InstantSecondsEn(at), "06:47:09, Friday 26 February 2027"},
		{viet.Until(at), "06:47, thứ Sáu 26/02/2027"},
		{viet.Until(time.Date(2026, 11, 28, 17, 0, 0, 0, time.UTC)), "hết thứ Bảy 28/11/2026"},
		{viet.UntilEn(at), "06:47, Friday 26 February 2027"},
		{viet.UntilEn(time.Date(2026, 11, 28, 17, 0, 0, 0, time.UTC)), "the end of Saturday 28 November 2026"},
		{viet.DocumentDate(at), "ngày 26 tháng 02 năm 2027"},
		{viet.Day(at).Format(time.RFC3339), "2027-02-26T00:00:00Z"},
		{viet.Zone.String(), "Asia/Ho_Chi_Minh"},
	} {
		same(t, v.want, v.got, v.want)
	}
	for _, write := range []func(time.Time) string{
		viet.Date, viet.DateLong, viet.Clock, viet.Instant, viet.InstantSeconds,
		viet.DateEn, viet.DateLongEn, viet.InstantEn, viet.InstantSecondsEn, viet.DocumentDate, viet.Until, viet.UntilEn,
	} {
		same(t, "no time", write(time.Time{}), "")
	}
}

func TestParseInstant(t *testing.T) {
	t.Parallel()
	want := time.Date(2027, 2, 26, 10, 0, 0, 0, time.UTC)
	for _, clock := range []string{"17:00", " 17:00 ", "17h00", "17h", "17 h 00", "17H00"} {
		got, ok := viet.ParseInstant("26/02/2027", clock)
		same(t, clock, ok, true)
		same(t, clock, got.Equal(want), true)
		same(t, clock, viet.Instant(got), "17:00, thứ Sáu 26/02/2027")
	}
	early, ok := viet.ParseInstant("1-3-2027", "9:05")
	same(t, "9:05", ok, true)
	same(t, "9:05", viet.Clock(early), "09:05")
	for _, v := range [][2]string{
		{"26/02/2027", ""},
		{"26/02/2027", "24:00"},
		{"26/02/2027", "17:60"},
		{"26/02/2027", "17"},
		{"26/02/2027", "17:0"},
		{"26/02/2027", "17:000"},
		{"26/02/2027", "17:00:00"},
		{"26/02/2027", "-1:00"},
		{"26/02/2027", "h"},
		{"26/02/2027", ":00"},
		{"26/02/2027", "5pm"},
		{"30/02/2027", "17:00"},
		{"26/02", "17:00"},
		{"", "17:00"},
	} {
		if got, ok := viet.ParseInstant(v[0], v[1]); ok {
			t.Errorf("%q passed as %v", v, got)
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-01-05": "05/01/2026", "10 tháng 6": "10/06/2027", "Ngày 10 tháng 6": "10/06/2027", "10-6": "10/06/2027",
		"  5/1/2026 ": "05/01/2026", "NGÀY 09 THÁNG 9 NĂM 2026": "09/09/2026",
	} {
		got, ok := viet.ParseDate(in, 2027)
		same(t, in, ok, true)
		same(t, in, viet.Date(got), want)
	}
	for _, in := range []string{
		"", "/", "//", "1/2/3/4", "1/2-2026", "001/1/2026", "1/001/2026", "-1/1/2026", "1/1/0000", "1/1/20266", "1/1/-026",
		"１/１/2026", "2026/01/05", "ngày tháng năm", "10 tháng sáu năm 2026", "1/1/2026 2",
	} {
		if got, ok := viet.ParseDate(in, 2027); ok {
			t.Errorf("%q passed as %v", in, got)
		}
	}
	if got, ok := viet.ParseDate("10/6", 0); ok {
		t.Errorf("a day without a year passed as %v", got)
	}
}

func TestDatesReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-2e9, 7e9).Draw(t, "second"), 0)
		for _, shown := range []string{viet.Date(at), viet.DocumentDate(at), viet.Day(at).Format(time.DateOnly)} {
			if day, ok := viet.ParseDate(shown, 0); !ok || !day.Equal(viet.Day(at)) {
				t.Errorf("%v became %q became %v", at, shown, day)
			}
		}
		if back, ok := viet.ParseInstant(viet.Date(at), viet.Clock(at)); !ok || at.Sub(back) < 0 || at.Sub(back) >= time.Minute {
			t.Errorf("%v became %v", at, back)
		}
		if viet.Date(viet.Day(at)) != viet.Date(at) {
			t.Errorf("%v falls on %s or %s", at, viet.Date(at), viet.Date(viet.Day(at)))
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"27/2", "05.01.2026", "ngày 09 tháng 02 năm 2018", "2026-01-05", "9/99/9999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if day, ok := viet.ParseDate(s, 2027); ok {
			if again, ok := viet.ParseDate(viet.Date(day), 0); !ok || !again.Equal(day) {
				t.Errorf("%q became %v became %v", s, day, again)
			}
		}
	})
}
