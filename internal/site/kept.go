package site

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/kept"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/ref"
	"daubang/templates"
)

// keptCookie names a browser to which forms are given back that it sent after
// their session had ended. It signs nobody in.
const keptCookie = "kept"

// keptName is what an address names a form by that is to be filled in on its page.
const keptName = "kept"

// keepForm answers a form that came after its session had ended. What was typed
// is kept, and its sender goes by the sign-in page to the page it stood on, where
// it is again as it was. What cannot be kept is shown, to be sent from there.
func (s *Site) keepForm(w http.ResponseWriter, r *http.Request) error {
	page := s.pageOf(r)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") { // a file, which its sender still has
		return s.to(w, r, "/sign-in?next=%s", queryEscape(local(page)))
	}
	f, err := s.formUpTo(r, formLimit)
	if err != nil {
		return err
	}
	if f.empty() || f.secret() {
		return s.to(w, r, "/sign-in?next=%s", queryEscape(local(page)))
	}
	sent := kept.Form{Action: r.URL.RequestURI(), Page: page, Values: f.sent}
	by := kept.Sender{Browser: s.browser(r), From: from(r)}
	if c, err := r.Cookie(s.cookieName(sessionCookie)); err == nil {
		if by.Person, err = people.Whose(r.Context(), s.Read, c.Value); err != nil {
			return err
		}
	}
	if by.Browser == "" {
		by.Browser = random(32)
	}
	var id kept.ID
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		id, err = kept.Keep(ctx, tx, act.At, s.Secret, by, sent)
		return err
	})
	if refusal, ok := errors.AsType[problem.Refusal](err); ok {
		return s.show(w, r, http.StatusUnauthorized, templates.Resume{Action: sent.Action, Values: f.sent, Unkept: &refusal.Words})
	} else if err != nil {
		return err
	}
	life := 24 * time.Hour
	if s.shared(r) {
		life = 0 // with the browser
	}
	http.SetCookie(w, s.cookie(keptCookie, by.Browser, life))
	return s.to(w, r, "/sign-in?next=%s", queryEscape(filledIn(page, id)))
}

// filledIn is the address of a page with a kept form on it.
func filledIn(page string, id kept.ID) string {
	u, err := url.Parse(page)
	if err != nil || page == "" {
		return "/kept/" + id.String()
	}
	q := u.Query()
	q.Set(keptName, id.String())
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// awaited says that an address brings a kept form along.
func awaited(next string) bool {
	u, err := url.Parse(next)
	return err == nil && (u.Query().Has(keptName) || under(u.Path, "/kept"))
}

// pageOf is the page a form was sent from: what the browser says, if it is one of
// ours, or the page at the form's own address; empty where there is none.
func (s *Site) pageOf(r *http.Request) string {
	if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host {
		q := u.Query()
		q.Del(keptName)
		u.RawQuery = q.Encode()
		if at := s.ours(u.RequestURI()); at != "/" && !under(u.Path, "/kept") && !under(u.Path, "/sign-in") {
			return at
		}
	}
	if at := s.ours(r.URL.Path); at != "/" {
		return at
	}
	return ""
}

// browser is the name under which this browser's forms are kept; empty: it has none.
func (s *Site) browser(r *http.Request) string {
	c, err := r.Cookie(s.cookieName(keptCookie))
	if err != nil || len(c.Value) != len(random(32)) {
		return ""
	}
	return c.Value
}

// empty says that a form holds nothing but its button.
func (v values) empty() bool {
	for _, all := range v.sent {
		if slices.ContainsFunc(all, func(one string) bool { return one != "" }) {
			return false
		}
	}
	return true
}

// secret says that a form holds what must be stored nowhere.
func (v values) secret() bool { return v.Has("password") || v.Has("present") }

// keptHere is the form that the address asks to fill in, and whose it is: one of
// this browser's and of this page.
func (s *Site) keptHere(r *http.Request) (id kept.ID, f kept.Form, owner people.ID, err error) {
	id, err = ref.Parse[kept.ID](r.URL.Query().Get(keptName))
	if err != nil || s.browser(r) == "" {
		return 0, f, 0, problem.NotFound
	}
	f, owner, err = kept.Get(r.Context(), s.Read, s.Now(), s.Secret, id, s.browser(r))
	if path, _, _ := strings.Cut(f.Page, "?"); err == nil && path != r.URL.Path {
		err = problem.NotFound
	}
	return id, f, owner, err
}

// guardedRoots are where only those enter whose affair a page is. What nobody knows whose
// it is comes back only there, on a page whose form they may fill in themself.
var guardedRoots = []string{"/proposals/{", "/reviews/{", "/organisations/{", "/desk/"}

// fillIn shows a page with what was typed in its form before the session ended.
// It changes nothing: sending the form does, see [Site.settling]. Somebody else
// gets nothing of it.
func (s *Site) fillIn(w http.ResponseWriter, r *http.Request, next http.Handler) error {
	id, f, owner, err := s.keptHere(r)
	inside := slices.ContainsFunc(guardedRoots, func(root string) bool { return strings.HasPrefix(route(r), root) })
	switch {
	case errors.Is(err, problem.NotFound), err == nil && owner == 0 && !inside:
		next.ServeHTTP(w, r)
		return nil
	case err != nil:
		return err
	case owner != 0 && owner != visitor(r).ID:
		return s.toSaying(w, r, problem.Say("resume.not_yours"), "/")
	}
	elsewhere := "/kept/" + id.String()
	if owner == 0 {
		elsewhere = f.Page
	}
	requestOf(r).kept = &keptForm{Form: f, elsewhere: elsewhere}
	if route(r) == sectionRoute {
		next.ServeHTTP(w, r) // it has rows to make
		return nil
	}
	requestOf(r).kept.filled = true
	page := &heldPage{ResponseWriter: w, status: http.StatusOK}
	next.ServeHTTP(page, r)
	if page.status == http.StatusOK && strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		if filled, ok := refill(page.body.Bytes(), f); ok {
			_, _ = w.Write(filled) // who asked has gone
			return nil
		}
	}
	return s.to(w, r, "%s", elsewhere)
}

