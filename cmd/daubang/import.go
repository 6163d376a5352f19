package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/calendar"
	"daubang/internal/config"
	"daubang/internal/intake"
	"daubang/internal/legal"
	"daubang/internal/pg"
	"daubang/internal/place"
	"daubang/internal/programme"
	"daubang/migrations"
)

// importCommand loads reference data. Loading a file again changes nothing; a
// row that is wrong is named with its file, line and reason, and then nothing of
// that file is loaded.
type importCommand struct {
	What string `arg:"" enum:"places,successions,programmes,legal,targets,holidays" help:"places, successions, programmes, legal, targets or holidays."`
	File string `arg:"" type:"existingfile" help:"The file: CSV, or JSON for programmes."`
}

// importers say who reads what.
var importers = map[string]func(context.Context, pgx.Tx, audit.Act, string, io.Reader) (intake.Changes, error){
	"places":      place.Import,
	"successions": place.ImportSuccessions,
	"programmes":  programme.Import,
	"legal":       legal.Import,
	"targets":     legal.ImportTargets,
	"holidays":    calendar.Import,
}

func (c importCommand) Run(ctx context.Context, conf config.Config, log *slog.Logger) (err error) {
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("opening the file to import: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	p, err := open(ctx, conf, log, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := migrations.Up(ctx, p.db); err != nil {
		return err
	}
	var changes intake.Changes
	err = pg.Tx(ctx, p.db, func(tx pgx.Tx) error {
		changes, err = importers[c.What](ctx, tx, byShell(), filepath.Base(c.File), file)
		return err
	})
	if err != nil {
		return err
	}
	say("%s: %d added, %d changed, %d unchanged", filepath.Base(c.File), changes.Added, changes.Changed, changes.Unchanged)
	return nil
}
