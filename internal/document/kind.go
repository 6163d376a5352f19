package document

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
)

// kind is what a file may be: known by its first bytes and by its structure,
// never by what its name or its sender says.
type kind struct {
	mediaType string
	endings   []string // the first is given to a name that has none of them
	strip     func(io.Writer, io.Reader) error
}

var (
	pdf  = kind{mediaType: "application/pdf", endings: []string{".pdf"}}
	docx = kind{mediaType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", endings: []string{".docx"}}
	xlsx = kind{mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", endings: []string{".xlsx"}}
	jpeg = kind{mediaType: "image/jpeg", endings: []string{".jpg", ".jpeg"}, strip: stripJPEG}
	png  = kind{mediaType: "image/png", endings: []string{".png"}, strip: stripPNG}
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
func inspect(r io.ReaderAt, size int64) (kind, error) {
	head := make([]byte, 16)
	n, _ := r.ReadAt(head, 0) // a file shorter than that has no kind of ours
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-1.")), bytes.HasPrefix(head, []byte("%PDF-2.")):
		return pdf, inspectPDF(r, size)
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

var (
	pdfEncrypted = regexp.MustCompile(`/Encrypt\s+\d+\s+\d+\s+R`)
	pdfActs      = regexp.MustCompile(`/(JavaScript|JS|Launch)[\s(<\[/\d]`)
)

// inspectPDF refuses a PDF that is cut short, locked, or acts when it is
// opened, as far as its plain parts show.
func inspectPDF(r io.ReaderAt, size int64) error {
	b := make([]byte, size)
	if _, err := r.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	tail := b[max(0, len(b)-2048):]
	switch {
	case !bytes.Contains(tail, []byte("%%EOF")) || !bytes.Contains(tail, []byte("startxref")):
		return refuse("document.broken")
	case pdfEncrypted.Match(b):
		return refuse("document.locked")
	case pdfActs.Match(b):
		return refuse("document.acts")
	}
	return nil
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
	if len(z.File) > maxEntries {
		return kind{}, refuse("document.bomb")
	}
	k, err := officeKind(z)
	if err != nil {
		return kind{}, err
	}
	return k, inflate(z, size)
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

// inflate unpacks everything and counts it: what a header says of its size
// means nothing. The list of parts must not name macros either.
func inflate(z *zip.Reader, size int64) error {
	left := min(int64(maxInflated), max(size*maxRatio, 1<<20))
	for _, f := range z.File {
		part, err := f.Open()
		if err != nil {
			return refuse("document.broken")
		}
		var types bytes.Buffer
		to := io.Discard
		if strings.EqualFold(f.Name, "[content_types].xml") {
			to = &types
		}
		n, err := io.Copy(to, io.LimitReader(part, left+1))
		_ = part.Close() // only read
		left -= n
		switch {
		case left < 0:
			return refuse("document.bomb")
		case err != nil:
			return refuse("document.broken")
		case bytes.Contains(bytes.ToLower(types.Bytes()), []byte("macroenabled")):
			return refuse("document.macros")
		}
	}
	return nil
}