// sectionRoute is where a kept form's tables may have more rows than are saved.
const sectionRoute = "/proposals/{proposal}/sections/{section}"

// keptForm is a form to be filled in on the page that is asked for.
type keptForm struct {
	kept.Form

	elsewhere string // where to go if that page has no such form
	filled    bool   // the page says that it holds it
}

// heldPage holds a page back until its form is filled in.
type heldPage struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (p *heldPage) WriteHeader(status int)      { p.status = status }
func (p *heldPage) Write(b []byte) (int, error) { return p.body.Write(b) }

// settling forgets a kept form once it was sent from the page it came back on and
// was heard: stored, or shown again with what is wrong in it.
func (s *Site) settling(w http.ResponseWriter, r *http.Request, next http.Handler) error {
	id, err := keptBehind(r)
	if err != nil || s.browser(r) == "" {
		next.ServeHTTP(w, r)
		return nil //nolint:nilerr // there is nothing to settle
	}
	heard := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
	next.ServeHTTP(heard, r)
	if status := heard.Status(); status < 400 || status == http.StatusUnprocessableEntity || status == http.StatusConflict {
		if err := kept.Settle(r.Context(), s.DB, id, s.browser(r), visitor(r).ID); err != nil { // it expires by itself
			s.Log.WarnContext(r.Context(), "kept form not settled", "request", requestOf(r).id, "err", err)
		}
	}
	return nil
}

// keptBehind is the kept form on the page that sends this request.
func keptBehind(r *http.Request) (kept.ID, error) {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host {
		return 0, problem.NotFound
	}
	if at, ok := strings.CutPrefix(u.Path, "/kept/"); ok {
		return ref.Parse[kept.ID](at)
	}
	return ref.Parse[kept.ID](u.Query().Get(keptName))
}

// showKept shows a kept form by itself, to who sent it: the page it stood on has
// no such form now.
func (s *Site) showKept(w http.ResponseWriter, r *http.Request) error {
	at, err := id[kept.ID](r, "kept")
	if err != nil {
		return err
	}
	f, owner, err := kept.Get(r.Context(), s.Read, s.Now(), s.Secret, at, s.browser(r))
	if err != nil {
		return err
	}
	if owner != visitor(r).ID {
		return problem.NotFound
	}
	return s.show(w, r, http.StatusOK, templates.Resume{Action: f.Action, Values: f.Values})
}

// leaveKept forgets what this browser's forms held, as its person signs out.
func (s *Site) leaveKept(w http.ResponseWriter, r *http.Request) error {
	name := s.browser(r)
	if name == "" {
		return nil
	}
	http.SetCookie(w, s.cookie(keptCookie, "", -1))
	return kept.Leave(r.Context(), s.DB, name, visitor(r).ID)
}
