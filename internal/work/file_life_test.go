package work

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/pg"
	"daubang/internal/portaltest"
	"daubang/internal/problem"
)

// bring attaches a PDF that holds text, to nothing that was sent.
func (f *files) bring(t *testing.T, text, purpose string, at time.Time) (id document.ID, err error) {
	t.Helper()
	put, err := f.store.Put(t.Context(), text+".pdf", strings.NewReader(strings.Replace(portaltest.PDF, "%%EOF", "%"+text+"\n%%EOF", 1)))
	if err != nil {
		t.Fatal(err)
	}
	err = pg.Tx(t.Context(), f.db, func(tx pgx.Tx) (err error) {
		id, err = document.Attach(t.Context(), tx, audit.Act{By: int64(f.writer), At: at}, document.Place{
			ProposalID: int64(f.proposal), SectionKey: "documents", Question: "documents", Purpose: purpose, Personal: purpose == "cv",
		}, put)
		return err
	})
	return id, err
}

// What was taken away and never sent leaves the disk after some days; what was
// sent stays, and so do unsent changes.
func TestRemovedFilesLeaveTheDisk(t *testing.T) {
	t.Parallel()
	f := withFiles(t, false)
	now := time.Now()
	brought := func(text string) document.ID {
		t.Helper()
		id, err := f.bring(t, text, "evidence", now)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	sent, stands, gone, aside := f.attach(t, "da gui"), brought("con dinh kem"), brought("da bo"), brought("chua gui")
	f.tx(t, func(ctx context.Context, tx pgx.Tx) error {
		for _, id := range []document.ID{sent, gone, aside} {
			if err := document.Remove(ctx, tx, audit.Act{By: int64(f.writer), At: now}, int64(f.proposal), id); err != nil {
				return err
			}
		}
		return nil
	})
	f.exec(t, `insert into unsent_changes (submission_id, form_id, content, documents, set_aside_at)
		select s.id, p.form_id, '{}', array[$2::bigint], now() from submissions s join proposals p on p.id = s.proposal_id where p.id = $1`, f.proposal, aside)
	for after, want := range map[time.Duration]int{50 * time.Hour: 0, 80 * time.Hour: 1} {
		if n, err := f.store.Sweep(t.Context(), f.db, now.Add(after)); err != nil || want == 0 && n != 0 {
			t.Errorf("%s later %d are swept, want %d: %v", after, n, want, err)
		}
	}
	for _, id := range []document.ID{sent, stands, aside} {
		if _, file, err := document.Open(t.Context(), f.db, f.store, f.head, int64(f.proposal), id); err != nil {
			t.Errorf("a file that is needed is gone: %v", err)
		} else {
			_ = file.Close()
		}
	}
	if _, _, err := document.Open(t.Context(), f.db, f.store, f.head, int64(f.proposal), gone); !errors.Is(err, problem.NotFound) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was taken away is still there: %v", err)
	}
}

// Attaching and taking away again fills the disk but for so much a day.
func TestFilesOfADay(t *testing.T) {
	t.Parallel()
	f := withFiles(t, false)
	now := time.Now()
	id, err := f.bring(t, "mot", "evidence", now)
	if err != nil {
		t.Fatal(err)
	}
	f.exec(t, `update documents set size = $2, removed_at = now() where id = $1`, id, document.MaxDailyBytes-100)
	said := func(err error) string {
		wrong, _ := errors.AsType[problem.Invalid](err)
		return wrong["file"].Key
	}
	if _, err := f.bring(t, "hai", "evidence", now.Add(time.Hour)); said(err) != "document.too_much_today" {
		t.Errorf("more than a day's: %v", err)
	}
	if err := document.Room(t.Context(), f.db, f.writer, now.Add(time.Hour), int64(f.proposal), 101); said(err) != "document.too_much_today" {
		t.Errorf("more than a day's is read first: %v", err)
	}
	for name, err := range map[string]error{
		"what fits":   document.Room(t.Context(), f.db, f.writer, now.Add(time.Hour), int64(f.proposal), 99),
		"another day": document.Room(t.Context(), f.db, f.writer, now.Add(25*time.Hour), int64(f.proposal), 101),
		"another's":   document.Room(t.Context(), f.db, f.head, now.Add(time.Hour), int64(f.proposal), 101),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := document.Room(t.Context(), f.db, f.head, now, int64(f.proposal), document.MaxProposalBytes+1); said(err) != "document.too_much" {
		t.Errorf("more than a proposal's: %v", err)
	}
}

// The same file can be two things: a CV and evidence are two documents, and what
// is personal of them stays so.
func TestOneFileForTwoPurposes(t *testing.T) {
	t.Parallel()
	f := withFiles(t, false)
	var ids []document.ID
	for _, purpose := range []string{"evidence", "cv", "cv"} {
		id, err := f.bring(t, "mot", purpose, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if ids[0] == ids[1] || ids[1] != ids[2] {
		t.Errorf("%v", ids)
	}
	if d, err := document.Get(t.Context(), f.db, f.head, int64(f.proposal), ids[1]); err != nil || !d.Personal || d.Purpose != "cv" {
		t.Errorf("%+v %v", d, err)
	}
}
