// Package message is what an applicant and the programme's office write to each
// other about a proposal: one thread, from the first submission on.
//
// A message is plain text and never changed. Whoever is on the other side is
// told by letter, once an hour at most while they have not read. What is read is
// marked by an act, never by looking: see [MarkRead].
package message

import (
	"context"
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
)

// ID names a message.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// Side is who speaks in a message.
type Side string

// The sides.
const (
	Applicant Side = "applicant"
	Office    Side = "office"
)

// Message is one message as a viewer may see it.
type Message struct {
	ID     ID
	Side   Side
	Author string // empty: the office, to the applicant
	Mine   bool
	Text   string
	SentAt time.Time
	Unread bool // of the other side, since the viewer last marked the thread
}

// Limits of messages.
const (
	MaxChars = 4000 // of one
	MaxHour  = 20   // of one person in one thread
)

// quiet is how long who has not read is told nothing more.
const quiet = time.Hour

// Thread is all that was written about a proposal, the first first. Whoever may
// not see it finds nothing.
func Thread(ctx context.Context, db pg.DB, viewer people.ID, id proposal.ID) ([]Message, error) {
	list, err := pg.All[Message](ctx, db, `
		select id, side, coalesce(author, '') as author, coalesce(author_id = $1, false) as mine, text, sent_at, unread
		from visible.messages($1) where proposal_id = $2 order by sent_at, id`, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("reading messages about proposal %d: %w", id, err)
	}
	return list, nil
}

// Unread is how many messages of the other side the viewer has not marked.
func Unread(ctx context.Context, db pg.DB, viewer people.ID, id proposal.ID) (int, error) {
	return pg.Value[int](ctx, db, `select count(*) from visible.messages($1) where proposal_id = $2 and unread`, viewer, id)
}

// Get is one message that viewer may see.
func Get(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Message, error) {
	return pg.One[Message](ctx, db, `
		select id, side, coalesce(author, '') as author, coalesce(author_id = $1, false) as mine, text, sent_at, unread
		from visible.messages($1) where id = $2`, viewer, id)
}

// WhyNot says why a viewer of a proposal may not write in its thread; nil if they
// may. Those who judge, and who does not see it, find none: [problem.NotFound].
func WhyNot(p proposal.Proposal, role organisation.Role) error {
	switch {
	case p.View != proposal.AsApplicant && p.View != proposal.AsOfficer && p.View != proposal.AsAuditor:
		return problem.NotFound
	case p.View == proposal.AsAuditor:
		return problem.Because(problem.Forbidden, "message.auditor")
	case p.View == proposal.AsApplicant && role != organisation.Head && role != organisation.Writer:
		return problem.Because(problem.Forbidden, "proposal.only_writers")
	case p.SubmittedAt == nil:
		return problem.Because(problem.Conflict, "message.draft")
	}
	return nil
}

// standing is as what who acts sees a proposal, and their role in it.
func standing(ctx context.Context, db pg.DB, who people.ID, id proposal.ID) (p proposal.Proposal, role organisation.Role, err error) {
	if p, err = proposal.Get(ctx, db, who, id); err != nil {
		return p, "", err
	}
	if p.View == proposal.AsApplicant {
		role, err = organisation.RoleOf(ctx, db, who, p.OrganisationID)
	}
	return p, role, err
}

func sideOf(p proposal.Proposal) Side {
	if p.View == proposal.AsApplicant {
		return Applicant
	}
	return Office
}

