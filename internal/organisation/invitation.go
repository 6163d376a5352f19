package organisation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
	"daubang/internal/words"
)

// InvitationID names an invitation.
type InvitationID int64

func (id InvitationID) String() string { return ref.Of(id) }

// Invitation is an offer to join an organisation, sent to a mail address.
type Invitation struct {
	ID             InvitationID
	OrganisationID ID
	Email          string
	Role           Role
	CreatedAt      time.Time
	ExpiresAt      time.Time
}

const (
	invitationDays = 14
	// mostInvited is how many letters one person may have written in a day.
	mostInvited = 30
)

// Invitations lists the open ones of an organisation for who may see them.
func Invitations(ctx context.Context, db pg.DB, viewer people.ID, id ID, at time.Time) ([]Invitation, error) {
	list, err := pg.All[Invitation](ctx, db, `
		select id, organisation_id, email, role, created_at, expires_at from visible.invitations($1)
		where organisation_id = $2 and accepted_at is null and revoked_at is null and expires_at > $3
		order by created_at, id`, viewer, id, at)
	if err != nil {
		return nil, fmt.Errorf("listing invitations: %w", err)
	}
	return list, nil
}

// Invite writes to a mail address that it may join. Heads may. Whether the
// address has an account makes no difference to who invites; one that was
// invited before gets a new letter, and the old one ends.
func Invite(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, email string, role Role) error {
	if err := lock(ctx, tx, act, id, Head); err != nil {
		return err
	}
	to, err := invitable(ctx, tx, id, email, role)
	if err != nil {
		return err
	}
	lately, err := pg.Value[int](ctx, tx, `
		select count(*)::int from invitations where invited_by = $1 and created_at > $2::timestamptz - interval '1 day'`, act.By, act.At)
	if err != nil {
		return fmt.Errorf("counting invitations: %w", err)
	}
	if lately >= mostInvited {
		return problem.Because(problem.TooMany, "organisation.too_many_invited", mostInvited)
	}
	if _, err := tx.Exec(ctx, `
		update invitations set revoked_at = $3 where organisation_id = $1 and email_key = $2 and accepted_at is null and revoked_at is null`,
		id, to.Key, act.At); err != nil {
		return fmt.Errorf("ending the invitation before: %w", err)
	}
	invitation, err := pg.Value[InvitationID](ctx, tx, `
		insert into invitations (organisation_id, email, email_key, role, invited_by, created_at, expires_at)
		values (@id, @email, @key, @role, @by, @at, @until) returning id`,
		pgx.StrictNamedArgs{
			"id": id, "email": to.Address, "key": to.Key, "role": role, "by": act.By, "at": act.At, "until": act.At.AddDate(0, 0, invitationDays),
		})
	if err != nil {
		return fmt.Errorf("inviting: %w", err)
	}
	event, err := audit.Record(ctx, tx, act, "invite", "organisation", id, audit.Detail{"invitation": invitation.String(), "role": role})
	if err != nil {
		return err
	}
	return letter.Queue(ctx, tx, act, event, letter.Invitation, letter.About{Refs: map[string]any{"invitation": invitation.String()}}, to.To)
}

// invited is whom a letter goes to, and the address as it is looked up.
type invited struct {
	letter.To
	Key string
}

func invitable(ctx context.Context, tx pgx.Tx, id ID, email string, role Role) (invited, error) {
	wrong := problem.Invalid{}
	if !slices.Contains(Roles, role) {
		wrong.Add("role", "organisation.role_missing")
	}
	address, ok := people.ParseEmail(email)
	if !ok {
		wrong.Add("email", "account.email_wrong")
	}
	if err := wrong.OrNil(); err != nil {
		return invited{}, err
	}
	to := invited{To: letter.To{Address: address, Lang: words.Vi}, Key: people.EmailKey(address)}
	person, err := people.ToWrite(ctx, tx, address)
	if errors.Is(err, problem.NotFound) {
		return to, nil
	} else if err != nil {
		return invited{}, err
	}
	members, err := People(ctx, tx, id, Roles...)
	if err != nil {
		return invited{}, fmt.Errorf("finding the members: %w", err)
	}
	if slices.Contains(members, people.ID(person.PersonID)) {
		return invited{}, problem.Invalid{"email": problem.Say("organisation.is_member")}
	}
	to.To = person
	return to, nil
}

