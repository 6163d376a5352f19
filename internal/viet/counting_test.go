package viet

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// The cases of testdata/counting.json are asked of web/build/js/text.js too: what
// a page counts while one writes is what the check counts.
func TestCountingVectors(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/counting.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Text        string
		Words, Characters int
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		text := CleanText(c.Text)
		if n := CountWords(text); n != c.Words {
			t.Errorf("%s: %d words, want %d", c.Name, n, c.Words)
		}
		if n := CountChars(text); n != c.Characters {
			t.Errorf("%s: %d characters, want %d", c.Name, n, c.Characters)
		}
	}
	if len(cases) < 50 {
		t.Errorf("only %d cases", len(cases))
	}
}

func TestOneWordMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := CleanText(rapid.String().Draw(t, "text"))
		n := CountWords(text)
		for _, more := range []string{text + " giới", "giới " + text, text + "\n\u00a0• 7"} {
			if got := CountWords(CleanText(more)); got != n+1 {
				t.Fatalf("%q has %d words, %q has %d", text, n, more, got)
			}
		}
		if got := CountWords(CleanText(norm.NFD.String(text))); got != n {
			t.Fatalf("%q has %d words, decomposed %d", text, n, got)
		}
		if got := CountWords(strings.ReplaceAll(text, " ", "\u00a0\u3000\n")); got != n {
			t.Fatalf("%q has %d words, parted otherwise %d", text, n, got)
		}
		if n > CountChars(text) {
			t.Fatalf("%q has more words than characters", text)
		}
	})
}

func FuzzParseMonths(f *testing.F) {
	for _, s := range []string{"06/2027", "6-2027", "tháng 6 năm 2027", "T6/2027", "2027-06", "06/2027 – 12/2028", "từ tháng 6/2027 đến tháng 12/2028", "6–12/2027", "13/2027", "６/2027", "6/27", "/", "thang /", "\u202e6/2027", "6/2027 -  - 7/2027"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if m, ok := ParseMonth(s); ok {
			if again, ok := ParseMonth(Month(m)); !ok || !again.Equal(m) || m.Day() != 1 {
				t.Errorf("%q is %v, written %q", s, m, Month(m))
			}
		}
		if from, to, ok := ParseMonths(s); ok && (MonthsIn(from, to) < 1 || from.Year() < 1) {
			t.Errorf("%q is %v to %v", s, from, to)
		}
	})
}

func FuzzNumbers(f *testing.F) {
	for _, s := range []string{"1234567", "1.234.567", "1 234 567", "-12", "12,5", "1.234,56", "12.500", "1e309", "NaN", "９", "9223372036854775808", "-0", "0,", ",5", "1..2", "+1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := ParseInt(s); ok {
			if again, ok := ParseInt(Number(n)); !ok || again != n {
				t.Errorf("%q is %d, written %q", s, n, Number(n))
			}
		}
		if d, ok := ParseDecimal(s); ok && (math.IsNaN(d) || strings.ContainsAny(s, "eExXnN")) {
			t.Errorf("%q is the number %v", s, d)
		}
	})
}

func FuzzCodes(f *testing.F) {
	for _, s := range []string{"0100109106", "0314409058-002", "001180012345", "0912 345 678", "+84 912 345 678", "17:00", "17h", "26/02/2027", "\u0660", "00000000000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if digits, ok := TaxCode(s); ok {
			if again, ok := TaxCode(FormatTaxCode(digits)); !ok || again != digits {
				t.Errorf("%q is %q, which is none", s, digits)
			}
		}
		if p, ok := PersonalNumber(s); ok && (p.BirthYear < 1900 || p.BirthYear > 2099) {
			t.Errorf("%q was born in %d", s, p.BirthYear)
		}
		if at, ok := ParseInstant("26/02/2027", s); ok && at.In(Zone).Format("02/01/2006") != "26/02/2027" {
			t.Errorf("%q is %v", s, at)
		}
	})
}
