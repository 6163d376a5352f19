package proposal_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/portaltest"
	"daubang/internal/problem"
	"daubang/internal/programme"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/rubric"
)

// closes is when the world's call closes; the grace is two minutes.
var (
	closes = time.Date(2027, 2, 26, 10, 0, 0, 0, time.UTC) // 17:00 in Viet Nam
	before = closes.Add(-48 * time.Hour)
)

// world is one open call, an organisation that may answer it with its people,
// one that is not theirs, and the office.
type world struct {
	ctx                            context.Context //nolint:containedctx // of the one test it is built for
	tx                             pgx.Tx
	programme                      programme.ID
	call                           call.ID
	organisation, other            organisation.ID
	head, writer, reader, stranger people.ID // stranger: head of the other organisation
	officer, foreign               people.ID // foreign: officer of another programme
	reviewer, declined             people.ID
	unique                         string // part of what must be unique in the database
}

func newWorld(t *testing.T) (context.Context, *world) {
	t.Helper()
	return t.Context(), build(t, pgtest.Tx(t))
}

func build(t *testing.T, tx pgx.Tx) *world {
	t.Helper()
	w := &world{ctx: t.Context(), tx: tx, unique: strings.ToUpper(ref.Of(ref.New[int64]()))}
	w.programme = w.newProgramme(t)
	w.head, w.writer, w.reader, w.stranger = w.person(t, "head"), w.person(t, "writer"), w.person(t, "reader"), w.person(t, "stranger")
	w.officer, w.foreign, w.reviewer, w.declined = w.person(t, "officer"), w.person(t, "foreign"), w.person(t, "reviewer"), w.person(t, "declined")
	w.grant(t, w.officer, w.programme)
	w.grant(t, w.foreign, w.newProgramme(t))
	w.organisation, w.other = w.newOrganisation(t, "Hội Liên hiệp Phụ nữ xã Đồng Văn"), w.newOrganisation(t, "Hợp tác xã Hoa Ban")
	w.member(t, w.organisation, w.head, organisation.Head)
	w.member(t, w.organisation, w.writer, organisation.Writer)
	w.member(t, w.organisation, w.reader, organisation.Reader)
	w.member(t, w.other, w.stranger, organisation.Head)
	w.call = w.newCall(t)
	return w
}

