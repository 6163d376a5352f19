package letters

import (
	"context"
	"strconv"
	"time"

	"daubang/internal/words"
	"daubang/templates/ui"
)

// Extended tells who writes a draft that there is more time.
func Extended(ctx context.Context, a About, until time.Time, reason Typed) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.extended.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.extended.is")}
	l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.new_deadline"), Value: last(ctx, until)})
	a.free(&l, words.Tr(ctx, "letters.fact.reasons"), reason)
	l.Button = Button{Text: words.Tr(ctx, "letters.go_on_writing"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.extended.next")}
	return l
}

// ReturnExtended tells the applicant that there is more time to complete a
// returned proposal.
func ReturnExtended(ctx context.Context, a About, until time.Time, reason Typed) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.return_extended.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.return_extended.is")}
	l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.new_deadline"), Value: last(ctx, until)})
	a.free(&l, words.Tr(ctx, "letters.fact.reasons"), reason)
	l.Button = Button{Text: words.Tr(ctx, "letters.returned.button"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.return_extended.next")}
	return l
}

// Reminder tells who writes a draft how much time is left, as of now.
func Reminder(ctx context.Context, a About, until, now time.Time) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.reminder.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.reminder.is")}
	l.Facts = append(l.Facts, a.left(ctx, until, now)...)
	l.Button = Button{Text: words.Tr(ctx, "letters.go_on_writing"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.reminder.next"), words.Tr(ctx, "letters.reminder.off")}
	return l
}

// Idle tells who writes a draft that it waits, since nothing was written in it.
func Idle(ctx context.Context, a About, since, until, now time.Time) Letter {
	l := a.begin(ctx, words.Tr(ctx, "letters.idle.subject", a.Reference))
	l.Before = []string{words.Tr(ctx, "letters.idle.is", strconv.Itoa(int(now.Sub(since)/(24*time.Hour))))}
	l.Facts = append(l.Facts, a.left(ctx, until, now)...)
	l.Button = Button{Text: words.Tr(ctx, "letters.go_on_writing"), URL: a.URL}
	l.After = []string{words.Tr(ctx, "letters.idle.next"), words.Tr(ctx, "letters.reminder.off")}
	return l
}

// left is until when, and how long that is. A letter is read later: it says as
// of when it was written.
func (a About) left(ctx context.Context, until, now time.Time) []Fact {
	return []Fact{
		{Label: words.Tr(ctx, "letters.fact.deadline"), Value: last(ctx, until)},
		{Label: words.Tr(ctx, "letters.fact.left"), Value: words.Tr(ctx, "letters.left_as_of", ui.TimeLeft(ctx, now, until), ui.Instant(ctx, now))},
	}
}
