package site

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/words"
	"daubang/templates"
)

// request is what the first middleware learns of one request.
type request struct {
	id      string
	arrived time.Time // monotonic: deadlines count from here, however long we queue
	nonce   string    // lets this page's scripts run, and no others
	visitor people.Visitor
	within  *time.Timer // ends what writes; moves on while its body comes in
	kept    *keptForm   // a form to be filled in with what was typed before the session ended
}

type requestKey struct{}

func requestOf(r *http.Request) *request {
	q, ok := r.Context().Value(requestKey{}).(*request)
	if !ok {
		return &request{}
	}
	return q
}

// visitor is who is asking, or nobody.
func visitor(r *http.Request) people.Visitor { return requestOf(r).visitor }

// arrive notes when the request came and gives it a number.
func (s *Site) arrive(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{arrived: s.Now(), id: random(9), nonce: random(18)}
		w.Header().Set("X-Request-Id", q.id)
		ctx := context.WithValue(r.Context(), requestKey{}, q)
		if writes(r) {
			var done context.CancelCauseFunc
			ctx, done = context.WithCancelCause(context.WithoutCancel(ctx))
			q.within = time.AfterFunc(writeWithin, func() { done(context.DeadlineExceeded) })
			defer done(nil)
			defer q.within.Stop()
		}
		next.ServeHTTP(w, r.WithContext(words.With(ctx, s.language(r, people.Visitor{}))))
	})
}

// writeWithin is how long what somebody sent may take to be carried out, once it
// is here.
const writeWithin = time.Minute

// writes says that a request brings something to keep. One that has come whole is
// carried out though its sender has hung up: who leaves a page, or loses the
// line, right after the last word meant it. What streams to the disk is not whole.
func writes(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && !streams(r)
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, says its documentation
	return base64.RawURLEncoding.EncodeToString(b)
}

const sessionCookie = "session"

// enter finds out who is asking, and in which language they read.
func (s *Site) enter(next http.Handler) http.Handler {
	return s.handle(func(w http.ResponseWriter, r *http.Request) error {
		if c, err := r.Cookie(s.cookieName(sessionCookie)); err == nil {
			v, err := people.Enter(r.Context(), s.Read, c.Value, s.Now())
			if err != nil {
				return err
			}
			if err := people.Touch(r.Context(), s.DB, v, s.Now()); err != nil {
				return err
			}
			requestOf(r).visitor = v
		}
		r = r.WithContext(words.With(r.Context(), s.language(r, visitor(r))))
		if r.Method == http.MethodGet && visitor(r).SignedIn() && r.URL.Query().Has(keptName) {
			return s.fillIn(w, r, next)
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// sharedCookie says that others use this machine too; it ends with the browser.
const sharedCookie = "shared"

// shared says that others use this browser, too.
func (s *Site) shared(r *http.Request) bool {
	_, err := r.Cookie(s.cookieName(sharedCookie))
	return err == nil
}

const languageCookie = "language"

// language is the person's own choice, then this browser's, then Vietnamese.
func (s *Site) language(r *http.Request, v people.Visitor) words.Lang {
	if c, err := r.Cookie(s.cookieName(languageCookie)); err == nil {
		return words.Pick(c.Value)
	}
	if v.SignedIn() {
		return v.Locale
	}
	return words.Vi
}

// setLanguage remembers the language of this browser and of who is signed in.
func (s *Site) setLanguage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.form(r)
	if err != nil {
		return err
	}
	lang := words.Pick(f.Line("lang"))
	if v := visitor(r); v.SignedIn() {
		err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return people.SetLocale(ctx, tx, act, v.ID, lang)
		})
		if err != nil {
			return err
		}
	}
	http.SetCookie(w, s.cookie(languageCookie, string(lang), 365*24*time.Hour))
	return s.to(w, r, "%s", local(f.Line("next")))
}

// signedIn sends nobody to sign in: alike for what is there and what is not. A
// form that was sent after its session had ended is kept, so that no word in it is
// lost, and comes back on its page.
func (s *Site) signedIn(next http.Handler) http.Handler {
	return s.handle(func(w http.ResponseWriter, r *http.Request) error {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case visitor(r).SignedIn() && reads:
			next.ServeHTTP(w, r)
			return nil
		case visitor(r).SignedIn():
			return s.settling(w, r, next)
		case wantsJSON(r):
			return s.refuseScript(w, r)
		case !reads:
			return s.keepForm(w, r)
		}
		return s.to(w, r, "/sign-in?next=%s", queryEscape(r.URL.RequestURI()))
	})
}

