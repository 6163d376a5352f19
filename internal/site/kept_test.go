package site_test

import (
	"bytes"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"daubang/internal/kept"
	"daubang/internal/pg"
	"daubang/internal/portaltest"
)

const typedLate = "Viết lúc phiên đã hết"

// late is a browser whose session ended while a section was being written, and
// which then sent it.
func (s *scene) late(t *testing.T, address string) *portaltest.Browser {
	t.Helper()
	lan := s.signedIn(t, "lan@example.org")
	lan.Open(address).Fill("sustain", typedLate)
	if _, err := s.db.Exec(t.Context(), `update sessions set ended_at = now() where ended_at is null`); err != nil {
		t.Fatal(err)
	}
	return lan.Press("Lưu, làm sau").Expect(200).At("/sign-in").Says("Những gì bạn vừa viết vẫn được giữ nguyên")
}

func (s *scene) signIn(b *portaltest.Browser, email string) *portaltest.Browser {
	button := "Đăng nhập"
	if strings.Contains(b.Body, `<html lang="en"`) {
		button = "Sign in"
	}
	return b.Fill("email", email).Fill("password", goodPassword).Press(button)
}

func (s *scene) waiting(t *testing.T) int {
	t.Helper()
	n, err := pg.Value[int](t.Context(), s.db, `select count(*) from kept_forms`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A form that is sent after its session ended comes back on its page, filled,
// and is gone once it is saved.
func TestAKeptFormComesBackOnItsPage(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	var log bytes.Buffer
	s.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	address := s.begin(t, s.signedIn(t, "lan@example.org"))
	section := address + "/sections/sustainability"
	b := s.late(t, section)
	rows, err := pg.Values[[]byte](t.Context(), s.db, `select form from kept_forms`)
	if err != nil || len(rows) != 1 || bytes.Contains(rows[0], []byte("phiên")) {
		t.Fatalf("%d forms are kept, or the words lie open: %v", len(rows), err)
	}
	s.signIn(b, "lan@example.org").Expect(200).At(section).Says("Chưa được lưu")
	if b.Held("sustain") != typedLate {
		t.Errorf("came back with %q", b.Held("sustain"))
	}
	there := b.URL.RequestURI()
	b.Open(there).Says("Chưa được lưu") // the page is only read: loading it again loses nothing
	b.Press("Lưu, làm sau").Expect(200).At(address)
	if n := s.waiting(t); n != 0 {
		t.Errorf("%d forms are still kept", n)
	}
	b.Open(there).Expect(200).SaysNot("Chưa được lưu")
	if b.Held("sustain") != typedLate {
		t.Errorf("saved is %q", b.Held("sustain"))
	}
	if strings.Contains(log.String(), "phiên") {
		t.Errorf("the log tells what was typed: %s", log.String())
	}
}

// Others get nothing of a kept form: not who signs in where it was sent, not
// another browser, not who reads the proposal.
func TestAKeptFormIsItsSenders(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	section := s.begin(t, s.signedIn(t, "lan@example.org")) + "/sections/sustainability"
	b := s.late(t, section)
	there := b.URL.Query().Get("next")
	nothing := func(who string, b *portaltest.Browser) {
		t.Helper()
		if strings.Contains(b.Body, typedLate) {
			t.Errorf("%s was given the words", who)
		}
	}
	_, name, _ := strings.Cut(there, "kept=")
	alone := "/kept/" + name
	nothing("who signs in on that page", s.signIn(b, "my@example.org").Expect(200).Says("của người khác"))
	nothing("a colleague", b.Open(there).Says("của người khác"))
	nothing("a colleague who knows its address", b.Open(alone).Expect(404))
	nothing("another browser", s.signedIn(t, "lan@example.org").Open(there).Expect(200))
	mine := s.signedIn(t, "lan@example.org").SetCookie("daubang_kept", b.Cookie("daubang_kept"))
	if mine.Open(there).Held("sustain") != typedLate || !strings.Contains(mine.Open(alone).Expect(200).Body, typedLate) {
		t.Error("its sender was not given the words")
	}
	nothing("a page it did not stand on", mine.Open(strings.Replace(there, "sustainability", "problem", 1)).Expect(200))
	mine.Post("/sign-out", nil)
	if n := s.waiting(t); n != 0 {
		t.Errorf("%d forms are kept after its sender signed out", n)
	}
	h := s.late(t, section)
	there = h.URL.Query().Get("next")
	s.now = s.now.Add(25 * time.Hour)
	nothing("who comes a day late", s.signIn(h.Open("/sign-in"), "lan@example.org").Open(there).Expect(200))
	if err := kept.Expire(t.Context(), s.db, s.now); err != nil || s.waiting(t) != 0 {
		t.Errorf("%d old forms are kept: %v", s.waiting(t), err)
	}
}

// Where the browser has lost its session altogether, nobody knows whose words
// they are: who may write there gets them, and only in that browser.
func TestAKeptFormOfNobody(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.person(t, "Người Lạ", "la@example.org")
	section := s.begin(t, s.signedIn(t, "lan@example.org")) + "/sections/sustainability"
	for email, given := range map[string]bool{"la@example.org": false, "pao@example.org": false, "my@example.org": true} {
		b := s.signedIn(t, "lan@example.org").Open(section).Fill("sustain", typedLate).SetCookie("daubang_session", "")
		b.Press("Lưu, làm sau").At("/sign-in")
		if s.signIn(b, email); strings.Contains(b.Body, typedLate) != given {
			t.Errorf("%s was given the words: %v, want %v", email, !given, given)
		}
	}
	s.now = s.now.Add(3 * time.Hour)
	b := s.browser(t)
	for range 20 { // a machine cannot fill the room of others
		s.browser(t).Post(section, url.Values{"sustain": {typedLate}}).At("/sign-in")
	}
	b.Post(section, url.Values{"sustain": {typedLate}, "version": {"0"}}).Expect(401).Says("quá nhiều biểu mẫu", typedLate)
	b.SetCookie("daubang_session", s.signedIn(t, "lan@example.org").Cookie("daubang_session"))
	b.Press("Gửi tiếp biểu mẫu").Expect(200)
	if b.Open(section).Held("sustain") != typedLate {
		t.Error("what could not be kept was not sent on from its page")
	}
	b.SetCookie("daubang_session", "").Post(section, url.Values{"sustain": {strings.Repeat("chữ ", kept.Most/5)}}).Expect(401).Says("quá dài")
	b.From = "192.0.2.9"
	b.Post("/account/password", url.Values{"present": {"một mật khẩu"}, "password": {"mật khẩu khác"}}).At("/sign-in")
	b.Post("/account", url.Values{"name": {"Ai đó"}, "phone": {"0912345678"}}).At("/sign-in")
	s.signIn(b, "my@example.org").Expect(200).At("/account").SaysNot("0912345678")
}

// Forms of other pages come back on theirs, too.
func TestOtherFormsComeBackOnTheirPages(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan := s.signedIn(t, "lan@example.org")
	address := s.begin(t, lan)
	end := func() {
		t.Helper()
		if _, err := s.db.Exec(t.Context(), `update sessions set ended_at = now() where ended_at is null`); err != nil {
			t.Fatal(err)
		}
	}
	questions := "/calls/" + s.call.String() + "/questions"
	lan.Open(questions).Fill("text", "Dòng một\n<b>Dòng hai</b>")
	end()
	lan.Press("Gửi câu hỏi").At("/sign-in")
	s.signIn(lan, "lan@example.org").At(questions).Says("Chưa được lưu")
	if lan.Held("text") != "Dòng một\n<b>Dòng hai</b>" {
		t.Errorf("the question came back as %q", lan.Held("text"))
	}
	lan.Press("Gửi câu hỏi").Expect(200).SaysNot("Chưa được lưu")

	lan.Open("/account").Fill("name", "Vàng Thị Lan Anh").Fill("locale", "en")
	end()
	lan.Press("Lưu").At("/sign-in")
	s.signIn(lan, "lan@example.org").At("/account").Says("Chưa được lưu")
	lan.Press("Lưu").Expect(200)
	if got, err := pg.Value[string](t.Context(), s.db, `select name || ' ' || locale from people where id = $1`, s.writer); got != "Vàng Thị Lan Anh en" {
		t.Errorf("what came back of the account saved as %q: %v", got, err)
	}
	end()
	lan.Post(address+"/messages", url.Values{"text": {"Chữ"}, "unheard-of": {"thêm nữa"}}) // more than its page can hold
	s.signIn(lan, "lan@example.org").Says("thêm nữa", "Send the form on")
	if n := s.waiting(t); n != 1 {
		t.Errorf("%d forms are kept, want this one", n)
	}
}
