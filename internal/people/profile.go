package people

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Profile is what a person says of themself and may change.
type Profile struct {
	Name   string
	Phone  string // as typed; kept as digits
	Locale words.Lang
	// Reminders is whether they are reminded of deadlines by letter. What happens
	// to their proposals they are told in any case.
	Reminders bool
}

// MyProfile reads the profile of the person who asks.
func MyProfile(ctx context.Context, db pg.DB, viewer ID) (Profile, error) {
	return pg.One[Profile](ctx, db, `select name, phone, locale, reminders from people where id = $1`, viewer)
}

// SaveProfile changes the actor's own name, telephone and language.
func SaveProfile(ctx context.Context, tx pgx.Tx, act audit.Act, p Profile) error {
	p.Name = viet.Clean(p.Name)
	wrong := problem.Invalid{}
	checkName(wrong, p.Name)
	phone, _, ok := viet.Phone(p.Phone)
	if !ok && viet.Clean(p.Phone) != "" {
		wrong.Add("phone", "account.phone_wrong")
	}
	if err := wrong.OrNil(); err != nil {
		return err
	}
	email, err := pg.Value[string](ctx, tx, `select email from people where id = $1 for update`, act.By)
	if err != nil {
		return fmt.Errorf("locking the account: %w", err)
	}
	if err := pg.Exec(ctx, tx, `
		update people set name = @name, phone = @phone, locale = @locale, reminders = @reminders, search_key = @key where id = @id`,
		pgx.StrictNamedArgs{"id": act.By, "name": p.Name, "phone": phone, "locale": words.Pick(string(p.Locale)), "reminders": p.Reminders, "key": searchKey(p.Name, email)}); err != nil {
		return fmt.Errorf("saving a profile: %w", err)
	}
	_, err = audit.Record(ctx, tx, act, "profile", "person", ID(act.By), nil)
	return err
}

// SetLocale remembers in which language a person reads pages and letters. It is
// no event worth a place in the log.
func SetLocale(ctx context.Context, tx pgx.Tx, _ audit.Act, id ID, lang words.Lang) error {
	if err := pg.Exec(ctx, tx, `update people set locale = $2 where id = $1`, id, lang); err != nil {
		return fmt.Errorf("remembering the language: %w", err)
	}
	return nil
}

// searchKey is what a person is found by.
func searchKey(name, email string) string { return viet.Key(name + " " + email) }
