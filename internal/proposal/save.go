package proposal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

// Typed is what was typed on a page of questions, as it was sent. What it means
// depends on the form, so it is understood once the proposal is locked.
type Typed struct {
	Form    form.ID                       // the version of the form that the page shows; 0: nobody says
	Page    string                        // the opened page it was typed on; what that page saved before is no change by others
	Base    int                           // the version of the section which that page shows
	Over    map[string]int                // questions whose other version was seen and typed over: question → that version
	Changed []string                      // the questions one wrote in; nil: all of the section
	Aside   []string                      // questions where another's answer was chosen: what was typed is only put aside
	Both    []string                      // texts to which another's answer is to be added
	Unasked []string                      // questions which the page did not ask: their answers stand
	Sent    func(name string) []string    // what was sent under the name of a control
	Done    func(standing bool) (so bool) // whether the section is said to be done
}

// Saved is what became of a save: its new version, and what keeps the section
// from being done, where that was asked for.
type Saved struct {
	Version int
	Gaps    form.Gaps
	Done    bool
	Answers form.Answers // as they stand now
	Section form.Section
	Form    form.Definition
	Of      Locked
	At      time.Time
	Other   string // who else changed the section since the page was opened; empty: nobody
	Moved   *Moved // the page showed an earlier version of the form; nil: it did not
}

// Stale refuses a save over somebody else's: it holds theirs and which answers
// differ, so that both can be shown. It is a [problem.Conflict].
type Stale struct {
	Theirs  Section
	Mine    form.Answers // of the questions in Differ
	Differ  []Version    // the last version of each question that both changed, one question in each
	Section form.Section
}

func (s Stale) Error() string {
	return fmt.Sprintf("section %s is at version %d", s.Theirs.Key, s.Theirs.Version)
}

// Unwrap lets errors.Is find the kind.
func (Stale) Unwrap() error { return problem.Conflict }

// SaveSection stores all that stands in a section; version is the one it was
// written over. Otherwise it is [Write].
func SaveSection(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, key string, version int, answers form.Answers, done bool) (Saved, error) {
	w, s, err := lockSection(ctx, tx, act, id, key)
	if err != nil {
		return Saved{}, err
	}
	return save(ctx, tx, act, w, s, changes{answers: answers, changed: asked(s, answers), base: version, done: func(bool) bool { return done }})
}

// Write stores what was typed. It never asks for completeness: a section that is
// said to be done and is not is saved as not done, with the gaps. An answer that
// others changed meanwhile stays as theirs unless it was typed over too; then
// [Stale] refuses the save with both, unless they are the same. It refuses who
// only reads, what may not change now, questions the form does not ask, and with
// [problem.Invalid] what no page of ours sends. What was typed on a page of an
// earlier version of the form is stored as [Moved] says. Doing it twice is doing
// it once.
func Write(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, key string, t Typed) (Saved, error) {
	w, s, err := lockSection(ctx, tx, act, id, key)
	if err == nil || errors.Is(err, problem.NotFound) { // the section may be gone
		if saved, ok, err := t.moved(ctx, tx, act, w, key); ok {
			return saved, err
		}
	}
	if err != nil {
		return Saved{}, err
	}
	part := s
	if t.Changed != nil {
		if part, err = s.Part(append(slices.Clone(t.Changed), t.Aside...)); err != nil {
			return Saved{}, fmt.Errorf("%w: %w", problem.Because(problem.Conflict, "proposal.section.gone"), err)
		}
	}
	terms := form.Terms{}
	if part.Listed() {
		what, err := WhatIn(ctx, tx, people.ID(act.By), w.CallID, w.FormID)
		if err != nil {
			return Saved{}, err
		}
		terms = what.Terms
	}
	answers, err := part.Read(t.Sent, terms)
	if err != nil {
		return Saved{Section: s}, err
	}
	c := changes{page: t.Page, answers: answers, changed: t.Changed, aside: t.Aside, both: t.Both, base: t.Base, over: t.Over, done: t.Done}
	if t.Changed == nil {
		c.changed = slices.DeleteFunc(asked(s, answers), func(key string) bool { return slices.Contains(t.Unasked, key) })
	}
	return save(ctx, tx, act, w, s, c)
}

