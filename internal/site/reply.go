package site

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
	"daubang/internal/words"
	"daubang/templates"
)

// handle adapts a handler that may fail.
func (s *Site) handle(fn func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := fn(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// failures says which status each kind of refusal has, and under which keys its
// page finds a heading and, where the refusal brings no words, the remedy.
var failures = []struct {
	err    error
	status int
	key    string
}{
	{problem.NotFound, http.StatusNotFound, "failure.not_found"},
	{problem.Forbidden, http.StatusForbidden, "failure.forbidden"},
	{problem.Conflict, http.StatusConflict, "failure.conflict"},
	{problem.TooMany, http.StatusTooManyRequests, "failure.too_many"},
	{errMalformed, http.StatusBadRequest, "failure.malformed"},
	{form.ErrTwice, http.StatusBadRequest, "failure.malformed"},
	{errTooLarge, http.StatusRequestEntityTooLarge, "failure.too_large"},
}

var (
	// errMalformed is a request no form of ours sends.
	errMalformed = errors.New("malformed request")
	// errTooLarge is a body beyond its route's limit.
	errTooLarge = errors.New("request too large")
)

// fail is the one place where an error becomes a page. A thing that is not
// there and one that is not the visitor's get the same page to the byte.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, page := s.verdict(r, err)
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	if wantsJSON(r) {
		err = s.json(w, r, status, inWords(r.Context(), err, page))
	} else {
		page.Typed = s.typedIn(r)
		err = s.show(w, r, status, page)
	}
	if err != nil {
		s.Log.ErrorContext(r.Context(), "failure page failed", "request", requestOf(r).id, "err", err)
		http.Error(w, http.StatusText(status), status)
	}
}

// verdict is the status an error has and the page that tells it; a fault of ours
// is logged.
func (s *Site) verdict(r *http.Request, err error) (int, templates.Failure) {
	status, key := http.StatusInternalServerError, "failure.fault"
	for _, f := range failures {
		if errors.Is(err, f.err) {
			status, key = f.status, f.key
			break
		}
	}
	if _, ok := errors.AsType[problem.Invalid](err); ok { // a form that cannot be shown again
		status, key = http.StatusUnprocessableEntity, "failure.invalid"
	}
	if pg.Overloaded(err) || errors.Is(err, problem.Busy) {
		status, key = http.StatusServiceUnavailable, "failure.busy"
	}
	page := templates.Failure{Status: status, Heading: problem.Say(key), Advice: problem.Say(key + "_advice"), RequestID: requestOf(r).id}
	if refusal, ok := errors.AsType[problem.Refusal](err); ok {
		page.Advice = refusal.Words
	}
	if status >= http.StatusInternalServerError {
		s.Log.ErrorContext(r.Context(), "request failed", "request", requestOf(r).id, "method", r.Method, "route", route(r), "err", err)
	} else {
		page.RequestID = "" // only a fault of ours needs a number to tell us by
	}
	if status != http.StatusNotFound && status < http.StatusInternalServerError { // of what is not there all pages are alike
		page.From, page.Work = s.cameFrom(r), work(r)
	}
	return status, page
}

// cameFrom is the page of ours that the browser says a request was made from,
// unless that is the very page that was refused.
func (s *Site) cameFrom(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host || (r.Method == http.MethodGet && u.Path == r.URL.Path) {
		return ""
	}
	if at := s.ours(u.RequestURI()); at != "/" {
		return at
	}
	return ""
}

// work is the page that the visitor works from, if they have work here.
func work(r *http.Request) templates.Work {
	v := visitor(r)
	switch {
	case !v.SignedIn():
		return ""
	case v.Is(people.Officer):
		return templates.WorkDesk
	case v.Is(people.Reviewer):
		return templates.WorkReviews
	case v.Is(people.Auditor):
		return templates.WorkLists
	case v.Member:
		return templates.WorkProposals
	}
	return ""
}

// show renders a page in the site's frame, whole or not at all.
func (s *Site) show(w http.ResponseWriter, r *http.Request, status int, p templates.Page) error {
	var b bytes.Buffer
	if err := templates.Whole(s.frame(w, r), p).Render(r.Context(), &b); err != nil {
		return fmt.Errorf("rendering %T: %w", p, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = b.WriteTo(w) // the visitor has gone; there is no one to tell
	}
	return nil
}

// to sends the visitor on to another of our pages. The address is built from a
// route of ours and references; what a visitor typed never becomes one.
func (s *Site) to(w http.ResponseWriter, r *http.Request, format string, args ...any) error {
	http.Redirect(w, r, fmt.Sprintf(format, args...), http.StatusSeeOther) //nolint:gosec // formats are our own routes, arguments references or what s.ours let through
	return nil
}

// toSaying is to, with a notice on the next page.
func (s *Site) toSaying(w http.ResponseWriter, r *http.Request, say problem.Words, format string, args ...any) error {
	notice := said{Key: say.Key}
	for _, a := range say.Args {
		notice.Args = append(notice.Args, fmt.Sprint(a))
	}
	b, err := json.Marshal(notice)
	if err != nil {
		return fmt.Errorf("keeping notice %s: %w", say.Key, err)
	}
	http.SetCookie(w, s.cookie(saidCookie, base64.RawURLEncoding.EncodeToString(b), time.Minute))
	return s.to(w, r, format, args...)
}

// said is a notice on its way to the next page.
type said struct {
	Key  string   `json:"k"`
	Args []string `json:"a,omitempty"`
}

const saidCookie = "said"

// notice takes the notice that came with the request, and forgets it.
func (s *Site) notice(w http.ResponseWriter, r *http.Request) *problem.Words {
	c, err := r.Cookie(s.cookieName(saidCookie))
	if err != nil {
		return nil
	}
	http.SetCookie(w, s.cookie(saidCookie, "", -1))
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return nil
	}
	var n said
	if json.Unmarshal(b, &n) != nil || !words.Known(n.Key) {
		return nil
	}
	w2 := problem.Words{Key: n.Key}
	for _, a := range n.Args {
		w2.Args = append(w2.Args, a)
	}
	return &w2
}

// cookieName marks cookies of the encrypted site so that no other host can set them.
func (s *Site) cookieName(name string) string {
	if s.BaseURL.Scheme == "https" {
		return "__Host-daubang_" + name
	}
	return "daubang_" + name
}

// cookie makes one that scripts and other sites do not get; a negative life
// takes it away.
func (s *Site) cookie(name, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure whenever the portal is reached by https; plain http is for loopback
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: s.BaseURL.Scheme == "https", SameSite: http.SameSiteLaxMode,
	}
}

