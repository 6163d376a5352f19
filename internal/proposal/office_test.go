package proposal_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

// Only the officers of its programme move a proposal on.
func TestTheOffice(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.submitted(t)
	acts := map[string]func(who people.ID) error{
		"accept":  func(who people.ID) error { return proposal.Accept(ctx, w.tx, by(who, before), id) },
		"refuse":  func(who people.ID) error { return proposal.Refuse(ctx, w.tx, by(who, before), id, "Vì") },
		"open":    func(who people.ID) error { return proposal.OpenReview(ctx, w.tx, by(who, before), id) },
		"approve": func(who people.ID) error { return decide(w, who, id, proposal.MoveApprove) },
		"return": func(who people.ID) error {
			return proposal.Return(ctx, w.tx, by(who, before), id, map[string]string{"risk": "x"}, closes)
		},
	}
	for name, act := range acts {
		refused(t, name+" by the head", act(w.head), problem.Forbidden, "proposal.only_officers")
		for who, person := range map[string]people.ID{"another programme's officer": w.foreign, "a stranger": w.stranger, "nobody": 0} {
			if err := act(person); !errors.Is(err, problem.NotFound) {
				t.Errorf("%s by %s: %v", name, who, err)
			}
		}
	}
	refused(t, "opening before eligible", acts["open"](w.officer), problem.Conflict, "proposal.not_now")
	refused(t, "approving before review", acts["approve"](w.officer), problem.Conflict, "proposal.not_now")
	if err := acts["refuse"](w.officer); err != nil {
		t.Fatal(err)
	}
	p, err := proposal.Get(ctx, w.tx, w.reader, id)
	if err != nil || p.Status != proposal.Ineligible || p.IneligibleReasons != "Vì" || len(w.letters(t, id, letter.Ineligible)) != 2 {
		t.Errorf("%+v %v", p, err)
	}
	refused(t, "accepting what was refused", acts["accept"](w.officer), problem.Conflict, "proposal.not_now")
}

func TestRefuseWhatNeverCameBack(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.submitted(t)
	returned(t, w, id, map[string]string{"risk": "x"})
	day := before.Add(24 * time.Hour)
	refused(t, "before its day", proposal.Refuse(ctx, w.tx, by(w.officer, day.Add(-time.Second)), id, "Không bổ sung"), problem.Conflict, "proposal.refuse.early")
	if err := proposal.Refuse(ctx, w.tx, by(w.officer, day), id, "Không bổ sung"); err != nil {
		t.Error(err)
	}
}

func TestReviewOpensForThoseWhoDidNotDecline(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.inReview(t)
	if diff := cmp.Diff([]people.ID{w.reviewer}, w.letters(t, id, letter.ReviewAssigned)); diff != "" {
		t.Errorf("letters to reviewers: %s", diff)
	}
	p, err := proposal.Get(ctx, w.tx, w.reviewer, id)
	if err != nil || p.View != proposal.AsReviewer {
		t.Errorf("%+v %v", p, err)
	}
	if err := proposal.Withdraw(ctx, w.tx, by(w.head, before), id, "Không đủ người"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]people.ID{w.reviewer}, w.letters(t, id, letter.ProposalWithdrawn)); diff != "" {
		t.Errorf("letters to reviewers: %s", diff)
	}
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.submitted(t)
	w.assign(t, id)
	refused(t, "a writer", proposal.Withdraw(ctx, w.tx, by(w.writer, before), id, ""), problem.Forbidden, "proposal.only_head")
	refused(t, "an officer", proposal.Withdraw(ctx, w.tx, by(w.officer, before), id, ""), problem.Forbidden, "proposal.only_members")
	if err := proposal.Withdraw(ctx, w.tx, by(w.head, before), id, ""); err != nil {
		t.Fatal(err)
	}
	if n := len(w.letters(t, id, letter.ProposalWithdrawn)); n != 0 {
		t.Errorf("%d reviewers are told of what they were never asked about", n)
	}
	_, err := proposal.Submit(ctx, w.tx, by(w.head, before), id)
	refused(t, "withdraw and revive", err, problem.Conflict, "proposal.not_now")
	refused(t, "twice", proposal.Withdraw(ctx, w.tx, by(w.head, before), id, ""), problem.Conflict, "proposal.not_now")
	if _, err := proposal.Start(ctx, w.tx, by(w.head, before), w.call, w.organisation); err != nil {
		t.Errorf("beginning anew after withdrawing: %v", err)
	}
}

