package form

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

// DraftOf returns the version that is being drafted for a call;
// [problem.NotFound] if there is none.
func DraftOf(ctx context.Context, db pg.DB, call int64) (Form, error) {
	f, err := pg.One[Form](ctx, db, columns+` where call_id = $1 and frozen_at is null`, call)
	if err != nil {
		return f, fmt.Errorf("reading the draft form of call %d: %w", call, err)
	}
	return f, nil
}

// Draft begins a version for a call, as d, based on an earlier one. It is the
// next of its key; a call drafts one at a time. Who may is the caller's to
// decide, as for every write here.
func Draft(ctx context.Context, tx pgx.Tx, act audit.Act, call int64, d Definition, basedOn ID) (ID, error) {
	if _, err := DraftOf(ctx, tx, call); !errors.Is(err, problem.NotFound) {
		if err == nil {
			err = problem.Because(problem.Conflict, "build.draft_exists")
		}
		return 0, err
	}
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('form ' || $1))`, d.Key); err != nil { // two calls may draft of one key
		return 0, fmt.Errorf("numbering form %s: %w", d.Key, err)
	}
	version, err := pg.Value[int](ctx, tx, `select coalesce(max(version), 0) + 1 from forms where key = $1 or id = $2`, d.Key, basedOn)
	if err != nil {
		return 0, fmt.Errorf("numbering form %s: %w", d.Key, err)
	}
	d.Version = version
	id, err := pg.Value[ID](ctx, tx, `
		insert into forms (key, version, definition, call_id, based_on, created_at, updated_at, updated_by)
		values ($1, $2, $3, $4, $5, $6, $6, $7) returning id`, d.Key, d.Version, d, call, basedOn, act.At, act.By)
	if err != nil {
		return 0, fmt.Errorf("drafting form %s: %w", d.Key, err)
	}
	_, err = audit.Record(ctx, tx, act, "draft", "form", id, audit.Detail{"key": d.Key, "version": d.Version, "based_on": basedOn.String()})
	return id, err
}

// Edit changes a draft. Edition is the one that was looked at: if somebody has
// changed it since, or it is frozen, that is a [problem.Conflict]. What change
// makes must be [Definition.Sound]; key and version stay what they are.
func Edit(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, edition int, change func(Definition) (Definition, error)) error {
	f, err := lockDraft(ctx, tx, id, edition)
	if err != nil {
		return err
	}
	d, err := change(f.Definition)
	if err != nil {
		return err
	}
	d.Key, d.Version = f.Key, f.Version
	if err := d.Sound(); err != nil {
		return fmt.Errorf("editing: %w", err)
	}
	if err := pg.Exec(ctx, tx, `update forms set definition = $2, edition = edition + 1, updated_at = $3, updated_by = $4 where id = $1`, id, d, act.At, act.By); err != nil {
		return fmt.Errorf("editing form %d: %w", id, err)
	}
	_, err = audit.Record(ctx, tx, act, "edit", "form", id, audit.Detail{"edition": edition + 1})
	return err
}

// lockDraft locks a form that may still change, as it was looked at.
func lockDraft(ctx context.Context, tx pgx.Tx, id ID, edition int) (Form, error) {
	if _, err := pg.Value[ID](ctx, tx, `select id from forms where id = $1 for update`, id); err != nil {
		return Form{}, fmt.Errorf("locking form %d: %w", id, err)
	}
	f, err := Get(ctx, tx, id)
	switch {
	case err != nil:
		return f, err
	case f.FrozenAt != nil:
		return f, problem.Because(problem.Conflict, "build.frozen")
	case f.Edition != edition:
		return f, problem.Because(problem.Conflict, "build.edited_since", f.UpdatedByName)
	}
	return f, nil
}

// Discard throws a draft away, as it was looked at. Nothing may use it.
func Discard(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, edition int) error {
	f, err := lockDraft(ctx, tx, id, edition)
	if err != nil {
		return err
	}
	if _, err := audit.Record(ctx, tx, act, "discard", "form", id, audit.Detail{"key": f.Key, "version": f.Version}); err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `delete from forms where id = $1`, id); err != nil {
		return fmt.Errorf("discarding form %d: %w", id, err)
	}
	return nil
}