// nowhere answers addresses that are on no map.
func (s *Site) nowhere(http.ResponseWriter, *http.Request) error { return problem.NotFound }

// recovered turns a panic into the page of a fault of ours.
func (s *Site) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler { //nolint:errorlint // the server's own sentinel, never wrapped
					panic(v)
				}
				s.Log.ErrorContext(r.Context(), "panic", "request", requestOf(r).id, "value", fmt.Sprint(v), "stack", string(debug.Stack()))
				s.fail(w, r, fmt.Errorf("panic: %v", v))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// id reads the reference that the address holds under name.
func id[ID ~int64](r *http.Request, name string) (ID, error) {
	return ref.Parse[ID](chi.URLParam(r, name))
}

// route is the pattern that answered, for logs: it holds no reference.
func route(r *http.Request) string { return chi.RouteContext(r.Context()).RoutePattern() }

// local reads an address of this site from what a visitor brought along, such
// as ?next=; anything else is home.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t\x00") {
		return "/"
	}
	return u.RequestURI()
}

// ours is [local], for where to go after signing in: a page that is on our map.
func (s *Site) ours(next string) string {
	next = local(next)
	path, _, _ := strings.Cut(next, "?")
	if s.routes == nil || !s.routes.Match(chi.NewRouteContext(), http.MethodGet, path) {
		return "/"
	}
	return next
}
