package site_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/pg"
	"daubang/internal/portaltest"
	"daubang/internal/scan"
	"daubang/internal/words"
)

// answer is what a script is told.
type answer struct {
	Name, Facts, Href, Remove, Message, Field string
}

func told(t *testing.T, b *portaltest.Browser, status int) answer {
	t.Helper()
	b.Expect(status)
	if got := b.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("a script is answered in %s: %s", got, b.Body)
	}
	var a answer
	if err := json.Unmarshal([]byte(b.Body), &a); err != nil {
		t.Fatalf("%v: %s", err, b.Body)
	}
	return a
}

// A script that sends files gets data and sentences, whatever happens.
func TestFilesSentByAScript(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan, pao := s.signedIn(t, "lan@example.org"), s.signedIn(t, "pao@example.org")
	address := s.begin(t, lan)
	page := address + "/sections/documents"
	attach := func(purpose, name string, data []byte) *portaltest.Browser {
		lan.Extra.Del("Accept")
		lan.Open(page).Fill("purpose", purpose).Attach("file", name, data)
		lan.Extra.Set("Accept", "application/json")
		return lan.Press("Tải tệp lên")
	}
	got := told(t, attach("cv", "lý lịch.pdf", []byte(portaltest.PDF)), 201)
	if got.Name != "lý lịch.pdf" || !strings.Contains(got.Facts, "chưa quét mã độc") || !strings.HasPrefix(got.Href, address+"/documents/") || !strings.HasSuffix(got.Href, got.Remove) {
		t.Errorf("%+v", got)
	}
	if again := told(t, attach("cv", "lý lịch.pdf", []byte(portaltest.PDF)), 201); again != got {
		t.Errorf("sent twice it is another: %+v", again)
	}
	if wrong := told(t, attach("cv", "a.pdf", []byte("<script>")), 422); wrong.Field != "file" || wrong.Message != "Chọn tệp PDF, DOCX, XLSX, JPG hoặc PNG" {
		t.Errorf("%+v", wrong)
	}
	if wrong := told(t, attach("", "a.pdf", []byte(portaltest.PDF)), 422); wrong.Field != "purpose" {
		t.Errorf("%+v", wrong)
	}
	pao.Extra.Set("Accept", "application/json")
	if no := told(t, pao.Post(address+"/documents/remove", map[string][]string{"remove": {got.Remove}}), 403); no.Message == "" {
		t.Error("a reader is refused without a word")
	}
	told(t, lan.Post(address+"/documents/remove", map[string][]string{"remove": {got.Remove}}), 200)
	told(t, lan.Post(address+"/documents/remove", map[string][]string{"remove": {got.Remove}}), 404)
	lan.SetCookie("daubang_session", "")
	if out := told(t, lan.Post(address+"/documents/remove", map[string][]string{"remove": {got.Remove}}), 401); !strings.Contains(out.Message, "Đăng nhập lại") {
		t.Errorf("%+v", out)
	}
}

