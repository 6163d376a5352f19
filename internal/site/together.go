package site

import (
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/together"
	"daubang/internal/viet"
	"daubang/templates"
)

// sectionTeam is who else has to do with a section of a page.
func (s *Site) sectionTeam(r *http.Request, p proposal.Proposal, key string, writes bool) (templates.SectionTeam, error) {
	now := s.Now()
	v := templates.SectionTeam{Section: "/proposals/" + p.ID.String() + "/sections/" + key, Writes: writes, Now: now}
	team, err := together.Of(r.Context(), s.Read, visitor(r).ID, p.ID, now)
	if err != nil {
		return v, err
	}
	if t, ok := team.Tasks[key]; ok {
		v.Task = &t
	}
	v.Present = team.Present[key]
	return v, nil
}

// assigning is the page that gives a section to somebody, for who may.
func (s *Site) assigning(r *http.Request) (templates.SectionAssign, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return templates.SectionAssign{}, err
	}
	p, err := proposal.ToWrite(ctx, s.Read, viewer, at)
	if err != nil {
		return templates.SectionAssign{}, err
	}
	asked, err := proposal.WhatOf(ctx, s.Read, viewer, p)
	if err != nil {
		return templates.SectionAssign{}, err
	}
	section, ok := asked.Form.Section(chi.URLParam(r, "section"))
	if !ok {
		return templates.SectionAssign{}, problem.NotFound
	}
	if err := proposal.WhyNotEditable(r.Context(), s.Read, visitor(r).ID, p, section.Key, s.Now()); err != nil {
		return templates.SectionAssign{}, err
	}
	v := templates.SectionAssign{Proposal: p, Section: section, Me: viewer, Last: together.LastDay(p, asked)}
	team, err := together.Of(ctx, s.Read, viewer, p.ID, s.Now())
	if err != nil {
		return v, err
	}
	if t, ok := team.Tasks[section.Key]; ok {
		v.Task, v.Person, v.Until = &t, t.PersonID, viet.Date(t.DueOn)
	}
	v.Writers, err = together.Writers(ctx, s.Read, viewer, p)
	return v, err
}

func (s *Site) askAssign(w http.ResponseWriter, r *http.Request) error {
	v, err := s.assigning(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}

func (s *Site) assignSection(w http.ResponseWriter, r *http.Request) error {
	v, err := s.assigning(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	v.Until = f.Line("until")
	if v.Person, err = ref.Parse[people.ID](f.Line("person")); err != nil {
		v.Person = 0 // nobody was chosen: the check says so
	}
	until, _ := viet.ParseDate(v.Until, s.Now().In(viet.Zone).Year())
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return together.Assign(ctx, tx, act, v.Proposal.ID, v.Section.Key, v.Person, until)
	})
	if wrong, ok := s.wrong(err); ok {
		v.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("together.said_assigned", nameOf(v.Writers, v.Person)), "/proposals/%s/sections/%s", v.Proposal.ID, v.Section.Key)
}

// nameOf is the name of one of them.
func nameOf(members []organisation.Member, who people.ID) string {
	if i := slices.IndexFunc(members, func(m organisation.Member) bool { return m.PersonID == who }); i >= 0 {
		return members[i].Name
	}
	return ""
}

func (s *Site) unassignSection(w http.ResponseWriter, r *http.Request) error {
	v, err := s.assigning(r)
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return together.Unassign(ctx, tx, act, v.Proposal.ID, v.Section.Key)
	}); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("together.said_unassigned"), "/proposals/%s/sections/%s", v.Proposal.ID, v.Section.Key)
}

// beHere hears from a browser that its person is writing, and answers who else
// is, as a line of text.
func (s *Site) beHere(w http.ResponseWriter, r *http.Request) error {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return err
	}
	key := chi.URLParam(r, "section")
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return together.Seen(ctx, tx, act, at, key)
	}); err != nil {
		return err
	}
	now := s.Now()
	team, err := together.Of(r.Context(), s.Read, visitor(r).ID, at, now)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, templates.PresentLine(r.Context(), team.Present[key], now)) // the visitor has gone; there is no one to tell
	return nil
}

// handingOver is the page that puts a proposal into other hands, for who may.
func (s *Site) handingOver(r *http.Request) (templates.ProposalHandOver, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	p, role, err := s.applying(r)
	if err != nil {
		return templates.ProposalHandOver{}, err
	}
	now, err := proposal.WithWhom(ctx, s.Read, viewer, p.ID)
	if err != nil {
		return templates.ProposalHandOver{}, err
	}
	if !proposal.MayHandOver(viewer, role, now) {
		return templates.ProposalHandOver{}, problem.Because(problem.Forbidden, "together.hand_over_who", now.Name)
	}
	v := templates.ProposalHandOver{Proposal: p, With: now, Me: viewer, Person: now.PersonID}
	v.Writers, err = together.Writers(ctx, s.Read, viewer, p)
	return v, err
}

func (s *Site) askHandOver(w http.ResponseWriter, r *http.Request) error {
	v, err := s.handingOver(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}

func (s *Site) handOver(w http.ResponseWriter, r *http.Request) error {
	v, err := s.handingOver(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	if v.Person, err = ref.Parse[people.ID](f.Line("person")); err != nil {
		v.Person = 0 // nobody was chosen: the check says so
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return proposal.HandOver(ctx, tx, act, v.Proposal.ID, v.Person)
	})
	if wrong, ok := s.wrong(err); ok {
		v.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("together.said_handed_over", nameOf(v.Writers, v.Person)), "/proposals/%s", v.Proposal.ID)
}
