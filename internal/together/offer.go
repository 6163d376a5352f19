package together

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/words"
)

// Offer is an invitation to apply together, as the invited organisation reads it.
type Offer struct {
	ID             CoApplicantID
	ProposalID     proposal.ID
	Name           string // of the invited organisation, as who invites knows it
	Email          string
	EmailKey       string
	Role           Part
	State          string
	OrganisationID *organisation.ID
	InvitedAt      time.Time
	ExpiresAt      time.Time
	InvitedBy      string
	Reference      string
	Title          string
	TitleEn        string
	Status         proposal.Status
	LeadID         organisation.ID
	LeadVi         string
	LeadEn         string
	CallID         call.ID
	CallVi         string
	CallEn         string
	Sensitive      bool // the call: letters say neither title nor call
}

// Lead is the name of the organisation that invites.
func (o Offer) Lead() words.Pair { return words.Pair{Vi: o.LeadVi, En: o.LeadEn} }

// Call is the title of the call.
func (o Offer) Call() words.Pair { return words.Pair{Vi: o.CallVi, En: o.CallEn} }

// ProposalTitle is what the proposal is called so far.
func (o Offer) ProposalTitle() words.Pair { return words.Pair{Vi: o.Title, En: o.TitleEn} }

// open says that it can be answered: until review begins.
func (o Offer) open(at time.Time) bool {
	switch o.Status {
	case proposal.Draft, proposal.Returned, proposal.Submitted, proposal.Eligible:
		return o.State == string(Invited) && at.Before(o.ExpiresAt)
	case proposal.Discarded, proposal.Ineligible, proposal.InReview, proposal.Approved, proposal.Conditional, proposal.Waitlisted, proposal.Declined, proposal.Withdrawn:
	}
	return false
}

func (o Offer) facts() []string {
	return []string{o.ProposalID.String(), o.EmailKey, string(o.Role), strconv.FormatInt(o.InvitedAt.UnixMicro(), 10)}
}

const (
	offerLink    = "co_applicant"
	offerColumns = `
		select id, proposal_id, name, email, email_key, role, state, organisation_id, invited_at, expires_at, invited_by, reference, title, title_en, status,
		       lead_id, lead_vi, lead_en, call_id, call_vi, call_en, sensitive
		from visible.co_applicant_offers `
)

// offerEnded is the one answer to an invitation that is not, is over, or is not
// shown to belong to who asks.
var offerEnded = problem.Because(problem.NotFound, "together.co.ended")

// Offered shows an invitation to who holds its letter or its address. It
// changes nothing: confirming is an act of its own. At is the moment of asking.
func Offered(ctx context.Context, db pg.DB, key people.Key, viewer people.ID, proof string, at time.Time) (Offer, error) {
	id, err := ref.Parse[CoApplicantID](proof)
	byLetter := err != nil
	if byLetter {
		raw, err := people.LinkID(proof)
		if err != nil {
			return Offer{}, offerEnded
		}
		id = CoApplicantID(raw)
	}
	o, err := pg.One[Offer](ctx, db, offerColumns+`where id = $1`, id)
	if errors.Is(err, problem.NotFound) {
		return Offer{}, offerEnded
	} else if err != nil {
		return Offer{}, fmt.Errorf("finding an invitation to apply together: %w", err)
	}
	proved := byLetter && key.Fits(proof, offerLink, int64(o.ID), o.facts()...)
	if !byLetter {
		if proved, err = people.HasAddress(ctx, db, viewer, o.EmailKey); err != nil {
			return Offer{}, err
		}
	}
	if !proved || !o.open(at) {
		return Offer{}, offerEnded
	}
	return o, nil
}

// Offers lists the open invitations to the viewer's own address.
func Offers(ctx context.Context, db pg.DB, viewer people.ID, at time.Time) ([]Offer, error) {
	all, err := pg.All[Offer](ctx, db, offerColumns+`
		where state = 'invited' and expires_at > $2
		  and email_key = (select lower(p.email) from visible.people($1) p where p.id = $1 and p.verified_at is not null and p.disabled_at is null)
		order by invited_at, id`, viewer, at)
	if err != nil {
		return nil, fmt.Errorf("listing one's invitations to apply together: %w", err)
	}
	open := all[:0]
	for _, o := range all {
		if o.open(at) {
			open = append(open, o)
		}
	}
	return open, nil
}

