// Package viet is correct Vietnamese: text at the entrance, search keys,
// sorting, numbers, money, dates, and the numbers that people, taxes and
// documents carry.
//
// It knows the conventions and nothing of the portal: no sentence of a page
// stands here (see package words), and no rule of a call. What it reads it
// reads strictly: a number that could mean two things is refused, never guessed.
// The cases in testdata/vectors.json are its contract.
package viet

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Clean makes one line of what someone sent: NFC, without control, bidi and
// zero-width characters and without bytes that are not UTF-8; every run of
// white space, no-break spaces and line ends too, is one space; trimmed.
func Clean(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for r := range visible(s) {
		if unicode.IsSpace(r) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String()) // last: what was taken out may have stood between a letter and its mark
}

// CleanText is Clean for many lines: it keeps line ends (all kinds become LF),
// tabs, indents and bullets. It drops spaces at the ends of lines and blank
// lines before and after the text; a browser would swallow the first of those
// in a textarea anyway.
func CleanText(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for r := range visible(strings.ReplaceAll(s, "\r\n", "\n")) {
		switch {
		case r == '\t':
			b.WriteByte('\t')
		case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			b.WriteByte('\n')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t")
	}
	first, last := 0, len(lines)
	for first < last && lines[first] == "" {
		first++
	}
	for last > first && lines[last-1] == "" {
		last--
	}
	return norm.NFC.String(strings.Join(lines[first:last], "\n"))
}

// visible yields the runes of s that may be kept.
func visible(s string) func(yield func(rune) bool) {
	return func(yield func(rune) bool) {
		for i := 0; i < len(s); {
			r, size := utf8.DecodeRuneInString(s[i:])
			i += size
			if (r == utf8.RuneError && size == 1) || unseen(r) {
				continue
			}
			if !yield(r) {
				return
			}
		}
	}
}

// unseen says that r has no place in anyone's text: it shows nothing, or it
// turns round what stands beside it. The zero-width joiners stay, because
// some scripts and emoji are spelt with them, and so does the soft hyphen,
// which is a letter in texts that come in TCVN3.
func unseen(r rune) bool {
	switch {
	case unicode.IsSpace(r):
		return false
	case unicode.IsControl(r):
		return true
	case r == 0x200B, r == 0x200E, r == 0x200F, r == 0x061C, r == 0xFEFF, r == 0x2060:
		return true // zero width space, marks of direction, byte order mark, word joiner
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x206F:
		return true // bidi embeddings, overrides, isolates
	case r >= 0xFFF9 && r <= 0xFFFB, r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE:
		return true // annotation marks, code points that are no characters
	default:
		return false
	}
}

// CountChars counts characters as limits do: code points of the NFC form.
func CountChars(s string) int { return utf8.RuneCountInString(norm.NFC.String(s)) }

// CountWords counts as a Vietnamese writer does, syllable by syllable: runs
// between white space that hold a letter or a digit, so that a bullet is none.
func CountWords(s string) int {
	n := 0
	for word := range strings.FieldsSeq(s) {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			n++
		}
	}
	return n
}
