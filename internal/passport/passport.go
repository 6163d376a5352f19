// Package passport keeps what an organisation proves itself by: its papers and
// the day each ends, who signs for it, and the account it is paid to. It is
// entered once, verified part by part by an officer, and goes as a copy with
// every proposal. The account's number is sealed in the database.
package passport

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
	"daubang/internal/seal"
	"daubang/internal/viet"
)

// PaperID names a paper.
type PaperID int64

func (id PaperID) String() string { return ref.Of(id) }

// State is what an officer said of a part as it stands.
type State string

// The states.
const (
	New      State = "new"      // nobody has looked yet
	Verified State = "verified" // in order
	Change   State = "change"   // to be changed, and why
	Changed  State = "changed"  // changed since somebody looked: to be verified again
)

// Waits says that an officer has to look.
func (s State) Waits() bool { return s == New || s == Changed }

// The parts that are no papers.
const (
	Signatory = "signatory"
	Bank      = "bank"
)

// Part is a paper, who signs, or the account, with what an officer said of it.
// Of who signs, Number is the name, Issuer the title and Note the paper; of the
// account, Number is its end, Issuer the bank and Note the holder.
type Part struct {
	Part          string // Signatory, Bank, or the paper's number
	Kind          string // an organisation.PaperKind, Signatory or Bank
	Number        string
	IssuedOn      *time.Time
	Issuer        string
	ExpiresOn     *time.Time
	Note          string
	Mark          string // the print of all that
	State         State
	Reason        string
	CheckedAt     *time.Time
	CheckedByName string
	Scans         []document.Scan `db:"-"` // of a paper, to who may see them
}

// Paper is the paper's id; 0 for what is none.
func (p Part) Paper() PaperID {
	var id PaperID
	if _, err := fmt.Sscan(p.Part, &id); err != nil {
		return 0
	}
	return id
}

// Expired says that its last day has passed.
func (p Part) Expired(now time.Time) bool {
	return p.ExpiresOn != nil && viet.Day(now).After(*p.ExpiresOn)
}

// Soon is from how many days before its end a paper is spoken of.
const Soon = 60

// DaysLeft is how many days a paper is still good for, -1 for one that has no end
// or is over.
func (p Part) DaysLeft(now time.Time) int {
	if p.ExpiresOn == nil || p.Expired(now) {
		return -1
	}
	return int(p.ExpiresOn.Sub(viet.Day(now)).Hours() / 24)
}

// Parts lists an organisation's passport for who may see it; the account only
// for its heads and officers.
func Parts(ctx context.Context, db pg.DB, viewer people.ID, id organisation.ID) ([]Part, error) {
	list, err := pg.All[Part](ctx, db, `
		select part, kind, number, issued_on, issuer, expires_on, note, mark, state, reason, checked_at, checked_by_name
		from visible.passport_parts($1) where organisation_id = $2 order by place, part`, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("reading the passport of organisation %s: %w", id, err)
	}
	if !slices.ContainsFunc(list, func(p Part) bool { return p.Paper() != 0 }) {
		return list, nil
	}
	scans, err := document.Scans(ctx, db, viewer, int64(id))
	if err != nil {
		return nil, fmt.Errorf("reading the scans of organisation %s: %w", id, err)
	}
	for i, p := range list {
		for _, s := range scans {
			if p.Paper() != 0 && int64(p.Paper()) == s.PaperID {
				list[i].Scans = append(list[i].Scans, s)
			}
		}
	}
	return list, nil
}

// PaperEntry is a paper as typed.
type PaperEntry struct {
	Kind, Number, IssuedOn, Issuer, ExpiresOn string
}

type paper struct {
	kind, number, issuer string
	issued, expires      *time.Time
}

const (
	longestNumber = 80
	longestLine   = 200
	longestReason = 1000
)

func (e PaperEntry) check(now time.Time) (paper, error) {
	wrong := problem.Invalid{}
	p := paper{kind: e.Kind, number: line(wrong, "number", e.Number, longestNumber), issuer: line(wrong, "issuer", e.Issuer, longestLine)}
	if !slices.Contains(organisation.PaperKinds, organisation.PaperKind(e.Kind)) {
		wrong.Add("kind", "organisation.paper_kind_missing")
	}
	if p.number == "" {
		wrong.Add("number", "organisation.paper_number_missing")
	}
	p.issued, p.expires = day(wrong, "issued", e.IssuedOn), day(wrong, "expires", e.ExpiresOn)
	if p.issued != nil && p.issued.After(viet.Day(now)) {
		wrong.Add("issued", "organisation.paper_date_future")
	}
	if p.issued != nil && p.expires != nil && !p.expires.After(*p.issued) {
		wrong.Add("expires", "passport.expires_before")
	}
	return p, wrong.OrNil()
}