// Revoke takes an open invitation back. Heads may.
func Revoke(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, invitation InvitationID) error {
	if err := lock(ctx, tx, act, id, Head); err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `
		update invitations set revoked_at = $3 where id = $2 and organisation_id = $1 and accepted_at is null and revoked_at is null`,
		id, invitation, act.At); err != nil {
		return fmt.Errorf("revoking an invitation: %w", err)
	}
	_, err := audit.Record(ctx, tx, act, "revoke", "organisation", id, audit.Detail{"invitation": invitation.String()})
	return err
}

// Offer is an invitation as the invited person reads it.
type Offer struct {
	ID               InvitationID
	OrganisationID   ID
	OrganisationName words.Pair
	InvitedBy        string
	Email            string
	Role             Role
	ExpiresAt        time.Time
}

// ended is the one answer to an invitation that is not, is over, or is not
// shown to belong to who asks.
var ended = problem.Because(problem.NotFound, "organisation.invitation_ended")

type row struct {
	ID             InvitationID
	OrganisationID ID
	Email          string
	EmailKey       string
	Role           Role
	CreatedAt      time.Time
	ExpiresAt      time.Time
	NameVi         string
	NameEn         string
	InvitedBy      string
	Open           bool
}

func (r row) facts() []string {
	return []string{r.OrganisationID.String(), r.EmailKey, string(r.Role), strconv.FormatInt(r.CreatedAt.UnixMicro(), 10)}
}

func find(ctx context.Context, db pg.DB, id InvitationID) (row, error) {
	return pg.One[row](ctx, db, `
		select i.id, i.organisation_id, i.email, i.email_key, i.role, i.created_at, i.expires_at, o.name_vi, o.name_en,
		       coalesce((select m.name from visible.members(i.invited_by) m where m.person_id = i.invited_by and m.organisation_id = i.organisation_id), '') as invited_by,
		       i.accepted_at is null and i.revoked_at is null as open
		from invitations i join organisations o on o.id = i.organisation_id
		where i.id = $1`, id)
}

// read finds the invitation that proof speaks of: the token of its letter, or
// its mere reference, which only the holder of the invited address may use.
func read(ctx context.Context, db pg.DB, key people.Key, viewer people.ID, proof string, at time.Time) (row, error) {
	id, err := ref.Parse[InvitationID](proof)
	byLetter := err != nil
	if byLetter {
		raw, err := people.LinkID(proof)
		if err != nil {
			return row{}, ended
		}
		id = InvitationID(raw)
	}
	r, err := find(ctx, db, id)
	if errors.Is(err, problem.NotFound) {
		return row{}, ended
	} else if err != nil {
		return row{}, fmt.Errorf("finding an invitation: %w", err)
	}
	proved := byLetter && key.Fits(proof, "invitation", int64(r.ID), r.facts()...)
	if !byLetter {
		if proved, err = people.HasAddress(ctx, db, viewer, r.EmailKey); err != nil {
			return row{}, err
		}
	}
	if !proved || !r.Open || !at.Before(r.ExpiresAt) {
		return row{}, ended
	}
	return r, nil
}

// Offered shows an invitation to who holds its link or its address. It changes
// nothing: accepting is an act of its own.
func Offered(ctx context.Context, db pg.DB, key people.Key, viewer people.ID, proof string, at time.Time) (Offer, error) {
	r, err := read(ctx, db, key, viewer, proof, at)
	if err != nil {
		return Offer{}, err
	}
	return r.offer(), nil
}

