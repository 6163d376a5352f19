package viet

import (
	"strconv"
	"strings"
	"time"
)

// ParseDate reads a day as people here write it: 5/1/2026, 05-01-2026,
// 5.1.2026, "ngày 05 tháng 01 năm 2026", also 2026-01-05 as browsers send it;
// and 5/1 with the year from the context, unless that is 0. The day is midnight
// UTC, see [Day]. It refuses days that do not exist and years of two digits.
func ParseDate(s string, year int) (time.Time, bool) {
	s = Clean(s)
	parts := spoken(s)
	if parts == nil {
		parts = split(s)
	}
	if len(parts) == 3 && len(parts[0]) == 4 && strings.Contains(s, "-") {
		parts[0], parts[2] = parts[2], parts[0]
	}
	switch {
	case len(parts) == 2 && year > 0:
		parts = append(parts, strconv.Itoa(year))
	case len(parts) != 3 || len(parts[2]) != 4:
		return time.Time{}, false
	}
	d, m, y := short(parts[0]), short(parts[1]), parts[2]
	if d == 0 || m == 0 || !isDigits(y) {
		return time.Time{}, false
	}
	whole, _ := strconv.Atoi(y) // digits only
	t := time.Date(whole, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == d && int(t.Month()) == m && !t.IsZero() && whole > 0 // the 31st of February would be in March; the first day of all means none
}

// split cuts a day at its separators, which must be of one kind.
func split(s string) []string {
	for _, sep := range []string{"/", "-", "."} {
		if strings.Contains(s, sep) {
			return strings.Split(s, sep)
		}
	}
	return nil
}

// spoken reads "ngày 05 tháng 01 năm 2026", with or without its first word
// and its year.
func spoken(s string) []string {
	w := strings.Fields(strings.TrimPrefix(Key(s), "ngay "))
	switch {
	case len(w) == 5 && w[1] == "thang" && w[3] == "nam":
		return []string{w[0], w[2], w[4]}
	case len(w) == 3 && w[1] == "thang":
		return []string{w[0], w[2]}
	default:
		return nil
	}
}

// short is a number of one or two digits, or 0. Atoi takes 09 for nine;
// fmt.Sscan would take it for an octal.
func short(s string) int {
	if len(s) > 2 || !isDigits(s) {
		return 0
	}
	n, _ := strconv.Atoi(s) // digits only
	return n
}

// ParseInstant reads a day and a time of day in Viet Nam: "26/02/2027" and
// "17:00", "17h00" or "17h".
func ParseInstant(date, clock string) (time.Time, bool) {
	day, ok := ParseDate(date, 0)
	if !ok {
		return time.Time{}, false
	}
	hour, minute, cut := strings.Cut(strings.NewReplacer("h", ":", "H", ":", " ", "").Replace(Clean(clock)), ":")
	if minute == "" && strings.ContainsAny(clock, "hH") {
		minute = "00"
	}
	if !cut || len(hour) > 2 || !isDigits(hour) || len(minute) != 2 || !isDigits(minute) {
		return time.Time{}, false
	}
	h, m := short(hour), short(minute)
	if h > 23 || m > 59 {
		return time.Time{}, false
	}
	return time.Date(day.Year(), day.Month(), day.Day(), h, m, 0, 0, Zone), true
}
