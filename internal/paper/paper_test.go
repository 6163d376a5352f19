package paper_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"daubang/internal/paper"
	"daubang/internal/portaltest"
)

var sheet = paper.Sheet{
	Title: "Chị em vùng cao", Lang: "vi", Head: "BDG-26-K7Q4M", Foot: "Bản số 2", Hash: "SHA-256: " + strings.Repeat("ab12", 16),
	Address: "https://portal.example/proposals/abc#" + strings.Repeat("ab12", 16), At: time.Date(2027, 2, 14, 2, 0, 0, 0, time.UTC),
}

func print(tb testing.TB, s paper.Sheet, html string) []byte { //nolint:predeclared // what it does
	tb.Helper()
	var b bytes.Buffer
	if err := paper.Print(&b, s, strings.NewReader(html)); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// Every letter of Vietnamese arrives, composed and in order; what a page hides
// in print does not.
func TestPrintsEveryWord(t *testing.T) {
	t.Parallel()
	const letters = "AĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXY aáàảãạăắằẳẵặâấầẩẫậ eéèẻẽẹêếềểễệ iíìỉĩị oóòỏõọôốồổỗộơớờởỡợ uúùủũụưứừửữự yýỳỷỹỵ đ ₫ “” – … ( ) \\"
	text := portaltest.ReadPDF(t, print(t, sheet, `<h2>1. Tên</h2><p class="van">`+letters+"\ndòng hai"+`</p>
		<p class="khong-in">nút bấm</p><p>Thấy <span class="govuk-visually-hidden">không thấy</span></p><form><button>Gửi</button></form>
		<ul><li>một</li><li>hai<br>ba</li></ul>`))
	for _, want := range []string{"1. Tên", letters, "dòng hai", "Thấy", "một", "ba", "Bản số 2", strings.Repeat("ab12", 16), "1/1"} {
		if !strings.Contains(portaltest.Bare(text), portaltest.Bare(want)) {
			t.Errorf("%q is not printed: %q", want, text)
		}
	}
	for _, not := range []string{"nút bấm", "không thấy", "Gửi"} {
		if strings.Contains(text, not) {
			t.Errorf("%q is printed", not)
		}
	}
}

// The structure is the page's: headings, paragraphs, lists, and tables whose
// heads say of what.
func TestTagsWhatItPrints(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for i := range 120 {
		fmt.Fprintf(&rows, `<tr><th scope="row">Khoản %d</th><td class="num">%d</td></tr>`, i, i*1000)
	}
	pdf := print(t, sheet, `<section><h1>A</h1><h2>B</h2><p>C</p><dl><dt>D</dt><dd>E</dd></dl><table><thead><tr><th>F</th><th>G</th></tr></thead>`+rows.String()+`</table></section>`)
	for role, want := range map[string]int{"Document": 1, "Sect": 1, "H1": 1, "H2": 1, "L": 1, "LI": 1, "Lbl": 1, "LBody": 1, "Table": 1, "TR": 121, "TH": 122, "TD": 120} {
		if n := len(regexp.MustCompile(`/Type /StructElem /S /`+role+` `).FindAll(pdf, -1)); n != want {
			t.Errorf("%d elements %s, want %d", n, role, want)
		}
	}
	for _, want := range []string{"/Marked true", "/Lang (vi)", "/StructTreeRoot ", "/DisplayDocTitle true", "/ParentTree ", "/Scope /Row", "/Scope /Column", "/StructParents 2"} {
		if !bytes.Contains(pdf, []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
	coded := sheet
	coded.Address, coded.CodeAlt = "https://example.org/x", "Mã QR: ở đây"
	if pdf := print(t, coded, strings.Repeat("<p>một</p>", 400)); bytes.Count(pdf, []byte("/S /Figure")) != 1 || !bytes.Contains(pdf, []byte("/Alt <FEFF004D00E30020005100520")) || !bytes.Contains(pdf, []byte("/BBox [")) {
		t.Error("the square code says nothing to who does not see it, or on each page")
	}
	text := portaltest.ReadPDF(t, pdf)
	if n := strings.Count(text, "F"); n < 3 {
		t.Errorf("the heads of the table stand on %d pages", n)
	}
	if !strings.Contains(text, "4/4") {
		t.Errorf("no fourth page: %s", text[len(text)-200:])
	}
}

// A cell that no page can hold goes on, and so does a word that no line can.
func TestPrintsWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("mười từ một câu rất dài cứ thế viết mãi ", 900)
	word := strings.Repeat("Đ", 400)
	text := portaltest.Bare(portaltest.ReadPDF(t, print(t, sheet, `<table><tr><td>`+long+`</td><td>ngắn</td></tr></table><p>`+word+`</p>`)))
	if n := strings.Count(text, portaltest.Bare("mười từ một câu")); n < 880 {
		t.Errorf("%d of 900 are printed", n)
	}
	if n := strings.Count(text, "Đ"); n != 400 {
		t.Errorf("%d of 400 letters are printed", n)
	}
}

// The same is printed to the byte, so that two copies can be compared.
func TestPrintsTheSame(t *testing.T) {
	t.Parallel()
	if a, b := print(t, sheet, "<p>Một</p>"), print(t, sheet, "<p>Một</p>"); !bytes.Equal(a, b) {
		t.Error("two copies differ")
	}
}

// Whatever stands on a page, it is printed or refused.
func FuzzPrint(f *testing.F) {
	for _, s := range []string{"<p>a", "<table><tr><td colspan=9>x<td>y<tr><th>", "<ul><li><table><tr>", "<dl><dd>x", "\x00\u202e😀", "<table><tr></table>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, html string) {
		_ = print(t, sheet, html)
	})
}

// BenchmarkPrint prints as much as a usual proposal holds: some ten pages.
func BenchmarkPrint(b *testing.B) {
	var html strings.Builder
	for i := range 12 {
		fmt.Fprintf(&html, `<section><h2>%d. Vấn đề giới</h2><dl><dt>Phân tích giới</dt><dd><p class="van">%s</p></dd></dl><table><thead><tr><th>Khoản chi</th><th>Thành tiền</th></tr></thead>`,
			i, strings.Repeat("Phụ nữ trong thôn làm việc nhà trên năm giờ mỗi ngày. ", 30))
		for j := range 10 {
			fmt.Fprintf(&html, `<tr><th scope="row">Tập huấn lớp %d</th><td class="num">%d.000.000 ₫</td></tr>`, j, j)
		}
		html.WriteString(`</table></section>`)
	}
	for b.Loop() {
		_ = print(b, sheet, html.String())
	}
}
