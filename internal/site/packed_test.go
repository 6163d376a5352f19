package site_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"daubang/internal/portaltest"
)

// TestPagesArePacked: pages travel packed to whoever can unpack them; a file
// of a list does not, since it streams.
func TestPagesArePacked(t *testing.T) {
	t.Parallel()
	m := newMailroom(t, false)
	ask := func(address, accept string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, address, nil)
		r.Header.Set("Accept-Encoding", accept)
		r.AddCookie(&http.Cookie{Name: "daubang_session", Value: portaltest.Token("PO")})
		w := httptest.NewRecorder()
		m.door.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("%s answers %d", address, w.Code)
		}
		return w
	}
	packed := ask("/desk/proposals", "gzip, br")
	if got := packed.Header().Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("a page is packed as %q", got)
	}
	if vary := strings.Join(packed.Header().Values("Vary"), ", "); !strings.Contains(vary, "Accept-Encoding") {
		t.Errorf("a page varies by %q: a cache could give it to another browser", vary)
	}
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if page, err := io.ReadAll(z); err != nil || !strings.HasSuffix(strings.TrimSpace(string(page)), "</html>") {
		t.Errorf("a page unpacks to %.40q…, %v", page, err)
	}
	for address, accept := range map[string]string{"/desk/proposals": "", "/desk/proposals.csv": "gzip"} {
		if got := ask(address, accept).Header().Get("Content-Encoding"); got != "" {
			t.Errorf("%s asked with %q is packed as %q", address, accept, got)
		}
	}
}
