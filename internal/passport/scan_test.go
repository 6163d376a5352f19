package passport_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/passport"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/portaltest"
	"daubang/internal/problem"
	"daubang/internal/scan"
)

// A scan of a paper is for the organisation's people and for officers, and what
// waits for the scanner for its people alone; another scan is another paper.
func TestScansOfPapers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	store, err := document.OpenStore("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	store.Scans = true
	put := func(text string) document.File {
		t.Helper()
		f, err := store.Put(t.Context(), text+".pdf", strings.NewReader(strings.Replace(portaltest.PDF, "%%EOF", "%"+text+"\n%%EOF", 1)))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	paper := passport.PaperID(w.Paper)
	attach := func(persona string, org int64, f document.File) error {
		return w.as(t, persona, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return passport.AttachScan(ctx, tx, act, organisation.ID(org), paper, f)
		})
	}
	if err := w.check(t, "PO", w.parts(t, "PO")["operation"], passport.Verified, ""); err != nil {
		t.Fatal(err)
	}
	licence := put("giay-phep")
	for persona, want := range map[string]error{"RD": problem.Forbidden, "WR": problem.Forbidden, "PO": problem.Forbidden, "AU": problem.Forbidden, "OX": problem.NotFound, "RA": problem.NotFound} {
		if err := attach(persona, w.Organisation, licence); !errors.Is(err, want) {
			t.Errorf("%s attaches: %v", persona, err)
		}
	}
	if err := attach("OX", w.Other, licence); !errors.Is(err, problem.NotFound) {
		t.Errorf("to a paper of another organisation: %v", err)
	}
	for range 2 { // a click twice
		if err := attach("HD", w.Organisation, licence); err != nil {
			t.Fatal(err)
		}
	}
	got := w.parts(t, "RD")["operation"]
	if len(got.Scans) != 2 || got.Scans[1].Name != "giay-phep.pdf" || got.Scans[1].State != document.Pending || got.State != passport.Changed {
		t.Fatalf("%+v", got)
	}
	scanned := func(v scan.Verdict) {
		t.Helper()
		if err := w.as(t, "AD", func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return document.Scanned(ctx, tx, audit.Act{At: act.At}, got.Scans[1].ID, scan.Finding{Verdict: v, Name: "EICAR"})
		}); err != nil {
			t.Fatal(err)
		}
	}
	w.openedBy(t, store, got.Scans[1].ID, map[string]string{"RD": "", "WR": "", "HD": "", "PO": "document.pending", "PX": "document.pending", "AU": "none", "AD": "none", "OX": "none", "RA": "none", "CO": "none"})
	if held, err := document.Quarantine(t.Context(), w.db, people.ID(w.People["PO"])); err != nil || len(held) != 1 || held[0].OrganisationID != w.Organisation {
		t.Errorf("%+v, %v", held, err)
	}
	scanned(scan.Clean)
	w.openedBy(t, store, got.Scans[1].ID, map[string]string{"RD": "", "PO": "", "PX": "", "AU": "none", "OX": "none", "RA": "none"})
	if err := w.as(t, "HD", func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return passport.RemoveScan(ctx, tx, act, w.org, paper, got.Scans[1].ID)
	}); err != nil {
		t.Fatal(err)
	}
	w.openedBy(t, store, got.Scans[1].ID, map[string]string{"HD": "none", "PO": "none"})
	if again := w.parts(t, "HD")["operation"]; len(again.Scans) != 1 || again.State != passport.Verified {
		t.Errorf("without the new scan it is what was verified: %+v", again)
	}
	if n, err := pg.Value[int](t.Context(), w.db, `select count(*)::int from audit_events where verb in ('attach', 'detach') and subject = 'organisation'`); err != nil || n != 2 {
		t.Errorf("%d noted, %v", n, err)
	}
	if err := attach("HD", w.Organisation, put("EICAR")); err != nil {
		t.Fatal(err)
	}
	got = w.parts(t, "HD")["operation"]
	scanned(scan.Infected)
	w.openedBy(t, store, got.Scans[1].ID, map[string]string{"HD": "document.infected", "PO": "document.infected"})
	if n, err := pg.Value[int](t.Context(), w.db, `select count(*)::int from letters where kind = $1 and person_id = $2`, letter.ScanInfected, w.People["HD"]); err != nil || n != 1 {
		t.Errorf("%d letters, %v", n, err)
	}
	if err := w.as(t, "HD", func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return passport.RemovePaper(ctx, tx, act, w.org, paper)
	}); err != nil {
		t.Fatal(err)
	}
	if left, err := document.Scans(t.Context(), w.db, people.ID(w.People["HD"]), w.Organisation); err != nil || len(left) != 0 {
		t.Errorf("of a paper that is gone %+v, %v", left, err)
	}
}

// openedBy tries a scan as several people: with which words it is refused, none
// where it does not exist for them.
func (w *world) openedBy(t *testing.T, store *document.Store, id document.ID, want map[string]string) {
	t.Helper()
	for persona, said := range want {
		_, f, err := document.OpenScan(t.Context(), w.db, store, people.ID(w.People[persona]), w.Organisation, w.Paper, id)
		got := ""
		switch {
		case errors.Is(err, problem.NotFound):
			got = "none"
		case err != nil:
			got = key(err)
		default:
			_ = f.Close()
		}
		if got != said {
			t.Errorf("%s opens it: %q, want %q", persona, got, said)
		}
	}
}
