package site_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A refusal leads back to the page one came from, if it is ours, and to where the
// person works; of what is not there every page is alike.
func TestRefusalsLeadBack(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	id := p.proposal(t, "BDG-27-A1111", "Một", "in_review")
	desk := "/desk/proposals/" + id.String()
	refused := func(referer, path string, cookie string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Referer", referer)
		r.AddCookie(&http.Cookie{Name: "daubang_session", Value: cookie})
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		return w
	}
	officer := p.as(t, p.officer).Cookie("daubang_session")
	own := "http://example.com" + desk // as httptest calls the site
	for referer, back := range map[string]bool{own: true, "http://evil.example" + desk: false, "http://example.com/no/such/page": false, "http://example.com//evil.example": false, "": false, "%": false} {
		w := refused(referer, desk+"/return", officer)
		body := w.Body.String()
		if w.Code != http.StatusConflict || strings.Contains(body, `href="`+desk+`"`) != back || strings.Contains(body, "evil.example") || !strings.Contains(body, `<a class="govuk-link" href="/desk">`) {
			t.Errorf("from %q: %d, leads back %t, want %t", referer, w.Code, !back, back)
		}
	}
	if w := refused(own, "/desk/proposals/000000000000", officer); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), `href="`+desk+`"`) {
		t.Errorf("what is not there answers %d by where one came from", w.Code)
	}
	p.as(t, p.head).Open("/proposals/" + id.String() + "/withdraw").Expect(200)
	writer := p.as(t, p.writer).Cookie("daubang_session")
	if w := refused("", "/proposals/"+id.String()+"/withdraw", writer); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), `<a class="govuk-link" href="/proposals">`) {
		t.Errorf("a writer is refused with %d", w.Code)
	}
}
