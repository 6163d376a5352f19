package site

import (
	"context"
	"errors"
	"net/http"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/deadline"
	"daubang/internal/decision"
	"daubang/internal/document"
	"daubang/internal/eligibility"
	"daubang/internal/form"
	"daubang/internal/message"
	"daubang/internal/organisation"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/review"
	"daubang/internal/together"
	"daubang/templates"
)

// askStart offers what was begun for a call, and to begin.
func (s *Site) askStart(w http.ResponseWriter, r *http.Request) error {
	page, err := s.startPage(r, queried(r))
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}

// startPage is the page with what was answered before, in the address or in the
// form.
func (s *Site) startPage(r *http.Request, sent func(string) string) (templates.ProposalStart, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	c, err := s.call(r)
	if err != nil {
		return templates.ProposalStart{}, err
	}
	page := templates.ProposalStart{Call: c, Now: s.Now()}
	mine, err := organisation.Mine(ctx, s.Read, viewer)
	if err != nil {
		return page, err
	}
	page.NoMember = len(mine) == 0
	if page.Check, err = eligibility.Of(ctx, s.Read, viewer, c.ID); err != nil {
		return page, err
	}
	page.Answers = page.Check.Read(sent)
	later, err := call.Closings(ctx, s.Read, viewer, c.ID)
	if err != nil {
		return page, err
	}
	for _, m := range mine {
		why := proposal.WhyNot(c.Until(later[m.ID]), m.Organisation, m.Role, audit.Act{By: int64(viewer), At: page.Now})
		if refusal, ok := errors.AsType[problem.Refusal](why); ok {
			page.MayNot = append(page.MayNot, templates.StartRefused{Organisation: m.Organisation, Why: refusal.Words})
			continue
		}
		page.May = append(page.May, m.Organisation)
		page.Call = page.Call.Until(later[m.ID])
	}
	if page.Begun, err = proposal.Under(ctx, s.Read, viewer, c.ID); err != nil {
		return page, err
	}
	page.Earlier, err = s.earlier(r, c.ID, page.May)
	return page, err
}

// startProposal begins one, or opens the draft that is there.
func (s *Site) startProposal(w http.ResponseWriter, r *http.Request) error {
	c, err := id[call.ID](r, "call")
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	check, err := eligibility.Of(r.Context(), s.Read, visitor(r).ID, c)
	if err != nil {
		return err
	}
	var begun proposal.ID
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		if begun, err = begin(ctx, tx, act, c, f); err != nil {
			return err
		}
		return proposal.KeepEligibility(ctx, tx, act, begun, check.Read(f.Line))
	})
	if wrong, ok := s.wrong(err); ok {
		page, err := s.startPage(r, f.Line)
		if err != nil {
			return err
		}
		page.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.to(w, r, "/proposals/%s", begun)
}

// begin begins a proposal as the form says: empty, or with an earlier one.
func begin(ctx context.Context, tx pgx.Tx, act audit.Act, c call.ID, f values) (proposal.ID, error) {
	if f.Has("clone") {
		if f.Line("source") == "" {
			return 0, problem.Invalid{"source": problem.Say("clone.choose_source")}
		}
		source, err := ref.Parse[proposal.ID](f.Line("source"))
		if err != nil {
			return 0, err
		}
		return proposal.Clone(ctx, tx, act, source, c)
	}
	if f.Line("organisation") == "" {
		return 0, problem.Invalid{"organisation": problem.Say("proposal.start.choose")}
	}
	o, err := ref.Parse[organisation.ID](f.Line("organisation"))
	if err != nil {
		return 0, err
	}
	return proposal.Start(ctx, tx, act, c, o)
}

