package bench

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/call"
	"daubang/internal/demo"
	"daubang/internal/document"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/ref"
	"daubang/internal/site"
)

// now is when all of it happens.
var now = time.Date(2027, 2, 14, 2, 0, 0, 0, time.UTC)

// world is the portal over a database of a volume, with every query watched.
type world struct {
	demo.Volume
	db    *pgxpool.Pool
	door  http.Handler
	watch *watch

	officer    people.ID
	reviewer   people.ID // has some three hundred sheets at any volume, if there are three reviews to a proposal
	head       people.ID // of an organisation with proposals
	call       call.ID   // a past one, with proposals in review
	judged     int64     // one of them
	proposal   int64     // of the head's
	assignment int64     // the reviewer's, sent
	draft      int64     // being written now, by draftHead
	draftHead  people.ID
	sample     sample
}

// sample is the proposal that is searched for.
type sample struct{ Reference, Title, OrganisationName string }

// build fills a database and opens the portal on it.
func build(tb testing.TB, db *pgxpool.Pool, v demo.Volume) *world {
	tb.Helper()
	if err := fill(tb.Context(), db, v); err != nil {
		tb.Fatal(err)
	}
	return enter(tb, db, v)
}

func fill(ctx context.Context, db *pgxpool.Pool, v demo.Volume) error {
	if err := demo.Load(ctx, db, now); err != nil {
		return err
	}
	if err := pg.Tx(ctx, db, func(tx pgx.Tx) error { return demo.Generate(ctx, tx, now, v) }); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `vacuum (analyze)`) // as autovacuum would have by the next day
	return err
}

// enter opens the portal on a filled database.
func enter(tb testing.TB, db *pgxpool.Pool, v demo.Volume) *world {
	tb.Helper()
	w := &world{Volume: v, db: db, watch: &watch{}, reviewer: v.Reviewer(0), head: v.Head(0)}
	w.officer = one[people.ID](tb, db, `select id from people where email_key = 'ha@demo.example'`)
	w.proposal = one[int64](tb, db, `
		select p.id from proposals p join members m on m.organisation_id = p.organisation_id
		where m.person_id = $1 and p.submitted_at is not null order by p.id limit 1`, w.head)
	w.judged = one[int64](tb, db, `select p.id from proposals p where p.status = 'in_review' and p.reference like 'THU-%' order by p.call_id, p.id limit 1`)
	w.call = one[call.ID](tb, db, `select call_id from proposals where id = $1`, w.judged)
	w.assignment = one[int64](tb, db, `select id from assignments where reviewer_id = $1 and state = 'sent' order by id limit 1`, w.reviewer)
	w.draft = one[int64](tb, db, `select id from proposals where status = 'draft' and reference not like 'THU-%' limit 1`)
	w.draftHead = one[people.ID](tb, db, `select m.person_id from members m join proposals p on p.organisation_id = m.organisation_id where p.id = $1 and m.role = 'head'`, w.draft)
	w.sample = row[sample](tb, db, `select reference, title, organisation_name from proposals where id = $1`, w.proposal)
	w.sign(tb, w.officer, w.reviewer, w.head, w.draftHead)
	read := w.pool(tb, true)
	files, err := document.OpenStore("file://" + tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = files.Close() })
	w.door = (&site.Site{
		DB: w.pool(tb, false), Read: read, Lagging: read, Log: slog.New(slog.DiscardHandler),
		Files:   files,
		Now:     func() time.Time { return now },
		Instant: func(context.Context, pg.DB) (time.Time, error) { return now, nil },
		BaseURL: &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}, Secret: []byte("a secret of the benches, long enough"),
	}).Handler()
	return w
}

