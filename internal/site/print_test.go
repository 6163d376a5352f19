package site_test

import (
	"strings"
	"testing"

	"daubang/internal/portaltest"
)

// What is printed is what the page to check shows, word for word, whether it is
// a draft or was sent.
func TestPrintingAProposal(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	my, pao := s.signedIn(t, "my@example.org"), s.signedIn(t, "pao@example.org")
	s.province(t)
	if _, err := s.db.Exec(t.Context(), `update organisations set address = 'Số 12, ngõ 5', province_code = '10', place_id = (select id from places where code = '02650')`); err != nil {
		t.Fatal(err)
	}
	address := s.begin(t, my)
	my.Open(address + ".pdf").Expect(200)
	if text := portaltest.ReadPDF(t, []byte(my.Body)); !strings.Contains(text, "BẢN NHÁP – CHƯA NỘP") || !strings.Contains(text, "Chưa trả lời") {
		t.Errorf("an empty draft reads %.400q", text)
	}
	s.fill(t, my, address)
	my.Open(address+"/sections/documents").Fill("purpose", "evidence").Attach("file", "trạm y tế.png", picture(t)).Press("Tải tệp lên").Expect(200)
	s.printed(t, my, address)
	my.Open(address + "/check").Press("Nộp đề xuất").Expect(200)
	text := s.printed(t, my, address)
	if strings.Contains(text, "NHÁP") || !strings.Contains(text, "Bản số 1, nhận lúc 12:00:00") {
		t.Errorf("what was sent reads %.400q", text)
	}
	if !strings.Contains(portaltest.Bare(text), portaltest.Bare("Số 12, ngõ 5, Xã Tân An, Tỉnh Lào Cai")) {
		t.Error("the applicant's address is cut")
	}
	sum := value64(t, s)
	if n, pages := strings.Count(text, sum), strings.Count(text, "SHA-256: "); n < pages || pages < 3 {
		t.Errorf("the hash stands %d times, on %d pages", n, pages)
	}
	pao.Open(address + ".pdf").Expect(200)
	if got := pao.Header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="ho-so-BDG-26-`) || !strings.HasSuffix(got, `-1.pdf"`) {
		t.Errorf("it is called %s", got)
	}
}

// printed compares every answer, label and name of a file with the page.
func (s *scene) printed(t *testing.T, b *portaltest.Browser, address string) string {
	t.Helper()
	page := portaltest.Bare(b.Open(address + "/check").Expect(200).Main())
	text := portaltest.ReadPDF(t, []byte(b.Open(address+".pdf").Expect(200).Body))
	bare := portaltest.Bare(text)
	asked := s.asked(t)
	content := portaltest.Filled(t, asked)
	want := []string{"trạm y tế.png", "Hội Liên hiệp Phụ nữ xã Sà Phìn"}
	for _, section := range asked.Form.For(content).Sections {
		want = append(want, section.Title.Vi)
		for _, q := range section.Questions {
			a := content[section.Key][q.Key]
			want = append(want, q.Label.Vi, a.Text)
			for _, r := range a.Rows {
				for _, c := range q.Columns {
					want = append(want, r[c.Key])
				}
			}
		}
	}
	n := 0
	for _, w := range want {
		if w = portaltest.Bare(w); w == "" || !strings.Contains(page, w) { // a choice is said in other words
			continue
		}
		n++
		if !strings.Contains(bare, w) {
			t.Errorf("%q is on the page and is not printed", w)
		}
	}
	if n < 60 {
		t.Errorf("only %d pieces were compared", n)
	}
	return text
}

func value64(t *testing.T, s *scene) (sum string) {
	t.Helper()
	if err := s.db.QueryRow(t.Context(), `select sha256 from submissions`).Scan(&sum); err != nil {
		t.Fatal(err)
	}
	return sum
}

// Who judges in a blind call gets neither who applies nor what tells it.
func TestPrintingBlind(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	my := s.signedIn(t, "my@example.org")
	address := s.begin(t, my)
	s.fill(t, my, address)
	my.Open(address + "/check").Press("Nộp đề xuất").Expect(200)
	reviewer := s.person(t, "Lò Thị Hoa", "hoa@example.org")
	for _, sql := range []string{
		`update calls set blind = true`, `update proposals set status = 'in_review'`,
		`insert into assignments (proposal_id, reviewer_id, state, due_at, assigned_by, assigned_at)
		 select p.id, $1::bigint, 'accepted', p.submitted_at + interval '9 days', $1::bigint, p.submitted_at from proposals p`,
	} {
		var args []any
		if strings.Contains(sql, "$1") {
			args = append(args, reviewer)
		}
		if _, err := s.db.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	hoa := s.signedIn(t, "hoa@example.org").Open(address + ".pdf").Expect(200)
	text := portaltest.ReadPDF(t, []byte(hoa.Body))
	if !strings.Contains(text, "Bản số 1") || len(text) < 2000 {
		t.Errorf("the reviewer reads %.300q", text)
	}
	for _, canary := range []string{"Sà Phìn", "Hoàng Thị Mỷ"} {
		if strings.Contains(text, canary) || strings.Contains(hoa.Body, canary) {
			t.Errorf("a blind reviewer's PDF says %q", canary)
		}
	}
	hoa.Open(address + "/compare").Expect(200)
}
