package proposal

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/viet"
)

// longestReason is how much may be written to explain an act, in characters.
const longestReason = 2000

// Withdraw takes a proposal back until it is decided; only the head may. A
// reason is not asked for. Those who are reviewing it are told.
func Withdraw(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, reason string) error {
	if viet.CountChars(reason) > longestReason {
		return problem.Invalid{"reason": problem.Say("proposal.reason_long", longestReason)}
	}
	p, err := lockAs(ctx, tx, act, id, organisation.Head)
	if err != nil {
		return err
	}
	event, err := step(ctx, tx, act, p, MoveWithdraw, audit.Detail{"reason": reason})
	if err != nil {
		return err
	}
	if p.Status != InReview {
		return nil // nobody has been asked to review it yet
	}
	to, err := reviewers(ctx, tx, id)
	if err != nil {
		return err
	}
	return people.Write(ctx, tx, act, event, letter.ProposalWithdrawn, p.About(nil), to...)
}

// Discard throws a draft away; only the head may. Nobody sees it any more.
func Discard(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	p, err := lockAs(ctx, tx, act, id, organisation.Head)
	if err != nil {
		return err
	}
	_, err = step(ctx, tx, act, p, MoveDiscard, nil)
	return err
}

// reviewers are who was asked to review a proposal and has not said no.
func reviewers(ctx context.Context, tx pgx.Tx, id ID) ([]people.ID, error) {
	to, err := pg.Values[people.ID](ctx, tx, `select person_id from visible.active_reviewers where proposal_id = $1 order by person_id`, id)
	if err != nil {
		return nil, fmt.Errorf("finding reviewers of proposal %d: %w", id, err)
	}
	return to, nil
}
