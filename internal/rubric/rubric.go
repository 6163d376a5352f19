// Package rubric says how proposals are judged: criteria with weights, marks
// from 1 to 5 with a written anchor each, and what they add up to. A rubric is
// a version of data that a call names; once a call that uses it is published it
// is frozen and never changes again. Who marks, and when, is package review.
package rubric

import (
	"context"
	_ "embed" // the default rubric
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/ref"
)

// ID names one version of a rubric.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// Rubric is one version.
type Rubric struct {
	ID         ID
	Key        string // what its versions share
	Version    int
	Definition Definition
	FrozenAt   *time.Time // nil: no published call uses it yet
	CreatedAt  time.Time
}

// Get returns a version of a rubric. Rubrics are public: applicants read how
// they will be judged.
func Get(ctx context.Context, db pg.DB, id ID) (Rubric, error) {
	r, err := pg.One[Rubric](ctx, db, `
		select id, key, version, definition, frozen_at, created_at from visible.rubrics where id = $1`, id)
	if err != nil {
		return Rubric{}, fmt.Errorf("reading rubric %s: %w", id, err)
	}
	return r, nil
}

// List returns every version, the newest of each key first: what an officer may
// choose from.
func List(ctx context.Context, db pg.DB) ([]Rubric, error) {
	return pg.All[Rubric](ctx, db, `
		select id, key, version, definition, frozen_at, created_at from visible.rubrics order by key, version desc`)
}

// Freeze closes a version to change, for good; freezing twice is freezing once.
func Freeze(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	frozen, err := pg.Value[*time.Time](ctx, tx, `select frozen_at from rubrics where id = $1 for update`, id)
	if err != nil {
		return fmt.Errorf("locking rubric %s: %w", id, err)
	}
	if frozen != nil {
		return nil
	}
	if err := pg.Exec(ctx, tx, `update rubrics set frozen_at = $2 where id = $1`, id, act.At); err != nil {
		return fmt.Errorf("freezing rubric %s: %w", id, err)
	}
	_, err = audit.Record(ctx, tx, act, "freeze", "rubric", id, nil)
	return err
}

//go:embed default.json
var standard []byte

// InstallDefault makes sure that the rubric the portal brings along is there,
// and returns its id. It never touches a version that is.
func InstallDefault(ctx context.Context, tx pgx.Tx, at time.Time) (ID, error) {
	var d struct {
		Key        string
		Version    int
		Definition Definition
	}
	if err := json.Unmarshal(standard, &d); err != nil {
		return 0, fmt.Errorf("reading the default rubric: %w", err)
	}
	if err := d.Definition.Check(); err != nil {
		return 0, fmt.Errorf("the default rubric: %w", err)
	}
	if _, err := tx.Exec(ctx, `
		insert into rubrics (key, version, definition, created_at) values ($1, $2, $3, $4)
		on conflict (key, version) do nothing`, d.Key, d.Version, d.Definition, at); err != nil {
		return 0, fmt.Errorf("installing the default rubric: %w", err)
	}
	return pg.Value[ID](ctx, tx, `select id from rubrics where key = $1 and version = $2`, d.Key, d.Version)
}
