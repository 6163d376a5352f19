package decision_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/decision"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

func TestRelease(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	a, b := w.proposal(t, "A", []int{5}, nil), w.proposal(t, "B", []int{4}, nil)
	c, d := w.proposal(t, "C", []int{3}, nil), w.proposal(t, "D", []int{2}, nil)
	open := w.proposal(t, "open", []int{2}, nil)
	gone := w.proposal(t, "gone", []int{2}, nil)
	w.stage(t, a, grant(asked))
	w.stage(t, b, decision.Content{Outcome: decision.Conditional, Amount: 100_000_000, Conditions: "Bổ sung kế hoạch an toàn", Reason: "Khá"})
	w.stage(t, c, decision.Content{Outcome: decision.Waitlisted, Reason: "Hết tiền"})
	w.stage(t, d, decision.Content{Outcome: decision.Declined, Reason: "Thấp"})
	w.stage(t, gone, grant(asked))
	exec(t, w.tx, `update proposals set status = 'withdrawn' where id = $1`, gone)

	plan, err := decision.Planned(ctx, w.tx, w.officer, w.call)
	if err != nil {
		t.Fatal(err)
	}
	wantCounts := map[decision.Outcome]int{decision.Approved: 1, decision.Conditional: 1, decision.Waitlisted: 1, decision.Declined: 1}
	if diff := cmp.Diff(wantCounts, plan.Counts); diff != "" || plan.Staged != 400_000_000 || plan.Committed != 0 || plan.Undecided != 1 || plan.Envelope != envelope {
		t.Errorf("plan %+v\n%s", plan, diff)
	}
	if to := plan.Lines[0].To; !slices.Equal(to, []string{"Trưởng Nhóm", "Người Viết"}) {
		t.Errorf("the letter would go to %q, want head and writer", to)
	}
	if n, err := w.release(t); n != 4 || err != nil {
		t.Fatalf("released %d, %v", n, err)
	}
	for p, want := range map[proposal.ID]string{a: "approved", b: "conditional", c: "waitlisted", d: "declined", open: "in_review", gone: "withdrawn"} {
		if got := w.status(t, p); got != want {
			t.Errorf("%s became %s, want %s", p, got, want)
		}
	}
	told := value[string](t, w.tx, `
		select string_agg(p.title || ' ' || w.name, ', ' order by p.title, w.name) from letters l join proposals p on p.id = l.proposal_id join people w on w.id = l.person_id where l.kind = 'decision'`)
	if want := "Dự án A Người Viết, Dự án A Trưởng Nhóm, Dự án B Người Viết, Dự án B Trưởng Nhóm, Dự án C Người Viết, Dự án C Trưởng Nhóm, Dự án D Người Viết, Dự án D Trưởng Nhóm"; told != want {
		t.Errorf("told %s\nwant %s", told, want)
	}
	_, err = w.release(t)
	refused(t, err, problem.Conflict, "decision.nothing_to_release")
}

// A place on the waiting list may become a grant by another decision; the first
// is kept, superseded.
func TestWaitingListMovesUp(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), newWorld(t, pgtest.Tx(t))
	p := w.proposal(t, "A", []int{4}, nil)
	w.stage(t, p, decision.Content{Outcome: decision.Waitlisted, Reason: "Hết tiền"})
	if _, err := w.release(t); err != nil {
		t.Fatal(err)
	}
	w.stage(t, p, grant(asked))
	if n, err := w.release(t); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if got := w.status(t, p); got != "approved" {
		t.Errorf("became %s", got)
	}
	list, err := decision.Of(ctx, w.tx, w.officer, p)
	if err != nil || len(list) != 2 || decision.In(list, decision.Released).Outcome != decision.Approved || decision.In(list, decision.Superseded).Outcome != decision.Waitlisted {
		t.Errorf("%+v, %v", list, err)
	}
	if got, _ := decision.Of(ctx, w.tx, w.head, p); len(got) != 1 || got[0].Outcome != decision.Approved {
		t.Errorf("the applicant reads %+v", got)
	}
}

