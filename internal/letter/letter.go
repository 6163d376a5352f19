// Package letter keeps what the portal owes to people in writing: each letter
// is a row, queued in the transaction of the event that causes it, once per
// event, kind and address. How it is worded is templates/letters, who words and
// sends it is package work, and how it travels is package mail.
package letter

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/jobs"
	"daubang/internal/pg"
	"daubang/internal/ref"
	"daubang/internal/words"
)

// ID names a letter.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// Kind says which letter it is.
type Kind string

// The letters the portal writes.
const (
	Verify              Kind = "verify"               // to who registered: confirm the address
	Known               Kind = "known"                // to who tried to register an address that has an account
	Reset               Kind = "reset"                // a way back in
	Invitation          Kind = "invitation"           // to join an organisation
	Receipt             Kind = "receipt"              // to the applicant: it has arrived
	Returned            Kind = "returned"             // to the applicant: complete these parts
	FormChanged         Kind = "form_changed"         // to those who write a draft: its questions are others now
	Eligible            Kind = "eligible"             // to the applicant: it goes on to review
	Ineligible          Kind = "ineligible"           // to the applicant: it does not, and why
	ReviewAssigned      Kind = "review_assigned"      // to a reviewer
	ProposalWithdrawn   Kind = "proposal_withdrawn"   // to its reviewers
	ReviewsIn           Kind = "reviews_in"           // to the officers: every review is there
	Decided             Kind = "decision"             // to the applicant
	SectionAssigned     Kind = "section_assigned"     // to a colleague: a section is with you
	HandedOver          Kind = "handed_over"          // to a colleague: a proposal is with you
	Extended            Kind = "extended"             // to who writes a draft: the deadline was put off
	ReturnExtended      Kind = "return_extended"      // to the applicant: more time to complete it
	Reminder            Kind = "reminder"             // to who writes a draft: the deadline comes
	InquiryAnswered     Kind = "inquiry_answered"     // to who asked about a call
	InquiriesPublished  Kind = "inquiries_published"  // to who writes a draft: new answers about its call
	Message             Kind = "message"              // to the applicant or the officers: the other side wrote
	Idle                Kind = "idle"                 // to who writes a draft: nothing was written for days
	DocumentInfected    Kind = "document_infected"    // to the applicant: a file holds malware
	DocumentUnscannable Kind = "document_unscannable" // to the applicant: a file cannot be looked into
)

// Kinds lists every kind.
var Kinds = []Kind{
	CoApplicantInvited, CoApplicantAnswered, CoApplicantRemoved, PassportChecked, PaperExpires, ScanInfected, ScanUnscannable,
	Verify, Known, Reset, Invitation, Receipt, Returned, FormChanged, Eligible, Ineligible, ReviewAssigned, ProposalWithdrawn, ReviewsIn, Decided,
	SectionAssigned, HandedOver,
	Extended, ReturnExtended, Reminder, Idle, Message, InquiryAnswered, InquiriesPublished, InquiriesAsked, DocumentInfected, DocumentUnscannable,
}

// State is how far a letter has come.
type State string

// The states. All but the first two are final, but that a failed letter can be
// sent again by hand (see [Resend]).
const (
	Queued   State = "queued"   // a job will send it, or try again
	Outbox   State = "outbox"   // worded and kept: there was no mail server to send it by
	Sent     State = "sent"     // a mail server has taken it
	Failed   State = "failed"   // the mail server refused it for good, or all tries failed
	Withheld State = "withheld" // not sent, because it would no longer be true; see [Reason]
)

// States lists them.
var States = []State{Queued, Outbox, Sent, Failed, Withheld}

// Reason says why a letter was withheld.
type Reason string

// The reasons.
const (
	Gone    Reason = "gone"     // its recipient may not see what it is about, or it is no more
	MovedOn Reason = "moved_on" // it speaks of a state that has passed
	Spent   Reason = "spent"    // its link was used, replaced or is too old
	Closed  Reason = "closed"   // its recipient's account is disabled
)

// To is who a letter goes to. PersonID is 0 for an address without an account.
type To struct {
	PersonID int64
	Address  string
	Lang     words.Lang
}

// About says what a letter is about. Officers of the programme may read it at
// the desk; 0 means it concerns no programme or proposal. Refs holds ids and
// plain facts that its kind needs, never a secret.
type About struct {
	ProgrammeID int64
	ProposalID  int64
	Refs        map[string]any
}

// Notice is what one event owes to whom.
type Notice struct {
	Event int64 // an audit event
	About About
	To    []To
}

// Queue writes down one letter for each of to, caused by event, and queues the
// jobs that will send them, if and only if tx commits. Asking twice for the
// same event, kind and address is one letter.
func Queue(ctx context.Context, tx pgx.Tx, act audit.Act, event int64, kind Kind, about About, to ...To) error {
	return QueueAll(ctx, tx, act, kind, Notice{Event: event, About: about, To: to})
}

// QueueAll is [Queue] for many events at once, such as a call's decisions.
func QueueAll(ctx context.Context, tx pgx.Tx, act audit.Act, kind Kind, notices ...Notice) error {
	var events, people, programmes, proposals []int64
	var addresses, langs []string
	var refs []map[string]any
	for _, n := range notices {
		if n.About.Refs == nil {
			n.About.Refs = map[string]any{}
		}
		for _, t := range n.To {
			events, people, addresses, langs = append(events, n.Event), append(people, t.PersonID), append(addresses, t.Address), append(langs, string(t.Lang))
			programmes, proposals, refs = append(programmes, n.About.ProgrammeID), append(proposals, n.About.ProposalID), append(refs, n.About.Refs)
		}
	}
	ids, err := pg.Values[int64](ctx, tx, `
		insert into letters (kind, event_id, person_id, address, locale, programme_id, proposal_id, refs, queued_at)
		select @kind, t.event, nullif(t.person, 0), t.address, t.lang, nullif(t.programme, 0), nullif(t.proposal, 0), t.refs, @at
		from unnest(@events::bigint[], @people::bigint[], @addresses::text[], @langs::text[], @programmes::bigint[], @proposals::bigint[], @refs::jsonb[])
		  as t (event, person, address, lang, programme, proposal, refs)
		on conflict (event_id, kind, address) do nothing
		returning id`,
		pgx.StrictNamedArgs{
			"kind": kind, "at": act.At, "events": events, "people": people, "addresses": addresses, "langs": langs,
			"programmes": programmes, "proposals": proposals, "refs": refs,
		})
	if err != nil {
		return fmt.Errorf("queueing %s letters: %w", kind, err)
	}
	return send(ctx, tx, ids)
}

// send queues the jobs that send letters.
func send[ID ~int64](ctx context.Context, tx pgx.Tx, ids []ID) error {
	all := make([]jobs.SendLetter, len(ids))
	for i, id := range ids {
		all[i].LetterID = int64(id)
	}
	return jobs.Insert(ctx, tx, all...)
}
