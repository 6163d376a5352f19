package review_test

import (
	"slices"
	"strings"
	"testing"

	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
	"daubang/internal/review"
)

func TestAcceptAndDecline(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	id := w.assign(t, w.r1)
	refused(t, review.Accept(ctx, w.tx, by(w.r1), id), problem.NotFound, "") // review is not open: nothing to know
	w.open(t)

	refused(t, review.Accept(ctx, w.tx, by(w.r2), id), problem.NotFound, "")
	refused(t, review.Accept(ctx, w.tx, by(w.officer), id), problem.NotFound, "")
	if err := review.Accept(ctx, w.tx, by(w.r1), id); err != nil {
		t.Fatal(err)
	}
	refused(t, review.Accept(ctx, w.tx, by(w.r1), id), problem.Conflict, "review.refused.accepted")

	invalid(t, review.Decline(ctx, w.tx, by(w.r1), id, ""), "reason", "review.decline_reason_missing")
	invalid(t, review.Decline(ctx, w.tx, by(w.r1), id, strings.Repeat("ạ", review.MaxReason+1)), "reason", "review.too_long")
	if err := review.Decline(ctx, w.tx, by(w.r1), id, "Không kịp thời gian"); err != nil {
		t.Fatal(err)
	}
	refused(t, review.Decline(ctx, w.tx, by(w.r1), id, "x"), problem.Conflict, "review.refused.declined")
	if sees(t, w, w.r1) {
		t.Error("who declined still sees the proposal")
	}
	a, err := review.Get(ctx, w.tx, w.r1, id)
	if err != nil || a.State != review.Declined || a.Reason != "Không kịp thời gian" {
		t.Errorf("%+v, %v", a, err)
	}
	if n := value[int](t, w.tx, `select reviews_assigned from proposals where id = $1`, w.p); n != 0 {
		t.Errorf("the proposal counts %d reviewers, want none", n)
	}
}

func sees(t *testing.T, w *world, who people.ID) bool {
	t.Helper()
	return value[bool](t, w.tx, `select exists (select from visible.proposals($1) where id = $2)`, who, w.p)
}

// The last one to decline leaves only sheets that are in: the officers are told.
func TestDeclineMayBeTheLastAwaited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pgtest.Tx(t))
	w.open(t)
	w.sent(t, w.r1, 4)
	if got := w.letters(t, "reviews_in"); len(got) != 1 {
		t.Fatalf("letters to %v; r1's was the only one asked for", got)
	}
	id := w.accepted(t, w.r2)
	if err := review.Decline(t.Context(), w.tx, by(w.r2), id, "Bận"); err != nil {
		t.Fatal(err)
	}
	if got := w.letters(t, "reviews_in"); !slices.Equal(got, []people.ID{w.officer, w.officer}) {
		t.Errorf("letters to %v, want the officer again", got)
	}
}

// A declared conflict leaves nothing: not the proposal, not the sheets, not the
// letters to come, and its sheet does not count.
func TestDeclareConflict(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.open(t)
	id := w.sent(t, w.r1, 5)
	w.sent(t, w.r2, 3)
	if mean := value[float64](t, w.tx, `select score_mean::float8 from proposals where id = $1`, w.p); mean != 80 {
		t.Fatalf("mean %v, want 80", mean)
	}

	invalid(t, review.DeclareConflict(ctx, w.tx, by(w.r1), id, "hates", ""), "kind", "review.conflict_kind_missing")
	invalid(t, review.DeclareConflict(ctx, w.tx, by(w.r1), id, "other", ""), "note", "review.conflict_note_missing")
	refused(t, review.DeclareConflict(ctx, w.tx, by(w.r2), id, "family", ""), problem.NotFound, "")
	if err := review.DeclareConflict(ctx, w.tx, by(w.r1), id, "family", "Em gái là kế toán dự án"); err != nil {
		t.Fatal(err)
	}

	for channel, sql := range map[string]string{
		"proposals":   `select count(*) from visible.proposals($1) where id = $2`,
		"submissions": `select count(*) from visible.submissions($1) where proposal_id = $2`,
		"documents":   `select count(*) from visible.documents($1) where proposal_id = $2`,
		"reviews":     `select count(*) from visible.reviews($1) where proposal_id = $2`,
		"scores":      `select count(*) from visible.scores($1) where proposal_id = $2`,
		"others":      `select count(*) from visible.assignments($1) where proposal_id = $2 and reviewer_id <> $1`,
	} {
		if n := value[int](t, w.tx, sql, w.r1, w.p); n != 0 {
			t.Errorf("%s: who declared a conflict reads %d", channel, n)
		}
	}
	if mean := value[float64](t, w.tx, `select score_mean::float8 from proposals where id = $1`, w.p); mean != 60 {
		t.Errorf("mean %v; the conflicted sheet still counts", mean)
	}
	if got, want := value[string](t, w.tx, `select reviews_assigned || ' ' || reviews_sent from proposals where id = $1`, w.p), "1 1"; got != want {
		t.Errorf("assigned and sent %s, want %s", got, want)
	}
	refused(t, review.Accept(ctx, w.tx, by(w.r1), id), problem.Conflict, "review.refused.conflict")
	_, err := review.Assign(ctx, w.tx, by(w.officer), w.p, w.r1, due)
	invalid(t, err, "reviewer", "review.bar.conflict")
	kinds, err := pg.Values[string](ctx, w.tx, `select kind from visible.conflicts($1) where proposal_id = $2`, w.officer, w.p)
	if err != nil || !slices.Equal(kinds, []string{"family"}) {
		t.Errorf("the officer reads %v, %v", kinds, err)
	}
}

// Whoever joins the applicant organisation after being assigned is an applicant
// and nothing else.
func TestMemberLosesTheReviewersView(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.open(t)
	id := w.accepted(t, w.r1)
	w.join(t, w.r1, "reader")
	_, err := review.Save(ctx, w.tx, by(w.r1), id, whole(5), 0)
	refused(t, err, problem.NotFound, "")
	if _, err := review.Get(ctx, w.tx, w.r1, id); err == nil {
		t.Error("a member of the applicant reads an assignment")
	}
	if view := value[string](t, w.tx, `select view from visible.proposals($1) where id = $2`, w.r1, w.p); view != "applicant" {
		t.Errorf("view %s", view)
	}
}

func TestNothingToAnswerAfterTheEnd(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.open(t)
	asked, writing := w.assign(t, w.r1), w.accepted(t, w.r2)
	if _, err := review.Save(ctx, w.tx, by(w.r2), writing, whole(3), 0); err != nil {
		t.Fatal(err)
	}
	for status, key := range map[string]string{"withdrawn": "review.closed_withdrawn", "approved": "review.closed_decided", "declined": "review.closed_decided", "waitlisted": "review.closed_decided"} {
		w.status(t, status)
		refused(t, review.Accept(ctx, w.tx, by(w.r1), asked), problem.Conflict, key)
		refused(t, review.Decline(ctx, w.tx, by(w.r1), asked, "x"), problem.Conflict, key)
		_, err := review.Save(ctx, w.tx, by(w.r2), writing, whole(4), 1)
		refused(t, err, problem.Conflict, key)
		refused(t, review.Send(ctx, w.tx, by(w.r2), writing, 1), problem.Conflict, key)
		sheets, err := review.Of(ctx, w.tx, w.r2, w.p)
		if own, _ := review.Split(sheets, w.r2); err != nil || !own.Same(whole(3)) {
			t.Errorf("%s: the reviewer's own sheet is not readable: %v", status, err)
		}
	}
}
