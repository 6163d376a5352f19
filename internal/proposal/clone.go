package proposal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/form/revision"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

// Cloned is what is known of a proposal that was begun with what was written in
// an earlier one: what is asked otherwise is the [revision.Difference] of the
// two forms, and what found no place is kept here.
type Cloned struct {
	ProposalID      ID
	SourceID        ID
	SourceCallID    call.ID
	SourceReference string
	SourceTitle     string
	SourceReadable  bool // it is still there to look at
	FromForm        form.ID
	ToForm          form.ID
	Aside           []revision.Aside
	Documents       int // that were carried
	LeftBehind      int // that were not
	ClonedAt        time.Time
	DismissedAt     *time.Time // read, and no longer on the task list
}

// CloneOf is what a proposal was begun with, for its organisation; nil if it was
// begun with nothing.
func CloneOf(ctx context.Context, db pg.DB, viewer people.ID, id ID) (*Cloned, error) {
	c, err := pg.One[Cloned](ctx, db, `
		select proposal_id, source_id, source_call_id, source_reference, source_title, source_readable, from_form, to_form, aside, documents, left_behind, cloned_at, dismissed_at
		from visible.proposal_clones($1) where proposal_id = $2`, viewer, id)
	if errors.Is(err, problem.NotFound) {
		return nil, nil //nolint:nilnil // there is none, and that is no fault
	}
	if err != nil {
		return nil, fmt.Errorf("reading what proposal %d was begun with: %w", id, err)
	}
	return &c, nil
}

// DismissClone takes what it was begun with off the task list; it can still be
// read. Twice is once.
func DismissClone(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	if _, err := lockAs(ctx, tx, act, id, organisation.Head, organisation.Writer); err != nil {
		return err
	}
	err := pg.Exec(ctx, tx, `update proposal_clones set dismissed_at = $2, dismissed_by = $3 where proposal_id = $1 and dismissed_at is null`, id, act.At, act.By)
	if errors.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("dismissing what proposal %d was begun with: %w", id, err)
	}
	_, err = audit.Record(ctx, tx, act, "dismiss_clone", "proposal", id, nil)
	return err
}

// MayClone refuses what [Clone] would refuse under any call.
func MayClone(ctx context.Context, tx pgx.Tx, act audit.Act, source ID) error {
	_, err := lockAs(ctx, tx, act, source, organisation.Head, organisation.Writer)
	return err
}

// Clone begins a proposal of the same organisation under another call with what
// was written in an earlier one: every answer that fits, and the documents that
// nobody is named in. Commitments are not carried, they are made anew; nor is
// who writes what, who applies together, or anything said about the earlier one.
// The organisation's record and passport are the present ones, as in every
// proposal. It refuses what [Start] refuses, who does not write for the
// organisation, and, because nothing typed is ever written over, a call under
// which there is a draft already. Twice is once.
func Clone(ctx context.Context, tx pgx.Tx, act audit.Act, source ID, to call.ID) (ID, error) {
	from, err := lockAs(ctx, tx, act, source, organisation.Head, organisation.Writer)
	if err != nil {
		return 0, err
	}
	id, fresh, err := startOrFind(ctx, tx, act, to, from.OrganisationID)
	if err != nil {
		return 0, err
	}
	if !fresh {
		same, err := pg.Value[bool](ctx, tx, `select exists (select from proposal_clones where proposal_id = $1 and source_id = $2)`, id, source)
		if err == nil && !same {
			err = problem.Because(problem.Conflict, "clone.draft")
		}
		return id, err
	}
	c := cloning{from: from, id: id}
	if err := c.read(ctx, tx, act); err != nil {
		return 0, err
	}
	if err := c.write(ctx, tx, act); err != nil {
		return 0, err
	}
	_, err = audit.Record(ctx, tx, act, "clone", "proposal", id, audit.Detail{"from": source.String(), "reference": from.Reference, "documents": len(c.carried)})
	return id, err
}

// cloning is an earlier proposal on its way to another call.
type cloning struct {
	from    Locked
	id      ID // of the new one
	to      form.Form
	content form.Content
	asides  []revision.Aside
	carried map[document.ID]string // to the section it belongs to now
	left    int
}

