package proposal

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
	"daubang/internal/viet"
)

// ReturnField is the control for the reason to return a section.
func ReturnField(section string) string { return "reason." + section }

// MaxAhead is how far from now a day may be that somebody is to do something by:
// a year that was mistyped would leave a proposal waiting for ever.
const MaxAhead = 366 * 24 * time.Hour

// Return gives a proposal back to be completed: the sections and, for each, what
// is missing, until the first refused instant. It refuses no sections, a reason
// that is empty or too long, and a day that has passed. The applicant is told.
func Return(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, sections map[string]string, until time.Time) error {
	p, err := lockAsOfficer(ctx, tx, act, id)
	if err != nil {
		return err
	}
	asked, err := WhatFor(ctx, tx, people.ID(act.By), p.CallID, p.FormID, p.OrganisationID)
	if err != nil {
		return err
	}
	if err := checkReturn(asked, sections, until, act.At).OrNil(); err != nil {
		return err
	}
	if err := begin(ctx, tx, act, p); err != nil {
		return err
	}
	event, err := step(ctx, tx, act, p, MoveReturn, audit.Detail{"sections": sections, "until": until})
	if err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `update proposals set returned_sections = $2, returned_until = $3 where id = $1`, id, sections, until); err != nil {
		return fmt.Errorf("returning proposal %d: %w", id, err)
	}
	if _, err := tx.Exec(ctx, `update proposal_sections set done = false where proposal_id = $1 and key in (select jsonb_object_keys($2::jsonb))`, id, sections); err != nil {
		return fmt.Errorf("opening sections of proposal %d: %w", id, err)
	}
	return write(ctx, tx, act, event, letter.Returned, p, nil)
}

// ExtendReturn gives the applicant another time to complete a returned proposal,
// mostly a later one, and tells them. It refuses an instant that has passed, is
// the one they have or lies beyond [MaxAhead], and a reason that is empty or too
// long. That their day has passed already is no obstacle: until it is refused
// nothing is lost.
func ExtendReturn(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, to time.Time, reason string) error {
	p, err := lockAsOfficer(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if err := Extendable(p.Status); err != nil {
		return err
	}
	wrong := problem.Invalid{}
	before := *p.ReturnedUntil // [Return] sets it
	switch {
	case !to.After(act.At) || to.Equal(before):
		wrong.Add("until", "proposal.extend.until", until(before))
	case to.Sub(act.At) > MaxAhead:
		wrong.Add("until", "proposal.too_far")
	}
	switch n := viet.CountChars(reason); {
	case n == 0:
		wrong.Add("reason", "proposal.extend.reason")
	case n > longestReason:
		wrong.Add("reason", "proposal.reason_long", longestReason)
	}
	if err := wrong.OrNil(); err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `update proposals set returned_until = $2, updated_at = $3 where id = $1`, id, to, act.At); err != nil {
		return fmt.Errorf("giving proposal %d more time: %w", id, err)
	}
	event, err := audit.Record(ctx, tx, act, "extend_return", "proposal", id, audit.Detail{"from": before, "until": to, "reason": reason})
	if err != nil {
		return err
	}
	return write(ctx, tx, act, event, letter.ReturnExtended, p, map[string]any{"reason": reason})
}

// Extendable refuses a status in which there is no time to give more of.
func Extendable(s Status) error {
	if s != Returned {
		return problem.Because(problem.Conflict, "proposal.not_now", problem.Say("proposal.status."+string(s)))
	}
	return nil
}

func checkReturn(asked Asked, sections map[string]string, until, now time.Time) problem.Invalid {
	wrong := problem.Invalid{}
	if len(sections) == 0 {
		wrong.Add("sections", "proposal.return.sections")
	}
	for key, reason := range sections {
		switch _, ok := asked.Form.Section(key); {
		case !ok:
			wrong.Add("sections", "proposal.return.sections")
		case reason == "":
			wrong.Add(ReturnField(key), "proposal.return.reason")
		case viet.CountChars(reason) > longestReason:
			wrong.Add(ReturnField(key), "proposal.reason_long", longestReason)
		}
	}
	switch {
	case !until.After(now):
		wrong.Add("until", "proposal.return.until")
	case until.Sub(now) > MaxAhead:
		wrong.Add("until", "proposal.too_far")
	}
	return wrong
}

