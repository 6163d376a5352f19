package work

import (
	"context"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/mail"
	"daubang/internal/mail/mailtest"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/words"
)

// hurried is a pace for tests: the shape of production's, in seconds. A lease
// outlasts a job, and a rescue a lease, as there.
var hurried = pace{
	job: 4 * time.Second, rescue: 6 * time.Second, lease: 5 * time.Second, poll: 50 * time.Millisecond, patience: time.Minute,
	deferred: []time.Duration{20 * time.Millisecond}, unreachable: []time.Duration{20 * time.Millisecond, 100 * time.Millisecond}, test: true,
}

var (
	office = netmail.Address{Name: "Cổng Dấu Bằng", Address: "khong-tra-loi@daubang.example.vn"}
	secret = people.Key("0123456789abcdef0123456789abcdef")
)

// begun is when everything in the world began.
var begun = time.Date(2027, 2, 14, 2, 0, 0, 0, time.UTC)

// world is a call of a programme, its office, an applicant, a reviewer and a
// proposal, all as rows: these tests are about what is written to them.
type world struct {
	db                                           *pgxpool.Pool
	programme, call, organisation                int64
	head, writer, reviewer, officer, admin, audi people.ID
	proposal                                     proposal.ID
	assignment                                   int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return build(t, pgtest.New(t))
}

func build(t *testing.T, db *pgxpool.Pool) *world {
	t.Helper()
	w := &world{db: db}
	w.head, w.writer = w.person(t, "Nguyễn Thị Ẩn", words.Vi), w.person(t, "Trần Bình", words.En)
	w.reviewer, w.officer = w.person(t, "Lê Chi", words.Vi), w.person(t, "Phạm Dung", words.Vi)
	w.admin, w.audi = w.person(t, "Quản Trị", words.Vi), w.person(t, "Kiểm Tra", words.Vi)
	var f, r int64
	w.tx(t, func(ctx context.Context, tx pgx.Tx) error {
		id, err := form.InstallDefault(ctx, tx, begun)
		f = int64(id)
		return err
	})
	r = w.id(t, `insert into rubrics (key, version, definition, created_at) values ('r', 1, '{}', $1) returning id`, begun)
	w.programme = w.id(t, `insert into programmes (title_vi, issuer_vi, status, created_at, updated_at) values ('Kế hoạch', 'UBND', 'published', $1, $1) returning id`, begun)
	w.call = w.id(t, `
		insert into calls (programme_id, code, title_vi, title_en, opens_at, closes_at, envelope, grant_min, grant_max, months_max, form_id, rubric_id, status, results_on, published_at, created_at, updated_at)
		values ($1, 'BDG-27', 'Đợt xuân', 'Spring call', $4::timestamptz - interval '1 day', $4::timestamptz + interval '12 days', 9e9, 1, 9e8, 24, $2, $3, 'published', '2027-05-01', $4, $4, $4) returning id`,
		w.programme, f, r, begun)
	w.organisation = w.id(t, `
		insert into organisations (kind, name_vi, created_by, created_at, updated_at) values ('womens_union', 'Hội Phụ nữ xã Mường Hoa', $1, $2, $2) returning id`, w.head, begun)
	w.exec(t, `insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, 'head', $4), ($1, $3, 'writer', $4)`, w.organisation, w.head, w.writer, begun)
	w.exec(t, `insert into roles (person_id, role, programme_id, call_id, granted_at) values
		($1, 'officer', $2, null, $6), ($3, 'reviewer', null, $4, $6), ($5, 'admin', null, null, $6), ($7, 'auditor', null, null, $6)`,
		w.officer, w.programme, w.reviewer, w.call, w.admin, begun, w.audi)
	w.proposal = proposal.ID(w.id(t, `
		insert into proposals (call_id, programme_id, organisation_id, reference, title, title_en, status, returned_sections, ineligible_reasons, reviews_sent, created_by, created_at, updated_at, submitted_at)
		values ($1, $2, $3, 'BDG-27-K7Q4M', 'Nước sạch Tây Nguyên', 'Clean water', 'submitted', '{"budget": "Thiếu dự toán quý 3"}', 'Ngoài địa bàn', 2, $4, $5, $5, $5) returning id`,
		w.call, w.programme, w.organisation, w.head, begun))
	w.exec(t, `insert into submissions (proposal_id, number, content, identity, sha256, submitted_by, submitted_at) values ($1, 1, '{}', '{}', 'abc123', $2, $3)`, w.proposal, w.head, begun)
	w.assignment = w.id(t, `insert into assignments (proposal_id, reviewer_id, due_at, assigned_by, assigned_at) values ($1, $2, $3, $4, $5) returning id`,
		w.proposal, w.reviewer, begun.Add(20*24*time.Hour), w.officer, begun)
	return w
}

