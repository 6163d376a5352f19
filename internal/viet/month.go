package viet

import (
	"strconv"
	"strings"
	"time"
)

// ParseMonth reads a month as people here write it: 6/2027, 06-2027, 06.2027,
// "tháng 6 năm 2027", "tháng 6/2027", T6/2027, also 2027-06 as browsers send it.
// The answer is its first day, midnight UTC. It refuses years before 1000 and of two digits.
func ParseMonth(s string) (time.Time, bool) {
	s = strings.ToLower(Clean(s))
	for _, word := range []string{"tháng", "thang", "t"} {
		if rest, ok := strings.CutPrefix(s, word); ok {
			s = strings.TrimSpace(rest)
			break
		}
	}
	parts := split(s)
	if w := strings.Fields(s); len(w) == 3 && Key(w[1]) == "nam" {
		parts = []string{w[0], w[2]}
	}
	if len(parts) != 2 {
		return time.Time{}, false
	}
	month, year := strings.TrimSpace(parts[0]), strings.TrimSpace(parts[1])
	if len(month) == 4 && strings.Contains(s, "-") {
		month, year = year, month
	}
	m := short(month)
	if m < 1 || m > 12 || len(year) != 4 || !isDigits(year) || year[0] == '0' {
		return time.Time{}, false
	}
	y, _ := strconv.Atoi(year) // digits only
	return time.Date(y, time.Month(m), 1, 0, 0, 0, 0, time.UTC), true
}

// between are what stands between two months, the longer before those in them.
var between = []string{" đến ", " tới ", " den ", " – ", " — ", " - ", "–", "—", "→"}

// ParseMonths reads two months in one line: "6/2027 – 12/2028", "từ tháng 6/2027
// đến tháng 12/2028". It refuses an end before the beginning.
func ParseMonths(s string) (from, to time.Time, ok bool) {
	s = Clean(s)
	if rest, begun := strings.CutPrefix(strings.ToLower(s), "từ "); begun {
		s = rest
	}
	for _, sep := range between {
		first, second, cut := strings.Cut(s, sep)
		if !cut {
			continue
		}
		from, ok = ParseMonth(first)
		if !ok {
			return time.Time{}, time.Time{}, false
		}
		to, ok = ParseMonth(second)
		if !ok || to.Before(from) {
			return time.Time{}, time.Time{}, false
		}
		return from, to, true
	}
	return time.Time{}, time.Time{}, false
}

// MonthsIn counts the months from one to another, both included; 0 if the second
// is the earlier one.
func MonthsIn(from, to time.Time) int {
	return max(12*(to.Year()-from.Year())+int(to.Month())-int(from.Month())+1, 0)
}

// Month writes a month: tháng 06/2027.
func Month(t time.Time) string { return shown(t, "tháng 01/2006") }

// MonthEn is Month for the English pages: June 2027.
func MonthEn(t time.Time) string { return shown(t, "January 2006") }
