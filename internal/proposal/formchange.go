package proposal

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/form/revision"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
)

// FormChangeID names a [FormChange].
type FormChangeID int64

func (id FormChangeID) String() string { return ref.Of(id) }

// FormChange is a move of a draft to another version of its form: what is asked
// otherwise is the [revision.Difference] of the two, what no longer fitted is
// kept here.
type FormChange struct {
	ID          FormChangeID
	ProposalID  ID
	FromForm    form.ID
	ToForm      form.ID
	Aside       []revision.Aside
	ChangedAt   time.Time
	DismissedAt *time.Time // read, and no longer on the task list
}

// FormChanges are the moves of a proposal to other versions of its form, the
// latest first: for those who write it.
func FormChanges(ctx context.Context, db pg.DB, viewer people.ID, id ID) ([]FormChange, error) {
	all, err := pg.All[FormChange](ctx, db, `
		select id, proposal_id, from_form, to_form, aside, changed_at, dismissed_at from visible.proposal_form_changes($1)
		where proposal_id = $2 order by changed_at desc, id`, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("reading what changed for proposal %d: %w", id, err)
	}
	return all, nil
}

// DismissFormChange takes what changed off the task list; it can still be read.
// Twice is once, and one that is not there needs no more.
func DismissFormChange(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, change FormChangeID) error {
	if _, err := lockAs(ctx, tx, act, id, organisation.Head, organisation.Writer); err != nil {
		return err
	}
	waiting, err := pg.Value[bool](ctx, tx, `select dismissed_at is null from proposal_form_changes where id = $1 and proposal_id = $2 for update`, change, id)
	if errors.Is(err, problem.NotFound) || err == nil && !waiting {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading what changed for proposal %d: %w", id, err)
	}
	if err := pg.Exec(ctx, tx, `update proposal_form_changes set dismissed_at = $2, dismissed_by = $3 where id = $1`, change, act.At, act.By); err != nil {
		return fmt.Errorf("dismissing what changed for proposal %d: %w", id, err)
	}
	_, err = audit.Record(ctx, tx, act, "dismiss_form_change", "proposal", id, audit.Detail{"change": change.String()})
	return err
}

// Affected is how many are being written under a call: drafts move to a new
// version, what was returned stays in the one it was sent in.
type Affected struct{ Drafts, Returned int }

// WhoIsAffected counts them for an officer of the call's programme.
func WhoIsAffected(ctx context.Context, db pg.DB, viewer people.ID, id call.ID) (Affected, error) {
	return pg.One[Affected](ctx, db, `
		select coalesce(sum(n) filter (where status = 'draft'), 0)::int as drafts, coalesce(sum(n) filter (where status = 'returned'), 0)::int as returned
		from visible.writing($1) where call_id = $2`, viewer, id)
}

// UseForm makes a published call ask what was drafted for it (see
// [call.UseForm]) and moves every draft to it in the same transaction: each
// answer that still fits is carried, what does not is kept aside and named, and
// those who write the draft are told. What was sent stays as it was sent. It
// returns how many drafts were moved.
func UseForm(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID, edition int) (int, error) {
	from, to, err := call.UseForm(ctx, tx, act, id, edition)
	if err != nil {
		return 0, err
	}
	changes := revision.Difference(from.Definition, to.Definition)
	asked, err := What(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return 0, err
	}
	m := moving{from: from, to: to, terms: asked.Terms}
	if err := m.read(ctx, tx, id); err != nil {
		return 0, err
	}
	for _, p := range m.drafts {
		m.rebase(p)
	}
	if err := m.write(ctx, tx); err != nil {
		return 0, err
	}
	if len(changes) == 0 { // nothing that anybody would notice
		return len(m.drafts), nil
	}
	return len(m.drafts), m.tell(ctx, tx, act)
}

// moving is a call's drafts on their way to another version of the form.
type moving struct {
	from, to  form.Form
	terms     form.Terms
	drafts    []Locked
	sections  map[ID][]asWritten
	documents map[ID][]document.Document

	saved  []asWritten // as it will stand
	asides map[ID][]revision.Aside
}

