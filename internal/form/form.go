// Package form knows what a proposal is asked: versions of forms, kept as data
// (sections, questions, limits in both languages), how what was typed becomes
// answers, and what is still missing or too long.
//
// Answers are kept exactly as they were typed, cleaned of what no text should
// carry; a number that is none stays as it is and is named by [Definition.Check]
// when the form is sent. What a call adds (sums, task groups) comes in as
// [Terms]. Whose answers they are, and when they may change, is package
// proposal's.
package form

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
)

// ID names one version of a form.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// Form is one version. A frozen one is used by a published call and never
// changes again.
type Form struct {
	ID         ID
	Key        string
	Version    int
	Definition Definition
	FrozenAt   *time.Time

	CallID        int64 // it was drafted for; 0: the portal's own
	BasedOn       ID
	Edition       int // grows with every change of a draft
	UpdatedAt     time.Time
	UpdatedByName string
}

const columns = `select id, key, version, definition, frozen_at, coalesce(call_id, 0) as call_id, coalesce(based_on, 0) as based_on, edition,
	coalesce(updated_at, created_at) as updated_at, coalesce(updated_by_name, '') as updated_by_name from visible.forms`

// Get returns a version of a form; forms hold nothing secret.
func Get(ctx context.Context, db pg.DB, id ID) (Form, error) {
	f, err := pg.One[Form](ctx, db, columns+` where id = $1`, id)
	if err != nil {
		return f, fmt.Errorf("reading form %d: %w", id, err)
	}
	return f, nil
}

// List returns every version, the newest of each key first.
func List(ctx context.Context, db pg.DB) ([]Form, error) {
	return pg.All[Form](ctx, db, columns+` order by key, version desc`)
}

// Freeze makes sure that a version never changes again; freezing twice is
// nothing.
func Freeze(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	frozen, err := pg.Value[bool](ctx, tx, `select frozen_at is not null from forms where id = $1 for update`, id)
	if err != nil || frozen {
		return err
	}
	if err := pg.Exec(ctx, tx, `update forms set frozen_at = $2 where id = $1`, id, act.At); err != nil {
		return err
	}
	_, err = audit.Record(ctx, tx, act, "freeze", "form", id, nil)
	return err
}

//go:embed default.json
var defaultJSON []byte

// Default is the form the portal brings along.
func Default() (Definition, error) {
	var d Definition
	if err := json.Unmarshal(defaultJSON, &d); err != nil {
		return d, fmt.Errorf("reading the default form: %w", err)
	}
	return d, d.Sound()
}

// InstallDefault stores the form the portal brings along and returns its id;
// a version that is there already stays what it is.
func InstallDefault(ctx context.Context, tx pgx.Tx, at time.Time) (ID, error) {
	d, err := Default()
	if err != nil {
		return 0, err
	}
	return Install(ctx, tx, d, at)
}

// Install stores a version of a form that comes from a file and returns its id;
// one of the same key and version that is there already stays what it is. It
// refuses a form that could not be asked.
func Install(ctx context.Context, tx pgx.Tx, d Definition, at time.Time) (ID, error) {
	if err := d.Sound(); err != nil {
		return 0, err
	}
	id, err := pg.Value[ID](ctx, tx, `
		insert into forms (key, version, definition, created_at) values ($1, $2, $3, $4)
		on conflict (key, version) do nothing
		returning id`, d.Key, d.Version, d, at)
	if errors.Is(err, problem.NotFound) {
		return pg.Value[ID](ctx, tx, `select id from forms where key = $1 and version = $2`, d.Key, d.Version)
	}
	return id, err
}
