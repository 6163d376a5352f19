package decision_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/decision"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/rubric"
)

var noon = time.Date(2027, 4, 1, 5, 0, 0, 0, time.UTC)

const (
	envelope = 1_000_000_000
	asked    = 300_000_000
)

// world is a call of a milliard đồng with its people; proposals ask for 300
// million each.
type world struct {
	tx                                      pgx.Tx
	programme, form                         int64
	rubric                                  rubric.ID
	call                                    call.ID
	officer, stranger, auditor, chair, head people.ID
	writer, reader                          people.ID
	organisation                            int64
	definition                              rubric.Definition
}

func newWorld(t *testing.T, tx pgx.Tx) *world {
	t.Helper()
	ctx := t.Context()
	w := &world{tx: tx}
	w.officer, w.stranger, w.auditor, w.chair = w.person(t, "Cán Bộ"), w.person(t, "Người Lạ"), w.person(t, "Kiểm Toán"), w.person(t, "Chủ Tịch")
	w.head, w.writer, w.reader = w.person(t, "Trưởng Nhóm"), w.person(t, "Người Viết"), w.person(t, "Người Đọc")
	w.programme = value[int64](t, tx, `insert into programmes (title_vi, issuer_vi, status, created_at, updated_at) values ('Kế hoạch', 'UBND', 'published', $1, $1) returning id`, noon)
	var err error
	if w.rubric, err = rubric.InstallDefault(ctx, tx, noon); err != nil {
		t.Fatal(err)
	}
	r, err := rubric.Get(ctx, tx, w.rubric)
	if err != nil {
		t.Fatal(err)
	}
	w.definition = r.Definition
	w.form = value[int64](t, tx, `insert into forms (key, version, definition, created_at) values ($1, 1, '{}', $2) returning id`, ref.Of(ref.New[int64]()), noon)
	w.call = w.newCall(t)
	w.role(t, w.officer, "officer", w.programme, 0)
	w.role(t, w.auditor, "auditor", 0, 0)
	w.role(t, w.chair, "chair", 0, int64(w.call))
	w.organisation = w.newOrganisation(t, w.head)
	w.join(t, w.head, "head")
	w.join(t, w.writer, "writer")
	w.join(t, w.reader, "reader")
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

func (w *world) newCall(t *testing.T) call.ID {
	t.Helper()
	return value[call.ID](t, w.tx, `
		insert into calls (programme_id, code, title_vi, opens_at, closes_at, envelope, grant_min, grant_max, months_max, form_id, rubric_id, status, created_at, updated_at)
		values ($1, 'T' || upper(substr(md5(random()::text), 1, 12)), 'Đợt 1', $2::timestamptz - interval '60 days', $2::timestamptz - interval '30 days', $3, 10000000, 500000000, 24, $4, $5, 'published', $2, $2)
		returning id`, w.programme, noon, envelope, w.form, w.rubric)
}

func (w *world) newOrganisation(t *testing.T, by people.ID) int64 {
	t.Helper()
	return value[int64](t, w.tx, `insert into organisations (kind, name_vi, created_by, created_at, updated_at) values ('womens_union', 'Hội Phụ nữ', $1, $2, $2) returning id`, by, noon)
}

func (w *world) person(t *testing.T, name string) people.ID {
	t.Helper()
	email := ref.Of(ref.New[int64]()) + "@example.test"
	return value[people.ID](t, w.tx, `insert into people (name, email, email_key, created_at) values ($1, $2, $2, $3) returning id`, name, email, noon)
}

func (w *world) role(t *testing.T, who people.ID, role string, programme, of int64) {
	t.Helper()
	exec(t, w.tx, `insert into roles (person_id, role, programme_id, call_id, granted_at) values ($1, $2, nullif($3::bigint, 0), nullif($4::bigint, 0), $5)`, who, role, programme, of, noon)
}

func (w *world) join(t *testing.T, who people.ID, role string) {
	t.Helper()
	exec(t, w.tx, `insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, $3, $4)`, w.organisation, who, role, noon)
}

// proposal makes one in review with a sheet of each of marks, the same on every
// criterion unless except says otherwise.
func (w *world) proposal(t *testing.T, reference string, marks []int, except map[string]int) proposal.ID {
	t.Helper()
	id := value[proposal.ID](t, w.tx, `
		insert into proposals (call_id, programme_id, organisation_id, reference, title, status, amount_asked, created_by, created_at, updated_at, submitted_at)
		values ($1, $2, $3, $4, $5, 'in_review', $6, $7, $8, $8, $8) returning id`,
		w.call, w.programme, w.organisation, reference+"-"+ref.Of(w.call), "Dự án "+reference, asked, w.head, noon)
	for _, mark := range marks {
		who := w.person(t, "Người Chấm")
		a := value[int64](t, w.tx, `insert into assignments (proposal_id, reviewer_id, state, due_at, assigned_by, assigned_at) values ($1, $2, 'sent', $4, $3, $4) returning id`, id, who, w.officer, noon)
		given := map[string]int{}
		for _, c := range w.definition.Criteria {
			given[c.Key] = mark
		}
		maps.Copy(given, except)
		total, _ := w.definition.Total(given)
		exec(t, w.tx, `insert into reviews (assignment_id, total, updated_at, sent_at) values ($1, $2, $3, $3)`, a, total.Float(), noon)
		for key, m := range given {
			exec(t, w.tx, `insert into scores (assignment_id, criterion, mark) values ($1, $2, $3)`, a, key, m)
		}
	}
	exec(t, w.tx, `update proposals p set (reviews_assigned, reviews_sent, score_mean, score_min, score_max) =
		(select count(*), count(*), avg(r.total), min(r.total), max(r.total) from assignments a join reviews r on r.assignment_id = a.id where a.proposal_id = p.id) where id = $1`, id)
	exec(t, w.tx, `update proposals set criterion_means = coalesce((select jsonb_object_agg(x.criterion, x.mark) from (select s.criterion, avg(s.mark) as mark
		from scores s join assignments a on a.id = s.assignment_id where a.proposal_id = $1 group by 1) x), '{}') where id = $1`, id)
	return id
}

func by(who people.ID) audit.Act { return audit.Act{By: int64(who), At: noon} }

func grant(amount int64) decision.Content {
	return decision.Content{Outcome: decision.Approved, Amount: amount, Reason: "Điểm cao"}
}

func (w *world) stage(t *testing.T, p proposal.ID, c decision.Content) {
	t.Helper()
	if err := decision.Stage(t.Context(), w.tx, by(w.officer), p, c, time.Time{}); err != nil {
		t.Fatal(err)
	}
}

func (w *world) release(t *testing.T) (int, error) {
	t.Helper()
	plan, err := decision.Planned(t.Context(), w.tx, w.officer, w.call)
	if err != nil {
		t.Fatal(err)
	}
	return decision.Release(t.Context(), w.tx, by(w.officer), w.call, plan.Seen)
}

func (w *world) status(t *testing.T, p proposal.ID) string {
	t.Helper()
	return value[string](t, w.tx, `select status from proposals where id = $1`, p)
}

func refused(t *testing.T, err, kind error, key string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("err = %v, want %v", err, kind)
	}
	if r, ok := errors.AsType[problem.Refusal](err); key != "" && (!ok || r.Key != key) {
		t.Fatalf("err = %v, want the words %s", err, key)
	}
}

func invalid(t *testing.T, err error, field, key string) {
	t.Helper()
	wrong, ok := errors.AsType[problem.Invalid](err)
	if !ok || wrong[field].Key != key {
		t.Fatalf("err = %v (%v), want %s at %s", err, wrong, key, field)
	}
}
