package proposal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/form/revision"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

// Moved says that the page showed an earlier version of the form: what was typed
// is saved wherever it fits now, and the rest, as many answers as Aside, is kept
// beside the draft.
type Moved struct{ Aside int }

// movedFrom finds the change of form since a page was opened; [problem.NotFound]
// if there was none. The proposal is locked.
func movedFrom(ctx context.Context, tx pgx.Tx, id ID, showed form.ID) (FormChange, error) {
	return pg.One[FormChange](ctx, tx, `
		select id, proposal_id, from_form, to_form, aside, changed_at, dismissed_at from proposal_form_changes
		where proposal_id = $1 and from_form = $2 order by changed_at desc, id limit 1`, id, showed)
}

// isMoved says that a page shows another version of the form than the one the
// draft was moved to.
func (t Typed) isMoved(w Locked) bool {
	return t.Form != 0 && w.FormID != 0 && t.Form != w.FormID && w.Status == Draft
}

// late is what was typed on a page that shows an earlier version of the form.
type late struct {
	from, to form.Definition
	terms    form.Terms
	key      string       // of the section, in the earlier version
	mine     form.Answers // that somebody wrote
	was      form.Answers // as the page knew them
	stands   map[string]Section

	put  form.Content // what is to stand, by section
	lost []revision.Aside
}

// writeMoved stores what was typed on a page of an earlier version of the form:
// each answer where it fits now, unless somebody else has written there since.
// What does not fit, or would take the place of another's words, is kept with the
// change, for whoever wrote it to read.
func writeMoved(ctx context.Context, tx pgx.Tx, act audit.Act, w Locked, key string, t Typed, change FormChange) (Saved, error) {
	l := late{key: key, put: form.Content{}}
	var err error
	if l.from, err = form.Asks(ctx, tx, t.Form); err != nil {
		return Saved{}, err
	}
	s, ok := l.from.Section(key)
	if !ok {
		return Saved{}, problem.NotFound
	}
	what, err := WhatIn(ctx, tx, people.ID(act.By), w.CallID, w.FormID)
	if err != nil {
		return Saved{}, err
	}
	l.to, l.terms = what.Form, what.Terms
	if l.stands, err = Sections(ctx, tx, people.ID(act.By), w.ID); err != nil {
		return Saved{}, err
	}
	if err := l.read(ctx, tx, w.ID, s, t); err != nil {
		return Saved{Section: s}, err
	}
	l.carry()
	saved := Saved{Section: s, Form: l.to, Of: w, At: act.At, Version: t.Base, Moved: &Moved{Aside: len(l.lost)}}
	if now, ok := l.to.Section(key); ok {
		saved.Section = now
	}
	for _, at := range slices.Sorted(maps.Keys(l.put)) {
		version, err := l.store(ctx, tx, act, w, at, t.Page)
		if err != nil {
			return saved, err
		}
		if at == key {
			saved.Version = version
		}
	}
	return saved, l.keep(ctx, tx, change, t.Page)
}

// read understands what was sent, by the version that the page showed, and finds
// what it knew. Questions that only the new version asks may have been sent too,
// by a page that came back after its session had ended.
func (l *late) read(ctx context.Context, tx pgx.Tx, id ID, s form.Section, t Typed) error {
	part, keys, err := l.sent(s, t)
	if err != nil {
		return err
	}
	typed, err := part.Read(t.Sent, l.terms)
	if err != nil {
		return err
	}
	if typed, err = part.Locate(ctx, tx, typed); err != nil {
		return err
	}
	if l.was, err = knew(ctx, tx, id, l.key, keys, t); err != nil {
		return err
	}
	l.mine = form.Answers{}
	for _, key := range keys {
		if !typed[key].Equal(l.was[key]) {
			l.mine[key] = typed[key]
		}
	}
	return nil
}

// sent is what of a section was sent, and the keys of its questions.
func (l *late) sent(s form.Section, t Typed) (form.Section, []string, error) {
	if t.Changed != nil {
		part, err := s.Part(append(slices.Clone(t.Changed), t.Aside...))
		if err != nil {
			return part, nil, fmt.Errorf("%w: %w", problem.Because(problem.Conflict, "proposal.section.gone"), err)
		}
		return part, t.Changed, nil
	}
	keys := slices.DeleteFunc(asked(s, nil), func(key string) bool { return slices.Contains(t.Unasked, key) })
	now, _ := l.to.Section(l.key)
	for _, q := range now.Questions {
		if !l.from.Asks(q.Key) && q.Kind != form.Files {
			s.Questions, keys = append(slices.Clone(s.Questions), q), append(keys, q.Key)
		}
	}
	return s, keys, nil
}

