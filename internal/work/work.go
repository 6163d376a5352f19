// Package work does what the portal leaves for later: it words and sends
// letters, and keeps house. With jobs, migrations and cmd it is all that knows
// River.
//
// cmd wires it so; any number of processes may run it on one database:
//
//	var sender *mail.Sender // nil: letters are worded and wait in the outbox
//	if conf.SMTP.Host != "" {
//		sender = mail.New(conf.SMTP, conf.MailFrom)
//		defer sender.Close()
//	}
//	err := work.Run(ctx, work.Options{
//		DB: pool, Sender: sender, Files: files, BaseURL: conf.BaseURL, Secret: secret, Log: log, Now: time.Now,
//	})
//
// Run returns when ctx is done and what was being worked has finished. It needs
// up to a dozen connections of the pool, one of which listens and so must not go
// through a transaction pooler.
package work

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"daubang/internal/document"
	"daubang/internal/jobs"
	"daubang/internal/mail"
	"daubang/internal/people"
	"daubang/internal/scan"
)

// Options are what a worker works with.
type Options struct {
	DB      *pgxpool.Pool
	Sender  *mail.Sender    // nil: there is no mail server
	Files   *document.Store // nil: there are none to sweep
	Scanner *scan.Client    // nil: there is none
	BaseURL string          // of the portal, as in https://daubang.example.vn
	Secret  people.Key      // signs one-time links
	Log     *slog.Logger
	Now     func() time.Time

	pace pace // the zero value is the pace of production
}

// Letters are sent by few at once, so that a crash repeats few and a mail server
// is not crowded; the rest is seldom and small.
const (
	letterWorkers = 8
	otherWorkers  = 2
	scanWorkers   = 2 // clamd takes a core for each
)

// stopWithin is how long a worker that is asked to stop may finish what it does.
const stopWithin = 20 * time.Second

// Run works the queue until ctx is done.
func Run(ctx context.Context, o Options) error {
	o.BaseURL = strings.TrimSuffix(o.BaseURL, "/")
	o.pace = o.pace.orUsual()
	client, err := o.client()
	if err != nil {
		return fmt.Errorf("preparing the worker: %w", err)
	}
	if err := emptyOutbox(ctx, o); err != nil {
		return unlessDone(ctx, err)
	}
	if err := client.Start(ctx); err != nil {
		return unlessDone(ctx, fmt.Errorf("starting the worker: %w", err))
	}
	o.Log.InfoContext(ctx, "working the queue", "mail", o.Sender != nil)
	<-client.Stopped()
	return nil
}

// unlessDone is nothing where a worker was stopped as it began.
func unlessDone(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

func (o Options) client() (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &letterWorker{o: o})
	river.AddWorker(workers, &roundWorker{o: o})
	river.AddWorker(workers, &scanWorker{o: o})
	return river.NewClient(riverpgxv5.New(o.DB), &river.Config{
		Workers: workers,
		Queues: map[string]river.QueueConfig{
			jobs.LettersQueue:  {MaxWorkers: letterWorkers},
			jobs.ScansQueue:    {MaxWorkers: scanWorkers},
			river.QueueDefault: {MaxWorkers: otherWorkers},
		},
		PeriodicJobs:         periodic(),
		JobTimeout:           o.pace.job,
		RescueStuckJobsAfter: o.pace.rescue,
		FetchCooldown:        10 * time.Millisecond,
		FetchPollInterval:    o.pace.poll,
		SoftStopTimeout:      stopWithin,
		RetryPolicy:          o,
		Logger:               slog.New(quiet{o.Log.Handler()}),
		TestOnly:             o.pace.test,
	})
}

// quiet passes on what River warns of. What it counts every few seconds is for
// who debugs.
type quiet struct{ slog.Handler }

// Enabled reports whether River is to say it.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return q.Handler.Enabled(ctx, level) && (level >= slog.LevelWarn || q.Handler.Enabled(ctx, slog.LevelDebug))
}

// WithAttrs keeps a logger made from this one as quiet.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup keeps a logger made from this one as quiet.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
