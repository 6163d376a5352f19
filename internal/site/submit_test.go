package site_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"daubang/internal/pg"
)

// press posts a form over a real connection and returns where it leads.
func press(ctx context.Context, t *testing.T, server *httptest.Server, cookie, address string, values url.Values) (status int, to string, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+address, strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "daubang_session", Value: cookie})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: server.Client().Transport}
	answer, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, answer.Header.Get("Location"), nil
}

// sentOnce checks what stands after n submissions of a proposal of two people
// who write.
func (s *scene) sentOnce(t *testing.T, address string, n int) {
	t.Helper()
	type row struct{ Submissions, Events, Receipts, Jobs int }
	got, err := pg.One[row](t.Context(), s.db, `
		select (select count(*) from submissions) as submissions, (select count(*) from audit_events where verb = 'submit') as events,
		       (select count(*) from letters where kind = 'receipt') as receipts,
		       (select count(*) from river_job where kind = 'send_letter' and args ->> 'letter_id' in (select id::text from letters where kind = 'receipt')) as jobs`)
	if err != nil {
		t.Fatal(err)
	}
	if want := (row{n, n, 2 * n, 2 * n}); got != want {
		t.Errorf("%s: %+v, want %+v", address, got, want)
	}
}

// However often the button is pressed, at once, after a line that broke, or
// from the page before: one submission, one receipt, one letter each.
func TestSubmittingManyTimes(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.now = time.Now() // deadlines for reading are by the clock of the machine
	if _, err := s.db.Exec(t.Context(), `update calls set closes_at = $1`, s.now.AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	my := s.signedIn(t, "my@example.org")
	address := s.begin(t, my)
	s.fill(t, my, address)
	my.Open(address + "/check").Expect(200)
	over := url.Values{"over": {my.Held("over")}}
	server := httptest.NewServer(s.Handler)
	defer server.Close()
	cookie := my.Cookie("daubang_session")

	var lost sync.WaitGroup // the line breaks: at once, while it is sent, while it is answered
	for i := range 6 {
		lost.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i*i)*3*time.Millisecond)
			defer cancel()
			_, _, _ = press(ctx, t, server, cookie, address+"/submit", over)
		})
	}
	lost.Wait()
	var clicks sync.WaitGroup
	for range 50 {
		clicks.Go(func() {
			status, to, err := press(t.Context(), t, server, cookie, address+"/submit", over)
			if err != nil || status != http.StatusSeeOther || to != address+"/receipt" {
				t.Errorf("%d to %q: %v", status, to, err)
			}
		})
	}
	clicks.Wait()
	s.sentOnce(t, address, 1)
	receipt := my.Open(address + "/receipt").Expect(200).Main()
	my.Post(address+"/submit", over).Expect(200).At(address + "/receipt") // the button of the page before
	if my.Main() != receipt {
		t.Error("the receipt is another one")
	}
	s.sentOnce(t, address, 1)
}

// What was sent is changed and sent again until the call closes; it counts
// meanwhile, and the office reads nothing else.
func TestChangingAndSubmittingAgain(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan, my := s.signedIn(t, "lan@example.org"), s.signedIn(t, "my@example.org")
	address := s.begin(t, my)
	s.fill(t, my, address)
	my.Open(address + "/check")
	first := url.Values{"over": {my.Held("over")}}
	my.Press("Nộp đề xuất").Expect(200)
	lan.Open(address).Says("Muốn sửa đề xuất đã nộp?").Press("Sửa và nộp lại").Expect(200).At(address).
		Says("Bạn đã nộp lúc 12:00", "thay đổi chưa nộp", "Bản đã nộp vẫn được tính")
	lan.Open(address+"/sections/sustainability").Fill("sustain", "Bản thứ hai").Fill("done", "yes").Press("Lưu và tiếp tục").Expect(200)
	lan.Open("/proposals").Says("Đã nộp, đang kiểm tra", "Thay đổi sau đó chưa nộp")
	lan.Open(address+"/check").Says("Bản thứ hai", "thay đổi chưa nộp").SaysNot("Nội dung đã nộp")
	my.Post(address+"/submit", first).Expect(409).Says("trang bạn vừa mở đã cũ", "bản số 1", "Bản thứ hai")
	s.sentOnce(t, address, 1)
	my.Says("trở thành bản số 2").Press("Nộp đề xuất").Expect(200).At(address + "/receipt").Says("Đã nộp đề xuất")
	s.sentOnce(t, address, 2)
	my.Open(address+"/check").Says("Nội dung đã nộp", "Bản thứ hai")
	my.Open(address+"/history").Says("Mở lại để sửa và nộp lại", "Vàng Thị Lan")

	my.Open(address).Press("Sửa và nộp lại")
	my.Open(address+"/sections/sustainability").Fill("sustain", "Chưa kịp nộp").Press("Lưu, làm sau").Expect(200)
	my.Open(address + "/check")
	late := url.Values{"over": {my.Held("over")}}
	s.now = s.closes.Add(2 * time.Minute)
	my = s.signedIn(t, "my@example.org")
	my.Post(address+"/submit", late).Expect(409).Says("Bản bạn nộp lúc 12:00, thứ Hai 02/03/2026 được xét")
	my.Open(address).Says("Thay đổi sau khi nộp chưa được nộp", "Đến lượt: cơ quan chủ trì").SaysNot("Sửa và nộp lại")
	my.Open(address+"/check").Says("Nội dung đã nộp", "Bản thứ hai").SaysNot("Chưa kịp nộp")
	my.Open(address+"/sections/sustainability").Says("Chưa kịp nộp", "Những gì sửa sau đó vẫn giữ để bạn đọc")
	my.Post(address+"/reopen", nil).Expect(200) // open already: nothing changes
	s.sentOnce(t, address, 2)
}