// asWritten is a section as it was written.
type asWritten struct {
	ProposalID ID
	Key        string
	Answers    form.Answers
	Done       bool
	UpdatedBy  int64
	UpdatedAt  time.Time
}

func (m *moving) read(ctx context.Context, tx pgx.Tx, id call.ID) error {
	ids, err := pg.Values[ID](ctx, tx, `select id from proposals where call_id = $1 and status = 'draft'`, id)
	if err != nil {
		return fmt.Errorf("listing drafts of call %s: %w", id, err)
	}
	locked, err := LockAll(ctx, tx, ids)
	if err != nil {
		return err
	}
	m.drafts = slices.DeleteFunc(locked, func(p Locked) bool { return p.Status != Draft || p.FormID != m.from.ID })
	rows, err := pg.All[asWritten](ctx, tx, `
		select proposal_id, key, answers, done, updated_by, updated_at from proposal_sections where proposal_id = any($1) order by proposal_id, key`, ids)
	if err != nil {
		return fmt.Errorf("reading drafts of call %s: %w", id, err)
	}
	m.sections, m.asides = map[ID][]asWritten{}, map[ID][]revision.Aside{}
	for _, s := range rows {
		m.sections[s.ProposalID] = append(m.sections[s.ProposalID], s)
	}
	m.documents = map[ID][]document.Document{}
	attached, err := document.OfMany(ctx, tx, numbers(m.drafts))
	if err != nil {
		return err
	}
	for _, d := range attached {
		m.documents[ID(d.ProposalID)] = append(m.documents[ID(d.ProposalID)], d)
	}
	return nil
}

func numbers(ps []Locked) []int64 {
	all := make([]int64, len(ps))
	for i, p := range ps {
		all[i] = int64(p.ID)
	}
	return all
}

// rebase carries one draft over.
func (m *moving) rebase(p Locked) {
	before, was, latest := form.Content{}, map[string]asWritten{}, asWritten{}
	for _, s := range m.sections[p.ID] {
		before[s.Key], was[s.Key] = s.Answers, s
		if s.UpdatedAt.After(latest.UpdatedAt) {
			latest = s
		}
	}
	after, asides := revision.Rebase(m.from.Definition, m.to.Definition, before, m.terms)
	files, lost := m.files(p)
	m.asides[p.ID] = append(asides, lost...)
	gaps := m.to.Definition.Check(after, files, m.terms)
	for key, answers := range after {
		s, there := was[key]
		if !there {
			s = asWritten{ProposalID: p.ID, Key: key, UpdatedBy: latest.UpdatedBy, UpdatedAt: latest.UpdatedAt}
		}
		if m.same(key) && s.Answers.Equal(answers) {
			continue
		}
		s.Answers, s.Done = answers, s.Done && len(gaps.In(key)) == 0
		m.saved = append(m.saved, s)
	}
	for key, s := range was {
		if _, kept := after[key]; !kept {
			s.Answers, s.Done = form.Answers{}, false // its row stays, and with it the numbering of its versions
			m.saved = append(m.saved, s)
		}
	}
}

// same says that a section is asked as it was: who has it open may go on.
func (m *moving) same(key string) bool {
	was, before := m.from.Definition.Section(key)
	is, after := m.to.Definition.Section(key)
	return before == after && reflect.DeepEqual(was, is)
}

// files are the documents that still have their question, and those that do
// not: they stay where they are, are not sent, and can be fetched.
func (m *moving) files(p Locked) (form.Attached, []revision.Aside) {
	kept, lost := Files(nil), []revision.Aside(nil)
	for _, d := range m.documents[p.ID] {
		if _, q, ok := m.to.Definition.Question(d.Question); ok && q.Kind == form.Files {
			for purpose, n := range Files([]document.Document{d})[d.Question] {
				if kept[d.Question] == nil {
					kept[d.Question] = map[string]int{}
				}
				kept[d.Question][purpose] += n
			}
			continue
		}
		_, q, _ := m.from.Definition.Question(d.Question)
		lost = append(lost, revision.Aside{
			Section: d.SectionKey, Question: d.Question, Label: q.Label, Why: revision.Gone, Document: int64(d.ID), Name: d.Name,
		})
	}
	return kept, lost
}

