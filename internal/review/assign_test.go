package review_test

import (
	"slices"
	"testing"
	"time"

	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
	"daubang/internal/review"
)

func TestAssign(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))

	w.assign(t, w.r1)
	if got := w.letters(t, "review_assigned"); len(got) != 0 {
		t.Errorf("before review opens, letters went to %v", got)
	}
	w.open(t)
	if got := w.letters(t, "review_assigned"); !slices.Equal(got, []people.ID{w.r1}) {
		t.Errorf("opening review wrote to %v, want r1", got)
	}
	w.assign(t, w.r2)
	if got := w.letters(t, "review_assigned"); len(got) != 2 || !slices.Contains(got, w.r2) {
		t.Errorf("assigning in review wrote to %v, want r1 and r2", got)
	}
	list, err := review.Of(ctx, w.tx, w.officer, w.p)
	if err != nil || len(list) != 2 || list[0].State != review.Invited {
		t.Errorf("assigned: %+v, %v", list, err)
	}
	if n := value[int](t, w.tx, `select reviews_assigned from proposals where id = $1`, w.p); n != 2 {
		t.Errorf("the proposal counts %d reviewers, want 2", n)
	}
}

func TestAssignRefuses(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	try := func(w *world, by_, to people.ID) error {
		_, err := review.Assign(ctx, w.tx, by(by_), w.p, to, due)
		return err
	}

	t.Run("who is no officer of the programme", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, pgtest.Tx(t))
		refused(t, try(w, w.stranger, w.r1), problem.NotFound, "")
		refused(t, try(w, w.r1, w.r2), problem.NotFound, "")
		refused(t, try(w, w.auditor, w.r1), problem.Forbidden, "review.officers_only")
		refused(t, try(w, w.head, w.r1), problem.Forbidden, "review.officers_only")
		w.join(t, w.officer, "reader") // of the applicant: keeps that view only
		refused(t, try(w, w.officer, w.r1), problem.Forbidden, "review.officers_only")
	})
	t.Run("an officer of another programme", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, pgtest.Tx(t))
		other := w.person(t, "Cán Bộ Khác")
		w.role(t, other, "officer", value[int64](t, w.tx, `insert into programmes (title_vi, issuer_vi, created_at, updated_at) values ('Khác', 'UBND', $1, $1) returning id`, noon), 0)
		refused(t, try(w, other, w.r1), problem.NotFound, "")
	})
	t.Run("whom", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, pgtest.Tx(t))
		invalid(t, try(w, w.officer, 0), "reviewer", "review.choose_reviewer")
		invalid(t, try(w, w.officer, w.stranger), "reviewer", "review.not_reviewer")
		w.assign(t, w.r1)
		invalid(t, try(w, w.officer, w.r1), "reviewer", "review.bar.asked")
		w.join(t, w.r2, "reader")
		invalid(t, try(w, w.officer, w.r2), "reviewer", "review.bar.belongs")
		exec(t, w.tx, `insert into conflicts (proposal_id, person_id, kind, declared_at) values ($1, $2, 'family', $3)`, w.p, w.r3, noon)
		invalid(t, try(w, w.officer, w.r3), "reviewer", "review.bar.conflict")
		for _, role := range []string{"officer", "chair", "auditor"} {
			who := w.person(t, "Hai vai")
			w.role(t, who, "reviewer", 0, w.call)
			switch role {
			case "officer":
				w.role(t, who, role, w.programme, 0)
			case "chair":
				w.role(t, who, role, 0, w.call)
			default:
				w.role(t, who, role, 0, 0)
			}
			invalid(t, try(w, w.officer, who), "reviewer", "review.bar.overseer")
		}
		gone := w.person(t, "Đã nghỉ")
		w.role(t, gone, "reviewer", 0, w.call)
		exec(t, w.tx, `update people set disabled_at = $2 where id = $1`, gone, noon)
		invalid(t, try(w, w.officer, gone), "reviewer", "review.bar.disabled")
	})
	t.Run("when", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, pgtest.Tx(t))
		_, err := review.Assign(ctx, w.tx, by(w.officer), w.p, w.r1, noon)
		invalid(t, err, "due", "review.due_past")
		for _, status := range []string{"submitted", "returned", "ineligible", "approved", "withdrawn"} {
			w.status(t, status)
			refused(t, try(w, w.officer, w.r1), problem.Conflict, "review.assign_only_open")
		}
	})
}

