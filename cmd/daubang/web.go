package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"daubang/internal/config"
	"daubang/internal/demo"
	"daubang/internal/pg"
	"daubang/internal/site"
	"daubang/migrations"
	"daubang/templates"
)

// web serves pages and works no queue, where web and worker live apart.
type web struct{}

func (web) Run(ctx context.Context, conf config.Config, log *slog.Logger) (err error) {
	p, err := open(ctx, conf, log, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.ready(ctx); err != nil {
		return err
	}
	return p.serveWeb(ctx, false)
}

// ready refuses to run on a schema that is behind, and on a database that can
// lose what was saved.
func (p *portal) ready(ctx context.Context) error {
	if err := p.durable(ctx); err != nil {
		return err
	}
	pending, err := migrations.Pending(ctx, p.db)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return fmt.Errorf("the database's schema is behind by %d steps: run daubang migrate first", len(pending))
	}
	return nil
}

// serveWeb serves until ctx is done, then lets the last requests finish.
func (p *portal) serveWeb(ctx context.Context, withDemo bool) error {
	base, err := url.Parse(p.conf.BaseURL)
	if err != nil {
		return fmt.Errorf("reading the base address: %w", err)
	}
	read, err := p.readers(ctx, false)
	if err != nil {
		return err
	}
	defer read.Close()
	lagging, err := p.readers(ctx, true)
	if err != nil {
		return err
	}
	defer lagging.Close()
	files, err := p.files()
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }() // a directory
	secret, err := p.conf.SecretKey()
	if err != nil {
		return err
	}
	s := &site.Site{
		DB: p.db, Read: read, Lagging: lagging, Files: files, Log: p.log, Now: time.Now,
		Instant: func(ctx context.Context, db pg.DB) (time.Time, error) {
			return pg.Value[time.Time](ctx, db, `select clock_timestamp()`)
		},
		BaseURL: base, Secret: []byte(secret), Demo: withDemo, Proxies: loopbackProxies,
	}
	if withDemo {
		s.Accounts = demoAccounts()
	}
	return p.listen(ctx, s.Handler())
}

// listen answers until ctx is done. A request that has come may finish; the
// port is closed to new ones at once.
func (p *portal) listen(ctx context.Context, h http.Handler) error {
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.conf.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s (is another portal running? DAUBANG_LISTEN names another address): %w", p.conf.Listen, err)
	}
	finished := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		finished <- srv.Shutdown(grace)
	}()
	say("Dấu Bằng: %s", p.conf.BaseURL)
	p.log.InfoContext(ctx, "serving", "listen", p.conf.Listen)
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-finished
}

// loopbackProxies are the proxies whose word about who asks is taken: those on
// this machine, where only who runs it can put one.
var loopbackProxies = []string{"127.0.0.0/8", "::1/128"}

// demoAccounts are whom one may sign in as, all with one password.
func demoAccounts() []templates.DemoAccount {
	var all []templates.DemoAccount
	for _, a := range demo.Accounts() {
		all = append(all, templates.DemoAccount{Does: a.Does, Name: a.Name, Email: a.Email, Password: demo.Password})
	}
	return all
}