func line(wrong problem.Invalid, field, typed string, most int) string {
	s := viet.Clean(typed)
	if viet.CountChars(s) > most {
		wrong.Add(field, "organisation.too_long", most)
	}
	return s
}

func day(wrong problem.Invalid, field, typed string) *time.Time {
	if viet.Clean(typed) == "" {
		return nil
	}
	d, ok := viet.ParseDate(typed, 0)
	if !ok {
		wrong.Add(field, "organisation.paper_date_wrong")
		return nil
	}
	return &d
}

// SavePaper writes a paper, a new one where id is 0. Heads may; what was
// verified and is changed has to be verified again.
func SavePaper(ctx context.Context, tx pgx.Tx, act audit.Act, org organisation.ID, id PaperID, e PaperEntry) error {
	if err := organisation.LockAsHead(ctx, tx, act, org); err != nil {
		return err
	}
	p, err := e.check(act.At)
	if err != nil {
		return err
	}
	args := pgx.StrictNamedArgs{"org": org, "kind": p.kind, "number": p.number, "issued": p.issued, "issuer": p.issuer, "expires": p.expires}
	if id != 0 {
		args["id"] = id
		err = pg.Exec(ctx, tx, `
			update organisation_papers set kind = @kind, number = @number, issued_on = @issued, issuer = @issuer, expires_on = @expires
			where id = @id and organisation_id = @org`, args)
	} else {
		var n int
		if n, err = pg.Value[int](ctx, tx, `select count(*)::int from organisation_papers where organisation_id = $1`, org); err == nil && n >= organisation.MostPapers {
			return problem.Because(problem.Conflict, "organisation.too_many_papers", organisation.MostPapers)
		}
		args["position"] = n
		if err == nil {
			id, err = pg.Value[PaperID](ctx, tx, `
				insert into organisation_papers (organisation_id, kind, number, issued_on, issuer, expires_on, position)
				values (@org, @kind, @number, @issued, @issuer, @expires, @position) returning id`, args)
		}
	}
	if err != nil {
		return fmt.Errorf("saving a paper of organisation %s: %w", org, err)
	}
	_, err = audit.Record(ctx, tx, act, "save_paper", "organisation", org, audit.Detail{"paper": id.String()})
	return err
}

// RemovePaper takes a paper away. Heads may; what was sent keeps its copy.
func RemovePaper(ctx context.Context, tx pgx.Tx, act audit.Act, org organisation.ID, id PaperID) error {
	if err := organisation.LockAsHead(ctx, tx, act, org); err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `delete from organisation_papers where id = $1 and organisation_id = $2`, id, org); err != nil {
		return fmt.Errorf("removing a paper of organisation %s: %w", org, err)
	}
	_, err := audit.Record(ctx, tx, act, "remove_paper", "organisation", org, audit.Detail{"paper": id.String()})
	return err
}

// Details are who signs and where is paid to, as typed.
type Details struct {
	Signatory, SignatoryTitle, SignatoryPaper string
	Bank, BankHolder, BankNumber              string
}

// account is where a sealed number stands.
func account(org organisation.ID) seal.Place {
	return seal.Place{Table: "passports", Column: "bank_number", Row: int64(org)}
}

// Written are the details as they stand, with the whole number of the account:
// for the heads' form. The number is empty where it was sealed with a secret that
// the portal has no more, to be typed again.
func Written(ctx context.Context, db pg.DB, viewer people.ID, secret people.Key, org organisation.ID) (Details, error) {
	parts, err := Parts(ctx, db, viewer, org)
	if err != nil {
		return Details{}, err
	}
	var d Details
	for _, p := range parts {
		switch p.Part {
		case Signatory:
			d.Signatory, d.SignatoryTitle, d.SignatoryPaper = p.Number, p.Issuer, p.Note
		case Bank:
			d.Bank, d.BankHolder = p.Issuer, p.Note
			if d.BankNumber, err = number(ctx, db, viewer, secret, org); err != nil && !errors.Is(err, seal.ErrForeign) {
				return d, err
			}
		}
	}
	return d, nil
}

// number opens the account's number for who may see it.
func number(ctx context.Context, db pg.DB, viewer people.ID, secret people.Key, org organisation.ID) (string, error) {
	sealed, err := pg.Value[[]byte](ctx, db, `select bank_number from visible.passport_accounts($1) where organisation_id = $2`, viewer, org)
	if err != nil {
		return "", fmt.Errorf("reading the account of organisation %s: %w", org, err)
	}
	return open(secret, org, sealed)
}

