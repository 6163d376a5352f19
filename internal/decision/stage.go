package decision

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

// Stale says that somebody changed the staged decision since the page was
// opened, and carries what stands there now (a zero Decision: nothing).
type Stale struct{ Saved Decision }

func (Stale) Error() string { return "the staged decision was changed elsewhere" }

// Unwrap says what kind of refusal it is, and the remedy.
func (Stale) Unwrap() error { return problem.Because(problem.Conflict, "decision.stale") }

// Stage writes down what is to be decided, or changes what was; nobody outside
// the desk learns of it. Only an officer of the programme may, on a proposal in
// review or on the waiting list. Seen is when the decision was staged that the
// page showed, zero for none.
func Stage(ctx context.Context, tx pgx.Tx, act audit.Act, p proposal.ID, c Content, seen time.Time) (ID, error) {
	locked, err := lock(ctx, tx, act, p)
	if err != nil {
		return 0, err
	}
	envelope, err := pg.Value[int64](ctx, tx, `select envelope from visible.calls($1) where id = $2`, act.By, locked.CallID)
	if err != nil {
		return 0, fmt.Errorf("reading the envelope of call %d: %w", locked.CallID, err)
	}
	if err := c.Check(locked.AmountAsked, envelope); err != nil {
		return 0, err
	}
	if _, err := locked.Status.After(moves[c.Outcome]); err != nil {
		return 0, problem.Invalid{"outcome": problem.Say("decision.waitlisted_already")}
	}
	now, err := staged(ctx, tx, p)
	if err != nil {
		return 0, err
	}
	c = c.only()
	switch {
	case now.ID != 0 && now.Content == c:
		return now.ID, nil
	case !now.StagedAt.Equal(seen):
		return 0, Stale{Saved: now}
	}
	id, err := pg.Value[ID](ctx, tx, `
		insert into decisions (proposal_id, call_id, outcome, amount, conditions, reason, feedback, staged_by, staged_at)
		values (@proposal, @call, @outcome, @amount, @conditions, @reason, @feedback, @by, @at)
		on conflict (proposal_id) where state = 'staged' do update
		set outcome = excluded.outcome, amount = excluded.amount, conditions = excluded.conditions, reason = excluded.reason,
		    feedback = excluded.feedback, staged_by = excluded.staged_by, staged_at = excluded.staged_at
		returning id`,
		pgx.StrictNamedArgs{
			"proposal": p, "call": locked.CallID, "outcome": c.Outcome, "amount": c.Amount, "conditions": c.Conditions,
			"reason": c.Reason, "feedback": c.Feedback, "by": act.By, "at": act.At,
		})
	if err != nil {
		return 0, fmt.Errorf("staging a decision on proposal %s: %w", p, err)
	}
	_, err = audit.Record(ctx, tx, act, "stage_decision", "proposal", p, audit.Detail{"outcome": c.Outcome, "amount": c.Amount})
	return id, err
}

// Unstage takes a staged decision away; the proposal is undecided again.
func Unstage(ctx context.Context, tx pgx.Tx, act audit.Act, p proposal.ID) error {
	if _, err := lock(ctx, tx, act, p); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `delete from decisions where proposal_id = $1 and state = 'staged'`, p)
	if err != nil {
		return fmt.Errorf("unstaging the decision on proposal %s: %w", p, err)
	}
	if tag.RowsAffected() == 0 {
		return problem.Because(problem.Conflict, "decision.nothing_staged")
	}
	_, err = audit.Record(ctx, tx, act, "unstage_decision", "proposal", p, nil)
	return err
}

// staged is what is staged on a proposal, a zero Decision if nothing is.
func staged(ctx context.Context, tx pgx.Tx, p proposal.ID) (Decision, error) {
	list, err := pg.All[Decision](ctx, tx, `
		select id, proposal_id, outcome, amount, conditions, reason, feedback, state, staged_at, released_at
		from decisions where proposal_id = $1 and state = 'staged'`, p)
	if err != nil || len(list) == 0 {
		return Decision{}, err
	}
	return list[0], nil
}

// lock locks a proposal for an officer of its programme to decide on. Who may
// not see it learns nothing; who may see it otherwise is told so.
func lock(ctx context.Context, tx pgx.Tx, act audit.Act, p proposal.ID) (proposal.Locked, error) {
	locked, err := proposal.Lock(ctx, tx, p)
	if err != nil {
		return proposal.Locked{}, fmt.Errorf("locking proposal %s: %w", p, err)
	}
	seen, err := proposal.Get(ctx, tx, people.ID(act.By), p)
	if err != nil {
		return proposal.Locked{}, err
	}
	if seen.View != proposal.AsOfficer {
		return proposal.Locked{}, problem.Because(problem.Forbidden, "decision.officers_only")
	}
	if locked.Status != proposal.InReview && locked.Status != proposal.Waitlisted {
		return proposal.Locked{}, problem.Because(problem.Conflict, "decision.not_open")
	}
	return locked, nil
}
