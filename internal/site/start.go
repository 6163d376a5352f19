package site

import (
	"net/http"

	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/programme"
	"daubang/templates"
)

// start is the first page: what is open, how it works, under which plans.
func (s *Site) start(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), visitor(r)
	calls, err := call.List(ctx, s.Read, call.Filter{}, s.Now())
	if err != nil {
		return err
	}
	plans, err := programme.List(ctx, s.Read, 0, "")
	if err != nil {
		return err
	}
	page := templates.Start{Calls: calls, Now: s.Now(), SignedIn: v.SignedIn(), Home: home(v)}
	for _, p := range plans {
		page.Programmes = append(page.Programmes, templates.StartProgramme{
			Href: "/programmes/" + p.ID.String(), Title: p.Title, Number: p.FullNumber(), Issuer: p.Issuer,
		})
	}
	if s.Demo {
		page.Demo = s.Accounts
	}
	return s.show(w, r, http.StatusOK, page)
}

// home is the page a person's work begins on, by the role that asks most of
// them; for who has none and belongs to no organisation, the first page.
func home(v people.Visitor) string {
	switch {
	case v.Is(people.Officer):
		return "/desk"
	case v.Is(people.Reviewer, people.Chair):
		return "/reviews"
	case v.Is(people.Auditor):
		return "/desk/calls"
	case v.Is(people.Admin):
		return "/desk/people"
	case v.Member:
		return "/proposals"
	default:
		return "/"
	}
}
