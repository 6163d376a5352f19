package letters

import (
	"context"
	"time"

	"daubang/internal/words"
	"daubang/templates/ui"
)

// Where one-time links lead. Each shows a page with a button.
const (
	VerifyPath     = "/verify/"
	ResetPath      = "/reset/"
	InvitationPath = "/invitations/"
	CoOfferPath    = "/co-applications/"
)

// Link is a one-time link, and the moment at which it is worth nothing.
type Link struct {
	URL   string
	Until time.Time
}

// hello greets nobody by name: that of an account whose address is not proved
// may be anything, and so may be who asked for the letter.
func hello(ctx context.Context) string { return words.Tr(ctx, "letters.hello") }

// Verify asks to confirm an address.
func Verify(ctx context.Context, address Typed, link Link) Letter {
	return Letter{
		Subject:  words.Tr(ctx, "letters.verify.subject"),
		Greeting: hello(ctx),
		Before:   []string{words.Tr(ctx, "letters.verify.asked", address), words.Tr(ctx, "letters.verify.how")},
		Button:   Button{Text: words.Tr(ctx, "letters.verify.button"), URL: link.URL, OneTime: true},
		After:    []string{words.Tr(ctx, "letters.once_until", ui.Instant(ctx, link.Until)), words.Tr(ctx, "letters.verify.not_you")},
	}
}

// Known tells who has an account that somebody tried to register again.
func Known(ctx context.Context, address Typed, signIn string) Letter {
	return Letter{
		Subject:  words.Tr(ctx, "letters.known.subject"),
		Greeting: hello(ctx),
		Before:   []string{words.Tr(ctx, "letters.known.asked", address), words.Tr(ctx, "letters.known.how")},
		Button:   Button{Text: words.Tr(ctx, "letters.known.button"), URL: signIn},
		After:    []string{words.Tr(ctx, "letters.known.not_you")},
	}
}

// Reset gives a way to a new password.
func Reset(ctx context.Context, address Typed, link Link) Letter {
	return Letter{
		Subject:  words.Tr(ctx, "letters.reset.subject"),
		Greeting: hello(ctx),
		Before:   []string{words.Tr(ctx, "letters.reset.asked", address)},
		Button:   Button{Text: words.Tr(ctx, "letters.reset.button"), URL: link.URL, OneTime: true},
		After:    []string{words.Tr(ctx, "letters.once_until", ui.Instant(ctx, link.Until)), words.Tr(ctx, "letters.reset.not_you")},
	}
}

// PassportChecked tells an organisation's heads what an officer said of a part of
// its passport; change is what to do about it, nothing where it is in order.
func PassportChecked(ctx context.Context, name, organisation Typed, part string, change Typed, url string) Letter {
	l := Letter{
		Subject:  words.Tr(ctx, "letters.passport_checked.subject"),
		Greeting: words.Tr(ctx, "letters.dear", name),
		Before:   []string{words.Tr(ctx, "letters.passport_checked.verified")},
		Facts: []Fact{
			{Label: words.Tr(ctx, "letters.fact.organisation"), Value: organisation.String()},
			{Label: words.Tr(ctx, "letters.fact.passport_part"), Value: part},
		},
		Button: Button{Text: words.Tr(ctx, "letters.passport_checked.button"), URL: url},
	}
	if change != "" {
		l.Before = []string{words.Tr(ctx, "letters.passport_checked.change")}
		l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.to_change"), Lines: change.Lines()})
	}
	return l
}

// PaperExpires tells an organisation's heads that a paper ends.
func PaperExpires(ctx context.Context, name, organisation Typed, kind string, number Typed, until time.Time, url string) Letter {
	return Letter{
		Subject:  words.Tr(ctx, "letters.paper_expires.subject"),
		Greeting: words.Tr(ctx, "letters.dear", name),
		Before:   []string{words.Tr(ctx, "letters.paper_expires.is")},
		Facts: []Fact{
			{Label: words.Tr(ctx, "letters.fact.organisation"), Value: organisation.String()},
			{Label: words.Tr(ctx, "letters.fact.paper"), Value: kind + " · " + number.String()},
			{Label: words.Tr(ctx, "letters.fact.paper_ends"), Value: ui.DateLong(ctx, until)},
		},
		Button: Button{Text: words.Tr(ctx, "letters.passport_checked.button"), URL: url},
	}
}

// ScanHeld tells that a scan of a paper holds malware, or that it cannot be
// looked into.
func ScanHeld(ctx context.Context, infected bool, name, organisation Typed, kind string, number Typed, url string) Letter {
	l := Letter{
		Subject:  words.Tr(ctx, "letters.scan_infected.subject"),
		Greeting: words.Tr(ctx, "letters.dear", name),
		Before:   []string{words.Tr(ctx, "letters.scan_infected.found")},
		Facts: []Fact{
			{Label: words.Tr(ctx, "letters.fact.organisation"), Value: organisation.String()},
			{Label: words.Tr(ctx, "letters.fact.paper"), Value: kind + " · " + number.String()},
		},
		Button: Button{Text: words.Tr(ctx, "letters.passport_checked.button"), URL: url},
		After:  []string{words.Tr(ctx, "letters.scan_infected.next")},
	}
	if !infected {
		l.Subject, l.Before = words.Tr(ctx, "letters.scan_unscannable.subject"), []string{words.Tr(ctx, "letters.scan_unscannable.found")}
		l.After = []string{words.Tr(ctx, "letters.scan_unscannable.next")}
	}
	return l
}

// Offer is what an invitation offers. Anybody may found an organisation and give
// it any name, so the name stands among the facts and not in our sentences.
type Offer struct {
	Organisation Typed
	InvitedBy    Typed // empty: they have left since
	Role         string
	Link         Link
}

// Invitation offers to join an organisation.
func Invitation(ctx context.Context, o Offer) Letter {
	l := Letter{
		Subject:  words.Tr(ctx, "letters.invitation.subject"),
		Greeting: hello(ctx),
		Before:   []string{words.Tr(ctx, "letters.invitation.asked")},
		Facts:    []Fact{{Label: words.Tr(ctx, "letters.fact.organisation"), Value: o.Organisation.String()}},
		Button:   Button{Text: words.Tr(ctx, "letters.invitation.button"), URL: o.Link.URL, OneTime: true},
		After:    []string{words.Tr(ctx, "letters.once_until", ui.Instant(ctx, o.Link.Until)), words.Tr(ctx, "letters.invitation.not_known")},
	}
	if o.InvitedBy != "" {
		l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.invited_by"), Value: o.InvitedBy.String()})
	}
	l.Facts = append(l.Facts, Fact{Label: words.Tr(ctx, "letters.fact.role"), Value: words.Tr(ctx, "organisation.role."+o.Role)})
	return l
}
