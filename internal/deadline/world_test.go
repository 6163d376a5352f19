package deadline_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/deadline"
	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
	"daubang/internal/programme"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/rubric"
)

// closes is when the world's call closes; begun is twenty days before.
var (
	closes = time.Date(2027, 2, 26, 10, 0, 0, 0, time.UTC) // 17:00 in Viet Nam
	begun  = closes.AddDate(0, 0, -20)
)

// world is an open call with its two officers, and two organisations that are
// writing: one in a commune of province 08, one in province 24.
type world struct {
	tx                        pgx.Tx
	programme                 programme.ID
	call                      call.ID
	officer, second, stranger people.ID // stranger: officer of another programme
	auditor                   people.ID
	here, there               house
	unique                    string
}

// house is an organisation that is writing a draft.
type house struct {
	id                   organisation.ID
	name                 string
	head, writer, reader people.ID
	draft                proposal.ID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return build(t, pgtest.Tx(t))
}

func build(t *testing.T, tx pgx.Tx) *world {
	t.Helper()
	w := &world{tx: tx, unique: strings.ToUpper(ref.Of(ref.New[int64]()))}
	w.programme = w.newProgramme(t)
	w.officer, w.second, w.stranger, w.auditor = w.person(t, "officer"), w.person(t, "second"), w.person(t, "stranger"), w.person(t, "auditor")
	w.exec(t, `insert into roles (person_id, role, programme_id, granted_at) values ($1, 'officer', $2, $6), ($3, 'officer', $2, $6), ($4, 'officer', $5, $6)`,
		w.officer, w.programme, w.second, w.stranger, w.newProgramme(t), begun)
	w.exec(t, `insert into roles (person_id, role, granted_at) values ($1, 'auditor', $2)`, w.auditor, begun)
	w.exec(t, `insert into places (level, code, name, full_name, parent_code, unit_type, search_key) values
		(1, 'H'||$1, 'Tuyên Quang', 'Tỉnh Tuyên Quang', '', 'tinh', 'tinh tuyen quang'), (1, 'T'||$1, 'Lào Cai', 'Tỉnh Lào Cai', '', 'tinh', 'tinh lao cai'),
		(3, 'HD'||$1, 'Đồng Văn', 'Xã Đồng Văn', 'H'||$1, 'xa', 'xa dong van'), (3, 'TD'||$1, 'Đồng Văn', 'Xã Đồng Văn', 'T'||$1, 'xa', 'xa dong van')`, w.unique)
	w.call = w.newCall(t)
	w.here, w.there = w.house(t, "Hội Phụ nữ Đồng Văn", "HD"+w.unique), w.house(t, "Hợp tác xã Hoa Ban", "T"+w.unique)
	return w
}

