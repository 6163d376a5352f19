package site

import (
	"context"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/decision"
	"daubang/internal/eligibility"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/review"
	"daubang/internal/rubric"
	"daubang/internal/viet"
	"daubang/templates"
)

// deskProposal is a proposal as the office works on it.
func (s *Site) deskProposal(w http.ResponseWriter, r *http.Request) error {
	page, err := s.deskProposalPage(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}

func (s *Site) deskProposalPage(r *http.Request) (v templates.DeskProposal, err error) {
	ctx, viewer := r.Context(), visitor(r).ID
	p, err := s.officeProposal(r)
	if err != nil {
		return v, err
	}
	asked, text, sent, err := s.proposalText(r, p)
	if err != nil {
		return v, err
	}
	scale, err := rubric.Get(ctx, s.Read, asked.Call.RubricID)
	if err != nil {
		return v, err
	}
	all, err := review.Of(ctx, s.Read, viewer, p.ID)
	if err != nil {
		return v, err
	}
	decisions, err := decision.Of(ctx, s.Read, viewer, p.ID)
	if err != nil {
		return v, err
	}
	history, err := proposal.History(ctx, s.Read, viewer, p.ID)
	if err != nil {
		return v, err
	}
	proved, err := s.proved(r, sent)
	if err != nil {
		return v, err
	}
	self, err := eligibility.For(ctx, s.Read, viewer, int64(p.ID))
	return templates.DeskProposal{
		Proposal: p, CallTitle: asked.Call.Title(), Needed: asked.Call.ReviewsPerProposal, Rubric: scale.Definition, Text: text, Submission: sent,
		Reviews: all, Decisions: decisions, History: history, Now: s.Now(), Proved: proved, Eligibility: self,
	}, err
}

// officeProposal is the one the address names, as officers and auditors see it;
// to everybody else the desk's page of it does not exist.
func (s *Site) officeProposal(r *http.Request) (proposal.Proposal, error) {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return proposal.Proposal{}, err
	}
	p, err := proposal.Get(r.Context(), s.Read, visitor(r).ID, at)
	if err != nil {
		return proposal.Proposal{}, err
	}
	if p.View != proposal.AsOfficer && p.View != proposal.AsAuditor {
		return proposal.Proposal{}, problem.NotFound
	}
	return p, nil
}

// officerProposal is [Site.officeProposal] for the page of an act: auditors
// only look, and where the act is not possible now the page says so.
func (s *Site) officerProposal(r *http.Request, may func(proposal.Status) error) (proposal.Proposal, error) {
	p, err := s.officeProposal(r)
	switch {
	case err != nil:
		return p, err
	case p.View != proposal.AsOfficer:
		return p, problem.Because(problem.Forbidden, "review.officers_only")
	default:
		return p, may(p.Status)
	}
}

// movable is for the page of a move.
func movable(m proposal.Move) func(proposal.Status) error {
	return func(s proposal.Status) error {
		_, err := s.After(m)
		return err
	}
}

// move makes an act that needs nothing but the proposal.
func (s *Site) move(act func(context.Context, pgx.Tx, audit.Act, proposal.ID) error, say string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.officeProposal(r)
		if err != nil {
			return err
		}
		if err := s.do(r, func(ctx context.Context, tx pgx.Tx, by audit.Act) error { return act(ctx, tx, by, p.ID) }); err != nil {
			return err
		}
		return s.toSaying(w, r, problem.Say(say), "/desk/proposals/%s", p.ID)
	}
}

func (s *Site) askRefuse(w http.ResponseWriter, r *http.Request) error {
	p, err := s.officerProposal(r, movable(proposal.MoveRefuse))
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.DeskRefuse{Proposal: p})
}

func (s *Site) refuseProposal(w http.ResponseWriter, r *http.Request) error {
	p, err := s.officeProposal(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	reasons := f.Text("reasons")
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return proposal.Refuse(ctx, tx, act, p.ID, reasons)
	})
	if wrong, ok := s.wrong(err); ok {
		return s.show(w, r, http.StatusUnprocessableEntity, templates.DeskRefuse{Proposal: p, Reasons: reasons, Wrong: wrong})
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("officer.said_refused"), "/desk/proposals/%s", p.ID)
}

// returnPage is the form for what is to be completed, empty.
func (s *Site) returnPage(r *http.Request, p proposal.Proposal) (templates.DeskReturn, error) {
	asked, err := proposal.WhatIn(r.Context(), s.Read, visitor(r).ID, p.CallID, p.FormID)
	return templates.DeskReturn{Proposal: p, Sections: asked.Form.Sections, Reasons: map[string]string{}}, err
}

func (s *Site) askReturn(w http.ResponseWriter, r *http.Request) error {
	p, err := s.officerProposal(r, movable(proposal.MoveReturn))
	if err != nil {
		return err
	}
	v, err := s.returnPage(r, p)
	if err != nil {
		return err
	}
	v.Until = viet.Date(s.Now().Add(completeWithin))
	return s.show(w, r, http.StatusOK, v)
}

// What an officer is offered when asked for a day.
const (
	completeWithin = 10 * 24 * time.Hour
	reviewWithin   = 14 * 24 * time.Hour
)

