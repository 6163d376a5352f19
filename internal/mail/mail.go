// Package mail hands letters to an SMTP server: one message, one recipient, and
// an answer that says whether it was taken, refused for good, or may be tried
// again. What a letter says and when it is tried again is for others.
package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"time"

	"daubang/internal/viet"
)

// Message is one letter on its way. What comes from people, the name, the
// subject and the bodies, may hold anything: nothing of it ends a header.
type Message struct {
	ID      string // of the letter, the same at every try: a mailbox that gets it twice can tell
	Name    string // of the recipient; may be empty
	Address string
	Subject string
	Text    string
	HTML    string
	Lang    string // of both bodies, as in vi
	At      time.Time
}

// Kind says what a failure means for the letter.
type Kind string

// The kinds of failure.
const (
	// Unreachable: no server took part, or it refused us before it heard of the
	// letter (a wrong password, no encryption). Nothing is wrong with the letter,
	// and nobody has got it.
	Unreachable Kind = "unreachable"
	// Deferred: the server would not take this letter now and later it may; or it
	// had all of it and its answer was lost, so that it may have taken it.
	Deferred Kind = "deferred"
	// Refused: the server will never take this letter.
	Refused Kind = "refused"
)

// Failure is why a letter was not taken.
type Failure struct {
	Kind  Kind
	Words string // the server's, one line
	err   error
}

func (f *Failure) Error() string { return fmt.Sprintf("%s: %s", f.Kind, f.Words) }

// Unwrap is the error beneath.
func (f *Failure) Unwrap() error { return f.err }

// wordsMost is how much of a server's answer is kept, in characters.
const wordsMost = 500

func failure(kind Kind, err error) *Failure {
	words := err.Error()
	if reply, ok := errors.AsType[*textproto.Error](err); ok { // which quotes what the server said
		words = strings.Replace(words, reply.Error(), fmt.Sprintf("%d %s", reply.Code, reply.Msg), 1)
	}
	said := []rune(viet.Clean(strings.ToValidUTF8(words, "?")))
	if len(said) > wordsMost {
		said = append(said[:wordsMost-1], '…')
	}
	return &Failure{Kind: kind, Words: string(said), err: err}
}
