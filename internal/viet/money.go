package viet

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Money writes whole đồng for the screen: 1.234.567 ₫, which no line breaks.
func Money(n int64) string { return Number(n) + noBreak + "₫" }

// MoneyEn is Money for the English pages: 1,234,567 ₫.
func MoneyEn(n int64) string { return NumberEn(n) + noBreak + "₫" }

// DocumentMoney writes whole đồng as documents do: 1.234.567 đồng.
func DocumentMoney(n int64) string { return Number(n) + " đồng" }

// units that may follow an amount, the longer before those they end with.
var units = []string{"vnđ", "vnd", "đồng", "đ", "₫"}

// ParseMoney reads whole đồng as people type them: 1234567, 1.234.567 or
// 1 234 567, and đ, ₫, đồng or VND after it. It refuses what is not a whole
// amount, below zero or too large to store; a comma would start a fraction.
func ParseMoney(s string) (int64, bool) {
	s = strings.ToLower(Clean(s))
	for _, unit := range units {
		if rest, ok := strings.CutSuffix(s, unit); ok {
			s = strings.TrimSpace(rest)
			break
		}
	}
	if strings.HasPrefix(s, "-") {
		return 0, false
	}
	return ParseInt(s)
}

// MoneyWords says whole đồng as decisions and agreements write them, in the
// northern words: 1050000000 is "Một tỷ không trăm năm mươi triệu đồng".
func MoneyWords(n int64) string { return NumberWords(n) + " đồng" }

// NumberWords says n with a capital first letter: 24 is "Hai mươi tư".
func NumberWords(n int64) string {
	said, size := "", uint64(n) //nolint:gosec // what a negative number becomes is turned round below
	if n < 0 {
		said, size = "âm ", -size // right for the smallest number too, which has no opposite
	}
	said += strings.Join(spell(size, false), " ")
	first, width := utf8.DecodeRuneInString(said)
	return string(unicode.ToUpper(first)) + said[width:]
}

var digitWords = [...]string{"không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"}

// spell says n; inside says that higher groups were said before, so that a
// missing hundred must be heard. Groups of three that are empty are skipped.
func spell(n uint64, inside bool) []string {
	for _, scale := range []struct {
		of   uint64
		word string
	}{{1e9, "tỷ"}, {1e6, "triệu"}, {1e3, "nghìn"}} {
		if n < scale.of {
			continue
		}
		said := append(spell(n/scale.of, inside), scale.word)
		if n%scale.of == 0 {
			return said
		}
		return append(said, spell(n%scale.of, true)...)
	}
	return spellGroup(n, inside)
}

// spellGroup says a number below a thousand.
func spellGroup(n uint64, inside bool) []string {
	hundreds, tens, ones := n/100, n/10%10, n%10
	var said []string
	if hundreds > 0 || inside {
		said = append(said, digitWords[hundreds], "trăm")
	}
	switch {
	case tens > 1:
		said = append(said, digitWords[tens], "mươi")
	case tens == 1:
		said = append(said, "mười")
	case ones > 0 && len(said) > 0:
		said = append(said, "linh")
	}
	switch {
	case ones == 0 && n > 0:
		return said
	case ones == 1 && tens > 1:
		return append(said, "mốt")
	case ones == 4 && tens > 1:
		return append(said, "tư")
	case ones == 5 && tens > 0:
		return append(said, "lăm")
	}
	return append(said, digitWords[ones])
}

// MoneyWordsEn says whole đồng in English: 1050013 is "One million fifty
// thousand and thirteen đồng".
func MoneyWordsEn(n int64) string {
	said, size := "", uint64(n) //nolint:gosec // what a negative number becomes is turned round below
	if n < 0 {
		said, size = "minus ", -size // right for the smallest number too, which has no opposite
	}
	said += strings.Join(spellEn(size), " ")
	return strings.ToUpper(said[:1]) + said[1:] + " đồng"
}

var (
	smallEn = [...]string{
		"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
		"fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
	}
	tensEn = [...]string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
)

func spellEn(n uint64) []string {
	for _, scale := range []struct {
		of   uint64
		word string
	}{{1e18, "quintillion"}, {1e15, "quadrillion"}, {1e12, "trillion"}, {1e9, "billion"}, {1e6, "million"}, {1e3, "thousand"}, {100, "hundred"}} {
		if n < scale.of {
			continue
		}
		said := append(spellEn(n/scale.of), scale.word)
		switch rest := n % scale.of; {
		case rest == 0:
			return said
		case rest < 100:
			return append(append(said, "and"), spellEn(rest)...)
		default:
			return append(said, spellEn(rest)...)
		}
	}
	switch {
	case n < 20:
		return []string{smallEn[n]}
	case n%10 == 0:
		return []string{tensEn[n/10]}
	default:
		return []string{tensEn[n/10] + "-" + smallEn[n%10]}
	}
}
