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

// Saved is what became of a save: its new version, and what keeps the section
// from being done, where that was asked for.
type Saved struct {
	Version int
	Gaps    form.Gaps
}

// Stale refuses a save over somebody else's: it holds theirs, so that both can
// be shown. It is a [problem.Conflict].
type Stale struct{ Theirs Section }

func (s Stale) Error() string {
	return fmt.Sprintf("section %s is at version %d", s.Theirs.Key, s.Theirs.Version)
}

// Unwrap lets errors.Is find the kind.
func (Stale) Unwrap() error { return problem.Conflict }

// SaveSection stores what was typed in a section; version is the one it was
// typed over. It never asks for completeness: a section that is said to be done
// and is not is saved as not done, with the gaps. It refuses who only reads,
// what may not change now, and with [Stale] what somebody else saved meanwhile,
// unless they saved the very same.
func SaveSection(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, key string, version int, answers form.Answers, done bool) (Saved, error) {
	p, asked, s, err := lockSection(ctx, tx, act, id, key)
	if err != nil {
		return Saved{}, err
	}
	standing, err := standingSection(ctx, tx, act, id, key)
	if err != nil {
		return Saved{}, err
	}
	same := standing.Answers.Equal(answers)
	if standing.Version != version && !same {
		return Saved{}, Stale{Theirs: standing}
	}
	saved := Saved{Version: standing.Version}
	if done {
		if saved.Gaps, err = gapsOf(ctx, tx, act, id, asked, s, answers); err != nil {
			return saved, err
		}
		done = len(saved.Gaps) == 0
	}
	if standing.Version > 0 && same && standing.Done == done {
		return saved, nil // the same again: a click twice, a line that broke after the save
	}
	saved.Version, err = pg.Value[int](ctx, tx, `
		insert into proposal_sections (proposal_id, key, answers, done, updated_by, updated_at)
		values ($1, $2, $3, $4, $5, $6)
		on conflict (proposal_id, key) do update set answers = excluded.answers, done = excluded.done,
		  version = proposal_sections.version + 1, updated_by = excluded.updated_by, updated_at = excluded.updated_at
		returning version`, id, key, orEmpty(answers), done, act.By, act.At)
	if err != nil {
		return saved, fmt.Errorf("saving section %s of proposal %d: %w", key, id, err)
	}
	return saved, touch(ctx, tx, act, p, s, answers)
}

// lockSection locks a proposal one of whose sections is to change now.
func lockSection(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, key string) (Locked, Asked, form.Section, error) {
	p, err := lockAs(ctx, tx, act, id, organisation.Head, organisation.Writer)
	if err != nil {
		return p, Asked{}, form.Section{}, err
	}
	asked, err := WhatIn(ctx, tx, people.ID(act.By), p.CallID, p.FormID)
	if err != nil {
		return p, asked, form.Section{}, err
	}
	s, ok := asked.Form.Section(key)
	if !ok {
		return p, asked, s, problem.NotFound
	}
	return p, asked, s, whyNotEditable(p, key, act.At)
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

// standingSection is a section as it stands; the proposal is locked.
func standingSection(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, key string) (Section, error) {
	all, err := Sections(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return Section{}, err
	}
	if s, ok := all[key]; ok {
		return s, nil
	}
	return Section{Key: key}, nil
}

// gapsOf is what is missing or wrong in a section with these answers; those of
// the other sections decide what it asks.
func gapsOf(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, asked Asked, s form.Section, answers form.Answers) (form.Gaps, error) {
	all, err := Sections(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return nil, err
	}
	attached, err := document.Attached(ctx, tx, people.ID(act.By), int64(id))
	if err != nil {
		return nil, fmt.Errorf("reading documents of proposal %d: %w", id, err)
	}
	content := Written(all)
	content[s.Key] = answers
	return asked.Form.Check(content, Files(attached), asked.Terms).In(s.Key), nil
}

// longestTitle is where a title that was pasted in whole is cut for lists, in
// characters; the answer itself is kept.
const longestTitle = 300

// worked adds what writing took until the moment $2. A longer silence was
// something else.
const worked = `worked_at = $2, worked_ms = worked_ms + case when $2 - coalesce(worked_at, created_at) between interval '0' and interval '10 minutes'
	then (extract(epoch from $2 - coalesce(worked_at, created_at)) * 1000)::bigint else 0 end`

// touch notes when a proposal was last worked on, and what a draft calls
// itself. What was sent keeps its title until it is sent again.
func touch(ctx context.Context, tx pgx.Tx, act audit.Act, p Locked, s form.Section, answers form.Answers) error {
	if _, ok := s.Question(titleQuestion); !ok || p.Status != Draft {
		return pg.Exec(ctx, tx, `update proposals set updated_at = $2, `+worked+` where id = $1`, p.ID, act.At)
	}
	return pg.Exec(ctx, tx, `update proposals set updated_at = $2, `+worked+`, title = left($3, $5), title_en = left($4, $5) where id = $1`,
		p.ID, act.At, answers[titleQuestion].Text, answers[titleEnQuestion].Text, longestTitle)
}

// Attach adds a file of the store to a question of a proposal. It refuses what
// [SaveSection] refuses, questions that take no files, and purposes they do not
// name.
func Attach(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, section, question, purpose string, f document.File) (document.ID, error) {
	_, _, s, err := lockSection(ctx, tx, act, id, section)
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
	if _, _, _, err := lockSection(ctx, tx, act, id, attached.SectionKey); err != nil {
		return err
	}
	return document.Remove(ctx, tx, act, int64(id), d)
}
