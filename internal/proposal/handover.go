package proposal

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

// ToWrite reads a proposal for a member who may write it: [problem.NotFound]
// for those who do not see it, [problem.Forbidden] with the remedy for those who
// may only look.
func ToWrite(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Proposal, error) {
	return asMember(ctx, db, viewer, id, organisation.Head, organisation.Writer)
}

// LockToWrite is [ToWrite] and locks the proposal until tx ends.
func LockToWrite(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (Locked, error) {
	return lockAs(ctx, tx, act, id, organisation.Head, organisation.Writer)
}

// LockAsHead locks a proposal for the head of its organisation, and refuses
// everybody else as [ToWrite] does.
func LockAsHead(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (Locked, error) {
	return lockAs(ctx, tx, act, id, organisation.Head)
}

// Responsible is whom a proposal is with: the organisation owns it, this person
// looks after it.
type Responsible struct {
	PersonID people.ID
	Name     string
	Role     organisation.Role // empty: of the organisation no more
}

// WithWhom is whom a proposal is with, for its organisation.
func WithWhom(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Responsible, error) {
	r, err := pg.One[Responsible](ctx, db, `select person_id, name, role from visible.responsible($1) where proposal_id = $2`, viewer, id)
	if err != nil {
		return r, fmt.Errorf("reading whom proposal %s is with: %w", id, err)
	}
	return r, nil
}

// HandOver puts a proposal into the hands of another who writes for its
// organisation. A head may, and whom it is with now; the new one is told by
// letter. The same again changes nothing.
func HandOver(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, to people.ID) error {
	p, err := LockToWrite(ctx, tx, act, id)
	if err != nil {
		return err
	}
	now, err := WithWhom(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return err
	}
	mine, err := organisation.RoleOf(ctx, tx, people.ID(act.By), p.OrganisationID)
	if err != nil {
		return err
	}
	if !MayHandOver(people.ID(act.By), mine, now) {
		return problem.Because(problem.Forbidden, "together.hand_over_who", now.Name)
	}
	if p.Status.Over() {
		return problem.Because(problem.Conflict, "proposal.not_now", problem.Say("proposal.status."+string(p.Status)))
	}
	role, err := organisation.RoleOf(ctx, tx, to, p.OrganisationID)
	if err != nil && !errors.Is(err, problem.NotFound) {
		return err
	}
	if role != organisation.Head && role != organisation.Writer {
		return problem.Invalid{"person": problem.Say("together.choose_writer")}
	}
	if now.PersonID == to {
		return nil
	}
	if err := pg.Exec(ctx, tx, `update proposals set responsible_id = $2 where id = $1`, id, to); err != nil {
		return fmt.Errorf("handing over proposal %s: %w", id, err)
	}
	event, err := audit.Record(ctx, tx, act, "hand_over", "proposal", id, audit.Detail{"to": int64(to)})
	if err != nil || int64(to) == act.By {
		return err
	}
	return people.Write(ctx, tx, act, event, letter.HandedOver, letter.About{ProposalID: int64(id)}, to) // not the office's: no programme
}

// MayHandOver says that a member may put a proposal into other hands.
func MayHandOver(who people.ID, role organisation.Role, now Responsible) bool {
	return role == organisation.Head || role == organisation.Writer && who == now.PersonID
}
