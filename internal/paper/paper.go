// Package paper prints: it lays out what a page of the portal shows on sheets
// of A4, as a PDF that can be read aloud.
//
// It knows no proposals. What it prints is the HTML that a page is made of: its
// headings, paragraphs, lists and tables become the same in the PDF, laid out
// (lay.go) and tagged (tag.go), so that what is printed is what was on the
// page, whatever a form asks. What a page hides in print is left out. Drawing
// and fonts are codeberg.org/go-pdf/fpdf's; it writes no tags, so that these
// are added to what it has written.
package paper

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/net/html"
	"rsc.io/qr"
)

// Sheet is what stands around the content on every page.
type Sheet struct {
	Title   string
	Lang    string // of most of the words: vi, en
	Head    string // at the top of every page
	Foot    string // at its bottom: which version, received when
	Hash    string // of the version; empty for what has none
	Address string // where it is found and checked; a square code holds it
	CodeAlt string // what the code is, for who does not see it
	Across  string // large and pale across every page: that it is a draft; or empty
	At      time.Time
}

// family is the name under which the fonts are known to fpdf.
const family = "L"

// Print writes what an HTML fragment holds as a tagged PDF.
func Print(w io.Writer, s Sheet, content io.Reader) error {
	page, err := html.Parse(content)
	if err != nil {
		return fmt.Errorf("reading what is to be printed: %w", err)
	}
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCatalogSort(true) // the same content is the same bytes
	pdf.SetCreationDate(s.At)
	pdf.SetModificationDate(s.At)
	pdf.SetTitle(s.Title, true)
	pdf.SetLang(s.Lang)
	pdf.SetProducer("Dấu Bằng", true)
	pdf.AddUTF8FontFromBytes(family, "", liberationsansregular.TTF)
	pdf.AddUTF8FontFromBytes(family, "B", liberationsansbold.TTF)
	code, err := square(pdf, s.Address)
	if err != nil {
		return err
	}
	p := &press{pdf: pdf, across: s.Across, widths: map[measured]float64{}, root: &element{role: "Document"}}
	p.turn()
	p.flow(page, p.root, column{left: margin, width: wide}, normal)
	for n := 1; n <= pdf.PageCount(); n++ {
		p.around(n, s, code)
	}
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		return fmt.Errorf("writing a PDF: %w", err)
	}
	tagged, err := tag(b.Bytes(), p.root, p.marks)
	if err != nil {
		return err
	}
	if _, err := w.Write(tagged); err != nil {
		return fmt.Errorf("writing a PDF: %w", err)
	}
	return nil
}

// square makes the picture of a square code, empty for no address.
func square(pdf *fpdf.Fpdf, address string) (string, error) {
	if address == "" {
		return "", nil
	}
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return "", fmt.Errorf("drawing the code of an address: %w", err)
	}
	pdf.RegisterImageOptionsReader("code", fpdf.ImageOptions{ImageType: "PNG"}, bytes.NewReader(code.PNG()))
	return "code", pdf.Error()
}
