package portaltest

import (
	"bytes"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Browser is somebody without scripts at the door of the portal: it opens
// pages, fills in the forms that are there, presses their buttons and follows
// where that leads. What is not on the page cannot be filled in or pressed.
type Browser struct {
	Status int
	URL    *url.URL
	Header http.Header
	Body   string
	// From is the network address the browser comes from.
	From string
	// Extra are headers it sends with every request.
	Extra http.Header

	tb    testing.TB
	door  http.Handler
	jar   *cookiejar.Jar
	page  *html.Node
	typed url.Values
	files map[string]file
}

type file struct {
	name string
	data []byte
}

// NewBrowser opens nothing yet. The portal is at http://127.0.0.1:8080.
func NewBrowser(tb testing.TB, door http.Handler) *Browser {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &Browser{tb: tb, door: door, jar: jar, From: "192.0.2.1", Extra: http.Header{}, URL: &url.URL{Scheme: "http", Host: "127.0.0.1:8080", Path: "/"}}
}

// Open goes to an address of the portal, following redirects.
func (b *Browser) Open(address string) *Browser {
	b.tb.Helper()
	u, err := b.URL.Parse(address)
	if err != nil {
		b.tb.Fatal(err)
	}
	return b.send(http.MethodGet, u, nil, "")
}

// Post sends a form that no page has: what a script or an attacker would send.
func (b *Browser) Post(address string, values url.Values) *Browser {
	b.tb.Helper()
	u, err := b.URL.Parse(address)
	if err != nil {
		b.tb.Fatal(err)
	}
	return b.send(http.MethodPost, u, []byte(values.Encode()), "application/x-www-form-urlencoded")
}

func (b *Browser) send(method string, u *url.URL, body []byte, kind string) *Browser {
	b.tb.Helper()
	for range 10 {
		w := b.once(method, u, body, kind)
		to := w.Header().Get("Location")
		if w.Code != http.StatusSeeOther || to == "" {
			b.read(u, w)
			return b
		}
		next, err := u.Parse(to)
		if err != nil || next.Host != u.Host {
			b.tb.Fatalf("%s %s sends the visitor away to %q", method, u, to)
		}
		method, u, body, kind = http.MethodGet, next, nil, ""
	}
	b.tb.Fatalf("%s leads round in circles", u)
	return b
}

// once sends one request and keeps its cookies.
func (b *Browser) once(method string, u *url.URL, body []byte, kind string) *httptest.ResponseRecorder {
	sent := *u
	sent.Fragment = "" // browsers keep it to themselves
	r := httptest.NewRequest(method, sent.String(), bytes.NewReader(body)).WithContext(b.tb.Context())
	r.RemoteAddr = b.From + ":40000"
	maps.Copy(r.Header, b.Extra)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Origin", u.Scheme+"://"+u.Host)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if b.page != nil {
			r.Header.Set("Referer", b.URL.String())
		}
	}
	for _, c := range b.jar.Cookies(u) {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.door.ServeHTTP(w, r)
	b.jar.SetCookies(u, w.Result().Cookies())
	return w
}

func (b *Browser) read(u *url.URL, w *httptest.ResponseRecorder) {
	b.tb.Helper()
	page, err := html.Parse(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		b.tb.Fatalf("reading %s: %v", u, err)
	}
	b.Status, b.URL, b.Header, b.Body = w.Code, u, w.Header(), w.Body.String()
	b.page, b.typed, b.files = page, url.Values{}, map[string]file{}
}

// Fill writes into a control of the page, picks an answer, or ticks boxes: the
// values are all that are to be chosen.
func (b *Browser) Fill(name string, values ...string) *Browser {
	b.tb.Helper()
	if b.find(func(n *html.Node) bool { return control(n) && attr(n, "name") == name && attr(n, "type") != "hidden" }) == nil {
		b.tb.Fatalf("%s has no control %q", b.URL, name)
	}
	b.typed[name] = values
	return b
}

// Attach picks a file in a control of the page.
func (b *Browser) Attach(name, fileName string, data []byte) *Browser {
	b.tb.Helper()
	if b.find(func(n *html.Node) bool {
		return n.Data == "input" && attr(n, "name") == name && attr(n, "type") == "file"
	}) == nil {
		b.tb.Fatalf("%s has no place for a file %q", b.URL, name)
	}
	b.files[name] = file{fileName, data}
	return b
}

// Press presses the first button whose words begin so, and follows its form.
func (b *Browser) Press(label string) *Browser {
	b.tb.Helper()
	button := b.find(func(n *html.Node) bool {
		return n.Data == "button" && attr(n, "type") != "button" && strings.HasPrefix(text(n), label)
	})
	if button == nil {
		b.tb.Fatalf("%s has no button %q", b.URL, label)
	}
	form := b.formOf(button)
	if form == nil {
		b.tb.Fatalf("%s: the button %q stands in no form", b.URL, label)
	}
	values := b.values(form)
	if name := attr(button, "name"); name != "" {
		values[name] = append(values[name], attr(button, "value"))
	}
	address := attr(form, "action")
	if a := attr(button, "formaction"); a != "" {
		address = a
	}
	u, err := b.URL.Parse(address)
	if err != nil {
		b.tb.Fatal(err)
	}
	switch {
	case !strings.EqualFold(attr(form, "method"), "post"):
		u.RawQuery = values.Encode()
		return b.send(http.MethodGet, u, nil, "")
	case attr(form, "enctype") == "multipart/form-data":
		body, kind := b.multipart(values)
		return b.send(http.MethodPost, u, body, kind)
	default:
		return b.send(http.MethodPost, u, []byte(values.Encode()), "application/x-www-form-urlencoded")
	}
}

