package site

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/organisation"
	"daubang/internal/passport"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/templates"
)

// attachScan takes in one scan of a paper. Who may not attach it is refused
// before a byte of it is read.
func (s *Site) attachScan(w http.ResponseWriter, r *http.Request) error {
	v, err := s.paperPage(r, true)
	if err != nil {
		return err
	}
	u, err := s.receive(w, r, upload{purpose: "scan", may: func(upload) error {
		return document.RoomForScan(r.Context(), s.Read, visitor(r).ID, s.Now(), int64(v.Organisation.ID), brought(r))
	}})
	if err == nil && u.part != "" {
		return fmt.Errorf("%w: a scan comes whole", errMalformed)
	}
	if err == nil {
		err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return passport.AttachScan(ctx, tx, act, v.Organisation.ID, v.ID, u.file)
		})
	}
	if wrong, ok := s.wrong(err); ok {
		v.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("proposal.section.attached", u.file.Name), "/organisations/%s/passport/papers/%s", v.Organisation.ID, v.ID)
}

func (s *Site) removeScan(w http.ResponseWriter, r *http.Request) error {
	v, err := s.paperPage(r, true)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	at, err := ref.Parse[document.ID](f.Line("remove"))
	if err != nil {
		return fmt.Errorf("%w: no document is named", errMalformed)
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return passport.RemoveScan(ctx, tx, act, v.Organisation.ID, v.ID, at)
	}); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("proposal.section.detached"), "/organisations/%s/passport/papers/%s", v.Organisation.ID, v.ID)
}

// downloadScan gives a scan to the organisation's people and to officers.
func (s *Site) downloadScan(w http.ResponseWriter, r *http.Request) error {
	org, err := id[organisation.ID](r, "organisation")
	if err != nil {
		return err
	}
	paper, err := id[passport.PaperID](r, "paper")
	if err != nil {
		return err
	}
	at, err := id[document.ID](r, "document")
	if err != nil {
		return err
	}
	d, file, err := document.OpenScan(r.Context(), s.Read, s.Files, visitor(r).ID, int64(org), int64(paper), at)
	if err != nil {
		return err
	}
	give(w, r, file, d.MediaType, d.Size, "giay-to-"+paper.String()+"-"+strconv.Itoa(d.Number))
	return nil
}

// proved is what of a passport was sent with a proposal for the office alone.
func (s *Site) proved(r *http.Request, sent proposal.Submission) (templates.DeskProved, error) {
	v := templates.DeskProved{}
	if sent.Identity == nil || sent.Identity.Passport == nil {
		return v, nil
	}
	var err error
	if sent.Identity.Passport.Account != nil {
		if v.Account, err = passport.Sent(r.Context(), s.Read, visitor(r).ID, sent.ID); err != nil {
			return v, err
		}
	}
	if ids := sent.Identity.Passport.ScanIDs(); len(ids) > 0 {
		v.Scans, err = document.SomeScans(r.Context(), s.Read, visitor(r).ID, ids)
	}
	return v, err
}

// seeSentAccount shows an officer the whole number of the account that was sent
// with a proposal: an act, which is remembered.
func (s *Site) seeSentAccount(w http.ResponseWriter, r *http.Request) error {
	page, err := s.deskProposalPage(r)
	if err != nil {
		return err
	}
	if page.Proposal.View != proposal.AsOfficer {
		return problem.Because(problem.Forbidden, "review.officers_only")
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		page.Proved.Number, err = passport.SeeSent(ctx, tx, act, people.Key(s.Secret), int64(page.Proposal.ID), page.Submission.ID)
		return err
	}); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}
