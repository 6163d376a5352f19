package site_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// starts sends the head of a request and how its body begins, and holds the line.
func (w *wire) starts(t *testing.T, cookie, head string, length int, body string) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", w.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_, _ = fmt.Fprintf(c, "%s HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nCookie: %s\r\nContent-Length: %d\r\n", head, cookie, length)
	if !strings.Contains(body, "Content-Type") {
		body = "Content-Type: application/x-www-form-urlencoded\r\n\r\n" + body
	}
	_, _ = c.Write([]byte(body))
	return c
}

// Forms count as they arrive, for everybody and for who sends them; who comes
// when all is taken is told when to try again, and is heard once there is room.
func TestBytesInFlight(t *testing.T) {
	t.Parallel()
	w := overTheWire(t)
	w.Close()
	w.InFlight = 1 << 20 // of one person and all strangers 256 KB, of a stranger's address 64
	w.Server = httptest.NewServer(w.Site.Handler())
	t.Cleanup(w.Close)
	mine := w.cookie
	small, large := []byte("lang=vi"), []byte("lang=vi&x="+strings.Repeat("x", 40<<10))
	form := func(cookie string, body []byte) (int, string, string) {
		w.cookie = cookie
		r := w.ask(t, "POST", "/language", body, "Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html")
		return r.StatusCode, r.Header.Get("Retry-After"), r.Said
	}
	until := func(want int, cookie string, body []byte) {
		t.Helper()
		for range 200 {
			status, after, text := form(cookie, body)
			if status == want && (want != 503 || after != "" && strings.Contains(text, "quá nhiều dữ liệu")) {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("a form of %d bytes is never answered with %d", len(body), want)
	}
	for range 40 { // nobody is signed in on these
		w.starts(t, "", "POST /language", 1<<20, "lang="+strings.Repeat("x", 60<<10))
	}
	until(503, "", large)
	if status, _, _ := form(mine, large); status != 200 {
		t.Errorf("who only holds the line keeps from saving who is signed in: %d", status)
	}
	if status, _, _ := form("", append(large, large...)); status != 413 && status != 503 {
		t.Errorf("a long form of a stranger: %d", status)
	}
	slow := w.starts(t, mine, "POST /language", 1<<20, "lang="+strings.Repeat("x", 230<<10))
	until(503, mine, large) // once most of the slow one has come
	if status, _, _ := form(mine, small); status != 200 {
		t.Errorf("a small form found no room: %d", status)
	}
	_ = slow.Close()
	until(200, mine, large)
}

// A form of who is not signed in is short, unless it is one of who was.
func TestFormsOfStrangersAreShort(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	long := "x=" + strings.Repeat("x", 100<<10)
	for address, want := range map[string]int{"/language": 413, "/sign-in": 413, "/account": 303} {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080"+address, strings.NewReader(long))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		a := httptest.NewRecorder()
		s.ServeHTTP(a, r)
		if a.Code != want {
			t.Errorf("%s: %d, want %d", address, a.Code, want)
		}
	}
}

// A line that brings nothing is given up; what files take of the memory is room
// for others then.
func TestStalledFormsAreGivenUp(t *testing.T) {
	t.Parallel()
	w := overTheWire(t)
	w.Close()
	w.now = time.Now().Add(-29500 * time.Millisecond) // they began to wait then
	w.Server = httptest.NewServer(w.Site.Handler())
	t.Cleanup(w.Close)
	c := w.starts(t, w.cookie, "POST /account", 1000, "name=Lan")
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("a stalled line is still held: %v", err)
	}
	_ = r.Body.Close() // not read
	if r.StatusCode < 400 {
		t.Errorf("half a form is taken: %d", r.StatusCode)
	}
}

// Who sends slowly gets an answer, however long it took.
func TestSlowLinesAreAnswered(t *testing.T) {
	t.Parallel()
	w := overTheWire(t)
	w.Close()
	w.Server = httptest.NewUnstartedServer(w.Site.Handler())
	w.Config.ReadTimeout, w.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	w.Start()
	t.Cleanup(w.Close)
	body := "--b\r\nContent-Disposition: form-data; name=\"section\"\r\n\r\ndocuments\r\n--b\r\nContent-Disposition: form-data; name=\"question\"\r\n\r\ndocuments\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nevidence\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n" + string(largePDF(1<<10)) + "\r\n--b--\r\n"
	file := w.starts(t, w.cookie, "POST "+w.proposal+"/documents", len(body), "Content-Type: multipart/form-data; boundary=b\r\n\r\n"+body[:500])
	form := w.starts(t, w.cookie, "POST /language", 7, "lang")
	time.Sleep(600 * time.Millisecond)
	_, _ = file.Write([]byte(body[500:]))
	_, _ = form.Write([]byte("=en"))
	for _, c := range []net.Conn{file, form} {
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Errorf("no answer: %v", err)
			continue
		}
		_ = r.Body.Close() // not read
		if r.StatusCode != http.StatusSeeOther {
			t.Errorf("answered with %d", r.StatusCode)
		}
	}
}
