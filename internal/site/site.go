// Package site is the portal as a browser meets it: routes, forms and pages.
//
// A handler does three things and no more: it reads the request, calls one
// concept's function, and shows a page or sends the visitor on. It returns an
// error rather than writing one; see [Site.handle]. Handlers of GET read from a
// pool that cannot write.
package site

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/templates"
	"daubang/web"
)

// Site holds what handlers share.
type Site struct {
	DB      *pgxpool.Pool // for acts
	Read    *pgxpool.Pool // the same database, refusing every write: for GET
	Lagging *pgxpool.Pool // a replica where there is one, for desk lists and exports; else Read
	Log     *slog.Logger
	Now     func() time.Time // monotonic; measures, and tells pages the time
	// Instant is the one clock that decides deadlines: the database's.
	Instant func(context.Context, pg.DB) (time.Time, error)
	BaseURL *url.URL
	Secret  []byte // signs one-time links
	Demo    bool   // show the demo accounts; only ever true on loopback
	// Accounts are whom one may sign in as in a demo; shown with Demo only.
	Accounts []templates.DemoAccount
}

// Handler returns the whole site. This is its map: every address is here, in
// groups by who may enter. What one may do once inside is the concepts' affair;
// policy.csv says what each address answers to whom, and a test holds both to it.
func (s *Site) Handler() http.Handler {
	r := chi.NewRouter()
	r.Use(s.arrive, s.recovered, s.guarded, http.NewCrossOriginProtection().Handler)
	r.NotFound(s.handle(s.nowhere))
	r.MethodNotAllowed(s.handle(s.nowhere))
	r.Get("/healthz", s.handle(s.healthz))
	r.Get("/readyz", s.handle(s.readyz))
	r.Get("/static/*", web.Handler().ServeHTTP)
	r.Head("/static/*", web.Handler().ServeHTTP)

	r.Group(func(r chi.Router) { // anybody
		r.Use(s.enter)
		r.Post("/language", s.handle(s.setLanguage))
		r.Get("/", s.handle(s.start))
		r.Get("/calls", s.handle(s.calls))
		r.Get("/calls/{call}", s.handle(s.showCall))
		r.Get("/calls/{call}/form", s.handle(s.showCallForm))
		r.Get("/programmes", s.handle(s.programmes))
		r.Get("/programmes/{programme}", s.handle(s.showProgramme))
	})

	r.Group(func(r chi.Router) { // who has signed in
		r.Use(s.enter, s.signedIn)
	})

	r.Group(func(r chi.Router) { // the programme's office, its panel's chair, and who audits or administers
		r.Use(s.enter, s.signedIn, s.only(people.Officer, people.Auditor, people.Admin))
		r.Get("/desk/programmes", s.handle(s.deskProgrammes))
		r.Get("/desk/programmes/new", s.handle(s.newProgramme))
		r.Post("/desk/programmes/new", s.handle(s.createProgramme))
		r.Get("/desk/programmes/{programme}", s.handle(s.editProgramme))
		r.Post("/desk/programmes/{programme}", s.handle(s.saveProgramme))
		r.Post("/desk/programmes/{programme}/publish", s.handle(s.publishProgramme))
	})
	return r
}
