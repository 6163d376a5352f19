package site

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/together"
	"daubang/internal/words"
	"daubang/templates"
	"daubang/templates/ui"
)

// organisations lists the visitor's own, and the invitations that wait for them.
func (s *Site) organisations(w http.ResponseWriter, r *http.Request) error {
	ctx, me := r.Context(), visitor(r).ID
	mine, err := organisation.Mine(ctx, s.Read, me)
	if err != nil {
		return err
	}
	waiting, err := organisation.Waiting(ctx, s.Read, me, s.Now())
	if err != nil {
		return err
	}
	offers, err := together.Offers(ctx, s.Read, me, s.Now())
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.Organisations{Mine: mine, Waiting: waiting, Offers: offers})
}

func (s *Site) askOrganisation(w http.ResponseWriter, r *http.Request) error {
	return s.showOrganisationForm(w, r, http.StatusOK, templates.OrganisationForm{Rows: 1})
}

// showOrganisationForm adds what the form offers to choose from, and where to go
// after.
func (s *Site) showOrganisationForm(w http.ResponseWriter, r *http.Request, status int, page templates.OrganisationForm) error {
	page.Next = s.ours(r.URL.Query().Get("next"))
	provinces, err := place.Provinces(r.Context(), s.Read, s.Now())
	if err != nil {
		return err
	}
	for _, p := range provinces {
		page.Provinces = append(page.Provinces, ui.Option{Value: p.Code, Text: p.Title().In(words.Of(r.Context()))})
	}
	return s.show(w, r, status, page)
}

// organisationForm reads the form, and whether its button only asks for another
// row.
func organisationForm(f values) (page templates.OrganisationForm, again bool) {
	e := organisation.Entry{
		Kind: f.Line("kind"), NameVi: f.Line("name_vi"), NameEn: f.Line("name_en"), Abbreviation: f.Line("abbreviation"), TaxCode: f.Line("tax_code"),
		Province: f.Line("province"), Commune: f.Line("commune"), Address: f.Line("address"),
		Representative: f.Line("representative"), RepresentativeTitle: f.Line("representative_title"),
		ContactName: f.Line("contact_name"), ContactPhone: f.Line("contact_phone"), ContactEmail: f.Line("contact_email"), WomenLed: f.Line("women_led"),
		Shown: f.All("shown"),
	}
	for i := 0; i < organisation.MostPapers && f.Has(organisation.PaperField(i, "number")); i++ {
		e.Papers = append(e.Papers, organisation.PaperEntry{
			Kind: f.Line(organisation.PaperField(i, "kind")), Number: f.Line(organisation.PaperField(i, "number")),
			IssuedOn: f.Line(organisation.PaperField(i, "date")), Issuer: f.Line(organisation.PaperField(i, "issuer")),
		})
	}
	page = templates.OrganisationForm{Entry: e, Rows: max(1, len(e.Papers))}
	if f.Has("add") {
		page.Rows = min(page.Rows+1, organisation.MostPapers)
	}
	return page, f.Has("add")
}

func (s *Site) createOrganisation(w http.ResponseWriter, r *http.Request) error {
	f, err := s.form(r)
	if err != nil {
		return err
	}
	page, again := organisationForm(f)
	if again {
		return s.showOrganisationForm(w, r, http.StatusOK, page)
	}
	var made organisation.ID
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		made, err = organisation.Create(ctx, tx, act, page.Entry)
		return err
	})
	if wrong, ok := s.wrong(err); ok {
		page.Wrong = wrong
		return s.showOrganisationForm(w, r, http.StatusUnprocessableEntity, page)
	} else if err != nil {
		return err
	}
	if next := s.ours(r.URL.Query().Get("next")); next != "/" {
		return s.toSaying(w, r, problem.Say("organisation.created"), "%s", next)
	}
	return s.toSaying(w, r, problem.Say("organisation.created"), "/organisations/%s", made)
}

// organisation finds the one in the address and what the visitor is in it:
// nothing, for the office that may see it.
func (s *Site) organisation(r *http.Request) (organisation.Organisation, organisation.Role, error) {
	org, err := id[organisation.ID](r, "organisation")
	if err != nil {
		return organisation.Organisation{}, "", err
	}
	o, err := organisation.Get(r.Context(), s.Read, visitor(r).ID, org)
	if err != nil {
		return organisation.Organisation{}, "", err
	}
	role, err := organisation.RoleOf(r.Context(), s.Read, visitor(r).ID, org)
	if errors.Is(err, problem.NotFound) {
		return o, "", nil
	}
	return o, role, err
}

// headed is organisation, for pages that only a head has.
func (s *Site) headed(r *http.Request) (organisation.Organisation, error) {
	o, role, err := s.organisation(r)
	if err == nil && role != organisation.Head {
		err = problem.Because(problem.Forbidden, "organisation.heads_only")
	}
	return o, err
}

func (s *Site) showOrganisation(w http.ResponseWriter, r *http.Request) error {
	o, role, err := s.organisation(r)
	if err != nil {
		return err
	}
	ctx, me := r.Context(), visitor(r).ID
	page := templates.Organisation{Organisation: o, Role: role}
	if page.Papers, err = organisation.Papers(ctx, s.Read, me, o.ID); err != nil {
		return err
	}
	if page.Members, err = organisation.Members(ctx, s.Read, me, o.ID); err != nil {
		return err
	}
	if page.Place, err = organisation.Where(ctx, s.Read, o); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}

