package site

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/deadline"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/viet"
	"daubang/templates"
)

// deskExtensions is where a call's deadline is put off, and what was.
func (s *Site) deskExtensions(w http.ResponseWriter, r *http.Request) error {
	page, err := s.extensionsPage(r)
	if err != nil {
		return err
	}
	page.Entry = deadline.Entry{Scope: string(deadline.Organisations), ClosesClock: viet.Clock(page.Call.ClosesAt)}
	return s.show(w, r, http.StatusOK, page)
}

func (s *Site) extensionsPage(r *http.Request) (templates.DeskExtensions, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	c, officer, err := s.officeCall(r)
	if err != nil {
		return templates.DeskExtensions{}, err
	}
	page := templates.DeskExtensions{Call: c, Viewer: viewer, Officer: officer, Now: s.Now()}
	if page.Extensions, err = deadline.Of(ctx, s.Read, viewer, c.ID); err != nil {
		return page, err
	}
	if page.Names, err = deadline.NamesOf(ctx, s.Read, viewer, page.Extensions); err != nil {
		return page, err
	}
	page.Provinces, err = place.Provinces(ctx, s.Read, s.Now())
	return page, err
}

// extend puts the deadline off, or asks a second officer to.
func (s *Site) extend(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.officeCall(r)
	if err != nil {
		return err
	}
	f, err := s.formOnce(r, "scope", "communes", "organisations", "closes_on", "closes_clock", "reason")
	if err != nil {
		return err
	}
	e := deadline.Entry{
		Scope: f.Line("scope"), Provinces: f.All("provinces"), Communes: f.Text("communes"), Organisations: f.Text("organisations"),
		ClosesOn: f.Line("closes_on"), ClosesClock: f.Line("closes_clock"), Reason: f.Text("reason"),
	}
	var state deadline.State
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		state, err = deadline.Extend(ctx, tx, act, c.ID, e)
		return err
	})
	if wrong, ok := s.wrong(err); ok {
		page, err := s.extensionsPage(r)
		if err != nil {
			return err
		}
		page.Entry, page.Wrong = e, wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	say := problem.Say("deadline.said.holds")
	if state == deadline.Pending {
		say = problem.Say("deadline.said.pending")
	}
	return s.toSaying(w, r, say, "/desk/calls/%s/extensions", c.ID)
}

func (s *Site) confirmExtension(w http.ResponseWriter, r *http.Request) error {
	return s.decideExtension(w, r, deadline.Confirm, "deadline.said.holds")
}

func (s *Site) dropExtension(w http.ResponseWriter, r *http.Request) error {
	return s.decideExtension(w, r, deadline.Drop, "deadline.said.dropped")
}

func (s *Site) decideExtension(w http.ResponseWriter, r *http.Request, act func(context.Context, pgx.Tx, audit.Act, deadline.ID) error, say string) error {
	c, _, err := s.officeCall(r)
	if err != nil {
		return err
	}
	at, err := id[deadline.ID](r, "extension")
	if err != nil {
		return err
	}
	list, err := deadline.Of(r.Context(), s.Read, visitor(r).ID, c.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(e deadline.Extension) bool { return e.ID == at }) {
		return problem.NotFound
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, by audit.Act) error { return act(ctx, tx, by, at) }); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say(say), "/desk/calls/%s/extensions", c.ID)
}

// askExtendReturn offers more time for a returned proposal.
func (s *Site) askExtendReturn(w http.ResponseWriter, r *http.Request) error {
	p, err := s.officerProposal(r, proposal.Extendable)
	if err != nil {
		return err
	}
	day := s.Now()
	if p.ReturnedUntil.After(day) {
		day = *p.ReturnedUntil
	}
	return s.show(w, r, http.StatusOK, templates.DeskReturnExtend{Proposal: p, Until: viet.Date(day.Add(7*24*time.Hour - time.Second))})
}

// extendReturn gives it.
func (s *Site) extendReturn(w http.ResponseWriter, r *http.Request) error {
	p, err := s.officeProposal(r)
	if err != nil {
		return err
	}
	f, err := s.formOnce(r, "until", "reason")
	if err != nil {
		return err
	}
	v := templates.DeskReturnExtend{Proposal: p, Until: f.Line("until"), Reason: f.Text("reason")}
	until, read := dayAfter(v.Until, s.Now())
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return proposal.ExtendReturn(ctx, tx, act, p.ID, until, v.Reason)
	})
	if wrong, ok := s.wrong(err); ok {
		v.Wrong = unread(wrong, "until", read || v.Until == "", "officer.date_unread")
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("officer.said_extended"), "/desk/proposals/%s", p.ID)
}

// placesExtended are the extensions that the public of a call is told of.
func (s *Site) placesExtended(r *http.Request, c call.Call) ([]deadline.Extension, deadline.Names, error) {
	list, err := deadline.Of(r.Context(), s.Read, 0, c.ID)
	if err != nil {
		return nil, deadline.Names{}, err
	}
	names, err := deadline.NamesOf(r.Context(), s.Read, 0, list)
	return list, names, err
}
