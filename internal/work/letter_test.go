package work

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/mail/mailtest"
	"daubang/internal/people"
	"daubang/internal/words"
)

// many are people to write to.
func (w *world) many(t *testing.T, n int) []people.ID {
	t.Helper()
	ids := make([]people.ID, n)
	for i := range ids {
		ids[i] = w.person(t, "Người Nhận", words.Vi)
	}
	return ids
}

func TestLettersAreDelivered(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{STARTTLS: true, User: "u", Password: "p"})
	stop := start(t, w.options(t, s))
	w.queue(t, letter.Known, letter.About{}, w.many(t, 60)...)
	w.queue(t, letter.Receipt, w.about(), w.head, w.writer)
	eventually(t, "all are sent", w.settled(t))
	stop()
	got := messageIDs(t, s.Received())
	for _, l := range w.letters(t) {
		if l.State != letter.Sent || l.Tries != 1 || l.LastError != "" || l.Leased || got[l.ID.String()+"@daubang.example.vn"] != 1 {
			t.Errorf("%+v, received %d times", l, got[l.ID.String()+"@daubang.example.vn"])
		}
	}
	if len(got) != 62 || len(w.unfinished(t)) > 0 {
		t.Error(len(got), w.unfinished(t))
	}
}

func TestServerDownThenUp(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	s.Stop()
	start(t, w.options(t, s))
	w.queue(t, letter.Known, letter.About{}, w.many(t, 20)...)
	eventually(t, "every letter was tried three times", func() bool { return w.id(t, `select min(tries) from letters`) >= 3 })
	for _, l := range w.letters(t) {
		if l.State != letter.Queued || !strings.Contains(l.LastError, "refused") {
			t.Errorf("%+v", l)
		}
	}
	s.Restart(t)
	eventually(t, "all are sent", w.settled(t))
	if got := messageIDs(t, s.Received()); len(got) != 20 || len(s.Received()) != 20 {
		t.Error(len(got), len(s.Received()))
	}
	if l := w.letters(t)[0]; l.State != letter.Sent || l.LastError != "" {
		t.Errorf("%+v", l)
	}
}

func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	s.Stop()
	o := w.options(t, s)
	o.pace.patience = time.Second
	start(t, o)
	w.queue(t, letter.Known, letter.About{}, w.head)
	eventually(t, "it is given up", w.settled(t))
	if l := w.one(t); l.State != letter.Failed || l.Tries < 2 || !strings.Contains(l.LastError, "refused") || l.Subject == "" {
		t.Errorf("%+v", l)
	}
}

// once makes a step answer with err the first so many times.
func once(s *mailtest.Server, step mailtest.Step, times int32, err error) *atomic.Int32 {
	var n atomic.Int32
	s.Answer(func(at mailtest.Step, _ string) error {
		if at == step && n.Add(1) <= times {
			return err
		}
		return nil
	})
	return &n
}

func TestPutOffIsTriedAgain(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	once(s, mailtest.Rcpt, 3, mailtest.Reply(451, [3]int{4, 3, 0}, "Để sau"))
	start(t, w.options(t, s))
	w.queue(t, letter.Known, letter.About{}, w.head)
	eventually(t, "it is sent", w.settled(t))
	if l := w.one(t); l.State != letter.Sent || l.Tries != 4 || len(s.Received()) != 1 {
		t.Errorf("%+v, received %d", l, len(s.Received()))
	}
}

func TestPutOffForEverFails(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	n := once(s, mailtest.Rcpt, 1000, mailtest.Reply(451, [3]int{4, 3, 0}, "Để sau"))
	start(t, w.options(t, s))
	w.queue(t, letter.Known, letter.About{}, w.head)
	eventually(t, "it is given up", w.settled(t))
	if l := w.one(t); l.State != letter.Failed || l.Tries != 10 || n.Load() != 10 || !strings.Contains(l.LastError, "451 4.3.0 Để sau") {
		t.Errorf("%+v, %d tries at the server", l, n.Load())
	}
}