func TestCandidates(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.assign(t, w.r1)
	first := w.p
	w.p = w.proposal(t, "eligible")
	w.assign(t, w.r1)
	w.assign(t, w.r2)
	w.p = first
	w.join(t, w.r3, "writer")

	list, err := review.Candidates(ctx, w.tx, w.officer, w.p)
	if err != nil {
		t.Fatal(err)
	}
	got := map[people.ID]review.Candidate{}
	for _, c := range list {
		got[c.ID] = c
	}
	if len(list) != 3 || list[2].ID != w.r1 {
		t.Errorf("%+v: want three, the most loaded last", list)
	}
	if c := got[w.r1]; c.Open != 2 || c.Bar != review.Asked || c.State != review.Invited {
		t.Errorf("r1: %+v", c)
	}
	if c := got[w.r2]; c.Open != 1 || c.Bar != "" {
		t.Errorf("r2: %+v", c)
	}
	if c := got[w.r3]; c.Bar != review.Belongs {
		t.Errorf("r3: %+v", c)
	}
	for name, who := range map[string]people.ID{"head": w.head, "r1": w.r1, "stranger": w.stranger} {
		if _, err := review.Candidates(ctx, w.tx, who, w.p); err == nil {
			t.Errorf("%s reads who might review", name)
		}
	}
}

func TestUnassign(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	w.open(t)
	id := w.accepted(t, w.r1)
	if _, err := review.Save(ctx, w.tx, by(w.r1), id, whole(3), 0); err != nil {
		t.Fatal(err)
	}
	refused(t, review.Unassign(ctx, w.tx, by(w.r1), id, ""), problem.Forbidden, "review.officers_only")
	refused(t, review.Unassign(ctx, w.tx, by(w.r2), id, ""), problem.NotFound, "")
	if err := review.Unassign(ctx, w.tx, by(w.officer), id, "Quá tải"); err != nil {
		t.Fatal(err)
	}
	refused(t, review.Unassign(ctx, w.tx, by(w.officer), id, ""), problem.Conflict, "review.refused.withdrawn")
	if _, err := pg.Value[int](ctx, w.tx, `select 1 from visible.proposals($1) where id = $2`, w.r1, w.p); err == nil {
		t.Error("who was taken off still sees the proposal")
	}
	_, err := review.Save(ctx, w.tx, by(w.r1), id, whole(4), 1)
	refused(t, err, problem.Conflict, "review.refused.withdrawn")

	if again := w.accepted(t, w.r1); again != id {
		t.Errorf("asking again made another assignment")
	}
	sheets, err := review.Of(ctx, w.tx, w.r1, w.p)
	if own, _ := review.Split(sheets, w.r1); err != nil || !own.Same(whole(3)) {
		t.Errorf("the words of the sheet are gone: %+v, %v", own, err)
	}
	w.sentAlready(t, id)
}

func (w *world) sentAlready(t *testing.T, id review.ID) {
	t.Helper()
	if err := review.Send(t.Context(), w.tx, by(w.r1), id, 1); err != nil {
		t.Fatal(err)
	}
	refused(t, review.Unassign(t.Context(), w.tx, by(w.officer), id, ""), problem.Conflict, "review.refused.sent")
}

func TestSetDue(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	id := w.assign(t, w.r1)
	later := due.Add(48 * time.Hour)
	refused(t, review.SetDue(ctx, w.tx, by(w.r1), id, later), problem.NotFound, "") // not open yet: r1 knows nothing
	invalid(t, review.SetDue(ctx, w.tx, by(w.officer), id, noon), "due", "review.due_past")
	invalid(t, review.SetDue(ctx, w.tx, by(w.officer), id, noon.AddDate(7972, 0, 0)), "due", "proposal.too_far")
	if err := review.SetDue(ctx, w.tx, by(w.officer), id, later); err != nil {
		t.Fatal(err)
	}
	list, err := review.Of(ctx, w.tx, w.officer, w.p)
	if err != nil || !list[0].DueAt.Equal(later) {
		t.Errorf("due %+v, %v", list, err)
	}
}
