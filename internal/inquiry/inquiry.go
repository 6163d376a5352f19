// Package inquiry is what people ask about a call and what its office answers,
// for everybody to read.
//
// Who asked is known to the office alone, and the office publishes a question in
// words that do not tell. An answer is never changed: a correction is a further
// answer with its own date. What is for the asker only, or cannot be answered,
// the asker is told; nobody else hears of it.
package inquiry

import (
	"context"
	"fmt"
	"time"

	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/ref"
)

// ID names an inquiry.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// State is what became of an inquiry.
type State string

// The states.
const (
	Open     State = "open"
	Public   State = "public"   // answered for everybody
	Private  State = "private"  // answered to the asker
	Declined State = "declined" // not answered, with the reason
)

// Answers lists the ways to answer, the most open first.
var Answers = []State{Public, Private, Declined}

// Limits of inquiries.
const (
	MaxQuestion = 1000 // characters
	MaxAnswer   = 4000
	MaxDay      = 5 // of one person under one call in a day
)

// Inquiry is a question about a call as a viewer may see it, with its answers.
type Inquiry struct {
	ID         ID
	CallID     call.ID
	Mine       bool
	Asker      string // for the office
	Text       string // for who asked and the office as it was asked, for others as published
	PublicText string
	State      State
	AskedAt    time.Time
	Answers    []Answer `db:"-"`
}

// Answer is one answer; those after the first correct it.
type Answer struct {
	InquiryID  ID
	Kind       State
	Text       string
	AnsweredBy string // for the office
	AnsweredAt time.Time
}

// ahead is how long before its closing a call takes questions, unless its office
// says otherwise: an answer that comes too late helps nobody.
const ahead = 5 * 24 * time.Hour

// Until is the first instant at which a call takes no more questions.
func Until(ctx context.Context, db pg.DB, c call.Call) (time.Time, error) {
	list, err := pg.Values[time.Time](ctx, db, `select until from visible.inquiry_times where call_id = $1`, c.ID)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("reading until when call %s takes questions: %w", c.Code, err)
	case len(list) > 0:
		return list[0], nil
	}
	return c.ClosesAt.Add(-ahead), nil
}

// Of lists the inquiries about a call that viewer may see, with the answers they
// may see; the first asked first.
func Of(ctx context.Context, db pg.DB, viewer people.ID, id call.ID) ([]Inquiry, error) {
	list, err := pg.All[Inquiry](ctx, db, `
		select id, call_id, mine, coalesce(asker, '') as asker, text, public_text, state, asked_at
		from visible.inquiries($1) where call_id = $2 order by asked_at, id`, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("listing inquiries about call %d: %w", id, err)
	}
	answers, err := pg.All[Answer](ctx, db, `
		select inquiry_id, kind, text, coalesce(answered_by, '') as answered_by, answered_at
		from visible.inquiry_answers($1) where call_id = $2 order by answered_at, id`, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("listing answers about call %d: %w", id, err)
	}
	for i := range list {
		for _, a := range answers {
			if a.InquiryID == list[i].ID {
				list[i].Answers = append(list[i].Answers, a)
			}
		}
	}
	return list, nil
}

// Get is one inquiry that viewer may see.
func Get(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Inquiry, error) {
	i, err := pg.One[Inquiry](ctx, db, `
		select id, call_id, mine, coalesce(asker, '') as asker, text, public_text, state, asked_at
		from visible.inquiries($1) where id = $2`, viewer, id)
	if err != nil {
		return i, err
	}
	i.Answers, err = pg.All[Answer](ctx, db, `
		select inquiry_id, kind, text, coalesce(answered_by, '') as answered_by, answered_at
		from visible.inquiry_answers($1) where inquiry_id = $2 order by answered_at, id`, viewer, id)
	return i, err
}

// Unanswered counts the open inquiries of each call that viewer answers for or
// audits.
func Unanswered(ctx context.Context, db pg.DB, viewer people.ID) (map[call.ID]int, error) {
	type row struct {
		CallID call.ID
		N      int
	}
	rows, err := pg.All[row](ctx, db, `
		select call_id, count(*)::int as n from visible.inquiries($1) where state = 'open' and asker_id is not null group by call_id`, viewer)
	if err != nil {
		return nil, fmt.Errorf("counting inquiries: %w", err)
	}
	all := map[call.ID]int{}
	for _, r := range rows {
		all[r.CallID] = r.N
	}
	return all, nil
}
