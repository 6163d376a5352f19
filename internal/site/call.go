package site

import (
	"net/http"

	"daubang/internal/call"
	"daubang/internal/eligibility"
	"daubang/internal/form"
	"daubang/internal/organisation"
	"daubang/internal/place"
	"daubang/internal/programme"
	"daubang/internal/proposal"
	"daubang/internal/rubric"
	"daubang/internal/viet"
	"daubang/internal/words"
	"daubang/templates"
)

// calls lists what is open, to come and over.
func (s *Site) calls(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	f := call.Filter{Phase: call.Phase(q.Get("phase")), Kind: organisation.Kind(q.Get("kind")), Province: viet.Clean(q.Get("province"))}
	all, err := call.List(ctx, s.Read, f, s.Now())
	if err != nil {
		return err
	}
	provinces, err := place.Provinces(ctx, s.Read, s.Now())
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.Calls{Calls: all, Filter: f, Provinces: provinces, Now: s.Now()})
}

// showCall is a call as the public reads it; its officers see drafts like that too.
func (s *Site) showCall(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	c, err := s.call(r)
	if err != nil {
		return err
	}
	around, err := s.around(r, c)
	if err != nil {
		return err
	}
	f, err := form.Get(ctx, s.Read, c.FormID)
	if err != nil {
		return err
	}
	scale, err := rubric.Get(ctx, s.Read, c.RubricID)
	if err != nil {
		return err
	}
	extensions, names, err := s.placesExtended(r, c)
	if err != nil {
		return err
	}
	minutes, err := form.Effort(ctx, s.Read, c.FormID, s.Now())
	if err != nil {
		return err
	}
	check, err := eligibility.Of(ctx, s.Read, visitor(r).ID, c.ID)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.CallShow{
		Minutes: minutes, Eligibility: len(check.Questions),
		Extensions: extensions, ExtendedFor: names,
		Call: c, ProgrammeID: c.ProgrammeID, ProgrammeTitle: around.programme, TaskGroups: around.groups, Provinces: around.provinces,
		Form: f.Definition, Rubric: scale.Definition, Now: s.Now(),
	})
}

// showCallForm is everything a call asks.
func (s *Site) showCallForm(w http.ResponseWriter, r *http.Request) error {
	at, err := id[call.ID](r, "call")
	if err != nil {
		return err
	}
	asked, err := proposal.What(r.Context(), s.Read, visitor(r).ID, at)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.CallForm{Call: asked.Call, Form: asked.Form, Terms: asked.Terms})
}

// call is the one the address names, if the visitor may see it.
func (s *Site) call(r *http.Request) (call.Call, error) {
	at, err := id[call.ID](r, "call")
	if err != nil {
		return call.Call{}, err
	}
	return call.Get(r.Context(), s.Read, visitor(r).ID, at)
}

// names are what a call's pages call the things around it.
type names struct {
	programme         words.Pair
	groups, provinces []words.Pair
}

func (s *Site) around(r *http.Request, c call.Call) (names, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	p, err := programme.Get(ctx, s.Read, viewer, c.ProgrammeID)
	if err != nil {
		return names{}, err
	}
	n := names{programme: p.Title}
	groups, err := programme.TaskGroups(ctx, s.Read, viewer, c.ProgrammeID)
	if err != nil {
		return names{}, err
	}
	for _, g := range groups {
		if c.Serves(g.ID) {
			n.groups = append(n.groups, g.Title())
		}
	}
	provinces, err := place.Names(ctx, s.Read, place.Province, c.Provinces, s.Now())
	if err != nil {
		return names{}, err
	}
	for _, code := range c.Provinces {
		n.provinces = append(n.provinces, provinces[code])
	}
	return n, nil
}
