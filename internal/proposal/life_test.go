package proposal_test

import (
	"context"
	"flag"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/proposal"
)

// lived is what a life should have come to: a model of one proposal, much
// simpler than the thing.
type lived struct {
	status  proposal.Status
	sent    int  // submissions
	open    bool // to be changed and sent again
	letters map[letter.Kind]int
}

// deed is one thing somebody may try.
type deed struct {
	move proposal.Move
	by   proposal.Actor
	do   func(ctx context.Context, tx pgx.Tx, who people.ID, at time.Time, id proposal.ID) error
}

var deeds = []deed{
	{proposal.MoveSubmit, proposal.Head, func(ctx context.Context, tx pgx.Tx, who people.ID, at time.Time, id proposal.ID) error {
		_, err := proposal.Submit(ctx, tx, by(who, at), id)
		return err
	}},
	{proposal.MoveReopen, proposal.Writer, func(ctx context.Context, tx pgx.Tx, who people.ID, at time.Time, id proposal.ID) error {
		return proposal.Reopen(ctx, tx, by(who, at), id)
	}},
	{proposal.MoveDiscard, proposal.Head, func(ctx context.Context, tx pgx.Tx, who people.ID, at time.Time, id proposal.ID) error {
		return proposal.Discard(ctx, tx, by(who, at), id)
	}},
	{proposal.MoveWithdraw, proposal.Head, func(ctx context.Context, tx pgx.Tx, who people.ID, at time.Time, id proposal.ID) error {
		return proposal.Withdraw(ctx, tx, by(who, at), id, "")
	}},
	{proposal.MoveReturn, proposal.Officer, func(ctx context.Context, tx pgx.Tx, who people.ID, at time.Time, id proposal.ID) error {
		return proposal.Return(ctx, tx, by(who, at), id, map[string]string{"risk": "Bổ sung"}, lastDay)
	}},
	{proposal.MoveAccept, proposal.Officer, func(ctx context.Context, tx pgx.Tx, who people.ID, at time.Time, id proposal.ID) error {
		return proposal.Accept(ctx, tx, by(who, at), id)
	}},
	{proposal.MoveRefuse, proposal.Officer, func(ctx context.Context, tx pgx.Tx, who people.ID, at time.Time, id proposal.ID) error {
		return proposal.Refuse(ctx, tx, by(who, at), id, "Không đúng địa bàn")
	}},
	{proposal.MoveOpenReview, proposal.Officer, func(ctx context.Context, tx pgx.Tx, who people.ID, at time.Time, id proposal.ID) error {
		return proposal.OpenReview(ctx, tx, by(who, at), id)
	}},
	{proposal.MoveApprove, proposal.Officer, func(ctx context.Context, tx pgx.Tx, who people.ID, at time.Time, id proposal.ID) error {
		return resolve(ctx, tx, who, at, proposal.MoveApprove, id)
	}},
	{proposal.MoveWaitlist, proposal.Officer, func(ctx context.Context, tx pgx.Tx, who people.ID, at time.Time, id proposal.ID) error {
		return resolve(ctx, tx, who, at, proposal.MoveWaitlist, id)
	}},
}

func resolve(ctx context.Context, tx pgx.Tx, who people.ID, at time.Time, m proposal.Move, id proposal.ID) error {
	p, err := proposal.Lock(ctx, tx, id)
	if err != nil {
		return err
	}
	_, err = proposal.Decide(ctx, tx, by(who, at), m, p)
	return err
}

// lastDay is until when a returned proposal may be completed; the lives go on
// a little beyond it.
var lastDay = closes.Add(time.Hour)

// moments that matter: early, the last instants of the call and of its grace,
// between, and after the last day.
var moments = []time.Time{before, closes, closes.Add(2*time.Minute - time.Second), closes.Add(2 * time.Minute), lastDay.Add(-time.Second), lastDay}

// may says what the model expects of a deed by somebody at a moment: it leads
// on, it changes nothing but is no mistake, or it is refused.
func (l *lived) may(d deed, head, writer, officer bool, at time.Time) (leads, again bool) {
	switch d.by {
	case proposal.Head:
		if !head {
			return false, false
		}
	case proposal.Writer:
		if !head && !writer {
			return false, false
		}
	default:
		if !officer || l.sent == 0 {
			return false, false
		}
	}
	early := at.Before(closes.Add(2 * time.Minute))
	on := func(from ...proposal.Status) bool { return slices.Contains(from, l.status) }
	switch d.move {
	case proposal.MoveSubmit:
		if on(proposal.Submitted) && l.open {
			return early, false
		}
		if on(proposal.Submitted, proposal.Eligible, proposal.Ineligible, proposal.InReview, proposal.Approved, proposal.Waitlisted) {
			return false, true
		}
		return on(proposal.Draft) && early || on(proposal.Returned) && at.Before(lastDay), false
	case proposal.MoveReopen:
		return on(proposal.Submitted) && !l.open && early, on(proposal.Submitted) && l.open
	case proposal.MoveDiscard:
		return on(proposal.Draft), false
	case proposal.MoveWithdraw:
		return on(proposal.Submitted, proposal.Returned, proposal.Eligible, proposal.InReview), false
	case proposal.MoveReturn:
		return on(proposal.Submitted) && (!l.open || !early) && at.Before(lastDay), false
	case proposal.MoveAccept:
		return on(proposal.Submitted) && (!l.open || !early), false
	case proposal.MoveRefuse:
		return on(proposal.Submitted) && (!l.open || !early) || on(proposal.Returned) && !at.Before(lastDay), false
	case proposal.MoveOpenReview:
		return on(proposal.Eligible), false
	case proposal.MoveApprove:
		return on(proposal.InReview, proposal.Waitlisted), false
	default:
		return on(proposal.InReview), false
	}
}