// Accept says that a proposal meets the call's conditions. The applicant is
// told.
func Accept(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	p, err := lockAsOfficer(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if err := begin(ctx, tx, act, p); err != nil {
		return err
	}
	event, err := step(ctx, tx, act, p, MoveAccept, nil)
	if err != nil {
		return err
	}
	return write(ctx, tx, act, event, letter.Eligible, p, nil)
}

// Refuse says that a proposal does not meet the call's conditions, and why; the
// applicant is told in these words. One that was returned is refused only when
// its day has passed.
func Refuse(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, reasons string) error {
	p, err := lockAsOfficer(ctx, tx, act, id)
	if err != nil {
		return err
	}
	switch {
	case reasons == "":
		return problem.Invalid{"reasons": problem.Say("proposal.refuse.reasons")}
	case viet.CountChars(reasons) > longestReason:
		return problem.Invalid{"reasons": problem.Say("proposal.reason_long", longestReason)}
	case p.Status == Returned && p.ReturnedUntil != nil && act.At.Before(*p.ReturnedUntil):
		return problem.Because(problem.Conflict, "proposal.refuse.early", until(*p.ReturnedUntil))
	}
	if err := begin(ctx, tx, act, p); err != nil {
		return err
	}
	event, err := step(ctx, tx, act, p, MoveRefuse, nil)
	if err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `update proposals set ineligible_reasons = $2 where id = $1`, id, reasons); err != nil {
		return fmt.Errorf("refusing proposal %d: %w", id, err)
	}
	return write(ctx, tx, act, event, letter.Ineligible, p, nil)
}

// OpenReview lets the reviewers assigned to a proposal see it, and tells them.
func OpenReview(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	p, err := lockAsOfficer(ctx, tx, act, id)
	if err != nil {
		return err
	}
	event, err := step(ctx, tx, act, p, MoveOpenReview, nil)
	if err != nil {
		return err
	}
	to, err := reviewers(ctx, tx, id)
	if err != nil {
		return err
	}
	return people.Write(ctx, tx, act, event, letter.ReviewAssigned, p.About(nil), to...)
}

// Tally is what is known of a proposal's reviews: how many, and of those that
// were sent the mean, least and most points of 100; nil for none.
type Tally struct {
	Assigned, Sent int
	Mean, Min, Max *float64
	Criteria       map[string]float64 // mean marks of the sheets that are in
}

// TallyReviews stores what lists show of a proposal's reviews; package review
// calls it whenever it changes. The caller has locked the proposal.
func TallyReviews(ctx context.Context, tx pgx.Tx, id ID, t Tally) error {
	err := pg.Exec(ctx, tx, `update proposals set reviews_assigned = $2, reviews_sent = $3, score_mean = $4, score_min = $5, score_max = $6,
		criterion_means = coalesce($7::jsonb, '{}') where id = $1`, id, t.Assigned, t.Sent, t.Mean, t.Min, t.Max, t.Criteria)
	if err != nil {
		return fmt.Errorf("tallying reviews of proposal %d: %w", id, err)
	}
	return nil
}

// Decide carries out a decision on locked proposals, all by the same move and
// all or none, and returns an event for each in their order. Package decision
// calls it when it releases a call's decisions, and writes the letters. Who is
// no officer of all of them is refused.
func Decide(ctx context.Context, tx pgx.Tx, act audit.Act, m Move, ps ...Locked) (events []int64, err error) {
	if moves[m].by != Release {
		return nil, fmt.Errorf("%s is no decision: %w", m, problem.Conflict)
	}
	ids := make([]ID, len(ps))
	for i, p := range ps {
		ids[i] = p.ID
	}
	seen, err := pg.One[struct{ N, Officer int }](ctx, tx, `
		select count(*) as n, count(*) filter (where view = 'officer') as officer from visible.proposals($1) where id = any($2)`, act.By, ids)
	switch {
	case err != nil:
		return nil, fmt.Errorf("seeing %d proposals: %w", len(ids), err)
	case seen.N < len(ids):
		return nil, problem.NotFound
	case seen.Officer < len(ids):
		return nil, problem.Because(problem.Forbidden, "proposal.only_officers")
	}
	return advance(ctx, tx, act, m, nil, nil, ps...)
}
