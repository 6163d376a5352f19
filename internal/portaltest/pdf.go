package portaltest

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
)

var (
	streams = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)
	shown   = regexp.MustCompile(`(?s)\(((?:[^()\\]|\\.)*)\) ?Tj`)
)

// ReadPDF is the text of a PDF of ours, as it is drawn: piece by piece, page by
// page, with what stands around the content of each.
func ReadPDF(tb testing.TB, pdf []byte) string {
	tb.Helper()
	if !bytes.HasPrefix(pdf, []byte("%PDF-1.")) {
		tb.Fatalf("it is no PDF: %.60q", pdf)
	}
	var text strings.Builder
	for _, s := range streams.FindAllSubmatch(pdf, -1) {
		r, err := zlib.NewReader(bytes.NewReader(s[1]))
		if err != nil {
			continue // a font or a picture
		}
		drawn, _ := io.ReadAll(r) // the sum at its end may have lost a byte that looks like the end of a line
		if !bytes.Contains(drawn, []byte(" Tj")) {
			continue
		}
		for _, t := range shown.FindAllSubmatch(drawn, -1) {
			text.WriteString(sixteen(unescaped(t[1])))
		}
	}
	return text.String()
}

// unescaped undoes the escapes of a PDF string.
func unescaped(s []byte) []byte {
	var b []byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			i++
			if c = s[i]; c == 'r' {
				c = '\r'
			}
		}
		b = append(b, c)
	}
	return b
}

func sixteen(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	return string(utf16.Decode(units))
}

// Bare is text without white space, to compare what was broken into lines.
func Bare(s string) string { return strings.Join(strings.Fields(s), "") }