// write stores all of it in a few statements, however many drafts there are.
func (m *moving) write(ctx context.Context, tx pgx.Tx) error {
	if err := m.writeSections(ctx, tx); err != nil {
		return err
	}
	ids := numbers(m.drafts)
	for _, s := range m.to.Definition.Sections {
		for _, q := range s.Questions {
			if was, _, ok := m.from.Definition.Question(q.Key); ok && q.Kind == form.Files && was.Key != s.Key {
				if err := document.MoveTo(ctx, tx, ids, q.Key, s.Key); err != nil {
					return err
				}
			}
		}
	}
	if _, err := tx.Exec(ctx, `update proposals set form_id = $2 where id = any($1)`, ids, m.to.ID); err != nil {
		return fmt.Errorf("moving %d drafts to form %d: %w", len(ids), m.to.ID, err)
	}
	return nil
}

func (m *moving) writeSections(ctx context.Context, tx pgx.Tx) error {
	var proposals, by []int64
	var keys []string
	var answers []form.Answers
	var done []bool
	var at []time.Time
	for _, s := range m.saved {
		proposals, keys, answers = append(proposals, int64(s.ProposalID)), append(keys, s.Key), append(answers, orEmpty(s.Answers))
		done, by, at = append(done, s.Done), append(by, s.UpdatedBy), append(at, s.UpdatedAt)
	}
	_, err := tx.Exec(ctx, `
		insert into proposal_sections (proposal_id, key, answers, done, updated_by, updated_at)
		select t.proposal, t.key, t.answers, t.done, t.by, t.at
		from unnest($1::bigint[], $2::text[], $3::jsonb[], $4::boolean[], $5::bigint[], $6::timestamptz[]) as t (proposal, key, answers, done, by, at)
		on conflict (proposal_id, key) do update set answers = excluded.answers, done = excluded.done, version = proposal_sections.version + 1, saved_from = ''`, // no page saved this
		proposals, keys, answers, done, by, at)
	if err != nil {
		return fmt.Errorf("writing %d sections in another form: %w", len(m.saved), err)
	}
	return nil
}

// tell notes beside each draft what changed, and writes to those who write it.
func (m *moving) tell(ctx context.Context, tx pgx.Tx, act audit.Act) error {
	ids := make([]ID, len(m.drafts))
	asides := make([][]revision.Aside, len(m.drafts))
	for i, p := range m.drafts {
		ids[i], asides[i] = p.ID, append([]revision.Aside{}, m.asides[p.ID]...)
	}
	_, err := tx.Exec(ctx, `
		insert into proposal_form_changes (proposal_id, from_form, to_form, aside, changed_at)
		select t.proposal, $3, $4, t.aside, $5 from unnest($1::bigint[], $2::jsonb[]) as t (proposal, aside)`, ids, asides, m.from.ID, m.to.ID, act.At)
	if err != nil {
		return fmt.Errorf("noting what changed for %d drafts: %w", len(ids), err)
	}
	events, err := audit.RecordAll(ctx, tx, act, "form_changed", "proposal", ids, audit.Detail{"from": m.from.ID.String(), "to": m.to.ID.String()})
	if err != nil {
		return err
	}
	of := make([]organisation.ID, len(m.drafts))
	for i, p := range m.drafts {
		of[i] = p.OrganisationID
	}
	to, err := organisation.PeopleOf(ctx, tx, of, organisation.Head, organisation.Writer)
	if err != nil {
		return fmt.Errorf("finding whom to write: %w", err)
	}
	notices := make([]people.Notice, len(m.drafts))
	for i, p := range m.drafts {
		notices[i] = people.Notice{Event: events[i], About: p.About(map[string]any{"aside": len(asides[i])}), To: to[p.OrganisationID]}
	}
	return people.WriteAll(ctx, tx, act, letter.FormChanged, notices...)
}

// asking leaves out documents whose question is not asked: they are kept, and
// not sent.
func asking(d form.Definition, documents []document.Document) []document.Document {
	return slices.DeleteFunc(documents, func(f document.Document) bool {
		_, q, ok := d.Question(f.Question)
		return !ok || q.Kind != form.Files
	})
}
