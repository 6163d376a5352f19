package people

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
)

// Key makes the one-time links of letters: a link is a row's reference and an
// HMAC-SHA256 of the row under the key, so that neither a copy of the database
// nor a guess makes one, and nothing in the database can be presented as one.
type Key []byte

// keyLeast is how short a key may be, in bytes; a blank one makes nothing.
const keyLeast = 16

var base32Lower = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// Link is the token of the row of that kind and id; facts are what else of the
// row it vouches for. Letters and digits only, so that no mail program cuts it.
func (k Key) Link(kind string, id int64, facts ...string) (string, error) {
	if len(k) < keyLeast {
		return "", errors.New("DAUBANG_SECRET is too short to sign links")
	}
	mac := hmac.New(sha256.New, k)
	for _, part := range append([]string{"daubang link", kind, strconv.FormatInt(id, 10)}, facts...) {
		_, _ = fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return ref.Of(id) + base32Lower.EncodeToString(mac.Sum(nil)), nil
}

// Fits reports whether token is the [Key.Link] of that row.
func (k Key) Fits(token, kind string, id int64, facts ...string) bool {
	right, err := k.Link(kind, id, facts...)
	return err == nil && hmac.Equal([]byte(token), []byte(right))
}

// LinkID reads which row a token speaks of, without believing it.
func LinkID(token string) (int64, error) {
	n := len(ref.Of(int64(0)))
	if len(token) <= n {
		return 0, problem.NotFound
	}
	return ref.Parse[int64](token[:n])
}

// TokenKind says what a token is for.
type TokenKind string

// The kinds of tokens, and how long they last.
const (
	VerifyToken TokenKind = "verify"
	ResetToken  TokenKind = "reset"
)

func (k TokenKind) life() time.Duration {
	if k == ResetToken {
		return time.Hour
	}
	return 72 * time.Hour
}

// spent is the one answer to every token that does not work: unknown, cut,
// forged, used, too old or another's.
var spent = problem.Because(problem.NotFound, "account.link_spent")

type token struct {
	ID           int64
	PersonID     ID
	Kind         TokenKind
	PasswordHash string
	CreatedAt    time.Time
	ExpiresAt    time.Time
	Used         bool
}

func (t token) link(key Key) (string, error) { return key.Link("account", t.ID, t.facts()...) }

func (t token) facts() []string {
	return []string{string(t.Kind), strconv.FormatInt(int64(t.PersonID), 10), strconv.FormatInt(t.CreatedAt.UnixMicro(), 10)}
}

const tokenColumns = `select id, person_id, kind, password_hash, created_at, expires_at, used_at is not null as used from account_tokens ` //nolint:gosec // no credential

// findToken reads a token that works at that moment, and locks it if it is
// about to be used.
func findToken(ctx context.Context, db pg.DB, key Key, kind TokenKind, presented string, at time.Time, lock bool) (token, error) {
	id, err := LinkID(presented)
	if err != nil {
		return token{}, spent
	}
	query := tokenColumns + `where id = $1`
	if lock {
		query = tokenColumns + `where id = $1 for update`
	}
	t, err := pg.One[token](ctx, db, query, id)
	if errors.Is(err, problem.NotFound) {
		return token{}, spent
	} else if err != nil {
		return token{}, fmt.Errorf("finding a token: %w", err)
	}
	if !key.Fits(presented, "account", t.ID, t.facts()...) || t.Kind != kind || t.Used || !at.Before(t.ExpiresAt) {
		return token{}, spent
	}
	return t, nil
}

// CheckToken reports, by a refusal, whether a link would still work, for the
// page with the button. It uses nothing up.
func CheckToken(ctx context.Context, db pg.DB, key Key, kind TokenKind, presented string, at time.Time) error {
	_, err := findToken(ctx, db, key, kind, presented, at, false)
	return err
}

// TokenOf makes the token that a letter carries, from the reference in the
// letter's refs ("token"). It is asked for when the letter is sent, and kept
// nowhere.
func TokenOf(ctx context.Context, db pg.DB, key Key, reference string) (string, error) {
	id, err := ref.Parse[int64](reference)
	if err != nil {
		return "", err
	}
	t, err := pg.One[token](ctx, db, tokenColumns+`where id = $1`, id)
	if err != nil {
		return "", fmt.Errorf("finding the token of a letter: %w", err)
	}
	return t.link(key)
}

// LiveToken is [TokenOf] for a link that still works at that moment, with the
// moment at which it ends; one that does not is refused.
func LiveToken(ctx context.Context, db pg.DB, key Key, kind TokenKind, reference string, at time.Time) (presented string, ends time.Time, err error) {
	presented, err = TokenOf(ctx, db, key, reference)
	if err != nil {
		return "", time.Time{}, err
	}
	t, err := findToken(ctx, db, key, kind, presented, at, false)
	return presented, t.ExpiresAt, err
}

// issue makes a new token and returns its reference for the letter.
func issue(ctx context.Context, tx pgx.Tx, at time.Time, kind TokenKind, person ID, passwordHash string) (reference string, err error) {
	id, err := pg.Value[int64](ctx, tx, `
		insert into account_tokens (person_id, kind, password_hash, created_at, expires_at)
		values ($1, $2, $3, $4, $5) returning id`, person, kind, passwordHash, at, at.Add(kind.life()))
	if err != nil {
		return "", fmt.Errorf("issuing a %s token: %w", kind, err)
	}
	return ref.Of(id), nil
}

// use marks a token and every other of its person and kind as used.
func (t token) use(ctx context.Context, tx pgx.Tx, at time.Time, from string) error {
	if _, err := tx.Exec(ctx, `
		update account_tokens set used_at = @at, used_from = case when id = @id then left(@from::text, 80) else used_from end
		where person_id = @person and kind = @kind and used_at is null`,
		pgx.StrictNamedArgs{"at": at, "id": t.ID, "from": strings.TrimSpace(from), "person": t.PersonID, "kind": t.Kind}); err != nil {
		return fmt.Errorf("using a %s token: %w", t.Kind, err)
	}
	return nil
}
