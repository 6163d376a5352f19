package review_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/review"
	"daubang/internal/rubric"
)

var (
	noon = time.Date(2027, 3, 1, 5, 0, 0, 0, time.UTC)
	due  = noon.Add(10 * 24 * time.Hour)
)

// world is a call with its people and one proposal that is eligible.
type world struct {
	tx                                pgx.Tx
	programme, call, organisation     int64
	officer, stranger, auditor, chair people.ID
	head                              people.ID
	r1, r2, r3                        people.ID
	p                                 proposal.ID
}

func newWorld(t *testing.T, tx pgx.Tx) *world {
	t.Helper()
	ctx := t.Context()
	w := &world{tx: tx}
	w.officer, w.stranger, w.auditor = w.person(t, "Lê Thị Cán Bộ"), w.person(t, "Người Lạ"), w.person(t, "Kiểm Toán")
	w.chair, w.head = w.person(t, "Chủ Tịch Hội Đồng"), w.person(t, "Trưởng Nhóm")
	w.r1, w.r2, w.r3 = w.person(t, "Người Chấm Một"), w.person(t, "Người Chấm Hai"), w.person(t, "Người Chấm Ba")
	w.programme = value[int64](t, tx, `insert into programmes (title_vi, issuer_vi, status, created_at, updated_at) values ('Kế hoạch', 'UBND', 'published', $1, $1) returning id`, noon)
	rb, err := rubric.InstallDefault(ctx, tx, noon)
	if err != nil {
		t.Fatal(err)
	}
	form := value[int64](t, tx, `insert into forms (key, version, definition, created_at) values ($1, 1, '{}', $2) returning id`, ref.Of(ref.New[int64]()), noon)
	w.call = value[int64](t, tx, `
		insert into calls (programme_id, code, title_vi, opens_at, closes_at, envelope, grant_min, grant_max, months_max, form_id, rubric_id, status, created_at, updated_at)
		values ($1, 'T' || upper(substr(md5(random()::text), 1, 12)), 'Đợt 1', $2::timestamptz - interval '60 days', $2::timestamptz - interval '3 days', 1000000000, 10000000, 500000000, 24, $3, $4, 'published', $2, $2)
		returning id`, w.programme, noon, form, rb)
	w.role(t, w.officer, "officer", w.programme, 0)
	w.role(t, w.auditor, "auditor", 0, 0)
	w.role(t, w.chair, "chair", 0, w.call)
	for _, r := range []people.ID{w.r1, w.r2, w.r3} {
		w.role(t, r, "reviewer", 0, w.call)
	}
	w.organisation = value[int64](t, tx, `
		insert into organisations (kind, name_vi, created_by, created_at, updated_at) values ('womens_union', 'Hội Phụ nữ', $1, $2, $2) returning id`, w.head, noon)
	w.join(t, w.head, "head")
	w.p = w.proposal(t, "eligible")
	return w
}

func value[T any](t *testing.T, tx pgx.Tx, sql string, args ...any) T {
	t.Helper()
	v, err := pg.Value[T](t.Context(), tx, sql, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return v
}

func exec(t *testing.T, tx pgx.Tx, sql string, args ...any) {
	t.Helper()
	if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
}

func (w *world) person(t *testing.T, name string) people.ID {
	t.Helper()
	email := ref.Of(ref.New[int64]()) + "@example.test"
	return value[people.ID](t, w.tx, `insert into people (name, email, email_key, created_at) values ($1, $2, $2, $3) returning id`, name, email, noon)
}

func (w *world) role(t *testing.T, who people.ID, role string, programme, call int64) {
	t.Helper()
	exec(t, w.tx, `insert into roles (person_id, role, programme_id, call_id, granted_at) values ($1, $2, nullif($3::bigint, 0), nullif($4::bigint, 0), $5)`, who, role, programme, call, noon)
}

func (w *world) join(t *testing.T, who people.ID, role string) {
	t.Helper()
	exec(t, w.tx, `insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, $3, $4)`, w.organisation, who, role, noon)
}

func (w *world) proposal(t *testing.T, status string) proposal.ID {
	t.Helper()
	return value[proposal.ID](t, w.tx, `
		insert into proposals (call_id, programme_id, organisation_id, reference, title, status, amount_asked, created_by, created_at, updated_at, submitted_at)
		values ($1, $2, $3, $4, 'Nhà an toàn trên sông', $5, 300000000, $6, $7, $7, $7) returning id`,
		w.call, w.programme, w.organisation, ref.Of(ref.New[int64]()), status, w.head, noon)
}

func (w *world) status(t *testing.T, status string) {
	t.Helper()
	exec(t, w.tx, `update proposals set status = $2 where id = $1`, w.p, status)
}

func by(who people.ID) audit.Act { return audit.Act{By: int64(who), At: noon} }

func (w *world) assign(t *testing.T, to people.ID) review.ID {
	t.Helper()
	id, err := review.Assign(t.Context(), w.tx, by(w.officer), w.p, to, due)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *world) open(t *testing.T) {
	t.Helper()
	if err := proposal.OpenReview(t.Context(), w.tx, by(w.officer), w.p); err != nil {
		t.Fatal(err)
	}
}

// accepted assigns an open proposal to who, who says yes.
func (w *world) accepted(t *testing.T, who people.ID) review.ID {
	t.Helper()
	id := w.assign(t, who)
	if err := review.Accept(t.Context(), w.tx, by(who), id); err != nil {
		t.Fatal(err)
	}
	return id
}

// sent has who send a sheet with the same mark everywhere.
func (w *world) sent(t *testing.T, who people.ID, mark int) review.ID {
	t.Helper()
	id := w.accepted(t, who)
	w.send(t, who, id, mark)
	return id
}

func (w *world) send(t *testing.T, who people.ID, id review.ID, mark int) {
	t.Helper()
	version, err := review.Save(t.Context(), w.tx, by(who), id, whole(mark), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := review.Send(t.Context(), w.tx, by(who), id, version); err != nil {
		t.Fatal(err)
	}
}

var criteria = []string{"fit", "gender_analysis", "priority", "logframe", "capacity", "budget", "safeguarding", "sustainability"}

// whole is a sheet that can be sent.
func whole(mark int) review.Sheet {
	s := review.Sheet{Scores: map[string]review.Score{}, Feedback: "Bản đồ rất thuyết phục.", Note: "Nên mời trình bày."}
	for _, c := range criteria {
		s.Scores[c] = review.Score{Mark: mark, Comment: "Có căn cứ."}
	}
	return s
}

// letters lists kind and address' owner of every letter about the proposal.
func (w *world) letters(t *testing.T, kind string) []people.ID {
	t.Helper()
	list, err := pg.Values[people.ID](t.Context(), w.tx, `select person_id from letters where proposal_id = $1 and kind = $2 order by queued_at, person_id`, w.p, kind)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// refused fails unless err is a refusal of this kind with these words.
func refused(t *testing.T, err, kind error, key string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("err = %v, want %v", err, kind)
	}
	if r, ok := errors.AsType[problem.Refusal](err); key != "" && (!ok || r.Key != key) {
		t.Fatalf("err = %v, want the words %s", err, key)
	}
}

// invalid fails unless err says exactly this of this field.
func invalid(t *testing.T, err error, field, key string) {
	t.Helper()
	wrong, ok := errors.AsType[problem.Invalid](err)
	if !ok || wrong[field].Key != key {
		t.Fatalf("err = %v (%v), want %s at %s", err, wrong, key, field)
	}
}
