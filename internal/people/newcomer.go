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
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Newcomer is a person whom somebody else enters: from the shell, in the demo
// and in tests.
type Newcomer struct {
	Name     string
	Email    string
	Phone    string
	Locale   words.Lang
	Password string // none: they choose one by a reset link
}

// insertPerson adds a person with no password and no proved address. An address
// that is taken is [problem.NotFound]: no row.
func insertPerson(ctx context.Context, tx pgx.Tx, act audit.Act, n Newcomer, a address) (ID, error) {
	return pg.Value[ID](ctx, tx, `
		insert into people (name, email, email_key, phone, locale, search_key, created_at)
		values (@name, @email, @email_key, @phone, @locale, @search_key, @at)
		on conflict (email_key) do nothing returning id`,
		pgx.StrictNamedArgs{
			"name": n.Name, "email": a.Email, "email_key": a.Key, "phone": n.Phone, "locale": words.Pick(string(n.Locale)),
			"search_key": searchKey(n.Name, a.Email), "at": act.At,
		})
}

// AddPerson enters a person whose address is taken as proved. A password given
// is held to the same rules as one that is chosen; none leaves the account
// without, and whoever reads its mail chooses one at /forgot. An address that is
// taken is refused.
func AddPerson(ctx context.Context, tx pgx.Tx, act audit.Act, n Newcomer) (ID, error) {
	wrong := problem.Invalid{}
	n.Name = viet.Clean(n.Name)
	checkName(wrong, n.Name)
	a := checkEmail(wrong, n.Email)
	if n.Password != "" {
		checkPassword(wrong, n.Password, a.Email, n.Name)
	}
	if err := wrong.OrNil(); err != nil {
		return 0, err
	}
	hash := ""
	if n.Password != "" {
		var err error
		if hash, err = hashPassword(ctx, n.Password); err != nil {
			return 0, err
		}
	}
	return add(ctx, tx, act, n, a, hash)
}

// AddHashed is [AddPerson] for many people with one password, such as the
// demo's, hashed once by [HashOnce]. The rules of passwords are the caller's.
func AddHashed(ctx context.Context, tx pgx.Tx, act audit.Act, n Newcomer, hash string) (ID, error) {
	a, ok := parseEmail(n.Email)
	if !ok {
		return 0, problem.Invalid{"email": problem.Say("account.email_wrong")}
	}
	return add(ctx, tx, act, n, a, hash)
}

// HashOnce hashes a password for [AddHashed].
func HashOnce(ctx context.Context, password string) (string, error) {
	return hashPassword(ctx, password)
}

func add(ctx context.Context, tx pgx.Tx, act audit.Act, n Newcomer, a address, hash string) (ID, error) {
	id, err := insertPerson(ctx, tx, act, n, a)
	if errors.Is(err, problem.NotFound) {
		return 0, problem.Because(problem.Conflict, "people.email_taken")
	} else if err != nil {
		return 0, fmt.Errorf("adding a person: %w", err)
	}
	if err := pg.Exec(ctx, tx, `update people set password_hash = $2, verified_at = $3 where id = $1`, id, hash, act.At); err != nil {
		return 0, fmt.Errorf("setting a password: %w", err)
	}
	_, err = audit.Record(ctx, tx, act, "add", "person", id, nil)
	return id, err
}

// Lookup finds a person by their address, for the shell; it is on nobody's
// behalf and no page may ask it.
func Lookup(ctx context.Context, db pg.DB, email string) (ID, error) {
	a, _ := parseEmail(email) // what is none is nobody's
	return pg.Value[ID](ctx, db, `select id from people where email_key = $1`, a.Key)
}

// GrantFromShell gives a role as the portal itself: how the first admin comes
// about. What is held already is no fault.
func GrantFromShell(ctx context.Context, tx pgx.Tx, at time.Time, email string, role Role, scope Scope) error {
	to, err := Lookup(ctx, tx, email)
	if err != nil {
		return fmt.Errorf("finding %s: %w", email, err)
	}
	err = grant(ctx, tx, audit.Act{At: at}, to, role, scope)
	if refusal, ok := errors.AsType[problem.Refusal](err); ok && refusal.Key == "people.has_role" {
		return nil
	}
	return err
}

// ResetFromShell makes a reset link for a person, to hand over by other ways
// than mail, and returns its token. It works once, for an hour.
func ResetFromShell(ctx context.Context, tx pgx.Tx, at time.Time, key Key, email string) (token string, err error) {
	id, err := Lookup(ctx, tx, email)
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", email, err)
	}
	if err := pg.Exec(ctx, tx, `select id from people where id = $1 for update`, id); err != nil {
		return "", fmt.Errorf("locking the account: %w", err)
	}
	reference, err := issue(ctx, tx, at, ResetToken, id, "")
	if err != nil {
		return "", err
	}
	if _, err := audit.Record(ctx, tx, audit.Act{At: at}, "reset_from_shell", "person", id, nil); err != nil {
		return "", err
	}
	return TokenOf(ctx, tx, key, reference)
}
