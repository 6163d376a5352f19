// Package seal encrypts what the database must not tell: a copy of it, without
// the portal's secret, opens nothing. AES-256-GCM under a key that is derived from
// DAUBANG_SECRET for this one use; each value is bound to its table, column and
// row, so that one that was moved elsewhere does not open.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
)

// ErrForeign is what was sealed with another secret, or for another place.
var ErrForeign = errors.New("sealed with another secret")

// version is the first byte of what is sealed: which key and which cipher.
const version = 1

// Place is where a sealed value stands.
type Place struct {
	Table, Column string
	Row           int64
}

func (p Place) bound() []byte {
	return []byte(strconv.Itoa(version) + "\x00" + p.Table + "\x00" + p.Column + "\x00" + strconv.FormatInt(p.Row, 10))
}

// shortest is the fewest bytes of a secret that a key is made from.
const shortest = 16

func box(secret []byte) (cipher.AEAD, error) {
	if len(secret) < shortest {
		return nil, errors.New("DAUBANG_SECRET is too short to seal with")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "daubang seal 1", 32)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal encrypts text for a place. Twice the same is never alike.
func Seal(secret []byte, at Place, text string) ([]byte, error) {
	b, err := box(secret)
	if err != nil {
		return nil, err
	}
	return b.Seal([]byte{version}, nil, []byte(text), at.bound()), nil //nolint:gosec // the box brings its own random nonce
}

// Open decrypts what was sealed for the same place with the same secret;
// anything else is [ErrForeign].
func Open(secret []byte, at Place, sealed []byte) (string, error) {
	b, err := box(secret)
	if err != nil {
		return "", err
	}
	if len(sealed) == 0 || sealed[0] != version {
		return "", ErrForeign
	}
	text, err := b.Open(nil, nil, sealed[1:], at.bound())
	if err != nil {
		return "", fmt.Errorf("opening %s.%s: %w: %w", at.Table, at.Column, ErrForeign, err)
	}
	return string(text), nil
}
