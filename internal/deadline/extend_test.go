package deadline_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/deadline"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

var week = closes.AddDate(0, 0, 7)

// TestExtendForWhom: an extension holds for those it names and nobody else, for
// starting, sending and every page, and they are told.
func TestExtendForWhom(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		entry       func(*world, *deadline.Entry)
		here, there bool
	}{
		"one organisation": {func(*world, *deadline.Entry) {}, true, false},
		"both organisations": {func(w *world, e *deadline.Entry) {
			e.Organisations = w.here.name + "\n\n  " + strings.ToUpper(w.there.name) + "\n" + w.here.name
		}, true, true},
		"a commune":    {func(_ *world, e *deadline.Entry) { e.Scope, e.Communes = "places", "đồng văn, tuyên quang" }, true, false},
		"its province": {func(w *world, e *deadline.Entry) { e.Scope, e.Provinces = "places", []string{"H" + w.unique} }, true, false},
		"both provinces": {func(w *world, e *deadline.Entry) {
			e.Scope, e.Provinces = "places", []string{"H" + w.unique, "T" + w.unique}
		}, true, true},
		"everybody": {func(_ *world, e *deadline.Entry) { e.Scope = "whole" }, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			e := w.entry(w.here)
			x.entry(w, &e)
			if s := w.extend(t, begun.AddDate(0, 0, 2), e); s != deadline.Holds {
				t.Fatal("state:", s)
			}
			for _, h := range []struct {
				house
				concerned bool
			}{{w.here, x.here}, {w.there, x.there}} {
				want, told := closes, []people.ID(nil)
				if h.concerned {
					want, told = week, []people.ID{h.head, h.writer}
					slices.Sort(told)
				}
				if got := w.closing(t, h.house); !got.Equal(want) {
					t.Errorf("%s closes at %s, want %s", h.name, got, want)
				}
				if got := w.letters(t, h.house, letter.Extended); !slices.Equal(got, told) {
					t.Errorf("%s: told %v, want %v", h.name, got, told)
				}
				asked, err := proposal.WhatFor(t.Context(), w.tx, h.head, w.call, 0, h.id)
				if err != nil || !asked.Call.ClosesAt.Equal(want) || asked.Call.Accepting(closes) != h.concerned {
					t.Errorf("%s: %v %v", h.name, asked.Call.ClosesAt, err)
				}
				late := func() error {
					_, err := proposal.Submit(t.Context(), w.tx, by(h.head, closes.Add(time.Hour)), h.draft)
					return err
				}()
				if _, gaps := errors.AsType[proposal.Incomplete](late); gaps != h.concerned {
					t.Errorf("%s, sent an hour after the call's closing: %v", h.name, late)
				}
				if err := func() error {
					_, err := proposal.Submit(t.Context(), w.tx, by(h.head, week.Add(time.Hour)), h.draft)
					return err
				}(); said(err) != "proposal.submit.late" {
					t.Errorf("%s, sent after all: %v", h.name, err)
				}
				note, err := deadline.Concerning(t.Context(), w.tx, h.reader, w.call, h.id)
				if err != nil || (note != nil) != h.concerned || note != nil && note.Reason != "Mất điện ba ngày" {
					t.Errorf("%s is shown %v, %v", h.name, note, err)
				}
			}
		})
	}
}

// TestExtensionsStartProposals: who may send later may begin later.
func TestExtensionsStartProposals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.extend(t, begun, w.entry(w.here))
	for _, h := range []house{w.here, w.there} {
		if err := proposal.Discard(t.Context(), w.tx, by(h.head, begun), h.draft); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := proposal.Start(t.Context(), w.tx, by(w.here.head, closes.Add(time.Hour)), w.call, w.here.id); err != nil {
		t.Error(err)
	}
	if _, err := proposal.Start(t.Context(), w.tx, by(w.there.head, closes.Add(time.Hour)), w.call, w.there.id); said(err) != "proposal.start.late" {
		t.Error(err)
	}
	all, err := call.Closings(t.Context(), w.tx, w.here.head, w.call)
	if err != nil || len(all) != 1 || !all[w.here.id].Equal(week) {
		t.Error(all, err)
	}
}