func (c *cloning) read(ctx context.Context, tx pgx.Tx, act audit.Act) error {
	rows, err := pg.All[asWritten](ctx, tx, `
		select proposal_id, key, answers, done, updated_by, updated_at from proposal_sections where proposal_id = $1`, c.from.ID)
	if err != nil {
		return fmt.Errorf("reading proposal %d to clone: %w", c.from.ID, err)
	}
	written := form.Content{}
	for _, s := range rows {
		written[s.Key] = s.Answers
	}
	was, err := form.Get(ctx, tx, c.from.FormID)
	if err != nil {
		return err
	}
	now, err := Lock(ctx, tx, c.id)
	if err != nil {
		return err
	}
	if c.to, err = form.Get(ctx, tx, now.FormID); err != nil {
		return err
	}
	asked, err := WhatFor(ctx, tx, people.ID(act.By), now.CallID, now.FormID, now.OrganisationID)
	if err != nil {
		return err
	}
	carried, asides := revision.Rebase(was.Definition, c.to.Definition, uncommitted(was.Definition, written), asked.Terms)
	content, unlisted := revision.Offered(c.to.Definition, carried, asked.Terms)
	c.content, c.asides = content, append(append([]revision.Aside{}, asides...), unlisted...) // never null in the row
	attached, err := document.OfMany(ctx, tx, []int64{int64(c.from.ID)})
	if err != nil {
		return err
	}
	c.sort(attached)
	return nil
}

// uncommitted is what was written without what was agreed to: a commitment is
// made for each proposal.
func uncommitted(d form.Definition, written form.Content) form.Content {
	kept := form.Content{}
	for key, answers := range written {
		kept[key] = form.Answers{}
		for question, a := range answers {
			if _, q, ok := d.Question(question); !ok || q.Kind != form.Agree {
				kept[key][question] = a
			}
		}
	}
	return kept
}

// sort divides the documents into those that come along and those that do not:
// papers about persons are brought again by who may show them, and what has no
// question, or was found to hold malware, stays.
func (c *cloning) sort(attached []document.Document) {
	c.carried = map[document.ID]string{}
	for _, d := range attached {
		section, q, ok := c.to.Definition.Question(d.Question)
		purpose, offered := q.Purpose(d.Purpose)
		sound := d.State == document.NotScanned || d.State == document.Pending || d.State == document.Clean
		if ok && q.Kind == form.Files && offered && sound && !d.Personal && !purpose.Personal {
			c.carried[d.ID] = section.Key
		} else {
			c.left++
		}
	}
}

func (c *cloning) write(ctx context.Context, tx pgx.Tx, act audit.Act) error {
	m := moving{}
	for key, answers := range c.content {
		if len(answers) > 0 {
			m.saved = append(m.saved, asWritten{ProposalID: c.id, Key: key, Answers: answers, UpdatedBy: act.By, UpdatedAt: act.At})
		}
	}
	if err := m.writeSections(ctx, tx); err != nil {
		return err
	}
	at, _, _ := c.to.Definition.Question(titleQuestion) // a form without one gives no title
	title, titleEn := c.content[at.Key][titleQuestion].Text, c.content[at.Key][titleEnQuestion].Text
	if err := pg.Exec(ctx, tx, `update proposals set title = left($2, $4), title_en = left($3, $4) where id = $1`, c.id, title, titleEn, longestTitle); err != nil {
		return fmt.Errorf("naming proposal %d: %w", c.id, err)
	}
	if err := document.Copy(ctx, tx, act, int64(c.id), c.carried); err != nil {
		return err
	}
	err := pg.Exec(ctx, tx, `
		insert into proposal_clones (proposal_id, source_id, from_form, to_form, aside, documents, left_behind, cloned_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		c.id, c.from.ID, c.from.FormID, c.to.ID, c.asides, len(c.carried), c.left, act.At)
	if err != nil {
		return fmt.Errorf("noting what proposal %d was begun with: %w", c.id, err)
	}
	return nil
}
