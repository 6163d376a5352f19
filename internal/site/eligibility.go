package site

import (
	"net/http"

	"daubang/internal/eligibility"
	"daubang/internal/viet"
	"daubang/templates"
)

// showEligibility asks what a call asks of who thinks of proposing, or, where the
// address holds all the answers, says what they mean.
func (s *Site) showEligibility(w http.ResponseWriter, r *http.Request) error {
	page, err := s.eligibilityPage(r, queried(r))
	if err != nil {
		return err
	}
	page.Asking = r.URL.Query().Has("ask")
	return s.show(w, r, http.StatusOK, page)
}

// queried reads the answers that an address carries.
func queried(r *http.Request) func(string) string {
	q := r.URL.Query()
	return func(name string) string { return viet.Clean(q.Get(name)) }
}

func (s *Site) eligibilityPage(r *http.Request, sent func(string) string) (templates.CallEligibility, error) {
	c, err := s.call(r)
	if err != nil {
		return templates.CallEligibility{}, err
	}
	check, err := eligibility.Of(r.Context(), s.Read, visitor(r).ID, c.ID)
	return templates.CallEligibility{Call: c, Check: check, Answers: check.Read(sent), Now: s.Now()}, err
}

// answerEligibility goes to what the answers mean. Nothing is stored: they stand
// in the address, and can be gone back from.
func (s *Site) answerEligibility(w http.ResponseWriter, r *http.Request) error {
	f, err := s.form(r)
	if err != nil {
		return err
	}
	page, err := s.eligibilityPage(r, f.Line)
	if err != nil {
		return err
	}
	if page.Wrong = page.Check.Missing(page.Answers); len(page.Wrong) > 0 {
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	return s.to(w, r, "/calls/%s/eligibility?%s", page.Call.ID, templates.AnswersQuery(page.Answers))
}
