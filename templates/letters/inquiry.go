package letters

import (
	"context"

	"daubang/internal/words"
)

// AboutCall is the call that a letter is about, and who reads the letter.
type AboutCall struct {
	Name      Typed // of the recipient
	Code      string
	Call      Typed
	Sensitive bool // its letters say the code alone
	URL       string
}

func (a AboutCall) begin(ctx context.Context, subject string) Letter {
	l := Letter{
		Subject:  subject,
		Greeting: words.Tr(ctx, "letters.dear", a.Name),
		Facts:    []Fact{{Label: words.Tr(ctx, "letters.fact.call_code"), Value: a.Code}},
	}
	if !a.Sensitive {
		l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.call"), Value: a.Call.String()})
	}
	return l
}

// InquiryAnswered tells who asked about a call what the office says; kind is as
// in package inquiry.
func InquiryAnswered(ctx context.Context, a AboutCall, kind string, question, answer Typed) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.inquiry.subject", a.Code))
	l.Before = []string{words.Tr(ctx, "letters.inquiry.as."+kind)}
	if !a.Sensitive {
		l.Facts = append(l.Facts,
			Fact{Label: words.Tr(ctx, "letters.fact.your_question"), Lines: question.Lines()}, Fact{Label: words.Tr(ctx, "letters.fact.answer"), Lines: answer.Lines()})
	}
	l.Button = Button{Text: words.Tr(ctx, "letters.inquiry.button"), URL: a.URL}
	return l
}

// InquiriesPublished tells who writes a draft that there are new answers.
func InquiriesPublished(ctx context.Context, a AboutCall) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.inquiries.subject", a.Code))
	l.Before = []string{words.Tr(ctx, "letters.inquiries.are")}
	l.Button = Button{Text: words.Tr(ctx, "letters.inquiry.button"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.inquiries.once")}
	return l
}

// mostAsked is how many questions a letter quotes.
const mostAsked = 5

// InquiriesAsked tells a call's officers what was asked and waits for an answer.
func InquiriesAsked(ctx context.Context, a AboutCall, questions []Typed) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.asked.subject", a.Code))
	l.Before = []string{words.Tr(ctx, "letters.asked.one")}
	if len(questions) > 1 {
		l.Before = []string{words.Tr(ctx, "letters.asked.many", len(questions))}
	}
	if !a.Sensitive {
		for _, q := range questions[:min(len(questions), mostAsked)] {
			l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.question"), Lines: q.Lines()})
		}
	}
	l.Button = Button{Text: words.Tr(ctx, "letters.asked.button"), URL: a.URL}
	if more := len(questions) - mostAsked; more > 0 && !a.Sensitive {
		l.After = []string{words.Tr(ctx, "letters.asked.more", more)}
	}
	return l
}
