package document

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/jobs"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

// MaxScans is how many files one paper of an organisation may have.
const MaxScans = 10

// Scan is a file of one of an organisation's papers, for its people and for
// officers. Whether papers may change is decided in package passport.
type Scan struct {
	ID             ID
	OrganisationID int64
	PaperID        int64
	Number         int // 1, 2, 3 … of the paper, never used again
	Name           string
	MediaType      string
	Size           int64  // bytes
	SHA256         string `db:"sha256"`
	State          State
	UploadedAt     time.Time
	RemovedAt      *time.Time // it was sent, and taken away since
	Open           bool       // the viewer may open it
}

const scanColumns = `select id, organisation_id, paper_id, number, name, media_type, size, sha256, state, uploaded_at, removed_at, open from visible.paper_files($1)`

// Scans lists the files that stand with an organisation's papers.
func Scans(ctx context.Context, db pg.DB, viewer people.ID, organisation int64) ([]Scan, error) {
	return pg.All[Scan](ctx, db, scanColumns+` where organisation_id = $2 and removed_at is null order by paper_id, number`, viewer, organisation)
}

// SomeScans lists those of ids that viewer may see: what was sent.
func SomeScans(ctx context.Context, db pg.DB, viewer people.ID, ids []ID) ([]Scan, error) {
	return pg.All[Scan](ctx, db, scanColumns+` where id = any($2) order by paper_id, number`, viewer, ids)
}

// OpenScan returns a file of a paper with its bytes, if viewer may see it; in the
// states that [Open] refuses, it is refused alike.
func OpenScan(ctx context.Context, db pg.DB, store *Store, viewer people.ID, organisation, paper int64, id ID) (Scan, *os.File, error) {
	d, err := pg.One[Scan](ctx, db, scanColumns+` where id = $2 and organisation_id = $3 and paper_id = $4`, viewer, id, organisation, paper)
	switch {
	case err != nil:
		return d, nil, err
	case !d.Open:
		return d, nil, problem.Because(problem.Conflict, whyClosed(d.State))
	}
	f, err := store.open(d.SHA256)
	return d, f, err
}

// AttachScan makes a file of the store a scan of a paper, of an organisation that
// the caller has locked. It refuses with [problem.Invalid] on the field file more
// than [MaxScans] of one paper, and more than 200 MB of one organisation. The
// same file is not attached twice: its id comes back.
func AttachScan(ctx context.Context, tx pgx.Tx, act audit.Act, organisation, paper int64, f File) (ID, error) {
	type standing struct {
		Files, Bytes int64
		Last         int
		Same         ID
	}
	s, err := pg.One[standing](ctx, tx, `
		select count(*) filter (where paper_id = $2 and removed_at is null) as files,
		       coalesce(sum(size) filter (where removed_at is null), 0)::bigint as bytes,
		       coalesce(max(number) filter (where paper_id = $2), 0) as last,
		       coalesce(max(id) filter (where paper_id = $2 and removed_at is null and sha256 = $3), 0) as same
		from documents where organisation_id = $1`, organisation, paper, f.SHA256)
	switch {
	case err != nil:
		return 0, fmt.Errorf("counting scans of papers: %w", err)
	case s.Same != 0:
		return s.Same, nil
	case s.Files >= MaxScans:
		return 0, refuse("passport.too_many_scans", MaxScans)
	case s.Bytes+f.Size > MaxProposalBytes:
		return 0, refuse("passport.too_much", MaxProposalBytes>>20)
	}
	if err := roomToday(ctx, tx, people.ID(act.By), act.At, f.Size); err != nil {
		return 0, err
	}
	state := NotScanned
	if f.awaitsScan {
		state = Pending
	}
	id, err := pg.Value[ID](ctx, tx, `
		insert into documents (organisation_id, paper_id, section_key, question, number, name, media_type, size, sha256, state, uploaded_by, uploaded_at)
		values (@organisation, @paper, '', '', @number, @name, @media, @size, @sum, @state, @by, @at)
		returning id`, pgx.StrictNamedArgs{
		"organisation": organisation, "paper": paper, "number": s.Last + 1, "name": f.Name, "media": f.MediaType, "size": f.Size, "sum": f.SHA256,
		"state": state, "by": act.By, "at": act.At,
	})
	if err != nil {
		return 0, fmt.Errorf("attaching a scan of a paper: %w", err)
	}
	if _, err = audit.Record(ctx, tx, act, "attach", "organisation", organisation, audit.Detail{"paper": paper, "document": id.String(), "sha256": f.SHA256}); err != nil || !f.awaitsScan {
		return id, err
	}
	return id, jobs.Insert(ctx, tx, jobs.ScanDocument{DocumentID: int64(id)})
}

// RemoveScan takes a scan away from a paper, of an organisation that the caller
// has locked. What was sent with it keeps it.
func RemoveScan(ctx context.Context, tx pgx.Tx, act audit.Act, organisation, paper int64, id ID) error {
	err := pg.Exec(ctx, tx, `update documents set removed_at = $4 where id = $1 and organisation_id = $2 and paper_id = $3 and removed_at is null`, id, organisation, paper, act.At)
	if err != nil {
		return fmt.Errorf("removing scan %s: %w", id, err)
	}
	_, err = audit.Record(ctx, tx, act, "detach", "organisation", organisation, audit.Detail{"paper": paper, "document": id.String()})
	return err
}
