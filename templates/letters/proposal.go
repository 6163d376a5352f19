package letters

import (
	"context"
	"strconv"
	"time"

	"daubang/internal/words"
	"daubang/templates/ui"
)

// About is the proposal that a letter is about, and who reads the letter.
type About struct {
	Name      Typed // of the recipient
	Reference string
	Title     Typed
	Call      Typed
	Sensitive bool   // the call's: its letters say neither title nor call
	URL       string // of the page for the recipient
}

// titleMost is how much of a title a subject holds, in characters.
const titleMost = 90

// begin is the letter with what all letters about a proposal have alike.
func (a About) begin(ctx context.Context, subject string) Letter {
	l := Letter{
		Subject:  subject,
		Greeting: words.Tr(ctx, "letters.dear", a.Name),
		Facts:    []Fact{{Label: words.Tr(ctx, "letters.fact.reference"), Value: a.Reference}},
	}
	if a.Sensitive {
		return l
	}
	if a.Title != "" {
		l.Subject += ": " + short(a.Title, titleMost).String()
		l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.title"), Value: a.Title.String()})
	}
	l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.call"), Value: a.Call.String()})
	return l
}

// free adds a longer text that a person wrote, unless the call is sensitive:
// then it is read in the portal only.
func (a About) free(l *Letter, label string, text Typed) {
	if text != "" && !a.Sensitive {
		l.Facts = append(l.Facts, Fact{Label: label, Lines: text.Lines()})
	}
}

// last says until when something can be done whose first refused instant is t.
func last(ctx context.Context, t time.Time) string {
	return words.Tr(ctx, "letters.until", ui.Until(ctx, t))
}

// Submission is what the receipt certifies.
type Submission struct {
	Number int
	At     time.Time
	SHA256 string
	By     Typed // who sent it
}

