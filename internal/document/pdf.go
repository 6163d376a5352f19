package document

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"daubang/internal/problem"
)

// pdfName matches a name of PDF, any letter of which may be written by its
// number: /J#61vaScript.
func pdfName(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		fmt.Fprintf(&b, `(?:%c|#(?i:%02x))`, c, c)
	}
	return `/` + b.String()
}

var (
	pdfEncrypted = regexp.MustCompile(pdfName("Encrypt") + `\s*(?:\d+\s+\d+\s+R|<<)`)
	// pdfActs are the names without which no script and no program starts: an
	// action's /S /JavaScript or /S /Launch. Shorter ones such as /JS would be
	// found in packed pictures by chance.
	pdfActs   = regexp.MustCompile(`(?:` + pdfName("JavaScript") + `|` + pdfName("Launch") + `)[\s()<>\[\]/%]`)
	pdfPacked = regexp.MustCompile(pdfName("ObjStm") + `[\s()<>\[\]/%]`)
)

// inspectPDF refuses a PDF that is cut short, locked, another kind of file as
// well, or acts when it is opened. It looks at the plain parts and into packed
// lists of objects; never holds more than a window of the file.
func inspectPDF(r io.ReaderAt, size int64) error {
	tail := make([]byte, min(size, 2048))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.Contains(tail, []byte("%%EOF")) || !bytes.Contains(tail, []byte("startxref")) {
		return refuse("document.broken")
	}
	if z, err := zip.NewReader(r, size); err == nil && len(z.File) > 0 {
		return refuse("document.two_kinds")
	}
	left := int64(maxInflated)
	b := make([]byte, window)
	return windows(b, io.NewSectionReader(r, 0, size), func(w []byte, at int64) error {
		switch {
		case pdfEncrypted.Match(w):
			return refuse("document.locked")
		case pdfActs.Match(w):
			return refuse("document.acts")
		}
		for _, m := range pdfPacked.FindAllIndex(w, -1) {
			if err := inspectPacked(io.NewSectionReader(r, at+int64(m[1]), size), &left); err != nil {
				return err
			}
		}
		return nil
	})
}

// inspectPacked looks into a packed list of objects, which begins soon after r
// does.
func inspectPacked(r *io.SectionReader, left *int64) error {
	head := make([]byte, 2048)
	n, _ := r.ReadAt(head, 0) // the end of the file comes early
	_, after, found := bytes.Cut(head[:n], []byte("stream"))
	if !found {
		return nil
	}
	from := n - len(bytes.TrimLeft(after, "\r\n"))
	packed, err := zlib.NewReader(io.NewSectionReader(r, int64(from), r.Size()))
	if err != nil {
		return nil //nolint:nilerr // packed otherwise, or not at all: then its words stood in the plain part
	}
	counted := &io.LimitedReader{R: packed, N: *left}
	err = windows(make([]byte, window), counted, func(w []byte, _ int64) error {
		if pdfActs.Match(w) {
			return refuse("document.acts")
		}
		return nil
	})
	if *left = counted.N; *left <= 0 {
		return refuse("document.bomb")
	}
	if _, ours := errors.AsType[problem.Invalid](err); ours {
		return err
	}
	return nil // what cannot be unpacked cannot act
}

// What is looked at in one piece, and how much of it is looked at again with the
// next, so that nothing hides where two meet.
const (
	window  = 128 << 10
	overlap = 1 << 10
)

// windows gives all of r to look, piece by piece, with where each begins; b is
// what it holds them in.
func windows(b []byte, r io.Reader, look func(w []byte, at int64) error) error {
	held, at := 0, int64(0)
	for {
		n, err := io.ReadFull(r, b[held:])
		held += n
		if held > 0 {
			if wrong := look(b[:held], at); wrong != nil {
				return wrong
			}
		}
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
		at += int64(held - overlap)
		held = copy(b, b[held-overlap:held])
	}
}
