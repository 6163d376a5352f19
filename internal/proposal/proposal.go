// Package proposal is what an organisation asks for under a call: writing it
// section by section, sending it, what the office does with it, and its end.
//
// What is asked is package form's, and what is attached package document's;
// here it is decided who may change what and when. A submission is frozen and
// never edited; a status changes by the moves of status.go and in [advance]
// alone. Reviews and decisions are made downstream; they ask for a step here.
package proposal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/programme"
	"daubang/internal/ref"
)

// ID names a proposal.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// View is as what a viewer sees a proposal; it is one, never several.
type View string

// The views.
const (
	AsApplicant View = "applicant"
	AsOfficer   View = "officer"
	AsAuditor   View = "auditor"
	AsChair     View = "chair"
	AsReviewer  View = "reviewer"
	// AsAsked is how one sees it who is asked to review it and has not said yes,
	// or whose proposal was withdrawn: that it is there, and nothing of what was
	// sent beside [Summary].
	AsAsked View = "asked"
	// AsCoApplicant is how the members of an organisation that applies together
	// with the applicant see it: all of it, and they change nothing.
	AsCoApplicant View = "co_applicant"
)

// Proposal is a proposal as one viewer may see it: what they may not is empty
// (in a blind call OrganisationID is 0 and there is no name).
type Proposal struct {
	ID                ID
	CallID            call.ID
	ProgrammeID       programme.ID
	FormID            form.ID // the version it is written in
	View              View
	OrganisationID    organisation.ID
	OrganisationName  string
	OrganisationKind  organisation.Kind
	Reference         string
	Title             string // empty until it is written
	TitleEn           string
	Status            Status
	AmountAsked       int64 // đồng; 0 before the first submission
	Months            int
	ProvinceCode      string
	CreatedAt         time.Time
	UpdatedAt         time.Time
	SubmittedAt       *time.Time        // the last time
	ChangingSince     *time.Time        // since when it is being changed to be sent again; for its organisation, see [Proposal.Changing]
	ReturnedUntil     *time.Time        // first refused instant
	ReturnedSections  map[string]string // section → what is to be completed
	IneligibleReasons string
	ReviewsAssigned   int
	ReviewsSent       int
	ScoreMean         *float64
	ScoreMin          *float64
	ScoreMax          *float64
}

const columns = `select p.id, p.call_id, p.programme_id, (select f.form_id from visible.proposal_forms f where f.proposal_id = p.id) as form_id, p.view, coalesce(p.organisation_id, 0) as organisation_id,
	coalesce(p.organisation_name, '') as organisation_name, coalesce(p.organisation_kind, '') as organisation_kind,
	p.reference, p.title, p.title_en, p.status, p.amount_asked, p.months, coalesce(p.province_code, '') as province_code,
	p.created_at, p.updated_at, p.submitted_at, (select k.since from visible.changing($1) k where k.proposal_id = p.id) as changing_since, p.returned_until, p.returned_sections, p.ineligible_reasons,
	coalesce(p.reviews_assigned, 0) as reviews_assigned, coalesce(p.reviews_sent, 0) as reviews_sent, p.score_mean, p.score_min, p.score_max
	from visible.proposals($1) p`

// Get returns a proposal as viewer may see it; what they may not is
// [problem.NotFound].
func Get(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Proposal, error) {
	p, err := pg.One[Proposal](ctx, db, columns+` where p.id = $2`, viewer, id)
	if err != nil {
		return p, fmt.Errorf("reading proposal %d: %w", id, err)
	}
	return p, nil
}

// Summary is the summary of what was sent last, for who is asked to review it;
// empty for everybody else, who reads it whole or not at all.
func Summary(ctx context.Context, db pg.DB, viewer people.ID, id ID) (string, error) {
	text, err := pg.Value[string](ctx, db, `select coalesce(max(s.summary), '') from visible.summaries($1) s where s.proposal_id = $2`, viewer, id)
	if err != nil {
		return "", fmt.Errorf("reading the summary of proposal %d: %w", id, err)
	}
	return text, nil
}

// ofMine narrows to viewer's organisations before it is worked out what viewer
// may see: by the index, however many proposals others have.
const ofMine = `p.id in (select own.id from proposals own where own.organisation_id in (select m.organisation_id from visible.members($1) m where m.person_id = $1))`

