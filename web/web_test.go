package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"daubang/web"
)

func get(t *testing.T, method, url, accept string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, url, nil)
	if accept != "" {
		r.Header.Set("Accept-Encoding", accept)
	}
	w := httptest.NewRecorder()
	web.Handler().ServeHTTP(w, r)
	return w
}

func TestServesForEver(t *testing.T) {
	t.Parallel()
	for name, mime := range map[string]string{"portal.css": "text/css; charset=utf-8", "portal.js": "text/javascript; charset=utf-8", "logo.svg": "image/svg+xml", "fonts/bvp-400.woff2": "font/woff2"} {
		r := get(t, http.MethodGet, web.URL(name), "")
		if r.Code != http.StatusOK {
			t.Fatalf("%s: %d", name, r.Code)
		}
		want, err := os.ReadFile(filepath.Join("static", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(r.Body.Bytes(), want) {
			t.Errorf("%s: not the file", name)
		}
		for header, value := range map[string]string{"Content-Type": mime, "X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=31536000, immutable", "Content-Encoding": ""} {
			if got := r.Header().Get(header); got != value {
				t.Errorf("%s: %s is %q, want %q", name, header, got, value)
			}
		}
	}
}

func TestPacksWhatIsAskedPacked(t *testing.T) {
	t.Parallel()
	plain := get(t, http.MethodGet, web.URL("portal.css"), "").Body.Bytes()
	for accept, want := range map[string]string{
		"gzip, deflate, br": "br", "br;q=1.0, gzip;q=0.5": "br", "*": "br", "br": "br", "gzip;q=0": "", "identity, *;q=0": "", "GZIP": "gzip", "gzip, br;q=0": "gzip", "": "",
	} {
		r := get(t, http.MethodGet, web.URL("portal.css"), accept)
		got := r.Header().Get("Content-Encoding")
		if got != want {
			t.Errorf("%q: packed as %q, want %q", accept, got, want)
		}
		if r.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: a cache could give it to another browser", accept)
		}
		var unpacked io.Reader = r.Body
		switch got {
		case "br":
			unpacked = brotli.NewReader(r.Body)
		case "gzip":
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			unpacked = z
		}
		if b, err := io.ReadAll(unpacked); err != nil || !bytes.Equal(b, plain) {
			t.Errorf("%q: unpacks to something else: %v", accept, err)
		}
	}
	if r := get(t, http.MethodGet, web.URL("fonts/bvp-400.woff2"), "gzip"); r.Header().Get("Content-Encoding") != "" {
		t.Error("a font was packed twice")
	}
}

func TestRefusesTheRest(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]int{
		web.URL("nothing.css"): http.StatusNotFound, web.URL(""): http.StatusNotFound, web.URL("fonts"): http.StatusNotFound, web.URL("fonts/"): http.StatusNotFound,
		"/static/000000000000/portal.css": http.StatusNotFound, "/static/portal.css": http.StatusNotFound, web.URL("../web.go"): http.StatusNotFound, web.URL("fonts/../portal.css"): http.StatusNotFound,
	} {
		r := get(t, http.MethodGet, url, "")
		if r.Code != want {
			t.Errorf("%s: %d, want %d", url, r.Code, want)
		}
		if strings.Contains(r.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: its absence may be kept for ever", url)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		if r := get(t, method, web.URL("portal.css"), ""); r.Code != http.StatusMethodNotAllowed || r.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d", method, r.Code)
		}
	}
	if r := get(t, http.MethodHead, web.URL("portal.css"), ""); r.Code != http.StatusOK || len(r.Body.Bytes()) != 0 || r.Header().Get("Content-Length") == "" {
		t.Errorf("HEAD: %d", r.Code)
	}
}

// TestStyleSheetFindsItsFiles holds every url() of the built style sheet to a
// file that is there, and to none elsewhere.
func TestStyleSheetFindsItsFiles(t *testing.T) {
	t.Parallel()
	css := get(t, http.MethodGet, web.URL("portal.css"), "").Body.Bytes()
	found := 0
	for _, m := range regexp.MustCompile(`url\(["']?([^"')]+)`).FindAllSubmatch(css, -1) {
		name := string(m[1])
		if strings.HasPrefix(name, "data:") {
			t.Errorf("%.40s: the policy lets no data through", name)
		} else if !web.Has(name) {
			t.Errorf("%s is not in web/static", name)
		}
		found++
	}
	if found < 6 {
		t.Errorf("only %d files named: is this the style sheet?", found)
	}
}

// TestPagesFindTheirFiles does the same for the names that templates give.
func TestPagesFindTheirFiles(t *testing.T) {
	t.Parallel()
	found := 0
	err := filepath.WalkDir("../templates", func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".templ" {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`web\.URL\("([^"]+)"\)`).FindAllSubmatch(src, -1) {
			found++
			if !web.Has(string(m[1])) {
				t.Errorf("%s: %s is not in web/static", path, m[1])
			}
		}
		return err
	})
	if err != nil || found < 5 {
		t.Errorf("%d names found: %v", found, err)
	}
}

// TestWeighsLittle holds what a first visit fetches to its budget, in bytes
// under gzip: the portal is read on phones and bad lines.
func TestWeighsLittle(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]int{"portal.css": 19 << 10, "portal.js": 9 << 10} {
		if n := len(get(t, http.MethodGet, web.URL(name), "gzip").Body.Bytes()); n > limit {
			t.Errorf("%s weighs %d bytes, more than %d", name, n, limit)
		}
	}
	fonts := 0
	for _, name := range []string{"bvp-400", "bvp-600", "bvp-tab-400", "bvp-tab-600"} {
		fonts += len(get(t, http.MethodGet, web.URL("fonts/"+name+".woff2"), "").Body.Bytes())
	}
	if fonts > 33<<10 {
		t.Errorf("the fonts weigh %d bytes", fonts)
	}
}

// TestScriptsLetTypingBe looks for what our scripts never do: set a value, or
// write HTML, style or code.
func TestScriptsLetTypingBe(t *testing.T) {
	t.Parallel()
	never := regexp.MustCompile(`\.value\s*=[^=]|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\.style\b|\beval\(|new Function|setAttribute\('(style|on)`)
	sources, err := filepath.Glob("build/js/*.js")
	if err != nil || len(sources) < 8 {
		t.Fatalf("%d scripts: %v", len(sources), err)
	}
	for _, path := range sources {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(src), "\n") {
			line = strings.Replace(line, "input.value = '' // so that the same file", "", 1) // nobody types in one, and there is no other way to empty it
			if m := never.FindString(line); m != "" && !strings.HasPrefix(strings.TrimSpace(line), "//") {
				t.Errorf("%s:%d: %s", path, i+1, m)
			}
		}
	}
}