func (w *world) id(t *testing.T, sql string, args ...any) int64 {
	t.Helper()
	id, err := pg.Value[int64](t.Context(), w.db, sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *world) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := w.db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (w *world) tx(t *testing.T, fn func(context.Context, pgx.Tx) error) {
	t.Helper()
	if err := pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

var persons atomic.Int64

func (w *world) person(t *testing.T, name string, lang words.Lang) people.ID {
	t.Helper()
	return people.ID(w.id(t, `insert into people (name, email, email_key, locale, verified_at, created_at) values ($1, $2, $2, $3, $4, $4) returning id`,
		name, fmt.Sprintf("nguoi%d@example.vn", persons.Add(1)), lang, begun))
}

func (w *world) status(t *testing.T, s proposal.Status) {
	t.Helper()
	w.exec(t, `update proposals set status = $2 where id = $1`, w.proposal, s)
}

// queue queues a letter about the proposal, or about nobody's.
func (w *world) queue(t *testing.T, kind letter.Kind, about letter.About, to ...people.ID) {
	t.Helper()
	w.tx(t, func(ctx context.Context, tx pgx.Tx) error {
		event, err := audit.Record(ctx, tx, audit.Act{At: begun}, "test", "test", ref.New[int64](), nil)
		if err != nil {
			return err
		}
		return people.Write(ctx, tx, audit.Act{At: begun}, event, kind, about, to...)
	})
}

func (w *world) about() letter.About {
	return letter.About{ProgrammeID: w.programme, ProposalID: int64(w.proposal)}
}

// options are those of a worker on the world; without a server it has no sender.
func (w *world) options(t *testing.T, s *mailtest.Server) Options {
	t.Helper()
	o := Options{DB: w.db, BaseURL: "https://daubang.example.vn", Secret: secret, Log: slog.New(slog.DiscardHandler), Now: time.Now, pace: hurried}
	if s != nil {
		o.Sender = mail.New(s.Settings(), office)
		t.Cleanup(o.Sender.Close)
	}
	return o
}

// start runs a worker until stop is called or the test ends.
func start(t *testing.T, o Options) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, o) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Error("the worker failed:", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// eventually waits for something to be true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatal("this never came about:", what)
}

// row is a letter as it stands.
type row struct {
	ID          letter.ID
	Kind        letter.Kind
	State       letter.State
	Address     string
	Subject     string
	BodyText    string
	BodyHTML    string `db:"body_html"`
	Tries       int
	LastError   string
	WithheldFor string
	Leased      bool
}

func (r row) String() string {
	return fmt.Sprintf("%s %s to %s: %s, %d tries, last %q, withheld %q, leased %v, %q", r.Kind, r.ID, r.Address, r.State, r.Tries, r.LastError, r.WithheldFor, r.Leased, r.Subject)
}

func (w *world) letters(t *testing.T) []row {
	t.Helper()
	list, err := pg.All[row](t.Context(), w.db, `
		select id, kind, state, address, subject, body_text, body_html, tries, last_error, withheld_for, lease_until is not null as leased from letters order by address, kind, id`)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// settled reports whether no letter is queued any more.
func (w *world) settled(t *testing.T) func() bool {
	t.Helper()
	return func() bool {
		return w.id(t, `select count(*) from letters where state = 'queued'`) == 0
	}
}

// one is the only letter.
func (w *world) one(t *testing.T) row {
	t.Helper()
	all := w.letters(t)
	if len(all) != 1 {
		t.Fatal("letters:", all)
	}
	return all[0]
}

// unfinished are the jobs of letters that still have something to do.
func (w *world) unfinished(t *testing.T) []string {
	t.Helper()
	list, err := pg.Values[string](t.Context(), w.db, `select state::text from river_job where kind = 'send_letter' and state not in ('completed', 'discarded', 'cancelled')`)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func messageIDs(t *testing.T, got []mailtest.Received) map[string]int {
	t.Helper()
	seen := map[string]int{}
	for _, r := range got {
		seen[strings.Trim(r.Message(t).Header.Get("Message-ID"), "<>")]++
	}
	return seen
}