// formOf is the form a button belongs to: named by its attribute, or around it.
func (b *Browser) formOf(button *html.Node) *html.Node {
	if id := attr(button, "form"); id != "" {
		return b.find(func(n *html.Node) bool { return n.Data == "form" && attr(n, "id") == id })
	}
	n := button.Parent
	for n != nil && n.Data != "form" {
		n = n.Parent
	}
	return n
}

// values are what a browser would send of a form: what was typed over what the
// page holds.
func (b *Browser) values(form *html.Node) url.Values {
	values, id := url.Values{}, attr(form, "id")
	done := map[string]bool{}
	walk(b.page, func(n *html.Node) {
		name := attr(n, "name")
		own := attr(n, "form")
		if !control(n) || name == "" || has(n, "disabled") || (own != "" && own != id) || (own == "" && !within(n, form)) {
			return
		}
		if typed, ok := b.typed[name]; ok {
			if !done[name] {
				values[name], done[name] = slices.Clone(typed), true
			}
			return
		}
		if v, ok := held(n); ok {
			values.Add(name, v)
		}
	})
	return values
}

func (b *Browser) multipart(values url.Values) (body []byte, kind string) {
	b.tb.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, v := range values[name] {
			if err := w.WriteField(name, v); err != nil {
				b.tb.Fatal(err)
			}
		}
	}
	for name, f := range b.files {
		part, err := w.CreateFormFile(name, f.name)
		if err == nil {
			_, err = part.Write(f.data)
		}
		if err != nil {
			b.tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.tb.Fatal(err)
	}
	return buf.Bytes(), w.FormDataContentType()
}

// Click follows the first link whose words begin so, in the main part of the
// page before its head and foot.
func (b *Browser) Click(label string) *Browser {
	b.tb.Helper()
	main := b.find(func(n *html.Node) bool { return n.Data == "main" })
	named := func(n *html.Node) bool {
		return n.Data == "a" && attr(n, "href") != "" && strings.HasPrefix(text(n), label)
	}
	link := b.find(func(n *html.Node) bool { return named(n) && within(n, main) })
	if link == nil {
		link = b.find(named)
	}
	if link == nil {
		b.tb.Fatalf("%s has no link %q", b.URL, label)
	}
	return b.Open(attr(link, "href"))
}

// Expect fails the test unless the page has that status.
func (b *Browser) Expect(status int) *Browser {
	b.tb.Helper()
	if b.Status != status {
		b.tb.Fatalf("%s answers %d, want %d; it says: %.600s", b.URL, b.Status, status, b.Main())
	}
	return b
}

// At fails the test unless the browser has come to that path.
func (b *Browser) At(path string) *Browser {
	b.tb.Helper()
	if b.URL.Path != path {
		b.tb.Fatalf("came to %s (%d), want %s; it says: %.600s", b.URL.Path, b.Status, path, b.Main())
	}
	return b
}

// Says fails the test unless the page shows all of it.
func (b *Browser) Says(all ...string) *Browser {
	b.tb.Helper()
	for _, s := range all {
		if !strings.Contains(text(b.page), s) {
			b.tb.Fatalf("%s does not say %q; it says: %.900s", b.URL, s, b.Main())
		}
	}
	return b
}

// SaysNot fails the test if the page shows any of it.
func (b *Browser) SaysNot(none ...string) *Browser {
	b.tb.Helper()
	for _, s := range none {
		if strings.Contains(text(b.page), s) {
			b.tb.Fatalf("%s says %q", b.URL, s)
		}
	}
	return b
}

// Main is the text of the page's main part.
func (b *Browser) Main() string {
	if main := b.find(func(n *html.Node) bool { return n.Data == "main" }); main != nil {
		return text(main)
	}
	return text(b.page)
}

// Held is what the first control of that name holds.
func (b *Browser) Held(name string) string {
	b.tb.Helper()
	n := b.find(func(n *html.Node) bool { return control(n) && attr(n, "name") == name })
	if n == nil {
		b.tb.Fatalf("%s has no control %q", b.URL, name)
	}
	v, _ := held(n)
	return v
}

// Cookie is the value of the portal's cookie of that name, or nothing.
func (b *Browser) Cookie(name string) string {
	for _, c := range b.jar.Cookies(b.URL) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// SetCookie puts a cookie into the browser, as somebody might who planted it.
func (b *Browser) SetCookie(name, value string) *Browser {
	b.jar.SetCookies(b.URL, []*http.Cookie{{Name: name, Value: value, Path: "/"}}) //nolint:gosec // the browser's side
	return b
}

func (b *Browser) find(is func(*html.Node) bool) *html.Node {
	var found *html.Node
	walk(b.page, func(n *html.Node) {
		if found == nil && is(n) {
			found = n
		}
	})
	return found
}
