package people

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"daubang/internal/problem"
	"daubang/internal/viet"
)

// Lengths of a password, in characters of its NFC form. There are no other
// rules of composition: length is what counts.
const (
	PasswordMin = 12
	PasswordMax = 128
)

// strength of the hashes that are made now; older hashes carry their own and
// are replaced when their owner next signs in.
var strength = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// noPassword is compared with where there is no account or no password, so
// that the answer takes as long. Nothing hashes to it.
const noPassword = "$argon2id$v=19$m=19456,t=2,p=1$bmV2ZXIgYSBwYXNzd29yZA$bm90aGluZyBldmVyIGhhc2hlcyB0byB0aGlzLCBvaz8" //nolint:gosec // no credential

// Hashing is the dearest thing the portal does for a stranger: two at once, so
// that a flood of sign-ins leaves room for everything else, and nobody waits
// longer than hashWait.
var hashing = make(chan struct{}, 2)

const hashWait = 3 * time.Second

var hashed atomic.Int64

// Hashed counts the passwords hashed or compared since the process began.
func Hashed() int64 { return hashed.Load() }

// inTurn runs one hash when there is room, or refuses with [problem.Busy].
func inTurn(ctx context.Context, hash func() error) error {
	waiting, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-waiting.Done():
		if err := ctx.Err(); err != nil {
			return err // who asked has gone
		}
		return problem.Busy
	}
	hashed.Add(1)
	return hash()
}

// hashPassword makes what is stored of a password. It takes some 65 ms, so
// hold no transaction meanwhile.
func hashPassword(ctx context.Context, password string) (hash string, err error) {
	err = inTurn(ctx, func() error {
		hash, err = argon2id.CreateHash(norm.NFC.String(password), strength)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return hash, nil
}

// matches compares a password with what is stored of it, and says whether the
// stored hash is of another strength than today's. An empty hash matches
// nothing and takes as long.
func matches(ctx context.Context, password, hash string) (ok, outdated bool, err error) {
	stored := hash
	if stored == "" {
		stored = noPassword
	}
	err = inTurn(ctx, func() error {
		same, params, err := argon2id.CheckHash(clip(password), stored)
		if err != nil {
			return err
		}
		ok, outdated = same && hash != "", *params != *strength
		return nil
	})
	if err != nil {
		return false, false, fmt.Errorf("comparing a password: %w", err)
	}
	return ok, outdated, nil
}

// clip is a password as it is hashed. What is longer than any password is cut,
// so that nobody makes us read megabytes; it matches none of ours.
func clip(password string) string {
	s := norm.NFC.String(password)
	n := 0
	for i := range s {
		if n > PasswordMax {
			return s[:i]
		}
		n++
	}
	return s
}

// checkPassword notes what is wrong with a password that somebody chooses, in the
// field "password". About are words anybody would try first: their address,
// their name.
func checkPassword(v problem.Invalid, password string, about ...string) {
	switch n := viet.CountChars(password); {
	case n == 0:
		v.Add("password", "account.password_missing")
	case n < PasswordMin:
		v.Add("password", "account.password_short", PasswordMin, n)
	case n > PasswordMax:
		v.Add("password", "account.password_long", PasswordMax)
	case common(password, about...):
		v.Add("password", "account.password_common")
	}
}