// Receipt tells the applicant that a proposal has arrived.
func Receipt(ctx context.Context, a About, s Submission) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.receipt.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.receipt.arrived")}
	l.Facts = append(l.Facts,
		Fact{Label: words.Tr(ctx, "letters.fact.number"), Value: strconv.Itoa(s.Number)},
		Fact{Label: words.Tr(ctx, "letters.fact.received_at"), Value: ui.InstantSeconds(ctx, s.At)},
		Fact{Label: words.Tr(ctx, "letters.fact.sent_by"), Value: s.By.String()},
		Fact{Label: words.Tr(ctx, "letters.fact.sha256"), Value: s.SHA256})
	l.Button = Button{Text: words.Tr(ctx, "letters.receipt.button"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.receipt.next")}
	return l
}

// Part is a section that needs completing, and why.
type Part struct{ Section, Reason Typed }

// Returned asks the applicant to complete a proposal, before until.
func Returned(ctx context.Context, a About, until *time.Time, parts []Part) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.returned.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.returned.asked")}
	if until != nil {
		l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.send_until"), Value: last(ctx, *until)})
	}
	for _, p := range parts {
		a.free(&l, p.Section.String(), p.Reason)
	}
	l.Button = Button{Text: words.Tr(ctx, "letters.returned.button"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.returned.next")}
	return l
}

// FormChanged tells those who write a draft that its questions are others now;
// aside is how many answers found no place.
func FormChanged(ctx context.Context, a About, aside int) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.form_changed.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.form_changed.asked")}
	if aside > 0 {
		l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.form_changed.aside"), Value: strconv.Itoa(aside)})
	}
	l.Button = Button{Text: words.Tr(ctx, "letters.form_changed.button"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.form_changed.next")}
	return l
}

// Eligible tells the applicant that the proposal goes on to review. results is
// the day on which answers are expected, if that is set.
func Eligible(ctx context.Context, a About, results *time.Time) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.eligible.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.eligible.is")}
	if results != nil {
		l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.results_on"), Value: ui.DateLong(ctx, *results)})
	}
	l.Button = Button{Text: words.Tr(ctx, "letters.see_proposal"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.eligible.next")}
	return l
}

// Ineligible tells the applicant that it does not, and why.
func Ineligible(ctx context.Context, a About, reasons Typed) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.ineligible.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.ineligible.is")}
	a.free(&l, words.Tr(ctx, "letters.fact.reasons"), reasons)
	l.Button = Button{Text: words.Tr(ctx, "letters.ineligible.button"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.ineligible.next")}
	return l
}

// ReviewAssigned asks a reviewer to review, before due.
func ReviewAssigned(ctx context.Context, a About, due time.Time) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.review_assigned.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.review_assigned.asked")}
	l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.review_until"), Value: last(ctx, due)})
	l.Button = Button{Text: words.Tr(ctx, "letters.review_assigned.button"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.review_assigned.how")}
	return l
}

// ProposalWithdrawn tells a reviewer that there is nothing left to review.
func ProposalWithdrawn(ctx context.Context, a About) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.proposal_withdrawn.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.proposal_withdrawn.is")}
	l.Button = Button{Text: words.Tr(ctx, "letters.proposal_withdrawn.button"), URL: a.URL}
	return l
}

// ReviewsIn tells an officer that all reviews of a proposal are there.
func ReviewsIn(ctx context.Context, a About, reviews int) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.reviews_in.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.reviews_in.are")}
	l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.reviews"), Value: strconv.Itoa(reviews)})
	l.Button = Button{Text: words.Tr(ctx, "letters.see_proposal"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.reviews_in.next")}
	return l
}

// SectionAssigned tells a colleague that a section is with them, until the end of
// a day.
func SectionAssigned(ctx context.Context, a About, section Typed, until time.Time, by Typed) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.section_assigned.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.section_assigned.asked")}
	a.free(&l, words.Tr(ctx, "letters.fact.section"), section)
	l.Facts = append(l.Facts,
		Fact{Label: words.Tr(ctx, "letters.fact.write_until"), Value: words.Tr(ctx, "letters.until_end_of", ui.DateLong(ctx, until))},
		Fact{Label: words.Tr(ctx, "letters.fact.assigned_by"), Value: by.String()})
	l.Button = Button{Text: words.Tr(ctx, "letters.section_assigned.button"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.section_assigned.next")}
	return l
}

// HandedOver tells a colleague that a proposal is theirs to look after.
func HandedOver(ctx context.Context, a About) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.handed_over.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.handed_over.is")}
	l.Button = Button{Text: words.Tr(ctx, "letters.see_proposal"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.handed_over.next")}
	return l
}

// DocumentHeld tells that a file holds malware, or that it cannot be looked into.
// Its name is not said: it may name people.
func DocumentHeld(ctx context.Context, a About, infected bool, number int) Letter {
	if !infected {
		l := a.begin(ctx, words.Tr(ctx, "letters.document_unscannable.subject", a.Reference))
		l.Before = []string{words.Tr(ctx, "letters.document_unscannable.found", number)}
		l.Button = Button{Text: words.Tr(ctx, "letters.document_infected.button"), URL: a.URL}
		l.After = []string{words.Tr(ctx, "letters.document_unscannable.next")}
		return l
	}
	l := a.begin(ctx, words.Tr(ctx, "letters.document_infected.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.document_infected.found", number)}
	l.Button = Button{Text: words.Tr(ctx, "letters.document_infected.button"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.document_infected.next")}
	return l
}

// Decision is what was decided about a proposal.
type Decision struct {
	Outcome    string // approved, conditional, waitlisted, declined
	Amount     int64  // đồng; 0: none
	Conditions Typed
	Feedback   Typed
}

// Decided tells the applicant. The subject does not say how it came out: it may
// be read over a shoulder.
func Decided(ctx context.Context, a About, d Decision) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.decision.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.decision.outcome."+d.Outcome)}
	if d.Amount > 0 {
		l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.amount"), Value: ui.Money(ctx, d.Amount)})
	}
	a.free(&l, words.Tr(ctx, "letters.fact.conditions"), d.Conditions)
	a.free(&l, words.Tr(ctx, "letters.fact.feedback"), d.Feedback)
	l.Button = Button{Text: words.Tr(ctx, "letters.decision.button"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.decision.next."+d.Outcome)}
	return l
}
