package viet

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// Encoding names how the bytes of a text were meant.
type Encoding string

// Encodings in which Vietnamese files arrive.
const (
	UTF8   Encoding = "utf-8"
	UTF16  Encoding = "utf-16"
	TCVN3  Encoding = "tcvn3"  // fonts named .VnTime, one byte a letter
	VNI    Encoding = "vni"    // fonts named VNI-Times, a letter and a mark
	CP1258 Encoding = "cp1258" // Windows, a letter and a tone
)

// Guess reads b in the encoding that makes most of its words Vietnamese, and
// says what share of them are. Only UTF-8 and UTF-16 with its byte order mark
// are certain (share 1); anything else is to be confirmed by whoever sent it,
// on a preview.
func Guess(b []byte) (text string, as Encoding, share float64) {
	if text, ok := fromUTF16(b); ok {
		return text, UTF16, 1
	}
	if utf8.Valid(b) {
		return norm.NFC.String(strings.TrimPrefix(string(b), "\ufeff")), UTF8, 1
	}
	for _, try := range []struct {
		as     Encoding
		decode func([]byte) string
	}{{TCVN3, FromTCVN3}, {VNI, FromVNI}, {CP1258, FromCP1258}} {
		decoded := try.decode(b)
		if s := vietnameseShare(decoded); s > share || as == "" {
			text, as, share = decoded, try.as, s
		}
	}
	return text, as, share
}

// fromUTF16 reads what Excel saves as "Unicode text".
func fromUTF16(b []byte) (string, bool) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	default:
		return "", false
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 2; i+1 < len(b); i += 2 {
		units = append(units, order.Uint16(b[i:]))
	}
	return norm.NFC.String(string(utf16.Decode(units))), true
}

// FromCP1258 reads Windows-1258, which keeps the tones apart from the letters.
func FromCP1258(b []byte) string {
	s, _ := charmap.Windows1258.NewDecoder().Bytes(b) // unknown bytes become U+FFFD, never an error
	return norm.NFC.String(string(s))
}

// tcvn3 holds the bytes that differ from Windows-1252, as letter after byte.
// There are no capitals with a tone: fonts ending in H show small letters as
// capitals.
var tcvn3 = func() map[byte]rune {
	m := map[byte]rune{}
	for first, letters := range map[byte]string{
		0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
		0xB5: "àảãáạ", 0xBB: "ằẳẵắ", 0xC6: "ặầẩẫấậè", 0xCE: "ẻẽéẹềểễếệìỉ",
		0xDC: "ĩíịò", 0xE1: "ỏõóọồổỗốộờởỡớợù", 0xF1: "ủũúụừửữứựỳỷỹýỵ",
	} {
		at := first
		for _, r := range letters {
			m[at] = r
			at++
		}
	}
	return m
}()

// FromTCVN3 reads text typed in a TCVN3 font, such as "Céng hßa x· héi".
// Do not Clean it before: ư is the soft hyphen there.
func FromTCVN3(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		if r, ok := tcvn3[c]; ok {
			s.WriteRune(r)
		} else {
			s.WriteRune(charmap.Windows1252.DecodeByte(c))
		}
	}
	return norm.NFC.String(s.String())
}

// The letters of VNI that are one byte, as Windows-1252 shows them.
var vniSingle = map[rune]rune{
	'æ': 'ỉ', 'ó': 'ĩ', 'ò': 'ị', 'î': 'ỵ', 'ñ': 'đ', 'ô': 'ơ', 'ö': 'ư',
	'Æ': 'Ỉ', 'Ó': 'Ĩ', 'Ò': 'Ị', 'Î': 'Ỵ', 'Ñ': 'Đ', 'Ô': 'Ơ', 'Ö': 'Ư',
}

// vniMarks are the bytes after a letter, with the letters they may follow.
var vniMarks = func() map[rune]struct{ after, add string } {
	const hook, tilde, grave, acute, dot = "\u0309", "\u0303", "\u0300", "\u0301", "\u0323"
	m := map[rune]struct{ after, add string }{}
	for _, set := range []struct{ after, marks, shape string }{
		{"aeouyơư", "-ûõøùï", ""},
		{"aeo", "âåãàáä", "\u0302"},
		{"a", "êúüèéë", "\u0306"},
	} {
		tones := []string{"", hook, tilde, grave, acute, dot}
		for i, mark := range []rune(set.marks) {
			if mark != '-' {
				m[mark] = struct{ after, add string }{set.after, set.shape + tones[i]}
			}
		}
	}
	return m
}()

// FromVNI reads text typed in a VNI font, such as "Coäng hoøa xaõ hoäi".
func FromVNI(b []byte) string {
	var s strings.Builder
	var before rune // the letter just written, if a mark may follow it
	for _, c := range b {
		r := charmap.Windows1252.DecodeByte(c)
		if mark, ok := vniMarks[unicode.ToLower(r)]; ok && before != 0 && strings.ContainsRune(mark.after, unicode.ToLower(before)) {
			s.WriteString(mark.add)
			before = 0
			continue
		}
		if letter, ok := vniSingle[r]; ok {
			r = letter
		}
		s.WriteRune(r)
		before = r
	}
	return norm.NFC.String(s.String())
}

// syllable is the shape of a Vietnamese one without its tone. It lets through
// some that no word has, which does no harm to a comparison.
var syllable = regexp.MustCompile(`^(?:b|ch?|d|đ|gh?|gi|h|kh?|l|m|n|ngh?|nh|ph?|qu|r|s|t[hr]?|v|x)?` +
	`(?:(?:[aăâeêioôơuưy]|iê|yê|uô|ươ|o[aăeo]|u[âêyơ]|uyê)(?:c|ch|m|n|ng|nh|p|t)?|` +
	`(?:ia|ya|ua|ưa|uya|uơ|o?a[iouy]|o?eo|â[uy]|êu|iu|i?êu|yêu|[oôơuư]i|uôi|ươ[iu]|ưu|uây|uyu))$`)

// vietnameseShare is the share of the words of s that could be Vietnamese.
func vietnameseShare(s string) float64 {
	all, legal := 0, 0
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r < 0x80 && !unicode.IsLetter(r) }) {
		all++
		if syllable.MatchString(withoutTone(word)) {
			legal++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(legal) / float64(all)
}

// withoutTone takes the tone off a word and lowers it.
func withoutTone(word string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(word)))
}
