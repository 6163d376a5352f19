package letters

import (
	"context"

	"daubang/internal/words"
)

// FromOffice tells the applicant that the office has written.
func FromOffice(ctx context.Context, a About, text Typed) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.message.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.message.office")}
	a.free(&l, words.Tr(ctx, "letters.fact.message"), text)
	l.Button = Button{Text: words.Tr(ctx, "letters.message.button"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.message.once")}
	return l
}

// FromApplicant tells an officer that the applicant has written.
func FromApplicant(ctx context.Context, a About, from, text Typed) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.message.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.message.applicant")}
	if !a.Sensitive {
		l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.organisation"), Value: from.String()})
	}
	a.free(&l, words.Tr(ctx, "letters.fact.message"), text)
	l.Button = Button{Text: words.Tr(ctx, "letters.message.button"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.message.once")}
	return l
}
