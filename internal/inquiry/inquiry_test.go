package inquiry_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/form"
	"daubang/internal/inquiry"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/portaltest"
	"daubang/internal/problem"
	"daubang/internal/rubric"
)

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

func (w *world) do(t *testing.T, who string, hours int, fn func(context.Context, pgx.Tx, audit.Act) error) error {
	t.Helper()
	return pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error {
		return fn(t.Context(), tx, audit.Act{By: w.People[who], At: portaltest.Now.Add(time.Duration(hours) * time.Hour)})
	})
}

func (w *world) ask(t *testing.T, who string, hours int, text string) (id inquiry.ID, err error) {
	t.Helper()
	err = w.do(t, who, hours, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		id, err = inquiry.Ask(ctx, tx, act, call.ID(w.Call), text)
		return err
	})
	return id, err
}

func (w *world) settle(t *testing.T, who string, hours int, id inquiry.ID, r inquiry.Reply) error {
	t.Helper()
	return w.do(t, who, hours, func(ctx context.Context, tx pgx.Tx, act audit.Act) error { return inquiry.Settle(ctx, tx, act, id, r) })
}

// seen is what a persona sees of an inquiry: its text, who asked and the answers.
func (w *world) seen(t *testing.T, who string, id inquiry.ID) string {
	t.Helper()
	list, err := inquiry.Of(t.Context(), w.db, people.ID(w.People[who]), call.ID(w.Call))
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		if i.ID != id {
			continue
		}
		parts := []string{i.Text, i.Asker}
		for _, a := range i.Answers {
			parts = append(parts, a.Text+"/"+a.AnsweredBy)
		}
		return strings.Join(parts, "|")
	}
	return ""
}

func (w *world) told(t *testing.T, kind string) string {
	t.Helper()
	to, err := pg.Values[string](t.Context(), w.db, `select split_part(address, '@', 1) from letters where kind = $1 order by queued_at, address`, kind)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(to, " ")
}

var (
	public   = inquiry.Reply{Kind: "public", PublicText: "Hợp tác xã có nộp được không?", Text: "Được."}
	private  = inquiry.Reply{Kind: "private", Text: "Trả lời riêng"}
	declined = inquiry.Reply{Kind: "declined", Text: "Ngoài phạm vi"}
)

// TestWhoSeesWhat: everybody reads what is published, in its public words and
// without who asked; the rest is the asker's and the office's.
func TestWhoSeesWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ids []inquiry.ID
	for i, r := range []*inquiry.Reply{nil, &public, &private, &declined} {
		id, err := w.ask(t, "OX", 2*i, "Hợp tác xã Bến Đậu nộp được không?") // hours apart: sooner it would be one
		if err != nil {
			t.Fatal(err)
		}
		if r != nil {
			if err := w.settle(t, "PO", 2*i+1, id, *r); err != nil {
				t.Fatal(err)
			}
		}
		ids = append(ids, id)
	}
	asked := "Hợp tác xã Bến Đậu nộp được không?"
	for who, want := range map[string][4]string{
		"OX": {asked + "|", asked + "||Được./", asked + "||Trả lời riêng/", asked + "||Ngoài phạm vi/"},
		"PO": {asked + "|Người OX", asked + "|Người OX|Được./Người PO", asked + "|Người OX|Trả lời riêng/Người PO", asked + "|Người OX|Ngoài phạm vi/Người PO"},
		"AN": {"", public.PublicText + "||Được./", "", ""},
		"WR": {"", public.PublicText + "||Được./", "", ""},
		"PX": {"", public.PublicText + "||Được./", "", ""},
		"RA": {"", public.PublicText + "||Được./", "", ""},
	} {
		for i, id := range ids {
			if got := w.seen(t, who, id); got != want[i] {
				t.Errorf("%s sees %d as %q, want %q", who, i, got, want[i])
			}
		}
	}
	n, err := inquiry.Unanswered(t.Context(), w.db, people.ID(w.People["PO"]))
	if err != nil || n[call.ID(w.Call)] != 2 { // with the world's own
		t.Error(n, err)
	}
	if n, err := inquiry.Unanswered(t.Context(), w.db, people.ID(w.People["OX"])); err != nil || len(n) != 0 {
		t.Error("an asker has something to answer:", n, err)
	}
}

func TestAskRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, text := range map[string]string{"nothing": "", "too much": strings.Repeat("ế", inquiry.MaxQuestion+1)} {
		_, err := w.ask(t, "OX", 0, text)
		if wrong, _ := errors.AsType[problem.Invalid](err); wrong["text"].Key == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	last := 7*24 - 1 // the call closes in twelve days
	if _, err := w.ask(t, "OX", last, "Kịp"); err != nil {
		t.Error(err)
	}
	if _, err := w.ask(t, "OX", last+1, "Muộn"); !errors.Is(err, problem.Conflict) {
		t.Error("asked too late:", err)
	}
	if err := w.do(t, "PO", 0, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return inquiry.SetUntil(ctx, tx, act, call.ID(w.Call), "25/02/2027", "17:00")
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ask(t, "OX", last+1, "Kịp rồi"); err != nil {
		t.Error("the office gave more time:", err)
	}
	for who, want := range map[string]error{"PO": problem.Invalid{}, "AU": problem.Forbidden, "WR": problem.Forbidden} {
		err := w.do(t, who, 0, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return inquiry.SetUntil(ctx, tx, act, call.ID(w.Call), "25/03/2027", "17:00")
		})
		if wrong, ok := errors.AsType[problem.Invalid](err); who == "PO" && (!ok || wrong["until_on"].Key == "") || who != "PO" && !errors.Is(err, want) {
			t.Errorf("%s, beyond the closing: %v", who, err)
		}
	}
	for i := range inquiry.MaxDay {
		if _, err := w.ask(t, "WR", 0, fmt.Sprint("Hỏi ", i)); err != nil {
			t.Error(i, err)
		}
	}
	if _, err := w.ask(t, "WR", 1, "Hỏi"); !errors.Is(err, problem.TooMany) {
		t.Error("there is no end to it:", err)
	}
	if _, err := w.ask(t, "WR", 24, "Hỏi"); err != nil {
		t.Error("a day later:", err)
	}
	if _, err := w.ask(t, "AN", 0, "Hỏi"); !errors.Is(err, problem.Forbidden) {
		t.Error("nobody asked:", err)
	}
}