// proposals lists those of the visitor's organisations.
func (s *Site) proposals(w http.ResponseWriter, r *http.Request) error {
	mine, err := proposal.Mine(r.Context(), s.Read, visitor(r).ID)
	if err != nil {
		return err
	}
	waiting, err := together.Waiting(r.Context(), s.Read, visitor(r).ID)
	if err != nil {
		return err
	}
	joined, err := proposal.Joined(r.Context(), s.Read, visitor(r).ID)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.Proposals{Mine: mine, Joined: joined, Waiting: waiting, Member: visitor(r).Member, Now: s.Now()})
}

// proposal is the one the address names, if the visitor may read it: who is only
// asked to review it knows of it from their list.
func (s *Site) proposal(r *http.Request) (proposal.Proposal, error) {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return proposal.Proposal{}, err
	}
	p, err := proposal.Get(r.Context(), s.Read, visitor(r).ID, at)
	if err == nil && p.View == proposal.AsAsked {
		return proposal.Proposal{}, problem.NotFound
	}
	return p, err
}

// applying is a proposal of the visitor's own organisation, and what they are in
// it; who sees it otherwise may not work on it.
func (s *Site) applying(r *http.Request) (proposal.Proposal, organisation.Role, error) {
	p, err := s.proposal(r)
	if err != nil {
		return p, "", err
	}
	if p.View != proposal.AsApplicant {
		return p, "", problem.Because(problem.Forbidden, "proposal.only_members")
	}
	role, err := organisation.RoleOf(r.Context(), s.Read, visitor(r).ID, p.OrganisationID)
	return p, role, err
}

// draft is what stands written in a proposal, with what is still missing.
type draft struct {
	asked     proposal.Asked
	sections  map[string]proposal.Section
	documents []document.Document
	gaps      form.Gaps
}

func (s *Site) draft(r *http.Request, p proposal.Proposal) (draft, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	var d draft
	var err error
	if d.asked, err = proposal.WhatOf(ctx, s.Read, viewer, p); err != nil {
		return d, err
	}
	if d.sections, err = proposal.Sections(ctx, s.Read, viewer, p.ID); err != nil {
		return d, err
	}
	if d.documents, err = document.Attached(ctx, s.Read, viewer, int64(p.ID)); err != nil {
		return d, err
	}
	written := proposal.Written(d.sections)
	d.asked.Form = d.asked.Form.For(written)
	d.gaps = proposal.Lacking(d.asked, written, d.documents)
	p.Opens(d.gaps)
	return d, nil
}

// standing is the draft of a proposal that is still written; of one that is
// not, only what was asked.
func (s *Site) standing(r *http.Request, p proposal.Proposal) (draft, error) {
	if p.Status == proposal.Draft || p.Status == proposal.Returned || p.Changing() {
		return s.draft(r, p)
	}
	asked, err := proposal.WhatOf(r.Context(), s.Read, visitor(r).ID, p)
	return draft{asked: asked}, err
}

// showProposal is a proposal's own page: for its organisation all there is to
// do, for those who judge what was sent.
func (s *Site) showProposal(w http.ResponseWriter, r *http.Request) error {
	p, err := s.proposal(r)
	if err != nil {
		return err
	}
	switch {
	case p.View != proposal.AsApplicant && p.SubmittedAt != nil:
		return s.showSent(w, r, p, "")
	case p.View != proposal.AsApplicant: // an auditor may read a draft too
		page, err := s.checkPage(r, p, "")
		if err != nil {
			return err
		}
		return s.show(w, r, http.StatusOK, page)
	}
	role, err := organisation.RoleOf(r.Context(), s.Read, visitor(r).ID, p.OrganisationID)
	if err != nil {
		return err
	}
	d, err := s.standing(r, p)
	if err != nil {
		return err
	}
	history, err := proposal.History(r.Context(), s.Read, visitor(r).ID, p.ID)
	if err != nil {
		return err
	}
	outcome, err := s.outcome(r, p)
	if err != nil {
		return err
	}
	team, err := together.Of(r.Context(), s.Read, visitor(r).ID, p.ID, s.Now())
	if err != nil {
		return err
	}
	changed, movedOn, err := s.lastFormChange(r, p, d.asked)
	if err != nil {
		return err
	}
	cloned, unread, err := s.clonedNow(r, p)
	if err != nil {
		return err
	}
	page := templates.ProposalShow{
		FromClone: cloned, Cloned: unread,
		Proposal: p, Role: role, Outcome: outcome, Asked: d.asked, Sections: d.sections, Documents: d.documents, Gaps: d.gaps, History: history, Team: team,
		Me: visitor(r).ID, Changed: changed, MovedOn: movedOn, Now: s.Now(),
	}
	if err := s.beside(r, &page); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}

