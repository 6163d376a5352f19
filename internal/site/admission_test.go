package site_test

import (
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Forms count as they arrive; who comes when all is taken is told when to try
// again, and is heard once there is room.
func TestBytesInFlight(t *testing.T) {
	t.Parallel()
	w := overTheWire(t)
	w.Close()
	w.InFlight = 100 << 10
	w.Server = httptest.NewServer(w.Site.Handler())
	t.Cleanup(w.Close)
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", w.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintf(c, "POST /language HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n", 200<<10)
	_, _ = c.Write([]byte("lang=" + strings.Repeat("x", 80<<10)))
	small, large := []byte("lang=vi"), []byte("lang=vi&x="+strings.Repeat("x", 40<<10))
	form := func(body []byte) (int, string, string) {
		r := w.ask(t, "POST", "/language", body, "Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html")
		return r.StatusCode, r.Header.Get("Retry-After"), r.Said
	}
	until := func(want int, body []byte) {
		t.Helper()
		for range 200 {
			status, after, text := form(body)
			if status == want && (want != 503 || after != "" && strings.Contains(text, "quá nhiều dữ liệu")) {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("a form of %d bytes is never answered with %d", len(body), want)
	}
	until(503, large) // once most of the slow one has come
	if status, _, _ := form(small); status == 503 {
		t.Error("a small form found no room")
	}
	upload := w.ask(t, "PATCH", w.begins(t, 100), []byte("x"), "Content-Type", "application/offset+octet-stream", "Upload-Offset", "0")
	if upload.StatusCode != 503 || upload.Header.Get("Retry-After") == "" || !strings.Contains(upload.Said, `"message"`) {
		t.Errorf("a file found room where there was none: %d", upload.StatusCode)
	}
	_ = c.Close()
	until(200, large)
}
