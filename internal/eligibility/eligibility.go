// Package eligibility is the short check that anybody can make, before there is
// an account, of whether a call is for them: a few questions of the call's
// officers, and in words what speaks against proposing.
//
// It is advice and never stops anybody: whoever reads that they may not propose
// can begin all the same, and the officer decides at screening. The questions
// belong to the call and not to its form, which calls share and which may still
// move to another version while people write. They stand still once the call is
// open, so that what was answered keeps its meaning. Nothing here is personal:
// answers travel in an address, and are kept once a proposal is begun.
package eligibility

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/words"
)

// Limits of a check.
const (
	MaxQuestions = 10
	MaxOptions   = 6
	MaxText      = 300 // characters, of a question and of its hint
	MaxLabel     = 150 // of an answer to choose
	MaxReason    = 600 // of a reason, and of what else one could do
)

// Check is what a call asks. The zero value asks nothing.
type Check struct {
	Questions []Question
	Edition   int // how often it was changed; 0: never
}

// Question is one of them: to be answered with yes or no, or with one of its
// options.
type Question struct {
	Key     string     `json:"key"` // q1, q2 …: the name of its control
	Text    words.Pair `json:"text"`
	Hint    words.Pair `json:"hint,omitzero"`
	Options []Option   `json:"options,omitempty"` // none: yes or no
	Bars    []string   `json:"bars"`              // the answers that speak against proposing
	Reason  words.Pair `json:"reason"`            // why they do
	Instead words.Pair `json:"instead,omitzero"`  // what else one could do
}

// Option is an answer to choose.
type Option struct {
	Value string     `json:"value"`
	Label words.Pair `json:"label"`
}

// The answers to a question without options.
const (
	Yes = "yes"
	No  = "no"
)

// Choices are the answers a question offers.
func (q Question) Choices() []Option {
	if len(q.Options) > 0 {
		return q.Options
	}
	say := func(key string) words.Pair { return words.Pair{Vi: words.T(words.Vi, key), En: words.T(words.En, key)} }
	return []Option{{Value: Yes, Label: say("eligibility.yes")}, {Value: No, Label: say("eligibility.no")}}
}

// offers says that value is one of the answers.
func (q Question) offers(value string) bool {
	return slices.ContainsFunc(q.Choices(), func(o Option) bool { return o.Value == value })
}

// Bar says that an answer speaks against proposing.
func (q Question) Bar(value string) bool { return slices.Contains(q.Bars, value) }

// Answers are what somebody answered: question → value.
type Answers map[string]string

// Read takes the answers out of what was sent; what no question offers did not
// come from a page of ours and is none.
func (c Check) Read(sent func(name string) string) Answers {
	a := Answers{}
	for _, q := range c.Questions {
		if v := sent(q.Key); q.offers(v) {
			a[q.Key] = v
		}
	}
	return a
}

// Missing says beside each question without an answer that there is none.
func (c Check) Missing(a Answers) problem.Invalid {
	wrong := problem.Invalid{}
	for _, q := range c.Questions {
		if a[q.Key] == "" {
			wrong.Add(q.Key, "eligibility.wrong.unanswered")
		}
	}
	return wrong
}

// Whole says that there is something to answer and all of it is answered.
func (c Check) Whole(a Answers) bool { return len(c.Questions) > 0 && len(c.Missing(a)) == 0 }

// Finding is a question with the answer that was given.
type Finding struct {
	Question
	Answer words.Pair // empty: none
	Barred bool       // it speaks against proposing
}

// Findings are all questions with their answers, in order.
func (c Check) Findings(a Answers) []Finding {
	var all []Finding
	for _, q := range c.Questions {
		f := Finding{Question: q, Barred: q.Bar(a[q.Key])}
		for _, o := range q.Choices() {
			if o.Value == a[q.Key] {
				f.Answer = o.Label
			}
		}
		all = append(all, f)
	}
	return all
}

// Barred are the findings that speak against proposing.
func (c Check) Barred(a Answers) []Finding {
	return slices.DeleteFunc(c.Findings(a), func(f Finding) bool { return !f.Barred })
}

// Of is what a call that viewer may see asks; one that asks nothing is no error.
func Of(ctx context.Context, db pg.DB, viewer people.ID, id call.ID) (Check, error) {
	c, err := pg.One[Check](ctx, db, `select questions, edition from visible.eligibility_checks($1) where call_id = $2`, viewer, id)
	if err != nil && !errors.Is(err, problem.NotFound) {
		return Check{}, fmt.Errorf("reading the eligibility check of call %d: %w", id, err)
	}
	return c, nil
}

// Record is what was answered before a proposal was begun.
type Record struct {
	Check

	Answers    Answers
	AnsweredAt *time.Time // nil: the proposal was begun without
}

// For is the record of a proposal, by its id, for its applicant and the office;
// nil where the call asks nothing or viewer may not see it.
func For(ctx context.Context, db pg.DB, viewer people.ID, proposal int64) (*Record, error) {
	type row struct {
		Questions  []Question
		Answers    Answers
		AnsweredAt *time.Time
	}
	r, err := pg.One[row](ctx, db, `
		select questions, coalesce(answers, '{}') as answers, answered_at from visible.eligibility_answers($1)
		where proposal_id = $2 and questions <> '[]'`, viewer, proposal)
	if errors.Is(err, problem.NotFound) {
		return nil, nil //nolint:nilnil // there is none, and that is no fault
	}
	if err != nil {
		return nil, fmt.Errorf("reading the eligibility answers of proposal %d: %w", proposal, err)
	}
	return &Record{Check: Check{Questions: r.Questions}, Answers: r.Answers, AnsweredAt: r.AnsweredAt}, nil
}
