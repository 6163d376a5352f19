package site

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/document"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/review"
	"daubang/internal/rubric"
	"daubang/templates"
)

// reviews is the visitor's own work, one tray at a time: the most urgent that
// is not empty, unless one is asked for.
func (s *Site) reviews(w http.ResponseWriter, r *http.Request) error {
	ctx, viewer, q := r.Context(), visitor(r).ID, r.URL.Query()
	counts, err := review.Counts(ctx, s.Read, viewer)
	if err != nil {
		return err
	}
	v := templates.ReviewQueue{Tray: review.ToAnswer, Counts: counts, Now: s.Now()}
	for _, t := range review.Trays {
		if q.Get("tray") == string(t) || q.Get("tray") == "" && counts[t] > 0 {
			v.Tray = t
			break
		}
	}
	v.Items, v.More, err = review.Queue(ctx, s.Read, viewer, v.Tray, q.Get("after"))
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}

// showReview is what an assignment leads to: a question, a sheet, or the word
// that it is over.
func (s *Site) showReview(w http.ResponseWriter, r *http.Request) error {
	a, err := s.assignment(r)
	if err != nil {
		return err
	}
	switch a.State {
	case review.Declined, review.Conflicted, review.Withdrawn:
		return s.show(w, r, http.StatusOK, templates.ReviewClosed{Assignment: a})
	case review.Invited:
		return s.showInvitation(w, r, a)
	case review.Accepted, review.Sent:
	}
	p, err := proposal.Get(r.Context(), s.Read, visitor(r).ID, a.ProposalID)
	if err != nil {
		return err
	}
	if p.View == proposal.AsAsked {
		return s.showWithdrawn(w, r, a)
	}
	v, err := s.reviewSheet(r, a)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}

func (s *Site) showInvitation(w http.ResponseWriter, r *http.Request, a review.Assignment) error {
	p, err := proposal.Get(r.Context(), s.Read, visitor(r).ID, a.ProposalID)
	if err != nil {
		return err
	}
	c, _, err := call.GetFor(r.Context(), s.Read, visitor(r).ID, p.CallID, 0)
	if err != nil {
		return err
	}
	v := templates.ReviewInvitation{Assignment: a, Proposal: p, CallTitle: c.Title(), Now: s.Now()}
	if v.Summary, err = proposal.Summary(r.Context(), s.Read, visitor(r).ID, p.ID); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}

// showWithdrawn is the visitor's own sheet about a proposal that they may not
// read on, because its applicant took it back.
func (s *Site) showWithdrawn(w http.ResponseWriter, r *http.Request, a review.Assignment) error {
	ctx, viewer := r.Context(), visitor(r).ID
	all, err := review.Of(ctx, s.Read, viewer, a.ProposalID)
	if err != nil {
		return err
	}
	v := templates.ReviewWithdrawn{}
	v.Review, _ = review.Split(all, viewer)
	v.Rubric, err = review.Scale(ctx, s.Read, viewer, a.ID)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}

// reviewSheet is the proposal of an assignment beside the visitor's sheet, as it
// was last saved.
func (s *Site) reviewSheet(r *http.Request, a review.Assignment) (templates.ReviewSheet, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	p, err := proposal.Get(ctx, s.Read, viewer, a.ProposalID)
	if err != nil {
		return templates.ReviewSheet{}, err
	}
	asked, text, submission, err := s.proposalText(r, p)
	if err != nil {
		return templates.ReviewSheet{}, err
	}
	scale, err := rubric.Get(ctx, s.Read, asked.Call.RubricID)
	if err != nil {
		return templates.ReviewSheet{}, err
	}
	all, err := review.Of(ctx, s.Read, viewer, p.ID)
	if err != nil {
		return templates.ReviewSheet{}, err
	}
	own, others := review.Split(all, viewer)
	sent, live, err := review.Progress(ctx, s.Read, viewer, p.CallID)
	return templates.ReviewSheet{
		Review: own, Proposal: p, CallTitle: asked.Call.Title(), Rubric: scale.Definition, Text: text, Number: submission.Number, Sheet: own.Sheet,
		Peers: review.Sheets(others), Sent: sent, All: live, Now: s.Now(),
	}, err
}

