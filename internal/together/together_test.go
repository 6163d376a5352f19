package together_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/portaltest"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/rubric"
	"daubang/internal/together"
	"daubang/internal/viet"
)

// world is portaltest's, in a database of its own.
type world struct {
	portaltest.World
	db    *pgxpool.Pool
	draft proposal.ID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{db: pgtest.New(t)}
	err := pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error {
		if _, err := form.InstallDefault(t.Context(), tx, portaltest.Now); err != nil {
			return err
		}
		_, err := rubric.InstallDefault(t.Context(), tx, portaltest.Now)
		return err
	})
	if err == nil {
		w.World, err = portaltest.Build(t.Context(), w.db)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.draft = proposal.ID(w.Proposal["draft"])
	return w
}

func (w *world) who(persona string) people.ID { return people.ID(w.People[persona]) }

// as runs fn as somebody's act.
func (w *world) as(t *testing.T, persona string, at time.Time, fn func(context.Context, pgx.Tx, audit.Act) error) error {
	t.Helper()
	return pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error {
		return fn(t.Context(), tx, audit.Act{By: w.People[persona], At: at})
	})
}

func (w *world) assign(t *testing.T, by, key, to string, until time.Time) error {
	t.Helper()
	return w.as(t, by, portaltest.Now, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return together.Assign(ctx, tx, act, w.draft, key, w.who(to), until)
	})
}

func (w *world) team(t *testing.T, viewer string, at time.Time) together.Team {
	t.Helper()
	team, err := together.Of(t.Context(), w.db, w.who(viewer), w.draft, at)
	if err != nil {
		t.Fatal(err)
	}
	return team
}

func (w *world) letters(t *testing.T, kind letter.Kind) int {
	t.Helper()
	n, err := pg.Value[int](t.Context(), w.db, `select count(*)::int from letters where kind = $1`, kind)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func key(err error) string {
	if r, ok := errors.AsType[problem.Refusal](err); ok {
		return r.Key
	}
	return ""
}

var soon = viet.Day(portaltest.Now.AddDate(0, 0, 5))

// A section is with one person at a time; that person alone is told, and once.
func TestASectionIsGivenAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.assign(t, "HD", "problem", "WR", soon); err != nil {
		t.Fatal(err)
	}
	if err := w.assign(t, "HD", "problem", "WR", soon); err != nil || w.letters(t, letter.SectionAssigned) != 1 {
		t.Errorf("the same again: %v, %d letters", err, w.letters(t, letter.SectionAssigned))
	}
	got := w.team(t, "RD", portaltest.Now).Tasks["problem"]
	if got.PersonID != w.who("WR") || !got.DueOn.Equal(soon) || got.Late(portaltest.Now) || !got.Late(portaltest.Now.AddDate(0, 0, 6)) {
		t.Errorf("%+v", got)
	}
	if err := w.assign(t, "WR", "problem", "HD", soon); err != nil || w.letters(t, letter.SectionAssigned) != 2 {
		t.Errorf("given on: %v", err)
	}
	if err := w.assign(t, "WR", "problem", "WR", soon); err != nil || w.letters(t, letter.SectionAssigned) != 2 {
		t.Errorf("taken back for oneself: %v, or a letter to oneself", err)
	}
	mine, err := together.Waiting(t.Context(), w.db, w.who("WR"))
	if err != nil || len(mine) != 1 || mine[0].Section.Vi != "Vấn đề giới" || mine[0].Reference == "" {
		t.Errorf("%+v, %v", mine, err)
	}
	for _, other := range []string{"HD", "OX", "AU", "PO"} {
		if list, err := together.Waiting(t.Context(), w.db, w.who(other)); err != nil || len(list) != 0 {
			t.Errorf("%s has %v, %v", other, list, err)
		}
	}
	unassign := func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return together.Unassign(ctx, tx, act, w.draft, "problem")
	}
	for range 2 { // a click twice
		if err := w.as(t, "HD", portaltest.Now, unassign); err != nil {
			t.Error(err)
		}
	}
	if tasks := w.team(t, "HD", portaltest.Now).Tasks; len(tasks) != 0 {
		t.Error(tasks)
	}
}

