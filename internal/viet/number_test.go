package viet_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"daubang/internal/viet"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, v := range []struct{ got, want string }{
		{viet.Number(-1234), "-1.234"},
		{viet.Number(-123), "-123"},
		{viet.Number(math.MinInt64), "-9.223.372.036.854.775.808"},
		{viet.NumberEn(1234567), "1,234,567"},
		{viet.Decimal(72.345, 2), "72,35"}, // 72.345 is a little less in binary
		{viet.Decimal(-0.04, 1), "0,0"},
		{viet.Decimal(-1234.56, 1), "-1.234,6"},
		{viet.Decimal(2.5, 0), "3"},
		{viet.Decimal(math.NaN(), 1), "–"},
		{viet.Decimal(math.Inf(-1), 1), "–"},
		{viet.DecimalEn(1234.5, 2), "1,234.50"},
		{viet.Percent(0.285, 0), "29%"},
		{viet.PercentEn(0.125, 1), "12.5%"},
		{viet.Money(1234567), "1.234.567\u00a0₫"},
		{viet.MoneyEn(1234567), "1,234,567\u00a0₫"},
		{viet.MoneyWords(104), "Một trăm linh bốn đồng"},
		{viet.MoneyWords(1_001_000_000_000), "Một nghìn không trăm linh một tỷ đồng"},
		{viet.MoneyWords(-21), "Âm hai mươi mốt đồng"},
		{viet.MoneyWordsEn(0), "Zero đồng"},
		{viet.MoneyWordsEn(105), "One hundred and five đồng"},
		{viet.MoneyWordsEn(447_000_000), "Four hundred and forty-seven million đồng"},
		{viet.MoneyWordsEn(1_050_013), "One million fifty thousand and thirteen đồng"},
		{viet.MoneyWordsEn(2_001_000_000_020), "Two trillion one billion and twenty đồng"},
		{viet.MoneyWordsEn(-21), "Minus twenty-one đồng"},
		{viet.MoneyWordsEn(math.MaxInt64), "Nine quintillion two hundred and twenty-three quadrillion three hundred and seventy-two trillion thirty-six billion eight hundred and fifty-four million seven hundred and seventy-five thousand eight hundred and seven đồng"},
	} {
		same(t, v.want, v.got, v.want)
	}
}

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{
		"0": 0, "1234567": 1234567, "1.234.567": 1234567, "1 234 567": 1234567, "1\u00a0234\u202f567": 1234567,
		" 50.000.000 ₫ ": 50000000, "50000000đ": 50000000, "50.000.000 đồng": 50000000, "50.000.000 ĐỒNG": 50000000,
		"50.000.000 VND": 50000000, "50.000.000vnđ": 50000000, "50.000.000 \u0111o\u0302\u0300ng": 50000000,
		"9223372036854775807": math.MaxInt64, "007": 7,
	} {
		got, ok := viet.ParseMoney(in)
		same(t, in, ok, true)
		same(t, in, got, want)
	}
	for _, in := range []string{
		"", "đồng", "₫", "12,5", "1,234,567", "1.234,5", "1.5", "1.23", "1234.567", "1.2345", "0.123", ".123", "1.", "1..234",
		"1.234 567", "-5", "-0", "+5", "−5", "５０００", "٥٠٠", "1e6", "0x10", "1_000", "5 tỷ", "5 triệu", "1 23", "12 34",
		"9223372036854775808", "99999999999999999999", "1 đồng 2", "đ5", "5 đ đ",
	} {
		if got, ok := viet.ParseMoney(in); ok || got != 0 {
			t.Errorf("%q passed as %d", in, got)
		}
	}
}

