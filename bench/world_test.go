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
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/demo"
	"daubang/internal/document"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/proposal"
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
	read       int64     // the proposal that it is about
	draft      int64     // being written now, by draftHead
	draftHead  people.ID
	sample     sample

	twice     proposal.ID // sent twice, by twiceHead
	twiceHead people.ID
	talked    int64 // whose head and the office write to each other
	talker    people.ID
	open      call.ID // the draft's, with public questions
	group     int64   // the draft's organisation
}

// sample is the proposal that is searched for.
type sample struct{ Reference, Title, OrganisationName string }

// build fills a database and opens the portal on it.
func build(tb testing.TB, db *pgxpool.Pool, v demo.Volume) *world {
	tb.Helper()
	if err := fill(tb.Context(), db, v); err != nil {
		tb.Fatal(err)
	}
	if _, measured := tb.(*testing.B); measured {
		plansAsServed(tb, db)
	}
	return enter(tb, db, v)
}

// plansAsServed has a throw-away server plan as one that serves does.
func plansAsServed(tb testing.TB, db *pgxpool.Pool) {
	tb.Helper()
	if _, err := db.Exec(tb.Context(), `do $$ begin execute format('alter database %I set plan_cache_mode = auto', current_database()); end $$`); err != nil {
		tb.Fatal(err)
	}
	db.Reset() // who is connected keeps what was set
}

func fill(ctx context.Context, db *pgxpool.Pool, v demo.Volume) error {
	if err := demo.Load(ctx, db, now, people.Key("a secret of the benches, long enough")); err != nil {
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
	w.read = one[int64](tb, db, `select proposal_id from assignments where id = $1`, w.assignment)
	w.draft = one[int64](tb, db, `select id from proposals where status = 'draft' and reference not like 'THU-%' limit 1`)
	w.draftHead = one[people.ID](tb, db, headOf, w.draft)
	w.open = one[call.ID](tb, db, `select call_id from proposals where id = $1`, w.draft)
	w.group = one[int64](tb, db, `select organisation_id from proposals where id = $1`, w.draft)
	w.talked = one[int64](tb, db, `select proposal_id from messages group by 1 order by count(*) desc, 1 limit 1`)
	w.talker = one[people.ID](tb, db, headOf, w.talked)
	w.sendTwice(tb)
	w.sample = row[sample](tb, db, `select reference, title, organisation_name from proposals where id = $1`, w.proposal)
	w.sign(tb, w.officer, w.reviewer, w.head, w.draftHead, w.twiceHead, w.talker)
	read := w.pool(tb, true)
	files, err := document.OpenStore("file://" + tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = files.Close() })
	w.door = (&site.Site{
		DB: w.pool(tb, false), Read: read, Lagging: read, Log: slog.New(slog.DiscardHandler),
		Files: files,
		Now:   func() time.Time { return now }, SavesAMinute: 1 << 30, // the clock stands still
		Instant: func(context.Context, pg.DB) (time.Time, error) { return now, nil },
		BaseURL: &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}, Secret: []byte("a secret of the benches, long enough"),
	}).Handler()
	// a new form is being written for the open call; in a database that was filled before perhaps already
	begun := w.get(request{w.officer, "/desk/calls/" + w.open.String() + "/form", url.Values{"do": {"begin"}}})
	if begun.Code != http.StatusSeeOther && begun.Code != http.StatusConflict {
		tb.Fatalf("beginning a form answers %d: %.300s", begun.Code, begun.Body)
	}
	return w
}

const headOf = `select m.person_id from members m join proposals p on p.organisation_id = m.organisation_id where p.id = $1 and m.role = 'head'`

// sendTwice has the office return a proposal and its head send it again: there
// are two versions to compare.
func (w *world) sendTwice(tb testing.TB) {
	tb.Helper()
	w.twice = one[proposal.ID](tb, w.db, `select id from proposals where status = 'submitted' and reference not like 'THU-%' order by id limit 1`)
	w.twiceHead = one[people.ID](tb, w.db, headOf, w.twice)
	w.giveBack(tb, w.twice)
	err := pg.Tx(tb.Context(), w.db, func(tx pgx.Tx) error {
		_, err := proposal.Submit(tb.Context(), tx, audit.Act{By: int64(w.twiceHead), At: now}, w.twice)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// giveBack has the office return a proposal to its head.
func (w *world) giveBack(tb testing.TB, id proposal.ID) {
	tb.Helper()
	err := pg.Tx(tb.Context(), w.db, func(tx pgx.Tx) error {
		act := audit.Act{By: int64(w.officer), At: now}
		return proposal.Return(tb.Context(), tx, act, id, map[string]string{"budget": "Chưa rõ nguồn."}, now.Add(time.Hour))
	})
	if err != nil {
		tb.Fatal(err)
	}
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
	form    url.Values // nil: it is opened, not sent
}

func (w *world) get(r request) *httptest.ResponseRecorder {
	out := httptest.NewRecorder()
	w.door.ServeHTTP(out, r.http())
	return out
}

func (r request) http() *http.Request {
	q := httptest.NewRequest(http.MethodGet, r.address, http.NoBody)
	if r.form != nil {
		q = httptest.NewRequest(http.MethodPost, r.address, strings.NewReader(r.form.Encode()))
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
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

// mustPost sends a form as the browser does and wants to be sent on.
func (w *world) mustPost(tb testing.TB, r request) {
	tb.Helper()
	if out := w.get(r); out.Code != http.StatusSeeOther {
		tb.Fatalf("%s answers %d: %.2000s", r.address, out.Code, out.Body)
	}
}

// sending sends the proposal that the office gave back.
func (w *world) sending() request {
	return request{w.twiceHead, "/proposals/" + w.twice.String() + "/submit", url.Values{"over": {""}}}
}
