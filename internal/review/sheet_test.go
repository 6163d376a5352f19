package review_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"daubang/internal/audit"
	"daubang/internal/people"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
	"daubang/internal/review"
	"daubang/internal/rubric"
)

func TestSaveAsksForNothing(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.open(t)
	id := w.assign(t, w.r1)
	_, err := review.Save(ctx, w.tx, by(w.r1), id, review.Sheet{}, 0)
	refused(t, err, problem.Conflict, "review.refused.invited")
	if err := review.Accept(ctx, w.tx, by(w.r1), id); err != nil {
		t.Fatal(err)
	}

	late := audit.Act{By: int64(w.r1), At: due.AddDate(0, 1, 0)} // a draft may be late; sending may not
	for i, s := range []review.Sheet{
		{},
		{Scores: map[string]review.Score{"fit": {Mark: 1}}},
		{Scores: map[string]review.Score{"fit": {Comment: "Chưa rõ"}, "budget": {Mark: 5}}, Note: "đọc lại"},
	} {
		version, err := review.Save(ctx, w.tx, late, id, s, i)
		if err != nil || version != i+1 {
			t.Fatalf("save %d: version %d, %v", i, version, err)
		}
		all, err := review.Of(ctx, w.tx, w.r1, w.p)
		own, _ := review.Split(all, w.r1)
		if err != nil || !own.Same(s) || own.Total != nil || own.Version != version {
			t.Errorf("save %d came back as %+v, %v", i, own, err)
		}
	}
	if n := value[int](t, w.tx, `select marks from reviews where assignment_id = $1`, id); n != 1 {
		t.Errorf("%d marks counted, want 1", n)
	}
}

func TestSaveRefuses(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.open(t)
	id := w.accepted(t, w.r1)
	one := func(key string, s review.Score) review.Sheet {
		return review.Sheet{Scores: map[string]review.Score{key: s}}
	}
	for _, tt := range []struct {
		sheet      review.Sheet
		field, key string
	}{
		{one("fit", review.Score{Mark: 6}), "mark_fit", "review.mark_unknown"},
		{one("fit", review.Score{Mark: -1}), "mark_fit", "review.mark_unknown"},
		{one("novelty", review.Score{Mark: 3}), "mark_novelty", "review.mark_unknown"},
		{one("fit", review.Score{Comment: strings.Repeat("ấ", review.MaxComment+7)}), "comment_fit", "review.too_long"},
		{review.Sheet{Feedback: strings.Repeat("x", review.MaxFeedback+1)}, "feedback", "review.too_long"},
		{review.Sheet{Note: strings.Repeat("x", review.MaxFeedback+1)}, "note", "review.too_long"},
	} {
		_, err := review.Save(ctx, w.tx, by(w.r1), id, tt.sheet, 0)
		invalid(t, err, tt.field, tt.key)
	}
	_, err := review.Save(ctx, w.tx, by(w.r2), id, whole(3), 0)
	refused(t, err, problem.NotFound, "")
	_, err = review.Save(ctx, w.tx, by(w.officer), id, whole(3), 0)
	refused(t, err, problem.NotFound, "")
}

