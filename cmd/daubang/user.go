package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"daubang/internal/call"
	"daubang/internal/config"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/ref"
	"daubang/internal/words"
	"daubang/migrations"
)

// user manages people from the shell: how the first administrator comes about.
type user struct {
	Add   userAdd   `cmd:"" help:"Add a person; without a password they choose one by daubang user reset."`
	Role  userRole  `cmd:"" help:"Grant a role."`
	Reset userReset `cmd:"" help:"Print a link by which a person chooses a new password; it works once, for an hour."`
}

type userAdd struct {
	Email    string `arg:"" help:"Address; taken as proved."`
	Name     string `arg:"" help:"Full name."`
	Lang     string `enum:"vi,en" default:"vi" help:"Language of pages and letters."`
	Password string `env:"DAUBANG_USER_PASSWORD" help:"Better by the environment: command lines are seen by others."`
}

func (c userAdd) Run(ctx context.Context, conf config.Config, log *slog.Logger) error {
	return shell(ctx, conf, log, func(p *portal, tx pgx.Tx) error {
		id, err := people.AddPerson(ctx, tx, byShell(), people.Newcomer{Name: c.Name, Email: c.Email, Locale: words.Pick(c.Lang), Password: c.Password})
		if err != nil {
			return said(err)
		}
		say("added %s <%s> (%s)", c.Name, c.Email, id)
		return nil
	})
}

type userRole struct {
	Email     string `arg:"" help:"The person's address."`
	Role      string `arg:"" enum:"admin,auditor,officer,chair,reviewer" help:"admin, auditor, officer (needs --programme), chair or reviewer (need --call)."`
	Programme string `help:"The programme, as in its address: /programmes/…"`
	Call      string `help:"The call's code, such as BDG-27."`
}

func (c userRole) Run(ctx context.Context, conf config.Config, log *slog.Logger) error {
	return shell(ctx, conf, log, func(p *portal, tx pgx.Tx) error {
		var scope people.Scope
		if c.Programme != "" {
			id, err := ref.Parse[int64](c.Programme)
			if err != nil {
				return fmt.Errorf("--programme %q is no reference; copy it from the programme's address: %w", c.Programme, err)
			}
			scope.ProgrammeID = id
		}
		if c.Call != "" {
			id, err := pg.Value[call.ID](ctx, tx, `select id from visible.calls(0) where code = $1`, c.Call)
			if err != nil {
				return fmt.Errorf("there is no call %q: %w", c.Call, err)
			}
			scope.CallID = int64(id)
		}
		if err := people.GrantFromShell(ctx, tx, byShell().At, c.Email, people.Role(c.Role), scope); err != nil {
			return said(err)
		}
		say("%s is %s", c.Email, c.Role)
		return nil
	})
}

type userReset struct {
	Email string `arg:"" help:"The person's address."`
}

func (c userReset) Run(ctx context.Context, conf config.Config, log *slog.Logger) error {
	return shell(ctx, conf, log, func(p *portal, tx pgx.Tx) error {
		secret, err := conf.SecretKey()
		if err != nil {
			return err
		}
		token, err := people.ResetFromShell(ctx, tx, byShell().At, people.Key(secret), c.Email)
		if err != nil {
			return said(err)
		}
		say("%s/reset/%s", conf.BaseURL, token)
		return nil
	})
}

// shell runs one act on the database, whole or not at all.
func shell(ctx context.Context, conf config.Config, log *slog.Logger, do func(*portal, pgx.Tx) error) (err error) {
	p, err := open(ctx, conf, log, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := migrations.Up(ctx, p.db); err != nil {
		return err
	}
	return pg.Tx(ctx, p.db, func(tx pgx.Tx) error { return do(p, tx) })
}