func TestReleaseRefuses(t *testing.T) {
	t.Parallel()
	ctx := t.Context()

	t.Run("who is no officer", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, pgtest.Tx(t))
		w.stage(t, w.proposal(t, "A", []int{5}, nil), grant(1))
		plan, _ := decision.Planned(ctx, w.tx, w.officer, w.call)
		for name, who := range map[string]people.ID{"stranger": w.stranger, "head": w.head, "auditor": w.auditor, "chair": w.chair} {
			if _, err := decision.Release(ctx, w.tx, by(who), w.call, plan.Seen); !errors.Is(err, problem.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
			if got, err := decision.Planned(ctx, w.tx, who, w.call); name != "auditor" && (err != nil || len(got.Lines) != 0 || got.Staged != 0) {
				t.Errorf("%s reads the plan: %+v, %v", name, got, err)
			}
		}
		exec(t, w.tx, `update calls set status = 'draft' where id = $1`, w.call)
		if _, err := decision.Release(ctx, w.tx, by(w.stranger), w.call, plan.Seen); !errors.Is(err, problem.NotFound) {
			t.Errorf("a call that is not to be seen: %v", err)
		}
	})
	t.Run("more than there is", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, pgtest.Tx(t))
		for i := range 4 { // 1.2 milliard of one
			w.stage(t, w.proposal(t, strings.Repeat("A", i+1), []int{5}, nil), grant(asked))
		}
		plan, err := decision.Planned(ctx, w.tx, w.officer, w.call)
		if err != nil || plan.Over() != 200_000_000 {
			t.Errorf("over by %d, %v", plan.Over(), err)
		}
		_, err = w.release(t)
		refused(t, err, problem.Conflict, "decision.over_envelope")
		if n := value[int](t, w.tx, `select count(*) from proposals where call_id = $1 and status <> 'in_review'`, w.call); n != 0 {
			t.Errorf("%d moved all the same", n)
		}
	})
	t.Run("more than is left", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, pgtest.Tx(t))
		for i := range 3 {
			w.stage(t, w.proposal(t, strings.Repeat("A", i+1), []int{5}, nil), grant(asked))
		}
		if _, err := w.release(t); err != nil {
			t.Fatal(err)
		}
		p := w.proposal(t, "B", []int{5}, nil)
		w.stage(t, p, grant(100_000_001))
		_, err := w.release(t)
		refused(t, err, problem.Conflict, "decision.over_envelope")
		if err := decision.Stage(ctx, w.tx, by(w.officer), p, grant(100_000_000), noon); err != nil {
			t.Fatal(err)
		}
		if n, err := w.release(t); n != 1 || err != nil {
			t.Errorf("to the last đồng: %d, %v", n, err)
		}
	})
	t.Run("what nobody confirmed", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, pgtest.Tx(t))
		p := w.proposal(t, "A", []int{5}, nil)
		w.stage(t, p, grant(asked))
		plan, _ := decision.Planned(ctx, w.tx, w.officer, w.call)
		act := by(w.officer)
		act.At = noon.Add(time.Second)
		if err := decision.Stage(ctx, w.tx, act, p, decision.Content{Outcome: decision.Declined, Reason: "Đổi ý"}, noon); err != nil {
			t.Fatal(err)
		}
		for _, seen := range []string{plan.Seen, ""} {
			_, err := decision.Release(ctx, w.tx, act, w.call, seen)
			refused(t, err, problem.Conflict, "decision.plan_changed")
		}
	})
	t.Run("what the officer must not see", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, pgtest.Tx(t))
		w.stage(t, w.proposal(t, "A", []int{5}, nil), grant(asked))
		other := w.person(t, "Cán Bộ Hai")
		w.role(t, other, "officer", w.programme, 0)
		w.join(t, other, "reader")
		plan, err := decision.Planned(ctx, w.tx, other, w.call)
		if err != nil || len(plan.Lines) != 0 {
			t.Errorf("%+v, %v", plan, err)
		}
		_, err = decision.Release(ctx, w.tx, by(other), w.call, plan.Seen)
		refused(t, err, problem.Conflict, "decision.nothing_to_release")
	})
}

// Two officers press the button at the same moment: one releases, the other is
// told in words, every applicant hears once.
func TestReleaseTwiceAtOnce(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	var w *world
	var plan decision.Plan
	if err := pg.Tx(ctx, pool, func(tx pgx.Tx) error {
		w = newWorld(t, tx)
		for i := range 20 {
			w.stage(t, w.proposal(t, strings.Repeat("A", i+1), []int{5}, nil), grant(1_000_000))
		}
		var err error
		plan, err = decision.Planned(ctx, tx, w.officer, w.call)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	ends := make([]error, 4)
	var wg sync.WaitGroup
	for i := range ends {
		wg.Go(func() {
			ends[i] = pg.Tx(ctx, pool, func(tx pgx.Tx) error {
				_, err := decision.Release(ctx, tx, by(w.officer), w.call, plan.Seen)
				return err
			})
		})
	}
	wg.Wait()
	released := 0
	for _, err := range ends {
		if err == nil {
			released++
		} else {
			refused(t, err, problem.Conflict, "decision.nothing_to_release")
		}
	}
	if released != 1 {
		t.Errorf("released %d times", released)
	}
	if n, _ := pg.Value[int](ctx, pool, `select count(*) from letters where kind = 'decision'`); n != 40 {
		t.Errorf("%d letters, want 40: two people, twenty proposals", n)
	}
}

// counter counts statements.
type counter struct{ n atomic.Int64 }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n.Add(1)
	return ctx
}

func (*counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// A release costs the same few statements for two proposals as for thirty.
func TestReleaseIsAFewStatements(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	var c counter
	conf := pool.Config().Copy()
	conf.ConnConfig.Tracer = &c
	counted, err := pgxpool.NewWithConfig(ctx, conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(counted.Close)
	var costs []int64
	for _, many := range []int{2, 30} {
		if err := pg.Tx(ctx, counted, func(tx pgx.Tx) error {
			w := newWorld(t, tx)
			for i := range many {
				w.stage(t, w.proposal(t, strings.Repeat("A", i+1), nil, nil), grant(1_000_000))
			}
			plan, err := decision.Planned(ctx, tx, w.officer, w.call)
			if err != nil {
				return err
			}
			c.n.Store(0)
			n, err := decision.Release(ctx, tx, by(w.officer), w.call, plan.Seen)
			if n != many {
				t.Errorf("released %d", n)
			}
			costs = append(costs, c.n.Load())
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	const learning = 2 // pgx may ask once more about a type it has not met on this connection
	if costs[1] > costs[0]+learning || costs[1] > 20 {
		t.Errorf("two cost %d statements, thirty %d", costs[0], costs[1])
	}
}
