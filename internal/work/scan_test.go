package work

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/letter"
	"daubang/internal/mail/mailtest"
	"daubang/internal/people"
	"daubang/internal/portaltest"
	"daubang/internal/problem"
	"daubang/internal/scan"
	"daubang/internal/scan/clamdtest"
)

// files is a world with a store that scans.
type files struct {
	*world
	store *document.Store
}

func withFiles(t *testing.T, scans bool) *files {
	t.Helper()
	store, err := document.OpenStore("file://" + filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	store.Scans = scans
	return &files{newWorld(t), store}
}

// attach attaches a PDF that holds text to what the world has sent.
func (f *files) attach(t *testing.T, text string) (id document.ID) {
	t.Helper()
	put, err := f.store.Put(t.Context(), text+".pdf", strings.NewReader(strings.Replace(portaltest.PDF, "%%EOF", "%"+text+"\n%%EOF", 1)))
	if err != nil {
		t.Fatal(err)
	}
	f.tx(t, func(ctx context.Context, tx pgx.Tx) (err error) {
		id, err = document.Attach(ctx, tx, audit.Act{By: int64(f.writer), At: time.Now().Add(-time.Hour)}, document.Place{
			ProposalID: int64(f.proposal), SectionKey: "documents", Question: "documents", Purpose: "evidence",
		}, put)
		return err
	})
	f.exec(t, `insert into submission_documents select id, $2 from submissions where proposal_id = $1`, f.proposal, id)
	return id
}

func (f *files) state(t *testing.T, id document.ID) document.State {
	t.Helper()
	d, err := document.Get(t.Context(), f.db, f.head, int64(f.proposal), id)
	if err != nil {
		t.Fatal(err)
	}
	return d.State
}

// opens says whether who may read the file, and with which words not.
func (f *files) opens(t *testing.T, who people.ID, id document.ID) string {
	t.Helper()
	_, file, err := document.Open(t.Context(), f.db, f.store, who, int64(f.proposal), id)
	if refusal, ok := errors.AsType[problem.Refusal](err); ok {
		return refusal.Key
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	return ""
}

func (f *files) opened(t *testing.T, id document.ID, applicant, office string) {
	t.Helper()
	for who, want := range map[people.ID]string{f.writer: applicant, f.head: applicant, f.officer: office, f.audi: office} {
		if got := f.opens(t, who, id); got != want {
			t.Errorf("person %d opens a file that is %s: %q, want %q", who, f.state(t, id), got, want)
		}
	}
}

// F20: the scanner down, back, finding, unable, talking nonsense: what is not
// plainly clean is opened by nobody outside the organisation.
func TestScans(t *testing.T) {
	t.Parallel()
	f, clamd, post := withFiles(t, true), clamdtest.Start(t), mailtest.Start(t, mailtest.Options{})
	clamd.Find("EICAR", "Win.Test.EICAR_HDB-1")
	clamd.Find("khoa", "Heuristics.Encrypted.PDF")
	clamd.Stop()
	good, bad, locked := f.attach(t, "sach"), f.attach(t, "EICAR"), f.attach(t, "khoa")
	o := f.options(t, post)
	o.Files, o.Scanner = f.store, &scan.Client{Address: clamd.Address, Patience: 2 * time.Second}
	start(t, o)
	f.opened(t, good, "", "document.pending")
	time.Sleep(300 * time.Millisecond)
	for _, id := range []document.ID{good, bad, locked} {
		if got := f.state(t, id); got != document.Pending {
			t.Errorf("without a scanner a file is %s", got)
		}
	}
	clamd.Answer("stream: Can't allocate memory ERROR")
	clamd.Again(t)
	eventually(t, "what can be told is told", func() bool { return f.state(t, bad) == document.Infected && f.state(t, locked) == document.Unscannable })
	f.opened(t, good, "", "document.pending")
	f.opened(t, bad, "document.infected", "document.infected")
	f.opened(t, locked, "", "document.unscannable")
	clamd.Answer("stream: OK")
	f.exec(t, `update river_job set scheduled_at = now(), state = 'available' where kind = 'scan_document' and state in ('retryable', 'scheduled')`)
	eventually(t, "the good one is clean", func() bool { return f.state(t, good) == document.Clean })
	f.opened(t, good, "", "")
	eventually(t, "heads and writers are told of malware and of what cannot be scanned", func() bool { return len(post.Received()) == 4 })
	told := map[letter.Kind]int{}
	for _, l := range f.letters(t) {
		if l.State == letter.Sent {
			told[l.Kind]++
		}
	}
	if told[letter.DocumentInfected] != 2 || told[letter.DocumentUnscannable] != 2 {
		t.Errorf("%v", told)
	}
	for who, want := range map[people.ID]int{f.officer: 2, f.audi: 2, f.head: 0, f.reviewer: 0} {
		if q, err := document.Quarantine(t.Context(), f.db, who); err != nil || len(q) != want {
			t.Errorf("person %d sees %d files in quarantine, want %d: %v", who, len(q), want, err)
		}
	}
}

// Files that came before there was a scanner are scanned too, and stay open
// until something is found.
func TestScansWhatCameBefore(t *testing.T) {
	t.Parallel()
	f, clamd := withFiles(t, false), clamdtest.Start(t)
	clamd.Find("EICAR", "Win.Test.EICAR_HDB-1")
	good, bad := f.attach(t, "sach"), f.attach(t, "EICAR")
	f.opened(t, bad, "", "")
	f.exec(t, `update documents set removed_at = now() where id = $1`, bad) // after it was sent
	o := f.options(t, nil)
	o.Files, o.Scanner = f.store, &scan.Client{Address: clamd.Address}
	if err := queueScans(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	start(t, o)
	eventually(t, "both are scanned", func() bool { return f.state(t, good) == document.Clean && f.state(t, bad) == document.Infected })
	f.opened(t, bad, "document.infected", "document.infected")
}