// only lets in who has one of the roles; for anybody else there is nothing here.
func (s *Site) only(roles ...people.Role) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return s.handle(func(w http.ResponseWriter, r *http.Request) error {
			if !visitor(r).Is(roles...) {
				return problem.NotFound
			}
			next.ServeHTTP(w, r)
			return nil
		})
	}
}

// act is the visitor's, at the instant the request arrived by the database's
// clock: no web server's clock matters, and queueing here punishes nobody.
func (s *Site) act(r *http.Request, db pg.DB) (audit.Act, error) {
	at, err := s.Instant(r.Context(), db)
	if err != nil {
		return audit.Act{}, fmt.Errorf("asking the time: %w", err)
	}
	return audit.Act{By: int64(visitor(r).ID), At: at.Add(-s.Now().Sub(requestOf(r).arrived))}, nil
}

// do runs fn as the visitor's act, in one transaction.
func (s *Site) do(r *http.Request, fn func(context.Context, pgx.Tx, audit.Act) error) error {
	ctx := r.Context()
	return pg.Tx(ctx, s.DB, func(tx pgx.Tx) error {
		act, err := s.act(r, tx)
		if err != nil {
			return err
		}
		return fn(ctx, tx, act)
	})
}

// wrong takes field errors out of err, to show beside their fields.
func (s *Site) wrong(err error) (problem.Invalid, bool) {
	return errors.AsType[problem.Invalid](err)
}

// frame is what surrounds every page for this visitor.
func (s *Site) frame(w http.ResponseWriter, r *http.Request) templates.Frame {
	q := requestOf(r)
	f := templates.Frame{
		Visitor: templates.Visitor{Name: q.visitor.Name, SignedIn: q.visitor.SignedIn(), Nav: navigation(r)},
		Nonce:   q.nonce,
		Path:    r.URL.RequestURI(),
		Demo:    s.Demo,
		Flash:   s.notice(w, r),
	}
	if q.visitor.SignedIn() {
		f.Person = q.visitor.ID.String()
	}
	f.Shared, f.Kept = s.shared(r), q.kept != nil && q.kept.filled
	return f
}

// navigation is what the visitor's roles lead to.
func navigation(r *http.Request) []templates.NavItem {
	v, here := visitor(r), r.URL.Path
	items := []struct {
		href, key string
		when      bool
	}{
		{"/calls", "nav.calls", !v.Is(people.Officer)},
		{"/programmes", "nav.programmes", !v.SignedIn()},
		{"/proposals", "nav.proposals", v.SignedIn() && (v.Member || len(v.Roles) == 0)},
		{"/organisations", "nav.organisations", v.SignedIn() && (v.Member || len(v.Roles) == 0)},
		{"/reviews", "nav.reviews", v.Is(people.Reviewer)},
		{"/desk", "nav.desk", v.Is(people.Officer)},
		{"/desk/calls", "nav.desk_calls", v.Is(people.Officer, people.Auditor)},
		{"/desk/proposals", "nav.desk_proposals", v.Is(people.Officer, people.Auditor)},
		{"/desk/programmes", "nav.desk_programmes", v.Is(people.Officer, people.Auditor)},
		{"/desk/organisations", "nav.desk_organisations", v.Is(people.Officer, people.Auditor)},
		{"/desk/letters", "nav.desk_letters", v.Is(people.Officer, people.Auditor, people.Admin)},
		{"/desk/people", "nav.desk_people", v.Is(people.Admin, people.Auditor)},
	}
	var nav []templates.NavItem
	longest := -1
	for _, it := range items {
		if !it.when {
			continue
		}
		nav = append(nav, templates.NavItem{Href: it.href, Text: words.Tr(r.Context(), it.key)})
		if under(here, it.href) && (longest < 0 || len(it.href) > len(nav[longest].Href)) {
			longest = len(nav) - 1
		}
	}
	if longest >= 0 {
		nav[longest].Current = true
	}
	return nav
}
