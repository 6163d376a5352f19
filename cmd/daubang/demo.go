package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/config"
	"daubang/internal/demo"
	"daubang/internal/pg"
	"daubang/migrations"
)

// demoCommand fills an empty database with the demo and, on top of it, as many
// made-up proposals and reviews as asked for: to see how the portal carries them.
type demoCommand struct {
	Proposals int    `default:"1000" help:"How many proposals to make up."`
	Reviews   int    `default:"3000" help:"How many review sheets; shared out among the proposals in review or decided."`
	Seed      uint64 `default:"1" help:"The same seed makes the same rows."`
}

func (c demoCommand) Run(ctx context.Context, conf config.Config, log *slog.Logger) (err error) {
	p, err := open(ctx, conf, log, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := migrations.Up(ctx, p.db); err != nil {
		return err
	}
	began := time.Now()
	if err := p.loadDemo(ctx, began); err != nil {
		return err
	}
	err = pg.Tx(ctx, p.db, func(tx pgx.Tx) error {
		return demo.Generate(ctx, tx, began, demo.Volume{Proposals: c.Proposals, Reviews: c.Reviews, Seed: c.Seed})
	})
	if err != nil {
		return err
	}
	if _, err := p.db.Exec(ctx, `vacuum (analyze)`); err != nil {
		return err
	}
	say("made up %d proposals and %d reviews (seed %d) in %s", c.Proposals, c.Reviews, c.Seed, time.Since(began).Round(time.Second))
	return nil
}