// Two windows: the second learns what the first saved and loses nothing; saying
// the same twice is no conflict.
func TestSaveInTwoWindows(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.open(t)
	id := w.accepted(t, w.r1)
	if _, err := review.Save(ctx, w.tx, by(w.r1), id, whole(3), 0); err != nil {
		t.Fatal(err)
	}
	version, err := review.Save(ctx, w.tx, by(w.r1), id, whole(3), 0)
	if err != nil || version != 1 {
		t.Errorf("saying the same again: version %d, %v", version, err)
	}
	_, err = review.Save(ctx, w.tx, by(w.r1), id, whole(4), 0)
	stale, ok := errors.AsType[review.Stale](err)
	if !ok || !stale.Saved.Same(whole(3)) || stale.Saved.Version != 1 {
		t.Fatalf("err = %v, %+v", err, stale)
	}
	refused(t, err, problem.Conflict, "review.stale")
	if err := review.Send(ctx, w.tx, by(w.r1), id, 0); err == nil {
		t.Error("a sheet was sent that the page had not shown")
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.open(t)
	id := w.accepted(t, w.r1)
	w.accepted(t, w.r2)

	invalid(t, review.Send(ctx, w.tx, by(w.r1), id, 0), "mark_fit", "review.mark_missing")
	s := whole(3)
	s.Scores["budget"] = review.Score{Mark: 2}
	s.Scores["fit"] = review.Score{Mark: 4}
	s.Feedback, s.Note = "", ""
	if _, err := review.Save(ctx, w.tx, by(w.r1), id, s, 0); err != nil {
		t.Fatal(err)
	}
	invalid(t, review.Send(ctx, w.tx, by(w.r1), id, 1), "comment_budget", "review.comment_missing")
	s.Scores["budget"] = review.Score{Mark: 2, Comment: "Đơn giá cao"}
	if _, err := review.Save(ctx, w.tx, by(w.r1), id, s, 1); err != nil {
		t.Fatal(err)
	}
	refused(t, review.Send(ctx, w.tx, audit.Act{By: int64(w.r1), At: due}, id, 2), problem.Conflict, "review.too_late")
	if err := review.Send(ctx, w.tx, by(w.r1), id, 2); err != nil {
		t.Fatal(err)
	}
	refused(t, review.Send(ctx, w.tx, by(w.r1), id, 2), problem.Conflict, "review.refused.sent")
	_, err := review.Save(ctx, w.tx, by(w.r1), id, whole(5), 2)
	refused(t, err, problem.Conflict, "review.refused.sent")

	// 4 of 5 on fit (15), 2 of 5 on the budget (15), 3 of 5 on the rest (70)
	if got := value[string](t, w.tx, `select reviews_assigned || ' ' || reviews_sent || ' ' || score_mean || ' ' || score_min || ' ' || score_max from proposals where id = $1`, w.p); got != "2 1 60.00 60.00 60.00" {
		t.Errorf("stored on the proposal: %s", got)
	}
	if got := w.letters(t, "reviews_in"); len(got) != 0 {
		t.Errorf("letters to %v though one is missing", got)
	}
	all, _ := review.Of(ctx, w.tx, w.r2, w.p)
	if len(all) != 1 || len(review.Sheets(all)) != 0 {
		t.Errorf("r2 reads %d reviews, %d sheets", len(all), len(review.Sheets(all)))
	}
	second := value[review.ID](t, w.tx, `select id from assignments where proposal_id = $1 and reviewer_id = $2`, w.p, w.r2)
	w.send(t, w.r2, second, 5)
	if got := value[string](t, w.tx, `select reviews_sent || ' ' || score_mean || ' ' || score_min || ' ' || score_max from proposals where id = $1`, w.p); got != "2 80.00 60.00 100.00" {
		t.Errorf("stored on the proposal: %s", got)
	}
	if got := w.letters(t, "reviews_in"); !slices.Equal(got, []people.ID{w.officer}) {
		t.Errorf("letters to %v, want the officer", got)
	}
}

// Who reads which sheets, before and after sending one's own.
func TestWhoReadsSheets(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.open(t)
	w.sent(t, w.r1, 5)
	mine := w.accepted(t, w.r2)
	w.accepted(t, w.r3)
	reads := func(who people.ID) int {
		all, err := review.Of(ctx, w.tx, who, w.p)
		if err != nil {
			t.Fatal(err)
		}
		return len(review.Sheets(all))
	}
	want := map[string]struct {
		who people.ID
		n   int
	}{
		"r1, sent": {w.r1, 1}, "r2, writing": {w.r2, 0}, "officer": {w.officer, 1}, "chair": {w.chair, 1}, "auditor": {w.auditor, 1}, "applicant": {w.head, 0}, "stranger": {w.stranger, 0}, "nobody": {0, 0},
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if n := reads(want[name].who); n != want[name].n {
			t.Errorf("%s reads %d sheets, want %d", name, n, want[name].n)
		}
	}
	w.send(t, w.r2, mine, 3)
	if n := reads(w.r2); n != 2 {
		t.Errorf("r2, sent, reads %d sheets, want both", n)
	}
	exec(t, w.tx, `update calls set peers_visible = false where id = $1`, w.call)
	if n := reads(w.r2); n != 1 {
		t.Errorf("where the call hides peers, r2 reads %d sheets, want its own", n)
	}
}

func TestTotalIsOfTheRubric(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.open(t)
	w.sent(t, w.r1, 4)
	all, err := review.Of(ctx, w.tx, w.r1, w.p)
	if err != nil || len(all) != 1 || all[0].Total == nil || *all[0].Total != rubric.Points(8000) {
		t.Errorf("%+v, %v", all, err)
	}
}
