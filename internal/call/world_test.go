package call_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/programme"
	"daubang/internal/ref"
)

// world is a programme with its officer, and what a call of it needs.
type world struct {
	tx        pgx.Tx
	programme programme.ID
	group     int64
	officer   people.ID
	auditor   people.ID
	stranger  people.ID // signed in, no role
	form      int64
	rubric    int64
}

var noon = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC) // 12:00 in Viet Nam

func newWorld(t *testing.T) (context.Context, world) {
	t.Helper()
	ctx, w := t.Context(), world{tx: pgtest.Tx(t)}
	w.programme = insert[programme.ID](t, w.tx, `
		insert into programmes (title_vi, issuer_vi, status, created_at, updated_at) values ('Kế hoạch', 'UBND', 'published', now(), now()) returning id`)
	w.group = insert[int64](t, w.tx, `insert into task_groups (programme_id, code, title_vi, position) values ($1, 'gbv', 'Phòng ngừa bạo lực', 1) returning id`, w.programme)
	w.officer, w.auditor, w.stranger = person(t, w.tx, "officer"), person(t, w.tx, "auditor"), person(t, w.tx, "stranger")
	grant(t, w.tx, w.officer, "officer", &w.programme)
	grant(t, w.tx, w.auditor, "auditor", nil)
	w.form = insert[int64](t, w.tx, `insert into forms (key, version, definition, created_at) values ($1, 1, '{}', now()) returning id`, t.Name())
	w.rubric = insert[int64](t, w.tx, `insert into rubrics (key, version, definition, created_at) values ($1, 1, '{}', now()) returning id`, t.Name())
	return ctx, w
}

func insert[T any](t *testing.T, tx pgx.Tx, sql string, args ...any) T {
	t.Helper()
	v, err := pg.Value[T](t.Context(), tx, sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func person(t *testing.T, tx pgx.Tx, name string) people.ID {
	t.Helper()
	email := name + "@" + strings.ToLower(strings.ReplaceAll(t.Name(), "/", ".")) + ".test"
	return insert[people.ID](t, tx, `insert into people (name, email, email_key, created_at) values ($1, $2, $2, now()) returning id`, name, email)
}

func grant(t *testing.T, tx pgx.Tx, to people.ID, role string, under *programme.ID) {
	t.Helper()
	insert[int64](t, tx, `insert into roles (person_id, role, programme_id, granted_at) values ($1, $2, $3, now()) returning id`, to, role, under)
}

func (w world) by(who people.ID, at time.Time) audit.Act { return audit.Act{By: int64(who), At: at} }

// entry is a whole call: nothing is missing and nothing wrong.
func (w world) entry(t *testing.T) call.Entry {
	t.Helper()
	e := call.Blank()
	e.Code = "T" + strings.ToUpper(ref.Of(ref.New[int64]()))
	e.TitleVi, e.TitleEn = "Không bạo lực ở nơi bạn sống", "No violence where you live"
	e.SummaryVi, e.TextVi = "Một đoạn.", "Toàn văn."
	e.OpensOn, e.ClosesOn = "05/01/2027", "26/02/2027"
	e.Envelope, e.GrantMin, e.GrantMax = "6.000.000.000", "150.000.000", "800.000.000"
	e.TaskGroups = []string{ref.Of(w.group)}
	e.FormID, e.RubricID = ref.Of(w.form), ref.Of(w.rubric)
	e.ReviewDueOn, e.ResultsOn = "31/03/2027", "30/04/2027"
	return e
}

// draft makes a call of that entry.
func (w world) draft(t *testing.T, e call.Entry) call.ID {
	t.Helper()
	id, err := call.Create(t.Context(), w.tx, w.by(w.officer, noon), w.programme, e)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w world) published(t *testing.T, e call.Entry) call.ID {
	t.Helper()
	id := w.draft(t, e)
	if err := call.Publish(t.Context(), w.tx, w.by(w.officer, noon), id); err != nil {
		t.Fatal(err)
	}
	return id
}

func (w world) get(t *testing.T, id call.ID) call.Call {
	t.Helper()
	c, err := call.Get(t.Context(), w.tx, w.officer, id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
