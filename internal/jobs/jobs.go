// Package jobs names the work the portal leaves for later, and queues it.
//
// A job carries identifiers, never data: the worker reads what is true when it
// runs. Package work does the work; anything may import this one.
package jobs

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// LettersQueue is worked apart from the rest, so that a slow SMTP server stops
// nothing else.
const LettersQueue = "letters"

// SendLetter writes one letter and hands it to the SMTP server.
type SendLetter struct {
	LetterID int64 `json:"letter_id"`
}

// Kind is the name the queue knows the job by; it must never change.
func (SendLetter) Kind() string { return "send_letter" }

// InsertOpts puts letters in their own queue; ten tries span about six hours
// (see package work for the pauses between them).
func (SendLetter) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: LettersQueue, MaxAttempts: 10}
}

// ScansQueue is worked apart, too: a scan takes seconds, and its server may be
// away.
const ScansQueue = "scans"

// ScanDocument shows a document to the scanner for malware.
type ScanDocument struct {
	DocumentID int64 `json:"document_id"`
}

// Kind is the name the queue knows the job by; it must never change.
func (ScanDocument) Kind() string { return "scan_document" }

// InsertOpts puts scans in their own queue. What is still not scanned after the
// last try is queued again by the clock.
func (ScanDocument) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: ScansQueue, MaxAttempts: 8}
}

// queue can only insert, and only inside a transaction; it holds no connection.
var queue = func() *river.Client[pgx.Tx] {
	c, err := river.NewClient(riverpgxv5.New(nil), &river.Config{})
	if err != nil {
		panic(err)
	}
	return c
}()

// Insert queues jobs that will run if and only if tx commits, all in one
// statement.
func Insert[Job river.JobArgs](ctx context.Context, tx pgx.Tx, jobs ...Job) error {
	if len(jobs) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		params[i] = river.InsertManyParams{Args: j}
	}
	if _, err := queue.InsertManyFastTx(ctx, tx, params); err != nil {
		return fmt.Errorf("queueing %s: %w", jobs[0].Kind(), err)
	}
	return nil
}
