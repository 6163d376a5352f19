// Package problem names the few ways the portal refuses a request.
//
// Concept packages return these values, wrapped with what they were doing;
// package site alone turns them into status codes and pages. A refusal may
// carry [Words]: the key of a sentence in both catalogues that tells a person
// the remedy. Any other error is a fault of ours: it is logged, and the visitor
// sees a plain 500.
package problem

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

var (
	// NotFound says there is no such thing, or the visitor may not know of it.
	NotFound = errors.New("not found")
	// Forbidden says the visitor may see it but not do this to it.
	Forbidden = errors.New("forbidden")
	// Conflict says it has changed, or is not in a state that allows this.
	Conflict = errors.New("conflict")
	// TooMany says this was tried too often; later it will be heard again.
	TooMany = errors.New("too many tries")
	// Busy says that something scarce is taken just now; in seconds it is free.
	Busy = errors.New("busy")
)

// Words is a sentence to be said in the visitor's language: its key in the
// catalogues of package words, and what fills its placeholders.
type Words struct {
	Key  string
	Args []any
}

// Say is the sentence under key, filled with args.
func Say(key string, args ...any) Words { return Words{Key: key, Args: args} }

// Refusal is one of the errors above with words that tell the remedy.
type Refusal struct {
	Kind error
	Words
}

func (r Refusal) Error() string { return fmt.Sprintf("%v (%s)", r.Kind, r.Key) }

// Unwrap lets errors.Is find the kind.
func (r Refusal) Unwrap() error { return r.Kind }

// Because refuses with words: Because(Conflict, "proposal.call_closed", when).
func Because(kind error, key string, args ...any) error {
	return Refusal{Kind: kind, Words: Say(key, args...)}
}

// Invalid maps a form field to what is wrong with it. The field is the name of
// the control on the page, so that the words stand beside it.
type Invalid map[string]Words

func (v Invalid) Error() string {
	fields := slices.Sorted(maps.Keys(v))
	return "invalid: " + strings.Join(fields, ", ")
}

// Add notes what is wrong with field, unless something already is.
func (v Invalid) Add(field, key string, args ...any) {
	if _, ok := v[field]; !ok {
		v[field] = Say(key, args...)
	}
}

// OrNil is v as an error, or nil if no field is wrong.
func (v Invalid) OrNil() error {
	if len(v) == 0 {
		return nil
	}
	return v
}
