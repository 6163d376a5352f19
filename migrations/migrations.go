// Package migrations holds the schema as the steps that led to it: SQL files of
// our own, and one step in Go that brings River's tables along.
//
// Steps run once each, in order, and several processes may ask at the same
// time: the first does the work while the others wait for it and then find
// nothing left to do.
package migrations

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// Files are the portal's own steps.
//
//go:embed *.sql
var Files embed.FS

// River's tables are step 2 of ours. Their version is written down, so that a
// newer River in go.mod changes no schema until a further step says so.
const (
	riverStep    = 2
	riverVersion = 8
)

// Up brings the database to the newest schema. On a database that is there
// already it changes nothing.
func Up(ctx context.Context, db *pgxpool.Pool) error {
	return with(db, func(steps *goose.Provider) error {
		if _, err := steps.Up(ctx); err != nil {
			return fmt.Errorf("migrating the database: %w", err)
		}
		return nil
	})
}

// Pending names the steps that [Up] would run, in order, and changes nothing.
func Pending(ctx context.Context, db *pgxpool.Pool) ([]string, error) {
	var names []string
	err := with(db, func(steps *goose.Provider) error {
		done, err := applied(ctx, db)
		if err != nil {
			return fmt.Errorf("asking the database for its schema's version: %w", err)
		}
		for _, step := range steps.ListSources() {
			if !done[step.Version] {
				names = append(names, name(step))
			}
		}
		return nil
	})
	return names, err
}

// Hash changes whenever a step does: what a copy of the schema is known by.
func Hash() string {
	sum := sha256.New()
	sum.Write(fmt.Appendf(nil, "river %d at step %d\n", riverVersion, riverStep))
	names, err := fs.Glob(Files, "*.sql")
	for _, file := range names {
		text, readErr := Files.ReadFile(file)
		err = errors.Join(err, readErr)
		sum.Write(fmt.Appendf(nil, "%s %d\n%s", file, len(text), text))
	}
	if err != nil {
		panic(err) // the files are part of the binary: they can be read
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// with lends out the steps, bound to a database.
func with(db *pgxpool.Pool, use func(*goose.Provider) error) (err error) {
	const everySecond, forFiveMinutes = 1, 300
	oneAtATime, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(everySecond, forFiveMinutes))
	if err != nil {
		return fmt.Errorf("preparing migrations: %w", err)
	}
	conn := stdlib.OpenDBFromPool(db)
	defer func() { err = errors.Join(err, conn.Close()) }()
	steps, err := goose.NewProvider(goose.DialectPostgres, conn, Files,
		goose.WithSessionLocker(oneAtATime), goose.WithGoMigrations(river(db)))
	if err != nil {
		return fmt.Errorf("preparing migrations: %w", err)
	}
	return use(steps)
}

// river is the step that brings River's tables. River speaks pgx and cannot
// share goose's transaction, so it runs beside it: its own steps are counted in
// the database, and one that was cut short is taken up again.
func river(db *pgxpool.Pool) *goose.Migration {
	move := func(direction rivermigrate.Direction, target int) *goose.GoFunc {
		return &goose.GoFunc{RunDB: func(ctx context.Context, _ *sql.DB) error {
			steps, err := rivermigrate.New(riverpgxv5.New(db), nil)
			if err != nil {
				return err
			}
			_, err = steps.Migrate(ctx, direction, &rivermigrate.MigrateOpts{TargetVersion: target})
			return err
		}}
	}
	const nothingLeft = -1
	return goose.NewGoMigration(riverStep,
		move(rivermigrate.DirectionUp, riverVersion),
		move(rivermigrate.DirectionDown, nothingLeft))
}

// applied are the versions that the database has. goose's own Status would
// create its table to find out.
func applied(ctx context.Context, db *pgxpool.Pool) (map[int64]bool, error) {
	done := map[int64]bool{}
	var begun bool
	err := db.QueryRow(ctx, `select to_regclass('goose_db_version') is not null`).Scan(&begun)
	if err != nil || !begun {
		return done, err
	}
	store, err := database.NewStore(database.DialectPostgres, goose.DefaultTablename)
	if err != nil {
		return nil, err
	}
	conn := stdlib.OpenDBFromPool(db)
	list, err := store.ListMigrations(ctx, conn)
	for _, step := range list {
		done[step.Version] = true
	}
	return done, errors.Join(err, conn.Close())
}

func name(step *goose.Source) string {
	if step.Version == riverStep {
		return fmt.Sprintf("%05d river's tables, version %d", riverStep, riverVersion)
	}
	return step.Path
}