// insert runs a statement that returns one value.
func insert[T any](t *testing.T, w *world, sql string, args ...any) T {
	t.Helper()
	v, err := pg.Value[T](t.Context(), w.tx, sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (w *world) newProgramme(t *testing.T) programme.ID {
	t.Helper()
	id := insert[programme.ID](t, w, `insert into programmes (title_vi, issuer_vi, status, created_at, updated_at) values ('Kế hoạch', 'UBND', 'published', $1, $1) returning id`, before)
	insert[int64](t, w, `insert into task_groups (programme_id, code, title_vi, position) values ($1, 'comms', 'Truyền thông', 1) returning id`, id)
	return id
}

func (w *world) person(t *testing.T, name string) people.ID {
	t.Helper()
	email := name + "@" + strings.ToLower(w.unique) + ".test"
	return insert[people.ID](t, w, `insert into people (name, email, email_key, created_at) values ($1, $2, $2, $3) returning id`, name, email, before)
}

func (w *world) grant(t *testing.T, officer people.ID, of programme.ID) {
	t.Helper()
	insert[int64](t, w, `insert into roles (person_id, role, programme_id, granted_at) values ($1, 'officer', $2, $3) returning id`, officer, of, before)
}

func (w *world) newOrganisation(t *testing.T, name string) organisation.ID {
	t.Helper()
	return insert[organisation.ID](t, w, `
		insert into organisations (kind, name_vi, province_code, representative, created_by, created_at, updated_at)
		values ('womens_union', $1, '08', 'Hoàng Thị Mỷ', $2, $3, $3) returning id`, name, w.head, before)
}

func (w *world) member(t *testing.T, o organisation.ID, p people.ID, as organisation.Role) {
	t.Helper()
	insert[time.Time](t, w, `insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, $3, $4) returning joined_at`, o, p, as, before)
}

func (w *world) newCall(t *testing.T) call.ID {
	t.Helper()
	definition, err := form.Default()
	if err != nil {
		t.Fatal(err)
	}
	// Under keys of their own: two tests that install the default wait for each other.
	f := insert[form.ID](t, w, `insert into forms (key, version, definition, created_at) values ($1, 1, $2, $3) returning id`, w.unique, definition, before)
	r := insert[rubric.ID](t, w, `insert into rubrics (key, version, definition, created_at) values ($1, 1, '{}', $2) returning id`, w.unique, before)
	id := insert[call.ID](t, w, `
		insert into calls (programme_id, code, title_vi, opens_at, closes_at, envelope, grant_min, grant_max, months_max, provinces, form_id, rubric_id, status,
		  published_at, created_at, updated_at)
		values ($1, $2, 'Đợt 2027', $3, $4, 6000000000, 50000000, 500000000, 18, '{08}', $5, $6, 'published', $7, $7, $7) returning id`,
		w.programme, "T"+w.unique, before.Add(-time.Hour), closes, f, r, before.Add(-2*time.Hour))
	insert[call.ID](t, w, `insert into call_task_groups select $1, id from task_groups where programme_id = $2 returning call_id`, id, w.programme)
	return id
}

func by(who people.ID, at time.Time) audit.Act { return audit.Act{By: int64(who), At: at} }

// start begins a draft.
func (w *world) start(t *testing.T) proposal.ID {
	t.Helper()
	id, err := proposal.Start(t.Context(), w.tx, by(w.writer, before), w.call, w.organisation)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// complete begins a draft and fills it in.
func (w *world) complete(t *testing.T) proposal.ID {
	t.Helper()
	id := w.start(t)
	w.fill(t, id)
	return id
}

func (w *world) fill(t *testing.T, id proposal.ID) {
	t.Helper()
	asked, err := proposal.What(t.Context(), w.tx, w.writer, w.call)
	if err != nil {
		t.Fatal(err)
	}
	for key, answers := range portaltest.Filled(t, asked) {
		saved, err := proposal.SaveSection(t.Context(), w.tx, by(w.writer, before), id, key, 0, answers, true)
		if err != nil || len(saved.Gaps) > 0 {
			t.Fatalf("%s: %v %v", key, saved, err)
		}
	}
}

// submitted is a proposal that was sent.
func (w *world) submitted(t *testing.T) proposal.ID {
	t.Helper()
	id := w.complete(t)
	if _, err := proposal.Submit(t.Context(), w.tx, by(w.head, before), id); err != nil {
		t.Fatal(err)
	}
	return id
}

// assign puts the proposal before the reviewers, one of whom says no.
func (w *world) assign(t *testing.T, id proposal.ID) {
	t.Helper()
	for who, state := range map[people.ID]string{w.reviewer: "accepted", w.declined: "declined"} {
		insert[int64](t, w, `
			insert into assignments (proposal_id, reviewer_id, state, due_at, assigned_by, assigned_at) values ($1, $2, $3, $4, $5, $4) returning id`,
			id, who, state, before, w.officer)
	}
}

// inReview is a proposal whose review is open.
func (w *world) inReview(t *testing.T) proposal.ID {
	t.Helper()
	id := w.submitted(t)
	if err := proposal.Accept(t.Context(), w.tx, by(w.officer, before), id); err != nil {
		t.Fatal(err)
	}
	w.assign(t, id)
	if err := proposal.OpenReview(t.Context(), w.tx, by(w.officer, before), id); err != nil {
		t.Fatal(err)
	}
	return id
}

// letters lists to whom letters of a kind about the proposal were queued.
func (w *world) letters(t *testing.T, id proposal.ID, kind letter.Kind) []people.ID {
	t.Helper()
	to, err := pg.Values[people.ID](t.Context(), w.tx, `select person_id from letters where proposal_id = $1 and kind = $2 order by person_id`, id, kind)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func (w *world) status(t *testing.T, id proposal.ID) proposal.Status {
	t.Helper()
	return insert[proposal.Status](t, w, `select status from proposals where id = $1`, id)
}

// words is the key of what a refusal says, "" if it says nothing.
func words(err error) string {
	r, _ := errors.AsType[problem.Refusal](err)
	return r.Key
}

// refused checks that err refuses in the given way and words.
func refused(t *testing.T, what string, err, kind error, key string) {
	t.Helper()
	if !errors.Is(err, kind) || words(err) != key {
		t.Errorf("%s: %v, want %v (%s)", what, err, kind, key)
	}
}
