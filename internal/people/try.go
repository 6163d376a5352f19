package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/pg"
	"daubang/internal/problem"
)

// limit is how often something may be tried in a window of time. Whose it is
// stands in the table as a hash: a copy of the database lists no addresses.
type limit struct {
	what  string
	whose string
	most  int
	every time.Duration
}

func (l limit) bucket() string {
	sum := sha256.Sum256([]byte(l.what + "\x00" + l.whose))
	return l.what + ":" + hex.EncodeToString(sum[:12])
}

// The limits. An account's are narrow, those of a network address leave room
// for a whole office behind one router, the site's only stop floods. An unknown
// network address counts as one, and is never without limits.
func signInLimits(a address, from string, knownHere bool) []limit {
	account := limit{what: "sign_in", whose: a.Key, most: 10, every: 15 * time.Minute}
	if knownHere { // strangers who try an account do not shut its owner out
		account.what, account.whose = "sign_in_here", a.Key+"\x00"+from
	}
	return []limit{
		account,
		{what: "sign_in_from", whose: from, most: 60, every: 15 * time.Minute},
		{what: "sign_in_all", most: 3000, every: 15 * time.Minute},
	}
}

func letterLimits(what string, a address, from string) []limit {
	return []limit{
		{what: what, whose: a.Key, most: 4, every: time.Hour},
		{what: what + "_from", whose: from, most: 30, every: time.Hour},
		{what: what + "_all", most: 1000, every: time.Hour},
	}
}

// try counts one more of each limit, or refuses with [problem.TooMany] and
// counts none. Its row locks last as long as tx: keep it short.
func try(ctx context.Context, tx pgx.Tx, at time.Time, limits ...limit) error {
	for _, l := range limits {
		type counted struct {
			N     int
			Until time.Time
		}
		c, err := pg.One[counted](ctx, tx, `
			insert into tries (bucket, window_at, n) values ($1, date_bin($2::interval, $3, timestamptz 'epoch'), 1)
			on conflict (bucket, window_at) do update set n = tries.n + 1
			returning n, window_at + $2::interval as until`, l.bucket(), l.every, at)
		if err != nil {
			return fmt.Errorf("counting tries of %s: %w", l.what, err)
		}
		if c.N > l.most {
			minutes := int(c.Until.Sub(at)/time.Minute) + 1
			return problem.Because(problem.TooMany, "account.too_many", minutes)
		}
	}
	return nil
}

// forgive takes back what try counted, because it was no guess.
func forgive(ctx context.Context, tx pgx.Tx, at time.Time, limits ...limit) error {
	for _, l := range limits {
		if _, err := tx.Exec(ctx, `
			update tries set n = greatest(n - 1, 0) where bucket = $1 and window_at = date_bin($2::interval, $3, timestamptz 'epoch')`,
			l.bucket(), l.every, at); err != nil {
			return fmt.Errorf("taking back a try of %s: %w", l.what, err)
		}
	}
	return nil
}

// Tidy forgets what no rule asks for any more: counted tries after a day, spent
// tokens and ended sessions after ninety.
func Tidy(ctx context.Context, tx pgx.Tx, at time.Time) error {
	for _, old := range []string{
		`delete from tries where window_at < $1::timestamptz - interval '1 day'`,
		`delete from account_tokens where expires_at < $1::timestamptz - interval '90 days'`,
		`delete from sessions where seen_at < $1::timestamptz - interval '90 days'`,
	} {
		if _, err := tx.Exec(ctx, old, at); err != nil {
			return fmt.Errorf("tidying accounts: %w", err)
		}
	}
	return nil
}
