package proposal

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pg"
)

// Opens shows the sections of gaps as open, too, where p was returned: whoever
// writes in one opens it, see [MayWrite].
func (p Proposal) Opens(gaps form.Gaps) {
	if p.Status != Returned {
		return
	}
	for _, gap := range gaps {
		if _, open := p.ReturnedSections[gap.Section]; !open {
			p.ReturnedSections[gap.Section] = ""
		}
	}
}

// openLacking opens sections that the office did not name, and without which what
// returned cannot be sent again: an answer that was changed as it asked may ask
// for others elsewhere. They stay open until it is sent, with no reason of the
// office's; w is told of them.
func openLacking(ctx context.Context, tx pgx.Tx, act audit.Act, w Locked) error {
	viewer := people.ID(act.By)
	what, err := WhatIn(ctx, tx, viewer, w.CallID, w.FormID)
	if err != nil {
		return err
	}
	all, err := Sections(ctx, tx, viewer, w.ID)
	if err != nil {
		return err
	}
	attached, err := document.Attached(ctx, tx, viewer, int64(w.ID))
	if err != nil {
		return fmt.Errorf("reading documents of proposal %d: %w", w.ID, err)
	}
	content := Written(all)
	what.Form = what.Form.For(content)
	var opened []string
	for _, gap := range Lacking(what, content, attached) {
		if _, open := w.ReturnedSections[gap.Section]; !open && !slices.Contains(opened, gap.Section) {
			opened = append(opened, gap.Section)
		}
	}
	if len(opened) == 0 {
		return nil
	}
	if err := pg.Exec(ctx, tx, `
		update proposals set returned_sections = returned_sections || (select jsonb_object_agg(key, '') from unnest($2::text[]) key) where id = $1`, w.ID, opened); err != nil {
		return fmt.Errorf("opening sections of proposal %d: %w", w.ID, err)
	}
	for _, key := range opened {
		w.ReturnedSections[key] = ""
	}
	_, err = audit.Record(ctx, tx, act, "open_sections", "proposal", w.ID, audit.Detail{"sections": opened})
	return err
}
