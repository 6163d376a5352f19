package people

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Base is a database in which transactions can be begun: a pool, or in tests a
// transaction. Functions that hash a password take one, because they must hold
// no transaction while they wait for their turn.
type Base interface {
	pg.DB
	Begin(ctx context.Context) (pgx.Tx, error)
}

// Registration is what somebody says of themself.
type Registration struct {
	Name     string
	Email    string
	Password string
	Locale   words.Lang
	From     string // network address, as far as it is known
}

// nameMost is how long a name may be, in characters; the schema says so too.
const nameMost = 120

func checkName(v problem.Invalid, name string) {
	switch {
	case name == "":
		v.Add("name", "account.name_missing")
	case viet.CountChars(name) > nameMost:
		v.Add("name", "account.name_long", nameMost)
	}
}

// Register makes an account and writes to its address a link that proves it. An
// address that has an account already gets a letter that says so, and the visitor
// the same answer in the same time: nobody learns here who is registered.
func Register(ctx context.Context, db Base, act audit.Act, r Registration) error {
	wrong := problem.Invalid{}
	r.Name = viet.Clean(r.Name)
	checkName(wrong, r.Name)
	a := checkEmail(wrong, r.Email)
	checkPassword(wrong, r.Password, a.Email, r.Name)
	if err := wrong.OrNil(); err != nil {
		return err
	}
	if err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		return try(ctx, tx, act.At, letterLimits("register", a, r.From)...)
	}); err != nil {
		return err
	}
	hash, err := hashPassword(ctx, r.Password)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error { return register(ctx, tx, act, r, a, hash) })
}

func register(ctx context.Context, tx pgx.Tx, act audit.Act, r Registration, a address, hash string) error {
	fresh, err := insertPerson(ctx, tx, act, Newcomer{Name: r.Name, Email: a.Email, Locale: r.Locale}, a)
	if err == nil {
		event, err := audit.Record(ctx, tx, act, "register", "person", fresh, nil)
		if err != nil {
			return err
		}
		return writeVerify(ctx, tx, act, event, fresh, hash)
	} else if !errors.Is(err, problem.NotFound) {
		return err
	}
	type known struct {
		ID       ID
		Verified bool
	}
	k, err := pg.One[known](ctx, tx, `select id, verified_at is not null as verified from people where email_key = $1 for update`, a.Key)
	if err != nil {
		return fmt.Errorf("finding who is registered: %w", err)
	}
	event, err := audit.Record(ctx, tx, act, "register_again", "person", k.ID, nil)
	if err != nil {
		return err
	}
	if k.Verified {
		return Write(ctx, tx, act, event, letter.Known, letter.About{}, k.ID)
	}
	// Nobody has proved this address yet, so whoever opens this letter begins
	// with the name and the password that came with it, not with a stranger's.
	if err := pg.Exec(ctx, tx, `update people set name = $2, locale = $3, search_key = $4 where id = $1`,
		k.ID, r.Name, words.Pick(string(r.Locale)), searchKey(r.Name, a.Email)); err != nil {
		return fmt.Errorf("registering again: %w", err)
	}
	return writeVerify(ctx, tx, act, event, k.ID, hash)
}

// writeVerify queues the letter with the link that proves an address and sets
// the password that was chosen with it.
func writeVerify(ctx context.Context, tx pgx.Tx, act audit.Act, event int64, id ID, hash string) error {
	reference, err := issue(ctx, tx, act.At, VerifyToken, id, hash)
	if err != nil {
		return err
	}
	return Write(ctx, tx, act, event, letter.Verify, letter.About{Refs: map[string]any{"token": reference}}, id)
}

// Verify notes that the holder of the link can read the letters of the address.
func Verify(ctx context.Context, tx pgx.Tx, act audit.Act, key Key, presented, from string) error {
	t, err := findToken(ctx, tx, key, VerifyToken, presented, act.At, true)
	if err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `
		update people set verified_at = coalesce(verified_at, $2),
		       password_hash = case when verified_at is null then $3 else password_hash end
		where id = $1`, t.PersonID, act.At, t.PasswordHash); err != nil {
		return fmt.Errorf("verifying an address: %w", err)
	}
	if err := t.use(ctx, tx, act.At, from); err != nil {
		return err
	}
	act.By = int64(t.PersonID)
	_, err = audit.Record(ctx, tx, act, "verify", "person", t.PersonID, nil)
	return err
}