// proposalText is what was submitted last, as the visitor may read it.
func (s *Site) proposalText(r *http.Request, p proposal.Proposal) (proposal.Asked, templates.ProposalText, proposal.Submission, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	sent, err := s.submission(r, p.ID)
	if err != nil {
		return proposal.Asked{}, templates.ProposalText{}, sent, err
	}
	asked, err := proposal.WhatIn(ctx, s.Read, viewer, p.CallID, sent.FormID)
	if err != nil {
		return asked, templates.ProposalText{}, sent, err
	}
	files, err := document.Some(ctx, s.Read, viewer, sent.Documents)
	return asked, templates.ProposalText{Content: templates.Content{
		Form: asked.Form.Sent(sent.Whole()), Terms: asked.Terms, Answers: sent.Whole(), Documents: files, Proposal: "/proposals/" + p.ID.String(),
	}}, sent, err
}

// submission is what was sent last, empty if nothing was.
func (s *Site) submission(r *http.Request, p proposal.ID) (proposal.Submission, error) {
	sent, err := proposal.LastSubmission(r.Context(), s.Read, visitor(r).ID, p)
	if errors.Is(err, problem.NotFound) {
		return proposal.Submission{}, nil
	}
	return sent, err
}

// assignment is the visitor's own that the address names.
func (s *Site) assignment(r *http.Request) (review.Assignment, error) {
	at, err := id[review.ID](r, "assignment")
	if err != nil {
		return review.Assignment{}, err
	}
	return review.Get(r.Context(), s.Read, visitor(r).ID, at)
}

// sheet reads a score sheet by the criteria of its rubric.
func sheet(f values, d rubric.Definition) review.Sheet {
	typed := review.Sheet{Scores: map[string]review.Score{}, Feedback: f.Text("feedback"), Note: f.Text("note")}
	for _, c := range d.Criteria {
		score := review.Score{Comment: f.Text(review.CommentField(c.Key))}
		if mark := f.Line(review.MarkField(c.Key)); mark != "" {
			n, err := strconv.Atoi(mark)
			if err != nil {
				n = -1 // no mark: the check says so
			}
			score.Mark = n
		}
		typed.Scores[c.Key] = score
	}
	return typed
}

// saveSheet keeps a draft.
func (s *Site) saveSheet(w http.ResponseWriter, r *http.Request) error {
	a, typed, version, err := s.typedSheet(r)
	if err != nil {
		return err
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		_, err := review.Save(ctx, tx, act, a.ID, typed, version)
		return err
	})
	if err != nil {
		return s.sheetAgain(w, r, a, typed, version, err)
	}
	return s.toSaying(w, r, problem.Say("review.said_saved"), "/reviews/%s", a.ID)
}

// sendSheet keeps what was typed, then hands it in: if something is missing, the
// draft is safe all the same.
func (s *Site) sendSheet(w http.ResponseWriter, r *http.Request) error {
	a, typed, version, err := s.typedSheet(r)
	if err != nil {
		return err
	}
	if a.State == review.Sent { // the button was pressed twice
		return s.to(w, r, "/reviews/%s", a.ID)
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		version, err = review.Save(ctx, tx, act, a.ID, typed, version)
		return err
	})
	if err == nil {
		err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return review.Send(ctx, tx, act, a.ID, version)
		})
	}
	if err != nil {
		return s.sheetAgain(w, r, a, typed, version, err)
	}
	p, err := proposal.Get(r.Context(), s.Read, visitor(r).ID, a.ProposalID)
	if err != nil {
		return err
	}
	next, _, err := review.Queue(r.Context(), s.Read, visitor(r).ID, review.ToDo, "")
	if err != nil {
		return err
	}
	if len(next) == 0 {
		return s.toSaying(w, r, problem.Say("review.said_sent", p.Reference), "/reviews/%s", a.ID)
	}
	return s.toSaying(w, r, problem.Say("review.said_sent_next", p.Reference), "/reviews/%s", next[0].ID)
}