// beside adds what only some proposals have beside them: a draft how long it
// takes and what its deadline was moved to, a sent one the office's messages.
func (s *Site) beside(r *http.Request, page *templates.ProposalShow) error {
	p, err := page.Proposal, error(nil)
	if p.Status == proposal.Draft {
		if page.Minutes, err = form.Effort(r.Context(), s.Read, p.FormID, s.Now()); err != nil {
			return err
		}
		if page.Extended, err = deadline.Concerning(r.Context(), s.Read, visitor(r).ID, p.CallID, p.OrganisationID); err != nil {
			return err
		}
	}
	if p.SubmittedAt != nil {
		page.Unread, err = message.Unread(r.Context(), s.Read, visitor(r).ID, p.ID)
	}
	return err
}

// outcome is the released decision on a proposal, nil while there is none.
func (s *Site) outcome(r *http.Request, p proposal.Proposal) (*templates.Outcome, error) {
	if !p.Status.Decided() {
		return nil, nil
	}
	list, err := decision.Of(r.Context(), s.Read, visitor(r).ID, p.ID)
	if err != nil {
		return nil, err
	}
	released := decision.In(list, decision.Released)
	if released == nil {
		return nil, nil
	}
	feedback, err := review.Feedback(r.Context(), s.Read, visitor(r).ID, p.ID)
	return &templates.Outcome{Decision: *released, Feedback: feedback}, err
}

// showHistory lists what happened to it.
func (s *Site) showHistory(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.applying(r)
	if err != nil {
		return err
	}
	history, err := proposal.History(r.Context(), s.Read, visitor(r).ID, p.ID)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.ProposalHistory{Proposal: p, History: history})
}

// askWithdraw asks once more.
func (s *Site) askWithdraw(w http.ResponseWriter, r *http.Request) error {
	return s.askEnd(w, r, proposal.MoveWithdraw)
}

// askDiscard asks once more.
func (s *Site) askDiscard(w http.ResponseWriter, r *http.Request) error {
	return s.askEnd(w, r, proposal.MoveDiscard)
}

func (s *Site) askEnd(w http.ResponseWriter, r *http.Request, m proposal.Move) error {
	p, role, err := s.applying(r)
	if err != nil {
		return err
	}
	if role != organisation.Head {
		return problem.Because(problem.Forbidden, "proposal.only_head")
	}
	if _, err := p.Status.After(m); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.ProposalEnd{Proposal: p, Move: m})
}

// withdrawProposal takes it back.
func (s *Site) withdrawProposal(w http.ResponseWriter, r *http.Request) error {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	reason := f.Text("reason")
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return proposal.Withdraw(ctx, tx, act, at, reason)
	})
	if wrong, ok := s.wrong(err); ok {
		p, err := s.proposal(r)
		if err != nil {
			return err
		}
		return s.show(w, r, http.StatusUnprocessableEntity, templates.ProposalEnd{Proposal: p, Move: proposal.MoveWithdraw, Reason: reason, Wrong: wrong})
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("proposal.withdraw.said"), "/proposals/%s", at)
}

// discardProposal throws a draft away.
func (s *Site) discardProposal(w http.ResponseWriter, r *http.Request) error {
	p, err := s.proposal(r)
	if err != nil {
		return err
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return proposal.Discard(ctx, tx, act, p.ID)
	})
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("proposal.discard.said", p.Reference), "/proposals")
}
