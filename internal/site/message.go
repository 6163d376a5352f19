package site

import (
	"context"
	"errors"
	"net/http"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/message"
	"daubang/internal/organisation"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/templates"
)

// showMessages is the thread about a proposal. Looking marks nothing as read.
func (s *Site) showMessages(w http.ResponseWriter, r *http.Request) error {
	page, err := s.messagesPage(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}

func (s *Site) messagesPage(r *http.Request) (templates.Messages, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	p, err := s.proposal(r)
	if err != nil {
		return templates.Messages{}, err
	}
	page := templates.Messages{Proposal: p}
	var role organisation.Role
	if p.View == proposal.AsApplicant {
		if role, err = organisation.RoleOf(ctx, s.Read, viewer, p.OrganisationID); err != nil {
			return page, err
		}
	}
	why := message.WhyNot(p, role)
	if refusal, ok := errors.AsType[problem.Refusal](why); ok {
		page.MayNot = &refusal.Words
	} else if why != nil {
		return page, why
	}
	if page.Thread, err = message.Thread(ctx, s.Read, viewer, p.ID); err != nil {
		return page, err
	}
	if p.View == proposal.AsOfficer {
		page.Waiting, err = message.Awaits(ctx, s.Read, viewer, p.ID)
	}
	return page, err
}

// sendMessage writes in the thread.
func (s *Site) sendMessage(w http.ResponseWriter, r *http.Request) error {
	f, err := s.formOnce(r, "text", "seen")
	if err != nil {
		return err
	}
	p, err := s.proposal(r)
	if err != nil {
		return err
	}
	text, seen := f.Text("text"), seenIn(f)
	var sent message.ID
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		sent, err = message.Send(ctx, tx, act, p.ID, seen, text)
		return err
	})
	if wrong, ok := s.wrong(err); ok {
		page, err := s.messagesPage(r)
		if err != nil {
			return err
		}
		page.Text, page.Wrong = text, wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("message.sent"), "/proposals/%s/messages#m-%s", p.ID, sent)
}

// readMessages marks the thread as read.
func (s *Site) readMessages(w http.ResponseWriter, r *http.Request) error {
	return s.markMessages(w, r, message.MarkRead, "message.marked")
}

// settleMessages says that no answer is needed.
func (s *Site) settleMessages(w http.ResponseWriter, r *http.Request) error {
	return s.markMessages(w, r, message.Settle, "message.settled")
}

// seenIn is the last message that the form's page showed; 0 where it says none.
func seenIn(f values) message.ID {
	seen, err := ref.Parse[message.ID](f.Line("seen"))
	if err != nil {
		return 0
	}
	return seen
}

func (s *Site) markMessages(w http.ResponseWriter, r *http.Request, mark func(context.Context, pgx.Tx, audit.Act, proposal.ID, message.ID) error, say string) error {
	f, err := s.formOnce(r, "seen")
	if err != nil {
		return err
	}
	p, err := s.proposal(r)
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error { return mark(ctx, tx, act, p.ID, seenIn(f)) }); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say(say), "/proposals/%s/messages", p.ID)
}
