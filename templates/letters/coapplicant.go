package letters

import (
	"context"

	"daubang/internal/words"
	"daubang/templates/ui"
)

// CoPart is what another organisation does in a proposal. All names are as people
// wrote them, so they stand among the facts.
type CoPart struct {
	Name Typed // of the other organisation
	Lead Typed // of the applicant
	Role string
	Link Link // of the invitation
}

// facts names no organisation where the call is sensitive: a name may tell what
// it is about.
func (p CoPart) facts(ctx context.Context, a About) []Fact {
	part := Fact{Label: words.Tr(ctx, "letters.fact.part"), Value: words.Tr(ctx, "together.part."+p.Role)}
	if a.Sensitive {
		return []Fact{part}
	}
	return []Fact{
		{Label: words.Tr(ctx, "letters.fact.lead"), Value: p.Lead.String()},
		{Label: words.Tr(ctx, "letters.fact.organisation"), Value: p.Name.String()},
		part,
	}
}

// CoApplicantInvited asks another organisation to apply together. Its reader
// need not have an account.
func CoApplicantInvited(ctx context.Context, a About, p CoPart, by Typed) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.co_applicant_invited.subject", a.Reference))
	l.Greeting = hello(ctx)
	l.Before = []string{words.Tr(ctx, "letters.co_applicant_invited.asked")}
	l.Facts = append(l.Facts, p.facts(ctx, a)...)
	l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.invited_by"), Value: by.String()},
		Fact{Label: words.Tr(ctx, "letters.fact.answer_until"), Value: ui.Instant(ctx, p.Link.Until)})
	l.Button = Button{Text: words.Tr(ctx, "letters.co_applicant_invited.button"), URL: p.Link.URL, OneTime: true}
	l.After = []string{words.Tr(ctx, "letters.co_applicant_invited.next")}
	return l
}

// CoApplicantAnswered tells the applicant what the other organisation said.
func CoApplicantAnswered(ctx context.Context, a About, p CoPart, confirmed bool) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.co_applicant_answered.subject", a.Reference))
	if confirmed {
		l.Before = []string{words.Tr(ctx, "letters.co_applicant_answered.confirmed")}
	} else {
		l.Before = []string{words.Tr(ctx, "letters.co_applicant_answered.refused")}
	}
	l.Facts = append(l.Facts, p.facts(ctx, a)...)
	l.Button = Button{Text: words.Tr(ctx, "letters.see_proposal"), URL: a.URL}
	return l
}

// CoApplicantRemoved tells the other side that a part was taken back.
func CoApplicantRemoved(ctx context.Context, a About, p CoPart) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.co_applicant_removed.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.co_applicant_removed.is")}
	l.Facts = append(l.Facts, p.facts(ctx, a)...)
	l.Button = Button{Text: words.Tr(ctx, "letters.co_applicant_removed.button"), URL: a.URL}
	return l
}
