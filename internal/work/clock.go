package work

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"daubang/internal/kept"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/together"
)

// rounds is all that is done by the clock. Each is done once in its time by one
// of the workers, whoever leads; the first when a worker starts.
var rounds = []struct {
	name  string
	every time.Duration
	do    func(context.Context, Options) error
}{
	{"tidy_accounts", time.Hour, tidyAccounts},
	{"requeue_letters", 5 * time.Minute, requeueLetters},
	{"empty_outbox", 5 * time.Minute, emptyOutbox},
	{"forget_presences", time.Hour, forgetPresences},
	{"forget_kept_forms", 10 * time.Minute, forgetKeptForms},
	{"remind_of_papers", time.Hour, remindOfPapers},
	{"sweep_files", time.Hour, sweepFiles},
	{"remind", 10 * time.Minute, remind},
	{"tell_of_inquiries", 10 * time.Minute, tellOfInquiries},
	{"queue_scans", 5 * time.Minute, queueScans},
}

// round is the job of one of them.
type round struct {
	Name string `json:"name" river:"unique"`
}

// Kind is the name the queue knows the job by; it must never change.
func (round) Kind() string { return "round" }

func periodic() []*river.PeriodicJob {
	all := make([]*river.PeriodicJob, len(rounds))
	for i, r := range rounds {
		all[i] = river.NewPeriodicJob(river.PeriodicInterval(r.every), func() (river.JobArgs, *river.InsertOpts) {
			return round{Name: r.name}, &river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: r.every}}
		}, &river.PeriodicJobOpts{ID: r.name, RunOnStart: true})
	}
	return all
}

// roundWorker does them.
type roundWorker struct {
	river.WorkerDefaults[round]
	o Options
}

// Work does one round. A name that is not known was queued by a newer version:
// that version will queue it again.
func (w *roundWorker) Work(ctx context.Context, job *river.Job[round]) error {
	for _, r := range rounds {
		if r.name == job.Args.Name {
			return r.do(ctx, w.o)
		}
	}
	return river.JobCancel(fmt.Errorf("no round %q", job.Args.Name))
}

func tidyAccounts(ctx context.Context, o Options) error {
	return pg.Tx(ctx, o.DB, func(tx pgx.Tx) error { return people.Tidy(ctx, tx, o.Now()) })
}

func forgetPresences(ctx context.Context, o Options) error {
	return pg.Tx(ctx, o.DB, func(tx pgx.Tx) error { return together.Forget(ctx, tx, o.Now().Add(-time.Hour)) })
}

func forgetKeptForms(ctx context.Context, o Options) error { return kept.Expire(ctx, o.DB, o.Now()) }

// sweepFiles takes away what nobody will ask the store of files for again.
func sweepFiles(ctx context.Context, o Options) error {
	if o.Files == nil {
		return nil
	}
	n, err := o.Files.Sweep(ctx, o.DB, o.Now())
	if n > 0 {
		o.Log.InfoContext(ctx, "files were swept", "files", n)
	}
	return err
}

// strayAfter is how long a letter waits before it counts as without a job: its
// job is queued with it, so that none is a fault.
const strayAfter = 10 * time.Minute

func requeueLetters(ctx context.Context, o Options) error {
	return untilNone(ctx, o, "they had lost their jobs", func(tx pgx.Tx) (int, error) {
		return letter.Requeue(ctx, tx, o.Now().Add(-strayAfter))
	})
}

// emptyOutbox queues what waited for a mail server, if there is one now.
func emptyOutbox(ctx context.Context, o Options) error {
	if o.Sender == nil {
		return nil
	}
	return untilNone(ctx, o, "there is a mail server", func(tx pgx.Tx) (int, error) { return letter.Release(ctx, tx) })
}

// untilNone repeats what moves some letters in one transaction, and logs how
// many there were.
func untilNone(ctx context.Context, o Options, because string, some func(pgx.Tx) (int, error)) error {
	for all := 0; ; {
		n := 0
		err := pg.Tx(ctx, o.DB, func(tx pgx.Tx) (err error) {
			n, err = some(tx)
			return err
		})
		all += n
		if (err != nil || n == 0) && all > 0 {
			o.Log.InfoContext(ctx, "letters were queued again", "letters", all, "because", because)
		}
		if err != nil || n == 0 {
			return err
		}
	}
}
