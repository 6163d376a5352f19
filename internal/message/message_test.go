package message_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/message"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/portaltest"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/rubric"
)

// world is the tests' world, in a database of its own.
type world struct {
	portaltest.World
	db *pgxpool.Pool
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{db: pgtest.New(t)}
	err := pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error {
		_, err1 := form.InstallDefault(t.Context(), tx, portaltest.Now)
		_, err2 := rubric.InstallDefault(t.Context(), tx, portaltest.Now)
		return errors.Join(err1, err2)
	})
	if err == nil {
		w.World, err = portaltest.Build(t.Context(), w.db)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) do(t *testing.T, fn func(context.Context, pgx.Tx) error) error {
	t.Helper()
	return pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error { return fn(t.Context(), tx) })
}

// send writes as a persona, so many minutes after the world's moment.
func (w *world) send(t *testing.T, who, state string, minutes int, text string) error {
	t.Helper()
	return w.do(t, func(ctx context.Context, tx pgx.Tx) error {
		_, err := message.Send(ctx, tx, w.act(who, minutes), proposal.ID(w.Proposal[state]), w.last(t, state), text)
		return err
	})
}

// last is the last message of a thread, 0 where there is none.
func (w *world) last(t *testing.T, state string) message.ID {
	t.Helper()
	all, err := pg.Values[message.ID](t.Context(), w.db, `select id from messages where proposal_id = $1 order by sent_at desc, id desc limit 1`, w.Proposal[state])
	if err != nil || len(all) == 0 {
		return 0
	}
	return all[0]
}

func (w *world) act(who string, minutes int) audit.Act {
	return audit.Act{By: w.People[who], At: portaltest.Now.Add(time.Duration(minutes) * time.Minute)}
}

// told is to whom letters about a thread were queued, by persona.
func (w *world) told(t *testing.T, state string) string {
	t.Helper()
	to, err := pg.Values[string](t.Context(), w.db, `select split_part(address, '@', 1) from letters where kind = 'message' and proposal_id = $1 order by queued_at, address`, w.Proposal[state])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(to, " ")
}

// TestThread: what both sides write, each sees; the office has no names for the
// applicant; those who judge see nothing.
func TestThread(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, m := range []struct{ who, text string }{{"WR", "Xin hỏi về bảng ngân sách"}, {"PO", "Mời xem mục 5.\nCó mẫu ở trang của đợt."}, {"HD", "Cảm ơn"}} {
		if err := w.send(t, m.who, "in_review", i, m.text); err != nil {
			t.Fatal(m.who, err)
		}
	}
	if err := w.send(t, "HD", "in_review", 3, "Cảm ơn"); err != nil { // a click twice
		t.Fatal(err)
	}
	for who, want := range map[string]string{
		"WR": "Người WR|*|Người HD", "RD": "Người WR||Người HD", "PO": "Người WR|Người PO|Người HD", "AU": "Người WR|Người PO|Người HD", "OH": "Người WR||Người HD",
		"RA": "", "RC": "", "CH": "", "PX": "", "OX": "", "AD": "",
	} {
		thread, err := message.Thread(t.Context(), w.db, people.ID(w.People[who]), proposal.ID(w.Proposal["in_review"]))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, m := range thread {
			names = append(names, m.Author)
		}
		want = strings.ReplaceAll(want, "*", "")
		if got := strings.Join(names, "|"); got != want {
			t.Errorf("%s sees %q, want %q", who, got, want)
		}
	}
	history, err := proposal.History(t.Context(), w.db, people.ID(w.People["RD"]), proposal.ID(w.Proposal["in_review"]))
	if err != nil || history[0].Verb != "message" || history[0].Who != "Người HD" || history[1].Who != "" {
		t.Errorf("%+v, %v", history, err)
	}
}

func TestWhoMayWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, x := range []struct {
		who, state string
		want       error
	}{
		{"RD", "submitted", problem.Forbidden},
		{"AU", "submitted", problem.Forbidden},
		{"PX", "submitted", problem.NotFound},
		{"OX", "submitted", problem.NotFound},
		{"RA", "in_review", problem.NotFound},
		{"CH", "in_review", problem.NotFound},
		{"RC", "in_review", problem.NotFound},
		{"AD", "submitted", problem.NotFound},
		{"WR", "draft", problem.Conflict},
		{"PO", "draft", problem.NotFound},
		{"WR", "submitted", nil},
		{"OH", "submitted", nil},
		{"PO", "withdrawn", nil},
	} {
		if err := w.send(t, x.who, x.state, 0, "Xin chào"); !errors.Is(err, x.want) {
			t.Errorf("%s about %s: %v, want %v", x.who, x.state, err, x.want)
		}
	}
	for name, text := range map[string]string{"nothing": "", "too much": strings.Repeat("ế", message.MaxChars+1)} {
		if wrong, _ := errors.AsType[problem.Invalid](w.send(t, "WR", "submitted", 0, text)); wrong["text"].Key == "" {
			t.Errorf("%s was sent", name)
		}
	}
	if err := w.send(t, "WR", "submitted", 0, strings.Repeat("ế", message.MaxChars)); err != nil {
		t.Error(err)
	}
	for i := range message.MaxHour {
		_ = w.send(t, "HD", "submitted", 1, fmt.Sprint("Xin hỏi ", i))
	}
	if err := w.send(t, "HD", "submitted", 2, "Xin hỏi"); !errors.Is(err, problem.TooMany) {
		t.Error("there is no end to it:", err)
	}
	if err := w.send(t, "HD", "submitted", 62, "Xin hỏi"); err != nil {
		t.Error("an hour later:", err)
	}
}

