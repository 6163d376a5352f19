package site

import (
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/organisation"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/together"
	"daubang/templates"
)

// coApplying is the page of who applies together, for those who apply: the
// applicant's people and those of the others.
func (s *Site) coApplying(r *http.Request) (templates.CoApplicants, error) {
	p, err := s.proposal(r)
	if err != nil {
		return templates.CoApplicants{}, err
	}
	ctx, viewer := r.Context(), visitor(r).ID
	v := templates.CoApplicants{Proposal: p, Now: s.Now()}
	mine, err := organisation.Mine(ctx, s.Read, viewer)
	if err != nil {
		return v, err
	}
	switch p.View {
	case proposal.AsApplicant, proposal.AsCoApplicant:
	case proposal.AsOfficer, proposal.AsAuditor, proposal.AsChair, proposal.AsReviewer, proposal.AsAsked:
		return v, problem.Because(problem.Forbidden, "proposal.only_members")
	}
	for _, m := range mine {
		if m.Role == organisation.Head {
			v.Heads = append(v.Heads, m.ID)
		}
	}
	v.List, err = together.CoApplicants(ctx, s.Read, viewer, p.ID)
	return v, err
}

func (s *Site) coApplicants(w http.ResponseWriter, r *http.Request) error {
	v, err := s.coApplying(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}

func (s *Site) inviteCoApplicant(w http.ResponseWriter, r *http.Request) error {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	asked := together.Invitation{Name: f.Line("name"), Email: f.Line("email"), Role: together.Part(f.Line("role"))}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return together.Invite(ctx, tx, act, at, asked)
	})
	if wrong, ok := s.wrong(err); ok {
		v, err := s.coApplying(r)
		if err != nil {
			return err
		}
		v.Asked, v.Wrong = asked, wrong
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("together.co.said_invited", asked.Email), "/proposals/%s/co-applicants", at)
}

func (s *Site) removeCoApplicant(w http.ResponseWriter, r *http.Request) error {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return err
	}
	part, err := id[together.CoApplicantID](r, "part")
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return together.Remove(ctx, tx, act, at, part)
	}); err != nil {
		return err
	}
	p, err := proposal.Get(r.Context(), s.DB, visitor(r).ID, at)
	if err != nil || p.View != proposal.AsApplicant { // who took their own organisation out may see nothing more
		return s.toSaying(w, r, problem.Say("together.co.said_left"), "/proposals")
	}
	return s.toSaying(w, r, problem.Say("together.co.said_removed"), "/proposals/%s/co-applicants", at)
}

// coOffer shows an invitation to apply together to who holds its letter, signed
// in or not.
func (s *Site) coOffer(w http.ResponseWriter, r *http.Request) error {
	v, err := s.coOfferPage(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}

func (s *Site) coOfferPage(r *http.Request) (templates.CoOffer, error) {
	ctx, viewer, token := r.Context(), visitor(r).ID, chi.URLParam(r, "token")
	o, err := together.Offered(ctx, s.Read, s.key(), viewer, token, s.Now())
	if err != nil {
		return templates.CoOffer{}, err
	}
	v := templates.CoOffer{Token: token, Offer: o, SignedIn: visitor(r).SignedIn()}
	if !v.SignedIn {
		return v, nil
	}
	mine, err := organisation.Mine(ctx, s.Read, viewer)
	for _, m := range mine {
		if m.Role == organisation.Head && m.ID != o.LeadID {
			v.Mine = append(v.Mine, m.Organisation)
		}
	}
	return v, err
}

func (s *Site) confirmCoApplicant(w http.ResponseWriter, r *http.Request) error {
	f, err := s.form(r)
	if err != nil {
		return err
	}
	as, err := ref.Parse[organisation.ID](f.Line("organisation"))
	if err != nil {
		as = 0 // none was chosen: the act says so
	}
	var joined proposal.ID
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		joined, err = together.Confirm(ctx, tx, act, s.key(), chi.URLParam(r, "token"), as)
		return err
	})
	if wrong, ok := s.wrong(err); ok {
		v, err := s.coOfferPage(r)
		if err != nil {
			return err
		}
		v.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("together.co.said_confirmed"), "/proposals/%s", joined)
}

func (s *Site) refuseCoApplicant(w http.ResponseWriter, r *http.Request) error {
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return together.Refuse(ctx, tx, act, s.key(), chi.URLParam(r, "token"))
	}); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("together.co.said_refused"), "/organisations")
}
