package viet

import "strings"

// taxWeights are the weights of the first nine digits of a tax code.
var taxWeights = [...]int{31, 29, 23, 19, 17, 13, 7, 5, 3}

// TaxCode reads a tax code and answers its digits: 10 with a right check digit,
// 13 for a dependent unit (written 10-3), or the 12 of a personal number, which
// has no check digit. It drops spaces, dots and hyphens. It refuses codes that
// cannot have been given out: prefix 00, zeros all through, branch 000.
func TaxCode(s string) (digits string, ok bool) {
	s = strings.NewReplacer(" ", "", ".", "", "-", "").Replace(Clean(s))
	if !isDigits(s) {
		return "", false
	}
	switch len(s) {
	case 12:
		return s, true
	case 13:
		if s[10:] == "000" {
			return "", false
		}
	case 10:
	default:
		return "", false
	}
	check, exists := taxCheckDigit(s[:9])
	if !exists || s[9] != check || s[:2] == "00" || s[2:9] == "0000000" {
		return "", false
	}
	return s, true
}

// taxCheckDigit is the tenth digit that belongs to first9, if one exists.
func taxCheckDigit(first9 string) (digit byte, exists bool) {
	sum := 0
	for i, w := range taxWeights {
		sum += w * int(first9[i]-'0')
	}
	check := 10 - sum%11
	return byte('0' + check%10), check < 10
}

// FormatTaxCode writes the digits of a tax code as papers do: a dependent
// unit's as 0314409058-002.
func FormatTaxCode(digits string) string {
	if len(digits) == 13 {
		return digits[:10] + "-" + digits[10:]
	}
	return digits
}

// Personal is what a personal number (số định danh cá nhân) tells of its
// holder. Ask for the number only where a duty needs it.
type Personal struct {
	PlaceCode string // of the province where the birth was registered, old codes kept
	Female    bool
	BirthYear int
}

// PersonalNumber reads a personal number of 12 digits. There is no check digit;
// it refuses a century that has not begun.
func PersonalNumber(s string) (Personal, bool) {
	s = strings.NewReplacer(" ", "", ".", "", "-", "").Replace(Clean(s))
	if len(s) != 12 || !isDigits(s) || s[3] > '3' {
		return Personal{}, false
	}
	era := int(s[3] - '0')
	return Personal{PlaceCode: s[:3], Female: era%2 == 1, BirthYear: 1900 + era/2*100 + short(s[4:6])}, true
}