func TestDiscard(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.start(t)
	refused(t, "a writer", proposal.Discard(ctx, w.tx, by(w.writer, before), id), problem.Forbidden, "proposal.only_head")
	if err := proposal.Discard(ctx, w.tx, by(w.head, before), id); err != nil {
		t.Fatal(err)
	}
	if _, err := proposal.Get(ctx, w.tx, w.head, id); !errors.Is(err, problem.NotFound) {
		t.Errorf("a discarded draft is still shown: %v", err)
	}
	if another := w.start(t); another == id {
		t.Error("a discarded draft was offered again")
	}
}

func TestDecisionsAndTally(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		moves []func(*world, proposal.ID) error
		want  proposal.Status
	}{
		"approved":    {[]func(*world, proposal.ID) error{approve}, proposal.Approved},
		"conditional": {[]func(*world, proposal.ID) error{conditions}, proposal.Conditional},
		"waitlisted":  {[]func(*world, proposal.ID) error{waitlist, approve}, proposal.Approved},
		"declined":    {[]func(*world, proposal.ID) error{waitlist, decline}, proposal.Declined},
	} {
		ctx, w := newWorld(t)
		id := w.inReview(t)
		mean := 71.25
		if err := proposal.TallyReviews(ctx, w.tx, id, proposal.Tally{Assigned: 2, Sent: 1, Mean: &mean, Min: &mean, Max: &mean}); err != nil {
			t.Fatal(err)
		}
		for _, move := range c.moves {
			if err := move(w, id); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := w.status(t, id); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		refused(t, "withdrawing after a decision", proposal.Withdraw(ctx, w.tx, by(w.head, before), id, ""), problem.Conflict, "proposal.not_now")
		p, err := proposal.Get(ctx, w.tx, w.officer, id)
		if err != nil || p.ReviewsAssigned != 2 || p.ScoreMean == nil || *p.ScoreMean != mean {
			t.Errorf("%s: %+v %v", name, p, err)
		}
		if p, err := proposal.Get(ctx, w.tx, w.head, id); err != nil || p.ScoreMean != nil || p.ReviewsAssigned != 0 {
			t.Errorf("%s: the applicant sees scores: %+v %v", name, p, err)
		}
	}
}

func decide(w *world, who people.ID, id proposal.ID, m proposal.Move) error {
	p, err := proposal.Lock(w.ctx, w.tx, id)
	if err != nil {
		return err
	}
	_, err = proposal.Decide(w.ctx, w.tx, by(who, before), m, p)
	return err
}

func approve(w *world, id proposal.ID) error {
	return decide(w, w.officer, id, proposal.MoveApprove)
}

func conditions(w *world, id proposal.ID) error {
	return decide(w, w.officer, id, proposal.MoveConditions)
}

func waitlist(w *world, id proposal.ID) error {
	return decide(w, w.officer, id, proposal.MoveWaitlist)
}

func decline(w *world, id proposal.ID) error {
	return decide(w, w.officer, id, proposal.MoveDecline)
}

// Applicants know their own acts by name and the office's by what was done.
func TestHistory(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.submitted(t)
	returned(t, w, id, map[string]string{"risk": "x"})
	seen := func(who people.ID) (verbs []string) {
		events, err := proposal.History(ctx, w.tx, who, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			verbs = append(verbs, e.Verb+" "+e.Who)
		}
		slices.Sort(verbs)
		return verbs
	}
	if diff := cmp.Diff([]string{"return ", "start writer", "submit head"}, seen(w.reader)); diff != "" {
		t.Errorf("the applicant: %s", diff)
	}
	if diff := cmp.Diff([]string{"return officer", "start writer", "submit head"}, seen(w.officer)); diff != "" {
		t.Errorf("the officer: %s", diff)
	}
	for name, who := range map[string]people.ID{"stranger": w.stranger, "other officer": w.foreign, "nobody": 0} {
		if got := seen(who); len(got) > 0 {
			t.Errorf("%s sees %v", name, got)
		}
	}
}
