package together

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// CoApplicantID names an organisation's part in somebody else's proposal.
type CoApplicantID int64

func (id CoApplicantID) String() string { return ref.Of(id) }

// Part is what an organisation does in a proposal that it applies for together
// with another.
type Part string

// The parts.
const (
	CoLead     Part = "co_lead"    // đồng chủ trì
	Coordinate Part = "coordinate" // phối hợp thực hiện
	Technical  Part = "technical"  // hỗ trợ kỹ thuật
	Fund       Part = "fund"       // đóng góp kinh phí
)

// Parts lists them in the order they are offered.
var Parts = []Part{CoLead, Coordinate, Technical, Fund}

// Answer is how far an invited organisation is.
type Answer string

// The answers.
const (
	Invited   Answer = "invited"
	Confirmed Answer = "confirmed"
	Refused   Answer = "refused"
)

// CoApplicant is an organisation that applies together with the one a proposal
// is of, or is asked to.
type CoApplicant struct {
	ID             CoApplicantID
	ProposalID     proposal.ID
	Name           string // as who invites knows it, until it has confirmed
	Email          string // empty for those whose matter it is not
	Role           Part
	State          Answer
	OrganisationID *organisation.ID // nil before it confirms
	InvitedAt      time.Time
	ExpiresAt      time.Time
	AnsweredAt     *time.Time
}

// CoApplicants lists the organisations that apply together, for who may know who
// applies, in the order of their invitations.
func CoApplicants(ctx context.Context, db pg.DB, viewer people.ID, p proposal.ID) ([]CoApplicant, error) {
	list, err := pg.All[CoApplicant](ctx, db, `
		select id, proposal_id, name, email, role, state, organisation_id, invited_at, expires_at, answered_at
		from visible.co_applicants($1) where proposal_id = $2 order by invited_at, id`, viewer, p)
	if err != nil {
		return nil, fmt.Errorf("listing who applies together for proposal %s: %w", p, err)
	}
	return list, nil
}

// Invitation is whom a head asks to apply together, as typed.
type Invitation struct {
	Name  string
	Email string
	Role  Part
}

const (
	offerDays        = 30
	mostCoApplicants = 10
	mostInvited      = 30 // letters that one person may have written in a day
	longestName      = 200
)

