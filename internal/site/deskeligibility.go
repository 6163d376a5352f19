package site

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/eligibility"
	"daubang/internal/problem"
	"daubang/internal/ref"
	"daubang/templates"
)

// deskEligibility lists what a call asks of who thinks of proposing.
func (s *Site) deskEligibility(w http.ResponseWriter, r *http.Request) error {
	page, err := s.deskEligibilityPage(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}

func (s *Site) deskEligibilityPage(r *http.Request) (templates.DeskEligibility, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	c, officer, err := s.officeCall(r)
	if err != nil {
		return templates.DeskEligibility{}, err
	}
	page := templates.DeskEligibility{Call: c, Officer: officer, Fixed: eligibility.May(c, audit.Act{At: s.Now()}) != nil}
	if page.Check, err = eligibility.Of(ctx, s.Read, viewer, c.ID); err != nil {
		return page, err
	}
	if officer && !page.Fixed && len(page.Check.Questions) == 0 {
		page.Others, err = call.AtDesk(ctx, s.Read, viewer, s.Now())
		page.Others = slices.DeleteFunc(page.Others, func(other call.Listed) bool { return other.ID == c.ID })
	}
	return page, err
}

// changeEligibility does what a button of the list says: "up q2", "down q2",
// "remove q2", or copies what another call asks.
func (s *Site) changeEligibility(w http.ResponseWriter, r *http.Request) error {
	c, officer, err := s.officeCall(r)
	if err != nil {
		return err
	}
	if !officer {
		return problem.Because(problem.Forbidden, "call.refused.officers_only")
	}
	f, err := s.formOnce(r, "do", "edition", "from")
	if err != nil {
		return err
	}
	do, key, _ := strings.Cut(f.Line("do"), " ")
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		switch do {
		case "up":
			return eligibility.Move(ctx, tx, act, c.ID, f.edition(), key, -1)
		case "down":
			return eligibility.Move(ctx, tx, act, c.ID, f.edition(), key, 1)
		case "remove":
			return eligibility.Remove(ctx, tx, act, c.ID, f.edition(), key)
		case "copy":
			from, _ := ref.Parse[call.ID](f.Line("from")) // what names no call asks nothing
			return eligibility.Copy(ctx, tx, act, c.ID, f.edition(), from)
		default:
			return errMalformed
		}
	})
	if wrong, ok := s.wrong(err); ok {
		page, err := s.deskEligibilityPage(r)
		if err != nil {
			return err
		}
		page.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("eligibility.desk.saved"), "/desk/calls/%s/eligibility", c.ID)
}

// eligibilityQuestion is the page of one question, or of a new one, for an
// officer while it may change.
func (s *Site) eligibilityQuestion(r *http.Request) (templates.DeskEligibilityQuestion, error) {
	list, err := s.deskEligibilityPage(r)
	if err != nil {
		return templates.DeskEligibilityQuestion{}, err
	}
	page := templates.DeskEligibilityQuestion{Call: list.Call, Edition: list.Check.Edition, Key: r.URL.Query().Get("key")}
	switch {
	case !list.Officer:
		return page, problem.Because(problem.Forbidden, "call.refused.officers_only")
	case list.Fixed:
		return page, problem.Because(problem.Conflict, "eligibility.refused.open")
	case page.Key == "":
		return page, nil
	}
	for _, q := range list.Check.Questions {
		if q.Key == page.Key {
			page.Entry = eligibility.EntryOf(q)
			return page, nil
		}
	}
	return page, problem.Because(problem.Conflict, "eligibility.refused.gone")
}

func (s *Site) askEligibilityQuestion(w http.ResponseWriter, r *http.Request) error {
	page, err := s.eligibilityQuestion(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}

// saveEligibilityQuestion stores it. What was changed by somebody else since is
// refused with the page as it was typed, on what stands now.
func (s *Site) saveEligibilityQuestion(w http.ResponseWriter, r *http.Request) error {
	page, err := s.eligibilityQuestion(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	page.Entry = eligibilityEntry(f)
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return eligibility.Put(ctx, tx, act, page.Call.ID, f.edition(), page.Key, page.Entry)
	})
	if wrong, ok := s.wrong(err); ok {
		page.Wrong, page.Edition = wrong, f.edition()
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if refusal, ok := errors.AsType[problem.Refusal](err); ok && refusal.Key == "eligibility.refused.edited_since" {
		page.Wrong = problem.Invalid{"text_vi": refusal.Words}
		return s.show(w, r, http.StatusConflict, page)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("eligibility.desk.saved"), "/desk/calls/%s/eligibility", page.Call.ID)
}

func eligibilityEntry(f values) eligibility.Entry {
	e := eligibility.Entry{
		TextVi: f.Line("text_vi"), TextEn: f.Line("text_en"), HintVi: f.Line("hint_vi"), HintEn: f.Line("hint_en"), Kind: f.Line("kind"),
		ReasonVi: f.Line("reason_vi"), ReasonEn: f.Line("reason_en"), InsteadVi: f.Line("instead_vi"), InsteadEn: f.Line("instead_en"),
	}
	for i := range eligibility.MaxOptions {
		e.Options = append(e.Options, eligibility.OptionEntry{
			Vi: f.Line(eligibility.OptionField(i, "vi")), En: f.Line(eligibility.OptionField(i, "en")), Bars: f.Has(eligibility.OptionField(i, "bars")),
		})
	}
	return e
}
