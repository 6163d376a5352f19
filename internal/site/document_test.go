package site_test

import (
	"encoding/json"
	"strings"
	"testing"

	"daubang/internal/portaltest"
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