// Mine lists the proposals of viewer's organisations, by organisation, the one
// last worked on first.
func Mine(ctx context.Context, db pg.DB, viewer people.ID) ([]Proposal, error) {
	return pg.All[Proposal](ctx, db, columns+`
		where p.view = 'applicant' and `+ofMine+`
		order by p.organisation_name collate "vi-x-icu", p.organisation_id, p.updated_at desc, p.id`, viewer)
}

// Joined lists the proposals that organisations of viewer's apply for together
// with another, the one last worked on first.
func Joined(ctx context.Context, db pg.DB, viewer people.ID) ([]Proposal, error) {
	return pg.All[Proposal](ctx, db, columns+`
		where p.view = 'co_applicant' and p.id in (select x.proposal_id from visible.co_applied($1) x) order by p.updated_at desc, p.id`, viewer)
}

// Under lists the proposals of viewer's organisations under a call, drafts
// first: what is offered before a new one is begun.
func Under(ctx context.Context, db pg.DB, viewer people.ID, c call.ID) ([]Proposal, error) {
	return pg.All[Proposal](ctx, db, columns+`
		where p.view = 'applicant' and p.call_id = $2 and `+ofMine+`
		order by p.status <> 'draft', p.updated_at desc, p.id`, viewer, c)
}

// Until is the first instant at which it can no longer be sent; c is the call as
// it stands for its organisation.
func (p Proposal) Until(c call.Call) time.Time {
	if p.Status == Returned && p.ReturnedUntil != nil {
		return *p.ReturnedUntil
	}
	return c.ClosesAt
}

// Lapsed says that it was returned and its day has passed.
func (p Proposal) Lapsed(t time.Time) bool {
	return p.Status == Returned && p.ReturnedUntil != nil && !t.Before(*p.ReturnedUntil)
}

// Locked is a proposal as it stands, locked until the transaction ends: for
// those who write about it. It is nobody's view; ask [Get] what may be shown.
type Locked struct {
	ID               ID
	CallID           call.ID
	ProgrammeID      programme.ID
	FormID           form.ID
	OrganisationID   organisation.ID
	Reference        string
	Title            string
	Status           Status
	AmountAsked      int64 // đồng
	SubmittedAt      *time.Time
	ChangingSince    *time.Time // being changed, to be sent again
	ReturnedUntil    *time.Time
	ReturnedSections map[string]string
	ReviewsAssigned  int
	ReviewsSent      int
}

// Lock returns a proposal that nobody else changes until tx ends.
func Lock(ctx context.Context, tx pgx.Tx, id ID) (Locked, error) {
	p, err := pg.One[Locked](ctx, tx, `
		select id, call_id, programme_id, form_id, organisation_id, reference, title, status, amount_asked, submitted_at, changing_since, returned_until, returned_sections,
		       reviews_assigned, reviews_sent
		from proposals where id = $1 for update`, id)
	if err != nil {
		return p, fmt.Errorf("locking proposal %d: %w", id, err)
	}
	return p, nil
}

// LockAll is [Lock] of many at once, in the order of their ids, so that two who
// lock the same never wait for each other.
func LockAll(ctx context.Context, tx pgx.Tx, ids []ID) ([]Locked, error) {
	list, err := pg.All[Locked](ctx, tx, `
		select id, call_id, programme_id, form_id, organisation_id, reference, title, status, amount_asked, submitted_at, changing_since, returned_until, returned_sections,
		       reviews_assigned, reviews_sent
		from proposals where id = any($1) order by id for update`, ids)
	if err != nil {
		return nil, fmt.Errorf("locking %d proposals: %w", len(ids), err)
	}
	return list, nil
}

// About is what letters on this proposal are about.
func (p Locked) About(refs map[string]any) letter.About {
	return letter.About{ProgrammeID: int64(p.ProgrammeID), ProposalID: int64(p.ID), Refs: refs}
}

// writing is a locked proposal with as whom one would write in it.
type writing struct {
	Locked

	View View
	Role organisation.Role // empty: in none of its organisation's
}

// lockAs locks a proposal for someone who may act on it as a member of its
// organisation with one of roles: [problem.NotFound] for those who do not see
// it, [problem.Forbidden] with the remedy for those who may only look. It is one
// statement: this is what every pause in typing asks.
func lockAs(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, roles ...organisation.Role) (Locked, error) {
	w, err := pg.One[writing](ctx, tx, `
		select p.id, p.call_id, p.programme_id, p.form_id, p.organisation_id, p.reference, p.title, p.status, p.amount_asked, p.submitted_at, p.changing_since, p.returned_until,
		       p.returned_sections, p.reviews_assigned, p.reviews_sent, v.view, coalesce(m.role, '') as role
		from proposals p
		join visible.proposals($1) v on v.id = p.id
		left join visible.members($1) m on m.organisation_id = p.organisation_id and m.person_id = $1
		where p.id = $2
		for update of p`, act.By, id)
	if err != nil {
		return w.Locked, fmt.Errorf("locking proposal %d: %w", id, err)
	}
	return w.Locked, whyNotAs(w.View, w.Role, roles)
}