// TestExtendRefuses: by the control, and who may not.
func TestExtendRefuses(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		spoil func(*world, *deadline.Entry)
		field string
	}{
		"for nobody":            {func(_ *world, e *deadline.Entry) { e.Scope = "" }, "scope"},
		"no organisation":       {func(_ *world, e *deadline.Entry) { e.Organisations = " \n" }, "organisations"},
		"an unknown one":        {func(_ *world, e *deadline.Entry) { e.Organisations = "Không có tổ chức này" }, "organisations"},
		"which of the two":      {func(w *world, e *deadline.Entry) { e.Organisations = strings.ToLower(w.unique) }, "organisations"},
		"too many":              {func(_ *world, e *deadline.Entry) { e.Organisations = manyLines() }, "organisations"},
		"no place":              {func(_ *world, e *deadline.Entry) { e.Scope = "places" }, "provinces"},
		"no such province":      {func(_ *world, e *deadline.Entry) { e.Scope, e.Provinces = "places", []string{"99x"} }, "provinces"},
		"no such commune":       {func(_ *world, e *deadline.Entry) { e.Scope, e.Communes = "places", "Xã Không Có" }, "communes"},
		"which of the communes": {func(_ *world, e *deadline.Entry) { e.Scope, e.Communes = "places", "Đồng Văn" }, "communes"},
		"no such day":           {func(_ *world, e *deadline.Entry) { e.ClosesOn = "31/02/2027" }, "closes_on"},
		"no time of day":        {func(_ *world, e *deadline.Entry) { e.ClosesClock = "chiều" }, "closes_on"},
		"not later":             {func(_ *world, e *deadline.Entry) { e.ClosesOn = "26/02/2027" }, "closes_on"},
		"far away":              {func(_ *world, e *deadline.Entry) { e.ClosesOn = "26/02/2029" }, "closes_on"},
		"without a reason":      {func(_ *world, e *deadline.Entry) { e.Reason = "" }, "reason"},
		"with too long a one":   {func(_ *world, e *deadline.Entry) { e.Reason = strings.Repeat("ế", deadline.MaxReason+1) }, "reason"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			e := w.entry(w.here)
			x.spoil(w, &e)
			_, err := deadline.Extend(t.Context(), w.tx, by(w.officer, begun), w.call, e)
			if wrong, _ := errors.AsType[problem.Invalid](err); wrong[x.field].Key == "" {
				t.Error(err)
			}
		})
	}
	w := newWorld(t)
	for who, kind := range map[people.ID]error{w.here.head: problem.Forbidden, w.stranger: problem.Forbidden, w.auditor: problem.Forbidden, 0: problem.Forbidden} {
		if _, err := deadline.Extend(t.Context(), w.tx, by(who, begun), w.call, w.entry(w.here)); !errors.Is(err, kind) {
			t.Errorf("by %d: %v", who, err)
		}
	}
	w.exec(t, `insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, 'reader', $3)`, w.here.id, w.officer, begun)
	if _, err := deadline.Extend(t.Context(), w.tx, by(w.officer, begun), w.call, w.entry(w.here)); said(err) != "deadline.refused.own" {
		t.Error("an officer extended for their own organisation:", err)
	}
}

// TestExtendOnlyLater: who has a later deadline already is not given an earlier
// one, by whatever they were named; others may have it.
func TestExtendOnlyLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	places := w.entry(w.here)
	places.Scope, places.Organisations, places.Provinces = "places", "", []string{"H" + w.unique}
	w.extend(t, begun, places)
	for name, e := range map[string]deadline.Entry{"its province again": places, "an organisation there": w.entry(w.here)} {
		_, err := deadline.Extend(t.Context(), w.tx, by(w.officer, begun), w.call, e)
		if wrong, _ := errors.AsType[problem.Invalid](err); wrong["closes_on"].Key != "deadline.wrong.later_already" {
			t.Errorf("%s, until the same day: %v", name, err)
		}
	}
	w.extend(t, begun, w.entry(w.there))
	later := w.entry(w.here)
	later.ClosesOn = "10/03/2027"
	w.extend(t, begun, later)
}

