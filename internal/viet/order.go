package viet

import (
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// A collator keeps scratch space and serves one goroutine at a time.
var (
	collators = sync.Pool{New: func() any { return collate.New(language.Vietnamese) }}
	numerics  = sync.Pool{New: func() any { return collate.New(language.Vietnamese, collate.Numeric) }}
)

// Compare orders a and b as a Vietnamese dictionary does: a ă â … d đ e ê …,
// then the tones none, huyền, hỏi, ngã, sắc, nặng. Only texts that are the same
// in NFC are equal. It is the order of PostgreSQL's ICU collation for vi.
func Compare(a, b string) int { return compare(&collators, a, b) }

// CompareNumbered is Compare, but numbers inside the text count as numbers:
// Phường 2 stands before Phường 10.
func CompareNumbered(a, b string) int { return compare(&numerics, a, b) }

func compare(pool *sync.Pool, a, b string) int {
	c, _ := pool.Get().(*collate.Collator) // nothing else is put in
	order := c.CompareString(a, b)
	pool.Put(c)
	if order == 0 {
		return strings.Compare(norm.NFC.String(a), norm.NFC.String(b))
	}
	return order
}

// ByGivenName orders people as a class list does: by the last word of the
// name, then by the whole name.
func ByGivenName(a, b string) int {
	if order := Compare(given(a), given(b)); order != 0 {
		return order
	}
	return Compare(a, b)
}

// given is the last word of a name.
func given(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}
