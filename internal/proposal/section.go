package proposal

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
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

// writing is a locked proposal with as whom one would write in it.
type writing struct {
	Locked

	View View
	Role organisation.Role // empty: in none of its organisation's
}

// lockSection locks a proposal one of whose sections is to change now. It is one
// statement: this is what every pause in typing asks.
func lockSection(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, key string) (writing, form.Section, error) {
	w, err := pg.One[writing](ctx, tx, `
		select p.id, p.call_id, p.programme_id, p.form_id, p.organisation_id, p.reference, p.title, p.status, p.amount_asked, p.submitted_at, p.returned_until,
		       p.returned_sections, p.reviews_assigned, p.reviews_sent, v.view, coalesce(m.role, '') as role
		from proposals p
		join visible.proposals($1) v on v.id = p.id
		left join visible.members($1) m on m.organisation_id = p.organisation_id and m.person_id = $1
		join visible.calls($1) c on c.id = p.call_id
		where p.id = $2
		for update of p`, act.By, id)
	if err != nil {
		return w, form.Section{}, fmt.Errorf("locking proposal %d: %w", id, err)
	}
	switch {
	case w.View != AsApplicant:
		return w, form.Section{}, problem.Because(problem.Forbidden, "proposal.only_members")
	case w.Role != organisation.Head && w.Role != organisation.Writer:
		return w, form.Section{}, problem.Because(problem.Forbidden, "proposal.only_writers")
	}
	asks, err := form.Asks(ctx, tx, w.FormID)
	if err != nil {
		return w, form.Section{}, err
	}
	s, ok := asks.Section(key)
	if !ok {
		return w, s, problem.NotFound
	}
	return w, s, whyNotEditable(w.Locked, key, act.At)
}

// whyNotEditable refuses a change that comes at the wrong time.
func whyNotEditable(p Locked, section string, t time.Time) error {
	switch {
	case editable(p.Status, p.ReturnedSections, p.ReturnedUntil, section, t):
		return nil
	case p.Status == Returned && p.ReturnedUntil != nil && !t.Before(*p.ReturnedUntil):
		return problem.Because(problem.Conflict, "proposal.returned_late", words.Pair{Vi: viet.Instant(*p.ReturnedUntil), En: viet.InstantEn(*p.ReturnedUntil)})
	case p.Status == Returned:
		return problem.Because(problem.Conflict, "proposal.returned_elsewhere")
	default:
		return problem.Because(problem.Conflict, "proposal.sealed", problem.Say("proposal.status."+string(p.Status)))
	}
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