func (s *Site) editOrganisation(w http.ResponseWriter, r *http.Request) error {
	o, err := s.headed(r)
	if err != nil {
		return err
	}
	e, err := organisation.Written(r.Context(), s.Read, visitor(r).ID, o.ID)
	if err != nil {
		return err
	}
	return s.showOrganisationForm(w, r, http.StatusOK, templates.OrganisationForm{ID: o.ID, Entry: e, Rows: max(1, len(e.Papers))})
}

func (s *Site) saveOrganisation(w http.ResponseWriter, r *http.Request) error {
	o, err := s.headed(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	page, again := organisationForm(f)
	page.ID = o.ID
	if again {
		return s.showOrganisationForm(w, r, http.StatusOK, page)
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return organisation.Edit(ctx, tx, act, o.ID, page.Entry)
	})
	if wrong, ok := s.wrong(err); ok {
		page.Wrong = wrong
		return s.showOrganisationForm(w, r, http.StatusUnprocessableEntity, page)
	} else if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("organisation.saved"), "/organisations/%s", o.ID)
}

func (s *Site) members(w http.ResponseWriter, r *http.Request) error {
	o, role, err := s.organisation(r)
	if err != nil {
		return err
	}
	list, err := organisation.Members(r.Context(), s.Read, visitor(r).ID, o.ID)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.Members{Organisation: o, Role: role, Members: list, Me: visitor(r).ID})
}

// member reads the organisation and the person in the address.
func (s *Site) member(r *http.Request) (org organisation.ID, person people.ID, err error) {
	if org, err = id[organisation.ID](r, "organisation"); err != nil {
		return 0, 0, err
	}
	person, err = id[people.ID](r, "person")
	return org, person, err
}

func (s *Site) setMemberRole(w http.ResponseWriter, r *http.Request) error {
	org, person, err := s.member(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return organisation.SetRole(ctx, tx, act, org, person, organisation.Role(f.Line("role")))
	}); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("organisation.role_set"), "/organisations/%s/members", org)
}

// askRemoveMember asks once more before somebody is taken out, or leaves.
func (s *Site) askRemoveMember(w http.ResponseWriter, r *http.Request) error {
	o, role, err := s.organisation(r)
	if err != nil {
		return err
	}
	_, person, err := s.member(r)
	if err != nil {
		return err
	}
	me := visitor(r).ID
	list, err := organisation.Members(r.Context(), s.Read, me, o.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(m organisation.Member) bool { return m.PersonID == person })
	switch {
	case i < 0:
		return problem.NotFound
	case role != organisation.Head && person != me:
		return problem.Because(problem.Forbidden, "organisation.heads_only")
	}
	return s.show(w, r, http.StatusOK, templates.RemoveMember{Organisation: o, Member: list[i], Leaving: person == me})
}

func (s *Site) removeMember(w http.ResponseWriter, r *http.Request) error {
	org, person, err := s.member(r)
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return organisation.Remove(ctx, tx, act, org, person)
	}); err != nil {
		return err
	}
	if person == visitor(r).ID {
		return s.toSaying(w, r, problem.Say("organisation.left"), "/organisations")
	}
	return s.toSaying(w, r, problem.Say("organisation.removed"), "/organisations/%s/members", org)
}

func (s *Site) askInvitation(w http.ResponseWriter, r *http.Request) error {
	o, err := s.headed(r)
	if err != nil {
		return err
	}
	return s.showInvitations(w, r, http.StatusOK, templates.Invitations{Organisation: o, Role: organisation.Writer})
}

func (s *Site) showInvitations(w http.ResponseWriter, r *http.Request, status int, page templates.Invitations) error {
	var err error
	page.Open, err = organisation.Invitations(r.Context(), s.Read, visitor(r).ID, page.Organisation.ID, s.Now())
	if err != nil {
		return err
	}
	return s.show(w, r, status, page)
}

func (s *Site) invite(w http.ResponseWriter, r *http.Request) error {
	o, err := s.headed(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	page := templates.Invitations{Organisation: o, Email: f.Line("email"), Role: organisation.Role(f.Line("role"))}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return organisation.Invite(ctx, tx, act, o.ID, page.Email, page.Role)
	})
	if wrong, ok := s.wrong(err); ok {
		page.Wrong = wrong
		return s.showInvitations(w, r, http.StatusUnprocessableEntity, page)
	} else if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("organisation.invited", page.Email), "/organisations/%s/invitations", o.ID)
}

func (s *Site) revokeInvitation(w http.ResponseWriter, r *http.Request) error {
	org, err := id[organisation.ID](r, "organisation")
	if err != nil {
		return err
	}
	invitation, err := id[organisation.InvitationID](r, "invitation")
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return organisation.Revoke(ctx, tx, act, org, invitation)
	}); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("organisation.invitation_revoked"), "/organisations/%s/invitations", org)
}

// invitation shows an offer to who holds its letter, signed in or not.
func (s *Site) invitation(w http.ResponseWriter, r *http.Request) error {
	token := chi.URLParam(r, "token")
	o, err := organisation.Offered(r.Context(), s.Read, s.key(), visitor(r).ID, token, s.Now())
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.Invitation{Token: token, Offer: o, SignedIn: visitor(r).SignedIn(), Email: visitor(r).Email})
}

func (s *Site) acceptInvitation(w http.ResponseWriter, r *http.Request) error {
	var org organisation.ID
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		org, err = organisation.Accept(ctx, tx, act, s.key(), chi.URLParam(r, "token"))
		return err
	}); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("organisation.joined"), "/organisations/%s", org)
}

func (s *Site) refuseInvitation(w http.ResponseWriter, r *http.Request) error {
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return organisation.Refuse(ctx, tx, act, s.key(), chi.URLParam(r, "token"))
	}); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("organisation.invitation_refused"), "/organisations")
}
