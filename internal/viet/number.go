package viet

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// noBreak keeps a number and its unit on one line.
const noBreak = "\u00a0"

// Number writes n the Vietnamese way: 1.234.567.
func Number(n int64) string { return grouped(strconv.FormatInt(n, 10), '.') }

// NumberEn writes n for the English pages: 1,234,567.
func NumberEn(n int64) string { return grouped(strconv.FormatInt(n, 10), ',') }

// Decimal writes f the Vietnamese way: 1.234,5. A half rounds away from zero,
// as people round; what is not a number (a mean of nothing) is a dash.
func Decimal(f float64, places int) string { return decimal(f, 1, places, '.', ",") }

// DecimalEn is Decimal for the English pages: 1,234.5.
func DecimalEn(f float64, places int) string { return decimal(f, 1, places, ',', ".") }

// Percent writes the share f of one in hundredths: 0.125 is 12,5%.
func Percent(f float64, places int) string { return decimal(f, 100, places, '.', ",") + "%" }

// PercentEn is Percent for the English pages: 12.5%.
func PercentEn(f float64, places int) string { return decimal(f, 100, places, ',', ".") + "%" }

// decimal rounds the decimal number that f was written as, not the binary
// fraction next to it: 0.285 at two places is 0.29.
func decimal(f float64, times int64, places int, group rune, comma string) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64)) // a finite float is always read back
	s := r.Mul(r, big.NewRat(times, 1)).FloatString(max(places, 0))
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	whole, rest, broken := strings.Cut(s, ".")
	if !broken {
		return grouped(whole, group)
	}
	return grouped(whole, group) + comma + rest
}

// grouped puts sep between the groups of three of a written whole number.
func grouped(s string, sep rune) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteRune(sep)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ParseInt reads a whole number as people here type it: 1234567, 1.234.567 or
// 1 234 567, with a minus if need be. A comma is the decimal sign and is refused.
func ParseInt(s string) (int64, bool) {
	s = Clean(s)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	digits, ok := ungrouped(s)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(sign+digits, 10, 64)
	if err != nil {
		return 0, false
	}
	return n, true
}

// ParseDecimal reads 1.234.567,89 or 12,5. The English forms are refused:
// 12.500 would be a thousand times 12,5.
func ParseDecimal(s string) (float64, bool) {
	s = Clean(s)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, rest, broken := strings.Cut(s, ",")
	whole, ok := ungrouped(whole)
	if !ok || (broken && !isDigits(rest)) {
		return 0, false
	}
	if broken {
		whole += "." + rest
	}
	f, err := strconv.ParseFloat(sign+whole, 64)
	if err != nil {
		return 0, false
	}
	return f, true
}

// ungrouped takes the separators out of 1234567, 1.234.567 or 1 234 567, and
// refuses groups that are not of three, so that no decimal passes for a whole.
func ungrouped(s string) (string, bool) {
	sep := "."
	if strings.Contains(s, " ") {
		sep = " "
	}
	groups := strings.Split(s, sep)
	for i, g := range groups {
		if !isDigits(g) || (i > 0 && len(g) != 3) {
			return "", false
		}
	}
	if len(groups) > 1 && (len(groups[0]) > 3 || groups[0][0] == '0') {
		return "", false
	}
	return strings.Join(groups, ""), true
}

// isDigits says that s is one or more of the digits 0 to 9 and nothing else;
// digits of other scripts and full-width ones are not ours to guess.
func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
