package desk_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/call"
	"daubang/internal/desk"
	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/portaltest"
	"daubang/internal/proposal"
	"daubang/internal/rubric"
)

// newWorld is the world of portaltest: one proposal in every state under a call
// that asks for two reviews.
func newWorld(t *testing.T) (context.Context, *pgxpool.Pool, portaltest.World) {
	t.Helper()
	ctx, db := t.Context(), pgtest.New(t)
	err := pg.Tx(ctx, db, func(tx pgx.Tx) error {
		if _, err := form.InstallDefault(ctx, tx, portaltest.Now); err != nil {
			return err
		}
		_, err := rubric.InstallDefault(ctx, tx, portaltest.Now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w, err := portaltest.Build(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	return ctx, db, w
}

// TestWhatWaits: each thing is counted once it is due and not before, for the
// office of the programme alone.
func TestWhatWaits(t *testing.T) {
	t.Parallel()
	ctx, db, w := newWorld(t)
	id := call.ID(w.Call)
	at := func(persona string, days int) desk.Work {
		t.Helper()
		all, err := desk.Waiting(ctx, db, people.ID(w.People[persona]), portaltest.Now.AddDate(0, 0, days).Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		return all[id]
	}
	today := desk.Work{CallID: id, Screen: 1, Assign: 1, InHand: 4, ReviewsAsked: 2, ReviewsSent: 1}
	overdue, late := today, today
	overdue.Overdue = 1
	late.Overdue, late.LateReviews = 1, 1
	for days, want := range map[int]desk.Work{0: today, 4: today, 5: overdue, 13: overdue, 14: late} {
		if diff := cmp.Diff(want, at("PO", days)); diff != "" {
			t.Errorf("after %d days, want (-), got (+):\n%s", days, diff)
		}
	}
	if diff := cmp.Diff(today, at("AU", 0)); diff != "" {
		t.Errorf("an auditor reads other numbers:\n%s", diff)
	}
	for _, p := range []string{"PX", "OH", "CH", "RA", "HD", "AD"} {
		if got := at(p, 14); !got.Nothing() || got.InHand != 0 {
			t.Errorf("%s sees %+v", p, got)
		}
	}
	if _, err := db.Exec(ctx, `update proposals set reviews_sent = 2 where id = $1`, w.Proposal["in_review"]); err != nil {
		t.Fatal(err)
	}
	if got := at("PO", 0); got.Decide != 1 {
		t.Errorf("with every review in, %d wait for a decision", got.Decide)
	}
}

// TestTallies: drafts are not counted, nor what a conflict hides.
func TestTallies(t *testing.T) {
	t.Parallel()
	ctx, db, w := newWorld(t)
	id, officer := call.ID(w.Call), people.ID(w.People["PO"])
	want := desk.Tally{
		proposal.Submitted: 1, proposal.Returned: 1, proposal.Eligible: 1, proposal.Ineligible: 1, proposal.InReview: 1,
		proposal.Approved: 1, proposal.Declined: 1, proposal.Withdrawn: 1,
	}
	check := func() {
		t.Helper()
		all, err := desk.Tallies(ctx, db, officer)
		if err != nil {
			t.Fatal(err)
		}
		one, err := desk.TallyOf(ctx, db, officer, id)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, all[id]); diff != "" {
			t.Errorf("of all calls, want (-), got (+):\n%s", diff)
		}
		if diff := cmp.Diff(want, one); diff != "" {
			t.Errorf("of the call, want (-), got (+):\n%s", diff)
		}
	}
	check()
	if want.All() != 8 || want.Decided() != 2 {
		t.Errorf("all %d, decided %d", want.All(), want.Decided())
	}
	if _, err := db.Exec(ctx, `insert into conflicts (proposal_id, person_id, kind, declared_at) values ($1, $2, 'family', now())`, w.Proposal["eligible"], officer); err != nil {
		t.Fatal(err)
	}
	delete(want, proposal.Eligible)
	check()
	for _, p := range []string{"PX", "OH", "CH", "RA", "HD", "AD", "RD"} {
		if all, err := desk.Tallies(ctx, db, people.ID(w.People[p])); err != nil || len(all) != 0 {
			t.Errorf("%s counts %v (%v)", p, all, err)
		}
	}
}
