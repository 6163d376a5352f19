package site

import (
	"net/http"

	"daubang/internal/call"
	"daubang/internal/desk"
	"daubang/internal/form"
	"daubang/internal/inquiry"
	"daubang/internal/message"
	"daubang/internal/problem"
	"daubang/internal/programme"
	"daubang/internal/rubric"
	"daubang/templates"
)

// deskCalls lists the calls of the office.
func (s *Site) deskCalls(w http.ResponseWriter, r *http.Request) error {
	ctx, viewer := r.Context(), visitor(r).ID
	all, err := call.AtDesk(ctx, s.Read, viewer, s.Now())
	if err != nil {
		return err
	}
	tallies, err := desk.Tallies(ctx, s.Read, viewer)
	if err != nil {
		return err
	}
	own, err := programme.Own(ctx, s.Read, viewer)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.DeskCalls{Calls: all, Tallies: tallies, Programmes: own, Now: s.Now()})
}

// deskCall is one call of the office. The public's view of a call of another
// office is at its public page; here it is not found.
func (s *Site) deskCall(w http.ResponseWriter, r *http.Request) error {
	ctx, viewer := r.Context(), visitor(r).ID
	c, officer, err := s.officeCall(r)
	if err != nil {
		return err
	}
	n, err := s.around(r, c)
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
	tally, err := desk.TallyOf(ctx, s.Read, viewer, c.ID)
	if err != nil {
		return err
	}
	history, err := call.History(ctx, s.Read, viewer, c.ID)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.DeskCall{
		Call: c, ProgrammeTitle: n.programme, TaskGroups: n.groups, Provinces: n.provinces, FormTitle: f.Definition.Title,
		RubricTitle: scale.Definition.Title, Tally: tally, History: history, Missing: c.Missing(s.Now()), Officer: officer, Now: s.Now(),
	})
}

// officeCall is the call the address names if the visitor is of its office or
// an auditor, and whether they may write.
func (s *Site) officeCall(r *http.Request) (call.Call, bool, error) {
	c, err := s.call(r)
	if err != nil {
		return c, false, err
	}
	officer, reads, err := call.Office(r.Context(), s.Read, visitor(r).ID, c.ProgrammeID)
	if err == nil && !reads {
		err = problem.NotFound
	}
	return c, officer, err
}

// today is the first page of the office.
func (s *Site) today(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), visitor(r)
	all, err := call.AtDesk(ctx, s.Read, v.ID, s.Now())
	if err != nil {
		return err
	}
	work, err := desk.Waiting(ctx, s.Read, v.ID, s.Now())
	if err != nil {
		return err
	}
	threads, err := message.Awaiting(ctx, s.Read, v.ID)
	if err != nil {
		return err
	}
	asked, err := inquiry.Unanswered(ctx, s.Read, v.ID)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.Today{Name: v.Name, Calls: all, Work: work, Threads: threads, Asked: asked, Now: s.Now()})
}
