// Package decision turns what the reviews come to into an answer: a ranking, a
// decision on each proposal that officers write and change in quiet, and one
// release that tells every applicant of a call at once. It never changes a
// score; see package review.
package decision

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// ID names a decision.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// Outcome is what is decided.
type Outcome string

// The outcomes.
const (
	Approved    Outcome = "approved"
	Conditional Outcome = "conditional" // approved once conditions are met
	Waitlisted  Outcome = "waitlisted"
	Declined    Outcome = "declined"
)

// Outcomes lists them.
var Outcomes = []Outcome{Approved, Conditional, Waitlisted, Declined}

// Grants reports whether money goes with the outcome.
func (o Outcome) Grants() bool { return o == Approved || o == Conditional }

// State is how far a decision has come.
type State string

// The states.
const (
	Staged     State = "staged"     // written, freely changed, known to the desk alone
	Released   State = "released"   // told to the applicant, final
	Superseded State = "superseded" // replaced by a later one, as when a waiting list moves up
)

// Decision is the answer to one proposal.
type Decision struct {
	ID         ID
	ProposalID proposal.ID
	Content
	State      State
	StagedAt   time.Time
	ReleasedAt *time.Time
}

// Content is what an officer writes.
type Content struct {
	Outcome    Outcome
	Amount     int64  // đồng; 0 unless the outcome grants money
	Conditions string // to the applicant, of a conditional approval
	Reason     string // for the file; the applicant is not shown it
	Feedback   string // to the applicant
}

// MaxText is the longest text of a decision, in characters.
const MaxText = 5000

// Check refuses what could not be decided: more than was asked or than there
// is, a condition without words, an outcome without a reason.
func (c Content) Check(asked, envelope int64) error {
	wrong := problem.Invalid{}
	if !slices.Contains(Outcomes, c.Outcome) {
		wrong.Add("outcome", "decision.outcome_missing")
	}
	if c.Outcome.Grants() {
		switch {
		case c.Amount <= 0:
			wrong.Add("amount", "decision.amount_missing")
		case c.Amount > asked:
			wrong.Add("amount", "decision.amount_over_asked", money(asked))
		case c.Amount > envelope:
			wrong.Add("amount", "decision.amount_over_envelope", money(envelope))
		}
	}
	if c.Outcome == Conditional && c.Conditions == "" {
		wrong.Add("conditions", "decision.conditions_missing")
	}
	if c.Reason == "" {
		wrong.Add("reason", "decision.reason_missing")
	}
	for field, text := range map[string]string{"conditions": c.Conditions, "reason": c.Reason, "feedback": c.Feedback} {
		if over := viet.CountChars(text) - MaxText; over > 0 {
			wrong.Add(field, "decision.too_long", MaxText, over)
		}
	}
	return wrong.OrNil()
}

// only keeps what goes with the outcome.
func (c Content) only() Content {
	if !c.Outcome.Grants() {
		c.Amount = 0
	}
	if c.Outcome != Conditional {
		c.Conditions = ""
	}
	return c
}

func money(n int64) words.Pair { return words.Pair{Vi: viet.Money(n), En: viet.MoneyEn(n)} }

const columns = `
	select d.id, d.proposal_id, d.outcome, d.amount, d.conditions, d.reason, d.feedback, d.state, d.staged_at, d.released_at
	from visible.decisions($1) d`

// Of lists the decisions on a proposal that the viewer may know of, the latest
// first: applicants those that were released, the desk also what is staged.
func Of(ctx context.Context, db pg.DB, viewer people.ID, p proposal.ID) ([]Decision, error) {
	list, err := pg.All[Decision](ctx, db, columns+` where d.proposal_id = $2 order by d.staged_at desc, d.id`, viewer, p)
	if err != nil {
		return nil, fmt.Errorf("listing decisions on proposal %s: %w", p, err)
	}
	return list, nil
}

// In finds the one decision in a state among those of one proposal, nil if
// there is none.
func In(list []Decision, s State) *Decision {
	if i := slices.IndexFunc(list, func(d Decision) bool { return d.State == s }); i >= 0 {
		return &list[i]
	}
	return nil
}
