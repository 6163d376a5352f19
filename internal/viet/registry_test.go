package viet_test

import (
	"testing"

	"pgregory.net/rapid"

	"daubang/internal/viet"
)

func TestTaxCodes(t *testing.T) {
	t.Parallel()
	digits, ok := viet.TaxCode("001 185 000 000")
	same(t, "personal number", digits, "001185000000")
	same(t, "personal number", ok, true)
	same(t, "a dependent unit", viet.FormatTaxCode("0314409058002"), "0314409058-002")
	same(t, "a body", viet.FormatTaxCode("0100047516"), "0100047516")
	if _, ok := viet.TaxCode("0012345016"); ok {
		t.Error("prefix 00 passed with a right check digit")
	}
	if _, ok := viet.TaxCode("０100047516"); ok {
		t.Error("a full-width digit passed")
	}
}

// TestTaxCodeSlips is what the check digit is for: one wrong digit never passes.
func TestTaxCodeSlips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := []byte(rapid.SampledFrom([]string{"0100047516", "0100233488", "0314409058", "0100000123"}).Draw(t, "code"))
		at := rapid.IntRange(0, 9).Draw(t, "at")
		wrong := byte(rapid.IntRange('0', '9').Draw(t, "digit"))
		changed := wrong != code[at]
		code[at] = wrong
		if _, ok := viet.TaxCode(string(code)); ok == changed {
			t.Fatalf("%s: %v", code, ok)
		}
	})
}

func TestPhones(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"+84 (0)24 3999 0000": "02439990000", "+84 (0) 912 345 678": "0912345678"} {
		digits, _, ok := viet.Phone(in)
		same(t, in, ok, true)
		same(t, in, digits, want)
	}
	for _, in := range []string{"113", "1800 1567", "19001234", "+85 912 345 678", "０912345678", "+84+84912345678", "+", "00840084912345678"} {
		if digits, _, ok := viet.Phone(in); ok {
			t.Errorf("%q passed as %q", in, digits)
		}
	}
}

func TestDocumentNumbers(t *testing.T) {
	t.Parallel()
	same(t, "zeros", viet.SameDocumentNumber("7/CT-TU", "07-ct/tu"), true)
	same(t, "NFD", viet.SameDocumentNumber("59/TƯ", "59/TU\u031b "), true)
	same(t, "marks count", viet.SameDocumentNumber("01/QD-X", "01/QĐ-X"), false)
	same(t, "letters", len(viet.PointLetters), 23)
}

func TestGuess(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]viet.Encoding{
		"":                           viet.UTF8,
		"\ufeffHội":                  viet.UTF8,
		"\xff\xfeH\x00\xd9\x1ei\x00": viet.UTF16,
		"\xfe\xff\x00H\x1e\xd9\x00i": viet.UTF16,
	} {
		text, as, share := viet.Guess([]byte(in))
		same(t, in, as, want)
		same(t, in, share, 1)
		if in != "" {
			same(t, in, text, "Hội")
		}
	}
	if _, as, share := viet.Guess([]byte("\x89PNG\r\n\x1a\n\x00\x00\xff\xd8")); share > 0.5 {
		t.Errorf("a picture is taken for %v of %s", share, as)
	}
}