func insert[T any](t *testing.T, w *world, sql string, args ...any) T {
	t.Helper()
	v, err := pg.Value[T](t.Context(), w.tx, sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (w *world) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := w.tx.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (w *world) newProgramme(t *testing.T) programme.ID {
	t.Helper()
	return insert[programme.ID](t, w, `insert into programmes (title_vi, issuer_vi, status, created_at, updated_at) values ('Kế hoạch', 'UBND', 'published', $1, $1) returning id`, begun)
}

func (w *world) person(t *testing.T, name string) people.ID {
	t.Helper()
	email := name + "@" + strings.ToLower(w.unique) + ".test"
	return insert[people.ID](t, w, `insert into people (name, email, email_key, created_at) values ($1, $2, $2, $3) returning id`, name, email, begun)
}

func (w *world) newCall(t *testing.T) call.ID {
	t.Helper()
	definition, err := form.Default()
	if err != nil {
		t.Fatal(err)
	}
	f := insert[form.ID](t, w, `insert into forms (key, version, definition, created_at) values ($1, 1, $2, $3) returning id`, "f"+w.unique, definition, begun)
	r := insert[rubric.ID](t, w, `insert into rubrics (key, version, definition, created_at) values ($1, 1, '{}', $2) returning id`, "r"+w.unique, begun)
	return insert[call.ID](t, w, `
		insert into calls (programme_id, code, title_vi, opens_at, closes_at, envelope, grant_min, grant_max, months_max, form_id, rubric_id, status, published_at, created_at, updated_at)
		values ($1, $2, 'Đợt 2027', $3, $4, 6000000000, 50000000, 500000000, 18, $5, $6, 'published', $3, $3, $3) returning id`,
		w.programme, "T"+w.unique, begun.Add(-time.Hour), closes, f, r)
}

// house founds an organisation at a place and begins its draft.
func (w *world) house(t *testing.T, name, place string) house {
	t.Helper()
	h := house{name: name + " " + w.unique, head: w.person(t, "head of "+place), writer: w.person(t, "writer of "+place), reader: w.person(t, "reader of "+place)}
	h.id = insert[organisation.ID](t, w, `
		insert into organisations (kind, name_vi, place_id, province_code, search_key, created_by, created_at, updated_at)
		select 'womens_union', $1, l.id, case l.level when 1 then l.code else l.parent_code end, lower($1), $2, $3, $3 from places l where l.code = $4 returning id`,
		h.name, h.head, begun, place)
	w.exec(t, `insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, 'head', $5), ($1, $3, 'writer', $5), ($1, $4, 'reader', $5)`,
		h.id, h.head, h.writer, h.reader, begun)
	var err error
	if h.draft, err = proposal.Start(t.Context(), w.tx, by(h.writer, begun), w.call, h.id); err != nil {
		t.Fatal(err)
	}
	return h
}

func by(who people.ID, at time.Time) audit.Act { return audit.Act{By: int64(who), At: at} }

// entry extends for one organisation by a week.
func (w *world) entry(h house) deadline.Entry {
	return deadline.Entry{Scope: "organisations", Organisations: h.name, ClosesOn: "05/03/2027", ClosesClock: "17:00", Reason: "Mất điện ba ngày"}
}

// extend does so, or fails the test.
func (w *world) extend(t *testing.T, at time.Time, e deadline.Entry) deadline.State {
	t.Helper()
	s, err := deadline.Extend(t.Context(), w.tx, by(w.officer, at), w.call, e)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// only is the extension that there is.
func (w *world) only(t *testing.T) deadline.Extension {
	t.Helper()
	list, err := deadline.Of(t.Context(), w.tx, w.officer, w.call)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	return list[0]
}

// closing is until when the call accepts what an organisation sends.
func (w *world) closing(t *testing.T, h house) time.Time {
	t.Helper()
	c, _, err := call.GetFor(t.Context(), w.tx, h.head, w.call, h.id)
	if err != nil {
		t.Fatal(err)
	}
	return c.ClosesAt
}

// letters are to whom letters of a kind about a draft were queued.
func (w *world) letters(t *testing.T, h house, kind letter.Kind) []people.ID {
	t.Helper()
	to, err := pg.Values[people.ID](t.Context(), w.tx, `select person_id from letters where proposal_id = $1 and kind = $2 order by queued_at, person_id`, h.draft, kind)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// said is the key of a refusal.
func said(err error) string {
	r, _ := errors.AsType[problem.Refusal](err)
	return r.Key
}

// remind writes what is due and says how many reminders there are.
func (w *world) remind(t *testing.T, at time.Time) int {
	t.Helper()
	for {
		n, err := deadline.Remind(t.Context(), w.tx, audit.Act{At: at})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return insert[int](t, w, `select count(*) from reminders where proposal_id in ($1, $2)`, w.here.draft, w.there.draft)
		}
	}
}

// commit is a world that others see.
func commit(t *testing.T) (*world, func(context.Context, func(pgx.Tx) error) error) {
	t.Helper()
	db := pgtest.New(t)
	var w *world
	if err := pg.Tx(t.Context(), db, func(tx pgx.Tx) error {
		w = build(t, tx)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return w, func(ctx context.Context, fn func(pgx.Tx) error) error { return pg.Tx(ctx, db, fn) }
}