// knew is what a page knew of questions: what it saved itself last, wherever that
// went, or else what stood when it was opened.
func knew(ctx context.Context, tx pgx.Tx, id ID, section string, keys []string, t Typed) (form.Answers, error) {
	list, err := pg.All[known](ctx, tx, `
		select q.question, k.answer as was, false as since
		from unnest(@questions::text[]) as q (question)
		cross join lateral (
		  select v.answers -> q.question as answer from section_versions v
		  where v.proposal_id = @id and v.answers ? q.question and (v.key = @key and v.version <= @base or v.saved_from = nullif(@page, ''))
		  order by (v.saved_from = nullif(@page, '')) is true desc, v.saved_at desc, v.version desc limit 1) k`,
		pgx.StrictNamedArgs{"id": id, "key": section, "questions": keys, "base": t.Base, "page": t.Page})
	if err != nil {
		return nil, fmt.Errorf("finding what a page of proposal %d knew: %w", id, err)
	}
	was := form.Answers{}
	for _, k := range list {
		was[k.Question] = k.Was
	}
	return was, nil
}

// carry finds each answer its place in the new version.
func (l *late) carry() {
	carried, lost := revision.Rebase(l.from, l.to, form.Content{l.key: l.mine}, l.terms)
	knew, _ := revision.Rebase(l.from, l.to, form.Content{l.key: l.was}, l.terms)
	l.lost = lost
	for question, mine := range l.mine {
		at, now, asks := l.to.Question(question)
		next, stands := carried[at.Key][question], l.stands[at.Key].Answers[question]
		if !l.from.Asks(question) { // it was typed in the new version: [revision.Rebase] cannot know
			l.lost = slices.DeleteFunc(l.lost, func(a revision.Aside) bool { return a.Question == question })
			next = mine
		}
		switch {
		case !asks || now.Kind == form.Files || next.Equal(stands):
		case next.Empty() && !mine.Empty(): // nothing of it fits
		case stands.Equal(knew[at.Key][question]):
			if l.put[at.Key] == nil {
				l.put[at.Key] = form.Answers{}
			}
			l.put[at.Key][question] = next
		case !mine.Empty():
			l.lost = append(l.lost, revision.Aside{Section: l.key, Question: question, Label: now.Label, Why: revision.Since, Answer: mine})
		}
	}
	slices.SortStableFunc(l.lost, func(a, b revision.Aside) int { return position(l.from, a) - position(l.from, b) })
}

// position is where a version asks what is put aside.
func position(d form.Definition, a revision.Aside) int {
	s, _ := d.Section(a.Section)
	return slices.IndexFunc(s.Questions, func(q form.Question) bool { return q.Key == a.Question })
}

// store writes what a section is to hold now. It stays said to be done only if
// nothing is missing in it.
func (l *late) store(ctx context.Context, tx pgx.Tx, act audit.Act, w Locked, key, page string) (int, error) {
	s, _ := l.to.Section(key) // it holds what was carried there
	answers := form.Answers{}
	maps.Copy(answers, l.stands[key].Answers)
	for question, a := range l.put[key] {
		if answers[question] = a; a.Empty() {
			delete(answers, question)
		}
	}
	done := l.stands[key].Done
	if done {
		gaps, err := gapsOf(ctx, tx, act, w, s, answers)
		if err != nil {
			return 0, err
		}
		done = len(gaps) == 0
	}
	return store(ctx, tx, act, w, s, page, answers, done)
}

// keep puts what was lost with the change of form, in place of what the same page
// put there of the same questions before, and brings the change back before the
// eyes of those who had read it.
func (l *late) keep(ctx context.Context, tx pgx.Tx, change FormChange, page string) error {
	aside := slices.DeleteFunc(slices.Clone(change.Aside), func(a revision.Aside) bool {
		_, again := l.mine[a.Question]
		return again && page != "" && a.Page == page
	})
	for _, a := range l.lost {
		if !slices.ContainsFunc(aside, func(b revision.Aside) bool { return b.Question == a.Question && b.Answer.Equal(a.Answer) }) {
			a.Page = page
			aside = append(aside, a)
		}
	}
	if len(aside) == len(change.Aside) && len(l.lost) == 0 {
		return nil
	}
	if err := pg.Exec(ctx, tx, `update proposal_form_changes set aside = $2, dismissed_at = null, dismissed_by = null where id = $1`, change.ID, aside); err != nil {
		return fmt.Errorf("keeping what found no place in proposal %d: %w", change.ProposalID, err)
	}
	return nil
}

// moved writes by [writeMoved] where the page shows an earlier version; ok is
// false where it does not, or nothing changed since that anybody would notice.
func (t Typed) moved(ctx context.Context, tx pgx.Tx, act audit.Act, w Locked, key string) (saved Saved, ok bool, err error) {
	if !t.isMoved(w) {
		return saved, false, nil
	}
	change, err := movedFrom(ctx, tx, w.ID, t.Form)
	if errors.Is(err, problem.NotFound) {
		return saved, false, nil
	}
	if err != nil {
		return saved, true, fmt.Errorf("finding how the form of proposal %d changed: %w", w.ID, err)
	}
	saved, err = writeMoved(ctx, tx, act, w, key, t, change)
	return saved, true, err
}
