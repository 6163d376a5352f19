package work

import (
	"context"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/inquiry"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/templates/letters"
)

// tellOfInquiries writes to officers of what was asked since the last round.
func tellOfInquiries(ctx context.Context, o Options) error {
	return pg.Tx(ctx, o.DB, func(tx pgx.Tx) error {
		_, err := inquiry.Tell(ctx, tx, audit.Act{At: o.Now()})
		return err
	})
}

// wordAsked tells an officer which questions wait for an answer by now.
func (o Options) wordAsked(ctx context.Context, d letter.Due, about letters.AboutCall, id call.ID) (l letters.Letter, err error) {
	list, err := inquiry.Of(ctx, o.DB, people.ID(d.PersonID), id)
	if err != nil {
		return l, err
	}
	var open []letters.Typed
	for _, i := range list {
		if i.State == inquiry.Open && i.Asker != "" {
			open = append(open, letters.Typed(i.Text))
		}
	}
	if len(open) == 0 {
		return l, withheld(letter.MovedOn)
	}
	return letters.InquiriesAsked(ctx, about, open), nil
}

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
	if d.Kind == letter.InquiriesAsked {
		about.URL = o.BaseURL + "/desk/calls/" + c.ID.String() + "/questions"
		return o.wordAsked(ctx, d, about, c.ID)
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