func (s *Site) typedSheet(r *http.Request) (review.Assignment, review.Sheet, int, error) {
	a, err := s.assignment(r)
	if err != nil {
		return a, review.Sheet{}, 0, err
	}
	f, err := s.form(r)
	if err != nil {
		return a, review.Sheet{}, 0, err
	}
	d, err := review.Scale(r.Context(), s.Read, visitor(r).ID, a.ID)
	if err != nil {
		return a, review.Sheet{}, 0, err
	}
	version, err := strconv.Atoi(f.Line("version"))
	if err != nil || version < 0 {
		return a, review.Sheet{}, 0, errMalformed
	}
	return a, sheet(f, d), version, f.single("version")
}

// sheetAgain shows the sheet as it was typed, with what is wrong or with what
// another window saved meanwhile.
func (s *Site) sheetAgain(w http.ResponseWriter, r *http.Request, a review.Assignment, typed review.Sheet, version int, err error) error {
	wrong, invalid := s.wrong(err)
	_, stale := errors.AsType[review.Stale](err)
	if !invalid && !stale {
		return err
	}
	v, err := s.reviewSheet(r, a)
	if err != nil {
		return err
	}
	v.Sheet, v.Wrong, v.Elsewhere = typed, wrong, stale
	if stale {
		return s.show(w, r, http.StatusConflict, v)
	}
	v.Review.Version = version
	return s.show(w, r, http.StatusUnprocessableEntity, v)
}

func (s *Site) acceptReview(w http.ResponseWriter, r *http.Request) error {
	at, err := id[review.ID](r, "assignment")
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error { return review.Accept(ctx, tx, act, at) }); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("review.said_accepted"), "/reviews/%s", at)
}

// reference is how the proposal of an assignment is called, while the visitor
// may see it.
func (s *Site) reference(r *http.Request, a review.Assignment) (string, error) {
	p, err := proposal.Get(r.Context(), s.Read, visitor(r).ID, a.ProposalID)
	return p.Reference, err
}

func (s *Site) askDecline(w http.ResponseWriter, r *http.Request) error {
	a, err := s.assignment(r)
	if err != nil {
		return err
	}
	ref, err := s.reference(r, a)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.ReviewDecline{Assignment: a, Reference: ref})
}

func (s *Site) declineReview(w http.ResponseWriter, r *http.Request) error {
	a, err := s.assignment(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	reason := f.Text("reason")
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return review.Decline(ctx, tx, act, a.ID, reason)
	})
	if wrong, ok := s.wrong(err); ok {
		ref, err := s.reference(r, a)
		if err != nil {
			return err
		}
		return s.show(w, r, http.StatusUnprocessableEntity, templates.ReviewDecline{Assignment: a, Reference: ref, Reason: reason, Wrong: wrong})
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("review.said_declined"), "/reviews")
}

func (s *Site) askConflict(w http.ResponseWriter, r *http.Request) error {
	a, err := s.assignment(r)
	if err != nil {
		return err
	}
	ref, err := s.reference(r, a)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.ReviewConflict{Assignment: a, Reference: ref})
}

func (s *Site) declareConflict(w http.ResponseWriter, r *http.Request) error {
	a, err := s.assignment(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	kind, note := review.ConflictKind(f.Line("kind")), f.Text("note")
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return review.DeclareConflict(ctx, tx, act, a.ID, kind, note)
	})
	if wrong, ok := s.wrong(err); ok {
		ref, err := s.reference(r, a)
		if err != nil {
			return err
		}
		return s.show(w, r, http.StatusUnprocessableEntity, templates.ReviewConflict{Assignment: a, Reference: ref, Kind: kind, Note: note, Wrong: wrong})
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("review.said_conflict"), "/reviews")
}
