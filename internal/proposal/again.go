package proposal

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Changing says that what was sent is being changed, to be sent again. What
// was sent counts until then; nobody but its organisation is told.
func (p Proposal) Changing() bool { return p.Status == Submitted && p.ChangingSince != nil }

func (p Locked) changing() bool { return p.Status == Submitted && p.ChangingSince != nil }

// Reopen lets those who write for the organisation change what was sent, to
// send it again before the call closes. What was sent counts until a new one
// is. Reopening what is open already changes nothing. It refuses a proposal
// that the office has begun to work on, and a call that has closed.
func Reopen(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	p, err := lockAs(ctx, tx, act, id, organisation.Head, organisation.Writer)
	if err != nil {
		return err
	}
	if _, err := p.Status.After(MoveReopen); err != nil {
		return err
	}
	if p.changing() {
		return nil
	}
	c, _, err := call.GetFor(ctx, tx, people.ID(act.By), p.CallID, p.OrganisationID)
	if err != nil {
		return fmt.Errorf("reading call %d: %w", p.CallID, err)
	}
	if !c.AcceptingWithGrace(act.At) {
		return tooLateToChange(p, c)
	}
	if _, err := step(ctx, tx, act, p, MoveReopen, nil); err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `update proposals set changing_since = $2 where id = $1`, id, act.At); err != nil {
		return fmt.Errorf("reopening proposal %d: %w", id, err)
	}
	return nil
}

// tooLateToChange refuses a change of what was sent once the call has closed.
func tooLateToChange(p Locked, c call.Call) error {
	sent := p.SubmittedAt
	if sent == nil { // never: what is submitted was sent
		sent = &c.ClosesAt
	}
	return problem.Because(problem.Conflict, "proposal.submit.change_late", instant(c.ClosesAt), instant(*sent))
}

// instant is a moment in both languages, for words.
func instant(t time.Time) words.Pair { return words.Pair{Vi: viet.Instant(t), En: viet.InstantEn(t)} }

// until is the first refused instant of a deadline in both languages, for words.
func until(t time.Time) words.Pair { return words.Pair{Vi: viet.Until(t), En: viet.UntilEn(t)} }

// WhyNotEditable says why those who write for p may not change the section at
// the moment t; nil if they may.
func (a Asked) WhyNotEditable(p Proposal, section string, t time.Time) error {
	return whyNotEditable(Locked{
		Status: p.Status, ReturnedSections: p.ReturnedSections, ReturnedUntil: p.ReturnedUntil, ChangingSince: p.ChangingSince, SubmittedAt: p.SubmittedAt,
	}, a.Call, section, t)
}

// WhyNotEditable is [Asked.WhyNotEditable] for who has not read what is asked:
// it reads the call where the call decides.
func WhyNotEditable(ctx context.Context, db pg.DB, viewer people.ID, p Proposal, section string, t time.Time) error {
	var asked Asked
	if p.Status == Submitted {
		c, _, err := call.GetFor(ctx, db, viewer, p.CallID, p.OrganisationID)
		if err != nil {
			return fmt.Errorf("reading call %d: %w", p.CallID, err)
		}
		asked.Call = c
	}
	return asked.WhyNotEditable(p, section, t)
}

// WhyNotWritten says why p is not written at the moment t, whichever part of it;
// nil if it is.
func WhyNotWritten(ctx context.Context, db pg.DB, viewer people.ID, p Locked, t time.Time) error {
	var c call.Call
	if p.Status == Submitted {
		var err error
		if c, _, err = call.GetFor(ctx, db, viewer, p.CallID, p.OrganisationID); err != nil {
			return fmt.Errorf("reading call %d: %w", p.CallID, err)
		}
	}
	return whyNotEditable(p, c, p.returned(), t)
}

// Reopens says that what was sent may be opened at the moment t, to be changed
// and sent again.
func (a Asked) Reopens(p Proposal, t time.Time) bool {
	return p.Status.Can(Writer, MoveReopen) && !p.Changing() && a.Call.Accepting(t)
}

