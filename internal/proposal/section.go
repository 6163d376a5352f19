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
)

// Section is what stands written in one section, and who wrote it last.
type Section struct {
	Key           string
	Answers       form.Answers
	Version       int // 0: nothing was ever saved
	Done          bool
	UpdatedByName string
	UpdatedAt     time.Time
}

// Sections are the sections of a proposal that were ever saved, by key: for
// those who write it. Others read what was sent, see [LastSubmission].
func Sections(ctx context.Context, db pg.DB, viewer people.ID, id ID) (map[string]Section, error) {
	rows, err := pg.All[Section](ctx, db, `
		select key, answers, version, done, updated_by_name, updated_at from visible.sections($1) where proposal_id = $2`, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("reading sections of proposal %d: %w", id, err)
	}
	all := map[string]Section{}
	for _, s := range rows {
		all[s.Key] = s
	}
	return all, nil
}

// Written is the answers of sections, by section.
func Written(sections map[string]Section) form.Content {
	c := form.Content{}
	for key, s := range sections {
		c[key] = s.Answers
	}
	return c
}

// lockSection locks a proposal one of whose sections is to change now.
func lockSection(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, key string) (Locked, form.Section, error) {
	w, err := lockAs(ctx, tx, act, id, organisation.Head, organisation.Writer)
	if err != nil {
		return w, form.Section{}, err
	}
	asks, err := form.Asks(ctx, tx, w.FormID)
	if err != nil {
		return w, form.Section{}, err
	}
	s, ok := asks.Section(key)
	if !ok {
		return w, s, problem.NotFound
	}
	var c call.Call
	if w.Status == Submitted { // what was sent is changed only while the call is open
		if c, _, err = call.GetFor(ctx, tx, people.ID(act.By), w.CallID, w.OrganisationID); err != nil {
			return w, s, fmt.Errorf("reading call %d: %w", w.CallID, err)
		}
	}
	err = whyNotEditable(w, c, key, act.At)
	if err != nil && w.Status == Returned && whyNotEditable(w, c, w.returned(), act.At) == nil {
		if err := openLacking(ctx, tx, act, w); err != nil {
			return w, s, err
		}
		err = whyNotEditable(w, c, key, act.At)
	}
	return w, s, err
}

// returned is one of the sections that were returned, empty for none.
func (p Locked) returned() string {
	for key := range p.ReturnedSections {
		return key
	}
	return ""
}

// whyNotEditable refuses a change that comes at the wrong time: what is sent is
// changed only where it was opened again, and while the call is open.
func whyNotEditable(p Locked, c call.Call, section string, t time.Time) error {
	_, named := p.ReturnedSections[section]
	switch {
	case p.Status == Draft:
		return nil
	case p.Status == Returned && (p.ReturnedUntil == nil || !t.Before(*p.ReturnedUntil)):
		return tooLateToComplete(p)
	case p.Status == Returned && !named:
		return problem.Because(problem.Conflict, "proposal.returned_elsewhere")
	case p.Status == Returned:
		return nil
	case p.changing() && c.AcceptingWithGrace(t):
		return nil
	case p.changing():
		return tooLateToChange(p, c)
	case p.Status == Submitted && c.Accepting(t):
		return problem.Because(problem.Conflict, "proposal.sealed_open", until(c.ClosesAt))
	default:
		return problem.Because(problem.Conflict, "proposal.sealed", problem.Say("proposal.status."+string(p.Status)))
	}
}

// tooLateToComplete refuses what was returned and whose day has passed.
func tooLateToComplete(p Locked) error {
	if p.ReturnedUntil == nil {
		return problem.Because(problem.Conflict, "proposal.sealed", problem.Say("proposal.status."+string(p.Status)))
	}
	return problem.Because(problem.Conflict, "proposal.returned_late", until(*p.ReturnedUntil))
}

// Attach adds a file of the store to a question of a proposal. It refuses what
// [SaveSection] refuses, questions that take no files, and purposes they do not
// name.
func Attach(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, section, question, purpose string, f document.File) (document.ID, error) {
	_, s, err := lockSection(ctx, tx, act, id, section)
	if err != nil {
		return 0, err
	}
	q, ok := s.Question(question)
	if !ok || q.Kind != form.Files {
		return 0, problem.NotFound
	}
	why, ok := q.Purpose(purpose)
	if !ok {
		return 0, problem.Invalid{"purpose": problem.Say("document.purpose")}
	}
	return document.Attach(ctx, tx, act, document.Place{
		ProposalID: int64(id), SectionKey: section, Question: question, Purpose: purpose, Personal: why.Personal,
	}, f)
}

// MayBring refuses a file before a byte of it is read, where [Attach] would
// whatever the file holds.
func MayBring(ctx context.Context, db pg.DB, by people.ID, at time.Time, p Proposal, section, question, purpose string, size int64) error {
	asks, err := form.Asks(ctx, db, p.FormID)
	if err != nil {
		return err
	}
	s, _ := asks.Section(section)
	q, ok := s.Question(question)
	if !ok || q.Kind != form.Files {
		return problem.NotFound
	}
	if _, ok := q.Purpose(purpose); !ok {
		return problem.Invalid{"purpose": problem.Say("document.purpose")}
	}
	return document.Room(ctx, db, by, at, int64(p.ID), size)
}

// Detach takes a document away from a proposal, with the same refusals. What
// was sent keeps it.
func Detach(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, d document.ID) error {
	attached, err := document.Get(ctx, tx, people.ID(act.By), int64(id), d)
	if err != nil {
		return err
	}
	if _, _, err := lockSection(ctx, tx, act, id, attached.SectionKey); err != nil {
		return err
	}
	return document.Remove(ctx, tx, act, int64(id), d)
}