func TestWhoMayGiveWhatToWhom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, x := range []struct {
		by, key, to string
		until       time.Time
		want        error
		field       string
	}{
		{"OX", "problem", "WR", soon, problem.NotFound, ""},
		{"PO", "problem", "WR", soon, problem.NotFound, ""},
		{"AU", "problem", "WR", soon, problem.Forbidden, ""},
		{"RD", "problem", "WR", soon, problem.Forbidden, ""},
		{"HD", "no-such", "WR", soon, problem.NotFound, ""},
		{"HD", "problem", "RD", soon, nil, "person"},
		{"HD", "problem", "OX", soon, nil, "person"},
		{"HD", "problem", "WR", time.Time{}, nil, "until"},
		{"HD", "problem", "WR", soon.AddDate(0, 0, -6), nil, "until"},
		{"HD", "problem", "WR", soon.AddDate(0, 1, 0), nil, "until"},
		{"HD", "problem", "WR", viet.Day(portaltest.Now), nil, ""},
	} {
		err := w.assign(t, x.by, x.key, x.to, x.until)
		wrong, _ := errors.AsType[problem.Invalid](err)
		_, marked := wrong[x.field]
		if x.want != nil && !errors.Is(err, x.want) || x.want == nil && x.field != "" && !marked || x.want == nil && x.field == "" && err != nil {
			t.Errorf("%+v: %v", x, err)
		}
	}
	w.draft = proposal.ID(w.Proposal["submitted"])
	if err := w.assign(t, "HD", "problem", "WR", soon); !errors.Is(err, problem.Conflict) {
		t.Errorf("of what was sent: %v", err)
	}
	w.draft = proposal.ID(w.Proposal["returned"])
	if err := w.assign(t, "HD", "budget", "WR", soon.AddDate(0, 0, -2)); key(err) != "proposal.returned_elsewhere" {
		t.Errorf("of a section that was not returned: %v", err)
	}
	if err := w.assign(t, "HD", "problem", "WR", soon.AddDate(0, 0, -2)); err != nil {
		t.Errorf("of a section that was returned: %v", err)
	}
}

// Who has left keeps no task; what they wrote and what was theirs goes on.
func TestWhoLeavesLeavesTheProposal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.assign(t, "HD", "problem", "WR", soon); err != nil {
		t.Fatal(err)
	}
	if err := w.as(t, "HD", portaltest.Now, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return organisation.Remove(ctx, tx, act, organisation.ID(w.Organisation), w.who("WR"))
	}); err != nil {
		t.Fatal(err)
	}
	team := w.team(t, "HD", portaltest.Now)
	if team.Tasks["problem"].Role != "" || team.With.PersonID != w.who("WR") || team.With.Role != "" {
		t.Errorf("%+v", team)
	}
	if list, err := together.Waiting(t.Context(), w.db, w.who("WR")); err != nil || len(list) != 0 {
		t.Errorf("still waits for who left: %v %v", list, err)
	}
	if _, err := proposal.Get(t.Context(), w.db, w.who("WR"), w.draft); !errors.Is(err, problem.NotFound) {
		t.Errorf("who left still sees it: %v", err)
	}
	if err := w.as(t, "HD", portaltest.Now, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		if _, err := proposal.SaveSection(ctx, tx, act, w.draft, "problem", 1, form.Answers{"gender_analysis": {Text: "Tiếp tục"}}, false); err != nil {
			return err
		}
		return proposal.HandOver(ctx, tx, act, w.draft, w.who("OH"))
	}); err != nil {
		t.Errorf("it does not go on: %v", err)
	}
	if got := w.team(t, "HD", portaltest.Now).With.PersonID; got != w.who("OH") {
		t.Error("it is not with who took it over")
	}
}

func TestHandingOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hand := func(by, to string) error {
		return w.as(t, by, portaltest.Now, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return proposal.HandOver(ctx, tx, act, w.draft, w.who(to))
		})
	}
	for by, want := range map[string]error{"RD": problem.Forbidden, "OX": problem.NotFound, "PO": problem.NotFound, "AU": problem.Forbidden} {
		if err := hand(by, "HD"); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", by, err, want)
		}
	}
	for _, to := range []string{"RD", "OX", "AD"} {
		if err := hand("HD", to); !errors.As(err, new(problem.Invalid)) {
			t.Errorf("to %s: %v", to, err)
		}
	}
	if err := hand("WR", "HD"); err != nil { // WR began it
		t.Fatal(err)
	}
	if err := hand("WR", "WR"); key(err) != "together.hand_over_who" {
		t.Errorf("who gave it away takes it back: %v", err)
	}
	if err := errors.Join(hand("HD", "HD"), hand("HD", "WR")); err != nil || w.letters(t, letter.HandedOver) != 2 {
		t.Errorf("%v, %d letters", err, w.letters(t, letter.HandedOver))
	}
	events, err := proposal.History(t.Context(), w.db, w.who("RD"), w.draft)
	if err != nil || len(events) < 2 || events[0].Verb != "hand_over" || events[0].Whom != "Người WR" || events[0].Who != "Người HD" {
		t.Errorf("history: %+v, %v", events, err)
	}
	w.draft = proposal.ID(w.Proposal["approved"])
	if err := hand("HD", "OH"); !errors.Is(err, problem.Conflict) {
		t.Errorf("of what is over: %v", err)
	}
}

