package site

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/inquiry"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/templates"
)

// callQuestions lists what was asked about a call and answered.
func (s *Site) callQuestions(w http.ResponseWriter, r *http.Request) error {
	page, err := s.questionsPage(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}

func (s *Site) questionsPage(r *http.Request) (templates.CallQuestions, error) {
	ctx, v := r.Context(), visitor(r)
	c, err := s.call(r)
	if err != nil {
		return templates.CallQuestions{}, err
	}
	page := templates.CallQuestions{Call: c, SignedIn: v.SignedIn(), Now: s.Now()}
	if page.Until, err = inquiry.Until(ctx, s.Read, c); err != nil {
		return page, err
	}
	page.Inquiries, err = inquiry.Of(ctx, s.Read, v.ID, c.ID)
	return page, err
}

// askQuestion puts a question to the office of a call.
func (s *Site) askQuestion(w http.ResponseWriter, r *http.Request) error {
	f, err := s.formOnce(r, "text")
	if err != nil {
		return err
	}
	at, err := id[call.ID](r, "call")
	if err != nil {
		return err
	}
	text := f.Text("text")
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		_, err := inquiry.Ask(ctx, tx, act, at, text)
		return err
	})
	if wrong, ok := s.wrong(err); ok {
		page, err := s.questionsPage(r)
		if err != nil {
			return err
		}
		page.Text, page.Wrong = text, wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("inquiry.sent"), "/calls/%s/questions", at)
}

// deskInquiries lists what was asked, for the office of a call.
func (s *Site) deskInquiries(w http.ResponseWriter, r *http.Request) error {
	page, err := s.inquiriesPage(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}

func (s *Site) inquiriesPage(r *http.Request) (templates.DeskInquiries, error) {
	c, officer, err := s.officeCall(r)
	if err != nil {
		return templates.DeskInquiries{}, err
	}
	page := templates.DeskInquiries{Call: c, Officer: officer}
	until, err := inquiry.Until(r.Context(), s.Read, c)
	if err != nil {
		return page, err
	}
	page.UntilOn, page.UntilClock = viet.Date(until), viet.Clock(until)
	page.Inquiries, err = inquiry.Of(r.Context(), s.Read, visitor(r).ID, c.ID)
	return page, err
}

// setQuestionsUntil says until when a call takes questions.
func (s *Site) setQuestionsUntil(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.officeCall(r)
	if err != nil {
		return err
	}
	f, err := s.formOnce(r, "until_on", "until_clock")
	if err != nil {
		return err
	}
	day, clock := f.Line("until_on"), f.Line("until_clock")
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return inquiry.SetUntil(ctx, tx, act, c.ID, day, clock)
	})
	if wrong, ok := s.wrong(err); ok {
		page, err := s.inquiriesPage(r)
		if err != nil {
			return err
		}
		page.UntilOn, page.UntilClock, page.Wrong = day, clock, wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("inquiry.until_saved"), "/desk/calls/%s/questions", c.ID)
}

// deskInquiry is one question with its answers, of the call in the address.
func (s *Site) deskInquiry(w http.ResponseWriter, r *http.Request) error {
	page, err := s.inquiryPage(r)
	if err != nil {
		return err
	}
	page.Reply = inquiry.Reply{Kind: string(inquiry.Public), PublicText: page.Inquiry.Text, Seen: len(page.Inquiry.Answers)}
	return s.show(w, r, http.StatusOK, page)
}

func (s *Site) inquiryPage(r *http.Request) (templates.DeskInquiry, error) {
	c, officer, err := s.officeCall(r)
	if err != nil {
		return templates.DeskInquiry{}, err
	}
	at, err := id[inquiry.ID](r, "inquiry")
	if err != nil {
		return templates.DeskInquiry{}, err
	}
	i, err := inquiry.Get(r.Context(), s.Read, visitor(r).ID, at)
	if err == nil && i.CallID != c.ID {
		err = problem.NotFound
	}
	return templates.DeskInquiry{Call: c, Inquiry: i, Officer: officer}, err
}

// answerInquiry answers a question or corrects its answer.
func (s *Site) answerInquiry(w http.ResponseWriter, r *http.Request) error {
	page, err := s.inquiryPage(r)
	if err != nil {
		return err
	}
	f, err := s.formOnce(r, "kind", "public_text", "text", "seen")
	if err != nil {
		return err
	}
	seen, err := strconv.Atoi(f.Line("seen"))
	if err != nil {
		seen = 0 // a page that does not say has shown no answer
	}
	page.Reply = inquiry.Reply{Kind: f.Line("kind"), PublicText: f.Text("public_text"), Text: f.Text("text"), Seen: seen}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return inquiry.Settle(ctx, tx, act, page.Inquiry.ID, page.Reply)
	})
	if refusal, ok := errors.AsType[problem.Refusal](err); ok && errors.Is(err, problem.Conflict) {
		return s.answeredMeanwhile(w, r, page.Reply, refusal.Words)
	}
	if wrong, ok := s.wrong(err); ok {
		page.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("inquiry.answered"), "/desk/calls/%s/questions", page.Call.ID)
}

// answeredMeanwhile shows the answers as they stand now, with what was typed on
// a page that did not have them all: sent again from here, it knows them.
func (s *Site) answeredMeanwhile(w http.ResponseWriter, r *http.Request, typed inquiry.Reply, why problem.Words) error {
	page, err := s.inquiryPage(r)
	if err != nil {
		return err
	}
	page.Reply, page.Wrong = typed, problem.Invalid{"text": why}
	page.Reply.Seen = len(page.Inquiry.Answers)
	return s.show(w, r, http.StatusConflict, page)
}