func manyLines() string {
	var b strings.Builder
	for i := range deadline.MaxLines + 1 {
		b.WriteString("tổ chức " + strings.Repeat("x", i+1) + "\n")
	}
	return b.String()
}

// TestTwoOfficersOnceItHasClosed: the first proposes, another confirms; nobody is
// told before, and nothing holds.
func TestTwoOfficersOnceItHasClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for at, want := range map[time.Time]deadline.State{closes.Add(-time.Microsecond): deadline.Holds, closes: deadline.Pending} {
		inner, err := w.tx.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s, err := deadline.Extend(t.Context(), inner, by(w.officer, at), w.call, w.entry(w.here)); s != want || err != nil {
			t.Errorf("at %s: %s, %v", at, s, err)
		}
		if err := inner.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	after := closes.Add(time.Hour)
	w.extend(t, after, w.entry(w.here))
	w.extend(t, after.Add(time.Second), w.entry(w.here)) // a click twice
	x := w.only(t)
	if x.State() != deadline.Pending || !x.Late || !w.closing(t, w.here).Equal(closes) || len(w.letters(t, w.here, letter.Extended)) > 0 {
		t.Errorf("it holds already: %+v", x)
	}
	if x.MayConfirm(w.officer) || !x.MayConfirm(w.second) {
		t.Error("who may confirm?")
	}
	for who, key := range map[people.ID]string{w.officer: "deadline.refused.same_person", w.stranger: "call.refused.officers_only", w.here.head: "call.refused.officers_only"} {
		if err := deadline.Confirm(t.Context(), w.tx, by(who, after), x.ID); said(err) != key {
			t.Errorf("confirmed by %d: %v", who, err)
		}
	}
	if err := deadline.Confirm(t.Context(), w.tx, by(w.second, week), x.ID); said(err) != "deadline.refused.past" {
		t.Error("confirmed when over:", err)
	}
	if err := deadline.Confirm(t.Context(), w.tx, by(w.second, after), x.ID); err != nil {
		t.Fatal(err)
	}
	if x = w.only(t); x.State() != deadline.Holds || x.ConfirmedByName != "second" || !w.closing(t, w.here).Equal(week) || len(w.letters(t, w.here, letter.Extended)) != 2 {
		t.Errorf("it does not hold: %+v", x)
	}
	if err := deadline.Confirm(t.Context(), w.tx, by(w.second, after), x.ID); said(err) != "deadline.refused.confirmed" {
		t.Error("confirmed twice:", err)
	}
	if err := deadline.Drop(t.Context(), w.tx, by(w.second, after), x.ID); said(err) != "deadline.refused.confirmed" {
		t.Error("dropped what holds:", err)
	}
	verbs, err := pg.Values[string](t.Context(), w.tx, `select verb from audit_events where subject = 'call' and subject_id = $1 order by seq`, w.call)
	if err != nil || !slices.Equal(verbs, []string{"extend_propose", "extend_some"}) {
		t.Error(verbs, err)
	}
}

// TestDropped: what was proposed and dropped is nothing; nobody hears of it.
func TestDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	after := closes.Add(time.Hour)
	e := w.entry(w.here)
	e.Scope = "whole"
	w.extend(t, after, e)
	x := w.only(t)
	if err := deadline.Drop(t.Context(), w.tx, by(w.stranger, after), x.ID); !errors.Is(err, problem.Forbidden) {
		t.Error(err)
	}
	if err := deadline.Drop(t.Context(), w.tx, by(w.officer, after), x.ID); err != nil {
		t.Fatal(err)
	}
	if err := deadline.Confirm(t.Context(), w.tx, by(w.second, after), x.ID); said(err) != "deadline.refused.dropped" {
		t.Error(err)
	}
	if x = w.only(t); x.State() != deadline.Dropped || !w.closing(t, w.there).Equal(closes) || len(w.letters(t, w.there, letter.Extended)) > 0 {
		t.Errorf("%+v", x)
	}
}

