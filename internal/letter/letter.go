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
	"daubang/internal/words"
)

// ID names a letter.
type ID int64

// Kind says which letter it is.
type Kind string

// The letters the portal writes.
const (
	Verify            Kind = "verify"             // to who registered: confirm the address
	Known             Kind = "known"              // to who tried to register an address that has an account
	Reset             Kind = "reset"              // a way back in
	Invitation        Kind = "invitation"         // to join an organisation
	Receipt           Kind = "receipt"            // to the applicant: it has arrived
	Returned          Kind = "returned"           // to the applicant: complete these parts
	Eligible          Kind = "eligible"           // to the applicant: it goes on to review
	Ineligible        Kind = "ineligible"         // to the applicant: it does not, and why
	ReviewAssigned    Kind = "review_assigned"    // to a reviewer
	ProposalWithdrawn Kind = "proposal_withdrawn" // to its reviewers
	ReviewsIn         Kind = "reviews_in"         // to the officers: every review is there
	Decided           Kind = "decision"           // to the applicant
)

// Kinds lists every kind.
var Kinds = []Kind{Verify, Known, Reset, Invitation, Receipt, Returned, Eligible, Ineligible, ReviewAssigned, ProposalWithdrawn, ReviewsIn, Decided}

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

// Queue writes down one letter for each of to, caused by event, and queues the
// jobs that will send them, if and only if tx commits. Asking twice for the
// same event, kind and address is one letter.
func Queue(ctx context.Context, tx pgx.Tx, act audit.Act, event int64, kind Kind, about About, to ...To) error {
	if about.Refs == nil {
		about.Refs = map[string]any{}
	}
	people, addresses, langs := make([]int64, len(to)), make([]string, len(to)), make([]string, len(to))
	for i, t := range to {
		people[i], addresses[i], langs[i] = t.PersonID, t.Address, string(t.Lang)
	}
	ids, err := pg.Values[int64](ctx, tx, `
		insert into letters (kind, event_id, person_id, address, locale, programme_id, proposal_id, refs, queued_at)
		select @kind, @event, nullif(t.person, 0), t.address, t.lang, nullif(@programme::bigint, 0), nullif(@proposal::bigint, 0), @refs, @at
		from unnest(@people::bigint[], @addresses::text[], @langs::text[]) as t (person, address, lang)
		on conflict (event_id, kind, address) do nothing
		returning id`,
		pgx.StrictNamedArgs{
			"kind": kind, "event": event, "programme": about.ProgrammeID, "proposal": about.ProposalID, "refs": about.Refs, "at": act.At,
			"people": people, "addresses": addresses, "langs": langs,
		})
	if err != nil {
		return fmt.Errorf("queueing %s letters: %w", kind, err)
	}
	send := make([]jobs.SendLetter, len(ids))
	for i, id := range ids {
		send[i].LetterID = id
	}
	return jobs.Insert(ctx, tx, send...)
}
