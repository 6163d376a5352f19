package proposal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/passport"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Submission is what was sent, frozen. Identity is nil and names are empty for
// those who may not know who applies.
type Submission struct {
	ID              int64
	ProposalID      ID
	FormID          form.ID // the version it was sent in
	Number          int     // 1, 2, 3 … per proposal
	Content         form.Content
	Identity        *Identity
	SHA256          string `db:"sha256"`
	SubmittedByName string
	SubmittedAt     time.Time
	Documents       []document.ID
}

// Identity is what tells who applies: the organisation as its record stood at
// that moment, and the sections that name it.
type Identity struct {
	Organisation Applicant     `json:"organisation"`
	Sections     form.Content  `json:"sections"`
	CoApplicants []CoApplicant `json:"co_applicants,omitempty"` // as they had answered
	// Passport is what the organisation proves itself by; its account is kept apart.
	Passport *passport.Frozen `json:"passport,omitempty"`
}

// Applicant is an organisation's record as it was sent.
type Applicant struct {
	NameVi              string            `json:"name_vi"`
	NameEn              string            `json:"name_en,omitempty"`
	Abbreviation        string            `json:"abbreviation,omitempty"`
	Kind                organisation.Kind `json:"kind"`
	TaxCode             string            `json:"tax_code,omitempty"`
	ProvinceCode        string            `json:"province_code,omitempty"`
	Address             string            `json:"address,omitempty"` // house, street or village
	Where               words.Pair        `json:"where,omitzero"`    // commune and province, by the names they had
	Representative      string            `json:"representative,omitempty"`
	RepresentativeTitle string            `json:"representative_title,omitempty"`
	WomenLed            *bool             `json:"women_led,omitempty"`
}

const submissionColumns = `select s.id, s.proposal_id, (select f.form_id from visible.submission_forms f where f.submission_id = s.id) as form_id, s.number, s.content, s.identity, s.sha256, coalesce(s.submitted_by_name, '') as submitted_by_name, s.submitted_at, s.documents
	from visible.submissions($1) s`

// LastSubmission is what was sent last, as viewer may see it.
func LastSubmission(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Submission, error) {
	return pg.One[Submission](ctx, db, submissionColumns+` where s.proposal_id = $2 order by s.number desc limit 1`, viewer, id)
}

// Submissions are all that were sent, the last first.
func Submissions(ctx context.Context, db pg.DB, viewer people.ID, id ID) ([]Submission, error) {
	return pg.All[Submission](ctx, db, submissionColumns+` where s.proposal_id = $2 order by s.number desc`, viewer, id)
}

// LastNumber is the number of the last submission, 0 while nothing was sent.
func LastNumber(ctx context.Context, db pg.DB, viewer people.ID, id ID) (int, error) {
	return pg.Value[int](ctx, db, `select coalesce(max(s.number), 0) from visible.submissions($1) s where s.proposal_id = $2`, viewer, id)
}

// Whole is everything that was sent, by section, as far as it may be seen.
func (s Submission) Whole() form.Content {
	all := maps.Clone(s.Content)
	if s.Identity != nil {
		maps.Copy(all, s.Identity.Sections)
	}
	return all
}

// Incomplete refuses a proposal that is not ready to be sent: what is missing,
// where, and what to do about it. Nothing was changed.
type Incomplete struct{ Gaps form.Gaps }

func (e Incomplete) Error() string { return fmt.Sprintf("%d gaps", len(e.Gaps)) }

// Unwrap makes it an [problem.Invalid], by control.
func (e Incomplete) Unwrap() error { return e.Gaps.Invalid() }

// Outdated refuses to send from a page that stood open while something was
// sent: who pressed its button has not seen what would be sent now. It is a
// [problem.Conflict].
type Outdated struct{ Number int } // of the last submission

func (e Outdated) Error() string { return fmt.Sprintf("submission %d was sent since", e.Number) }

// Unwrap lets errors.Is find the kind.
func (Outdated) Unwrap() error { return problem.Conflict }

// Unseen is for [SubmitOver], of who was shown nothing.
const Unseen = -1

// Receipt is what proves that a proposal was sent.
type Receipt struct {
	Number int
	SHA256 string `db:"sha256"`
}