// MayWrite refuses what [Write] would refuse, whatever were typed.
func MayWrite(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, key string) error {
	_, _, err := lockSection(ctx, tx, act, id, key)
	return err
}

// changes are what was typed, understood.
type changes struct {
	page    string
	answers form.Answers
	changed []string
	aside   []string
	both    []string
	base    int
	over    map[string]int
	done    func(standing bool) bool
}

// asked lists what a page of the whole section sends.
func asked(s form.Section, answers form.Answers) []string {
	var keys []string
	for _, q := range s.Questions {
		if q.Kind != form.Files {
			keys = append(keys, q.Key)
		}
	}
	for key := range answers {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// stored is a section as it stands, with which page saved it.
type stored struct {
	Section

	SavedFrom string
}

func save(ctx context.Context, tx pgx.Tx, act audit.Act, w Locked, s form.Section, c changes) (Saved, error) {
	stands, err := standing(ctx, tx, w.ID, s.Key)
	if err != nil {
		return Saved{}, err
	}
	if c.answers, err = s.Locate(ctx, tx, c.answers); err != nil {
		return Saved{}, err
	}
	saved := Saved{Version: stands.Version, Done: stands.Done, Section: s, Of: w}
	if saved.Form, err = form.Asks(ctx, tx, w.FormID); err != nil {
		return saved, err
	}
	if stands.Version > c.base && (c.page == "" || stands.SavedFrom != c.page) {
		all, err := Sections(ctx, tx, people.ID(act.By), w.ID)
		if err != nil {
			return saved, err
		}
		stands.Section, saved.Other = all[s.Key], all[s.Key].UpdatedByName
	}
	answers, err := merge(ctx, tx, act, w.ID, s, stands.Section, c)
	if err != nil {
		return saved, err
	}
	saved.Answers, saved.At = answers, act.At
	same := answers.Equal(stands.Answers)
	if saved.Done = c.done(stands.Done); saved.Done {
		if saved.Gaps, err = gapsOf(ctx, tx, act, w, s, answers); err != nil {
			return saved, err
		}
		saved.Done = len(saved.Gaps) == 0
	}
	if err := putAside(ctx, tx, act, w.ID, stands.Section, c); err != nil {
		return saved, err
	}
	if stands.Version > 0 && same && stands.Done == saved.Done {
		return saved, nil // the same again: a click twice, a line that broke after the save
	}
	if saved.Version, err = store(ctx, tx, act, w, s, c.page, answers, saved.Done); err == nil && w.Status == Returned {
		err = openLacking(ctx, tx, act, w)
	}
	return saved, err
}

// standing is a section as it stands, without who wrote it last; the proposal is
// locked.
func standing(ctx context.Context, tx pgx.Tx, id ID, key string) (stored, error) {
	found, err := pg.All[stored](ctx, tx, `
		select key, answers, version, done, '' as updated_by_name, updated_at, saved_from
		from proposal_sections where proposal_id = $1 and key = $2`, id, key)
	if err != nil {
		return stored{}, fmt.Errorf("reading section %s of proposal %d: %w", key, id, err)
	}
	if len(found) == 0 {
		return stored{Section: Section{Key: key}}, nil
	}
	return found[0], nil
}

// known is what the page that was typed on knew of a question.
type known struct {
	Question string
	Was      form.Answer
	Since    bool // somebody else changed it since
}

// merge puts what was typed over what stands, question by question: what one
// did not touch stays as it stands, what nobody else touched becomes what was
// typed. What both changed is [Stale].
func merge(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, s form.Section, stands Section, c changes) (form.Answers, error) {
	merged, differ, moved := form.Answers{}, []string{}, []string{}
	maps.Copy(merged, stands.Answers)
	for _, key := range c.changed {
		mine, theirs := c.answers[key], stands.Answers[key]
		switch {
		case slices.Contains(c.aside, key) || mine.Equal(theirs):
		case slices.Contains(c.both, key) && strings.Contains(theirs.Text, mine.Text): // a click twice
		case slices.Contains(c.both, key) && c.over[key] == stands.Version:
			merged[key] = joined(mine, theirs)
		case slices.Contains(c.both, key):
			moved = append(moved, key)
		default:
			differ = append(differ, key)
		}
	}
	if len(differ) > 0 && c.base != stands.Version {
		mine, both, err := untouched(ctx, tx, id, stands, c, differ)
		if err != nil {
			return nil, err
		}
		differ, moved = mine, append(moved, both...)
	}
	if len(moved) > 0 {
		return nil, refuseStale(ctx, tx, act, id, s, stands, c, moved)
	}
	for _, key := range differ {
		if merged[key] = c.answers[key]; merged[key].Empty() {
			delete(merged, key)
		}
	}
	return merged, nil
}

// untouched sorts the questions that differ from what stands into those that
// nobody else changed since the page knew them and those that somebody did; what
// was not typed over at all is in neither.
func untouched(ctx context.Context, tx pgx.Tx, id ID, stands Section, c changes, differ []string) (mine, both []string, err error) {
	if c.base > stands.Version { // a version that never was: nothing is known
		return nil, differ, nil
	}
	bases := make([]int, len(differ))
	for i, key := range differ {
		bases[i] = max(c.base, c.over[key])
	}
	list, err := pg.All[known](ctx, tx, `
		select q.question, coalesce(k.answer, '{}') as was,
		       exists (select from section_versions v where v.proposal_id = @id and v.key = @key and v.version > coalesce(k.version, 0) and v.answers ? q.question) as since
		from unnest(@questions::text[], @bases::int[]) as q (question, base)
		left join lateral (
		  select v.version, v.answers -> q.question as answer from section_versions v
		  where v.proposal_id = @id and v.key = @key and v.answers ? q.question and (v.version <= q.base or v.saved_from = nullif(@page, ''))
		  order by v.version desc limit 1) k on true`,
		pgx.StrictNamedArgs{"id": id, "key": stands.Key, "questions": differ, "bases": bases, "page": c.page})
	if err != nil {
		return nil, nil, fmt.Errorf("comparing versions of section %s of proposal %d: %w", stands.Key, id, err)
	}
	for _, k := range list {
		switch {
		case !k.Since:
			mine = append(mine, k.Question)
		case !c.answers[k.Question].Equal(k.Was):
			both = append(both, k.Question)
		}
	}
	return mine, both, nil
}

// refuseStale is the refusal, with who wrote last what stands.
func refuseStale(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, s form.Section, stands Section, c changes, both []string) error {
	last, err := pg.All[Version](ctx, tx, `
		select v.version, jsonb_build_object(q.question, v.answers -> q.question) as answers, v.by_name, v.at, v.aside
		from unnest($4::text[]) as q (question)
		cross join lateral (
		  select v.version, v.answers, v.by_name, v.at, v.aside from visible.section_versions($1) v where v.proposal_id = $2 and v.key = $3 and not v.aside and v.answers ? q.question
		  order by v.version desc limit 1) v`, act.By, id, s.Key, both)
	if err != nil {
		return fmt.Errorf("finding who wrote section %s of proposal %d: %w", s.Key, id, err)
	}
	stale := Stale{Theirs: stands, Mine: form.Answers{}, Differ: last, Section: s}
	for _, key := range both {
		stale.Mine[key] = c.answers[key]
	}
	return stale
}

// joined is two texts as one, the second beneath the first.
func joined(mine, theirs form.Answer) form.Answer {
	if mine.Text == "" || theirs.Text == "" {
		return form.Answer{Text: mine.Text + theirs.Text}
	}
	return form.Answer{Text: mine.Text + "\n\n" + theirs.Text}
}

// putAside keeps what was typed and then given up for what stands.
func putAside(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, stands Section, c changes) error {
	kept := form.Answers{}
	for _, key := range c.aside {
		if a := c.answers[key]; !a.Empty() && !a.Equal(stands.Answers[key]) {
			kept[key] = a
		}
	}
	if len(kept) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		insert into section_asides (proposal_id, key, version, answers, written_by, kept_at)
		select $1, $2, $3, $4, $5, $6
		where not exists (select from section_asides where proposal_id = $1 and key = $2 and answers = $4 and written_by = $5)`,
		id, stands.Key, stands.Version, kept, act.By, act.At)
	if err != nil {
		return fmt.Errorf("putting aside what was typed in section %s of proposal %d: %w", stands.Key, id, err)
	}
	return nil
}

// gapsOf is what is missing or wrong in a section with these answers; those of
// the other sections decide what it asks.
func gapsOf(ctx context.Context, tx pgx.Tx, act audit.Act, w Locked, s form.Section, answers form.Answers) (form.Gaps, error) {
	what, err := WhatIn(ctx, tx, people.ID(act.By), w.CallID, w.FormID)
	if err != nil {
		return nil, err
	}
	all, err := Sections(ctx, tx, people.ID(act.By), w.ID)
	if err != nil {
		return nil, err
	}
	attached, err := document.Attached(ctx, tx, people.ID(act.By), int64(w.ID))
	if err != nil {
		return nil, fmt.Errorf("reading documents of proposal %d: %w", w.ID, err)
	}
	content := Written(all)
	content[s.Key] = answers
	return Lacking(what, content, attached).In(s.Key), nil
}

// longestTitle is where a title that was pasted in whole is cut for lists, in
// characters; the answer itself is kept.
const longestTitle = 300

// store writes a section, and notes when the proposal was last worked on and
// what a draft calls itself. What was sent keeps its title until it is sent
// again. What it took to write adds up; a silence of more than ten minutes was
// something else. Every version is kept by the schema.
func store(ctx context.Context, tx pgx.Tx, act audit.Act, w Locked, s form.Section, page string, answers form.Answers, done bool) (int, error) {
	var title, titleEn *string
	if _, ok := s.Question(titleQuestion); ok && w.Status == Draft {
		vi, en := answers[titleQuestion].Text, answers[titleEnQuestion].Text
		title, titleEn = &vi, &en
	}
	version, err := pg.Value[int](ctx, tx, `
		with touched as (
		  update proposals set updated_at = @at, worked_at = @at, worked_ms = worked_ms + case when @at - coalesce(worked_at, created_at) between interval '0' and interval '10 minutes'
		      then (extract(epoch from @at - coalesce(worked_at, created_at)) * 1000)::bigint else 0 end, title = coalesce(left(@title, @longest), title), title_en = coalesce(left(@title_en, @longest), title_en)
		  where id = @id)
		insert into proposal_sections (proposal_id, key, answers, done, updated_by, updated_at, saved_from)
		values (@id, @key, @answers, @done, @by, @at, @page)
		on conflict (proposal_id, key) do update set answers = excluded.answers, done = excluded.done, version = proposal_sections.version + 1,
		  updated_by = excluded.updated_by, updated_at = excluded.updated_at, saved_from = excluded.saved_from
		returning version`,
		pgx.StrictNamedArgs{
			"id": w.ID, "key": s.Key, "answers": orEmpty(answers), "done": done, "by": act.By, "at": act.At, "page": page,
			"title": title, "title_en": titleEn, "longest": longestTitle,
		})
	if err != nil {
		return 0, fmt.Errorf("saving section %s of proposal %d: %w", s.Key, w.ID, err)
	}
	return version, nil
}
