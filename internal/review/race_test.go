package review_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
	"daubang/internal/review"
)

// committed is a world that several transactions can meet in.
func committed(t *testing.T, prepare func(w *world)) (*pgxpool.Pool, *world) {
	t.Helper()
	pool := pgtest.New(t)
	var w *world
	if err := pg.Tx(t.Context(), pool, func(tx pgx.Tx) error {
		w = newWorld(t, tx)
		prepare(w)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return pool, w
}

// together runs acts at the same time, each in a transaction, and says how they
// ended.
func together(t *testing.T, pool *pgxpool.Pool, acts ...func(pgx.Tx) error) []error {
	t.Helper()
	ends := make([]error, len(acts))
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i, act := range acts {
		wg.Go(func() {
			<-start
			ends[i] = pg.Tx(t.Context(), pool, act)
		})
	}
	close(start)
	wg.Wait()
	return ends
}

// An officer asks a reviewer again while that reviewer declares a conflict:
// whoever is first, nothing is left open.
func TestAssignAgainstConflict(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for range 8 {
		var id review.ID
		pool, w := committed(t, func(w *world) { w.open(t); id = w.accepted(t, w.r1) })
		ends := together(t, pool,
			func(tx pgx.Tx) error { return review.DeclareConflict(ctx, tx, by(w.r1), id, "money", "") },
			func(tx pgx.Tx) error {
				if err := review.Unassign(ctx, tx, by(w.officer), id, ""); err != nil {
					return err
				}
				_, err := review.Assign(ctx, tx, by(w.officer), w.p, w.r1, due)
				return err
			})
		if ends[0] != nil {
			t.Errorf("the conflict was refused: %v", ends[0])
		}
		state, err := pg.Value[string](ctx, pool, `select state from assignments where id = $1`, id)
		if err != nil || state != "conflict" {
			t.Errorf("the assignment is %s, %v (%v)", state, err, ends)
		}
		if n, _ := pg.Value[int](ctx, pool, `select reviews_assigned from proposals where id = $1`, w.p); n != 0 {
			t.Errorf("%d reviewers are counted", n)
		}
	}
}

func TestSendTwiceAtOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var id review.ID
	pool, w := committed(t, func(w *world) {
		w.open(t)
		id = w.accepted(t, w.r1)
		if _, err := review.Save(ctx, w.tx, by(w.r1), id, whole(4), 0); err != nil {
			t.Fatal(err)
		}
	})
	send := func(tx pgx.Tx) error { return review.Send(ctx, tx, by(w.r1), id, 1) }
	sent := 0
	for _, err := range together(t, pool, send, send, send, send) {
		if err == nil {
			sent++
		} else if !errors.Is(err, problem.Conflict) {
			t.Errorf("refused with %v", err)
		}
	}
	if sent != 1 {
		t.Errorf("sent %d times", sent)
	}
	if n, _ := pg.Value[int](ctx, pool, `select count(*) from letters where kind = 'reviews_in'`); n != 1 {
		t.Errorf("%d letters, want one", n)
	}
	if n, _ := pg.Value[int](ctx, pool, `select count(*) from audit_events where verb = 'send_review'`); n != 1 {
		t.Errorf("%d events, want one", n)
	}
}

// The last two sheets come in at the same moment: both count, and the officers
// hear once.
func TestTheLastTwoAtOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var a, b review.ID
	pool, w := committed(t, func(w *world) {
		w.open(t)
		a, b = w.accepted(t, w.r1), w.accepted(t, w.r2)
		for _, save := range []error{
			second(review.Save(ctx, w.tx, by(w.r1), a, whole(3), 0)), second(review.Save(ctx, w.tx, by(w.r2), b, whole(5), 0)),
		} {
			if save != nil {
				t.Fatal(save)
			}
		}
	})
	for _, err := range together(t, pool,
		func(tx pgx.Tx) error { return review.Send(ctx, tx, by(w.r1), a, 1) },
		func(tx pgx.Tx) error { return review.Send(ctx, tx, by(w.r2), b, 1) }) {
		if err != nil {
			t.Error(err)
		}
	}
	got, err := pg.Value[string](ctx, pool, `select reviews_sent || ' ' || score_mean || ' ' || (select count(*) from letters where kind = 'reviews_in') from proposals where id = $1`, w.p)
	if err != nil || got != "2 80.00 1" {
		t.Errorf("sent, mean and letters: %s, %v", got, err)
	}
}

func second(_ int, err error) error { return err }