func (s *Site) returnProposal(w http.ResponseWriter, r *http.Request) error {
	p, err := s.officeProposal(r)
	if err != nil {
		return err
	}
	v, err := s.returnPage(r, p)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	v.Until = f.Line("until")
	for _, section := range v.Sections {
		if reason := f.Text(proposal.ReturnField(section.Key)); reason != "" {
			v.Reasons[section.Key] = reason
		}
	}
	until, read := dayAfter(v.Until, s.Now())
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return proposal.Return(ctx, tx, act, p.ID, v.Reasons, until)
	})
	if wrong, ok := s.wrong(err); ok {
		v.Wrong = unread(wrong, "until", read || v.Until == "", "officer.date_unread")
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("officer.said_returned"), "/desk/proposals/%s", p.ID)
}

// dayAfter is the first instant after the day that was typed; one without a year
// is of this one.
func dayAfter(typed string, now time.Time) (time.Time, bool) {
	day, ok := viet.ParseDate(typed, now.In(viet.Zone).Year())
	if !ok {
		return time.Time{}, false
	}
	return viet.FirstRefused(day.Day(), int(day.Month()), day.Year(), true), true
}

// unread says of a field that was typed and not understood how to write it,
// instead of what is wrong with nothing.
func unread(wrong problem.Invalid, field string, read bool, key string) problem.Invalid {
	if _, ok := wrong[field]; ok && !read {
		wrong[field] = problem.Say(key)
	}
	return wrong
}

// reviewersPage is who reviews a proposal and who could.
func (s *Site) reviewersPage(r *http.Request, p proposal.Proposal) (templates.DeskReviewers, call.Call, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	c, err := call.Get(ctx, s.Read, viewer, p.CallID)
	if err != nil {
		return templates.DeskReviewers{}, c, err
	}
	all, err := review.Of(ctx, s.Read, viewer, p.ID)
	if err != nil {
		return templates.DeskReviewers{}, c, err
	}
	candidates, err := review.Candidates(ctx, s.Read, viewer, p.ID)
	return templates.DeskReviewers{Proposal: p, Needed: c.ReviewsPerProposal, Reviews: all, Candidates: candidates}, c, err
}

func (s *Site) deskReviewers(w http.ResponseWriter, r *http.Request) error {
	p, err := s.officerProposal(r, review.Assignable)
	if err != nil {
		return err
	}
	v, c, err := s.reviewersPage(r, p)
	if err != nil {
		return err
	}
	due := s.Now().Add(reviewWithin)
	if c.ReviewDueOn != nil && c.ReviewDueOn.After(s.Now()) {
		due = *c.ReviewDueOn
	}
	v.Due = viet.Date(due)
	return s.show(w, r, http.StatusOK, v)
}

func (s *Site) assignReviewer(w http.ResponseWriter, r *http.Request) error {
	p, err := s.officeProposal(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	to, err := ref.Parse[people.ID](f.Line("reviewer"))
	if err != nil {
		to = 0 // nobody was chosen: the check says so
	}
	typed := f.Line("due")
	due, read := dayAfter(typed, s.Now())
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		_, err := review.Assign(ctx, tx, act, p.ID, to, due)
		return err
	})
	if wrong, ok := s.wrong(err); ok {
		v, _, err := s.reviewersPage(r, p)
		if err != nil {
			return err
		}
		v.Chosen, v.Due, v.Wrong = to, typed, unread(wrong, "due", read || typed == "", "officer.date_unread")
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("officer.said_assigned"), "/desk/proposals/%s/reviewers", p.ID)
}

// deskAssignmentPage is the assignment the address names, among those of its
// proposal.
func (s *Site) deskAssignmentPage(r *http.Request) (templates.DeskAssignment, error) {
	p, err := s.officeProposal(r)
	if err != nil {
		return templates.DeskAssignment{}, err
	}
	at, err := id[review.ID](r, "assignment")
	if err != nil {
		return templates.DeskAssignment{}, err
	}
	all, err := review.Of(r.Context(), s.Read, visitor(r).ID, p.ID)
	if err != nil {
		return templates.DeskAssignment{}, err
	}
	for _, a := range all {
		if a.ID == at {
			return templates.DeskAssignment{Proposal: p, Assignment: a.Assignment, Due: viet.Date(a.DueAt.Add(-time.Second))}, nil
		}
	}
	return templates.DeskAssignment{}, problem.NotFound
}

func (s *Site) deskAssignment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.deskAssignmentPage(r)
	if err != nil {
		return err
	}
	if v.Proposal.View != proposal.AsOfficer {
		return problem.Because(problem.Forbidden, "review.officers_only")
	}
	return s.show(w, r, http.StatusOK, v)
}

func (s *Site) setReviewDue(w http.ResponseWriter, r *http.Request) error {
	v, err := s.deskAssignmentPage(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	v.Due = f.Line("due")
	due, read := dayAfter(v.Due, s.Now())
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return review.SetDue(ctx, tx, act, v.Assignment.ID, due)
	})
	if wrong, ok := s.wrong(err); ok {
		v.Wrong = unread(wrong, "due", read || v.Due == "", "officer.date_unread")
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("officer.said_due"), "/desk/proposals/%s/reviewers", v.Proposal.ID)
}

func (s *Site) unassignReviewer(w http.ResponseWriter, r *http.Request) error {
	v, err := s.deskAssignmentPage(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	v.Reason = f.Text("reason")
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return review.Unassign(ctx, tx, act, v.Assignment.ID, v.Reason)
	})
	if wrong, ok := s.wrong(err); ok {
		v.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("officer.said_unassigned"), "/desk/proposals/%s/reviewers", v.Proposal.ID)
}