// Send writes a message and tells the other side. Writers and heads of the
// applicant and the officers of the programme may. It refuses an empty text, one
// that is too long, more than so many an hour, and a proposal that was never
// sent. Seen is the last message on the page of who writes, 0: none; what stood
// up to it counts as read, and as answered where the office writes. The same words
// again, within the hour and with nothing in between, are a click twice or an
// answer that was lost: they are the message that is there.
func Send(ctx context.Context, tx pgx.Tx, act audit.Act, id proposal.ID, seen ID, text string) (ID, error) {
	p, role, err := standing(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return 0, err
	}
	if err := WhyNot(p, role); err != nil {
		return 0, err
	}
	locked, err := proposal.Lock(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	switch n := viet.CountChars(text); {
	case n == 0:
		return 0, problem.Invalid{"text": problem.Say("message.empty")}
	case n > MaxChars:
		return 0, problem.Invalid{"text": problem.Say("message.long", MaxChars, n-MaxChars)}
	}
	again, err := pg.Values[ID](ctx, tx, `
		select id from (select id, author_id, text, sent_at from messages where proposal_id = $1 order by sent_at desc, id desc limit 1) m
		where author_id = $2 and text = $3 and sent_at > $4`, id, act.By, text, act.At.Add(-time.Hour))
	if err != nil {
		return 0, err
	}
	if len(again) > 0 {
		return again[0], nil
	}
	lately, err := pg.Value[int](ctx, tx, `select count(*) from messages where proposal_id = $1 and author_id = $2 and sent_at > $3`, id, act.By, act.At.Add(-time.Hour))
	if err != nil {
		return 0, err
	}
	if lately >= MaxHour {
		return 0, problem.Because(problem.TooMany, "message.too_many", MaxHour)
	}
	return write(ctx, tx, act, locked, sideOf(p), seen, text)
}

func write(ctx context.Context, tx pgx.Tx, act audit.Act, p proposal.Locked, side Side, seen ID, text string) (ID, error) {
	id, err := pg.Value[ID](ctx, tx, `
		insert into messages (proposal_id, side, author_id, text, sent_at) values ($1, $2, $3, $4, $5) returning id`, p.ID, side, act.By, text, act.At)
	if err != nil {
		return 0, fmt.Errorf("writing a message about proposal %d: %w", p.ID, err)
	}
	if side == Applicant {
		err = pg.Exec(ctx, tx, `
			insert into message_threads as t (proposal_id, waiting_since) values ($1, $2)
			on conflict (proposal_id) do update set waiting_since = coalesce(t.waiting_since, excluded.waiting_since)`, p.ID, act.At)
	} else {
		_, err = settle(ctx, tx, p.ID, seen)
	}
	if err != nil {
		return 0, fmt.Errorf("noting who is waited for: %w", err)
	}
	if err := mark(ctx, tx, act, p.ID, seen); err != nil {
		return 0, err
	}
	event, err := audit.Record(ctx, tx, act, "message", "proposal", p.ID, audit.Detail{"message": id.String(), "side": side})
	if err != nil {
		return 0, err
	}
	to, err := others(ctx, tx, p, side)
	if err != nil {
		return 0, err
	}
	if to, err = notLately(ctx, tx, act, p.ID, to); err != nil {
		return 0, err
	}
	return id, people.Write(ctx, tx, act, event, letter.Message, p.About(map[string]any{"message": id.String()}), to...)
}

// others are the people of the other side. Who of the office may not see the
// proposal is not written to when the letter is worded.
func others(ctx context.Context, tx pgx.Tx, p proposal.Locked, side Side) ([]people.ID, error) {
	if side == Office {
		return organisation.People(ctx, tx, p.OrganisationID, organisation.Head, organisation.Writer)
	}
	officers, err := people.Officers(ctx, tx, int64(p.ProgrammeID))
	if err != nil {
		return nil, err
	}
	members, err := organisation.People(ctx, tx, p.OrganisationID, organisation.Roles...)
	return slices.DeleteFunc(officers, func(o people.ID) bool { return slices.Contains(members, o) }), err
}

// notLately leaves those who were not told of the thread within the hour, or
// have read it since, and notes that they are told now.
func notLately(ctx context.Context, tx pgx.Tx, act audit.Act, id proposal.ID, to []people.ID) ([]people.ID, error) {
	left, err := pg.Values[people.ID](ctx, tx, `
		insert into message_marks as k (proposal_id, person_id, told_at) select $1, unnest($2::bigint[]), $3
		on conflict (proposal_id, person_id) do update set told_at = excluded.told_at
		where k.told_at is null or k.told_at <= $3::timestamptz - $4::interval or k.read_at >= k.told_at
		returning person_id`, id, to, act.At, quiet)
	if err != nil {
		return nil, fmt.Errorf("finding whom to tell: %w", err)
	}
	return left, nil
}

// MarkRead notes that who acts has read the thread up to the message that was the
// last on their page: what came since stays new. Auditors leave no mark.
func MarkRead(ctx context.Context, tx pgx.Tx, act audit.Act, id proposal.ID, seen ID) error {
	p, err := proposal.Get(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return err
	}
	switch p.View {
	case proposal.AsApplicant, proposal.AsOfficer:
		return mark(ctx, tx, act, id, seen)
	case proposal.AsAuditor:
		return problem.Because(problem.Forbidden, "message.auditor")
	case proposal.AsChair, proposal.AsReviewer, proposal.AsAsked, proposal.AsCoApplicant:
	}
	return problem.NotFound
}

// mark does nothing where the page showed no message.
func mark(ctx context.Context, tx pgx.Tx, act audit.Act, id proposal.ID, seen ID) error {
	if _, err := tx.Exec(ctx, `
		insert into message_marks as k (proposal_id, person_id, read_at) select m.proposal_id, $2, m.sent_at from messages m where m.proposal_id = $1 and m.id = $3
		on conflict (proposal_id, person_id) do update set read_at = greatest(k.read_at, excluded.read_at)`, id, act.By, seen); err != nil {
		return fmt.Errorf("marking messages about proposal %d: %w", id, err)
	}
	return nil
}

// Settle says that a thread needs no answer of the office, up to the message that
// was the last on the officer's page. Officers may.
func Settle(ctx context.Context, tx pgx.Tx, act audit.Act, id proposal.ID, seen ID) error {
	p, err := proposal.Get(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return err
	}
	switch p.View {
	case proposal.AsOfficer:
	case proposal.AsApplicant, proposal.AsAuditor:
		return problem.Because(problem.Forbidden, "proposal.only_officers")
	case proposal.AsChair, proposal.AsReviewer, proposal.AsAsked, proposal.AsCoApplicant:
		return problem.NotFound
	}
	if _, err := proposal.Lock(ctx, tx, id); err != nil {
		return err
	}
	settled, err := settle(ctx, tx, id, seen)
	if err != nil {
		return fmt.Errorf("settling the messages about proposal %d: %w", id, err)
	}
	if !settled {
		return nil // it waits for nobody: somebody answered, or a click came twice
	}
	if _, err := audit.Record(ctx, tx, act, "settle_messages", "proposal", id, nil); err != nil {
		return err
	}
	return mark(ctx, tx, act, id, seen)
}

// settle lets a thread wait for the office no more, but for what the applicant
// wrote after seen; it says whether that changed anything.
func settle(ctx context.Context, tx pgx.Tx, id proposal.ID, seen ID) (bool, error) {
	tag, err := tx.Exec(ctx, `
		update message_threads t set waiting_since = left_over.since
		from (select min(m.sent_at) as since from messages m
		      where m.proposal_id = $1 and m.side = 'applicant'
		        and m.sent_at > (select coalesce(max(s.sent_at), '-infinity') from messages s where s.proposal_id = $1 and s.id = $2)) left_over
		where t.proposal_id = $1 and t.waiting_since is not null and (left_over.since is null or left_over.since > t.waiting_since)`, id, seen)
	return tag.RowsAffected() > 0, err
}

// Waiting is a thread that waits for the office.
type Waiting struct {
	ProposalID proposal.ID
	Reference  string
	Title      string
	From       string // the organisation
	Since      time.Time
}

// MostWaiting is how many threads the desk's page lists.
const MostWaiting = 20

// Awaiting lists the threads that wait for an answer of viewer's office, the
// longest waiting first, at most so many.
func Awaiting(ctx context.Context, db pg.DB, viewer people.ID) ([]Waiting, error) {
	list, err := pg.All[Waiting](ctx, db, `
		select t.proposal_id, d.reference, d.title, d.organisation_name as "from", t.waiting_since as since
		from visible.message_threads($1) t join visible.desk($1) d on d.id = t.proposal_id
		where t.waiting_since is not null order by t.waiting_since, t.proposal_id limit $2`, viewer, MostWaiting)
	if err != nil {
		return nil, fmt.Errorf("finding messages without an answer: %w", err)
	}
	return list, nil
}

// Awaits says since when a thread waits for viewer's office; nil: it does not.
func Awaits(ctx context.Context, db pg.DB, viewer people.ID, id proposal.ID) (*time.Time, error) {
	list, err := pg.Values[time.Time](ctx, db, `select waiting_since from visible.message_threads($1) where proposal_id = $2 and waiting_since is not null`, viewer, id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}