// begin is for the office's first act on what was sent: it waits while the
// organisation may still send it again and has said it will, and sets aside
// what was changed and not sent, so that from here on the sections are what
// was sent.
func begin(ctx context.Context, tx pgx.Tx, act audit.Act, p Locked) error {
	if !p.changing() {
		return nil
	}
	c, _, err := call.GetFor(ctx, tx, people.ID(act.By), p.CallID, p.OrganisationID)
	if err != nil {
		return fmt.Errorf("reading call %d: %w", p.CallID, err)
	}
	if c.AcceptingWithGrace(act.At) {
		return problem.Because(problem.Conflict, "proposal.being_changed", until(c.ClosesAt))
	}
	return setAside(ctx, tx, act, p.ID)
}

// setAside keeps what was changed and never sent where its organisation can
// read it, and puts back what was sent; answers that were not asked for then
// stay as they are.
func setAside(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	type last struct {
		ID        int64
		FormID    form.ID
		Content   form.Content
		Documents []document.ID
	}
	sent, err := pg.One[last](ctx, tx, `
		select s.id, s.form_id, s.content || coalesce(s.identity -> 'sections', '{}') as content,
		       array(select sd.document_id from submission_documents sd where sd.submission_id = s.id) as documents
		from submissions s where s.proposal_id = $1 order by s.number desc limit 1`, id)
	if err != nil {
		return fmt.Errorf("reading what proposal %d sent: %w", id, err)
	}
	asked, err := form.Asks(ctx, tx, sent.FormID)
	if err != nil {
		return err
	}
	stood, err := document.Restore(ctx, tx, act, int64(id), sent.Documents)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into unsent_changes (submission_id, form_id, content, documents, since, set_aside_at)
		select $2, p.form_id, (select coalesce(jsonb_object_agg(w.key, w.answers), '{}') from proposal_sections w where w.proposal_id = p.id), $3::bigint[], p.changing_since, $4
		from proposals p where p.id = $1`, id, sent.ID, stood, act.At)
	if err != nil {
		return fmt.Errorf("setting changes of proposal %d aside: %w", id, err)
	}
	_, err = tx.Exec(ctx, `
		update proposal_sections w set answers = put.back, version = w.version + 1, updated_at = $4, saved_from = ''
		from (select key, (answers - $2::text[]) || coalesce($3::jsonb -> key, '{}') as back from proposal_sections where proposal_id = $1) put
		where w.proposal_id = $1 and w.key = put.key and w.answers <> put.back`, id, asked.For(sent.Content).Keys(), sent.Content, act.At)
	if err != nil {
		return fmt.Errorf("putting back what proposal %d sent: %w", id, err)
	}
	if err := pg.Exec(ctx, tx, `update proposals set changing_since = null, form_id = $2 where id = $1`, id, sent.FormID); err != nil {
		return fmt.Errorf("closing proposal %d again: %w", id, err)
	}
	_, err = audit.Record(ctx, tx, act, "set_aside", "proposal", id, nil)
	return err
}

// Unsent is what was changed after a submission and never sent: as it stands
// while it is being changed, or as it stood when the office began.
type Unsent struct {
	SubmissionID int64
	FormID       form.ID // the version it was written in
	Content      form.Content
	Documents    []document.ID
	Since        time.Time
	SetAsideAt   time.Time
}

// LastUnsent is what viewer's organisation changed after the last submission
// and never sent, if the office has begun; [problem.NotFound] else.
func LastUnsent(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Unsent, error) {
	return pg.One[Unsent](ctx, db, `
		select u.submission_id, u.form_id, u.content, u.documents, u.since, u.set_aside_at
		from visible.unsent_changes($1) u where u.proposal_id = $2 order by u.set_aside_at desc limit 1`, viewer, id)
}
