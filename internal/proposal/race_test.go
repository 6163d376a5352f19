package proposal_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

// committed is a world that others see: everything in it is committed, and tx
// is a later one to look with.
func committed(t *testing.T, prepare func(*world) proposal.ID) (*pgxpool.Pool, *world, proposal.ID) {
	t.Helper()
	pool := pgtest.New(t)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w := build(t, tx)
	id := prepare(w)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.tx, err = pool.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.tx.Rollback(context.Background()) }) // only read
	return pool, w, id
}

// together runs fn n times at once, each in a transaction of its own, and
// returns what each of them refused.
func together(t *testing.T, pool *pgxpool.Pool, n int, fn func(tx pgx.Tx, i int) error) []error {
	t.Helper()
	ready, errs := make(chan struct{}), make([]error, n)
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-ready
			errs[i] = pg.Tx(t.Context(), pool, func(tx pgx.Tx) error { return fn(tx, i) })
		})
	}
	close(ready)
	done.Wait()
	return errs
}

// However often it is pressed, it is one submission with one receipt each.
func TestSubmitsAtOnce(t *testing.T) {
	t.Parallel()
	pool, w, id := committed(t, func(w *world) proposal.ID { return w.complete(t) })
	const clicks = 8
	sums := make([]string, clicks)
	for i, err := range together(t, pool, clicks, func(tx pgx.Tx, i int) error {
		s, err := proposal.Submit(t.Context(), tx, by(w.head, before), id)
		sums[i] = s.SHA256
		return err
	}) {
		if err != nil || sums[i] == "" || sums[i] != sums[0] {
			t.Errorf("click %d: %q %v", i, sums[i], err)
		}
	}
	if n := insert[int](t, w, `select count(*) from submissions where proposal_id = $1`, id); n != 1 {
		t.Errorf("%d submissions", n)
	}
	if n := len(w.letters(t, id, letter.Receipt)); n != 2 {
		t.Errorf("%d receipts for two people", n)
	}
	if n := insert[int](t, w, `select count(*) from audit_events where subject = 'proposal' and subject_id = $1 and verb = 'submit'`, id); n != 1 {
		t.Errorf("%d events", n)
	}
}

