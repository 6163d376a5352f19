package viet

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// PointLetters mark the points (điểm) of a clause, in the order of the
// Vietnamese alphabet.
var PointLetters = strings.Fields("a b c d đ e g h i k l m n o p q r s t u v x y")

// DocumentNumber writes number and symbol as Decree 30/2020 wants them:
// 09/KH-UBND for a named type, 12/UBND-VX for a letter, which has a unit
// instead of a type.
func DocumentNumber(number int, kind, issuer, unit string) string {
	var symbol []string
	for _, part := range []string{kind, issuer, unit} {
		if part != "" {
			symbol = append(symbol, part)
		}
	}
	return fmt.Sprintf("%02d/%s", number, strings.Join(symbol, "-"))
}

// SameDocumentNumber says whether a and b name one document although they are
// written differently; see DocumentKey.
func SameDocumentNumber(a, b string) bool { return DocumentKey(a) == DocumentKey(b) }

// DocumentKey is number and symbol as they are matched: only letters and digits
// count, because the hyphen of Party numbers moves (07/CT-TU, 07-CT/TU), and no
// zeros before the number.
func DocumentKey(s string) string {
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, norm.NFC.String(s)), "0")
}
