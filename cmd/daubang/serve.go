package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"daubang/internal/config"
	"daubang/internal/demo"
	"daubang/internal/people"
	"daubang/migrations"
)

// serve is the portal and its worker in one process.
type serve struct {
	Demo bool `help:"Load the five programmes, calls, organisations, people and proposals to play with. Only on a loopback address."`
}

// Run serves until ctx is done, either half fails, or our PostgreSQL ends; then
// it stops all of it in order.
func (c serve) Run(ctx context.Context, conf config.Config, log *slog.Logger) (err error) {
	if c.Demo && !loopback(conf.Listen) {
		return fmt.Errorf("--demo has accounts that everybody knows: it serves only on a loopback address, not %s", conf.Listen)
	}
	p, err := open(ctx, conf, log, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.durable(ctx); err != nil {
		return err
	}
	if err := migrations.Up(ctx, p.db); err != nil {
		return err
	}
	if c.Demo {
		if err := p.loadDemo(ctx, byShell().At); err != nil {
			return fmt.Errorf("loading the demo: %w", err)
		}
	}
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return p.serveWeb(ctx, c.Demo) })
	both.Go(func() error { return p.workQueue(ctx) })
	if p.cluster != nil {
		both.Go(func() error {
			select {
			case <-p.cluster.Done():
				return errors.New("our PostgreSQL has ended; start the portal again, nothing saved is lost")
			case <-ctx.Done():
				return nil
			}
		})
	}
	return both.Wait()
}

// loadDemo fills the database with something to play with.
func (p *portal) loadDemo(ctx context.Context, at time.Time) error {
	secret, err := p.conf.SecretKey()
	if err != nil {
		return err
	}
	return demo.Load(ctx, p.db, at, people.Key(secret))
}

// loopback reports whether an address can only be reached from this machine.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// say writes to who started the command, apart from the log.
func say(format string, args ...any) { _, _ = fmt.Fprintf(os.Stdout, format+"\n", args...) }