func TestParseNumbers(t *testing.T) {
	t.Parallel()
	n, ok := viet.ParseInt(" -1.234 ")
	same(t, "-1.234", n, -1234)
	same(t, "-1.234", ok, true)
	for _, in := range []string{"", "-", "--1", "- 1", "1,0", "1.00", "9223372036854775808", "NaN"} {
		if n, ok := viet.ParseInt(in); ok || n != 0 {
			t.Errorf("%q passed as %d", in, n)
		}
	}
	f, ok := viet.ParseDecimal("-1.234,50")
	same(t, "-1.234,50", f, -1234.5)
	same(t, "-1.234,50", ok, true)
	for _, in := range []string{"", ",", "1,", ",5", "12.5", "1,2.345", "NaN", "Inf", "1e5", "0x1p2", "1,5 %", "１,５", strings.Repeat("9", 400)} {
		if f, ok := viet.ParseDecimal(in); ok || f != 0 {
			t.Errorf("%q passed as %v", in, f)
		}
	}
}

func TestDecimalReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.Int64Range(-1e13, 1e13).Draw(t, "cents")
		f, _ := strconv.ParseFloat(strconv.FormatInt(cents, 10)+"e-2", 64)
		if back, ok := viet.ParseDecimal(viet.Decimal(f, 2)); !ok || back != f {
			t.Fatalf("%v became %q became %v", f, viet.Decimal(f, 2), back)
		}
	})
}

// TestMoneyWordsReadBack says amounts and works out what a listener hears.
func TestMoneyWordsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64Range(0, 2e6), rapid.Int64Range(0, 999e15), rapid.Map(rapid.Int64Range(0, 1e9), func(n int64) int64 { return n * 1e6 })).Draw(t, "n")
		said := viet.MoneyWords(n)
		if got := heard(t, said); got != n {
			t.Fatalf("%d is said %q, which is %d", n, said, got)
		}
		if said == "" || strings.Contains(said, "  ") || strings.Contains(said, "mươi một ") || strings.Contains(said, "mười mốt") {
			t.Fatalf("%d is said %q", n, said)
		}
	})
}

// heard adds up the words of an amount below 10¹⁸.
func heard(t *rapid.T, said string) int64 {
	t.Helper()
	value := map[string]int64{
		"không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5,
		"sáu": 6, "bảy": 7, "tám": 8, "chín": 9,
	}
	var total, part, group, digit int64
	for word := range strings.FieldsSeq(strings.ToLower(strings.TrimSuffix(said, " đồng"))) {
		switch word {
		case "tỷ":
			total, part, group, digit = (part+group+digit)*1e9, 0, 0, 0
		case "triệu":
			part, group, digit = part+(group+digit)*1e6, 0, 0
		case "nghìn":
			part, group, digit = part+(group+digit)*1e3, 0, 0
		case "trăm":
			group, digit = digit*100, 0
		case "mươi":
			group, digit = group+digit*10, 0
		case "mười":
			group, digit = group+10, 0
		case "linh":
		default:
			v, ok := value[word]
			if !ok {
				t.Fatalf("%q is no word of a number", word)
			}
			digit = v
		}
	}
	return total + part + group + digit
}

func FuzzMoney(f *testing.F) {
	f.Add(int64(0), "1.234.567 ₫")
	f.Add(int64(math.MaxInt64), "-1")
	f.Add(int64(-1000), "0 0")
	f.Fuzz(func(t *testing.T, n int64, s string) {
		for _, shown := range []string{viet.Money(n), viet.DocumentMoney(n), viet.Number(n), strconv.FormatInt(n, 10)} {
			back, ok := viet.ParseMoney(shown)
			if ok != (n >= 0) || (ok && back != n) {
				t.Errorf("%d became %q became %d, %v", n, shown, back, ok)
			}
		}
		if back, ok := viet.ParseInt(viet.Number(n)); !ok || back != n {
			t.Errorf("%d became %q became %d, %v", n, viet.Number(n), back, ok)
		}
		if m, ok := viet.ParseMoney(s); ok {
			if again, ok := viet.ParseMoney(viet.Money(m)); !ok || again != m || m < 0 {
				t.Errorf("%q became %d became %d", s, m, again)
			}
		}
	})
}
