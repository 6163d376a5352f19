package viet

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseMonth(t *testing.T) {
	t.Parallel()
	june := time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, s := range []string{"6/2027", "06/2027", "06-2027", "6.2027", "2027-06", "tháng 6 năm 2027", "Tháng 06/2027", "T6/2027", " thang 6/2027 ", "6 / 2027", "tha\u0301ng 6/2027", "6 năm 2027"} {
		if got, ok := ParseMonth(s); !ok || !got.Equal(june) {
			t.Errorf("%q: %v %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "6", "2027", "6/27", "13/2027", "0/2027", "006/2027", "6/02027", "6/0000", "-6/2027", "６/2027", "06/2027/1", "1/6/2027", "tháng sáu năm 2027", "6-/2027", "2027/06/01", "6 2027"} {
		if got, ok := ParseMonth(s); ok {
			t.Errorf("%q: read as %v", s, got)
		}
	}
}

func TestParseMonths(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"06/2027 – 12/2028", "06/2027–12/2028", "6-2027 - 12-2028", "Từ tháng 6/2027 đến tháng 12/2028", "6/2027 đến 12/2028", "tháng 6 năm 2027 tới tháng 12 năm 2028"} {
		from, to, ok := ParseMonths(s)
		if !ok || MonthsIn(from, to) != 19 {
			t.Errorf("%q: %v %v %v", s, from, to, ok)
		}
	}
	for _, s := range []string{"", "6/2027", "12/2028 – 6/2027", "6–12/2027", "6/2027 - ", "– 6/2027", "6/2027 – 7/2027 – 8/2027"} {
		if from, to, ok := ParseMonths(s); ok {
			t.Errorf("%q: read as %v to %v", s, from, to)
		}
	}
}

func TestMonthRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := time.Date(rapid.IntRange(1000, 9998).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), 1, 0, 0, 0, 0, time.UTC)
		n := rapid.IntRange(1, 12).Draw(t, "months")
		to := from.AddDate(0, n-1, 0)
		if got, ok := ParseMonth(Month(from)); !ok || !got.Equal(from) {
			t.Fatalf("%s: %v", Month(from), got)
		}
		a, b, ok := ParseMonths("từ " + Month(from) + " đến " + Month(to))
		if !ok || !a.Equal(from) || !b.Equal(to) || MonthsIn(a, b) != n {
			t.Fatalf("%v to %v: %v %v", from, to, a, b)
		}
	})
}
