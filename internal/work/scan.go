package work

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/jobs"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/proposal"
	"daubang/internal/scan"
	"daubang/templates/letters"
)

// scanWorker shows one document to the scanner and notes what it found. As long
// as that is not known the document waits, and nobody outside its organisation
// opens it.
type scanWorker struct {
	river.WorkerDefaults[jobs.ScanDocument]
	o Options
}

// Timeout is longer than the client's patience with clamd.
func (w *scanWorker) Timeout(*river.Job[jobs.ScanDocument]) time.Duration { return 90 * time.Second }

// NextRetry says when a scan that failed is tried again.
func (w *scanWorker) NextRetry(job *river.Job[jobs.ScanDocument]) time.Time {
	return w.o.NextRetry(job.JobRow)
}

// Work scans one document. A scanner that is away is waited for.
func (w *scanWorker) Work(ctx context.Context, job *river.Job[jobs.ScanDocument]) error {
	id := document.ID(job.Args.DocumentID)
	if w.o.Scanner == nil || w.o.Files == nil {
		return river.JobCancel(errors.New("there is no scanner any more")) // queued again when there is one
	}
	f, err := document.ToScan(ctx, w.o.DB, w.o.Files, id)
	if err != nil || f == nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	found, err := w.o.Scanner.Scan(ctx, f)
	if errors.Is(err, scan.Unreachable) {
		if job.Attempt == 1 {
			w.o.Log.WarnContext(ctx, "no scanner takes documents", "document", id.String(), "err", err)
		}
		return river.JobSnooze(after(w.o.pace.unreachable, w.snoozes(job)))
	}
	if err != nil {
		return fmt.Errorf("scanning document %s: %w", id, err)
	}
	if found.Verdict != scan.Clean {
		w.o.Log.WarnContext(ctx, "a document is not clean", "document", id.String(), "verdict", string(found.Verdict), "name", found.Name)
	}
	return pg.Tx(ctx, w.o.DB, func(tx pgx.Tx) error {
		return document.Scanned(ctx, tx, audit.Act{At: w.o.Now()}, id, found)
	})
}

// snoozes is how often the scanner was away, told from how long the job has
// waited: River does not count it.
func (w *scanWorker) snoozes(job *river.Job[jobs.ScanDocument]) int {
	waited, n := w.o.Now().Sub(job.CreatedAt), 1
	for _, p := range w.o.pace.unreachable {
		if waited -= p; waited > 0 {
			n++
		}
	}
	return n
}

// scanStrayAfter is how long a document waits before it counts as without a job.
const scanStrayAfter = 10 * time.Minute

// queueScans queues scans that lost their jobs, and of documents that came
// before there was a scanner.
func queueScans(ctx context.Context, o Options) error {
	if o.Scanner == nil {
		return nil
	}
	return pg.Tx(ctx, o.DB, func(tx pgx.Tx) error {
		n, err := document.QueueScans(ctx, tx, o.Now().Add(-scanStrayAfter))
		if n > 0 {
			o.Log.InfoContext(ctx, "scans were queued", "documents", n)
		}
		return err
	})
}

// wordInfected tells an applicant that a file holds malware, or cannot be scanned,
// as long as it stands attached or was sent.
func (o Options) wordInfected(ctx context.Context, d letter.Due, name string) (l letters.Letter, err error) {
	m, err := o.matter(ctx, d, name, proposal.AsApplicant)
	if err != nil {
		return l, err
	}
	type row struct {
		Number     int
		SectionKey string
		Removed    bool
	}
	state := map[letter.Kind]document.State{letter.DocumentInfected: document.Infected, letter.DocumentUnscannable: document.Unscannable}[d.Kind]
	f, err := pg.One[row](ctx, o.DB, `
		select number, section_key, removed_at is not null as removed from visible.documents($1) where proposal_id = $2 and number = $3 and state = $4`,
		people.ID(d.PersonID), d.ProposalID, d.Number("number"), state)
	if err != nil {
		return l, unless(err, letter.Gone)
	}
	if f.Removed && m.at(proposal.Draft, proposal.Returned) {
		return l, withheld(letter.MovedOn)
	}
	m.about.URL += "/sections/" + f.SectionKey
	return letters.DocumentHeld(ctx, m.about, d.Kind == letter.DocumentInfected, f.Number), nil
}