// TestWhoSeesExtensions: the office all, with names; the public those of places;
// an organisation those that hold for it.
func TestWhoSeesExtensions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.extend(t, begun, w.entry(w.here))
	e := w.entry(w.there)
	e.Scope, e.Provinces = "places", []string{"T" + w.unique}
	w.extend(t, begun, e)
	e = w.entry(w.there)
	e.ClosesOn = "10/03/2027"
	w.extend(t, closes.Add(time.Hour), e)
	for who, want := range map[people.ID]struct {
		n     int
		names bool
	}{w.officer: {3, true}, w.auditor: {3, true}, w.stranger: {1, false}, w.here.head: {1, false}, 0: {1, false}} {
		list, err := deadline.Of(t.Context(), w.tx, who, w.call)
		if err != nil || len(list) != want.n {
			t.Fatalf("%d sees %d: %v", who, len(list), err)
		}
		for _, x := range list {
			if (x.ProposedByName != "") != want.names || !want.names && x.Scope() != deadline.Places {
				t.Errorf("%d sees %+v", who, x)
			}
		}
	}
	if n, err := deadline.Concerning(t.Context(), w.tx, w.there.head, w.call, w.here.id); n != nil || err != nil {
		t.Error("another's extension is told:", n, err)
	}
	if c, _, err := call.GetFor(t.Context(), w.tx, w.there.head, w.call, w.here.id); err != nil || !c.ClosesAt.Equal(closes) {
		t.Error("another's closing is told:", c.ClosesAt, err)
	}
}

