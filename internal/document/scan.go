package document

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/jobs"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
	"daubang/internal/scan"
)

// ToScan is the file of a document for the scanner, nil where it needs none: it
// was scanned, or taken away and never sent.
func ToScan(ctx context.Context, db pg.DB, store *Store, id ID) (io.ReadCloser, error) {
	sums, err := pg.Values[string](ctx, db, `select sha256 from documents where id = $1 and state in ('not_scanned', 'pending') and (removed_at is null or document_is_sent(id))`, id)
	if err != nil || len(sums) == 0 {
		return nil, err
	}
	return store.open(sums[0])
}

// states says which state a verdict leads to.
var states = map[scan.Verdict]State{scan.Clean: Clean, scan.Infected: Infected, scan.Unscannable: Unscannable}

// tells says which letters tell of a verdict: about a file of a proposal, and
// about a scan of a paper.
var tells = map[State][2]letter.Kind{
	Infected: {letter.DocumentInfected, letter.ScanInfected}, Unscannable: {letter.DocumentUnscannable, letter.ScanUnscannable},
}

// Scanned notes what the scanner found in a document. Of one with malware, and of
// one that cannot be scanned, the heads and writers of its organisation get a
// letter. A document that was scanned already keeps what was found first.
func Scanned(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, found scan.Finding) error {
	type row struct {
		ProposalID     int64
		OrganisationID int64
		PaperID        int64
		Number         int
		Waits          bool
	}
	d, err := pg.One[row](ctx, tx, `
		select coalesce(proposal_id, 0) as proposal_id, coalesce(organisation_id, 0) as organisation_id, coalesce(paper_id, 0) as paper_id, number, state in ('not_scanned', 'pending') as waits from documents where id = $1 for update`, id)
	if err != nil {
		return fmt.Errorf("noting a scan of document %d: %w", id, err)
	}
	if !d.Waits {
		return nil
	}
	state, ok := states[found.Verdict]
	if !ok {
		return fmt.Errorf("no state for the verdict %q", found.Verdict)
	}
	if err := pg.Exec(ctx, tx, `update documents set state = $2, scan_said = $3, scanned_at = $4 where id = $1`, id, state, found.Name, act.At); err != nil {
		return fmt.Errorf("noting a scan of document %d: %w", id, err)
	}
	event, err := audit.Record(ctx, tx, act, "scan", "document", int64(id), audit.Detail{"state": string(state), "said": found.Name})
	kinds, told := tells[state]
	if err != nil || !told {
		return err
	}
	keepers, err := pg.Values[people.ID](ctx, tx, `select person_id from document_keepers($1)`, id)
	if err != nil {
		return fmt.Errorf("finding whose document %d is: %w", id, err)
	}
	if d.OrganisationID != 0 {
		about := letter.About{Refs: map[string]any{"organisation": ref.Of(d.OrganisationID), "paper": ref.Of(d.PaperID), "document": id.String()}}
		return people.Write(ctx, tx, act, event, kinds[1], about, keepers...)
	}
	about := letter.About{ProposalID: d.ProposalID, Refs: map[string]any{"document": id.String(), "number": d.Number}} // not the office's: no programme
	return people.Write(ctx, tx, act, event, kinds[0], about, keepers...)
}

// Waiting counts the files that wait for the scanner.
func Waiting(all []Document) int {
	n := 0
	for _, d := range all {
		if d.State == Pending {
			n++
		}
	}
	return n
}

// scanBatch is how many scans are queued in one transaction.
const scanBatch = 100

// QueueScans queues scans of documents that have waited since before and for
// which no job is left, and of those that came before there was a scanner. It
// returns how many.
func QueueScans(ctx context.Context, tx pgx.Tx, before time.Time) (int, error) {
	ids, err := pg.Values[int64](ctx, tx, `
		select d.id from documents d
		where d.state in ('not_scanned', 'pending') and (d.removed_at is null or document_is_sent(d.id)) and d.uploaded_at < $1
		  and not exists (select from scan_jobs j where j.document_id = d.id)
		order by d.uploaded_at, d.id limit $2 for update of d skip locked`, before, scanBatch)
	if err != nil {
		return 0, fmt.Errorf("finding documents to scan: %w", err)
	}
	all := make([]jobs.ScanDocument, len(ids))
	for i, id := range ids {
		all[i] = jobs.ScanDocument{DocumentID: id}
	}
	return len(ids), jobs.Insert(ctx, tx, all...)
}

// ScanAgain has a document shown to the scanner once more that it could not look
// into: its settings were wrong, or it was not well. Only officers of the
// document's programme may, and only while there is a scanner; malware stays
// malware.
func ScanAgain(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, scans bool) error {
	state, err := pg.Value[State](ctx, tx, `
		select q.state from visible.quarantine($1) q join visible.proposals($1) p on p.id = q.proposal_id and p.view = 'officer' where q.document_id = $2`, act.By, id)
	switch {
	case err != nil:
		return fmt.Errorf("finding document %s among those held: %w", id, err)
	case !scans:
		return problem.Because(problem.Conflict, "document.held.no_scanner")
	case state != Unscannable:
		return problem.Because(problem.Conflict, "document.held.not_again")
	}
	if err := pg.Exec(ctx, tx, `update documents set state = 'pending', scan_said = '', scanned_at = null where id = $1 and state = 'unscannable'`, id); err != nil {
		return fmt.Errorf("scanning document %s again: %w", id, err)
	}
	if _, err := audit.Record(ctx, tx, act, "scan_again", "document", int64(id), nil); err != nil {
		return err
	}
	return jobs.Insert(ctx, tx, jobs.ScanDocument{DocumentID: int64(id)})
}

// Quarantined is a file that nobody at the desk may open, and why: of a proposal,
// or of an organisation's papers.
type Quarantined struct {
	DocumentID ID
	ProposalID int64 // 0: it is of a paper
	Reference  string
	// OrganisationID and its name are of whose paper it is.
	OrganisationID   int64
	OrganisationName string
	Number           int
	State            State
	Said             string
	UploadedAt       time.Time
	ScannedAt        *time.Time
}

// quarantineMost is how many are listed.
const quarantineMost = 200

// Quarantine lists them for viewer, the newest first.
func Quarantine(ctx context.Context, db pg.DB, viewer people.ID) ([]Quarantined, error) {
	return pg.All[Quarantined](ctx, db, `
		select h.document_id, h.proposal_id, h.reference, h.organisation_id, h.organisation_name, h.number, h.state, h.said, h.uploaded_at, h.scanned_at
		from (select document_id, proposal_id, reference, 0::bigint as organisation_id, '' as organisation_name, number, state, said, uploaded_at, scanned_at from visible.quarantine($1)
		      union all
		      select document_id, 0, '', organisation_id, organisation_name, number, state, said, uploaded_at, scanned_at from visible.paper_quarantine($1)) h
		order by h.state = 'pending', h.uploaded_at desc limit $2`, viewer, quarantineMost)
}
