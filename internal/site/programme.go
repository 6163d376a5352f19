package site

import (
	"errors"
	"net/http"

	"daubang/internal/call"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/programme"
	"daubang/internal/viet"
	"daubang/templates"
)

// programmes lists what everybody may see, and one's own drafts.
func (s *Site) programmes(w http.ResponseWriter, r *http.Request) error {
	text := viet.Clean(r.URL.Query().Get("q"))
	list, err := programme.List(r.Context(), s.Read, visitor(r).ID, text)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.ProgrammeList{Text: text, Programmes: list, Now: s.Now()})
}

// showProgramme is a plan, whole, with what became of its issuer and the calls
// under it.
func (s *Site) showProgramme(w http.ResponseWriter, r *http.Request) error {
	ctx, viewer := r.Context(), visitor(r).ID
	at, err := id[programme.ID](r, "programme")
	if err != nil {
		return err
	}
	p, err := programme.Get(ctx, s.Read, viewer, at)
	if err != nil {
		return err
	}
	page := templates.ProgrammeShow{Programme: p, Now: s.Now()}
	if page.TaskGroups, err = programme.TaskGroups(ctx, s.Read, viewer, at); err != nil {
		return err
	}
	if page.Bases, err = programme.Bases(ctx, s.Read, viewer, at); err != nil {
		return err
	}
	if page.Calls, err = call.OfProgramme(ctx, s.Read, viewer, at); err != nil {
		return err
	}
	if p.IssuerPlaceLevel != 0 {
		unit, err := place.Latest(ctx, s.Read, p.IssuerPlaceLevel, p.IssuerPlaceCode)
		if err != nil && !errors.Is(err, problem.NotFound) { // units may not be loaded yet
			return err
		}
		if err == nil {
			page.IssuerPlace = &unit
		}
		if page.Successors, err = place.Successors(ctx, s.Read, p.IssuerPlaceLevel, p.IssuerPlaceCode); err != nil {
			return err
		}
	}
	return s.show(w, r, http.StatusOK, page)
}
