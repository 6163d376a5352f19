package site

import (
	"net/http"

	"daubang/internal/call"
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
	page := templates.Start{Calls: calls, Now: s.Now(), SignedIn: v.SignedIn()}
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
