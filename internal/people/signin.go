package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

const signInWindow = 15 * time.Minute

// Try is one try to sign in.
type Try struct {
	Email     string
	Password  string
	UserAgent string
	From      string    // network address, as far as it is known
	Instead   SessionID // the session this browser had, which ends; 0: none
}

// Step is what still stands between a right password and a session.
type Step string

// The steps. Nobody needs a second factor yet: where one is asked for, SignIn
// returns that step and no token, and a session of strength [BySecondFactor] is
// opened when it was given.
const (
	Entered           Step = ""
	NeedsAddress      Step = "address" // not verified; a new letter is on its way
	NeedsSecondFactor Step = "second_factor"
)

// Entry is what a right password leads to.
type Entry struct {
	Person ID
	Needs  Step
	Token  string // of the new session, when nothing is needed any more
}

// wrongPassword is the one answer to a wrong password, an address without an
// account, one without a password and one that is disabled.
var wrongPassword = problem.Because(problem.Forbidden, "sign_in.wrong")

type account struct {
	ID           ID
	PasswordHash string // of an address not verified yet: what its last letter brings
	Verified     bool
	Disabled     bool
	KnownHere    bool // signed in, or used a link of ours, from that network address
}

const accountSQL = `
	select p.id, p.verified_at is not null as verified, p.disabled_at is not null as disabled,
	       case when p.verified_at is not null then p.password_hash else coalesce((
	         select t.password_hash from account_tokens t where t.person_id = p.id and t.kind = 'verify' order by t.created_at desc, t.id limit 1), '') end as password_hash,
	       exists (select from sessions s where s.person_id = p.id and s.address = $2 and s.created_at > $3::timestamptz - interval '90 days')
	       or exists (select from account_tokens t where t.person_id = p.id and t.used_from = $2 and t.used_at > $3::timestamptz - interval '90 days') as known_here
	from people p where p.email_key = $1`

// SignIn opens a session for who knows the password of an address. Refusals are
// alike and take as long whoever is asked for: the try is counted, one password
// is compared, the words are the same. It counts in a transaction of its own, so
// that a refusal does not undo it.
func SignIn(ctx context.Context, db Base, act audit.Act, t Try) (Entry, error) {
	wrong := problem.Invalid{}
	a := checkEmail(wrong, t.Email)
	if t.Password == "" {
		wrong.Add("password", "account.password_missing")
	}
	if err := wrong.OrNil(); err != nil {
		return Entry{}, err
	}
	who, limits, err := admit(ctx, db, act, a, t.From)
	if err != nil {
		return Entry{}, err
	}
	right, outdated, err := matches(ctx, t.Password, who.PasswordHash)
	if err != nil {
		return Entry{}, err
	}
	if !right || who.Disabled {
		return Entry{}, wrongPassword
	}
	hash := who.PasswordHash
	if outdated {
		if hash, err = hashPassword(ctx, t.Password); err != nil {
			return Entry{}, err
		}
	}
	var e Entry
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) (err error) {
		if err := forgive(ctx, tx, act.At, limits...); err != nil {
			return err
		}
		e, err = enter(ctx, tx, act, t, who, hash)
		return err
	})
	return e, err
}

// admit counts the try, in a transaction of its own, and finds whom it is about:
// nobody, where the address has no account.
func admit(ctx context.Context, db Base, act audit.Act, a address, from string) (who account, limits []limit, err error) {
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		who, err = pg.One[account](ctx, tx, accountSQL, a.Key, from, act.At)
		if err != nil && !errors.Is(err, problem.NotFound) {
			return fmt.Errorf("finding who signs in: %w", err)
		}
		limits = signInLimits(a, from, who.KnownHere && from != "")
		return try(ctx, tx, act.At, limits...)
	})
	return who, limits, err
}

// enter lets in who gave the right password, unless the account changed while
// it was compared. An address that was never verified gets its letter again.
func enter(ctx context.Context, tx pgx.Tx, act audit.Act, t Try, who account, hash string) (Entry, error) {
	same, err := pg.Value[bool](ctx, tx, `
		select disabled_at is null and (verified_at is not null) = $2 and (verified_at is null or password_hash = $3)
		from people where id = $1 for update`, who.ID, who.Verified, who.PasswordHash)
	if err != nil {
		return Entry{}, fmt.Errorf("locking the account: %w", err)
	}
	if !same {
		return Entry{}, wrongPassword
	}
	if !who.Verified {
		return Entry{Person: who.ID, Needs: NeedsAddress}, verifyAgain(ctx, tx, act, t, who, hash)
	}
	if hash != who.PasswordHash {
		if err := pg.Exec(ctx, tx, `update people set password_hash = $2 where id = $1`, who.ID, hash); err != nil {
			return Entry{}, fmt.Errorf("strengthening a hash: %w", err)
		}
	}
	act.By = int64(who.ID)
	if _, err := audit.Record(ctx, tx, act, "sign_in", "person", who.ID, nil); err != nil {
		return Entry{}, err
	}
	token, err := OpenSession(ctx, tx, act, Opening{Person: who.ID, Strength: ByPassword, UserAgent: t.UserAgent, Address: t.From, Instead: t.Instead})
	return Entry{Person: who.ID, Token: token}, err
}

// verifyAgain writes the letter that proves an address once more. Beyond a few
// an hour it writes none: the ones before still work.
func verifyAgain(ctx context.Context, tx pgx.Tx, act audit.Act, t Try, who account, hash string) error {
	a, _ := parseEmail(t.Email)                           // SignIn did
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error { // a savepoint: too many is no reason to undo the rest
		return try(ctx, tx, act.At, letterLimits("verify_again", a, t.From)...)
	})
	if errors.Is(err, problem.TooMany) {
		return nil
	} else if err != nil {
		return err
	}
	event, err := audit.Record(ctx, tx, act, "verify_again", "person", who.ID, nil)
	if err != nil {
		return err
	}
	return writeVerify(ctx, tx, act, event, who.ID, hash)
}
