package deadline_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/deadline"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/proposal"
)

func days(n float64) time.Duration { return time.Duration(n * float64(24*time.Hour)) }

// TestRemindersByTheDay walks the clock hour by hour from the beginning to after
// the end, and counts who was reminded of what and when. One organisation never
// writes, the other writes every two days.
func TestRemindersByTheDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	type reminded struct {
		kind string
		at   time.Time
	}
	var here, there []reminded
	for at := begun; at.Before(closes.Add(days(2))); at = at.Add(time.Hour) {
		if int(at.Sub(begun)/time.Hour)%48 == 0 && at.Before(closes) {
			w.exec(t, `update proposals set updated_at = $2 where id = $1`, w.there.draft, at)
		}
		w.remind(t, at)
	}
	for h, list := range map[proposal.ID]*[]reminded{w.here.draft: &here, w.there.draft: &there} {
		rows, err := w.tx.Query(t.Context(), `select kind, sent_at from reminders where proposal_id = $1 and person_id in ($2, $3) order by sent_at, kind`, h, w.here.head, w.there.head)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var r reminded
			if err := rows.Scan(&r.kind, &r.at); err != nil {
				t.Fatal(err)
			}
			*list = append(*list, r)
		}
	}
	stages := []reminded{{"days_7", closes.Add(-days(7))}, {"days_3", closes.Add(-days(3))}, {"days_1", closes.Add(-days(1))}}
	equal := func(a, b reminded) bool { return a.kind == b.kind && a.at.Equal(b.at) }
	if !slices.EqualFunc(there, stages, equal) {
		t.Errorf("who writes was reminded %v", there)
	}
	if !slices.EqualFunc(here, append([]reminded{{"idle", begun.Add(days(5))}}, stages...), equal) {
		t.Errorf("who does not write was reminded %v", here)
	}
	for _, h := range []house{w.here, w.there} {
		if to := w.letters(t, h, letter.Reminder); len(to) != 6 || slices.Contains(to, h.reader) {
			t.Errorf("%s: %v", h.name, to)
		}
	}
}

// TestAfterAPause: whatever was missed, each is reminded of one thing.
func TestAfterAPause(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		left time.Duration
		want string // the kinds, each once a person
	}{
		{days(6.5), "days_7"},
		{days(3.5), ""}, // the next stage is near: it waits for that
		{days(2.9), "days_3"},
		{days(1.5), ""},
		{days(0.5), "days_1"},
		{0, ""},
		{days(-1), ""},
	} {
		w := newWorld(t)
		at := closes.Add(-x.left)
		n := w.remind(t, at)
		kinds := insert[string](t, w, `select coalesce(string_agg(distinct kind, ' '), '') from reminders where proposal_id in ($1, $2)`, w.here.draft, w.there.draft)
		if kinds != x.want || x.want != "" && n != 4 {
			t.Errorf("%s before: %d of %q, want %q", x.left, n, kinds, x.want)
		}
		if again := w.remind(t, at.Add(time.Minute)); again != n {
			t.Errorf("%s before, a minute later: %d, and %d", x.left, n, again)
		}
	}
}

// TestWhoIsNotReminded: who switched it off, whose account is closed, who sent it
// or began late; nobody before the call opens.
func TestWhoIsNotReminded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := closes.Add(-days(2.9))
	w.exec(t, `update people set reminders = false where id = $1`, w.here.head)
	w.exec(t, `update people set disabled_at = $2 where id = $1`, w.here.writer, begun)
	w.exec(t, `update proposals set created_at = $2, updated_at = $2 where id = $1`, w.there.draft, closes.Add(-days(2.95)))
	if n := w.remind(t, at); n != 0 {
		t.Errorf("%d reminders", n)
	}
	if n := w.remind(t, closes.Add(-days(0.9))); n != 2 {
		t.Errorf("%d reminders on the last day, want the two who began late", n)
	}
	sent := newWorld(t)
	sent.exec(t, `update proposals set status = 'submitted', submitted_at = $2 where id in ($1, $3)`, sent.here.draft, begun, sent.there.draft)
	if n := sent.remind(t, at); n != 0 {
		t.Errorf("%d reminders of what was sent", n)
	}
	soon := newWorld(t)
	soon.exec(t, `update calls set opens_at = $2 where id = $1`, soon.call, closes.Add(-days(1)))
	if n := soon.remind(t, closes.Add(-days(6))); n != 0 {
		t.Errorf("%d reminders before the call opens", n)
	}
}

// TestRemindersFollowAnExtension: the stages count to the deadline that holds for
// the organisation, and start anew; a stage that had passed when they were told
// is not repeated.
func TestRemindersFollowAnExtension(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.remind(t, closes.Add(-days(1)))
	e := w.entry(w.here)
	e.ClosesOn = "01/03/2027" // three days later
	w.extend(t, closes.Add(-time.Hour), e)
	before := w.remind(t, closes.Add(-time.Minute))
	if n := w.remind(t, closes.Add(days(1.9))); n != before {
		t.Errorf("reminded again of stages that had passed: %d, %d", before, n)
	}
	if n := w.remind(t, closes.Add(days(2.1))); n != before+2 {
		t.Errorf("not reminded of the last day of the new deadline: %d, %d", before, n)
	}
}

// TestIdleOnceASpell: one letter for each spell of silence.
func TestIdleOnceASpell(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(t, `update proposals set status = 'withdrawn' where id = $1`, w.there.draft)
	for _, x := range []struct {
		at   time.Time
		want int // letters so far
	}{{begun.Add(days(4.9)), 0}, {begun.Add(days(5)), 2}, {begun.Add(days(7)), 2}} {
		if w.remind(t, x.at); len(w.letters(t, w.here, letter.Idle)) != x.want {
			t.Errorf("after %s: %v", x.at.Sub(begun), w.letters(t, w.here, letter.Idle))
		}
	}
	w.exec(t, `update proposals set updated_at = $2 where id = $1`, w.here.draft, begun.Add(days(7)))
	if w.remind(t, begun.Add(days(12))); len(w.letters(t, w.here, letter.Idle)) != 2 {
		t.Error("a day before the seven-day reminder it waits for that")
	}
	if w.remind(t, begun.Add(days(13))); len(w.letters(t, w.here, letter.Reminder)) != 2 || len(w.letters(t, w.here, letter.Idle)) != 2 {
		t.Error("the seven-day reminder came, and nothing within a day of it")
	}
	if w.remind(t, begun.Add(days(14.5))); len(w.letters(t, w.here, letter.Idle)) != 4 {
		t.Error("a second spell of silence was not told")
	}
}

// TestTwoWorkersRemindOnce: two at once write each reminder once.
func TestTwoWorkersRemindOnce(t *testing.T) {
	t.Parallel()
	w, run := commit(t)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if err := run(t.Context(), func(tx pgx.Tx) error {
				_, err := deadline.Remind(t.Context(), tx, audit.Act{At: closes.Add(-days(2.5))})
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := run(t.Context(), func(tx pgx.Tx) error {
		w.tx = tx
		for _, h := range []house{w.here, w.there} {
			want := []people.ID{h.head, h.writer}
			slices.Sort(want)
			if got := w.letters(t, h, letter.Reminder); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", h.name, got, want)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