// whyNotAs refuses who does not act on a proposal with one of roles.
func whyNotAs(view View, mine organisation.Role, roles []organisation.Role) error {
	switch {
	case view != AsApplicant:
		return problem.Because(problem.Forbidden, "proposal.only_members")
	case slices.Contains(roles, mine):
		return nil
	case len(roles) == 1:
		return problem.Because(problem.Forbidden, "proposal.only_head")
	default:
		return problem.Because(problem.Forbidden, "proposal.only_writers")
	}
}

// asMember reads a proposal for a member of its organisation with one of roles.
func asMember(ctx context.Context, db pg.DB, viewer people.ID, id ID, roles ...organisation.Role) (Proposal, error) {
	p, err := Get(ctx, db, viewer, id)
	if err != nil {
		return p, err
	}
	var mine organisation.Role
	if p.View == AsApplicant {
		if mine, err = organisation.RoleOf(ctx, db, viewer, p.OrganisationID); err != nil {
			return p, err
		}
	}
	return p, whyNotAs(p.View, mine, roles)
}

// lockAsOfficer locks a proposal for an officer of its programme.
func lockAsOfficer(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (Locked, error) {
	p, err := Get(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return Locked{}, err
	}
	if p.View != AsOfficer {
		return Locked{}, problem.Because(problem.Forbidden, "proposal.only_officers")
	}
	return Lock(ctx, tx, id)
}

// step moves one locked proposal on and returns the event that letters are
// unique by.
func step(ctx context.Context, tx pgx.Tx, act audit.Act, p Locked, m Move, detail audit.Detail) (event int64, err error) {
	events, err := advance(ctx, tx, act, m, detail, nil, p)
	if err != nil {
		return 0, err
	}
	return events[0], nil
}

// advance moves locked proposals on, all or none. It alone writes a status: it
// asks the table of moves, writes, and records an event for each, in their
// order. Sent is what is kept beside a proposal that is sent, nil for all other
// moves.
func advance(ctx context.Context, tx pgx.Tx, act audit.Act, m Move, detail audit.Detail, sent *summary, ps ...Locked) (events []int64, err error) {
	ids := make([]ID, len(ps))
	for i, p := range ps {
		if _, err := p.Status.After(m); err != nil {
			return nil, err
		}
		ids[i] = p.ID
	}
	var of summary
	if sent != nil {
		of = *sent
	}
	_, err = tx.Exec(ctx, `
		update proposals set status = @to, updated_at = @at,
		  title = case when @sent then @title else title end, title_en = case when @sent then @title_en else title_en end,
		  amount_asked = case when @sent then @asked else amount_asked end, months = case when @sent then @months else months end,
		  organisation_name = case when @sent then @name else organisation_name end, organisation_kind = case when @sent then @kind else organisation_kind end,
		  province_code = case when @sent then @province else province_code end, search_key = case when @sent then @key else search_key end,
		  submitted_at = case when @sent then @at else submitted_at end, changing_since = case when @sent then null else changing_since end,
		  returned_until = case when @sent then null else returned_until end, returned_sections = case when @sent then '{}' else returned_sections end
		where id = any(@ids)`, pgx.StrictNamedArgs{
		"ids": ids, "to": moves[m].to, "at": act.At, "sent": sent != nil, "title": of.title, "title_en": of.titleEn, "asked": of.asked, "months": of.months,
		"name": of.name, "kind": of.kind, "province": of.province, "key": of.key,
	})
	if err != nil {
		return nil, fmt.Errorf("moving %d proposals on: %w", len(ids), err)
	}
	return audit.RecordAll(ctx, tx, act, string(m), "proposal", ids, detail)
}

// write queues letters to those who write for the organisation.
func write(ctx context.Context, tx pgx.Tx, act audit.Act, event int64, kind letter.Kind, p Locked, refs map[string]any) error {
	to, err := organisation.People(ctx, tx, p.OrganisationID, organisation.Head, organisation.Writer)
	if err != nil {
		return fmt.Errorf("finding whom to write: %w", err)
	}
	return people.Write(ctx, tx, act, event, kind, p.About(refs), to...)
}
