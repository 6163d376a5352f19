package document

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	stdpng "image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"daubang/internal/pgtest"
	"daubang/internal/problem"
)

func openStore(t *testing.T) *Store {
	t.Helper()
	s, err := OpenStore("file://" + filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// office is a DOCX or XLSX with the parts given: name, content, name, content…
func office(t *testing.T, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, parts[i+1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	types    = "[Content_Types].xml"
	plainPDF = "%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\nxref\n0 1\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
)

// packedPDF is a PDF with a packed list of objects.
func packedPDF(objects string) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = io.WriteString(z, objects)
	_ = z.Close()
	return []byte(strings.Replace(plainPDF, "1 0 obj <<", fmt.Sprintf("2 0 obj <</Type /ObjStm /Filter /FlateDecode /Length %d>> stream\r\n%s\nendstream endobj 1 0 obj <<", b.Len(), b.String()), 1))
}

func picture(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			m.Set(x, y, color.RGBA{uint8(x * 7), uint8(y * 5), 120, 255})
		}
	}
	return m
}

// photograph is a JPEG as a phone makes it: EXIF with the way up and a place,
// XMP, a comment, and a film behind its end.
func photograph(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, picture(64, 48), nil); err != nil {
		t.Fatal(err)
	}
	segment := func(marker byte, body string) []byte {
		return append([]byte{0xFF, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	}
	exif := "Exif\x00\x00II\x2A\x00\x08\x00\x00\x00\x02\x00" +
		"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00" + // the way up: 6
		"\x25\x88\x04\x00\x01\x00\x00\x00\x26\x00\x00\x00" + // GPS
		"\x00\x00\x00\x00GPS-21.0285-105.8542"
	out := append([]byte{}, b.Bytes()[:2]...)
	out = append(out, segment(0xE1, exif)...)
	out = append(out, segment(0xE1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>Chị Lan, Hà Nội</x:xmpmeta>")...)
	out = append(out, segment(0xED, "Photoshop 3.0\x00IPTC chị Lan")...)
	out = append(out, segment(0xFE, "shot by Chị Lan")...)
	out = append(out, b.Bytes()[2:]...)
	return append(out, "MotionPhoto ftypmp42 chị Lan"...)
}

func pngChunk(name, data string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(b, name+data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// withChunk puts a chunk behind the first one of a PNG.
func withChunk(t *testing.T, chunk []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := stdpng.Encode(&b, picture(20, 10)); err != nil {
		t.Fatal(err)
	}
	const afterIHDR = 8 + 8 + 13 + 4
	out := append([]byte{}, b.Bytes()[:afterIHDR]...)
	return append(append(out, chunk...), b.Bytes()[afterIHDR:]...)
}

func TestPutKnowsItsKinds(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	for _, c := range []struct {
		name, want, mediaType string
		data                  []byte
	}{
		{"Điều lệ.pdf", "Điều lệ.pdf", pdf.mediaType, []byte(plainPDF)},
		{"Điều lệ.pdf.exe", "Điều lệ.pdf.exe.pdf", pdf.mediaType, []byte(plainPDF)},
		{`C:\Users\lan\thư.docx`, "thư.docx", docx.mediaType, office(t, types, "<Types/>", "word/document.xml", "<w/>")},
		{"../../du-toan.XLSX", "du-toan.XLSX", xlsx.mediaType, office(t, types, "<Types/>", "xl/workbook.xml", "<w/>")},
		{"", "tai-lieu.jpg", jpeg.mediaType, photograph(t)},
		{"CON", "CON.pdf", pdf.mediaType, packedPDF("1 0 <</Type /Page>>")},
		{"DDE.docx", "DDE.docx", docx.mediaType, office(t, types, "<Types/>", "word/document.xml", "<!-- nothing --><w:t>DDEAUTO is a word too</w:t>", "word/embeddings/a.zip", "PK\x03\x04")},
		{"liên kết.docx", "liên kết.docx", docx.mediaType, office(t, types, "<Types/>", "word/document.xml", `<w:instrText>HYPERLINK "https://example.org/DDE"</w:instrText>`, "word/embeddings/a.xlsx", "PK", "word/_rels/document.xml.rels",
			`<Relationships><Relationship Id="a" Type="http://x/relationships/hyperlink" Target="https://example.org" TargetMode="External"/><Relationship Id="b" Type="http://x/relationships/image" Target="media/a.png"/></Relationships>`)},
		{strings.Repeat("ă", 300) + ".pdf", strings.Repeat("ă", 116) + ".pdf", pdf.mediaType, []byte(plainPDF)},
		{"ảnh\u202egnp.jpg", "ảnhgnp.jpg.png", png.mediaType, withChunk(t, nil)},
	} {
		f, err := s.Put(t.Context(), c.name, bytes.NewReader(c.data))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if f.Name != c.want || f.MediaType != c.mediaType {
			t.Errorf("%s: %+v, want %s %s", c.name, f, c.want, c.mediaType)
		}
		stored, err := s.open(f.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		info, _ := stored.Stat()
		_ = stored.Close()
		if info.Size() != f.Size {
			t.Errorf("%s: %d bytes on disk, %d said", c.name, info.Size(), f.Size)
		}
	}
}

func TestPutRefuses(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	many := make([]string, 0, 2*maxEntries+4)
	for i := range maxEntries + 1 {
		many = append(many, fmt.Sprintf("word/%d.xml", i), "")
	}
	zeros := strings.Repeat("\x00", 30<<20)
	png30k := append([]byte(pngSignature), pngChunk("IHDR", "\x00\x00\x75\x30\x00\x00\x75\x30\x08\x06\x00\x00\x00")...)
	jpg30k := []byte("\xFF\xD8\xFF\xC0\x00\x11\x08\x75\x30\x75\x30\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00\xFF\xD9")
	locked := office(t, types, "<Types/>", "word/document.xml", "<w/>")
	for at := 0; ; { // set the flag of encryption in every entry
		i := bytes.Index(locked[at:], []byte("PK\x01\x02"))
		if i < 0 {
			break
		}
		locked[at+i+8] |= 1
		at += i + 4
	}
	photo := photograph(t)
	related := func(kind, mode string) []byte {
		return office(t, types, "<Types/>", "word/document.xml", "", "word/_rels/settings.xml.rels",
			`<Relationships><Relationship Id='rId1' TargetMode='`+mode+`' Target="https://evil.example/x" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/`+kind+`"/></Relationships>`)
	}
	for name, c := range map[string]struct {
		want string
		data []byte
	}{
		"nothing":                      {"document.empty", nil},
		"one byte too large":           {"document.too_large", bytes.Repeat([]byte("a"), MaxBytes+1)},
		"text":                         {"document.kind_unknown", []byte("xin chào")},
		"a page":                       {"document.kind_unknown", []byte("<html><script>alert(1)</script>")},
		"SVG":                          {"document.kind_unknown", []byte("<svg onload='alert(1)'/>")},
		"program":                      {"document.kind_unknown", []byte("MZ\x90\x00")},
		"GIF":                          {"document.kind_unknown", []byte("GIF89a")},
		"old Word":                     {"document.old_office", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")},
		"PDF cut short":                {"document.broken", []byte(plainPDF[:40])},
		"PDF behind a page":            {"document.kind_unknown", []byte("<html>" + plainPDF)},
		"PDF locked":                   {"document.locked", []byte(strings.Replace(plainPDF, "trailer <<", "trailer <</Encrypt 5 0 R ", 1))},
		"PDF with a script":            {"document.acts", []byte(strings.Replace(plainPDF, "1 0 obj <<", "1 0 obj <</OpenAction <</S /JavaScript /JS (app.alert(1))>> ", 1))},
		"PDF that starts":              {"document.acts", []byte(strings.Replace(plainPDF, "1 0 obj <<", "1 0 obj <</A <</S /Launch /F (cmd)>> ", 1))},
		"PDF, names written otherwise": {"document.acts", []byte(strings.Replace(plainPDF, "1 0 obj <<", "1 0 obj <</A <</S /J#61v#61Script /J#53 (x)>> ", 1))},
		"PDF, a script packed":         {"document.acts", packedPDF("1 0 <</S /JavaScript /JS (x)>>")},
		"PDF, a script far inside":     {"document.acts", []byte(strings.Replace(plainPDF, "1 0 obj <<", strings.Repeat("%\n", window/2-8)+"1 0 obj <</S /JavaScript>> <<", 1))},
		"PDF, a bomb packed":           {"document.bomb", packedPDF(strings.Repeat(" ", maxInflated+1))},
		"PDF and archive at once":      {"document.two_kinds", slices.Concat([]byte(plainPDF), office(t, "a.txt", "a"), []byte("startxref\n9\n%%EOF\n"))},
		"archive and PDF at once":      {"document.two_kinds", office(t, "%PDF-1.7", "", types, "<Types/>", "word/document.xml", "")},
		"archive behind a page":        {"document.kind_unknown", slices.Concat([]byte("<html>"), office(t, types, "<Types/>", "word/document.xml", ""))},
		"a DTD":                        {"document.acts_office", office(t, types, "<Types/>", "word/document.xml", "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><w/>")},
		"DDE":                          {"document.acts_office", office(t, types, "<Types/>", "word/document.xml", `<w:instrText xml:space="preserve"> DDEAUTO c:\\windows\\cmd.exe</w:instrText>`)},
		"DDE of a sheet":               {"document.acts_office", office(t, types, "<Types/>", "xl/workbook.xml", "", "xl/externalLinks/externalLink1.xml", `<externalLink><ddeLink ddeService="cmd"/>`)},
		"DDE over two runs":            {"document.acts_office", office(t, types, "<Types/>", "word/footer1.xml", `<x:instrText> DDE</x:instrText></w:r><w:r><x:instrText>AUTO c:\\cmd.exe</x:instrText>`, "word/document.xml", "")},
		"DDE in an attribute":          {"document.acts_office", office(t, types, "<Types/>", "word/document.xml", `<w:fldSimple w:instr="&#68;DE c:\\cmd.exe"/>`)},
		"a template elsewhere":         {"document.acts_office", related("attachedTemplate", "External")},
		"a picture elsewhere":          {"document.acts_office", related("image", "&#69;xternal")},
		"an object elsewhere":          {"document.acts_office", related("oleObject", "External")},
		"an object inside":             {"document.acts_office", related("oleObject", "Internal")},
		"an object that nobody names":  {"document.acts_office", office(t, types, "<Types/>", "word/document.xml", "", "word/embeddings/oleObject1.bin", "\xD0\xCF")},
		"relations without an end":     {"document.bomb", office(t, types, "<Types/>", "word/document.xml", "", "word/_rels/document.xml.rels", strings.Repeat("<a/> ", maxRelations/5+1))},
		"one word of a text":           {"document.bomb", office(t, types, "<Types/>", "word/document.xml", strings.Repeat("a b c d e f g ", maxToken/14+1))},
		"a file in a PDF":              {"document.acts", []byte(strings.Replace(plainPDF, "1 0 obj <<", "1 0 obj <</Names <</EmbeddedFiles 7 0 R>>", 1))},
		"one byte":                     {"document.kind_unknown", []byte("%")},
		"only how a JPEG begins":       {"document.broken", []byte("\xFF\xD8\xFF")},
		"plain zip":                    {"document.kind_unknown", office(t, "a.txt", "a")},
		"no document inside":           {"document.kind_unknown", office(t, types, "<Types/>", "ppt/presentation.xml", "")},
		"macros":                       {"document.macros", office(t, types, "<Types/>", "word/document.xml", "", "word/vbaProject.bin", "x")},
		"macros by their type":         {"document.macros", office(t, types, "application/vnd.ms-word.document.macroEnabled.main+xml", "word/document.xml", "")},
		"zip slip":                     {"document.broken", office(t, types, "<Types/>", "word/document.xml", "", "../../etc/passwd", "x")},
		"the same name twice":          {"document.broken", office(t, types, "<Types/>", "word/document.xml", "", "WORD/document.xml", "x")},
		"locked":                       {"document.locked", locked},
		"too many parts":               {"document.bomb", office(t, append(many, types, "<Types/>", "word/document.xml", "")...)},
		"a bomb":                       {"document.bomb", office(t, types, "<Types/>", "word/document.xml", zeros)},
		"zip cut short":                {"document.broken", office(t, types, "<Types/>", "word/document.xml", "")[:60]},
		"JPEG cut short":               {"document.broken", photo[:len(photo)-200]},
		"JPEG of 900 million":          {"document.picture_too_large", jpg30k},
		"PNG of 900 million":           {"document.picture_too_large", png30k},
		"PNG cut short":                {"document.broken", withChunk(t, nil)[:60]},
		"PNG changed":                  {"document.broken", bytes.Replace(withChunk(t, nil), []byte("IDAT"), []byte("IDAX"), 1)},
	} {
		_, err := s.Put(t.Context(), "tệp.pdf", bytes.NewReader(c.data))
		wrong, _ := err.(problem.Invalid) //nolint:errorlint // returned bare
		if wrong["file"].Key != c.want {
			t.Errorf("%s: %v, want %s", name, wrong["file"], c.want)
		}
	}
	left, err := os.ReadDir(filepath.Join(s.root.Name(), staging))
	if err != nil || len(left) > 0 {
		t.Errorf("%d staged files left behind, %v", len(left), err)
	}
}

func TestPicturesForgetWhereTheyWereTaken(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	for name, data := range map[string][]byte{
		"JPEG":      photograph(t),
		"PNG, text": withChunk(t, pngChunk("tEXt", "Author\x00chị Lan")),
		"PNG, EXIF": withChunk(t, pngChunk("eXIf", "MM\x00*GPS chị Lan")),
		"PNG, own":  withChunk(t, pngChunk("laNa", "chị Lan")),
		"PNG, tail": append(withChunk(t, nil), "chị Lan"...),
	} {
		f, err := s.Put(t.Context(), "ảnh", bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		stored, err := s.open(f.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		kept, _ := io.ReadAll(stored)
		_ = stored.Close()
		for _, secret := range []string{"Lan", "GPS", "Hà Nội", "ftyp"} {
			if bytes.Contains(kept, []byte(secret)) {
				t.Errorf("%s still says %q", name, secret)
			}
		}
		want, _, err := image.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := image.Decode(bytes.NewReader(kept))
		if err != nil {
			t.Errorf("%s cannot be opened any more: %v", name, err)
			continue
		}
		if got.Bounds() != want.Bounds() || got.At(5, 5) != want.At(5, 5) || got.At(17, 8) != want.At(17, 8) {
			t.Errorf("%s looks different now", name)
		}
	}
}

func TestPhotographsKeepTheirWayUp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := stripJPEG(&out, bytes.NewReader(photograph(t))); err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(out.Bytes(), exifHead)
	if i < 0 || orientation(out.Bytes()[i:]) != 6 {
		t.Error("the picture lies on its side now")
	}
	var twice bytes.Buffer
	if err := stripJPEG(&twice, bytes.NewReader(out.Bytes())); err != nil || !bytes.Equal(twice.Bytes(), out.Bytes()) {
		t.Errorf("stripping twice is not stripping once: %v", err)
	}
}

func TestTheSameFileIsKeptOnce(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	a, err := s.Put(t.Context(), "a.pdf", strings.NewReader(plainPDF))
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Put(t.Context(), "b.pdf", strings.NewReader(plainPDF))
	if err != nil {
		t.Fatal(err)
	}
	if a.SHA256 != b.SHA256 || a.Name == b.Name {
		t.Errorf("%+v %+v", a, b)
	}
}

// A sender who goes away leaves nothing behind.
func TestPutOfALineThatBreaks(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	ctx, hangUp := context.WithCancel(t.Context())
	r := io.MultiReader(strings.NewReader(plainPDF[:20]), funcReader(func([]byte) (int, error) { hangUp(); return 0, nil }), strings.NewReader(plainPDF[20:]))
	if _, err := s.Put(ctx, "a.pdf", r); err == nil {
		t.Error("half a file was kept")
	}
	left, err := os.ReadDir(filepath.Join(s.root.Name(), staging))
	if err != nil || len(left) > 0 {
		t.Errorf("%d staged files left behind, %v", len(left), err)
	}
}

type funcReader func([]byte) (int, error)

func (f funcReader) Read(p []byte) (int, error) { return f(p) }

func FuzzStripJPEG(f *testing.F) {
	f.Add([]byte("\xFF\xD8\xFF\xE1\x00\x10Exif\x00\x00MM\x00*\x00\x00\xFF\xD9"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var once, twice bytes.Buffer
		if stripJPEG(&once, bytes.NewReader(b)) != nil {
			return
		}
		if err := stripJPEG(&twice, bytes.NewReader(once.Bytes())); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Errorf("what was stripped is stripped again: %v", err)
		}
	})
}

// What nobody will ask for again goes; what somebody may, stays.
func TestSweep(t *testing.T) {
	t.Parallel()
	s, tx := openStore(t), pgtest.Tx(t)
	p, err := s.Begin(7, 8, 100)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.Append(p, strings.NewReader("abc")); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	f, err := s.Put(t.Context(), "a.pdf", strings.NewReader(plainPDF))
	if err != nil {
		t.Fatal(err)
	}
	half, err := s.stage()
	if err != nil {
		t.Fatal(err)
	}
	_ = half.Close()
	sweep := func(after time.Duration, want int) {
		t.Helper()
		if n, err := s.Sweep(t.Context(), tx, time.Now().Add(after)); n != want || err != nil {
			t.Errorf("%s later %d are swept, want %d: %v", after, n, want, err)
		}
	}
	sweep(59*time.Minute, 0)
	sweep(61*time.Minute, 1) // the half written one
	if got, err := s.Part(7, 8, p.ID); err != nil || got.Got != 3 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := s.Part(7, 9, p.ID); !errors.Is(err, problem.NotFound) {
		t.Errorf("a part of another proposal: %v", err)
	}
	sweep(25*time.Hour, 2)
	if _, err := s.Part(7, 8, p.ID); !errors.Is(err, problem.NotFound) {
		t.Errorf("a part that was given up: %v", err)
	}
	if _, err := s.open(f.SHA256); err == nil {
		t.Error("a file that is nobody's is still there")
	}
}

// Noise is no script: packed pictures hold every word by chance.
func TestLargePDFsAreLookedAtInTime(t *testing.T) {
	t.Parallel()
	noise := make([]byte, MaxBytes-4096)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(noise)
	b := slices.Concat([]byte("%PDF-1.7\n1 0 obj <<>> stream\n"), noise, []byte("\nendstream\nstartxref\n9\n%%EOF\n"))
	started := time.Now()
	if err := inspectPDF(t.Context(), bytes.NewReader(b), int64(len(b))); err != nil {
		t.Error(err)
	}
	t.Logf("%d MB in %s", len(b)>>20, time.Since(started))
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte(plainPDF))
	f.Add(packedPDF("1 0 <<>>"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := inspect(t.Context(), bytes.NewReader(b), int64(len(b)))
		if _, said := errors.AsType[problem.Invalid](err); err != nil && !said {
			t.Errorf("no words for it: %v", err)
		}
	})
}
