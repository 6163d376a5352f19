package review

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

// Assign asks a reviewer of the call to judge the proposal by due, the first
// instant at which the sheet is refused. Only an officer of the programme may;
// never a member of the applicant organisation, one who declared a conflict, or
// one who sees the others' scores anyway. Whom an officer took back or who
// declined may be asked again. The letter goes at once if review is open, and
// otherwise when it opens.
func Assign(ctx context.Context, tx pgx.Tx, act audit.Act, p proposal.ID, to people.ID, due time.Time) (ID, error) {
	locked, err := lockForOfficer(ctx, tx, act, p)
	if err != nil {
		return 0, err
	}
	if err := Assignable(locked.Status); err != nil {
		return 0, err
	}
	c, err := candidate(ctx, tx, people.ID(act.By), p, to)
	if err != nil {
		return 0, err
	}
	wrong := problem.Invalid{}
	if c.Bar != "" {
		wrong.Add("reviewer", "review.bar."+string(c.Bar))
	}
	checkDue(wrong, due, act.At)
	if err := wrong.OrNil(); err != nil {
		return 0, err
	}
	id, err := invite(ctx, tx, act, p, to, due)
	if err != nil {
		return 0, err
	}
	event, err := audit.Record(ctx, tx, act, string(assign), "proposal", p, audit.Detail{"assignment": id.String()})
	if err != nil {
		return 0, err
	}
	if locked.Status == proposal.InReview {
		if err := people.Write(ctx, tx, act, event, letter.ReviewAssigned, locked.About(nil), to); err != nil {
			return 0, err
		}
	}
	return id, settle(ctx, tx, act, locked, event)
}

func checkDue(wrong problem.Invalid, due, now time.Time) {
	switch {
	case !due.After(now):
		wrong.Add("due", "review.due_past")
	case due.Sub(now) > proposal.MaxAhead:
		wrong.Add("due", "proposal.too_far")
	}
}

// Assignable refuses where reviewers cannot be asked now: before a proposal is
// found eligible, and after the end.
func Assignable(s proposal.Status) error {
	if s != proposal.Eligible && s != proposal.InReview {
		return problem.Because(problem.Conflict, "review.assign_only_open")
	}
	return nil
}

// invite writes the assignment down. One that was declined or taken back opens
// again; the words of its sheet are still there.
func invite(ctx context.Context, tx pgx.Tx, act audit.Act, p proposal.ID, to people.ID, due time.Time) (ID, error) {
	id, err := pg.Value[ID](ctx, tx, `
		insert into assignments (proposal_id, reviewer_id, state, due_at, assigned_by, assigned_at)
		values (@proposal, @reviewer, @state, @due, @by, @at)
		on conflict (proposal_id, reviewer_id) do update
		set state = excluded.state, due_at = excluded.due_at, assigned_by = excluded.assigned_by, assigned_at = excluded.assigned_at,
		    answered_at = null, reason = ''
		returning id`,
		pgx.StrictNamedArgs{"proposal": p, "reviewer": to, "state": steps[assign].to, "due": due, "by": act.By, "at": act.At})
	if err != nil {
		return 0, fmt.Errorf("assigning proposal %s to %s: %w", p, to, err)
	}
	return id, nil
}

// Unassign takes an assignment back, as long as its sheet is not sent. Only an
// officer of the programme may.
func Unassign(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, reason string) error {
	a, locked, err := lockAsOfficer(ctx, tx, act, id)
	if err != nil {
		return err
	}
	event, err := a.advance(ctx, tx, act, unassign, reason)
	if err != nil {
		return err
	}
	return settle(ctx, tx, act, locked, event)
}

// SetDue gives a reviewer until another time, also after the old one has
// passed. Only an officer of the programme may.
func SetDue(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, due time.Time) error {
	a, _, err := lockAsOfficer(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if !a.State.Open() {
		return problem.Because(problem.Conflict, "review.refused."+string(a.State))
	}
	wrong := problem.Invalid{}
	checkDue(wrong, due, act.At)
	if err := wrong.OrNil(); err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `update assignments set due_at = $2 where id = $1`, id, due); err != nil {
		return fmt.Errorf("setting when %s is due: %w", id, err)
	}
	_, err = audit.Record(ctx, tx, act, "set_review_due", "proposal", a.ProposalID, audit.Detail{"assignment": id.String(), "due": due})
	return err
}

// lockForOfficer locks a proposal for an act of an officer of its programme.
// Who may not see it learns nothing; who may see it otherwise is told so.
func lockForOfficer(ctx context.Context, tx pgx.Tx, act audit.Act, p proposal.ID) (proposal.Locked, error) {
	locked, err := proposal.Lock(ctx, tx, p)
	if err != nil {
		return proposal.Locked{}, fmt.Errorf("locking proposal %s: %w", p, err)
	}
	seen, err := proposal.Get(ctx, tx, people.ID(act.By), p)
	if err != nil {
		return proposal.Locked{}, err
	}
	if seen.View != proposal.AsOfficer {
		return proposal.Locked{}, problem.Because(problem.Forbidden, "review.officers_only")
	}
	return locked, nil
}

func lockAsOfficer(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (Assignment, proposal.Locked, error) {
	p, err := pg.Value[proposal.ID](ctx, tx, `select proposal_id from visible.assignments($1) where id = $2`, act.By, id)
	if err != nil {
		return Assignment{}, proposal.Locked{}, fmt.Errorf("seeing assignment %s: %w", id, err)
	}
	locked, err := lockForOfficer(ctx, tx, act, p)
	if err != nil {
		return Assignment{}, proposal.Locked{}, err
	}
	a, err := pg.One[Assignment](ctx, tx, columns+` where a.id = $2`, act.By, id)
	return a, locked, err
}
