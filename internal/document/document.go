// Package document keeps what people attach to a proposal, and the scans of an
// organisation's papers: rows that say whose it is and what for, and a [Store]
// that holds the bytes under their hash.
//
// A file is what its structure says, not its name; it is never served but as a
// download. Whether a proposal may change is decided a storey above, in package
// proposal, which locks it first; who may see which file, in visible.documents.
package document

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/jobs"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
)

// ID names an attached document.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// State is what the scan for malware found.
type State string

// The states.
const (
	NotScanned State = "not_scanned" // no scanner is configured
	Pending    State = "pending"
	Clean      State = "clean"
	Infected   State = "infected"
	// Unscannable is what the scanner could not look into, which is not clean.
	Unscannable State = "unscannable"
)

// Document is an attached file as a viewer may see it. Its name is empty where
// it might tell who applies: show its number instead.
type Document struct {
	ID         ID
	ProposalID int64
	SectionKey string
	Question   string
	Purpose    string // a value of the question's purposes
	Number     int    // 1, 2, 3 … within the proposal, never used again
	Name       string
	MediaType  string
	Size       int64  // bytes
	SHA256     string `db:"sha256"`
	State      State
	Personal   bool // never to those who judge
	UploadedAt time.Time
	RemovedAt  *time.Time
}

const columns = `select d.id, d.proposal_id, d.section_key, d.question, d.purpose, d.number, coalesce(d.name, '') as name, d.media_type, d.size, d.sha256,
	d.state, d.personal, d.uploaded_at, d.removed_at from visible.documents($1) d`

// Attached lists what stands attached to a proposal now, as its applicant
// works on it.
func Attached(ctx context.Context, db pg.DB, viewer people.ID, proposal int64) ([]Document, error) {
	return pg.All[Document](ctx, db, columns+` where d.proposal_id = $2 and d.removed_at is null order by d.number`, viewer, proposal)
}

// Some lists those of ids that viewer may see: the documents of a submission.
func Some(ctx context.Context, db pg.DB, viewer people.ID, ids []ID) ([]Document, error) {
	return pg.All[Document](ctx, db, columns+` where d.id = any($2) order by d.number`, viewer, ids)
}

// Get returns one document of a proposal if viewer may see it.
func Get(ctx context.Context, db pg.DB, viewer people.ID, proposal int64, id ID) (Document, error) {
	return pg.One[Document](ctx, db, columns+` where d.id = $2 and d.proposal_id = $3`, viewer, id, proposal)
}

// Open returns a document with its bytes, if viewer may see it. One that waits
// for the scanner, or that it could not look into, is given only to the
// organisation it comes from; one that was found infected to nobody.
func Open(ctx context.Context, db pg.DB, store *Store, viewer people.ID, proposal int64, id ID) (Document, *os.File, error) {
	d, err := Get(ctx, db, viewer, proposal, id)
	if err != nil {
		return d, nil, err
	}
	sum, err := pg.Value[string](ctx, db, `select sha256 from visible.openable_documents($1) where id = $2 and proposal_id = $3`, viewer, id, proposal)
	if errors.Is(err, problem.NotFound) { // seen a moment ago: it is its state
		return d, nil, problem.Because(problem.Conflict, whyClosed(d.State))
	}
	if err != nil {
		return d, nil, fmt.Errorf("opening document %d: %w", id, err)
	}
	f, err := store.open(sum)
	if d.RemovedAt != nil && errors.Is(err, fs.ErrNotExist) { // swept
		err = problem.NotFound
	}
	return d, f, err
}

// whyClosed says why nobody but its owner may open a file.
func whyClosed(s State) string {
	switch s {
	case Infected:
		return "document.infected"
	case Unscannable:
		return "document.unscannable"
	case Pending, NotScanned, Clean: // the last two have just changed
	}
	return "document.pending"
}

// Place says to what a document belongs.
type Place struct {
	ProposalID int64
	SectionKey string
	Question   string
	Purpose    string
	Personal   bool
}

// Names reports whether files for a purpose name who applies, so that in a blind
// call those who judge do not see them (visible.documents has the same list).
func Names(purpose string) bool { return purpose == "legal" || purpose == "support" }

