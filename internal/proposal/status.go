package proposal

import (
	"slices"

	"daubang/internal/problem"
)

// Status is where a proposal stands. That it is late is never one: lateness is
// worked out from dates.
type Status string

// The statuses.
const (
	Draft       Status = "draft"
	Discarded   Status = "discarded"
	Submitted   Status = "submitted"
	Returned    Status = "returned" // to be completed, see [Return]
	Eligible    Status = "eligible"
	Ineligible  Status = "ineligible"
	InReview    Status = "in_review"
	Approved    Status = "approved"
	Conditional Status = "conditional"
	Waitlisted  Status = "waitlisted"
	Declined    Status = "declined"
	Withdrawn   Status = "withdrawn"
)

// Statuses lists them in the order of a life.
var Statuses = []Status{Draft, Discarded, Submitted, Returned, Eligible, Ineligible, InReview, Approved, Conditional, Waitlisted, Declined, Withdrawn}

// Move is a step in the life of a proposal; its name is the verb of its event.
type Move string

// The moves.
const (
	MoveSubmit     Move = "submit"
	MoveReopen     Move = "reopen" // what was sent is to be changed and sent again, see [Reopen]
	MoveDiscard    Move = "discard"
	MoveWithdraw   Move = "withdraw"
	MoveReturn     Move = "return"
	MoveAccept     Move = "accept"
	MoveRefuse     Move = "refuse"
	MoveOpenReview Move = "open_review"
	MoveApprove    Move = "approve"
	MoveConditions Move = "approve_with_conditions"
	MoveWaitlist   Move = "waitlist"
	MoveDecline    Move = "decline"
)

// Moves lists them in the order they are offered.
var Moves = []Move{MoveSubmit, MoveReopen, MoveDiscard, MoveWithdraw, MoveAccept, MoveReturn, MoveRefuse, MoveOpenReview, MoveApprove, MoveConditions, MoveWaitlist, MoveDecline}

// Actor is as whom one makes a move.
type Actor string

// The actors. A release is the officer's too, but for a whole call at once:
// package decision makes it.
const (
	Head    Actor = "head"
	Writer  Actor = "writer" // the head too
	Officer Actor = "officer"
	Release Actor = "release"
)

// moves is the life of a proposal: what may happen from where, and by whom.
// Buttons, routes and tests come from it.
var moves = map[Move]struct {
	from []Status
	to   Status
	by   Actor
}{
	MoveSubmit:     {from: []Status{Draft, Returned, Submitted}, to: Submitted, by: Head}, // submitted: once it is reopened
	MoveReopen:     {from: []Status{Submitted}, to: Submitted, by: Writer},
	MoveDiscard:    {from: []Status{Draft}, to: Discarded, by: Head},
	MoveWithdraw:   {from: []Status{Submitted, Returned, Eligible, InReview}, to: Withdrawn, by: Head},
	MoveReturn:     {from: []Status{Submitted}, to: Returned, by: Officer},
	MoveAccept:     {from: []Status{Submitted}, to: Eligible, by: Officer},
	MoveRefuse:     {from: []Status{Submitted, Returned}, to: Ineligible, by: Officer}, // returned: once its day has passed
	MoveOpenReview: {from: []Status{Eligible}, to: InReview, by: Officer},
	MoveApprove:    {from: []Status{InReview, Waitlisted}, to: Approved, by: Release},
	MoveConditions: {from: []Status{InReview, Waitlisted}, to: Conditional, by: Release},
	MoveWaitlist:   {from: []Status{InReview}, to: Waitlisted, by: Release},
	MoveDecline:    {from: []Status{InReview, Waitlisted}, to: Declined, by: Release},
}

// After is where a move leads from s. A move that is not allowed from here is
// [problem.Conflict], and says where the proposal stands.
func (s Status) After(m Move) (Status, error) {
	if step, ok := moves[m]; ok && slices.Contains(step.from, s) {
		return step.to, nil
	}
	return "", problem.Because(problem.Conflict, "proposal.not_now", problem.Say("proposal.status."+string(s)))
}

// Moves lists what the actor may do from here.
func (s Status) Moves(by Actor) []Move {
	var may []Move
	for _, m := range Moves {
		if step := moves[m]; step.by == by && slices.Contains(step.from, s) {
			may = append(may, m)
		}
	}
	return may
}

// Can says that the actor may make the move from here.
func (s Status) Can(by Actor, m Move) bool { return slices.Contains(s.Moves(by), m) }

// Sent says that the office has it or had it: there is a submission that counts.
func (s Status) Sent() bool {
	return !slices.Contains([]Status{Draft, Discarded, Returned, Withdrawn}, s)
}

// Over says that nothing more will happen to it here.
func (s Status) Over() bool {
	return slices.Contains([]Status{Discarded, Ineligible, Approved, Conditional, Declined, Withdrawn}, s)
}

// Decided says that a decision on it was released.
func (s Status) Decided() bool {
	return slices.Contains([]Status{Approved, Conditional, Waitlisted, Declined}, s)
}