// Invite asks an organisation, by mail to its head or a contact, to apply
// together. The head of the proposal's organisation may, while it is written.
// One who was asked before at the same address gets a new letter, and the old
// one ends.
func Invite(ctx context.Context, tx pgx.Tx, act audit.Act, id proposal.ID, asked Invitation) error {
	p, err := proposal.LockAsHead(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if err := proposal.WhyNotWritten(ctx, tx, people.ID(act.By), p, act.At); err != nil {
		return err
	}
	to, key, err := asked.check(ctx, tx, p)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		update co_applicants set state = 'removed', removed_at = $3 where proposal_id = $1 and email_key = $2 and state = 'invited'`, id, key, act.At); err != nil {
		return fmt.Errorf("ending the invitation before: %w", err)
	}
	if err := room(ctx, tx, act, id); err != nil {
		return err
	}
	n, err := pg.Value[CoApplicantID](ctx, tx, `
		insert into co_applicants (proposal_id, name, email, email_key, role, invited_by, invited_at, expires_at)
		values (@proposal, @name, @email, @key, @role, @by, @at, @until) returning id`,
		pgx.StrictNamedArgs{
			"proposal": id, "name": viet.Clean(asked.Name), "email": to.Address, "key": key, "role": asked.Role, "by": act.By, "at": act.At,
			"until": act.At.AddDate(0, 0, offerDays),
		})
	if err != nil {
		return fmt.Errorf("inviting to apply together for proposal %s: %w", id, err)
	}
	event, err := audit.Record(ctx, tx, act, "invite_co_applicant", "proposal", id, audit.Detail{"co_applicant": n.String(), "role": asked.Role})
	if err != nil {
		return err
	}
	return letter.Queue(ctx, tx, act, event, letter.CoApplicantInvited, about(id, n), to)
}

// about is what letters on a part are about: the organisations' matter, and not
// yet the office's.
func about(p proposal.ID, c CoApplicantID) letter.About {
	return letter.About{ProposalID: int64(p), Refs: map[string]any{"co_applicant": c.String()}}
}

// check says what is wrong with an invitation, and else to whom it goes.
func (i Invitation) check(ctx context.Context, tx pgx.Tx, p proposal.Locked) (letter.To, string, error) {
	wrong := problem.Invalid{}
	switch name := viet.Clean(i.Name); {
	case name == "":
		wrong.Add("name", "together.co.name_missing")
	case viet.CountChars(name) > longestName:
		wrong.Add("name", "organisation.too_long", longestName)
	}
	if !slices.Contains(Parts, i.Role) {
		wrong.Add("role", "together.co.role_missing")
	}
	address, ok := people.ParseEmail(i.Email)
	if !ok {
		wrong.Add("email", "account.email_wrong")
	}
	if err := wrong.OrNil(); err != nil {
		return letter.To{}, "", err
	}
	key := people.EmailKey(address)
	to, err := people.ToWrite(ctx, tx, address)
	if errors.Is(err, problem.NotFound) {
		return letter.To{Address: address, Lang: words.Vi}, key, nil
	} else if err != nil {
		return to, key, err
	}
	own, err := organisation.People(ctx, tx, p.OrganisationID, organisation.Roles...)
	if err != nil {
		return to, key, err
	}
	if slices.Contains(own, people.ID(to.PersonID)) {
		return to, key, problem.Invalid{"email": problem.Say("together.co.own")}
	}
	return to, key, nil
}

// room refuses more than a proposal holds, and more letters than one person
// needs to write in a day.
func room(ctx context.Context, tx pgx.Tx, act audit.Act, id proposal.ID) error {
	type row struct{ Here, Lately int }
	n, err := pg.One[row](ctx, tx, `
		select (select count(*)::int from co_applicants where proposal_id = $1 and state in ('invited', 'confirmed')) as here,
		       (select count(*)::int from co_applicants where invited_by = $2 and invited_at > $3::timestamptz - interval '1 day') as lately`, id, act.By, act.At)
	switch {
	case err != nil:
		return fmt.Errorf("counting who applies together: %w", err)
	case n.Here >= mostCoApplicants:
		return problem.Because(problem.Conflict, "together.co.too_many", mostCoApplicants)
	case n.Lately >= mostInvited:
		return problem.Because(problem.TooMany, "organisation.too_many_invited", mostInvited)
	}
	return nil
}

// Remove takes a part back: the head of the proposal's organisation from
// whomever, while it is written, and the head of a confirmed organisation their
// own. Those who had confirmed are told, or the applicant is.
func Remove(ctx context.Context, tx pgx.Tx, act audit.Act, id proposal.ID, part CoApplicantID) error {
	viewer := people.ID(act.By)
	p, err := proposal.Get(ctx, tx, viewer, id)
	if err != nil {
		return err
	}
	var locked proposal.Locked
	if p.View == proposal.AsCoApplicant {
		locked, err = proposal.Lock(ctx, tx, id)
	} else {
		locked, err = proposal.LockAsHead(ctx, tx, act, id)
	}
	if err != nil {
		return err
	}
	if err := proposal.WhyNotWritten(ctx, tx, viewer, locked, act.At); err != nil {
		return err
	}
	c, err := pg.One[CoApplicant](ctx, tx, `
		select id, proposal_id, name, email, role, state, organisation_id, invited_at, expires_at, answered_at
		from visible.co_applicants($1) where proposal_id = $2 and id = $3`, viewer, id, part)
	if err != nil {
		return fmt.Errorf("reading part %s of proposal %s: %w", part, id, err)
	}
	to, err := organisation.People(ctx, tx, locked.OrganisationID, organisation.Head)
	if err != nil {
		return err
	}
	if p.View == proposal.AsCoApplicant {
		if err := headOf(ctx, tx, viewer, c.OrganisationID); err != nil {
			return err
		}
	} else if to = nil; c.State == Confirmed {
		if to, err = organisation.People(ctx, tx, *c.OrganisationID, organisation.Head); err != nil {
			return err
		}
	}
	if err := pg.Exec(ctx, tx, `update co_applicants set state = 'removed', removed_at = $2 where id = $1`, part, act.At); err != nil {
		return fmt.Errorf("taking back part %s of proposal %s: %w", part, id, err)
	}
	event, err := audit.Record(ctx, tx, act, "remove_co_applicant", "proposal", id, audit.Detail{"co_applicant": part.String()})
	if err != nil {
		return err
	}
	return people.Write(ctx, tx, act, event, letter.CoApplicantRemoved, about(id, part), to...)
}

// headOf refuses who is not a head of an organisation.
func headOf(ctx context.Context, db pg.DB, who people.ID, o *organisation.ID) error {
	role := organisation.Role("")
	if o != nil {
		var err error
		if role, err = organisation.RoleOf(ctx, db, who, *o); err != nil && !errors.Is(err, problem.NotFound) {
			return err
		}
	}
	if role != organisation.Head {
		return problem.Because(problem.Forbidden, "together.co.heads")
	}
	return nil
}