// open opens the number of an account of an organisation. What was sealed with a
// secret that the portal has no more is a conflict; who wrote it has to again.
func open(secret people.Key, org organisation.ID, sealed []byte) (string, error) {
	n, err := seal.Open(secret, account(org), sealed)
	if errors.Is(err, seal.ErrForeign) {
		err = fmt.Errorf("%w: %w", problem.Because(problem.Conflict, "passport.account_unread"), err)
	}
	return n, err
}

// Unread counts the accounts that the secret does not open, of all there are:
// those of organisations, and those that went with what was sent.
func Unread(ctx context.Context, db pg.DB, secret people.Key) (unread, all int, err error) {
	type row struct {
		OrganisationID organisation.ID
		BankNumber     []byte
	}
	rows, err := pg.All[row](ctx, db, `
		select organisation_id, bank_number from passports where bank_number is not null
		union all
		select organisation_id, bank_number from submission_accounts`)
	if err != nil {
		return 0, 0, fmt.Errorf("reading sealed accounts: %w", err)
	}
	for _, r := range rows {
		if _, err := seal.Open(secret, account(r.OrganisationID), r.BankNumber); err != nil {
			unread++
		}
	}
	return unread, len(rows), nil
}

func (d Details) check() (Details, error) {
	wrong := problem.Invalid{}
	d = Details{
		Signatory: line(wrong, "signatory", d.Signatory, longestLine), SignatoryTitle: line(wrong, "signatory_title", d.SignatoryTitle, longestLine),
		SignatoryPaper: line(wrong, "signatory_paper", d.SignatoryPaper, longestLine), Bank: line(wrong, "bank", d.Bank, longestLine),
		BankHolder: line(wrong, "bank_holder", d.BankHolder, longestLine), BankNumber: accountNumber(wrong, d.BankNumber),
	}
	if d.Signatory == "" && d.SignatoryTitle+d.SignatoryPaper != "" {
		wrong.Add("signatory", "passport.signatory_missing")
	}
	if d.BankNumber+d.Bank+d.BankHolder != "" {
		for field, v := range map[string]string{"bank_number": d.BankNumber, "bank": d.Bank, "bank_holder": d.BankHolder} {
			if v == "" {
				wrong.Add(field, "passport.bank_missing")
			}
		}
	}
	return d, wrong.OrNil()
}

// accountNumber reads the number of an account: six to twenty-four letters and
// digits, however they were spaced.
func accountNumber(wrong problem.Invalid, typed string) string {
	var b []rune
	for _, r := range viet.Clean(typed) {
		switch {
		case r == ' ' || r == '.' || r == '-':
		case r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z':
			b = append(b, r)
		default:
			wrong.Add("bank_number", "passport.bank_number_wrong")
		}
	}
	if len(b) > 0 && (len(b) < 6 || len(b) > 24) {
		wrong.Add("bank_number", "passport.bank_number_wrong")
	}
	return string(b)
}

// SaveDetails writes who signs and the account. Heads may; a part that is
// changed has to be verified again, and one that is not stays as it is.
func SaveDetails(ctx context.Context, tx pgx.Tx, act audit.Act, secret people.Key, org organisation.ID, typed Details) error {
	if err := organisation.LockAsHead(ctx, tx, act, org); err != nil {
		return err
	}
	d, err := typed.check()
	if err != nil {
		return err
	}
	before, err := Written(ctx, tx, people.ID(act.By), secret, org)
	if err != nil || before == d {
		return err
	}
	sealed, tail := []byte(nil), ""
	if d.BankNumber != "" {
		if sealed, err = seal.Seal(secret, account(org), d.BankNumber); err != nil {
			return err
		}
		tail = d.BankNumber[len(d.BankNumber)-3:]
	}
	err = pg.Exec(ctx, tx, `
		insert into passports as p (organisation_id, signatory, signatory_title, signatory_paper, bank, bank_holder, bank_number, bank_tail, updated_at)
		values (@org, @signatory, @title, @paper, @bank, @holder, @number, @tail, @at)
		on conflict (organisation_id) do update set signatory = excluded.signatory, signatory_title = excluded.signatory_title,
		  signatory_paper = excluded.signatory_paper, bank = excluded.bank, bank_holder = excluded.bank_holder,
		  bank_number = case when @same then p.bank_number else excluded.bank_number end, bank_tail = excluded.bank_tail, updated_at = excluded.updated_at`,
		pgx.StrictNamedArgs{
			"org": org, "signatory": d.Signatory, "title": d.SignatoryTitle, "paper": d.SignatoryPaper, "bank": d.Bank, "holder": d.BankHolder,
			"number": sealed, "tail": tail, "same": before.BankNumber == d.BankNumber, "at": act.At,
		})
	if err != nil {
		return fmt.Errorf("saving the passport of organisation %s: %w", org, err)
	}
	_, err = audit.Record(ctx, tx, act, "save_passport", "organisation", org, nil)
	return err
}
