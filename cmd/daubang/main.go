// Command daubang is the whole portal in one binary.
//
// Each subcommand is one small file: a struct whose fields are its flags, and a
// Run that wires in reading order. Settings are not flags; see package config.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"daubang/internal/config"
	"daubang/internal/problem"
	"daubang/internal/words"
)

// commands is everything the binary can do.
type commands struct {
	Serve   serve         `cmd:"" help:"Serve the portal and work its queue; with no DAUBANG_DATABASE_URL, on a PostgreSQL of its own."`
	Web     web           `cmd:"" help:"Only serve pages."`
	Worker  worker        `cmd:"" help:"Only work the queue."`
	Migrate migrate       `cmd:"" help:"Bring the database to the newest schema."`
	Import  importCommand `cmd:"" help:"Load places, programmes, legal documents or holidays from a file."`
	User    user          `cmd:"" help:"Add people, grant roles, give a way back in."`
	Demo    demoCommand   `cmd:"" help:"Fill an empty database with made-up proposals and reviews, as many as you like."`
	Doctor  doctor        `cmd:"" help:"Say what is configured, reachable and missing."`
}

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	chosen := kong.Parse(new(commands), kong.Name("daubang"), kong.Description("Dấu Bằng: calls, proposals, reviews and decisions. Settings: docs/settings.md."),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)))
	conf, err := config.FromEnv()
	if err != nil {
		fmt.Fprintf(os.Stderr, "daubang: these settings need correcting:\n%v\n", err)
		return 2
	}
	log := logger(conf.Log)
	if err := chosen.Run(conf, log); err != nil {
		fmt.Fprintf(os.Stderr, "daubang: %v\n", err)
		return 1
	}
	return 0
}

func logger(l config.Log) *slog.Logger {
	options := &slog.HandlerOptions{Level: l.Level}
	if l.JSON {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}

// said puts a refusal in words; anything else stays as it is.
func said(err error) error {
	if wrong, ok := errors.AsType[problem.Invalid](err); ok {
		for field, w := range wrong {
			return fmt.Errorf("%s: %s", field, words.Say(words.En, w))
		}
	}
	if refusal, ok := errors.AsType[problem.Refusal](err); ok {
		return errors.New(words.Say(words.En, refusal.Words))
	}
	return err
}
