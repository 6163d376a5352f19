package decision

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
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
// page showed, zero for none: if that has changed, [Stale] comes back.
func Stage(ctx context.Context, tx pgx.Tx, act audit.Act, p proposal.ID, c Content, seen time.Time) error {
	locked, err := lock(ctx, tx, act, p)
	if err != nil {
		return err
	}
	envelope, err := envelopeOf(ctx, tx, act, locked.CallID)
	if err != nil {
		return err
	}
	if err := c.check(locked, envelope); err != nil {
		return err
	}
	now, err := staged(ctx, tx, p)
	if err != nil {
		return err
	}
	switch {
	case now.ID != 0 && now.Content == c.only():
		return nil
	case !now.StagedAt.Equal(seen):
		return Stale{Saved: now}
	}
	return put(ctx, tx, act, locked, c.only())
}

// StageAll stages the same outcome on many proposals of a call, grants of what
// was asked; what has a staged decision keeps it. It returns how many were
// staged and how many were left.
func StageAll(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID, ps []proposal.ID, c Content) (done, left int, err error) {
	envelope, err := envelopeOf(ctx, tx, act, id)
	if err != nil {
		return 0, 0, err
	}
	slices.Sort(ps) // two who stage the same never wait for each other
	for _, p := range ps {
		locked, err := lock(ctx, tx, act, p)
		if err != nil {
			return 0, 0, err
		}
		now, err := staged(ctx, tx, p)
		switch {
		case err != nil:
			return 0, 0, err
		case locked.CallID != id:
			return 0, 0, problem.NotFound
		case now.ID != 0:
			left++
			continue
		}
		c.Amount = locked.AmountAsked
		if err := c.check(locked, envelope); err != nil {
			return 0, 0, err
		}
		if err := put(ctx, tx, act, locked, c.only()); err != nil {
			return 0, 0, err
		}
		done++
	}
	return done, left, nil
}

// check is [Content.Check] for one proposal as it stands.
func (c Content) check(p proposal.Locked, envelope int64) error {
	if err := c.Check(p.AmountAsked, envelope); err != nil {
		return err
	}
	if _, err := p.Status.After(moves[c.Outcome]); err != nil {
		return problem.Invalid{"outcome": problem.Say("decision.waitlisted_already")}
	}
	return nil
}

func envelopeOf(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID) (int64, error) {
	envelope, err := pg.Value[int64](ctx, tx, `select envelope from visible.calls($1) where id = $2`, act.By, id)
	if err != nil {
		return 0, fmt.Errorf("reading the envelope of call %s: %w", id, err)
	}
	return envelope, nil
}

// put writes what is staged on a locked proposal.
func put(ctx context.Context, tx pgx.Tx, act audit.Act, p proposal.Locked, c Content) error {
	if err := pg.Exec(ctx, tx, `
		insert into decisions (proposal_id, call_id, outcome, amount, conditions, reason, feedback, staged_by, staged_at)
		values (@proposal, @call, @outcome, @amount, @conditions, @reason, @feedback, @by, @at)
		on conflict (proposal_id) where state = 'staged' do update
		set outcome = excluded.outcome, amount = excluded.amount, conditions = excluded.conditions, reason = excluded.reason,
		    feedback = excluded.feedback, staged_by = excluded.staged_by, staged_at = excluded.staged_at`,
		pgx.StrictNamedArgs{
			"proposal": p.ID, "call": p.CallID, "outcome": c.Outcome, "amount": c.Amount, "conditions": c.Conditions,
			"reason": c.Reason, "feedback": c.Feedback, "by": act.By, "at": act.At,
		}); err != nil {
		return fmt.Errorf("staging a decision on proposal %s: %w", p.ID, err)
	}
	_, err := audit.Record(ctx, tx, act, "stage_decision", "proposal", p.ID, audit.Detail{"outcome": c.Outcome, "amount": c.Amount})
	return err
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
	return locked, Decidable(locked.Status)
}

// Decidable refuses where nothing can be decided now.
func Decidable(s proposal.Status) error {
	if s != proposal.InReview && s != proposal.Waitlisted {
		return problem.Because(problem.Conflict, "decision.not_open")
	}
	return nil
}
