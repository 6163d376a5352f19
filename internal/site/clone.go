package site

import (
	"context"
	"net/http"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/form"
	"daubang/internal/organisation"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/templates"
)

// askClone asks for which open call a proposal is begun anew.
func (s *Site) askClone(w http.ResponseWriter, r *http.Request) error {
	page, err := s.clonePage(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}

// clonePage lists the calls that the proposal's organisation may begin under now.
func (s *Site) clonePage(r *http.Request) (templates.ProposalClone, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	p, role, err := s.applying(r)
	page := templates.ProposalClone{Proposal: p}
	if err != nil {
		return page, err
	}
	if role != organisation.Head && role != organisation.Writer {
		return page, problem.Because(problem.Forbidden, "proposal.only_writers")
	}
	o, err := organisation.Get(ctx, s.Read, viewer, p.OrganisationID)
	if err != nil {
		return page, err
	}
	mine, err := proposal.Mine(ctx, s.Read, viewer)
	if err != nil {
		return page, err
	}
	if page.Calls, err = call.Open(ctx, s.Read, s.Now()); err != nil {
		return page, err
	}
	page.Calls = slices.DeleteFunc(page.Calls, func(c call.Call) bool {
		return proposal.WhyNot(c, o, role, audit.Act{By: int64(viewer), At: s.Now()}) != nil || drafting(mine, c.ID, o.ID)
	})
	return page, nil
}

// drafting says that an organisation has a draft under a call.
func drafting(all []proposal.Proposal, c call.ID, o organisation.ID) bool {
	return slices.ContainsFunc(all, func(p proposal.Proposal) bool {
		return p.CallID == c && p.OrganisationID == o && p.Status == proposal.Draft
	})
}

// cloneProposal begins it.
func (s *Site) cloneProposal(w http.ResponseWriter, r *http.Request) error {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return err
	}
	f, err := s.formOnce(r, "call")
	if err != nil {
		return err
	}
	var begun proposal.ID
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		if err := proposal.MayClone(ctx, tx, act, at); err != nil {
			return err
		}
		if f.Line("call") == "" {
			return problem.Invalid{"call": problem.Say("clone.choose_call")}
		}
		to, err := ref.Parse[call.ID](f.Line("call"))
		if err != nil {
			return err
		}
		begun, err = proposal.Clone(ctx, tx, act, at, to)
		return err
	})
	if wrong, ok := s.wrong(err); ok {
		page, err := s.clonePage(r)
		if err != nil {
			return err
		}
		page.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("clone.done"), "/proposals/%s", begun)
}

// earlier are the proposals that one may be begun with for an organisation that
// may begin: all of its own, but while there is a draft, which is never written
// over.
func (s *Site) earlier(r *http.Request, c call.ID, may []organisation.Organisation) ([]proposal.Proposal, error) {
	if len(may) == 0 {
		return nil, nil
	}
	mine, err := proposal.Mine(r.Context(), s.Read, visitor(r).ID)
	return slices.DeleteFunc(slices.Clone(mine), func(p proposal.Proposal) bool {
		return drafting(mine, c, p.OrganisationID) || !slices.ContainsFunc(may, func(o organisation.Organisation) bool { return o.ID == p.OrganisationID })
	}), err
}

// showSource is what a proposal was begun with.
func (s *Site) showSource(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.applying(r)
	if err != nil {
		return err
	}
	c, err := proposal.CloneOf(r.Context(), s.Read, visitor(r).ID, p.ID)
	if err != nil {
		return err
	}
	if c == nil {
		return problem.NotFound
	}
	whole, err := s.clonedFrom(r, *c)
	if err != nil {
		return err
	}
	was, err := proposal.WhatIn(r.Context(), s.Read, visitor(r).ID, c.SourceCallID, c.FromForm)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.ProposalSource{Proposal: p, Cloned: whole, Terms: was.Terms, Writes: role != organisation.Reader})
}

// clonedFrom adds both forms.
func (s *Site) clonedFrom(r *http.Request, c proposal.Cloned) (whole templates.ProposalCloned, err error) {
	whole.Cloned = c
	if whole.From, err = form.Asks(r.Context(), s.Read, c.FromForm); err != nil {
		return whole, err
	}
	whole.To, err = form.Asks(r.Context(), s.Read, c.ToForm)
	return whole, err
}

// clonedNow is what a draft was begun with, for its page: whether it was, and
// the whole of it while that is still to be read.
func (s *Site) clonedNow(r *http.Request, p proposal.Proposal) (was bool, unread *templates.ProposalCloned, err error) {
	if p.Status != proposal.Draft {
		return false, nil, nil
	}
	c, err := proposal.CloneOf(r.Context(), s.Read, visitor(r).ID, p.ID)
	if err != nil || c == nil || c.DismissedAt != nil {
		return c != nil, nil, err
	}
	whole, err := s.clonedFrom(r, *c)
	return true, &whole, err
}

// dismissSource takes what it was begun with off the task list.
func (s *Site) dismissSource(w http.ResponseWriter, r *http.Request) error {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return proposal.DismissClone(ctx, tx, act, at)
	}); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("clone.was.dismissed"), "/proposals/%s", at)
}