// A proposal is sent while its files wait for the scanner, and the receipt says
// so; the office opens them once they are clean. Malware is nobody's to open and
// must be replaced first.
func TestFilesThatWaitForTheScanner(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.Files.Scans = true
	officer := s.person(t, "Trần Thị Hà", "ha@example.org")
	s.tx(t, func(tx pgx.Tx) error {
		value[int64](t, tx, `insert into roles (person_id, role, programme_id, granted_at) values ($1, 'officer', $2, $3) returning id`, officer, s.programme, s.now)
		return nil
	})
	lan, my, ha := s.signedIn(t, "lan@example.org"), s.signedIn(t, "my@example.org"), s.signedIn(t, "ha@example.org")
	address := s.begin(t, my)
	s.fill(t, my, address)
	page := address + "/sections/documents"
	attach := func(name, extra string) document.ID {
		t.Helper()
		lan.Open(page).Fill("purpose", "evidence").Attach("file", name, []byte(strings.Replace(portaltest.PDF, "%%EOF", extra+"\n%%EOF", 1))).Press("Tải tệp lên").Expect(200).Says(name, "đang chờ quét mã độc")
		id, err := pg.Value[document.ID](t.Context(), s.db, `select id from documents where name = $1`, name)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	scanned := func(id document.ID, found scan.Finding) {
		t.Helper()
		s.tx(t, func(tx pgx.Tx) error { return document.Scanned(t.Context(), tx, audit.Act{At: s.now}, id, found) })
	}
	good, bad := attach("ảnh chụp.pdf", "%1"), attach("lạ.pdf", "%2")
	scanned(bad, scan.Finding{Verdict: scan.Infected, Name: "Win.Test.EICAR_HDB-1"})
	lan.Open(address + "/documents/" + bad.String()).Expect(409).Says("không ai mở được")
	lan.Open(address + "/documents/" + good.String()).Expect(200)
	my.Open(address + "/check").Says("“lạ.pdf” có mã độc: xóa tệp này")
	my.Post(address+"/submit", nil).Expect(422).Says("“lạ.pdf” có mã độc")
	lan.Open(page).Press("Xóa lạ").Expect(200)
	my.Open(address + "/check").Press("Nộp đề xuất").Expect(200).At(address + "/receipt").Says("Có 1 tệp đang chờ quét mã độc")
	ha.Open(address + "/documents").Expect(200).Says("đang chờ quét mã độc")
	ha.Open(address + "/documents/" + good.String()).Expect(409).Says("chỉ tổ chức nộp mở được")
	ha.Open("/desk/quarantine").Expect(200).Says("BDG-26-", "Tài liệu số 1", "Đang chờ quét").SaysNot("ảnh chụp")
	scanned(good, scan.Finding{Verdict: scan.Unscannable, Name: "Heuristics.Encrypted.PDF"})
	ha.Open(address + "/documents/" + good.String()).Expect(409).Says("đề nghị tổ chức gửi tệp khác")
	ha.Open("/desk/quarantine").Expect(200).Says("Heuristics.Encrypted.PDF", "Không quét được")
	my.Open(address + "/documents/" + good.String()).Expect(200)
	my.Post("/desk/quarantine/"+good.String()+"/scan", nil).Expect(404)
	ha.Open("/desk/quarantine").Press("Quét lại").Expect(200).At("/desk/quarantine").Says("chờ được quét lại", "Đang chờ quét").SaysNot("Heuristics")
	ha.Post("/desk/quarantine/"+good.String()+"/scan", nil).Expect(409).Says("Chỉ quét lại được")
	if n, err := pg.Value[int](t.Context(), s.db, `select count(*) from scan_jobs where document_id = $1`, good); err != nil || n == 0 {
		t.Errorf("%d scans are queued: %v", n, err)
	}
	my.Open(address+"/documents").Says("đang chờ quét mã độc", "Xem lại kết quả quét")
	my.Extra.Set("Accept", "application/json")
	if my.Open(address + "/documents"); !strings.Contains(my.Body, `"waits":true`) {
		t.Errorf("a script is told %s", my.Body)
	}
	scanned(good, scan.Finding{Verdict: scan.Unscannable, Name: "Heuristics.Encrypted.PDF"})
	if my.Open(address + "/documents"); strings.Contains(my.Body, `"waits":true`) || !strings.Contains(my.Body, "không quét được mã độc") {
		t.Errorf("a script is told %s after the scan", my.Body)
	}
	my.Extra.Del("Accept")
	if _, err := s.db.Exec(t.Context(), `update documents set state = 'pending' where id = $1`, good); err != nil {
		t.Fatal(err)
	}
	scanned(good, scan.Finding{Verdict: scan.Clean})
	ha.Open(address + "/documents/" + good.String()).Expect(200)
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Security-Policy": "sandbox; default-src 'none'"} {
		if got := ha.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := ha.Header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="ho-so-BDG-26-`) {
		t.Errorf("it is called %s", got)
	}
	ha.Open("/desk/quarantine").Expect(200).Says("Không có tệp nào bị giữ lại")
	my.Open(address + "/receipt").Expect(200).SaysNot("đang chờ quét")
}

// Several questions for files on one page: each control has an id of its own,
// and what is wrong is said, and linked to, where it is.
func TestSeveralQuestionsForFiles(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	d := everyKind(t)
	say := func(vi string) words.Pair { return words.Pair{Vi: vi, En: vi} }
	for i := range d.Sections {
		if d.Sections[i].Key == "rest" {
			for _, key := range []string{"maps", "photos"} {
				d.Sections[i].Questions = append(d.Sections[i].Questions, form.Question{
					Key: key, Kind: form.Files, Label: say("Hỏi " + key), Required: true, MaxRows: 3,
					Purposes: []form.Purpose{{Value: "one", Label: say("Loại một")}, {Value: "two", Label: say("Loại hai")}},
				})
			}
		}
	}
	s.asking(t, d)
	lan := s.signedIn(t, "lan@example.org")
	address := s.begin(t, lan)
	page := lan.Open(address + "/sections/rest").Expect(200)
	unique := func() map[string]bool {
		seen := map[string]bool{}
		for _, id := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page.Body, -1) {
			if seen[id[1]] {
				t.Errorf("the id %q stands twice", id[1])
			}
			seen[id[1]] = true
		}
		return seen
	}
	if ids := unique(); !ids["maps"] || !ids["photos"] || !ids["photos.file"] {
		t.Error("controls have no ids of their own")
	}
	page.Press("Tải tệp lên Hỏi photos").Expect(422).Says("Chọn một tệp để tải lên")
	unique()
	for _, part := range []string{`href="#photos.file"`, `id="photos.file-wrong"`} {
		if !strings.Contains(page.Body, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	if strings.Contains(page.Body, `id="maps.file-wrong"`) {
		t.Error("what is wrong with one is said at the other")
	}
	page.Attach("file", "a.pdf", []byte(portaltest.PDF)).Press("Tải tệp lên Hỏi photos").Expect(422)
	if !strings.Contains(page.Body, `href="#photos"`) || !strings.Contains(page.Body, `id="photos-wrong"`) {
		t.Error("what the file is for is asked for elsewhere")
	}
	page.Open(address+"/sections/rest").Fill("done", "yes").Press("Lưu và tiếp tục").Expect(422)
	for _, at := range []string{"maps", "photos"} {
		if !strings.Contains(page.Body, `href="#`+at+`"`) || !unique()[at] {
			t.Errorf("nothing leads to %s", at)
		}
	}
}
