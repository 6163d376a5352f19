package site

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"daubang/internal/document"
	"daubang/internal/organisation"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/templates"
)

// compareProposal shows what changed between two submissions as the visitor may
// see them, or for those who write it between the last and what is written now.
// Without a choice: what changed last.
func (s *Site) compareProposal(w http.ResponseWriter, r *http.Request) error {
	ctx, viewer, q := r.Context(), visitor(r).ID, r.URL.Query()
	p, err := s.proposal(r)
	if err != nil {
		return err
	}
	sent, err := proposal.Submissions(ctx, s.Read, viewer, p.ID)
	if err != nil {
		return err
	}
	if len(sent) == 0 {
		return problem.NotFound
	}
	writing := p.View == proposal.AsApplicant && (p.Changing() || p.Status == proposal.Returned)
	page := templates.ProposalCompare{Proposal: p, Last: sent[0].Number}
	if page.Unsent, err = s.unsent(r, p); err != nil {
		return err
	}
	if q.Get("to") == "unsent" {
		return s.compareUnsent(w, r, page, sent)
	}
	if to := q.Get("to"); writing && (to == "draft" || to == "") {
		return s.compareDraft(w, r, page, sent[0])
	}
	page.To = number(q.Get("to"), page.Last)
	page.From = number(q.Get("from"), max(page.To-1, 1))
	var before, after *proposal.Submission
	for i := range sent {
		if sent[i].Number == page.From {
			before = &sent[i]
		}
		if sent[i].Number == page.To {
			after = &sent[i]
		}
	}
	if before == nil || after == nil {
		return problem.NotFound
	}
	if page.Asked, err = proposal.WhatFor(ctx, s.Read, viewer, p.CallID, after.FormID, p.OrganisationID); err != nil {
		return err
	}
	page.FromAt, page.ToAt = before.SubmittedAt, after.SubmittedAt
	files, err := document.Some(ctx, s.Read, viewer, append(append([]document.ID{}, before.Documents...), after.Documents...))
	if err != nil {
		return err
	}
	page.Differs = proposal.Compare(page.Asked.Form, version(*before, files), version(*after, files))
	return s.show(w, r, http.StatusOK, page)
}

// compareDraft shows what is written now beside what was sent last.
func (s *Site) compareDraft(w http.ResponseWriter, r *http.Request, page templates.ProposalCompare, last proposal.Submission) error {
	d, err := s.draft(r, page.Proposal)
	if err != nil {
		return err
	}
	files, err := document.Some(r.Context(), s.Read, visitor(r).ID, last.Documents)
	if err != nil {
		return err
	}
	page.Asked, page.From, page.FromAt = d.asked, last.Number, last.SubmittedAt
	now := proposal.Stand{Content: proposal.Written(d.sections), Documents: d.documents}
	page.Differs = proposal.Compare(d.asked.Form, version(last, files), now)
	return s.show(w, r, http.StatusOK, page)
}

// unsent is when what was changed and never sent was set aside, nil where nothing
// was or where the visitor does not write for the applicant.
func (s *Site) unsent(r *http.Request, p proposal.Proposal) (*time.Time, error) {
	if p.View != proposal.AsApplicant {
		return nil, nil //nolint:nilnil // it is not for them
	}
	role, err := organisation.RoleOf(r.Context(), s.Read, visitor(r).ID, p.OrganisationID)
	if err != nil || role == organisation.Reader {
		return nil, err
	}
	u, err := proposal.LastUnsent(r.Context(), s.Read, visitor(r).ID, p.ID)
	if errors.Is(err, problem.NotFound) {
		return nil, nil //nolint:nilnil // nothing was
	}
	return &u.SetAsideAt, err
}

// compareUnsent shows what was changed and never sent beside what was sent
// before it, to those who wrote it.
func (s *Site) compareUnsent(w http.ResponseWriter, r *http.Request, page templates.ProposalCompare, sent []proposal.Submission) error {
	if page.Unsent == nil {
		return problem.NotFound
	}
	ctx, viewer, p := r.Context(), visitor(r).ID, page.Proposal
	u, err := proposal.LastUnsent(ctx, s.Read, viewer, p.ID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(sent, func(x proposal.Submission) bool { return x.ID == u.SubmissionID })
	if at < 0 {
		return problem.NotFound
	}
	if page.Asked, err = proposal.WhatFor(ctx, s.Read, viewer, p.CallID, u.FormID, p.OrganisationID); err != nil {
		return err
	}
	files, err := document.Some(ctx, s.Read, viewer, append(slices.Clone(sent[at].Documents), u.Documents...))
	if err != nil {
		return err
	}
	after := version(proposal.Submission{Content: u.Content, Documents: u.Documents}, files)
	page.Aside, page.From, page.FromAt = true, sent[at].Number, sent[at].SubmittedAt
	page.Differs = proposal.Compare(page.Asked.Form, version(sent[at], files), after)
	return s.show(w, r, http.StatusOK, page)
}

// version is a submission with those of the files that belong to it.
func version(s proposal.Submission, files []document.Document) proposal.Stand {
	v := proposal.Stand{Content: s.Whole()}
	for _, f := range files {
		for _, id := range s.Documents {
			if f.ID == id {
				v.Documents = append(v.Documents, f)
			}
		}
	}
	return v
}

// number reads a number from an address; nonsense is what is taken instead.
func number(typed string, instead int) int {
	n, err := strconv.Atoi(typed)
	if err != nil || n < 1 {
		return instead
	}
	return n
}