// TestTwoConfirmAtOnce: one holds, the other is told so, and each letter is
// queued once.
func TestTwoConfirmAtOnce(t *testing.T) {
	t.Parallel()
	w, run := commit(t)
	after := closes.Add(time.Hour)
	var third people.ID
	var x deadline.Extension
	if err := run(t.Context(), func(tx pgx.Tx) error {
		w.tx = tx
		third = w.person(t, "third")
		w.exec(t, `insert into roles (person_id, role, programme_id, granted_at) values ($1, 'officer', $2, $3)`, third, w.programme, begun)
		w.extend(t, after, w.entry(w.here))
		x = w.only(t)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	results := make([]error, 2)
	for i, who := range []people.ID{w.second, third} {
		all.Go(func() {
			results[i] = run(t.Context(), func(tx pgx.Tx) error { return deadline.Confirm(t.Context(), tx, by(who, after), x.ID) })
		})
	}
	all.Wait()
	slices.SortFunc(results, func(a, b error) int { return strings.Compare(said(a), said(b)) })
	if results[0] != nil || said(results[1]) != "deadline.refused.confirmed" {
		t.Errorf("two confirmed: %v", results)
	}
	if err := run(t.Context(), func(tx pgx.Tx) error {
		w.tx = tx
		if n := len(w.letters(t, w.here, letter.Extended)); n != 2 {
			t.Errorf("%d letters", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestExtendReturn gives more time for completing, also when it has passed.
func TestExtendReturn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	until := closes.AddDate(0, 0, 10)
	w.exec(t, `update proposals set status = 'returned', submitted_at = $2, returned_until = $3, returned_sections = '{"problem": "x"}' where id = $1`, w.here.draft, begun, until)
	more := func(who people.ID, at, to time.Time, reason string) error {
		return proposal.ExtendReturn(t.Context(), w.tx, by(who, at), w.here.draft, to, reason)
	}
	for _, x := range []struct {
		err   error
		field string
	}{{more(w.officer, closes, until, "Bão"), "until"}, {more(w.officer, closes, closes.AddDate(1, 0, 3), "Bão"), "until"}, {more(w.officer, until.AddDate(0, 0, 3), until.AddDate(0, 0, -1), "Bão"), "until"}, {more(w.officer, until.AddDate(0, 0, 9), until.AddDate(0, 0, 8), "Bão"), "until"}, {more(w.officer, closes, until.AddDate(0, 0, 1), ""), "reason"}} {
		if wrong, _ := errors.AsType[problem.Invalid](x.err); wrong[x.field].Key == "" {
			t.Errorf("%s: %v", x.field, x.err)
		}
	}
	if err := more(w.here.head, closes, until.AddDate(0, 0, 1), "Bão"); !errors.Is(err, problem.Forbidden) {
		t.Error(err)
	}
	if err := more(w.stranger, closes, until.AddDate(0, 0, 1), "Bão"); !errors.Is(err, problem.NotFound) {
		t.Error(err)
	}
	if err := more(w.officer, until.Add(time.Hour), until.AddDate(0, 0, 7), "Bão"); err != nil {
		t.Fatal(err)
	}
	p, err := proposal.Get(t.Context(), w.tx, w.here.head, w.here.draft)
	if err != nil || !p.ReturnedUntil.Equal(until.AddDate(0, 0, 7)) || p.Lapsed(until.Add(2*time.Hour)) || (proposal.Asked{}).WhyNotEditable(p, "problem", until.Add(2*time.Hour)) != nil {
		t.Errorf("%+v, %v", p, err)
	}
	if n := len(w.letters(t, w.here, letter.ReturnExtended)); n != 2 {
		t.Errorf("%d letters", n)
	}
	// A day that was entered by mistake is corrected to an earlier one that is still to come.
	if err := more(w.officer, until.Add(time.Hour), until.AddDate(0, 0, 2), "Ghi nhầm ngày"); err != nil {
		t.Error(err)
	}
	if p, err = proposal.Get(t.Context(), w.tx, w.here.head, w.here.draft); err != nil || !p.ReturnedUntil.Equal(until.AddDate(0, 0, 2)) || len(w.letters(t, w.here, letter.ReturnExtended)) != 4 {
		t.Errorf("corrected to %v with %d letters, %v", p.ReturnedUntil, len(w.letters(t, w.here, letter.ReturnExtended)), err)
	}
	if err := proposal.ExtendReturn(t.Context(), w.tx, audit.Act{By: int64(w.officer), At: closes}, w.there.draft, until, "Bão"); !errors.Is(err, problem.NotFound) {
		t.Error("a draft is none of the office's:", err)
	}
	history, err := proposal.History(t.Context(), w.tx, w.here.head, w.here.draft)
	if err != nil || history[0].Verb != "extend_return" || history[0].Who != "" {
		t.Errorf("%+v, %v", history, err)
	}
}

// An extension for places stays with those who stood there when it was given:
// whose record moves away keeps it, who moves there gains nothing, and who
// registers there later has it too.
func TestExtensionsOfPlacesStayWithThoseWhoStoodThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.entry(w.here)
	e.Scope, e.Organisations, e.Provinces = "places", "", []string{"H" + w.unique}
	at := begun.AddDate(0, 0, 2)
	w.extend(t, at, e)
	w.exec(t, `update organisations set province_code = case id when $1 then $3 else $4 end, place_id = null where id in ($1, $2)`,
		w.here.id, w.there.id, "T"+w.unique, "H"+w.unique)
	w.exec(t, `insert into places (level, code, name, full_name, parent_code, unit_type, search_key) values (3, 'HM'||$1, 'Mèo Vạc', 'Xã Mèo Vạc', 'H'||$1, 'xa', 'xa meo vac')`, w.unique)
	later := w.house(t, "Hội Nông dân mới lập", "HM"+w.unique)
	w.exec(t, `update organisations set created_at = $2 where id = $1`, later.id, at.Add(time.Hour))
	for _, h := range []struct {
		house
		want time.Time
	}{{w.here, week}, {w.there, closes}, {later, week}} {
		c, _, err := call.GetFor(t.Context(), w.tx, h.head, w.call, h.id)
		if err != nil || !c.ClosesAt.Equal(h.want) {
			t.Errorf("%s: until %v, want %v: %v", h.name, c.ClosesAt, h.want, err)
		}
	}
}
