package form

import (
	"context"
	"fmt"
	"sync"

	"daubang/internal/pg"
)

// frozen are versions that were read once and never change: saving a section
// as it is typed would otherwise spend most of its time on reading its form.
// There are as many as calls were ever published.
var frozen sync.Map // ID → Definition

// Asks is what a version asks. The definition is shared by all who ask: nobody
// may change anything in it.
func Asks(ctx context.Context, db pg.DB, id ID) (Definition, error) {
	if known, ok := frozen.Load(id); ok {
		return known.(Definition), nil //nolint:forcetypeassert // nothing else is put there
	}
	f, err := Get(ctx, db, id)
	if err != nil {
		return Definition{}, err
	}
	if f.FrozenAt != nil {
		frozen.Store(id, f.Definition)
	}
	return f.Definition, nil
}

// Part is the section with those of its questions only. It refuses a question
// the section does not have.
func (s Section) Part(keys []string) (Section, error) {
	part := s
	part.Questions = nil
	for _, key := range keys {
		q, ok := s.Question(key)
		if !ok || q.Kind == Files {
			return part, fmt.Errorf("section %s asks no %q in writing", s.Key, key)
		}
		part.Questions = append(part.Questions, q)
	}
	return part, nil
}

// Listed says that some question draws on what the call adds, see [Terms].
func (s Section) Listed() bool {
	for _, q := range s.Questions {
		if q.From != "" {
			return true
		}
		for _, c := range q.Columns {
			if c.From != "" || c.Each != "" {
				return true
			}
		}
	}
	return false
}

// Sent is an answer as the controls of a page send it: the reverse of reading it.
func (q Question) Sent(a Answer) map[string][]string {
	sent := map[string][]string{}
	for i, row := range a.Rows {
		for cell, v := range row {
			switch {
			case q.Kind != Beneficiaries:
				sent[Name(q.Key, i, cell)] = []string{v}
			case cell != LineCell:
				sent[CountName(q.Key, row[LineCell], cell)] = []string{v}
			}
		}
	}
	if a.Text != "" {
		sent[q.Key] = []string{a.Text}
	}
	if len(a.Values) > 0 {
		sent[q.Key] = a.Values
	}
	return sent
}
