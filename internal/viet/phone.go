package viet

import "strings"

// Kinds of telephone numbers.
const (
	Mobile   = "mobile"
	Landline = "landline"
)

// Phone reads a Vietnamese telephone number, written with spaces, dots,
// hyphens or brackets, and with 0, +84 or 0084 before it. It answers the digits
// from 0 and the kind. Service numbers (1800, 1900, 113) are no one's own and are
// refused, like the mobile numbers of 11 digits that ended in 2018.
func Phone(s string) (digits, kind string, ok bool) {
	s = strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "").Replace(Clean(s))
	for _, abroad := range []string{"+84", "0084"} {
		if rest, cut := strings.CutPrefix(s, abroad); cut {
			s = "0" + strings.TrimPrefix(rest, "0") // people write +84 (0)24 too
			break
		}
	}
	switch {
	case !isDigits(s) || s[0] != '0' || len(s) < 10:
		return "", "", false
	case len(s) == 10 && strings.IndexByte("35789", s[1]) >= 0:
		return s, Mobile, true
	case len(s) == 11 && s[1] == '2':
		return s, Landline, true
	default:
		return "", "", false
	}
}

// E164 is a number that [Phone] accepted, as links and machines dial it:
// +84912345678.
func E164(digits string) string { return "+84" + strings.TrimPrefix(digits, "0") }