func TestRefusedFailsAtOnceAndCanBeSentAgain(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	n := once(s, mailtest.Rcpt, 1, mailtest.Reply(550, [3]int{5, 1, 1}, "Không có người này"))
	start(t, w.options(t, s))
	w.queue(t, letter.Receipt, w.about(), w.head)
	eventually(t, "it is given up", w.settled(t))
	l := w.one(t)
	if l.State != letter.Failed || l.Tries != 1 || n.Load() != 1 || !strings.Contains(l.LastError, "550 5.1.1 Không có người này") || len(w.unfinished(t)) != 0 {
		t.Fatalf("%+v, %d tries", l, n.Load())
	}
	w.tx(t, func(ctx context.Context, tx pgx.Tx) error {
		return letter.Resend(ctx, tx, audit.Act{By: int64(w.officer), At: time.Now()}, l.ID)
	})
	eventually(t, "it is sent", w.settled(t))
	if l := w.one(t); l.State != letter.Sent || l.Tries != 2 || l.LastError != "" || len(s.Received()) != 1 {
		t.Errorf("%+v, received %d", l, len(s.Received()))
	}
}

func TestSilentServerIsLeft(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	hang := make(chan struct{})
	var n atomic.Int32
	s.Answer(func(at mailtest.Step, _ string) error {
		if at == mailtest.Mail && n.Add(1) == 1 {
			<-hang
		}
		return nil
	})
	t.Cleanup(func() { close(hang) })
	o := w.options(t, s)
	o.pace.job = time.Second
	start(t, o)
	w.queue(t, letter.Known, letter.About{}, w.head)
	eventually(t, "it is sent", w.settled(t))
	if l := w.one(t); l.State != letter.Sent || l.Tries != 2 || len(s.Received()) != 1 {
		t.Errorf("%+v, received %d", l, len(s.Received()))
	}
}

// TestSlowServer is not a fault: each letter takes its time, and no more than
// eight are on their way at once.
func TestSlowServer(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	var now, most atomic.Int32
	s.Answer(func(at mailtest.Step, _ string) error {
		if at == mailtest.Data {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(100 * time.Millisecond)
			now.Add(-1)
		}
		return nil
	})
	start(t, w.options(t, s))
	w.queue(t, letter.Known, letter.About{}, w.many(t, 40)...)
	eventually(t, "all are sent", w.settled(t))
	if len(s.Received()) != 40 || most.Load() > letterWorkers || most.Load() < 2 {
		t.Error(len(s.Received()), "received,", most.Load(), "at once")
	}
}

func TestTwoWorkersNeverBothSend(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	s.Answer(func(at mailtest.Step, _ string) error {
		if at == mailtest.Data {
			time.Sleep(30 * time.Millisecond)
		}
		return nil
	})
	w.queue(t, letter.Known, letter.About{}, w.many(t, 50)...)
	// Each letter has three jobs, as it never should.
	w.exec(t, `insert into river_job (kind, args, queue, max_attempts, state) select kind, args, queue, max_attempts, state from river_job, generate_series(1, 2) where kind = 'send_letter'`)
	stop1, stop2 := start(t, w.options(t, s)), start(t, w.options(t, s))
	eventually(t, "all are sent", w.settled(t))
	stop1()
	stop2()
	got := messageIDs(t, s.Received())
	if len(got) != 50 || len(s.Received()) != 50 {
		t.Errorf("%d letters received %d times", len(got), len(s.Received()))
	}
}

// TestAnswerLostIsSentAgain: the server took it and its answer was lost; the
// mailbox gets it twice, under one Message-ID.
func TestAnswerLostIsSentAgain(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	once(s, mailtest.Kept, 1, mailtest.Cut)
	start(t, w.options(t, s))
	w.queue(t, letter.Known, letter.About{}, w.head)
	eventually(t, "it is sent", w.settled(t))
	if got := messageIDs(t, s.Received()); len(got) != 1 || len(s.Received()) != 2 {
		t.Error(got)
	}
}

// TestAnswerAlwaysLost: a server that takes letters and never says so gets each
// a bounded number of times.
func TestAnswerAlwaysLost(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	once(s, mailtest.Kept, 1000, mailtest.Cut)
	start(t, w.options(t, s))
	w.queue(t, letter.Known, letter.About{}, w.head)
	eventually(t, "it is given up", w.settled(t))
	if l := w.one(t); l.State != letter.Failed || !strings.Contains(l.LastError, "was lost") || len(s.Received()) != 10 || len(messageIDs(t, s.Received())) != 1 {
		t.Error(l, len(s.Received()))
	}
}

func TestWithoutServerLettersWaitInTheOutbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := start(t, w.options(t, nil))
	w.queue(t, letter.Receipt, w.about(), w.head, w.writer)
	w.queue(t, letter.Known, letter.About{}, w.many(t, 600)...)
	eventually(t, "all are worded", w.settled(t))
	stop()
	for _, l := range w.letters(t) {
		if l.State != letter.Outbox || l.Subject == "" || l.BodyText == "" || l.BodyHTML == "" || l.Tries != 0 || l.Leased {
			t.Fatalf("%+v", l)
		}
	}
	if left := w.unfinished(t); len(left) > 0 {
		t.Fatal("jobs left:", left)
	}
	// A mail server is set up, and two workers start at once.
	s := mailtest.Start(t, mailtest.Options{})
	start(t, w.options(t, s))
	start(t, w.options(t, s))
	eventually(t, "all are sent", func() bool { return w.id(t, `select count(*) from letters where state <> 'sent'`) == 0 })
	if got := messageIDs(t, s.Received()); len(got) != 602 || len(s.Received()) != 602 {
		t.Errorf("%d letters received %d times", len(got), len(s.Received()))
	}
}

// TestLostJobsAreReplaced: a letter that waits and has no job gets one.
func TestLostJobsAreReplaced(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	w.queue(t, letter.Known, letter.About{}, w.many(t, 3)...)
	w.exec(t, `delete from river_job where id = (select min(id) from river_job where kind = 'send_letter')`)
	w.exec(t, `update river_job set state = 'discarded', finalized_at = now() where id = (select min(id) from river_job where kind = 'send_letter')`)
	w.exec(t, `update letters set queued_at = '2020-01-01'`)
	o := w.options(t, s)
	for range 2 { // the second time there is nothing to do
		if err := requeueLetters(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.unfinished(t)); n != 3 {
		t.Fatal(n, "jobs for three letters")
	}
	start(t, o)
	eventually(t, "all are sent", w.settled(t))
	if len(s.Received()) != 3 {
		t.Error(len(s.Received()))
	}
}

func TestRoundsAreMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(t, `insert into tries (bucket, window_at, n) values ('x', '2020-01-01', 1)`)
	start(t, w.options(t, nil))
	start(t, w.options(t, nil))
	eventually(t, "each round was made", func() bool {
		return w.id(t, `select count(*) from river_job where kind = 'round' and state = 'completed'`) == int64(len(rounds))
	})
	if n := w.id(t, `select count(*) from tries`); n != 0 {
		t.Error("old tries are kept:", n)
	}
	if n := w.id(t, `select count(*) from river_job where kind = 'round'`); n != int64(len(rounds)) {
		t.Error(n, "jobs for", len(rounds), "rounds")
	}
}

func TestStopFinishesWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	under := make(chan struct{}, 100)
	s.Answer(func(at mailtest.Step, _ string) error {
		if at == mailtest.Data {
			under <- struct{}{}
			time.Sleep(500 * time.Millisecond)
		}
		return nil
	})
	stop := start(t, w.options(t, s))
	w.queue(t, letter.Known, letter.About{}, w.many(t, 30)...)
	<-under
	stop()
	sent := w.id(t, `select count(*) from letters where state = 'sent'`)
	if sent == 0 || int(sent) != len(s.Received()) || w.id(t, `select count(*) from letters where lease_until is not null`) != 0 {
		t.Errorf("%d sent, %d received", sent, len(s.Received()))
	}
	if left := w.id(t, `select count(*) from river_job where state = 'running'`); left != 0 {
		t.Error(left, "jobs left running")
	}
}

func TestJitter(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for range 1000 {
		d := jitter(time.Minute)
		if d < 48*time.Second || d > 72*time.Second {
			t.Fatal(d)
		}
		seen[d] = true
	}
	if len(seen) < 100 {
		t.Error("they come back together")
	}
	var all time.Duration
	for _, d := range usual.deferred {
		all += d
	}
	if len(usual.deferred) != 9 || all < 5*time.Hour || all > 7*time.Hour {
		t.Error("ten tries span", all)
	}
	if last := usual.unreachable[len(usual.unreachable)-1]; last*6/5 > 15*time.Minute {
		t.Error("letters go out later than 15 minutes after the server is back:", last)
	}
	if usual.job >= usual.lease || usual.lease >= usual.rescue {
		t.Error("a lease must outlast a job, and a rescue a lease")
	}
}
