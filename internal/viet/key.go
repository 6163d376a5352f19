package viet

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Key is s as it is searched for and matched: no marks, đ as d, lower case,
// and one space for every run of anything but letters and digits. "HOÀ BÌNH"
// and "Hòa  Bình" have one key. Two different names may share a key as well:
// it finds, it does not identify.
func Key(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range norm.NFD.String(strings.ToValidUTF8(s, " ")) { // NFD stops at a byte that is not UTF-8
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case strings.ContainsRune("đĐðÐɖƉ", r): // đ has no decomposition; the others are what old fonts and keyboards make of it
			r = 'd'
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			r = unicode.ToLower(r)
		default:
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
