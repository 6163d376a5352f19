package decision_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/decision"
	"daubang/internal/people"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	const asked, envelope = 300, 1000
	ok := func(c decision.Content) decision.Content { c.Reason = "Vì"; return c }
	for name, c := range map[string]decision.Content{
		"approved":    ok(decision.Content{Outcome: decision.Approved, Amount: 300}),
		"less":        ok(decision.Content{Outcome: decision.Approved, Amount: 1}),
		"conditional": ok(decision.Content{Outcome: decision.Conditional, Amount: 300, Conditions: "Bổ sung"}),
		"waitlisted":  ok(decision.Content{Outcome: decision.Waitlisted}),
		"declined":    ok(decision.Content{Outcome: decision.Declined, Amount: 999}), // an amount that does not go with it is dropped
	} {
		if err := c.Check(asked, envelope); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, tt := range []struct {
		c          decision.Content
		field, key string
	}{
		{ok(decision.Content{}), "outcome", "decision.outcome_missing"},
		{ok(decision.Content{Outcome: "maybe"}), "outcome", "decision.outcome_missing"},
		{ok(decision.Content{Outcome: decision.Approved}), "amount", "decision.amount_missing"},
		{ok(decision.Content{Outcome: decision.Approved, Amount: -5}), "amount", "decision.amount_missing"},
		{ok(decision.Content{Outcome: decision.Approved, Amount: 301}), "amount", "decision.amount_over_asked"},
		{ok(decision.Content{Outcome: decision.Conditional, Amount: 300}), "conditions", "decision.conditions_missing"},
		{decision.Content{Outcome: decision.Declined}, "reason", "decision.reason_missing"},
		{decision.Content{Outcome: decision.Declined, Reason: strings.Repeat("ề", decision.MaxText+1)}, "reason", "decision.too_long"},
	} {
		invalid(t, tt.c.Check(asked, envelope), tt.field, tt.key)
	}
	invalid(t, ok(decision.Content{Outcome: decision.Approved, Amount: 250}).Check(asked, 200), "amount", "decision.amount_over_envelope")
}

func TestStage(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	p := w.proposal(t, "A", []int{4}, nil)

	w.stage(t, p, grant(200_000_000))
	if got := w.status(t, p); got != "in_review" {
		t.Errorf("staging made it %s", got)
	}
	list, err := decision.Of(ctx, w.tx, w.officer, p)
	if err != nil || len(list) != 1 || decision.In(list, decision.Staged).Amount != 200_000_000 {
		t.Fatalf("%+v, %v", list, err)
	}
	// freely edited, by who has seen it; the same again is nothing
	later := audit.Act{By: int64(w.officer), At: noon.Add(time.Minute)}
	if err := decision.Stage(ctx, w.tx, later, p, grant(200_000_000), time.Time{}); err != nil {
		t.Errorf("saying the same again: %v", err)
	}
	err = decision.Stage(ctx, w.tx, later, p, grant(100_000_000), time.Time{})
	stale, ok := errors.AsType[decision.Stale](err)
	if !ok || stale.Saved.Amount != 200_000_000 {
		t.Fatalf("who has not seen what is staged overwrites it: %v", err)
	}
	refused(t, err, problem.Conflict, "decision.stale")
	no := decision.Content{Outcome: decision.Declined, Amount: 5, Conditions: "bỏ", Reason: "Trùng nội dung"}
	if err := decision.Stage(ctx, w.tx, later, p, no, noon); err != nil {
		t.Fatal(err)
	}
	list, _ = decision.Of(ctx, w.tx, w.officer, p)
	if d := decision.In(list, decision.Staged); len(list) != 1 || d.Outcome != decision.Declined || d.Amount != 0 || d.Conditions != "" {
		t.Errorf("edited to %+v", list)
	}

	if err := decision.Unstage(ctx, w.tx, later, p); err != nil {
		t.Fatal(err)
	}
	refused(t, decision.Unstage(ctx, w.tx, later, p), problem.Conflict, "decision.nothing_staged")
	if list, _ := decision.Of(ctx, w.tx, w.officer, p); len(list) != 0 {
		t.Errorf("after unstaging: %+v", list)
	}
}

