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
)

// RequestReset writes a link to choose a new password to an address, if it has
// an account; the visitor gets the same answer if not.
func RequestReset(ctx context.Context, tx pgx.Tx, act audit.Act, email, from string) error {
	wrong := problem.Invalid{}
	a := checkEmail(wrong, email)
	if err := wrong.OrNil(); err != nil {
		return err
	}
	if err := try(ctx, tx, act.At, letterLimits("reset", a, from)...); err != nil {
		return err
	}
	id, err := pg.Value[ID](ctx, tx, `select id from people where email_key = $1 and disabled_at is null for update`, a.Key)
	if errors.Is(err, problem.NotFound) {
		return nil
	} else if err != nil {
		return fmt.Errorf("finding whose password to reset: %w", err)
	}
	return offerReset(ctx, tx, act, id)
}

// offerReset queues the letter; the caller has locked the person.
func offerReset(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	reference, err := issue(ctx, tx, act.At, ResetToken, id, "")
	if err != nil {
		return err
	}
	event, err := audit.Record(ctx, tx, act, "ask_reset", "person", id, nil)
	if err != nil {
		return err
	}
	return Write(ctx, tx, act, event, letter.Reset, letter.About{Refs: map[string]any{"token": reference}}, id)
}

// Reset sets a new password for who holds the link, ends their sessions, and
// takes the link as proof of the address. It signs nobody in.
func Reset(ctx context.Context, db Base, act audit.Act, key Key, presented, password, from string) error {
	t, err := findToken(ctx, db, key, ResetToken, presented, act.At, false)
	if err != nil {
		return err
	}
	about, err := aboutPerson(ctx, db, t.PersonID)
	if err != nil {
		return err
	}
	wrong := problem.Invalid{}
	checkPassword(wrong, password, about...)
	if err := wrong.OrNil(); err != nil {
		return err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		t, err := findToken(ctx, tx, key, ResetToken, presented, act.At, true)
		if err != nil {
			return err
		}
		if err := t.use(ctx, tx, act.At, from); err != nil {
			return err
		}
		act.By = int64(t.PersonID)
		return setPassword(ctx, tx, act, t.PersonID, hash, 0, "reset_password")
	})
}

// setPassword stores a password, ends the other sessions and spends the links
// that would set another.
func setPassword(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, hash string, keep SessionID, verb string) error {
	if err := pg.Exec(ctx, tx, `
		update people set password_hash = $2, verified_at = case when $4 = 'reset_password' then coalesce(verified_at, $3) else verified_at end
		where id = $1`, id, hash, act.At, verb); err != nil {
		return fmt.Errorf("setting a password: %w", err)
	}
	if _, err := tx.Exec(ctx, `update account_tokens set used_at = $2 where person_id = $1 and used_at is null`, id, act.At); err != nil {
		return fmt.Errorf("spending older links: %w", err)
	}
	if err := EndOthers(ctx, tx, act, id, keep); err != nil {
		return err
	}
	_, err := audit.Record(ctx, tx, act, verb, "person", id, nil)
	return err
}

// aboutPerson are the words a password of theirs must not be made of.
func aboutPerson(ctx context.Context, db pg.DB, id ID) ([]string, error) {
	about, err := pg.Values[string](ctx, db, `select unnest(array[email, name]) from people where id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("reading whose password it is: %w", err)
	}
	return about, nil
}

// ChangePassword sets a new password for the actor, who says the present one,
// and ends their sessions but this.
func ChangePassword(ctx context.Context, db Base, act audit.Act, session SessionID, present, next string) error {
	type row struct{ Email, Name, PasswordHash string }
	p, err := pg.One[row](ctx, db, `select email, name, password_hash from people where id = $1`, act.By)
	if err != nil {
		return fmt.Errorf("finding whose password it is: %w", err)
	}
	wrong := problem.Invalid{}
	if present == "" {
		wrong.Add("present", "account.present_missing")
	}
	checkPassword(wrong, next, p.Email, p.Name)
	if err := wrong.OrNil(); err != nil {
		return err
	}
	guess := limit{what: "present", whose: ID(act.By).String(), most: 10, every: signInWindow}
	if err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error { return try(ctx, tx, act.At, guess) }); err != nil {
		return err
	}
	if ok, _, err := matches(ctx, present, p.PasswordHash); err != nil {
		return err
	} else if !ok {
		return problem.Invalid{"present": problem.Say("account.present_wrong")}
	}
	hash, err := hashPassword(ctx, next)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		now, err := pg.Value[string](ctx, tx, `select password_hash from people where id = $1 for update`, act.By)
		if err != nil {
			return fmt.Errorf("locking the account: %w", err)
		}
		if now != p.PasswordHash {
			return problem.Because(problem.Conflict, "account.changed_meanwhile")
		}
		if err := forgive(ctx, tx, act.At, guess); err != nil {
			return err
		}
		return setPassword(ctx, tx, act, ID(act.By), hash, session, "change_password")
	})
}
