package site

import (
	"context"
	"net/http"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/organisation"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/templates"
)

// showFormChanges is what changed in a proposal's form since it was begun.
func (s *Site) showFormChanges(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.applying(r)
	if err != nil {
		return err
	}
	asked, err := proposal.WhatIn(r.Context(), s.Read, visitor(r).ID, p.CallID, p.FormID)
	if err != nil {
		return err
	}
	changes, err := proposal.FormChanges(r.Context(), s.Read, visitor(r).ID, p.ID)
	if err != nil {
		return err
	}
	page := templates.FormChanges{Proposal: p, Terms: asked.Terms, Writes: role != organisation.Reader}
	for _, c := range changes {
		whole, err := s.formChanged(r, c, proposal.Asked{})
		if err != nil {
			return err
		}
		page.Changes = append(page.Changes, whole)
	}
	return s.show(w, r, http.StatusOK, page)
}

// formChanged is a change with both versions; asked may hold the later one.
func (s *Site) formChanged(r *http.Request, c proposal.FormChange, asked proposal.Asked) (templates.FormChanged, error) {
	whole := templates.FormChanged{FormChange: c, To: asked.Form}
	from, err := form.Get(r.Context(), s.Read, c.FromForm)
	if err != nil {
		return whole, err
	}
	whole.From = from.Definition
	if len(asked.Form.Sections) == 0 {
		to, err := form.Get(r.Context(), s.Read, c.ToForm)
		if err != nil {
			return whole, err
		}
		whole.To = to.Definition
	}
	return whole, nil
}

// lastFormChange is what changed last, if that is still to be read, and whether
// anything ever did.
func (s *Site) lastFormChange(r *http.Request, p proposal.Proposal, asked proposal.Asked) (*templates.FormChanged, bool, error) {
	changes, err := proposal.FormChanges(r.Context(), s.Read, visitor(r).ID, p.ID)
	if err != nil || len(changes) == 0 || changes[0].DismissedAt != nil {
		return nil, len(changes) > 0, err
	}
	whole, err := s.formChanged(r, changes[0], asked)
	return &whole, true, err
}

// dismissFormChange takes what changed off the task list.
func (s *Site) dismissFormChange(w http.ResponseWriter, r *http.Request) error {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		change, err := ref.Parse[proposal.FormChangeID](f.Line("change"))
		if err != nil {
			change = 0 // refused with whatever else is wrong
		}
		return proposal.DismissFormChange(ctx, tx, act, at, change)
	})
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("build.changed.dismissed"), "/proposals/%s", at)
}
