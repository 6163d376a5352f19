package review

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/viet"
)

// Accept says yes to an assignment.
func Accept(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	a, _, err := lockOwn(ctx, tx, act, id)
	if err != nil {
		return err
	}
	_, err = a.advance(ctx, tx, act, accept, "")
	return err
}

// Decline says no to an assignment, or gives it back, with a reason.
func Decline(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, reason string) error {
	a, locked, err := lockOwn(ctx, tx, act, id)
	if err != nil {
		return err
	}
	wrong := problem.Invalid{}
	if reason == "" {
		wrong.Add("reason", "review.decline_reason_missing")
	}
	checkLength(wrong, "reason", reason, MaxReason)
	if err := wrong.OrNil(); err != nil {
		return err
	}
	event, err := a.advance(ctx, tx, act, decline, reason)
	if err != nil {
		return err
	}
	return settle(ctx, tx, act, locked, event)
}

// ConflictKind says what ties a reviewer to an applicant.
type ConflictKind string

// ConflictKinds lists what may be declared.
var ConflictKinds = []ConflictKind{"member", "family", "money", "partner", "dispute", "other"}

// DeclareConflict says that the reviewer cannot judge this proposal fairly.
// From then on they see nothing of it, and a sheet they had sent counts no more.
// It can be declared at any time and is never taken back here.
func DeclareConflict(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, kind ConflictKind, note string) error {
	p, err := ownProposal(ctx, tx, act, id)
	if err != nil {
		return err
	}
	locked, err := proposal.Lock(ctx, tx, p)
	if err != nil {
		return fmt.Errorf("locking proposal %s: %w", p, err)
	}
	a, err := own(ctx, tx, act, id)
	if err != nil {
		return err
	}
	wrong := problem.Invalid{}
	if !slices.Contains(ConflictKinds, kind) {
		wrong.Add("kind", "review.conflict_kind_missing")
	}
	if kind == "other" && note == "" {
		wrong.Add("note", "review.conflict_note_missing")
	}
	checkLength(wrong, "note", note, MaxReason)
	if err := wrong.OrNil(); err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `
		insert into conflicts (proposal_id, person_id, kind, note, declared_at) values (@proposal, @person, @kind, @note, @at)
		on conflict (proposal_id, person_id) do update set kind = excluded.kind, note = excluded.note`,
		pgx.StrictNamedArgs{"proposal": p, "person": act.By, "kind": kind, "note": note, "at": act.At}); err != nil {
		return fmt.Errorf("declaring a conflict with proposal %s: %w", p, err)
	}
	event, err := a.advance(ctx, tx, act, conflict, "")
	if err != nil {
		return err
	}
	return settle(ctx, tx, act, locked, event)
}

// MaxReason is the longest reason or note, in characters.
const MaxReason = 1000

func checkLength(wrong problem.Invalid, field, text string, limit int) {
	if over := viet.CountChars(text) - limit; over > 0 {
		wrong.Add(field, "review.too_long", limit, over)
	}
}

// advance is the only writer of an assignment's state once it is there.
func (a Assignment) advance(ctx context.Context, tx pgx.Tx, act audit.Act, taken step, reason string) (event int64, err error) {
	to, err := a.State.after(taken)
	if err != nil {
		return 0, err
	}
	if err := pg.Exec(ctx, tx, `
		update assignments set state = $2, reason = $3, answered_at = $4 where id = $1`, a.ID, to, reason, act.At); err != nil {
		return 0, fmt.Errorf("moving assignment %s to %s: %w", a.ID, to, err)
	}
	return audit.Record(ctx, tx, act, string(taken), "proposal", a.ProposalID, audit.Detail{"assignment": a.ID.String()})
}

// lockOwn locks the proposal of the actor's own assignment and lets them change
// it while the proposal is in review.
func lockOwn(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (Assignment, proposal.Locked, error) {
	p, err := ownProposal(ctx, tx, act, id)
	if err != nil {
		return Assignment{}, proposal.Locked{}, err
	}
	locked, err := proposal.Lock(ctx, tx, p)
	if err != nil {
		return Assignment{}, proposal.Locked{}, fmt.Errorf("locking proposal %s: %w", p, err)
	}
	a, err := own(ctx, tx, act, id)
	if err != nil {
		return Assignment{}, proposal.Locked{}, err
	}
	if locked.Status != proposal.InReview {
		return Assignment{}, proposal.Locked{}, problem.Because(problem.Conflict, closed(locked.Status))
	}
	return a, locked, nil
}

// closed is why nothing can be written about a proposal any more.
func closed(s proposal.Status) string {
	if s == proposal.Withdrawn {
		return "review.closed_withdrawn"
	}
	return "review.closed_decided"
}

func ownProposal(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (proposal.ID, error) {
	a, err := Get(ctx, tx, people.ID(act.By), id)
	return a.ProposalID, err
}

// own reads the actor's assignment under the proposal's lock. One that was
// declined, taken back or given up for a conflict leads nowhere any more, and
// neither does that of a member of the applicant organisation.
func own(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (Assignment, error) {
	a, err := Get(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return Assignment{}, err
	}
	if a.State == Conflicted {
		return Assignment{}, problem.Because(problem.Conflict, "review.refused."+string(a.State))
	}
	return a, nil
}
