package people

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/ref"
	"daubang/internal/words"
)

var (
	noon    = time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)
	testKey = Key("a key of the tests, long enough")
)

const goodPassword = "mưa rơi trên mái ngói cũ"

// goodHash is made once: hashing is meant to be slow.
var goodHash = sync.OnceValues(func() (string, error) { return hashPassword(context.Background(), goodPassword) })

// turnstile is held by tests that sign in, register or reset: those count the
// whole site's tries in one row, and two open transactions would wait for it.
var turnstile sync.Mutex

// doorTx is a transaction for such a test.
func doorTx(t *testing.T) pgx.Tx {
	t.Helper()
	turnstile.Lock()
	t.Cleanup(turnstile.Unlock) // after the transaction is rolled back
	return pgtest.Tx(t)
}

// mailbox is an address no other test has.
func mailbox(name string) string { return name + "." + ref.New[ID]().String() + "@example.org" }

func someone(t *testing.T, tx pgx.Tx, name string) (ID, string) {
	t.Helper()
	hash, err := goodHash()
	if err != nil {
		t.Fatal(err)
	}
	email := mailbox("someone")
	id, err := AddHashed(t.Context(), tx, audit.Act{At: noon.AddDate(0, -1, 0)}, Newcomer{Name: name, Email: email, Locale: words.Vi}, hash)
	if err != nil {
		t.Fatal(err)
	}
	return id, email
}

func admin(t *testing.T, tx pgx.Tx) audit.Act {
	t.Helper()
	id, email := someone(t, tx, "Trần Quản Trị")
	if err := GrantFromShell(t.Context(), tx, noon, email, Admin, Scope{}); err != nil {
		t.Fatal(err)
	}
	return audit.Act{By: int64(id), At: noon}
}

// written lists the kinds of letters to an address, in the order of writing.
func written(t *testing.T, tx pgx.Tx, email string) []letter.Kind {
	t.Helper()
	kinds, err := pg.Values[letter.Kind](t.Context(), tx, `select kind from letters where lower(address) = $1 order by queued_at, event_id`, strings.ToLower(email))
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}

// lastLink is the token that the last letter of the kind to an address carries.
func lastLink(t *testing.T, tx pgx.Tx, email string, kind letter.Kind) string {
	t.Helper()
	reference, err := pg.Value[string](t.Context(), tx, `
		select refs ->> 'token' from letters where lower(address) = $1 and kind = $2 order by queued_at desc limit 1`, strings.ToLower(email), kind)
	if err != nil {
		t.Fatal("no letter:", err)
	}
	link, err := TokenOf(t.Context(), tx, testKey, reference)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

func events(t *testing.T, tx pgx.Tx, id ID) string {
	t.Helper()
	verbs, err := pg.Values[string](t.Context(), tx, `select verb from audit_events where subject = 'person' and subject_id = $1 order by seq`, id)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(verbs, " ")
}
