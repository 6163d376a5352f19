package document

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/zlib"
	"context"
	"encoding/hex"
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

// White space of PDF, which NUL is too, and what ends a name.
const (
	pdfSpace = `[\s\x00]`
	pdfEnds  = `[\s\x00()<>\[\]{}/%]`
)

var (
	pdfEncrypted = regexp.MustCompile(pdfName("Encrypt") + `(?:` + pdfSpace + `|%[^\r\n]*[\r\n])*(?:\d+` + pdfSpace + `+\d+` + pdfSpace + `+R|<<)`)
	// pdfActs are the names without which no script and no program starts: an
	// action's /S /JavaScript or /S /Launch. Shorter ones such as /JS would be
	// found in packed pictures by chance.
	// Files within the file are opened with other programs, so they are refused too.
	pdfActs   = regexp.MustCompile(`(?:` + pdfName("JavaScript") + `|` + pdfName("Launch") + `|` + pdfName("EmbeddedFile") + `s?)` + pdfEnds)
	pdfPacked = regexp.MustCompile(pdfName("ObjStm") + pdfEnds)
)

// mostPacked is how many packed lists of objects a PDF may have: each holds some
// hundred, and a file as large as we take has some hundred of them.
const mostPacked = 4000

// inspectPDF refuses a PDF that is cut short, locked, another kind of file as
// well, or acts when it is opened. It looks at the plain parts and into packed
// lists of objects; never holds more than two windows of the file.
func inspectPDF(ctx context.Context, r io.ReaderAt, size int64) error {
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
	p := packed{file: r, size: size, left: maxInflated}
	looked, lists := int64(-1), 0
	return windows(make([]byte, window), io.NewSectionReader(r, 0, size), func(w []byte, at int64) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case pdfEncrypted.Match(w):
			return refuse("document.locked")
		case pdfActs.Match(w):
			return refuse("document.acts")
		}
		for _, m := range pdfPacked.FindAllIndex(w, -1) {
			named := at + int64(m[0])
			if named <= looked { // where two windows meet
				continue
			}
			if looked, lists = named, lists+1; lists > mostPacked {
				return refuse("document.bomb")
			}
			if err := p.inspect(ctx, named); err != nil {
				return err
			}
		}
		return nil
	})
}

// packed looks into packed lists of objects, one after the other.
type packed struct {
	file     io.ReaderAt
	size     int64
	left     int64 // that all may unpack to
	unpacker io.ReadCloser
	buffered *bufio.Reader
	held     []byte
}

// farthest is how long the dictionary of a packed list may be, before and behind
// its type.
const farthest = 4 << 10

var (
	// pdfObject is how an object with a dictionary begins.
	pdfObject = regexp.MustCompile(pdfSpace + `\d+` + pdfSpace + `+\d+` + pdfSpace + `+obj` + pdfSpace + `*<<`)
	// pdfFlate is the one way in which lists of objects are packed by those who
	// have nothing to hide.
	pdfFlate  = regexp.MustCompile(`/Filter` + pdfSpace + `*(?:/FlateDecode|\[` + pdfSpace + `*/FlateDecode` + pdfSpace + `*\])` + pdfEnds)
	pdfByCode = regexp.MustCompile(`#[0-9A-Fa-f]{2}`)
)

// inspect looks into the list that says at named what it is. What cannot be
// looked into is refused, for a program that is less strict might find a way.
func (p *packed) inspect(ctx context.Context, named int64) error {
	from := max(named-farthest, 0)
	near := make([]byte, 2*farthest)
	n, _ := p.file.ReadAt(near, from) // the end of the file comes early
	near = near[:n]
	starts := pdfObject.FindAllIndex(near[:named-from], -1)
	stream := bytes.Index(near[named-from:], []byte("stream"))
	if len(starts) == 0 || stream < 0 {
		return refuse("document.broken")
	}
	object := starts[len(starts)-1]
	stream += int(named - from)
	before := near[bytes.LastIndexAny(near[:object[0]+1], "\r\n")+1 : object[0]+1]
	dictionary := pdfByCode.ReplaceAllFunc(near[object[1]:stream], func(b []byte) []byte {
		c, _ := hex.DecodeString(string(b[1:])) // two digits
		return c
	})
	if bytes.Contains(before, []byte("%")) || bytes.ContainsAny(dictionary, "()%") || !pdfFlate.Match(dictionary) ||
		bytes.Count(dictionary, []byte("Filter")) != 1 || bytes.Count(dictionary, []byte("Decode")) != 1 || bytes.Contains(dictionary, []byte("/DP")) {
		return refuse("document.broken")
	}
	begins := from + int64(stream+len("stream"))
	for _, c := range near[stream+len("stream"):] {
		if c != '\r' && c != '\n' {
			break
		}
		begins++
	}
	return p.unpack(ctx, io.NewSectionReader(p.file, begins, p.size-begins))
}

// unpack looks through what r holds packed, in buffers that serve for all.
func (p *packed) unpack(ctx context.Context, r io.Reader) (err error) {
	if p.buffered == nil {
		p.buffered, p.held = bufio.NewReader(r), make([]byte, window)
		p.unpacker, err = zlib.NewReader(p.buffered)
	} else {
		p.buffered.Reset(r)
		if again, ok := p.unpacker.(zlib.Resetter); ok {
			err = again.Reset(p.buffered, nil)
		} else {
			p.unpacker, err = zlib.NewReader(p.buffered)
		}
	}
	if err != nil {
		p.buffered = nil
		return refuse("document.broken")
	}
	counted := &io.LimitedReader{R: p.unpacker, N: p.left}
	err = windows(p.held, counted, func(w []byte, _ int64) error {
		if pdfActs.Match(w) {
			return refuse("document.acts")
		}
		return ctx.Err()
	})
	nothing := counted.N == p.left
	if p.left = counted.N; p.left <= 0 {
		return refuse("document.bomb")
	}
	if _, ours := errors.AsType[problem.Invalid](err); ours || ctx.Err() != nil {
		return err
	}
	if nothing {
		return refuse("document.broken")
	}
	return nil // where it breaks off nobody reads on
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