// sign signs people in.
func (w *world) sign(tb testing.TB, all ...people.ID) {
	tb.Helper()
	for _, who := range all {
		sum := sha256.Sum256([]byte(token(who)))
		_, err := w.db.Exec(tb.Context(), `
			insert into sessions (person_id, token_hash, created_at, seen_at) values ($1, $2, $3, $3) on conflict do nothing`, who, sum[:], now)
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// pool is watched, and so small that its connections stay the same.
func (w *world) pool(tb testing.TB, readOnly bool) *pgxpool.Pool {
	tb.Helper()
	conf := w.db.Config()
	conf.ConnConfig.Tracer = w.watch
	conf.MaxConns = 2
	if readOnly {
		conf.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	}
	pool, err := pgxpool.NewWithConfig(tb.Context(), conf)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	return pool
}

func token(who people.ID) string {
	sum := sha256.Sum256([]byte("bench " + ref.Of(who)))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// request is a page as somebody opens it.
type request struct {
	who     people.ID // 0: nobody
	address string
}

func (w *world) get(r request) *httptest.ResponseRecorder {
	out := httptest.NewRecorder()
	w.door.ServeHTTP(out, r.http())
	return out
}

func (r request) http() *http.Request {
	q := httptest.NewRequest(http.MethodGet, r.address, nil)
	if r.who != 0 {
		q.AddCookie(&http.Cookie{Name: "daubang_session", Value: token(r.who)})
	}
	return q
}

// mustGet opens a page and wants it to be there.
func (w *world) mustGet(tb testing.TB, r request) *httptest.ResponseRecorder {
	tb.Helper()
	out := w.get(r)
	if out.Code != http.StatusOK {
		tb.Fatalf("%s answers %d: %.300s", r.address, out.Code, out.Body)
	}
	return out
}

// page is one of the portal's pages, in any world.
type page struct {
	name string
	of   func(*world) request
	list bool // a long list: it is held to its indexes, and to cost the same at any volume
}

// pages are the pages of the main job, by whom they are read.
var pages = []page{
	{name: "start", of: func(*world) request { return request{address: "/"} }},
	{name: "calls", of: func(*world) request { return request{address: "/calls"} }},
	{name: "call", of: func(w *world) request { return request{address: "/calls/" + w.call.String()} }},
	{name: "form before sign-in", of: func(w *world) request { return request{address: "/calls/" + w.call.String() + "/form"} }},
	{name: "programmes", of: func(*world) request { return request{address: "/programmes"} }},
	{name: "my proposals", list: true, of: func(w *world) request { return request{w.head, "/proposals"} }},
	{name: "task list", of: func(w *world) request { return request{w.draftHead, "/proposals/" + ref.Of(w.draft)} }},
	{name: "section", of: func(w *world) request {
		return request{w.draftHead, "/proposals/" + ref.Of(w.draft) + "/sections/problem"}
	}},
	{name: "check answers", of: func(w *world) request { return request{w.draftHead, "/proposals/" + ref.Of(w.draft) + "/check"} }},
	{name: "sent proposal", of: func(w *world) request { return request{w.head, "/proposals/" + ref.Of(w.proposal)} }},
	{name: "history", of: func(w *world) request { return request{w.head, "/proposals/" + ref.Of(w.proposal) + "/history"} }},
	{name: "desk", of: func(w *world) request { return request{w.officer, "/desk"} }},
	{name: "desk: files held back", of: func(w *world) request { return request{w.officer, "/desk/quarantine"} }},
	{name: "desk: calls", list: true, of: func(w *world) request { return request{w.officer, "/desk/calls"} }},
	{name: "desk: a call", of: func(w *world) request { return request{w.officer, "/desk/calls/" + w.call.String()} }},
	{name: "desk: a call's form", of: func(w *world) request { return request{w.officer, "/desk/calls/" + w.call.String() + "/form"} }},
	{name: "desk: a proposal", of: func(w *world) request { return request{w.officer, "/desk/proposals/" + ref.Of(w.judged)} }},
	{name: "desk: reviewers of a proposal", of: func(w *world) request {
		return request{w.officer, "/desk/proposals/" + ref.Of(w.judged) + "/reviewers"}
	}},
	{name: "desk: ranking of a call", of: func(w *world) request { return request{w.officer, "/desk/calls/" + w.call.String() + "/decisions"} }},
	{name: "reviews: to do", list: true, of: func(w *world) request { return request{w.reviewer, "/reviews?tray=to_do"} }},
	{name: "reviews: done", list: true, of: func(w *world) request { return request{w.reviewer, "/reviews?tray=done"} }},
	{name: "review sheet", of: func(w *world) request { return request{w.reviewer, "/reviews/" + ref.Of(w.assignment)} }},
	deskList("list", ""),
	deskList("list by score", "sort=score"),
	deskList("list by amount", "sort=amount"),
	deskList("list by title", "sort=title"),
	deskList("list of a call", "call=CALL"),
	deskList("list of a call by score", "call=CALL&sort=score"),
	deskList("list of a status", "status=in_review"),
	deskList("list of a call and two statuses", "call=CALL&status=approved&status=declined&sort=amount"),
	deskList("list of a province", "province=01"),
	deskList("search: a reference", "q=REFERENCE"),
	deskList("search: words of a title", "q=TITLE"),
	deskList("search: a common word", "q=bao+luc"),
	deskList("search: nothing found", "q=khong+co+dau"),
}

func deskList(name, query string) page {
	return page{name: "desk: " + name, list: true, of: func(w *world) request {
		values := map[string]string{"CALL": w.call.String(), "REFERENCE": url.QueryEscape(w.sample.Reference), "TITLE": url.QueryEscape(w.sample.Title)}
		return request{w.officer, "/desk/proposals?" + regexp.MustCompile(`[A-Z]+`).ReplaceAllStringFunc(query, func(s string) string { return values[s] })}
	}}
}

// watch counts the statements that a portal sends, and can keep them.
type watch struct {
	mu   sync.Mutex
	n    int
	keep bool
	sent []statement
}

type statement struct {
	sql  string
	args []any
}

// TraceQueryStart counts.
func (w *watch) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	if w.keep {
		w.sent = append(w.sent, statement{q.SQL, q.Args})
	}
	return ctx
}

// TraceQueryEnd does nothing.
func (w *watch) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// count is how many statements do sends.
func (w *watch) count(do func()) int {
	w.mu.Lock()
	before := w.n
	w.mu.Unlock()
	do()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n - before
}

// statements are those that do sends.
func (w *watch) statements(do func()) []statement {
	w.mu.Lock()
	w.keep, w.sent = true, nil
	w.mu.Unlock()
	do()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keep = false
	return w.sent
}

func one[T any](tb testing.TB, db pg.DB, sql string, args ...any) T {
	tb.Helper()
	v, err := pg.Value[T](tb.Context(), db, sql, args...)
	if err != nil {
		tb.Fatal(fmt.Errorf("%w: %s", err, sql))
	}
	return v
}

func row[T any](tb testing.TB, db pg.DB, sql string, args ...any) T {
	tb.Helper()
	v, err := pg.One[T](tb.Context(), db, sql, args...)
	if err != nil {
		tb.Fatal(fmt.Errorf("%w: %s", err, sql))
	}
	return v
}

func values[T any](tb testing.TB, db pg.DB, sql string, args ...any) []T {
	tb.Helper()
	v, err := pg.Values[T](tb.Context(), db, sql, args...)
	if err != nil {
		tb.Fatal(fmt.Errorf("%w: %s", err, sql))
	}
	return v
}