// How the applicant shares its work is nobody else's: not the office's either,
// in no list and no letter.
func TestTheOfficeDoesNotSeeWhoWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.draft = proposal.ID(w.Proposal["returned"])
	if err := w.assign(t, "HD", "problem", "WR", soon.AddDate(0, 0, -2)); err != nil {
		t.Fatal(err)
	}
	if err := w.as(t, "HD", portaltest.Now, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return together.Seen(ctx, tx, act, w.draft, "problem")
	}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"PO", "PX", "OX", "RA", "RU", "RC", "CH", "AD"} {
		if team := w.team(t, p, portaltest.Now); len(team.Tasks)+len(team.Present) > 0 || team.With.PersonID != 0 {
			t.Errorf("%s sees %+v", p, team)
		}
		events, err := proposal.History(t.Context(), w.db, w.who(p), w.draft)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Verb == "assign_section" {
				t.Errorf("%s reads who was given a section", p)
			}
		}
		n, err := pg.Value[int](t.Context(), w.db, `select count(*)::int from visible.letters($1) where kind = 'section_assigned' and whole`, w.who(p))
		if err != nil || n != 0 {
			t.Errorf("%s reads %d letters between colleagues, %v", p, n, err)
		}
	}
	if team := w.team(t, "AU", portaltest.Now); len(team.Tasks) != 1 || len(team.Present) != 0 {
		t.Errorf("an auditor sees %+v", team)
	}
}

// A sign of writing is seen by the others for some minutes, and by nobody after.
func TestPresence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := func(persona string, at time.Time) error {
		return w.as(t, persona, at, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return together.Seen(ctx, tx, act, w.draft, "budget")
		})
	}
	for persona, want := range map[string]error{"RD": problem.Forbidden, "OX": problem.NotFound, "AU": problem.Forbidden} {
		if err := seen(persona, portaltest.Now); !errors.Is(err, want) {
			t.Errorf("%s: %v", persona, err)
		}
	}
	if err := w.as(t, "WR", portaltest.Now, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return together.Seen(ctx, tx, act, w.draft, "\x00")
	}); !errors.Is(err, problem.NotFound) {
		t.Errorf("in a section that is none: %v", err)
	}
	at := portaltest.Now
	for _, at := range []time.Time{at, at.Add(time.Second), at.Add(time.Minute)} {
		if err := seen("WR", at); err != nil {
			t.Fatal(err)
		}
	}
	now := at.Add(3*time.Minute + 30*time.Second)
	got := w.team(t, "HD", now).Present["budget"]
	if len(got) != 1 || got[0].Name != "Người WR" || got[0].Minutes(now) != 2 {
		t.Errorf("%+v", got)
	}
	if p := w.team(t, "WR", now).Present["budget"]; len(p) != 0 {
		t.Error("one sees oneself", p)
	}
	if p := w.team(t, "HD", at.Add(7*time.Minute)).Present; len(p["budget"]) != 0 {
		t.Error("after five minutes it is still said", p)
	}
	// A save is a sign too, for those without scripts.
	if p := w.team(t, "HD", at.Add(time.Minute)).Present["problem"]; len(p) != 1 || p[0].Name != "Người WR" {
		t.Errorf("a save is no sign: %+v", p)
	}
	if err := pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error { return together.Forget(t.Context(), tx, at.Add(time.Hour)) }); err != nil {
		t.Fatal(err)
	}
	if n, err := pg.Value[int](t.Context(), w.db, `select count(*)::int from presences`); err != nil || n != 0 {
		t.Errorf("%d left, %v", n, err)
	}
}
