package main

import (
	"context"
	"errors"
	"log/slog"

	"daubang/internal/config"
	"daubang/migrations"
)

// migrate brings the database to the newest schema. Running it twice, or from
// two processes at once, is harmless.
type migrate struct {
	Print bool `help:"Only say what would run."`
}

func (c migrate) Run(ctx context.Context, conf config.Config, log *slog.Logger) (err error) {
	p, err := open(ctx, conf, log, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	pending, err := migrations.Pending(ctx, p.db)
	if err != nil {
		return err
	}
	for _, step := range pending {
		say("%s", step)
	}
	if c.Print {
		say("%d steps would run", len(pending))
		return nil
	}
	if err := migrations.Up(ctx, p.db); err != nil {
		return err
	}
	say("the schema is up to date")
	return nil
}
