// Package letters words the mail that the portal sends: what each kind of
// letter says, in either language, once, from which both the text and the HTML
// are made.
//
// A value that a person typed comes in as [Typed], so that it can neither become
// a link nor markup nor a line that looks like ours. Addresses of pages are the
// only links, one a letter, and no page acts on being opened. What is about a
// sensitive call names it by its reference alone.
package letters

import (
	"context"
	"strings"
	"unicode"

	"daubang/internal/viet"
	"daubang/internal/words"
)

// Letter is what a letter says, in order.
type Letter struct {
	Subject  string
	Greeting string
	Before   []string // paragraphs
	Facts    []Fact
	Button   Button
	After    []string // paragraphs
}

// Fact is a value under its name. A text of many lines is Lines instead.
type Fact struct {
	Label string
	Value string
	Lines []string
}

// Button is the letter's one link.
type Button struct {
	Text    string
	URL     string
	OneTime bool // whoever holds the address may act: it stands in the letter alone, see [Letter.Kept]
}

// Frame is what every letter carries beneath.
type Frame struct {
	Site string // the portal's address
	Ref  string // the letter's reference, to tell it by
}

// Kept is the letter as it may be stored and shown to others: without the
// address of a one-time link.
func (l Letter) Kept() Letter {
	if l.Button.OneTime {
		l.Button.URL = ""
	}
	return l
}

// HTML is the letter as HTML.
func (l Letter) HTML(ctx context.Context, f Frame) (string, error) {
	var b strings.Builder
	err := page(l, f).Render(ctx, &b)
	return b.String(), err
}

// Text is the letter as plain text.
func (l Letter) Text(ctx context.Context, f Frame) string {
	var b strings.Builder
	paragraph := func(s string) { b.WriteString(s + "\n\n") }
	paragraph(l.Greeting)
	for _, p := range l.Before {
		paragraph(p)
	}
	for _, fact := range l.Facts {
		b.WriteString(fact.text())
	}
	if len(l.Facts) > 0 {
		b.WriteByte('\n')
	}
	if l.Button.Text != "" {
		b.WriteString(l.Button.Text + ":\n")
		paragraph(l.Button.address(ctx))
	}
	for _, p := range l.After {
		paragraph(p)
	}
	b.WriteString("-- \n" + words.Tr(ctx, "letters.automatic") + "\n" + f.Site + "\n" + words.Tr(ctx, "letters.reference", f.Ref) + "\n")
	return b.String()
}

// text indents what is more than a line, so that no line of it can pass for one
// of the letter's own.
func (f Fact) text() string {
	if len(f.Lines) == 0 {
		return f.Label + ": " + f.Value + "\n"
	}
	return f.Label + ":\n    " + strings.Join(f.Lines, "\n    ") + "\n"
}

func (b Button) address(ctx context.Context) string {
	if b.URL == "" {
		return words.Tr(ctx, "letters.link_kept")
	}
	return b.URL
}

// Typed is a text that a person wrote: an applicant's title, an officer's
// reason, somebody's name. Written out, it is one line without anything that a
// mail program would make a link of.
type Typed string

func (t Typed) String() string { return inert(viet.Clean(string(t))) }

// Lines are the lines of a longer text.
func (t Typed) Lines() []string { return strings.Split(inert(viet.CleanText(string(t))), "\n") }

// unlinked is a zero-width non-joiner: nobody sees it, and what looks for
// addresses stops at it.
const unlinked = '\u200c'

// inert parts what looks like an address of a page or of mail: after a dot, a
// colon, a slash or an @ that a letter follows, and within "://".
func inert(s string) string {
	var b strings.Builder
	var before rune
	for _, r := range s {
		if breaks(before, r) {
			b.WriteRune(unlinked)
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

func breaks(before, r rune) bool {
	switch before {
	case '.', '。', '．', '｡', '@', '＠', ':', '/':
		return unicode.IsLetter(r) || before == ':' && r == '/' || before == '@' && unicode.IsDigit(r)
	default:
		return false
	}
}

// short cuts a title for a subject line.
func short(t Typed, most int) Typed {
	r := []rune(viet.Clean(string(t)))
	if len(r) <= most {
		return Typed(r)
	}
	cut := string(r[:most-1])
	if i := strings.LastIndexByte(cut, ' '); i > most/2 {
		cut = cut[:i]
	}
	return Typed(strings.TrimRight(cut, " ,;:-–") + "…")
}
