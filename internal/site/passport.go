package site

import (
	"context"
	"net/http"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/organisation"
	"daubang/internal/passport"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/templates"
)

// showPassport is what an organisation proves itself by, for its people.
func (s *Site) showPassport(w http.ResponseWriter, r *http.Request) error {
	o, role, err := s.organisation(r)
	if err != nil {
		return err
	}
	parts, err := passport.Parts(r.Context(), s.Read, visitor(r).ID, o.ID)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.Passport{Organisation: o, Role: role, Parts: parts, Now: s.Now()})
}

// paperPage is the form for a paper: the one in the address, or a new one.
func (s *Site) paperPage(r *http.Request, known bool) (templates.PassportPaper, error) {
	o, err := s.headed(r)
	if err != nil {
		return templates.PassportPaper{}, err
	}
	v := templates.PassportPaper{Organisation: o}
	if !known {
		return v, nil
	}
	if v.ID, err = id[passport.PaperID](r, "paper"); err != nil {
		return v, err
	}
	parts, err := passport.Parts(r.Context(), s.Read, visitor(r).ID, o.ID)
	if err != nil {
		return v, err
	}
	i := slices.IndexFunc(parts, func(p passport.Part) bool { return p.Paper() == v.ID })
	if i < 0 {
		return v, problem.NotFound
	}
	p := parts[i]
	v.Scans = p.Scans
	v.Entry = passport.PaperEntry{Kind: p.Kind, Number: p.Number, Issuer: p.Issuer}
	if p.IssuedOn != nil {
		v.Entry.IssuedOn = viet.Date(*p.IssuedOn)
	}
	if p.ExpiresOn != nil {
		v.Entry.ExpiresOn = viet.Date(*p.ExpiresOn)
	}
	return v, nil
}

func (s *Site) askPaper(known bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := s.paperPage(r, known)
		if err != nil {
			return err
		}
		return s.show(w, r, http.StatusOK, v)
	}
}

func (s *Site) savePaper(known bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := s.paperPage(r, known)
		if err != nil {
			return err
		}
		f, err := s.form(r)
		if err != nil {
			return err
		}
		v.Entry = passport.PaperEntry{Kind: f.Line("kind"), Number: f.Line("number"), IssuedOn: f.Line("issued"), Issuer: f.Line("issuer"), ExpiresOn: f.Line("expires")}
		err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return passport.SavePaper(ctx, tx, act, v.Organisation.ID, v.ID, v.Entry)
		})
		if wrong, ok := s.wrong(err); ok {
			v.Wrong = wrong
			return s.show(w, r, http.StatusUnprocessableEntity, v)
		}
		if err != nil {
			return err
		}
		return s.toSaying(w, r, problem.Say("passport.said_saved"), "/organisations/%s/passport", v.Organisation.ID)
	}
}

func (s *Site) removePaper(w http.ResponseWriter, r *http.Request) error {
	v, err := s.paperPage(r, true)
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return passport.RemovePaper(ctx, tx, act, v.Organisation.ID, v.ID)
	}); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("passport.said_removed"), "/organisations/%s/passport", v.Organisation.ID)
}

func (s *Site) askPassportDetails(w http.ResponseWriter, r *http.Request) error {
	o, err := s.headed(r)
	if err != nil {
		return err
	}
	d, err := passport.Written(r.Context(), s.Read, visitor(r).ID, people.Key(s.Secret), o.ID)
	if err != nil {
		return err
	}
	v := templates.PassportDetails{Organisation: o, Details: d}
	if d.Bank != "" && d.BankNumber == "" {
		v.Wrong = problem.Invalid{"bank_number": problem.Say("passport.number_unread")}
	}
	return s.show(w, r, http.StatusOK, v)
}

func (s *Site) savePassportDetails(w http.ResponseWriter, r *http.Request) error {
	o, err := s.headed(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	v := templates.PassportDetails{Organisation: o, Details: passport.Details{
		Signatory: f.Line("signatory"), SignatoryTitle: f.Line("signatory_title"), SignatoryPaper: f.Line("signatory_paper"),
		Bank: f.Line("bank"), BankHolder: f.Line("bank_holder"), BankNumber: f.Line("bank_number"),
	}}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return passport.SaveDetails(ctx, tx, act, people.Key(s.Secret), o.ID, v.Details)
	})
	if wrong, ok := s.wrong(err); ok {
		v.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("passport.said_saved"), "/organisations/%s/passport", o.ID)
}

// deskOrganisations lists whose passports wait for an officer.
func (s *Site) deskOrganisations(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := templates.DeskOrganisations{Filter: passport.Filter{Text: viet.Clean(q.Get("q")), All: q.Get("show") == "all"}}
	cursor, back := q.Get("after"), false
	if before := q.Get("before"); before != "" {
		cursor, back = before, true
	}
	var err error
	if v.Page, err = passport.List(r.Context(), s.Lagging, visitor(r).ID, v.Filter, cursor, back); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}

// deskOrganisation is one passport, as the office verifies it.
func (s *Site) deskOrganisation(w http.ResponseWriter, r *http.Request) error {
	v, err := s.deskPassport(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}

func (s *Site) deskPassport(r *http.Request) (templates.DeskPassport, error) {
	o, role, err := s.organisation(r)
	if err != nil {
		return templates.DeskPassport{}, err
	}
	v := templates.DeskPassport{Organisation: o, Now: s.Now(), Verifies: role == "" && visitor(r).Is(people.Officer)}
	v.Parts, err = passport.Parts(r.Context(), s.Read, visitor(r).ID, o.ID)
	return v, err
}

func (s *Site) checkPassport(w http.ResponseWriter, r *http.Request) error {
	org, err := id[organisation.ID](r, "organisation")
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	part, verdict, reason := f.Line("part"), passport.State(f.Line("verdict")), f.Text("reason")
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return passport.Check(ctx, tx, act, org, part, f.Line("mark"), verdict, reason)
	})
	if wrong, ok := s.wrong(err); ok {
		v, err := s.deskPassport(r)
		if err != nil {
			return err
		}
		v.Wrong, v.At, v.Reason = wrong, part, reason
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("passport.said_checked"), "/desk/organisations/%s", org)
}

// seeAccount shows the whole number of an account to an officer: an act, which
// is remembered.
func (s *Site) seeAccount(w http.ResponseWriter, r *http.Request) error {
	v, err := s.deskPassport(r)
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		v.Account, err = passport.SeeAccount(ctx, tx, act, people.Key(s.Secret), v.Organisation.ID)
		return err
	}); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}