// OfferOf is the part that a letter speaks of, whatever became of it, and the
// token that its invitation carries. It is asked for when a letter is worded,
// and kept nowhere.
func OfferOf(ctx context.Context, db pg.DB, key people.Key, reference string) (o Offer, token string, err error) {
	id, err := ref.Parse[CoApplicantID](reference)
	if err != nil {
		return o, "", err
	}
	if o, err = pg.One[Offer](ctx, db, offerColumns+`where id = $1`, id); err != nil {
		return o, "", fmt.Errorf("finding the part of a letter: %w", err)
	}
	token, err = key.Link(offerLink, int64(o.ID), o.facts()...)
	return o, token, err
}

// Confirm makes an organisation of the actor's, of which they are a head, part
// of a proposal, once: of two who confirm at the same moment one is told that
// the invitation is over. The applicant is told.
func Confirm(ctx context.Context, tx pgx.Tx, act audit.Act, key people.Key, proof string, as organisation.ID) (proposal.ID, error) {
	o, err := lockOffer(ctx, tx, act, key, proof)
	if err != nil {
		return 0, err
	}
	if as == 0 {
		return 0, problem.Invalid{"organisation": problem.Say("together.co.choose_organisation")}
	}
	if err := headOf(ctx, tx, people.ID(act.By), &as); err != nil {
		return 0, err
	}
	already, err := pg.Value[bool](ctx, tx, `
		select exists (select from co_applicants where proposal_id = $1 and organisation_id = $2 and state = 'confirmed')`, o.ProposalID, as)
	switch {
	case err != nil:
		return 0, fmt.Errorf("asking who applies together: %w", err)
	case as == o.LeadID, already:
		return 0, problem.Invalid{"organisation": problem.Say("together.co.already")}
	}
	if err := pg.Exec(ctx, tx, `
		update co_applicants set state = 'confirmed', organisation_id = $2, answered_by = $3, answered_at = $4 where id = $1`, o.ID, as, act.By, act.At); err != nil {
		return 0, fmt.Errorf("confirming part %s: %w", o.ID, err)
	}
	return o.ProposalID, answered(ctx, tx, act, o, "confirm_co_applicant")
}

// Refuse says no to an invitation. The applicant is told.
func Refuse(ctx context.Context, tx pgx.Tx, act audit.Act, key people.Key, proof string) error {
	o, err := lockOffer(ctx, tx, act, key, proof)
	if err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `update co_applicants set state = 'refused', answered_by = $2, answered_at = $3 where id = $1`, o.ID, act.By, act.At); err != nil {
		return fmt.Errorf("refusing part %s: %w", o.ID, err)
	}
	return answered(ctx, tx, act, o, "refuse_co_applicant")
}

// lockOffer locks the proposal, so that answers come one after the other, and
// reads the invitation as it then stands.
func lockOffer(ctx context.Context, tx pgx.Tx, act audit.Act, key people.Key, proof string) (Offer, error) {
	if act.By == 0 {
		return Offer{}, offerEnded
	}
	before, err := Offered(ctx, tx, key, people.ID(act.By), proof, act.At)
	if err != nil {
		return Offer{}, err
	}
	if _, err := proposal.Lock(ctx, tx, before.ProposalID); err != nil {
		return Offer{}, err
	}
	return Offered(ctx, tx, key, people.ID(act.By), proof, act.At)
}

func answered(ctx context.Context, tx pgx.Tx, act audit.Act, o Offer, verb string) error {
	event, err := audit.Record(ctx, tx, act, verb, "proposal", o.ProposalID, audit.Detail{"co_applicant": o.ID.String()})
	if err != nil {
		return err
	}
	to, err := organisation.People(ctx, tx, o.LeadID, organisation.Head)
	if err != nil {
		return err
	}
	return people.Write(ctx, tx, act, event, letter.CoApplicantAnswered, about(o.ProposalID, o.ID), to...)
}
