// Package review is how proposals are judged: who is asked, what they answer,
// what they declare, their score sheets, and what the sheets come to. Scores of
// others stay hidden until one's own are sent, and a declared conflict hides
// everything; both are the SQL schema visible's doing, for every page and list.
//
// Every change locks the proposal first, so that an assignment, a conflict, the
// last sheet and a decision cannot pass one another.
package review

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
)

// ID names an assignment: one reviewer and one proposal.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// State is how far an assignment has come.
type State string

// The states of an assignment.
const (
	Invited    State = "invited"   // asked, not answered
	Accepted   State = "accepted"  // yes; the sheet is being written
	Sent       State = "sent"      // the sheet is sent, and final
	Declined   State = "declined"  // no, with a reason
	Conflicted State = "conflict"  // a conflict was declared
	Withdrawn  State = "withdrawn" // taken back by an officer
)

// step is a change of an assignment's state.
type step string

const (
	assign   step = "assign"
	accept   step = "accept_review"
	decline  step = "decline_review"
	send     step = "send_review"
	conflict step = "declare_conflict"
	unassign step = "unassign"
)

// steps says which change is allowed from where: the life of an assignment,
// whole. An empty state is a reviewer who was never asked.
var steps = map[step]struct {
	from []State
	to   State
}{
	assign:   {from: []State{"", Declined, Withdrawn}, to: Invited},
	accept:   {from: []State{Invited}, to: Accepted},
	decline:  {from: []State{Invited, Accepted}, to: Declined},
	send:     {from: []State{Accepted}, to: Sent},
	conflict: {from: []State{Invited, Accepted, Sent}, to: Conflicted},
	unassign: {from: []State{Invited, Accepted}, to: Withdrawn},
}

// after is the state that a step leads to, or a refusal that says why not.
func (s State) after(taken step) (State, error) {
	if !s.may(taken) {
		return s, problem.Because(problem.Conflict, "review.refused."+string(s))
	}
	return steps[taken].to, nil
}

func (s State) may(take step) bool { return slices.Contains(steps[take].from, s) }

// Open reports whether the reviewer still has something to do.
func (s State) Open() bool { return s == Invited || s == Accepted }

// Live reports whether the reviewer counts among those who judge the proposal.
func (s State) Live() bool { return s.Open() || s == Sent }

// Removable reports whether an officer may take the assignment back.
func (s State) Removable() bool { return s.may(unassign) }

// Deniable reports whether the reviewer may still say no.
func (s State) Deniable() bool { return s.may(decline) }

// Assignment asks one reviewer to judge one proposal by a time.
type Assignment struct {
	ID           ID
	ProposalID   proposal.ID
	ReviewerID   people.ID
	ReviewerName string
	State        State
	DueAt        time.Time // the first refused instant
	AssignedAt   time.Time
	AnsweredAt   *time.Time
	Reason       string // why it was declined or withdrawn
}

const columns = `
	select a.id, a.proposal_id, a.reviewer_id, a.reviewer_name, a.state, a.due_at, a.assigned_at, a.answered_at, a.reason
	from visible.assignments($1) a`

// Get returns the viewer's own assignment, whatever became of it, and
// [problem.NotFound] for anybody else's.
func Get(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Assignment, error) {
	a, err := pg.One[Assignment](ctx, db, columns+` where a.id = $2 and a.reviewer_id = $1`, viewer, id)
	if err != nil {
		return Assignment{}, fmt.Errorf("reading assignment %s: %w", id, err)
	}
	return a, nil
}
