package document

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"daubang/internal/problem"
)

// kind is what a file may be: known by its first bytes and by its structure,
// never by what its name or its sender says.
type kind struct {
	mediaType string
	endings   []string // the first is given to a name that has none of them
	strip     func(io.Writer, io.Reader) error
	look      func(io.Reader) likeness // with strip and shrink: of pictures
	shrink    func(io.Writer, io.Reader, likeness) error
}

var (
	pdf  = kind{mediaType: "application/pdf", endings: []string{".pdf"}}
	docx = kind{mediaType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", endings: []string{".docx"}}
	xlsx = kind{mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", endings: []string{".xlsx"}}
	jpeg = kind{mediaType: "image/jpeg", endings: []string{".jpg", ".jpeg"}, strip: stripJPEG, look: lookJPEG, shrink: shrinkJPEG}
	png  = kind{mediaType: "image/png", endings: []string{".png"}, strip: stripPNG, look: lookPNG, shrink: shrinkPNG}
)

var kinds = []kind{pdf, docx, xlsx, jpeg, png}

// Accept lists the endings of files that may be attached, for a file control.
const Accept = ".pdf,.docx,.xlsx,.jpg,.jpeg,.png"

// Ending is the ending of files of a media type: .pdf.
func Ending(mediaType string) string {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.mediaType == mediaType })
	if i < 0 {
		return ""
	}
	return kinds[i].endings[0]
}

// named gives a name the ending of its kind where it has another.
func (k kind) named(name string) string {
	if name == "" {
		name = "tai-lieu"
	}
	if !slices.Contains(k.endings, strings.ToLower(path.Ext(name))) {
		name += k.endings[0]
	}
	return name
}

// inspect finds out what a file is, and refuses what it should not be.
func inspect(ctx context.Context, r io.ReaderAt, size int64) (kind, error) {
	head := make([]byte, 16)
	n, _ := r.ReadAt(head, 0) // a file shorter than that has no kind of ours
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-1.")), bytes.HasPrefix(head, []byte("%PDF-2.")):
		return pdf, inspectPDF(ctx, r, size)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return inspectOffice(r, size)
	case bytes.HasPrefix(head, []byte("\xFF\xD8\xFF")):
		return jpeg, nil // taken apart by stripJPEG
	case bytes.HasPrefix(head, []byte(pngSignature)):
		return png, nil
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")):
		return kind{}, refuse("document.old_office") // also how an encrypted DOCX begins
	default:
		return kind{}, refuse("document.kind_unknown")
	}
}

// What a DOCX or XLSX may unpack to.
const (
	maxEntries  = 2000
	maxInflated = 100 << 20
	maxRatio    = 100
)

func inspectOffice(r io.ReaderAt, size int64) (kind, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return kind{}, refuse("document.broken")
	}
	head := make([]byte, 1024) // where a PDF may begin for a reader that is not strict
	if n, _ := r.ReadAt(head, 0); bytes.Contains(head[:n], []byte("%PDF-")) {
		return kind{}, refuse("document.two_kinds")
	}
	if len(z.File) > maxEntries {
		return kind{}, refuse("document.bomb")
	}
	k, err := officeKind(z)
	if err != nil {
		return kind{}, err
	}
	if err := inflate(z, size); err != nil {
		return kind{}, err
	}
	return k, inspectRelations(z) // after it is known how much there is to look at
}

// officeKind tells DOCX from XLSX by the parts they must have, and refuses
// what acts, is locked, or would write outside its place.
func officeKind(z *zip.Reader) (kind, error) {
	names := map[string]bool{}
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		switch {
		case f.Flags&1 != 0:
			return kind{}, refuse("document.locked")
		case strings.Contains(name, "..") || strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\\:\x00") || names[name]:
			return kind{}, refuse("document.broken")
		case path.Base(name) == "vbaproject.bin" || strings.Contains(name, "/activex/") || strings.Contains(name, "macrosheets/"):
			return kind{}, refuse("document.macros")
		}
		names[name] = true
	}
	switch {
	case !names["[content_types].xml"]:
		return kind{}, refuse("document.kind_unknown")
	case names["word/document.xml"]:
		return docx, nil
	case names["xl/workbook.xml"]:
		return xlsx, nil
	default:
		return kind{}, refuse("document.kind_unknown")
	}
}

// officeActs is what fetches or starts something when it is opened: a DTD, which
// no office program writes, and fields and links of DDE.
var officeActs = regexp.MustCompile(`<!DOCTYPE|<!ENTITY|<(?:\w+:)?ddeLink|(?:<w:instrText[^>]*>|w:instr=["'])\s*"?DDE(?:AUTO)?\b`)

// inflate unpacks everything and counts it: what a header says of its size
// means nothing. An archive within the archive is not opened, only counted.
func inflate(z *zip.Reader, size int64) error {
	left := min(int64(maxInflated), max(size*maxRatio, 1<<20))
	b := make([]byte, window)
	for _, f := range z.File {
		part, err := f.Open()
		if err != nil {
			return refuse("document.broken")
		}
		counted := &io.LimitedReader{R: part, N: left + 1}
		err = windows(b, counted, func(w []byte, _ int64) error { return inspectPart(f.Name, w) })
		_ = part.Close() // only read
		left = counted.N - 1
		_, ours := errors.AsType[problem.Invalid](err)
		switch {
		case left < 0:
			return refuse("document.bomb")
		case ours:
			return err
		case err != nil:
			return refuse("document.broken")
		}
	}
	return nil
}

// inspectPart looks at a piece of one part. The list of parts must not name
// macros either.
func inspectPart(name string, w []byte) error {
	name = strings.ToLower(name)
	switch {
	case name == "[content_types].xml" && bytes.Contains(bytes.ToLower(w), []byte("macroenabled")):
		return refuse("document.macros")
	case path.Ext(name) != ".xml" && path.Ext(name) != ".rels":
		return nil
	case !bytes.Contains(w, []byte("<!")) && !bytes.Contains(w, []byte("DDE")) && !bytes.Contains(w, []byte("ddeLink")):
		return nil // as nearly always, and found out in a tenth of the time
	case officeActs.Match(w):
		return refuse("document.acts_office")
	}
	return nil
}