// rounds is how often a race is run: n times, or as often as DAUBANG_TEST_ROUNDS
// says; `make bench` says a thousand.
func rounds(t *testing.T, n int) int {
	t.Helper()
	if s, set := os.LookupEnv("DAUBANG_TEST_ROUNDS"); set {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// A colleague saves while the head submits, again and again: what was sent is
// what stands, and whoever came too late is told so.
func TestSaveAgainstSubmit(t *testing.T) {
	t.Parallel()
	pool, w, id := committed(t, func(w *world) proposal.ID { return w.complete(t) })
	stands := func() map[string]proposal.Section {
		t.Helper()
		all, err := proposal.Sections(t.Context(), pool, w.head, id)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	for round := range rounds(t, 8) {
		if round > 0 {
			if err := pg.Tx(t.Context(), pool, func(tx pgx.Tx) error { return proposal.Reopen(t.Context(), tx, by(w.writer, before), id) }); err != nil {
				t.Fatal(err)
			}
		}
		version := stands()["sustainability"].Version
		text := form.Answers{"sustain": {Text: fmt.Sprint("Viết lại trong lúc nộp, lần ", round)}}
		errs := together(t, pool, 2, func(tx pgx.Tx, i int) error {
			if i == round%2 { // either may stand first in the line
				_, err := proposal.Submit(t.Context(), tx, by(w.head, before), id)
				return err
			}
			_, err := proposal.SaveSection(t.Context(), tx, by(w.writer, before), id, "sustainability", version, text, false)
			return err
		})
		if err := errs[round%2]; err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if err := errs[1-round%2]; err != nil && words(err) != "proposal.sealed_open" {
			t.Errorf("round %d: the save: %v", round, err)
		}
		sent, err := proposal.LastSubmission(t.Context(), pool, w.head, id)
		if err != nil || sent.Number != round+1 {
			t.Fatalf("round %d: submission %d: %v", round, sent.Number, err)
		}
		if now := stands()["sustainability"].Answers; !sent.Content["sustainability"].Equal(now) {
			t.Fatalf("round %d: sent %v, stands %v", round, sent.Content["sustainability"], now)
		}
	}
}

// Of several saves over one version one wins; the others get both texts.
func TestSavesOverOneVersion(t *testing.T) {
	t.Parallel()
	pool, w, id := committed(t, func(w *world) proposal.ID { return w.start(t) })
	won := 0
	for i, err := range together(t, pool, 4, func(tx pgx.Tx, i int) error {
		_, err := proposal.SaveSection(t.Context(), tx, by(w.writer, before), id, "sustainability", 0, form.Answers{"sustain": {Text: fmt.Sprint("Bản ", i)}}, false)
		return err
	}) {
		if err == nil {
			won++
			continue
		}
		stale, ok := errors.AsType[proposal.Stale](err)
		if !ok || stale.Theirs.Version != 1 || stale.Theirs.Answers["sustain"].Text == fmt.Sprint("Bản ", i) {
			t.Errorf("save %d: %v", i, err)
		}
	}
	if won != 1 {
		t.Errorf("%d saves over version 0 were taken", won)
	}
}

// A click twice begins one proposal.
func TestStartsAtOnce(t *testing.T) {
	t.Parallel()
	pool, w, _ := committed(t, func(*world) proposal.ID { return 0 })
	ids := make([]proposal.ID, 6)
	for i, err := range together(t, pool, len(ids), func(tx pgx.Tx, i int) (err error) {
		ids[i], err = proposal.Start(t.Context(), tx, by(w.writer, before), w.call, w.organisation)
		return err
	}) {
		if err != nil || ids[i] != ids[0] {
			t.Errorf("start %d: %v %v", i, ids[i], err)
		}
	}
}

// Withdrawing and moving on at once: one of them happens.
func TestWithdrawAgainstAccept(t *testing.T) {
	t.Parallel()
	pool, w, id := committed(t, func(w *world) proposal.ID { return w.submitted(t) })
	errs := together(t, pool, 2, func(tx pgx.Tx, i int) error {
		if i == 0 {
			return proposal.Withdraw(t.Context(), tx, by(w.head, before), id, "")
		}
		return proposal.Refuse(t.Context(), tx, by(w.officer, before), id, "Không đúng địa bàn")
	})
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("both or neither: %v", errs)
	}
	for _, err := range errs {
		if err != nil && !errors.Is(err, problem.Conflict) {
			t.Error(err)
		}
	}
}

// A draft that is begun while the call moves to another form begins in that one:
// nobody moves it afterwards.
func TestBeginsWhileTheFormMoves(t *testing.T) {
	t.Parallel()
	pool, w, _ := committed(t, func(w *world) proposal.ID {
		w.draftForm(t, withoutPlaces)
		return 0
	})
	edition := w.forms(t).Draft.Edition
	office, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = office.Rollback(context.Background()) }() // committed by then, or the test has failed
	if _, err := proposal.UseForm(t.Context(), office, by(w.officer, before), w.call, edition); err != nil {
		t.Fatal(err)
	}
	begun := make(chan error, 1)
	var begins proposal.ID
	go func() {
		begun <- pg.Tx(t.Context(), pool, func(tx pgx.Tx) (err error) {
			begins, err = proposal.Start(t.Context(), tx, by(w.head, before), w.call, w.organisation)
			return err
		})
	}()
	select {
	case err := <-begun:
		t.Fatalf("it does not wait: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	if err := office.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-begun; err != nil {
		t.Fatal(err)
	}
	if same := insert[bool](t, w, `select p.form_id = c.form_id from proposals p join calls c on c.id = p.call_id where p.id = $1`, begins); !same {
		t.Error("it began in the form that was")
	}
}
