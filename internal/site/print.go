package site

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"daubang/internal/organisation"
	"daubang/internal/paper"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/templates"
)

// printsAtOnce is how many PDFs are made at a time: more would keep those waiting
// who send a proposal. Who comes then is asked to come again.
const printsAtOnce = 4

// printProposal is the proposal as a PDF: what was sent, as the visitor may see
// it, or for those who write it what stands in the draft.
func (s *Site) printProposal(w http.ResponseWriter, r *http.Request) error {
	p, err := s.proposal(r)
	if err != nil {
		return err
	}
	select {
	case s.printing <- struct{}{}:
		defer func() { <-s.printing }()
	default:
		return problem.Busy
	}
	page, err := s.printedPage(r, p)
	if err != nil {
		return err
	}
	var html, pdf bytes.Buffer
	if err := page.Printed().Render(r.Context(), &html); err != nil {
		return fmt.Errorf("rendering %T: %w", page, err)
	}
	if err := paper.Print(&pdf, page.Sheet(r.Context(), s.BaseURL.Scheme+"://"+s.BaseURL.Host), &html); err != nil {
		return fmt.Errorf("printing proposal %d: %w", p.ID, err)
	}
	name := "ho-so-" + p.Reference
	if page.Sent != nil {
		name += "-" + strconv.Itoa(page.Sent.Number)
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.pdf"`)
	h.Set("Content-Length", strconv.Itoa(pdf.Len()))
	if r.Method != http.MethodHead {
		_, _ = pdf.WriteTo(w) // the visitor has gone; there is no one to tell
	}
	return nil
}

// printedPage is what the page to check and to read shows this visitor, or the
// version that the address asks for.
func (s *Site) printedPage(r *http.Request, p proposal.Proposal) (templates.ProposalCheck, error) {
	if asked := number(r.URL.Query().Get("version"), 0); asked > 0 {
		return s.versionPage(r, p, asked)
	}
	if p.View != proposal.AsApplicant && p.SubmittedAt != nil {
		return s.sentPage(r, p, "")
	}
	if p.SubmittedAt != nil && p.Status != proposal.Returned && !p.Changing() {
		return s.sentPage(r, p, organisation.Reader)
	}
	page, err := s.checkPage(r, p, organisation.Reader)
	if err == nil && p.Changing() && !page.Asked.Call.Accepting(page.Now) {
		return s.sentPage(r, p, organisation.Reader)
	}
	return page, err
}

// versionPage is one of the versions that were sent, and says where another has
// taken its place.
func (s *Site) versionPage(r *http.Request, p proposal.Proposal, number int) (templates.ProposalCheck, error) {
	all, err := proposal.Submissions(r.Context(), s.Read, visitor(r).ID, p.ID)
	if err != nil {
		return templates.ProposalCheck{}, err
	}
	for _, sent := range all {
		if sent.Number != number {
			continue
		}
		role := organisation.Role("")
		if p.View == proposal.AsApplicant {
			role = organisation.Reader
		}
		page, err := s.submittedPage(r, p, role, sent)
		if all[0].Number != number {
			page.Replaced = all[0].Number
		}
		return page, err
	}
	return templates.ProposalCheck{}, problem.NotFound
}
