package site

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/eligibility"
	"daubang/internal/organisation"
	"daubang/internal/passport"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/templates"
)

// checkProposal is the whole of it: to check while it is written, and to read
// once it is sent.
func (s *Site) checkProposal(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.applying(r)
	if err != nil {
		return err
	}
	if p.SubmittedAt != nil && p.Status != proposal.Returned && !p.Changing() {
		return s.showSent(w, r, p, role)
	}
	page, err := s.checkPage(r, p, role)
	if err != nil {
		return err
	}
	if p.Changing() && !page.Asked.Call.Accepting(page.Now) { // too late: what was sent counts
		return s.showSent(w, r, p, role)
	}
	return s.show(w, r, http.StatusOK, page)
}

func (s *Site) checkPage(r *http.Request, p proposal.Proposal, role organisation.Role) (templates.ProposalCheck, error) {
	d, err := s.draft(r, p)
	if err != nil {
		return templates.ProposalCheck{}, err
	}
	applicant := proposal.Applicant{NameVi: p.OrganisationName, Kind: p.OrganisationKind} // all that those who apply together are told
	if p.View != proposal.AsCoApplicant {
		from, where, err := organisation.Placed(r.Context(), s.Read, visitor(r).ID, p.OrganisationID)
		if err != nil {
			return templates.ProposalCheck{}, err
		}
		applicant = proposal.Record(from, where)
	}
	parts, err := passport.Parts(r.Context(), s.Read, visitor(r).ID, p.OrganisationID)
	if err != nil {
		return templates.ProposalCheck{}, err
	}
	proved := passport.Freeze(parts)
	with, err := proposal.CoApplicants(r.Context(), s.Read, visitor(r).ID, p.ID)
	if err != nil {
		return templates.ProposalCheck{}, err
	}
	page := templates.ProposalCheck{
		Proposal: p, Role: role, Asked: d.asked, Answers: proposal.Written(d.sections), Documents: d.documents, Applicant: &applicant, CoApplicants: with, Passport: proved,
		Gaps: d.gaps, Now: s.Now(),
	}
	if p.View == proposal.AsCoApplicant {
		page.Gaps = nil // they do not write it, and of its files they are not given all
	}
	if page.Eligibility, err = eligibility.For(r.Context(), s.Read, visitor(r).ID, int64(p.ID)); err != nil {
		return page, err
	}
	if p.SubmittedAt != nil {
		page.Over, err = proposal.LastNumber(r.Context(), s.Read, visitor(r).ID, p.ID)
	}
	return page, err
}

// showSent shows the last submission as the visitor may see it.
func (s *Site) showSent(w http.ResponseWriter, r *http.Request, p proposal.Proposal, role organisation.Role) error {
	page, err := s.sentPage(r, p, role)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}

// sentPage is the last submission as the visitor may see it.
func (s *Site) sentPage(r *http.Request, p proposal.Proposal, role organisation.Role) (templates.ProposalCheck, error) {
	sent, err := proposal.LastSubmission(r.Context(), s.Read, visitor(r).ID, p.ID)
	if err != nil {
		return templates.ProposalCheck{}, err
	}
	return s.submittedPage(r, p, role, sent)
}

// submittedPage is a submission as the visitor may see it.
func (s *Site) submittedPage(r *http.Request, p proposal.Proposal, role organisation.Role, sent proposal.Submission) (templates.ProposalCheck, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	asked, err := proposal.WhatFor(ctx, s.Read, viewer, p.CallID, sent.FormID, p.OrganisationID)
	if err != nil {
		return templates.ProposalCheck{}, err
	}
	documents, err := document.Some(ctx, s.Read, viewer, sent.Documents)
	if err != nil {
		return templates.ProposalCheck{}, err
	}
	asked.Form = asked.Form.Sent(sent.Whole())
	page := templates.ProposalCheck{Proposal: p, Role: role, Asked: asked, Answers: sent.Whole(), Documents: documents, Sent: &sent, Now: s.Now()}
	if page.Eligibility, err = eligibility.For(ctx, s.Read, viewer, int64(p.ID)); err != nil {
		return page, err
	}
	if sent.Identity != nil {
		page.Applicant, page.CoApplicants, page.Passport = &sent.Identity.Organisation, sent.Identity.CoApplicants, sent.Identity.Passport
	}
	return page, nil
}

// submitProposal sends it; what is not complete is shown with all that is
// missing, and a page that stood open too long is shown anew.
func (s *Site) submitProposal(w http.ResponseWriter, r *http.Request) error {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return err
	}
	f, err := s.formOnce(r, "over")
	if err != nil {
		return err
	}
	over, err := strconv.Atoi(f.Line("over"))
	if err != nil {
		over = proposal.Unseen
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		_, err := proposal.SubmitOver(ctx, tx, act, at, over)
		return err
	})
	_, gaps := errors.AsType[proposal.Incomplete](err)
	_, outdated := errors.AsType[proposal.Outdated](err)
	switch {
	case gaps || outdated:
		return s.checkAgain(w, r, outdated)
	case err != nil:
		return err
	}
	return s.to(w, r, "/proposals/%s/receipt", at)
}

// checkAgain shows the whole of it as it stands now, with why it was not sent.
func (s *Site) checkAgain(w http.ResponseWriter, r *http.Request, outdated bool) error {
	p, role, err := s.applying(r)
	if err != nil {
		return err
	}
	page, err := s.checkPage(r, p, role)
	if err != nil {
		return err
	}
	if outdated {
		page.Outdated = true
		return s.show(w, r, http.StatusConflict, page)
	}
	page.Refused = true
	return s.show(w, r, http.StatusUnprocessableEntity, page)
}

// reopenProposal lets what was sent be changed, to be sent again.
func (s *Site) reopenProposal(w http.ResponseWriter, r *http.Request) error {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return err
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return proposal.Reopen(ctx, tx, act, at)
	})
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("proposal.reopen.said"), "/proposals/%s", at)
}

// showReceipt proves that it has arrived.
func (s *Site) showReceipt(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.applying(r)
	if err != nil {
		return err
	}
	ctx, viewer := r.Context(), visitor(r).ID
	sent, err := proposal.LastSubmission(ctx, s.Read, viewer, p.ID)
	if err != nil {
		return err
	}
	asked, err := proposal.WhatFor(ctx, s.Read, viewer, p.CallID, sent.FormID, p.OrganisationID)
	if err != nil {
		return err
	}
	files, err := document.Some(ctx, s.Read, viewer, sent.Documents)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.ProposalReceipt{Proposal: p, Asked: asked, Sent: sent, Documents: len(sent.Documents), Waiting: document.Waiting(files)})
}
