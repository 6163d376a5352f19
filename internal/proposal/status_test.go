package proposal

import (
	"errors"
	"strings"
	"testing"

	"daubang/internal/problem"
)

// The life of a proposal. Rows are where it stands, columns what is done.
const life = `
             submit     reopen     discard    withdraw   accept     return     refuse      open_review approve   approve_with_conditions waitlist    decline
draft        submitted  -          discarded  -          -          -          -           -           -         -                       -           -
discarded    -          -          -          -          -          -          -           -           -         -                       -           -
submitted    submitted  submitted  -          withdrawn  eligible   returned   ineligible  -           -         -                       -           -
returned     submitted  -          -          withdrawn  -          -          ineligible  -           -         -                       -           -
eligible     -          -          -          withdrawn  -          -          -           in_review   -         -                       -           -
ineligible   -          -          -          -          -          -          -           -           -         -                       -           -
in_review    -          -          -          withdrawn  -          -          -           -           approved  conditional             waitlisted  declined
approved     -          -          -          -          -          -          -           -           -         -                       -           -
conditional  -          -          -          -          -          -          -           -           -         -                       -           -
waitlisted   -          -          -          -          -          -          -           -           approved  conditional             -           declined
declined     -          -          -          -          -          -          -           -           -         -                       -           -
withdrawn    -          -          -          -          -          -          -           -           -         -                       -           -
`

// Who does what.
const doers = `
submit head, reopen writer, discard head, withdraw head, accept officer, return officer, refuse officer, open_review officer,
approve release, approve_with_conditions release, waitlist release, decline release`

func TestLife(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(life), "\n")
	columns := strings.Fields(lines[0])
	if len(columns) != len(Moves) || len(lines)-1 != len(Statuses) {
		t.Fatalf("the drawing has %d moves and %d statuses, the code %d and %d", len(columns), len(lines)-1, len(Moves), len(Statuses))
	}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		from := Status(cells[0])
		for i, want := range cells[1:] {
			got, err := from.After(Move(columns[i]))
			switch {
			case want == "-" && !errors.Is(err, problem.Conflict):
				t.Errorf("%s may be %s-ed to %s", from, columns[i], got)
			case want != "-" && (err != nil || got != Status(want)):
				t.Errorf("%s, %s: %s %v, want %s", from, columns[i], got, err, want)
			}
		}
	}
}

func TestWhoMayMove(t *testing.T) {
	t.Parallel()
	n := 0
	for pair := range strings.SplitSeq(doers, ",") {
		f := strings.Fields(pair)
		m, by := Move(f[0]), Actor(f[1])
		for _, s := range Statuses {
			_, err := s.After(m)
			for _, actor := range []Actor{Head, Writer, Officer, Release} {
				if s.Can(actor, m) != (err == nil && actor == by) {
					t.Errorf("%s by %s from %s: %v", m, actor, s, s.Can(actor, m))
				}
			}
		}
		n++
	}
	if n != len(moves) {
		t.Errorf("%d of %d moves are drawn", n, len(moves))
	}
}

func TestReferencesAreEvenAndReadable(t *testing.T) {
	t.Parallel()
	count := map[rune]int{}
	for range 4000 {
		s := tail()
		if len(s) != 5 {
			t.Fatalf("%q", s)
		}
		for _, r := range s {
			count[r]++
		}
	}
	if len(count) != len(referenceLetters) {
		t.Errorf("%d letters are used, want %d", len(count), len(referenceLetters))
	}
	for r, n := range count {
		if strings.ContainsRune("AEIOU01LSZ", r) || n < 500 || n > 1100 {
			t.Errorf("%c %d times", r, n)
		}
	}
}
