package work

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"daubang/internal/jobs"
	"daubang/internal/letter"
	"daubang/internal/mail"
	"daubang/internal/pg"
	"daubang/internal/words"
	"daubang/templates/letters"
)

// letterWorker words one letter as things are now, hands it to the mail server,
// and notes what became of it together with the end of the job. Between the
// server's answer and that note lies the one moment in which a crash repeats a
// letter; its Message-ID stays the same.
type letterWorker struct {
	river.WorkerDefaults[jobs.SendLetter]
	o Options
}

// NextRetry says when a letter that was put off is tried again.
func (w *letterWorker) NextRetry(job *river.Job[jobs.SendLetter]) time.Time {
	return w.o.NextRetry(job.JobRow)
}

// Work sends one letter. A letter that another worker has in hand is looked at
// again later; one that is settled needs nothing.
func (w *letterWorker) Work(ctx context.Context, job *river.Job[jobs.SendLetter]) error {
	id := letter.ID(job.Args.LetterID)
	d, err := letter.Take(ctx, w.o.DB, id, w.o.pace.lease, w.o.Sender != nil)
	switch {
	case errors.Is(err, letter.Settled):
		return nil
	case errors.Is(err, letter.Taken):
		return river.JobSnooze(jitter(w.o.pace.lease))
	case err != nil:
		return fmt.Errorf("taking letter %s in hand: %w", id, err)
	}
	outcome, err := w.send(ctx, d)
	if err != nil {
		return w.failed(ctx, job, d, outcome.As, err)
	}
	return w.settle(ctx, job, d, outcome)
}

// send words the letter and hands it over. A panic, too, is only this letter's
// failure.
func (w *letterWorker) send(ctx context.Context, d letter.Due) (o letter.Outcome, err error) {
	defer func() {
		if v := recover(); v != nil {
			w.o.Log.ErrorContext(ctx, "panic", "letter", d.ID.String(), "value", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	now := w.o.Now()
	ctx = words.With(ctx, d.Lang)
	l, to, err := w.o.word(ctx, d, now)
	if why, ok := errors.AsType[withheld](err); ok {
		return letter.Outcome{State: letter.Withheld, Reason: letter.Reason(why)}, nil
	} else if err != nil {
		return o, fmt.Errorf("wording letter %s: %w", d.ID, err)
	}
	frame := letters.Frame{Site: w.o.BaseURL, Ref: d.ID.String()}
	o.As, err = written(ctx, l.Kept(), frame)
	if err != nil {
		return o, fmt.Errorf("rendering letter %s: %w", d.ID, err)
	}
	if w.o.Sender == nil {
		o.State = letter.Outbox
		return o, nil
	}
	whole, err := written(ctx, l, frame)
	if err != nil {
		return o, fmt.Errorf("rendering letter %s: %w", d.ID, err)
	}
	err = w.o.Sender.Send(ctx, mail.Message{
		ID: d.ID.String(), Name: to, Address: d.Address, Subject: whole.Subject, Text: whole.Text, HTML: whole.HTML, Lang: string(d.Lang), At: now,
	})
	o.State, o.At = letter.Sent, now
	return o, err
}

func written(ctx context.Context, l letters.Letter, f letters.Frame) (letter.Written, error) {
	html, err := l.HTML(ctx, f)
	return letter.Written{Subject: l.Subject, Text: l.Text(ctx, f), HTML: html}, err
}

// failed decides whether a letter is tried again, and when. What the mail server
// said is noted at the letter; it may name the recipient, and so stays out of
// the queue and the log.
func (w *letterWorker) failed(ctx context.Context, job *river.Job[jobs.SendLetter], d letter.Due, as letter.Written, err error) error {
	said, again, final := err.Error(), err, job.Attempt >= job.MaxAttempts
	if failure, ok := errors.AsType[*mail.Failure](err); ok {
		said, again = failure.Words, fmt.Errorf("letter %s was put off by the mail server", d.ID)
		switch failure.Kind {
		case mail.Refused:
			final = true
		case mail.Unreachable:
			final = w.o.Now().Sub(job.CreatedAt) >= w.o.pace.patience
			again = river.JobSnooze(after(w.o.pace.unreachable, d.Tries))
			if d.Tries == 1 {
				w.o.Log.WarnContext(ctx, "no mail server takes letters", "letter", d.ID.String(), "said", said)
			}
		case mail.Deferred:
		}
	}
	if final {
		w.o.Log.WarnContext(ctx, "a letter failed", "letter", d.ID.String(), "kind", string(d.Kind), "tries", d.Tries)
		return w.settle(ctx, job, d, letter.Outcome{State: letter.Failed, As: as, Said: said})
	}
	ctx, cancel := noting(ctx)
	defer cancel()
	return errors.Join(letter.Wait(ctx, w.o.DB, d.ID, said), again)
}

// noteWithin is how long it may take to note what became of a letter. It is
// tried again while the database is away: what is not noted is sent twice.
const noteWithin = 8 * time.Second

// noting is a context for the note, which must be made even as the worker stops.
func noting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), noteWithin)
}

// settle notes what became of a letter and ends its job, in one transaction.
func (w *letterWorker) settle(ctx context.Context, job *river.Job[jobs.SendLetter], d letter.Due, o letter.Outcome) error {
	ctx, cancel := noting(ctx)
	defer cancel()
	for pause := 100 * time.Millisecond; ; pause *= 2 {
		err := pg.Tx(ctx, w.o.DB, func(tx pgx.Tx) error {
			if err := letter.Settle(ctx, tx, d, o); err != nil {
				return err
			}
			_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
			return err
		})
		if err == nil || errors.Is(err, letter.Settled) { // the second: our commit, unheard
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("noting what became of letter %s: %w", d.ID, err)
		case <-time.After(pause):
		}
	}
}
