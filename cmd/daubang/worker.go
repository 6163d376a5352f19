package main

import (
	"context"
	"errors"
	"log/slog"

	"daubang/internal/config"
)

// worker works the queue and serves no pages.
type worker struct{}

func (worker) Run(ctx context.Context, conf config.Config, log *slog.Logger) (err error) {
	p, err := open(ctx, conf, log, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.ready(ctx); err != nil {
		return err
	}
	return p.workQueue(ctx)
}
