package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
)

// SessionID names a session; it is no secret, the token is.
type SessionID int64

func (id SessionID) String() string { return ref.Of(id) }

// Strength says how well a session's person proved who they are.
type Strength string

// The strengths, weakest first. Nothing gives the second yet; what will ask for
// it has a place to look.
const (
	ByPassword     Strength = "password"
	BySecondFactor Strength = "second_factor"
)

// touchEvery is how old the note of a session's last use may grow: a page read
// costs no write, but for one in five minutes.
const touchEvery = 5 * time.Minute

// tokenBytes is the length of a session's token, all of it random.
const tokenBytes = 32

// Opening is what a new session starts from.
type Opening struct {
	Person    ID
	Strength  Strength
	UserAgent string
	Address   string    // of the browser, as far as it is known
	Instead   SessionID // the session this browser had, which ends; 0: none
}

// OpenSession starts a session and returns its token, which is stored nowhere:
// the database knows only its SHA-256. The token is always new, so that one
// planted in a browser before it signed in is worth nothing after.
func OpenSession(ctx context.Context, tx pgx.Tx, act audit.Act, o Opening) (token string, err error) {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // never fails, says its documentation
	token = base64.RawURLEncoding.EncodeToString(b)
	if o.Instead != 0 {
		if _, err := tx.Exec(ctx, `update sessions set ended_at = $2 where id = $1 and ended_at is null`, o.Instead, act.At); err != nil {
			return "", fmt.Errorf("ending the session before: %w", err)
		}
	}
	if err := pg.Exec(ctx, tx, `
		insert into sessions (person_id, token_hash, strength, user_agent, address, created_at, seen_at)
		values (@person, @hash, @strength, left(@agent::text, 300), left(@address::text, 80), @at, @at)`,
		pgx.StrictNamedArgs{
			"person": o.Person, "hash": tokenHash(token), "strength": o.Strength, "agent": o.UserAgent, "address": o.Address, "at": act.At,
		}); err != nil {
		return "", fmt.Errorf("opening a session: %w", err)
	}
	return token, nil
}

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Enter tells who holds a session's token at that moment, in one query. A
// token that is unknown, ended or too old, and one of a disabled person, is
// nobody: the zero Visitor and no error. A session ends thirty days after it
// began, twelve hours after it was last used, or eight for who holds a role.
func Enter(ctx context.Context, db pg.DB, token string, at time.Time) (Visitor, error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return Visitor{}, nil
	}
	found, err := pg.All[Visitor](ctx, db, `
		select p.id, s.id as session_id, s.strength, s.seen_at, p.name, p.email, p.locale, held.roles,
		       exists (select from visible.members(p.id) m where m.person_id = p.id) as member
		from sessions s
		join people p on p.id = s.person_id
		cross join lateral (select array(select distinct r.role from roles r where r.person_id = p.id order by r.role) as roles) held
		where s.token_hash = $1 and s.ended_at is null and p.disabled_at is null
		  and s.created_at > $2::timestamptz - interval '30 days'
		  and s.seen_at > $2::timestamptz - case when held.roles = '{}' then interval '12 hours' else interval '8 hours' end`,
		tokenHash(token), at)
	if err != nil {
		return Visitor{}, fmt.Errorf("finding whose session it is: %w", err)
	}
	if len(found) == 0 {
		return Visitor{}, nil
	}
	return found[0], nil
}

// Whose is the person of a session's token, also of one that has ended; 0 where
// there never was such a session. It lets nobody in.
func Whose(ctx context.Context, db pg.DB, token string) (ID, error) {
	found, err := pg.Values[ID](ctx, db, `select person_id from sessions where token_hash = $1`, tokenHash(token))
	if err != nil {
		return 0, fmt.Errorf("finding whose session it was: %w", err)
	}
	if len(found) == 0 {
		return 0, nil
	}
	return found[0], nil
}

// Touch notes that the visitor's session is in use, unless that was noted in
// the last five minutes. Ask [Visitor.Untouched] first, and spare the write.
func Touch(ctx context.Context, db pg.DB, v Visitor, at time.Time) error {
	if !v.Untouched(at) {
		return nil
	}
	if _, err := db.Exec(ctx, `update sessions set seen_at = greatest(seen_at, $2) where id = $1 and ended_at is null`, v.SessionID, at); err != nil {
		return fmt.Errorf("noting that a session is in use: %w", err)
	}
	return nil
}

// Untouched reports whether it is time to note that the session is in use.
func (v Visitor) Untouched(at time.Time) bool {
	return v.SignedIn() && at.Sub(v.SeenAt) >= touchEvery
}

// Session is one browser in which a person is signed in.
type Session struct {
	ID        SessionID
	Strength  Strength
	UserAgent string
	Address   string
	CreatedAt time.Time
	SeenAt    time.Time
}

// Sessions lists where a person is signed in at that moment, last used first.
func Sessions(ctx context.Context, db pg.DB, person ID, at time.Time) ([]Session, error) {
	list, err := pg.All[Session](ctx, db, `
		select s.id, s.strength, s.user_agent, s.address, s.created_at, s.seen_at
		from sessions s
		where s.person_id = $1 and s.ended_at is null and s.created_at > $2::timestamptz - interval '30 days'
		  and s.seen_at > $2::timestamptz - case when exists (select from roles r where r.person_id = $1) then interval '8 hours' else interval '12 hours' end
		order by s.seen_at desc, s.id`, person, at)
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	return list, nil
}

// EndSession ends one of the actor's own sessions; another's is not found, and
// neither is one that has ended.
func EndSession(ctx context.Context, tx pgx.Tx, act audit.Act, id SessionID) error {
	if act.By == 0 {
		return problem.NotFound
	}
	if err := pg.Exec(ctx, tx, `
		update sessions set ended_at = $3 where id = $1 and person_id = $2 and ended_at is null`, id, act.By, act.At); err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	return nil
}

// EndOthers ends every session of a person but keep; 0 keeps none.
func EndOthers(ctx context.Context, tx pgx.Tx, act audit.Act, person ID, keep SessionID) error {
	if _, err := tx.Exec(ctx, `
		update sessions set ended_at = $3 where person_id = $1 and id <> $2 and ended_at is null`, person, keep, act.At); err != nil {
		return fmt.Errorf("ending the other sessions: %w", err)
	}
	return nil
}
