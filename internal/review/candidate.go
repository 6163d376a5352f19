package review

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/together"
)

// Bar says why a reviewer of the call cannot be asked about one proposal; empty
// is no bar.
type Bar string

// The bars.
const (
	Asked     Bar = "asked"    // is already among its reviewers
	Conflict  Bar = "conflict" // declared a conflict of interest
	Belongs   Bar = "belongs"  // to the applicant organisation, or to one that applies together with it
	Overseer  Bar = "overseer" // sees every review of the call: see people.Overseers
	NotActive Bar = "disabled" // has no account any more
)

// Candidate is a reviewer of the call and how much they have to do in it.
type Candidate struct {
	ID    people.ID
	Name  string
	Open  int   // assignments of the call to answer or to write
	Sent  int   // sheets of the call that are sent
	State State // on this proposal; empty if never asked
	Bar   Bar
}

// Candidates lists the reviewers of the proposal's call, the least loaded
// first, each with what stands in the way of asking them. Only officers of the
// programme may ask.
func Candidates(ctx context.Context, db pg.DB, viewer people.ID, p proposal.ID) ([]Candidate, error) {
	return candidates(ctx, db, viewer, p, 0)
}

// candidate finds one of [Candidates]; who does not review the call is refused.
func candidate(ctx context.Context, db pg.DB, viewer people.ID, p proposal.ID, who people.ID) (Candidate, error) {
	if who == 0 {
		return Candidate{}, problem.Invalid{"reviewer": problem.Say("review.choose_reviewer")}
	}
	list, err := candidates(ctx, db, viewer, p, who)
	if err != nil {
		return Candidate{}, err
	}
	if len(list) == 0 {
		return Candidate{}, problem.Invalid{"reviewer": problem.Say("review.not_reviewer")}
	}
	return list[0], nil
}

func candidates(ctx context.Context, db pg.DB, viewer people.ID, p proposal.ID, only people.ID) ([]Candidate, error) {
	about, err := proposal.Get(ctx, db, viewer, p)
	if err != nil {
		return nil, err
	}
	if about.View != proposal.AsOfficer {
		return nil, problem.Because(problem.Forbidden, "review.officers_only")
	}
	type row struct {
		Candidate
		Disabled, Conflicted bool
	}
	rows, err := pg.All[row](ctx, db, `
		select w.id, w.name, coalesce(load.open, 0) as open, coalesce(load.sent, 0) as sent, coalesce(a.state, '') as state, '' as bar,
		       w.disabled_at is not null as disabled,
		       exists (select from visible.conflicts(@viewer) k where k.proposal_id = @proposal and k.person_id = w.id) as conflicted
		from visible.roles(@viewer) r
		join visible.people(@viewer) w on w.id = r.person_id
		left join visible.assignments(@viewer) a on a.proposal_id = @proposal and a.reviewer_id = w.id
		left join (
		  select l.reviewer_id, (sum(l.n) filter (where l.state in ('invited', 'accepted')))::int as open, (sum(l.n) filter (where l.state = 'sent'))::int as sent
		  from visible.reviewer_loads(@viewer) l
		  where l.call_id = @call and (@only::bigint = 0 or l.reviewer_id = @only)
		  group by l.reviewer_id
		) load on load.reviewer_id = w.id
		where r.role = 'reviewer' and r.call_id = @call and (@only::bigint = 0 or w.id = @only)
		order by coalesce(load.open, 0), w.name, w.id`,
		pgx.StrictNamedArgs{"viewer": viewer, "proposal": p, "call": about.CallID, "only": int64(only)})
	if err != nil {
		return nil, fmt.Errorf("listing reviewers for proposal %s: %w", p, err)
	}
	members, err := applicants(ctx, db, viewer, about)
	if err != nil {
		return nil, err
	}
	overseers, err := people.Overseers(ctx, db, int64(about.ProgrammeID), int64(about.CallID))
	if err != nil {
		return nil, err
	}
	list := make([]Candidate, len(rows))
	for i, r := range rows {
		switch {
		case slices.Contains(members, r.ID):
			r.Bar = Belongs
		case r.Conflicted:
			r.Bar = Conflict
		case slices.Contains(overseers, r.ID):
			r.Bar = Overseer
		case r.Disabled:
			r.Bar = NotActive
		case !r.State.may(assign):
			r.Bar = Asked
		}
		list[i] = r.Candidate
	}
	return list, nil
}

// applicants are all who belong to an organisation that applies: the one that
// leads, and those that have confirmed they apply with it.
func applicants(ctx context.Context, db pg.DB, viewer people.ID, p proposal.Proposal) ([]people.ID, error) {
	all, err := organisation.People(ctx, db, p.OrganisationID, organisation.Roles...)
	if err != nil {
		return nil, err
	}
	with, err := together.CoApplicants(ctx, db, viewer, p.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range with {
		if c.State != together.Confirmed {
			continue
		}
		theirs, err := organisation.People(ctx, db, *c.OrganisationID, organisation.Roles...)
		if err != nil {
			return nil, err
		}
		all = append(all, theirs...)
	}
	return all, nil
}