// TestSettle: who may, what is refused, that what is published is only corrected,
// and who is told.
func TestSettle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.ask(t, "OX", 0, "Hỏi?")
	if err != nil {
		t.Fatal(err)
	}
	if same, err := w.ask(t, "OX", 0, "Hỏi?"); err != nil || same != id {
		t.Errorf("asked twice: %v", err)
	}
	for who, want := range map[string]error{"OX": problem.Forbidden, "AU": problem.Forbidden, "PX": problem.NotFound, "WR": problem.NotFound} {
		if err := w.settle(t, who, 1, id, public); !errors.Is(err, want) {
			t.Errorf("%s answers: %v", who, err)
		}
	}
	for field, r := range map[string]inquiry.Reply{
		"kind": {Kind: "open", Text: "x"}, "public_text": {Kind: "public", Text: "x"}, "text": {Kind: "declined"},
	} {
		if wrong, _ := errors.AsType[problem.Invalid](w.settle(t, "PO", 1, id, r)); wrong[field].Key == "" {
			t.Errorf("%s: %v", field, wrong)
		}
	}
	for range 2 { // a click twice
		if err := w.settle(t, "PO", 1, id, public); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.settle(t, "PO", 2, id, private); !errors.Is(err, problem.Conflict) {
		t.Error("taken back:", err)
	}
	corrected := inquiry.Reply{Kind: "public", PublicText: "Câu khác", Text: "Được, nếu có tư cách pháp nhân."}
	unseen := w.settle(t, "PO", 2, id, corrected)
	if refusal, _ := errors.AsType[problem.Refusal](unseen); refusal.Key != "inquiry.answered_meanwhile" || !errors.Is(unseen, problem.Conflict) {
		t.Errorf("corrected from a page without the answer: %v", unseen)
	}
	corrected.Seen = 1
	if err := w.settle(t, "PO", 2, id, corrected); err != nil {
		t.Fatal(err)
	}
	if got, want := w.seen(t, "AN", id), public.PublicText+"||Được./|Được, nếu có tư cách pháp nhân./"; got != want {
		t.Errorf("corrected: %q, want %q", got, want)
	}
	if _, err := w.db.Exec(t.Context(), `update inquiry_answers set text = 'x'`); err == nil {
		t.Error("an answer was changed")
	}
	if got := w.told(t, "inquiry_answered"); got != "OX OX" {
		t.Errorf("the asker was told %q", got)
	}
	if got := w.told(t, "inquiries_published"); got != "HD OH WR" {
		t.Errorf("who writes was told %q", got)
	}
	back := public
	back.Seen = 2
	if err := w.settle(t, "PO", 26, id, back); err != nil {
		t.Fatal(err)
	}
	if got := w.told(t, "inquiries_published"); got != "HD OH WR HD OH WR" {
		t.Errorf("the next day who writes was told %q", got)
	}
}

// The officers of a call are told once of each question, in one letter of those
// that came since the last.
func TestOfficersAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tell := func(hours, questions, letters int) {
		t.Helper()
		if err := w.do(t, "PO", hours, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			n, err := inquiry.Tell(ctx, tx, audit.Act{At: act.At})
			if n != questions {
				t.Errorf("told of %d questions, want %d", n, questions)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		n, err := pg.Value[int](t.Context(), w.db, `select count(*)::int from letters where kind = $1 and person_id = $2`, letter.InquiriesAsked, w.People["PO"])
		if err != nil || n != letters {
			t.Errorf("%d letters, want %d, %v", n, letters, err)
		}
	}
	tell(0, 1, 1) // the world's own
	for _, text := range []string{"Một?", "Hai?"} {
		if _, err := w.ask(t, "WR", 1, text); err != nil {
			t.Fatal(err)
		}
	}
	tell(2, 2, 2)
	tell(3, 0, 2)
	answered, err := w.ask(t, "HD", 4, "Ba?")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.settle(t, "PO", 4, answered, inquiry.Reply{Kind: "declined", Text: "Ngoài phạm vi"}); err != nil {
		t.Fatal(err)
	}
	tell(5, 0, 2) // who answered knows of it
	if n, err := pg.Value[int](t.Context(), w.db, `select count(*)::int from letters where kind = $1 and person_id = $2`, letter.InquiriesAsked, w.People["PX"]); err != nil || n != 0 {
		t.Errorf("an officer of another programme got %d letters, %v", n, err)
	}
}