// Attach makes a file of the store part of a proposal that the caller has
// locked. It refuses with [problem.Invalid] on the field file beyond 30 files
// or 200 MB, and 500 MB of one person in a day. The same file for the same purpose
// of the same question is not attached twice: its id comes back.
func Attach(ctx context.Context, tx pgx.Tx, act audit.Act, to Place, f File) (ID, error) {
	type standing struct {
		Files, Bytes int64
		Last         int
		Same         ID
	}
	s, err := pg.One[standing](ctx, tx, `
		select count(*) filter (where removed_at is null) as files,
		       coalesce(sum(size) filter (where removed_at is null), 0)::bigint as bytes,
		       coalesce(max(number), 0) as last,
		       coalesce(max(id) filter (where removed_at is null and sha256 = $2 and question = $3 and purpose = $4), 0) as same
		from documents where proposal_id = $1`, to.ProposalID, f.SHA256, to.Question, to.Purpose)
	switch {
	case err != nil:
		return 0, fmt.Errorf("counting documents: %w", err)
	case s.Same != 0:
		return s.Same, nil
	case s.Files >= MaxFiles:
		return 0, refuse("document.too_many", MaxFiles)
	case s.Bytes+f.Size > MaxProposalBytes:
		return 0, refuse("document.too_much", MaxProposalBytes>>20)
	}
	if err := roomToday(ctx, tx, people.ID(act.By), act.At, f.Size); err != nil {
		return 0, err
	}
	state := NotScanned
	if f.awaitsScan {
		state = Pending
	}
	id, err := pg.Value[ID](ctx, tx, `
		insert into documents (proposal_id, section_key, question, purpose, number, name, media_type, size, sha256, state, personal, uploaded_by, uploaded_at)
		values (@proposal, @section, @question, @purpose, @number, @name, @media, @size, @sum, @state, @personal, @by, @at)
		returning id`, pgx.StrictNamedArgs{
		"proposal": to.ProposalID, "section": to.SectionKey, "question": to.Question, "purpose": to.Purpose, "number": s.Last + 1, "name": f.Name,
		"media": f.MediaType, "size": f.Size, "sum": f.SHA256, "state": state, "personal": to.Personal, "by": act.By, "at": act.At,
	})
	if err != nil {
		return 0, fmt.Errorf("attaching a document: %w", err)
	}
	if _, err = audit.Record(ctx, tx, act, "attach", "proposal", to.ProposalID, audit.Detail{"document": id.String(), "number": s.Last + 1, "sha256": f.SHA256}); err != nil || !f.awaitsScan {
		return id, err
	}
	return id, jobs.Insert(ctx, tx, jobs.ScanDocument{DocumentID: int64(id)})
}

// Remove takes a document away from a proposal that the caller has locked. What
// was sent with it keeps it.
func Remove(ctx context.Context, tx pgx.Tx, act audit.Act, proposal int64, id ID) error {
	number, err := pg.Value[int](ctx, tx, `
		update documents set removed_at = $3 where id = $1 and proposal_id = $2 and removed_at is null returning number`, id, proposal, act.At)
	if err != nil {
		return fmt.Errorf("removing document %d: %w", id, err)
	}
	_, err = audit.Record(ctx, tx, act, "detach", "proposal", proposal, audit.Detail{"document": id.String(), "number": number})
	return err
}

// OfMany lists what stands attached to proposals that the caller has locked, to
// whomever they are visible.
func OfMany(ctx context.Context, tx pgx.Tx, proposals []int64) ([]Document, error) {
	all, err := pg.All[Document](ctx, tx, `
		select id, proposal_id, section_key, question, purpose, number, name, media_type, size, sha256, state, personal, uploaded_at, removed_at
		from documents where proposal_id = any($1) and removed_at is null order by proposal_id, number`, proposals)
	if err != nil {
		return nil, fmt.Errorf("reading documents of %d proposals: %w", len(proposals), err)
	}
	return all, nil
}

// MoveTo follows a question that is asked in another section now, for proposals
// that the caller has locked.
func MoveTo(ctx context.Context, tx pgx.Tx, proposals []int64, question, section string) error {
	_, err := tx.Exec(ctx, `update documents set section_key = $3 where proposal_id = any($1) and question = $2 and removed_at is null`, proposals, question, section)
	if err != nil {
		return fmt.Errorf("moving documents of question %s: %w", question, err)
	}
	return nil
}

// Copy attaches documents of other proposals to one that has none and that the
// caller has locked, each to the section that is named for it. The bytes are the
// same, kept once under their hash; what a scanner has said of them holds for the
// copy, and what waits for it waits again. Whom they are visible to, and that they
// may come along, the caller knows.
func Copy(ctx context.Context, tx pgx.Tx, act audit.Act, to int64, from map[ID]string) error {
	type copied struct {
		ID    ID
		State State
	}
	ids := slices.Sorted(maps.Keys(from))
	sections := make([]string, len(ids))
	for i, id := range ids {
		sections[i] = from[id]
	}
	all, err := pg.All[copied](ctx, tx, `
		insert into documents (proposal_id, section_key, question, purpose, number, name, media_type, size, sha256, state, scanned_at, scan_said, personal, uploaded_by, uploaded_at)
		select $1, f.section, d.question, d.purpose, row_number() over (order by d.number, d.id), d.name, d.media_type, d.size, d.sha256, d.state, d.scanned_at, d.scan_said, d.personal, $4, $5
		from unnest($2::bigint[], $3::text[]) f (id, section) join documents d on d.id = f.id
		returning id, state`, to, ids, sections, act.By, act.At)
	if err != nil {
		return fmt.Errorf("copying %d documents: %w", len(ids), err)
	}
	for _, d := range all {
		if d.State == Pending {
			if err := jobs.Insert(ctx, tx, jobs.ScanDocument{DocumentID: int64(d.ID)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Restore makes exactly keep stand attached to a proposal that the caller has
// locked, whatever was attached or removed since, and returns what stood.
func Restore(ctx context.Context, tx pgx.Tx, act audit.Act, proposal int64, keep []ID) (stood []ID, err error) {
	stood, err = pg.Values[ID](ctx, tx, `select id from documents where proposal_id = $1 and removed_at is null order by number`, proposal)
	if err != nil {
		return nil, fmt.Errorf("reading what stands attached: %w", err)
	}
	_, err = tx.Exec(ctx, `
		update documents set removed_at = case when id = any($2) then null else $3::timestamptz end
		where proposal_id = $1 and (id = any($2)) <> (removed_at is null)`, proposal, keep, act.At)
	if err != nil {
		return nil, fmt.Errorf("restoring documents: %w", err)
	}
	return stood, nil
}