// goes moves the model on.
func (l *lived) goes(m proposal.Move) {
	was := l.status
	l.open = m == proposal.MoveReopen
	l.status = map[proposal.Move]proposal.Status{
		proposal.MoveSubmit: proposal.Submitted, proposal.MoveReopen: proposal.Submitted, proposal.MoveDiscard: proposal.Discarded, proposal.MoveWithdraw: proposal.Withdrawn,
		proposal.MoveReturn: proposal.Returned, proposal.MoveAccept: proposal.Eligible, proposal.MoveRefuse: proposal.Ineligible,
		proposal.MoveOpenReview: proposal.InReview, proposal.MoveApprove: proposal.Approved, proposal.MoveWaitlist: proposal.Waitlisted,
	}[m]
	team := map[proposal.Move]letter.Kind{
		proposal.MoveSubmit: letter.Receipt, proposal.MoveReturn: letter.Returned, proposal.MoveAccept: letter.Eligible, proposal.MoveRefuse: letter.Ineligible,
	}
	switch {
	case team[m] != "":
		l.letters[team[m]] += 2 // the head and the writer
	case m == proposal.MoveOpenReview:
		l.letters[letter.ReviewAssigned]++
	case m == proposal.MoveWithdraw && was == proposal.InReview:
		l.letters[letter.ProposalWithdrawn]++
	}
	if m == proposal.MoveSubmit {
		l.sent++
	}
}

// TestLives lets people do whatever comes to their minds, in any order, at any
// moment, and holds what becomes of a proposal to the model.
func TestLives(t *testing.T) {
	t.Parallel()
	if err := flag.Set("rapid.checks", "25"); err != nil {
		t.Fatal(err)
	}
	ctx, w := newWorld(t)
	draft := w.complete(t)
	w.assign(t, draft)
	rapid.Check(t, func(r *rapid.T) {
		tx, err := w.tx.Begin(ctx) // each life ends where it began
		if err != nil {
			r.Fatal(err)
		}
		defer func() { _ = tx.Rollback(ctx) }()
		at, l := 0, &lived{status: proposal.Draft, letters: map[letter.Kind]int{}}
		for range rapid.IntRange(1, 14).Draw(r, "steps") {
			at = min(at+rapid.SampledFrom([]int{0, 0, 0, 0, 1}).Draw(r, "later"), len(moments)-1)
			d := rapid.SampledFrom(deeds).Draw(r, "deed")
			who := rapid.SampledFrom([]people.ID{w.head, w.head, w.officer, w.officer, w.writer, w.reader, w.stranger, w.foreign}).Draw(r, "who")
			step(ctx, r, tx, w, l, draft, d, who, moments[at])
		}
	})
}

// step does one deed and compares.
func step(ctx context.Context, r *rapid.T, tx pgx.Tx, w *world, l *lived, id proposal.ID, d deed, who people.ID, at time.Time) {
	leads, again := l.may(d, who == w.head, who == w.writer, who == w.officer, at)
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error { return d.do(ctx, tx, who, at, id) })
	if (err == nil) != (leads || again) {
		r.Fatalf("%s of a proposal that is %s: %v, want it to lead on: %v", d.move, l.status, err, leads)
	}
	if leads {
		l.goes(d.move)
	}
	row, err := proposal.Lock(ctx, tx, id)
	if err != nil {
		r.Fatal(err)
	}
	if row.Status != l.status {
		r.Fatalf("after %s it is %s, want %s", d.move, row.Status, l.status)
	}
	look := &world{tx: tx}
	for _, kind := range []letter.Kind{letter.Receipt, letter.Returned, letter.Eligible, letter.Ineligible, letter.ReviewAssigned, letter.ProposalWithdrawn} {
		if n := look.count(ctx, r, `select count(*) from letters where proposal_id = $1 and kind = $2`, id, kind); n != l.letters[kind] {
			r.Fatalf("after %s there are %d letters %s, want %d", d.move, n, kind, l.letters[kind])
		}
	}
	if n := look.count(ctx, r, `select count(*) from submissions where proposal_id = $1`, id); n != l.sent {
		r.Fatalf("after %s there are %d submissions, want %d", d.move, n, l.sent)
	}
	if _, err := proposal.SaveSection(ctx, tx, by(w.writer, at), id, "sustainability", 99, form.Answers{}, false); err == nil {
		r.Fatal("a save over a version that never was is taken")
	}
}

func (w *world) count(ctx context.Context, r *rapid.T, sql string, args ...any) int {
	var n int
	if err := w.tx.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		r.Fatal(err)
	}
	return n
}