// Submit is [SubmitOver] for who knows what stands.
func Submit(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (Receipt, error) {
	return SubmitOver(ctx, tx, act, id, Unseen)
}

// SubmitOver sends a proposal: it must be complete, the call open at the moment
// of the act (a hidden grace forgives the line), a returned one before its day.
// Only the head of the organisation may. What is sent is frozen under a SHA-256
// and a number, and those who write for the organisation get a receipt.
//
// It is decided by what stands, so that it can be asked however often: what is
// sent, and not opened again, is the same submission. Over is the number of the
// last submission (0: none) that the page showed; where it is another and
// something new would be sent, that is refused as [Outdated].
func SubmitOver(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, over int) (Receipt, error) {
	viewer := people.ID(act.By)
	p, err := lockAs(ctx, tx, act, id, organisation.Head)
	if err != nil {
		return Receipt{}, err
	}
	if p.Status.Sent() && !p.changing() {
		return pg.One[Receipt](ctx, tx, `select s.number, s.sha256 from visible.submissions($1) s where s.proposal_id = $2 order by s.number desc limit 1`, viewer, id)
	}
	if _, err := p.Status.After(MoveSubmit); err != nil {
		return Receipt{}, err
	}
	asked, err := WhatFor(ctx, tx, viewer, p.CallID, p.FormID, p.OrganisationID)
	if err != nil {
		return Receipt{}, err
	}
	if err := whyNotSubmit(p, asked, act.At); err != nil {
		return Receipt{}, err
	}
	content, attached, err := complete(ctx, tx, viewer, id, &asked)
	if err != nil {
		return Receipt{}, err
	}
	from, where, err := organisation.Placed(ctx, tx, viewer, p.OrganisationID)
	if err != nil {
		return Receipt{}, err
	}
	whole := divide(asked.Form, content, Record(from, where))
	if whole.Identity.CoApplicants, err = CoApplicants(ctx, tx, viewer, id); err != nil {
		return Receipt{}, err
	}
	parts, err := passport.Parts(ctx, tx, viewer, p.OrganisationID)
	if err != nil {
		return Receipt{}, err
	}
	whole.Identity.Passport = passport.Freeze(parts)
	receipt, err := freeze(ctx, tx, act, p, over, whole, attached, parts)
	if err != nil {
		return Receipt{}, err
	}
	events, err := advance(ctx, tx, act, MoveSubmit, audit.Detail{"number": receipt.Number, "sha256": receipt.SHA256}, summaryOf(p, asked, content, from), p)
	if err != nil {
		return Receipt{}, err
	}
	return receipt, write(ctx, tx, act, events[0], letter.Receipt, p, map[string]any{"number": receipt.Number})
}

// whyNotSubmit refuses what comes too early or too late.
func whyNotSubmit(p Locked, asked Asked, t time.Time) error {
	if p.Status == Returned {
		if p.ReturnedUntil == nil || !t.Before(*p.ReturnedUntil) {
			return tooLateToComplete(p)
		}
		return nil
	}
	switch {
	case asked.Call.AcceptingWithGrace(t):
		return nil
	case p.changing():
		return tooLateToChange(p, asked.Call)
	default:
		return problem.Because(problem.Conflict, "proposal.submit.late", instant(asked.Call.ClosesAt))
	}
}

// complete reads what is to be sent and refuses with [Incomplete] what is not
// ready. The form is narrowed to what it asks of this proposal: answers and
// files for questions that are hidden stay where they are and are not sent.
func complete(ctx context.Context, tx pgx.Tx, viewer people.ID, id ID, asked *Asked) (form.Content, []document.Document, error) {
	sections, err := Sections(ctx, tx, viewer, id)
	if err != nil {
		return nil, nil, err
	}
	attached, err := document.Attached(ctx, tx, viewer, int64(id))
	if err != nil {
		return nil, nil, fmt.Errorf("reading documents of proposal %d: %w", id, err)
	}
	attached = asking(asked.Form, attached)
	content := Written(sections)
	asked.Form = asked.Form.For(content)
	if gaps := Lacking(*asked, content, attached); len(gaps) > 0 {
		return nil, nil, Incomplete{Gaps: gaps}
	}
	return asked.Form.Answered(content), asked.attached(attached), nil
}

// frozen is what a submission's hash is taken over, in its canonical form.
type frozen struct {
	Reference string       `json:"reference"`
	Number    int          `json:"number"`
	Content   form.Content `json:"content"`
	Identity  Identity     `json:"identity"`
	Documents []filed      `json:"documents"`
}

// filed is an attached file as it enters the hash.
type filed struct {
	Number   int    `json:"number"`
	Question string `json:"question"`
	Purpose  string `json:"purpose"`
	Name     string `json:"name"`
	Size     int64  `json:"size"`
	SHA256   string `json:"sha256"`
}

// Record is an organisation's record as a proposal sends it, and where it is.
func Record(from organisation.Organisation, where words.Pair) Applicant {
	return Applicant{
		NameVi: from.NameVi, NameEn: from.NameEn, Abbreviation: from.Abbreviation, Kind: from.Kind, TaxCode: from.TaxCode,
		ProvinceCode: from.ProvinceCode, Address: from.Address, Where: where, Representative: from.Representative,
		RepresentativeTitle: from.RepresentativeTitle, WomenLed: from.WomenLed,
	}
}

// divide sets apart what names the applicant.
func divide(d form.Definition, c form.Content, from Applicant) frozen {
	f := frozen{Content: form.Content{}, Identity: Identity{Sections: form.Content{}, Organisation: from}}
	for _, s := range d.Sections {
		if s.Identity {
			f.Identity.Sections[s.Key] = orEmpty(c[s.Key])
		} else {
			f.Content[s.Key] = orEmpty(c[s.Key])
		}
	}
	return f
}

func orEmpty(a form.Answers) form.Answers {
	if a == nil {
		return form.Answers{}
	}
	return a
}

// Sum is the SHA-256 of what was sent: of the canonical JSON of reference,
// number, content, identity and the documents with their own hashes.
func Sum(reference string, s Submission, documents []document.Document) (string, error) {
	f := frozen{Reference: reference, Number: s.Number, Content: s.Content, Documents: make([]filed, len(documents))}
	if s.Identity != nil {
		f.Identity = *s.Identity
	}
	for i, d := range documents {
		f.Documents[i] = filed{Number: d.Number, Question: d.Question, Purpose: d.Purpose, Name: d.Name, Size: d.Size, SHA256: d.SHA256}
	}
	b, err := form.Canonical(f)
	if err != nil {
		return "", fmt.Errorf("writing a submission down: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// freeze writes the submission and the documents that belong to it.
func freeze(ctx context.Context, tx pgx.Tx, act audit.Act, p Locked, over int, f frozen, documents []document.Document, proved []passport.Part) (Receipt, error) {
	last, err := pg.Value[int](ctx, tx, `select coalesce(max(number), 0) from submissions where proposal_id = $1`, p.ID)
	if err != nil {
		return Receipt{}, fmt.Errorf("numbering a submission of proposal %d: %w", p.ID, err)
	}
	if over != Unseen && over != last {
		return Receipt{}, Outdated{Number: last}
	}
	r := Receipt{Number: last + 1}
	r.SHA256, err = Sum(p.Reference, Submission{Number: r.Number, Content: f.Content, Identity: &f.Identity}, documents)
	if err != nil {
		return Receipt{}, err
	}
	ids := make([]document.ID, len(documents))
	for i, d := range documents {
		ids[i] = d.ID
	}
	id, err := pg.Value[int64](ctx, tx, `
		with made as (
		  insert into submissions (proposal_id, number, content, identity, sha256, submitted_by, submitted_at)
		  values (@proposal, @number, @content, @identity, @sum, @by, @at)
		  returning id),
		files as (insert into submission_documents (submission_id, document_id) select made.id, unnest(@documents::bigint[]) from made)
		select id from made`, pgx.StrictNamedArgs{
		"proposal": p.ID, "number": r.Number, "content": f.Content, "identity": f.Identity, "sum": r.SHA256, "by": act.By, "at": act.At, "documents": ids,
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("freezing proposal %d: %w", p.ID, err)
	}
	return r, passport.Keep(ctx, tx, id, p.OrganisationID, proved)
}

// summary is what lists sort, filter and search by, kept beside a proposal as it
// was sent last.
type summary struct {
	title, titleEn string
	asked          int64 // đồng
	months         int64
	name           string // of the organisation
	kind           organisation.Kind
	province       string
	key            string // what search finds it by
}

func summaryOf(p Locked, asked Asked, c form.Content, from organisation.Organisation) *summary {
	section, _, _ := asked.Form.Question(titleQuestion) // a form without one gives no title
	about := c[section.Key]
	section, _, _ = asked.Form.Question(monthsQuestion)
	months, _ := viet.ParseInt(c[section.Key][monthsQuestion].Text) // checked; 0 where it is not asked
	title := about[titleQuestion].Text
	return &summary{
		title: title, titleEn: about[titleEnQuestion].Text, asked: asked.Form.Asked(c, asked.Terms), months: months,
		name: from.NameVi, kind: from.Kind, province: from.ProvinceCode, key: viet.Key(p.Reference + " " + title + " " + from.NameVi),
	}
}
