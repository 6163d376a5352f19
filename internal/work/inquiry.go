package work

import (
	"context"

	"daubang/internal/call"
	"daubang/internal/inquiry"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/templates/letters"
)

// wordInquiry tells who asked about a call that they are answered, and who writes
// a draft that there are new answers to read.
func (o Options) wordInquiry(ctx context.Context, d letter.Due, name string) (l letters.Letter, err error) {
	c, err := call.Get(ctx, o.DB, people.ID(d.PersonID), call.ID(d.Int("call")))
	if err != nil {
		return l, unless(err, letter.Gone)
	}
	about := letters.AboutCall{
		Name: letters.Typed(name), Code: c.Code, Call: typed(ctx, c.Title()), Sensitive: c.Sensitive, URL: o.BaseURL + "/calls/" + c.ID.String() + "/questions",
	}
	if d.Kind == letter.InquiriesPublished {
		return letters.InquiriesPublished(ctx, about), nil
	}
	i, err := inquiry.Get(ctx, o.DB, people.ID(d.PersonID), inquiry.ID(d.Int("inquiry")))
	if err != nil || len(i.Answers) == 0 {
		return l, unless(err, letter.Gone)
	}
	last := i.Answers[len(i.Answers)-1]
	return letters.InquiryAnswered(ctx, about, string(last.Kind), letters.Typed(i.Text), letters.Typed(last.Text)), nil
}
