package decision

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

// released is a staged decision and its proposal, locked.
type released struct {
	Decision
	proposal proposal.Locked
}

// moves say where each outcome leads.
var moves = map[Outcome]proposal.Move{
	Approved: proposal.MoveApprove, Conditional: proposal.MoveConditions, Waitlisted: proposal.MoveWaitlist, Declined: proposal.MoveDecline,
}

// Release makes every staged decision of the call final, moves its proposals,
// and writes to their applicants, all or nothing; it returns how many there
// were. Seen is the [Plan.Seen] that was confirmed: if a staged decision has
// changed since, nothing is released. Of two releases at once the second finds
// nothing left and says so. Grants beyond the envelope are refused. However many
// there are, it takes the same few statements.
func Release(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID, seen string) (int, error) {
	c, err := lockRelease(ctx, tx, act, id)
	if err != nil {
		return 0, err
	}
	all, err := lockStaged(ctx, tx, act, id)
	if err != nil {
		return 0, err
	}
	switch {
	case len(all) == 0:
		return 0, problem.Because(problem.Conflict, "decision.nothing_to_release")
	case digest(all) != seen:
		return 0, problem.Because(problem.Conflict, "decision.plan_changed")
	}
	if err := c.afford(ctx, tx, id, all); err != nil {
		return 0, err
	}
	if err := publish(ctx, tx, act, all); err != nil {
		return 0, err
	}
	if err := tell(ctx, tx, act, all); err != nil {
		return 0, err
	}
	_, err = audit.Record(ctx, tx, act, "release", "decisions", id, audit.Detail{"released": len(all)})
	return len(all), err
}

// purse is what a release needs to know of its call.
type purse struct {
	ProgrammeID int64
	Envelope    int64
}

// lockRelease lets one release of a call run at a time, and only for officers of
// its programme.
func lockRelease(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID) (purse, error) {
	c, err := pg.One[purse](ctx, tx, `select programme_id, envelope from visible.calls($1) where id = $2`, act.By, id)
	if err != nil {
		return purse{}, fmt.Errorf("reading call %s: %w", id, err)
	}
	officer, err := pg.Value[bool](ctx, tx, `
		select exists (select from visible.roles($1) where person_id = $1 and role = 'officer' and programme_id = $2)`, act.By, c.ProgrammeID)
	if err != nil {
		return purse{}, fmt.Errorf("asking for an officer of programme %d: %w", c.ProgrammeID, err)
	}
	if !officer {
		return purse{}, problem.Because(problem.Forbidden, "decision.officers_only")
	}
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, id); err != nil {
		return purse{}, fmt.Errorf("waiting for another release of call %s: %w", id, err)
	}
	return c, nil
}

// lockStaged locks the proposals of the call that have a staged decision the
// actor may see, and returns those decisions as they stand under the lock. What
// was withdrawn meanwhile keeps its staged decision, untold.
func lockStaged(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID) ([]released, error) {
	ids, err := pg.Values[proposal.ID](ctx, tx, `
		select p.id from decisions d join visible.desk($1) p on p.id = d.proposal_id
		where d.call_id = $2 and d.state = 'staged'`, act.By, id)
	if err != nil {
		return nil, fmt.Errorf("listing what is staged in call %s: %w", id, err)
	}
	locked, err := proposal.LockAll(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	staged, err := pg.All[Decision](ctx, tx, `
		select id, proposal_id, outcome, amount, conditions, reason, feedback, state, staged_at, released_at
		from decisions where proposal_id = any($1) and state = 'staged'`, ids)
	if err != nil {
		return nil, fmt.Errorf("reading what is staged in call %s: %w", id, err)
	}
	of := make(map[proposal.ID]Decision, len(staged))
	for _, d := range staged {
		of[d.ProposalID] = d
	}
	var all []released
	for _, p := range locked {
		if d, ok := of[p.ID]; ok && (p.Status == proposal.InReview || p.Status == proposal.Waitlisted) {
			all = append(all, released{Decision: d, proposal: p})
		}
	}
	return all, nil
}

// afford refuses grants beyond the envelope, counting what was granted before.
func (c purse) afford(ctx context.Context, tx pgx.Tx, id call.ID, all []released) error {
	ids := make([]proposal.ID, len(all))
	var sum int64
	for i, d := range all {
		ids[i] = d.ProposalID
		sum += d.Amount
	}
	before, err := pg.Value[int64](ctx, tx, `
		select coalesce(sum(amount), 0)::bigint from decisions where call_id = $1 and state = 'released' and proposal_id <> all($2)`, id, ids)
	if err != nil {
		return fmt.Errorf("adding up call %s: %w", id, err)
	}
	if over := sum + before - c.Envelope; over > 0 {
		return problem.Because(problem.Conflict, "decision.over_envelope", money(over))
	}
	return nil
}

// publish turns the staged decisions into released ones; those they replace are
// kept.
func publish(ctx context.Context, tx pgx.Tx, act audit.Act, all []released) error {
	ids, proposals := make([]ID, len(all)), make([]proposal.ID, len(all))
	for i, d := range all {
		ids[i], proposals[i] = d.ID, d.ProposalID
	}
	if _, err := tx.Exec(ctx, `update decisions set state = 'superseded' where proposal_id = any($1) and state = 'released'`, proposals); err != nil {
		return fmt.Errorf("superseding decisions: %w", err)
	}
	if _, err := tx.Exec(ctx, `update decisions set state = 'released', released_at = $2 where id = any($1)`, ids, act.At); err != nil {
		return fmt.Errorf("releasing decisions: %w", err)
	}
	return nil
}

// tell moves each proposal to where its decision leads and writes to its head
// and writers.
func tell(ctx context.Context, tx pgx.Tx, act audit.Act, all []released) error {
	to, err := applicants(ctx, tx, act, all)
	if err != nil {
		return err
	}
	var notices []people.Notice
	for _, o := range Outcomes {
		var ps []proposal.Locked
		for _, d := range all {
			if d.Outcome == o {
				ps = append(ps, d.proposal)
			}
		}
		if len(ps) == 0 {
			continue
		}
		events, err := proposal.Decide(ctx, tx, act, moves[o], ps...)
		if err != nil {
			return err
		}
		for i, p := range ps {
			notices = append(notices, people.Notice{Event: events[i], About: p.About(nil), To: to[p.OrganisationID]})
		}
	}
	return people.WriteAll(ctx, tx, act, letter.Decided, notices...)
}

// applicants are who writes for each organisation: its head and writers.
func applicants(ctx context.Context, tx pgx.Tx, act audit.Act, all []released) (map[organisation.ID][]people.ID, error) {
	ids := make([]organisation.ID, len(all))
	for i, d := range all {
		ids[i] = d.proposal.OrganisationID
	}
	members, err := pg.All[struct {
		OrganisationID organisation.ID
		PersonID       people.ID
	}](ctx, tx, `
		select organisation_id, person_id from visible.members($1) where organisation_id = any($2) and role in ('head', 'writer')
		order by person_id`, act.By, ids)
	if err != nil {
		return nil, fmt.Errorf("finding whom to tell: %w", err)
	}
	to := map[organisation.ID][]people.ID{}
	for _, m := range members {
		to[m.OrganisationID] = append(to[m.OrganisationID], m.PersonID)
	}
	return to, nil
}