// TestOneLetterAnHour: who has not read is told once an hour; who has, again.
func TestOneLetterAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, x := range []struct {
		who     string
		minutes int
		want    string
	}{
		{"WR", 0, "PO"},
		{"HD", 5, "PO"},
		{"WR", 61, "PO PO"},
		{"PO", 62, "PO PO HD@ OH@ WR@"},
		{"PO", 63, "PO PO HD@ OH@ WR@"},
		{"WR", 64, "PO PO HD@ OH@ WR@ PO"}, // who answers has read
		{"PO", 65, "PO PO HD@ OH@ WR@ PO WR@"},
	} {
		if err := w.send(t, x.who, "submitted", x.minutes, fmt.Sprint("Tin ", x.minutes)); err != nil {
			t.Fatal(err)
		}
		if got, want := w.told(t, "submitted"), strings.ReplaceAll(x.want, "@", ""); got != want {
			t.Errorf("after %s at %d: told %q, want %q", x.who, x.minutes, got, want)
		}
	}
	if err := w.do(t, func(ctx context.Context, tx pgx.Tx) error {
		return message.MarkRead(ctx, tx, w.act("HD", 66), proposal.ID(w.Proposal["submitted"]), w.last(t, "submitted"))
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.send(t, "PO", "submitted", 67, "Tin"); err != nil {
		t.Fatal(err)
	}
	if got := w.told(t, "submitted"); !strings.HasSuffix(got, " WR HD") {
		t.Errorf("who has read is not told again: %q", got)
	}
}

func TestUnreadAndAwaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := proposal.ID(w.Proposal["submitted"])
	unread := func(who string) int {
		t.Helper()
		n, err := message.Unread(t.Context(), w.db, people.ID(w.People[who]), id)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	waits := func(who string) []proposal.ID {
		t.Helper()
		list, err := message.Awaiting(t.Context(), w.db, people.ID(w.People[who]))
		if err != nil {
			t.Fatal(err)
		}
		var ids []proposal.ID
		for _, x := range list {
			ids = append(ids, x.ProposalID)
		}
		return ids
	}
	run := func(who string, minutes int, fn func(context.Context, pgx.Tx, audit.Act, proposal.ID, message.ID) error) error {
		t.Helper()
		return w.do(t, func(ctx context.Context, tx pgx.Tx) error {
			return fn(ctx, tx, w.act(who, minutes), id, w.last(t, "submitted"))
		})
	}
	if err := errors.Join(w.send(t, "WR", "submitted", 0, "Một"), w.send(t, "HD", "submitted", 1, "Hai")); err != nil {
		t.Fatal(err)
	}
	if unread("PO") != 2 || unread("WR") != 0 || unread("AU") != 0 || unread("RD") != 0 {
		t.Error(unread("PO"), unread("WR"), unread("AU"), unread("RD"))
	}
	if !slices.Equal(waits("PO"), []proposal.ID{id}) || !slices.Equal(waits("AU"), []proposal.ID{id}) || len(waits("OH")) != 0 || len(waits("PX")) != 0 || len(waits("WR")) != 0 {
		t.Error(waits("PO"), waits("AU"), waits("OH"), waits("PX"), waits("WR"))
	}
	if since, err := message.Awaits(t.Context(), w.db, people.ID(w.People["PO"]), id); err != nil || since == nil || !since.Equal(portaltest.Now) {
		t.Error("waits since", since, err)
	}
	for who, want := range map[string]error{"AU": problem.Forbidden, "RA": problem.NotFound, "PO": nil} {
		if err := run(who, 2, message.MarkRead); !errors.Is(err, want) {
			t.Errorf("%s marks: %v", who, err)
		}
	}
	if unread("PO") != 0 || len(waits("PO")) != 1 {
		t.Error("to read is not to answer")
	}
	for who, want := range map[string]error{"HD": problem.Forbidden, "AU": problem.Forbidden, "PX": problem.NotFound, "PO": nil} {
		if err := run(who, 3, message.Settle); !errors.Is(err, want) {
			t.Errorf("%s settles: %v", who, err)
		}
	}
	if len(waits("PO")) != 0 {
		t.Error("still waiting")
	}
	if err := errors.Join(w.send(t, "WR", "submitted", 4, "Ba"), w.send(t, "PO", "submitted", 5, "Bốn")); err != nil {
		t.Fatal(err)
	}
	if len(waits("PO")) != 0 || unread("WR") != 1 || unread("RD") != 1 || unread("PO") != 0 {
		t.Error("after an answer:", waits("PO"), unread("WR"), unread("RD"), unread("PO"))
	}
}

// TestOnlyWhatWasShown: what came while a page stood open is neither read nor
// answered by what is pressed on it.
func TestOnlyWhatWasShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, officer := proposal.ID(w.Proposal["submitted"]), people.ID(w.People["PO"])
	stands := func(unread int, since time.Duration) {
		t.Helper()
		n, err1 := message.Unread(t.Context(), w.db, officer, id)
		waiting, err2 := message.Awaits(t.Context(), w.db, officer, id)
		if err := errors.Join(err1, err2); err != nil || n != unread || waiting == nil || !waiting.Equal(portaltest.Now.Add(since)) {
			t.Errorf("%d unread, waiting since %v; %v", n, waiting, err)
		}
	}
	write := func(who string, minutes int, seen message.ID) {
		t.Helper()
		if err := w.do(t, func(ctx context.Context, tx pgx.Tx) error {
			_, err := message.Send(ctx, tx, w.act(who, minutes), id, seen, fmt.Sprint("Tin ", minutes))
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	press := func(fn func(context.Context, pgx.Tx, audit.Act, proposal.ID, message.ID) error, minutes int, seen message.ID) {
		t.Helper()
		if err := w.do(t, func(ctx context.Context, tx pgx.Tx) error { return fn(ctx, tx, w.act("PO", minutes), id, seen) }); err != nil {
			t.Fatal(err)
		}
	}
	write("WR", 0, 0)
	first := w.last(t, "submitted")
	write("WR", 1, first) // it comes while the officer reads the first
	second := w.last(t, "submitted")
	press(message.MarkRead, 2, 0) // a page without messages
	stands(2, 0)
	press(message.MarkRead, 2, first)
	stands(1, 0)
	press(message.Settle, 3, first)
	stands(1, time.Minute)
	press(message.MarkRead, 4, second)
	stands(0, time.Minute)
	press(message.MarkRead, 5, first) // an older page takes nothing back
	stands(0, time.Minute)
	write("WR", 6, 0)
	write("PO", 7, second) // an answer to the second
	stands(1, 6*time.Minute)
	press(message.MarkRead, 8, message.ID(w.Proposal["submitted"])) // no message
	stands(1, 6*time.Minute)
}
