package proposal_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

// save writes one answer of one section over whatever stands.
func (w *world) save(t *testing.T, id proposal.ID, text string, at time.Time) error {
	t.Helper()
	const key, question = "sustainability", "sustain"
	stands, err := proposal.Sections(t.Context(), w.tx, w.writer, id)
	if err != nil {
		t.Fatal(err)
	}
	answers := form.Answers{}
	maps.Copy(answers, stands[key].Answers)
	answers[question] = form.Answer{Text: text}
	return try(t, w, func(tx pgx.Tx) error {
		_, err := proposal.SaveSection(t.Context(), tx, by(w.writer, at), id, key, stands[key].Version, answers, true)
		return err
	})
}

// try runs fn so that what it refuses leaves the transaction usable.
func try(t *testing.T, w *world, fn func(tx pgx.Tx) error) error {
	t.Helper()
	return pgx.BeginFunc(t.Context(), w.tx, fn)
}

func (w *world) lastSaid(t *testing.T, id proposal.ID) (number int, sustain string) {
	t.Helper()
	s, err := proposal.LastSubmission(t.Context(), w.tx, w.officer, id)
	if err != nil {
		t.Fatal(err)
	}
	return s.Number, s.Content["sustainability"]["sustain"].Text
}

// What was sent counts until a new one is sent, and then the new one does.
func TestSubmitAgain(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.submitted(t)
	refused(t, "a change of what is sealed", w.save(t, id, "Bản hai", before), problem.Conflict, "proposal.sealed_open")
	for range 2 { // a click twice
		if err := proposal.Reopen(ctx, w.tx, by(w.writer, before), id); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.save(t, id, "Bản hai", before); err != nil {
		t.Fatal(err)
	}
	if n, text := w.lastSaid(t, id); n != 1 || text == "Bản hai" {
		t.Errorf("the office reads submission %d, %q, before it is sent", n, text)
	}
	seen, err := proposal.Get(ctx, w.tx, w.officer, id)
	if err != nil || seen.Changing() || seen.Status != proposal.Submitted {
		t.Errorf("the office is told: %v, %s", seen.ChangingSince, seen.Status)
	}
	if mine, err := proposal.Get(ctx, w.tx, w.reader, id); err != nil || !mine.Changing() {
		t.Errorf("its reader is not told: %v", err)
	}
	for range 3 { // and thrice
		s, err := proposal.SubmitOver(ctx, w.tx, by(w.head, before.Add(time.Hour)), id, 1)
		if err != nil || s.Number != 2 {
			t.Fatalf("number %d: %v", s.Number, err)
		}
	}
	if n, text := w.lastSaid(t, id); n != 2 || text != "Bản hai" {
		t.Errorf("the office reads submission %d, %q", n, text)
	}
	if n := len(w.letters(t, id, letter.Receipt)); n != 4 {
		t.Errorf("%d receipts, want one for each of two people and submissions", n)
	}
	if err := w.save(t, id, "Bản ba", before); words(err) != "proposal.sealed_open" {
		t.Errorf("it is still open: %v", err)
	}
}

// A page that showed something else sends nothing.
func TestSubmitFromAnOldPage(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.submitted(t)
	if err := proposal.Reopen(ctx, w.tx, by(w.head, before), id); err != nil {
		t.Fatal(err)
	}
	err := try(t, w, func(tx pgx.Tx) error {
		_, err := proposal.SubmitOver(ctx, tx, by(w.head, before), id, 0)
		return err
	})
	if old, ok := errors.AsType[proposal.Outdated](err); !ok || old.Number != 1 || !errors.Is(err, problem.Conflict) {
		t.Errorf("%v", err)
	}
	if n, _ := w.lastSaid(t, id); n != 1 {
		t.Errorf("%d submissions", n)
	}
}

// Once the call has closed, what was sent counts: changes are read, not made.
func TestChangesThatWereNotSent(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.submitted(t)
	sealed, err := proposal.LastSubmission(ctx, w.tx, w.head, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := proposal.Reopen(ctx, w.tx, by(w.head, before), id); err != nil {
		t.Fatal(err)
	}
	if err := w.save(t, id, "Chưa kịp nộp", before); err != nil {
		t.Fatal(err)
	}
	file := document.File{Name: "ảnh.png", MediaType: "image/png", Size: 3, SHA256: "abc"}
	added, err := proposal.Attach(ctx, w.tx, by(w.writer, before), id, "documents", "documents", "evidence", file)
	if err != nil {
		t.Fatal(err)
	}
	accept := func(at time.Time) error {
		return try(t, w, func(tx pgx.Tx) error {
			return proposal.Return(ctx, tx, by(w.officer, at), id, map[string]string{"risk": "Bổ sung"}, closes.Add(240*time.Hour))
		})
	}
	refused(t, "screening while it is being changed", accept(closes.Add(119*time.Second)), problem.Conflict, "proposal.being_changed")
	late := closes.Add(2 * time.Minute)
	refused(t, "a late change", w.save(t, id, "Muộn", late), problem.Conflict, "proposal.submit.change_late")
	err = try(t, w, func(tx pgx.Tx) error {
		_, err := proposal.Submit(ctx, tx, by(w.head, late), id)
		return err
	})
	refused(t, "sending late", err, problem.Conflict, "proposal.submit.change_late")
	if stands, err := proposal.Sections(ctx, w.tx, w.reader, id); err != nil || stands["sustainability"].Answers["sustain"].Text != "Chưa kịp nộp" {
		t.Errorf("it cannot be read: %v", err)
	}
	if err := accept(late); err != nil {
		t.Fatal(err)
	}
	stands, err := proposal.Sections(ctx, w.tx, w.head, id)
	if err != nil {
		t.Fatal(err)
	}
	for key, s := range sealed.Whole() {
		if !stands[key].Answers.Equal(s) {
			t.Errorf("section %s is not what was sent: %v", key, stands[key].Answers)
		}
	}
	if attached, err := document.Attached(ctx, w.tx, w.head, int64(id)); err != nil || len(attached) != len(sealed.Documents) {
		t.Errorf("%d documents stand attached, %d were sent: %v", len(attached), len(sealed.Documents), err)
	}
	unsent, err := proposal.LastUnsent(ctx, w.tx, w.reader, id)
	if err != nil || unsent.Content["sustainability"]["sustain"].Text != "Chưa kịp nộp" || len(unsent.Documents) != 1 || unsent.Documents[0] != added {
		t.Errorf("what was not sent is gone: %v %v", unsent, err)
	}
	if _, err := proposal.LastUnsent(ctx, w.tx, w.officer, id); !errors.Is(err, problem.NotFound) {
		t.Errorf("the office reads what was never sent: %v", err)
	}
}

// Only the head sends, only who writes opens again, and never late.
func TestWhoReopens(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.submitted(t)
	reopen := func(who func(*world) int64, at time.Time) error {
		return try(t, w, func(tx pgx.Tx) error {
			act := by(0, at)
			act.By = who(w)
			return proposal.Reopen(ctx, tx, act, id)
		})
	}
	refused(t, "a reader", reopen(func(w *world) int64 { return int64(w.reader) }, before), problem.Forbidden, "proposal.only_writers")
	refused(t, "an officer", reopen(func(w *world) int64 { return int64(w.officer) }, before), problem.Forbidden, "proposal.only_members")
	if err := reopen(func(w *world) int64 { return int64(w.stranger) }, before); !errors.Is(err, problem.NotFound) {
		t.Errorf("another organisation: %v", err)
	}
	refused(t, "late", reopen(func(w *world) int64 { return int64(w.writer) }, closes.Add(2*time.Minute)), problem.Conflict, "proposal.submit.change_late")
	if err := proposal.Accept(ctx, w.tx, by(w.officer, before), id); err != nil {
		t.Fatal(err)
	}
	refused(t, "once screened", reopen(func(w *world) int64 { return int64(w.writer) }, before), problem.Conflict, "proposal.not_now")
}

// Sending against the deadline: what arrived before the last instant of the
// grace is in, whatever order the database meets it in; nothing else is, and
// what stood sent before still is.
func TestSubmitsAgainstTheDeadline(t *testing.T) {
	t.Parallel()
	pool, w, id := committed(t, func(w *world) proposal.ID { return w.submitted(t) })
	last := closes.Add(2 * time.Minute)
	number, all := 1, rounds(t, 20)
	for round := range all {
		if err := pg.Tx(t.Context(), pool, func(tx pgx.Tx) error { return proposal.Reopen(t.Context(), tx, by(w.writer, before), id) }); err != nil {
			t.Fatal(err)
		}
		arrived := []time.Duration{-time.Second, -time.Millisecond, 0, time.Millisecond, time.Second}
		if round%2 == 0 {
			arrived = arrived[2:] // all of them too late
		}
		errs := together(t, pool, len(arrived), func(tx pgx.Tx, i int) error {
			_, err := proposal.Submit(t.Context(), tx, by(w.head, last.Add(arrived[i])), id)
			return err
		})
		in := false
		for i, err := range errs {
			in = in || err == nil && arrived[i] < 0
			if arrived[i] < 0 && err != nil {
				t.Errorf("round %d: what arrived %s the end is refused: %v", round, arrived[i], err)
			}
		}
		if in {
			number++
		}
		if n, err := proposal.LastNumber(context.WithoutCancel(t.Context()), pool, w.officer, id); err != nil || n != number {
			t.Fatalf("round %d: %d submissions, want %d: %v", round, n, number, err)
		}
	}
	if want := 1 + all/2; number != want {
		t.Errorf("%d submissions, want %d", number, want)
	}
}
