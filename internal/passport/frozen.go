package passport

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
)

// Frozen is the passport as it goes with a proposal. Of the account it holds the
// print alone: what those who judge have no use for is kept apart, see [Keep].
type Frozen struct {
	Papers    []FrozenPart   `json:"papers,omitempty"`
	Signatory *FrozenPart    `json:"signatory,omitempty"`
	Account   *FrozenAccount `json:"account,omitempty"`
}

// FrozenAccount says which account was sent, and not what it is.
type FrozenAccount struct {
	Mark     string `json:"mark"`
	Verified bool   `json:"verified"`
}

// FrozenScan is a file of a paper, without its name.
type FrozenScan struct {
	Document string `json:"document"` // its id, as in addresses
	SHA256   string `json:"sha256"`
	Size     int64  `json:"size"`
}

// FrozenPart is a part as it stood.
type FrozenPart struct {
	Kind      string `json:"kind"`
	Number    string `json:"number"`
	IssuedOn  string `json:"issued_on,omitempty"` // as 2027-02-14
	Issuer    string `json:"issuer,omitempty"`
	ExpiresOn string `json:"expires_on,omitempty"`
	Note      string `json:"note,omitempty"`
	Verified  bool   `json:"verified"`

	Scans []FrozenScan `json:"scans,omitempty"`
}

// Freeze is the passport as it stands, nil where there is none.
func Freeze(parts []Part) *Frozen {
	var f Frozen
	for _, p := range parts {
		part := FrozenPart{Kind: p.Kind, Number: p.Number, IssuedOn: iso(p.IssuedOn), Issuer: p.Issuer, ExpiresOn: iso(p.ExpiresOn), Note: p.Note, Verified: p.State == Verified}
		for _, s := range p.Scans {
			part.Scans = append(part.Scans, FrozenScan{Document: s.ID.String(), SHA256: s.SHA256, Size: s.Size})
		}
		switch p.Part {
		case Bank:
			f.Account = &FrozenAccount{Mark: p.Mark, Verified: p.State == Verified}
		case Signatory:
			f.Signatory = &part
		default:
			f.Papers = append(f.Papers, part)
		}
	}
	if f.Signatory == nil && f.Account == nil && len(f.Papers) == 0 {
		return nil
	}
	return &f
}

func iso(d *time.Time) string {
	if d == nil {
		return ""
	}
	return d.Format(time.DateOnly)
}

// ScanIDs are the files of the papers that were sent.
func (f *Frozen) ScanIDs() []document.ID {
	if f == nil {
		return nil
	}
	var all []document.ID
	for _, p := range f.Papers {
		for _, s := range p.Scans {
			if id, err := ref.Parse[document.ID](s.Document); err == nil { // it was written by us
				all = append(all, id)
			}
		}
	}
	return all
}

// Keep freezes with a submission what is not for all who read it: the account,
// sealed as it stands, and the scans of the papers. It refuses parts that were
// changed since they were read.
func Keep(ctx context.Context, tx pgx.Tx, submission int64, org organisation.ID, parts []Part) error {
	var scans []document.ID
	for _, p := range parts {
		for _, s := range p.Scans {
			scans = append(scans, s.ID)
		}
		if p.Part != Bank {
			continue
		}
		kept, err := tx.Exec(ctx, `
			insert into submission_accounts (submission_id, organisation_id, bank, bank_holder, bank_number, bank_tail, mark, verified)
			select @submission, p.organisation_id, p.bank, p.bank_holder, p.bank_number, p.bank_tail, @mark, @verified
			from passports p
			where p.organisation_id = @org and passport_mark(p.bank, p.bank_holder, encode(p.bank_number, 'hex')) = @mark`,
			pgx.StrictNamedArgs{"submission": submission, "org": org, "mark": p.Mark, "verified": p.State == Verified})
		if err != nil {
			return fmt.Errorf("keeping the account of organisation %s: %w", org, err)
		}
		if kept.RowsAffected() == 0 {
			return problem.Because(problem.Conflict, "passport.changed_meanwhile")
		}
	}
	if len(scans) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `insert into submission_papers (submission_id, document_id) select $1, unnest($2::bigint[])`, submission, scans); err != nil {
		return fmt.Errorf("keeping the papers of organisation %s: %w", org, err)
	}
	return nil
}

// SentAccount is an account as it was sent with a submission.
type SentAccount struct {
	OrganisationID organisation.ID
	Bank           string
	BankHolder     string
	BankTail       string // the end of its number
	Verified       bool
}

// Sent is the account that went with a submission, nil where none did or where
// it is not for viewer.
func Sent(ctx context.Context, db pg.DB, viewer people.ID, submission int64) (*SentAccount, error) {
	list, err := pg.All[SentAccount](ctx, db, `
		select organisation_id, bank, bank_holder, bank_tail, verified from visible.submission_accounts($1) where submission_id = $2`, viewer, submission)
	if err != nil {
		return nil, fmt.Errorf("reading the account of submission %d: %w", submission, err)
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // none went with it
	}
	return &list[0], nil
}

// SeeSent opens the number of the account that went with a submission to an
// officer, and remembers that they looked.
func SeeSent(ctx context.Context, tx pgx.Tx, act audit.Act, secret people.Key, proposal, submission int64) (string, error) {
	type row struct {
		OrganisationID organisation.ID
		BankNumber     []byte
	}
	list, err := pg.All[row](ctx, tx, `
		select organisation_id, bank_number from visible.submission_accounts($1) where proposal_id = $2 and submission_id = $3`, act.By, proposal, submission)
	if err != nil {
		return "", fmt.Errorf("reading the account of submission %d: %w", submission, err)
	}
	if len(list) == 0 {
		return "", problem.Because(problem.Conflict, "passport.no_account_sent")
	}
	if err := lockForOffice(ctx, tx, act, list[0].OrganisationID); err != nil {
		return "", err
	}
	n, err := open(secret, list[0].OrganisationID, list[0].BankNumber)
	if err != nil {
		return "", err
	}
	_, err = audit.Record(ctx, tx, act, "see_account", "proposal", proposal, nil)
	return n, err
}

// AttachScan adds a file of the store to a paper. Heads may; what was verified
// has to be verified again.
func AttachScan(ctx context.Context, tx pgx.Tx, act audit.Act, org organisation.ID, paper PaperID, f document.File) error {
	if err := lockPaper(ctx, tx, act, org, paper); err != nil {
		return err
	}
	_, err := document.AttachScan(ctx, tx, act, int64(org), int64(paper), f)
	return err
}

// RemoveScan takes a file away from a paper, with the same refusals.
func RemoveScan(ctx context.Context, tx pgx.Tx, act audit.Act, org organisation.ID, paper PaperID, scan document.ID) error {
	if err := lockPaper(ctx, tx, act, org, paper); err != nil {
		return err
	}
	return document.RemoveScan(ctx, tx, act, int64(org), int64(paper), scan)
}

// lockPaper locks the organisation that a paper is of, for its heads.
func lockPaper(ctx context.Context, tx pgx.Tx, act audit.Act, org organisation.ID, paper PaperID) error {
	if err := organisation.LockAsHead(ctx, tx, act, org); err != nil {
		return err
	}
	_, err := pg.Value[PaperID](ctx, tx, `select id from organisation_papers where id = $1 and organisation_id = $2`, paper, org)
	return err
}
