package desk

import (
	"context"
	"fmt"
	"time"

	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/proposal"
)

// Tally is how many proposals of a call stand at each status: those that viewer
// may see at the desk.
type Tally map[proposal.Status]int

// All is how many proposals were ever sent.
func (t Tally) All() int {
	n := 0
	for _, of := range t {
		n += of
	}
	return n
}

// Decided is how many have their answer.
func (t Tally) Decided() int {
	return t[proposal.Approved] + t[proposal.Conditional] + t[proposal.Waitlisted] + t[proposal.Declined]
}

// Tallies counts the proposals of every call; see [Counts].
func Tallies(ctx context.Context, db pg.DB, viewer people.ID) (map[call.ID]Tally, error) {
	counts, err := Counts(ctx, db, viewer)
	all := map[call.ID]Tally{}
	for _, c := range counts {
		if all[c.CallID] == nil {
			all[c.CallID] = Tally{}
		}
		all[c.CallID][c.Status] = c.N
	}
	return all, err
}

// TallyOf counts the proposals of one call.
func TallyOf(ctx context.Context, db pg.DB, viewer people.ID, id call.ID) (Tally, error) {
	all, err := Tallies(ctx, db, viewer)
	if all[id] == nil {
		return Tally{}, err
	}
	return all[id], err
}

// Work is what waits for the office under one call.
type Work struct {
	CallID       call.ID
	Screen       int // sent, not looked at yet
	Overdue      int // returned for completion, and the time for that is over
	Assign       int // eligible or in review with fewer reviewers than the call asks for
	Decide       int // every review asked for is in
	LateReviews  int // invited or accepted, past their due time
	InHand       int // sent, and without an answer yet
	ReviewsAsked int // of proposals in review
	ReviewsSent  int
}

// Nothing reports whether the office has nothing to do under the call.
func (w Work) Nothing() bool { return w.Screen+w.Overdue+w.Assign+w.Decide+w.LateReviews == 0 }

// Waiting lists what waits for the office at t, by call. Only proposals that
// are still on their way are read; see the index proposals_in_hand.
func Waiting(ctx context.Context, db pg.DB, viewer people.ID, t time.Time) (map[call.ID]Work, error) {
	rows, err := pg.All[Work](ctx, db, `
		with late as (
			select call_id, count(*) as n from visible.desk_assignments($1)
			where state in ('invited', 'accepted') and due_at < $2 and proposal_status = 'in_review'
			group by call_id
		)
		select p.call_id,
			count(*) filter (where p.status = 'submitted')::int as screen,
			count(*) filter (where p.status = 'returned' and p.returned_until <= $2)::int as overdue,
			count(*) filter (where p.status in ('eligible', 'in_review') and p.reviews_assigned < c.reviews_per_proposal)::int as assign,
			count(*) filter (where p.status = 'in_review' and p.reviews_assigned >= c.reviews_per_proposal and p.reviews_sent = p.reviews_assigned)::int as decide,
			coalesce(min(late.n), 0)::int as late_reviews,
			count(*)::int as in_hand,
			coalesce(sum(p.reviews_assigned) filter (where p.status = 'in_review'), 0)::int as reviews_asked,
			coalesce(sum(p.reviews_sent) filter (where p.status = 'in_review'), 0)::int as reviews_sent
		from visible.desk($1) p
		join visible.calls($1) c on c.id = p.call_id
		left join late on late.call_id = p.call_id
		where p.status in ('submitted', 'returned', 'eligible', 'in_review')
		group by p.call_id`, viewer, t)
	if err != nil {
		return nil, fmt.Errorf("finding what waits: %w", err)
	}
	all := map[call.ID]Work{}
	for _, w := range rows {
		all[w.CallID] = w
	}
	return all, nil
}