func TestStageRefuses(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	p := w.proposal(t, "A", []int{4}, nil)
	stage := func(who people.ID, c decision.Content) error {
		return decision.Stage(ctx, w.tx, by(who), p, c, time.Time{})
	}
	refused(t, stage(w.stranger, grant(1)), problem.NotFound, "")
	refused(t, stage(w.head, grant(1)), problem.Forbidden, "decision.officers_only")
	refused(t, stage(w.auditor, grant(1)), problem.Forbidden, "decision.officers_only")
	refused(t, stage(w.chair, grant(1)), problem.Forbidden, "decision.officers_only")
	invalid(t, stage(w.officer, grant(asked+1)), "amount", "decision.amount_over_asked")
	for _, status := range []string{"eligible", "submitted", "withdrawn", "approved", "declined"} {
		exec(t, w.tx, `update proposals set status = $2 where id = $1`, p, status)
		refused(t, stage(w.officer, grant(1)), problem.Conflict, "decision.not_open")
	}
	exec(t, w.tx, `update proposals set status = 'waitlisted' where id = $1`, p)
	invalid(t, stage(w.officer, decision.Content{Outcome: decision.Waitlisted, Reason: "x"}), "outcome", "decision.waitlisted_already")
	w.join(t, w.officer, "reader")
	refused(t, stage(w.officer, grant(1)), problem.Forbidden, "decision.officers_only")
}

// Before release nobody outside the desk learns that anything is staged; after
// it the applicant reads the outcome and the feedback, never the reason.
func TestWhoReadsDecisions(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	p := w.proposal(t, "A", []int{4}, nil)
	reviewer := value[people.ID](t, w.tx, `select reviewer_id from assignments where proposal_id = $1`, p)
	c := decision.Content{Outcome: decision.Declined, Reason: "Bí mật của hồ sơ", Feedback: "Hãy thử lại"}
	w.stage(t, p, c)
	reads := func(who people.ID) []decision.Decision {
		list, err := decision.Of(ctx, w.tx, who, p)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	for name, who := range map[string]people.ID{"head": w.head, "reviewer": reviewer, "stranger": w.stranger, "nobody": 0} {
		if got := reads(who); len(got) != 0 {
			t.Errorf("%s reads what is staged: %+v", name, got)
		}
	}
	for name, who := range map[string]people.ID{"officer": w.officer, "auditor": w.auditor, "chair": w.chair} {
		if got := reads(who); len(got) != 1 {
			t.Errorf("%s reads %+v", name, got)
		}
	}
	if n, err := w.release(t); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if got := reads(w.head); len(got) != 1 || got[0].Outcome != decision.Declined || got[0].Feedback != "Hãy thử lại" || got[0].Reason != "" {
		t.Errorf("head reads %+v", got)
	}
	if got := reads(w.stranger); len(got) != 0 {
		t.Errorf("stranger reads %+v", got)
	}
}

// The same for many: grants of what was asked; what is staged stays as it is.
func TestStageAll(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	a, b, c := w.proposal(t, "A", []int{5}, nil), w.proposal(t, "B", []int{4}, nil), w.proposal(t, "C", []int{3}, nil)
	w.stage(t, b, decision.Content{Outcome: decision.Declined, Reason: "Trùng"})
	content := decision.Content{Outcome: decision.Approved, Reason: "Trên ngưỡng"}
	done, left, err := decision.StageAll(ctx, w.tx, by(w.officer), w.call, []proposal.ID{c, b, a}, content)
	if err != nil || done != 2 || left != 1 {
		t.Fatal(done, left, err)
	}
	for p, want := range map[proposal.ID]decision.Outcome{a: decision.Approved, b: decision.Declined, c: decision.Approved} {
		list, err := decision.Of(ctx, w.tx, w.officer, p)
		if err != nil || list[0].Outcome != want || want.Grants() && list[0].Amount != asked {
			t.Errorf("%+v, %v; want %s", list, err, want)
		}
	}
	d := w.proposal(t, "D", []int{3}, nil)
	stage := func(who people.ID, id call.ID, c decision.Content) error {
		_, _, err := decision.StageAll(ctx, w.tx, by(who), id, []proposal.ID{d}, c)
		return err
	}
	invalid(t, stage(w.officer, w.call, decision.Content{Outcome: decision.Declined}), "reason", "decision.reason_missing")
	invalid(t, stage(w.officer, w.call, decision.Content{Reason: "x"}), "outcome", "decision.outcome_missing")
	refused(t, stage(w.officer, w.newCall(t), content), problem.NotFound, "")
	refused(t, stage(w.stranger, w.call, content), problem.NotFound, "")
	refused(t, stage(w.auditor, w.call, content), problem.Forbidden, "decision.officers_only")
}
