// Package ref writes ids the way they stand in addresses.
//
// An id is a random 60-bit number (SQL function new_id, see migrations), so an
// address tells nobody how many things there are or which came first. In an
// address it is twelve characters of an alphabet without look-alikes.
package ref

import (
	"crypto/rand"
	"encoding/binary"
	"strings"

	"daubang/internal/problem"
)

// alphabet is Crockford's base 32, small: no i, l, o, u.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

const length = 12

// Of writes an id for an address.
func Of[ID ~int64](id ID) string {
	var b [length]byte
	n := uint64(id)
	for i := length - 1; i >= 0; i-- {
		b[i] = alphabet[n&31]
		n >>= 5
	}
	return string(b[:])
}

// Parse reads an id from an address. What cannot be one is [problem.NotFound].
func Parse[ID ~int64](s string) (ID, error) {
	if len(s) != length {
		return 0, problem.NotFound
	}
	var n uint64
	for i := range length {
		v := strings.IndexByte(alphabet, s[i])
		if v < 0 {
			return 0, problem.NotFound
		}
		n = n<<5 | uint64(v)
	}
	return ID(n), nil
}

// New draws an id, where many rows are made outside the database.
func New[ID ~int64]() ID {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	return ID(binary.BigEndian.Uint64(b[:]) >> 4)
}