func (r row) offer() Offer {
	return Offer{
		ID: r.ID, OrganisationID: r.OrganisationID, OrganisationName: words.Pair{Vi: r.NameVi, En: r.NameEn}, InvitedBy: r.InvitedBy,
		Email: r.Email, Role: r.Role, ExpiresAt: r.ExpiresAt,
	}
}

// Waiting lists the open invitations to the viewer's own address.
func Waiting(ctx context.Context, db pg.DB, viewer people.ID, at time.Time) ([]Offer, error) {
	ids, err := pg.Values[InvitationID](ctx, db, `
		select i.id from visible.invitations($1) i
		where i.accepted_at is null and i.revoked_at is null and i.expires_at > $2
		  and i.email_key = (select lower(p.email) from visible.people($1) p where p.id = $1)
		order by i.created_at, i.id`, viewer, at)
	if err != nil {
		return nil, fmt.Errorf("listing one's invitations: %w", err)
	}
	var list []Offer
	for _, id := range ids {
		o, err := Offered(ctx, db, nil, viewer, id.String(), at)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

// Accept makes the actor a member, once: of two who accept at the same moment
// one is told that the invitation is over. Who is a member already stays what
// they are.
func Accept(ctx context.Context, tx pgx.Tx, act audit.Act, key people.Key, proof string) (ID, error) {
	r, err := answer(ctx, tx, act, key, proof, `update invitations set accepted_at = $2 where id = $1`)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `
		insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, $3, $4) on conflict do nothing`,
		r.OrganisationID, act.By, r.Role, act.At); err != nil {
		return 0, fmt.Errorf("joining: %w", err)
	}
	_, err = audit.Record(ctx, tx, act, "join", "organisation", r.OrganisationID, audit.Detail{"invitation": r.ID.String(), "role": r.Role})
	return r.OrganisationID, err
}

// Refuse ends an invitation by who was invited.
func Refuse(ctx context.Context, tx pgx.Tx, act audit.Act, key people.Key, proof string) error {
	r, err := answer(ctx, tx, act, key, proof, `update invitations set revoked_at = $2 where id = $1`)
	if err != nil {
		return err
	}
	_, err = audit.Record(ctx, tx, act, "refuse_invitation", "organisation", r.OrganisationID, audit.Detail{"invitation": r.ID.String()})
	return err
}

// answer locks the organisation, so that answers to one invitation come one
// after the other, and marks the invitation as answered.
func answer(ctx context.Context, tx pgx.Tx, act audit.Act, key people.Key, proof, mark string) (row, error) {
	if act.By == 0 {
		return row{}, ended
	}
	before, err := read(ctx, tx, key, people.ID(act.By), proof, act.At)
	if err != nil {
		return row{}, err
	}
	if _, err := pg.Value[ID](ctx, tx, `select id from organisations where id = $1 for update`, before.OrganisationID); err != nil {
		return row{}, fmt.Errorf("locking an organisation: %w", err)
	}
	r, err := read(ctx, tx, key, people.ID(act.By), proof, act.At)
	if err != nil {
		return row{}, err
	}
	if err := pg.Exec(ctx, tx, mark, r.ID, act.At); err != nil {
		return row{}, fmt.Errorf("answering an invitation: %w", err)
	}
	return r, nil
}

// InvitationToken makes the token that the letter of an invitation carries, from
// the reference in its refs ("invitation").
func InvitationToken(ctx context.Context, db pg.DB, key people.Key, reference string) (string, error) {
	id, err := ref.Parse[InvitationID](reference)
	if err != nil {
		return "", err
	}
	r, err := find(ctx, db, id)
	if err != nil {
		return "", fmt.Errorf("finding the invitation of a letter: %w", err)
	}
	return key.Link("invitation", int64(r.ID), r.facts()...)
}
