package people

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

func TestSignInRefusalsAreAlike(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	act := admin(t, tx)
	_, known := someone(t, tx, "Tô Biết")
	gone, disabled := someone(t, tx, "Tô Nghỉ")
	if err := Disable(ctx, tx, act, gone); err != nil {
		t.Fatal(err)
	}
	blank := mailbox("blank")
	if _, err := AddPerson(ctx, tx, audit.Act{At: noon}, Newcomer{Name: "Tô Chưa", Email: blank}); err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]Try{
		"wrong":             {Email: known, Password: "không phải thế"},
		"unknown":           {Email: mailbox("unknown"), Password: goodPassword},
		"disabled":          {Email: disabled, Password: goodPassword},
		"without password":  {Email: blank, Password: goodPassword},
		"spaces around":     {Email: known, Password: " " + goodPassword},
		"ten thousand long": {Email: known, Password: strings.Repeat(goodPassword, 500)},
	} {
		if _, err := SignIn(ctx, tx, audit.Act{At: noon}, try); key(err) != "sign_in.wrong" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Not parallel: it counts the hashes that are made.
func TestTheSameWorkWhoeverIsAsked(t *testing.T) { //nolint:paralleltest // see above
	ctx, tx := t.Context(), doorTx(t)
	_, known := someone(t, tx, "Tạ Có")
	unknown := mailbox("unknown")
	work := func(fn func(email string) error, email string) int64 {
		t.Helper()
		n := Hashed()
		_ = fn(email) // the answers are compared elsewhere
		return Hashed() - n
	}
	act := audit.Act{At: noon}
	for name, fn := range map[string]func(email string) error{
		"sign in": func(email string) error {
			_, err := SignIn(ctx, tx, act, Try{Email: email, Password: "không phải mật khẩu ấy"})
			return err
		},
		"register": func(email string) error {
			return Register(ctx, tx, act, Registration{Name: "Ai Đó", Email: email, Password: goodPassword})
		},
		"reset": func(email string) error { return RequestReset(ctx, tx, act, email, "") },
	} {
		k, u := work(fn, known), work(fn, unknown)
		if k != u || k > 1 {
			t.Errorf("%s: %d hashes for who is known, %d for who is not", name, k, u)
		}
	}
}

func TestSignInStrengthensOldHashes(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	id, email := someone(t, tx, "Vi Cũ")
	weak := weakHash(t)
	if err := pg.Exec(ctx, tx, `update people set password_hash = $2 where id = $1`, id, weak); err != nil {
		t.Fatal(err)
	}
	if _, err := SignIn(ctx, tx, audit.Act{At: noon}, Try{Email: email, Password: goodPassword}); err != nil {
		t.Fatal(err)
	}
	hash, err := pg.Value[string](ctx, tx, `select password_hash from people where id = $1`, id)
	if err != nil || hash == weak || !strings.Contains(hash, "m=19456,t=2,p=1") {
		t.Error("the hash is still", hash, err)
	}
	if _, err := SignIn(ctx, tx, audit.Act{At: noon}, Try{Email: email, Password: goodPassword}); err != nil {
		t.Error(err)
	}
}

func guess(t *testing.T, tx pgx.Tx, n int, at time.Time, email string, from func(int) string) (last error) {
	t.Helper()
	for i := range n {
		_, last = SignIn(t.Context(), tx, audit.Act{At: at}, Try{Email: email, Password: "đoán mò lần này", From: from(i)})
	}
	return last
}

// Strangers who guess from many places are stopped; the account's owner comes in
// from where they were before, from anywhere after a quarter of an hour, and
// from anywhere by a reset.
func TestGuessingIsStoppedAndTheOwnerIsNot(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	_, email := someone(t, tx, "Chủ Tài Khoản")
	home := Try{Email: email, Password: goodPassword, From: "198.51.100.1"}
	if _, err := SignIn(ctx, tx, audit.Act{At: noon.Add(-time.Hour)}, home); err != nil {
		t.Fatal(err)
	}
	spread := func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }
	if err := guess(t, tx, 10, noon, email, spread); key(err) != "sign_in.wrong" {
		t.Error("the tenth guess:", err)
	}
	if err := guess(t, tx, 1, noon, email, spread); key(err) != "account.too_many" {
		t.Error("the eleventh guess:", err)
	}
	away := home
	away.From = "198.51.100.99"
	if _, err := SignIn(ctx, tx, audit.Act{At: noon}, away); !errors.Is(err, problem.TooMany) {
		t.Error("from an unknown place, in the same window:", err)
	}
	if _, err := SignIn(ctx, tx, audit.Act{At: noon}, home); err != nil {
		t.Error("the owner at home:", err)
	}
	if _, err := SignIn(ctx, tx, audit.Act{At: noon.Add(15 * time.Minute)}, away); err != nil {
		t.Error("the owner away, a window later:", err)
	}
	if err := RequestReset(ctx, tx, audit.Act{At: noon}, email, "198.51.100.200"); err != nil {
		t.Fatal(err)
	}
	const next = "vườn chè xanh mướt sau mưa"
	if err := Reset(ctx, tx, audit.Act{At: noon}, testKey, lastLink(t, tx, email, letter.Reset), next, "198.51.100.200"); err != nil {
		t.Fatal(err)
	}
	if _, err := SignIn(ctx, tx, audit.Act{At: noon}, Try{Email: email, Password: next, From: "198.51.100.200"}); err != nil {
		t.Error("the owner after a reset:", err)
	}
}

func TestOneAddressMayNotTryEverybody(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	a, _ := parseEmail(mailbox("x"))
	for i := range 61 {
		limits := signInLimits(address{Key: fmt.Sprint(i, a.Key)}, "192.0.2.200"+a.Key, false)
		err := try(ctx, tx, noon, limits...)
		if i < 60 && err != nil || i == 60 && !errors.Is(err, problem.TooMany) {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	if err := try(ctx, tx, noon, limit{what: "some", most: 1, every: time.Hour}); err != nil {
		t.Error("an unknown address has no first try:", err)
	}
	if err := try(ctx, tx, noon, limit{what: "some", most: 1, every: time.Hour}); !errors.Is(err, problem.TooMany) {
		t.Error("unknown addresses are without limits:", err)
	}
}

func TestLettersAreRationed(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	_, known := someone(t, tx, "Khổng Thư")
	for _, email := range []string{known, mailbox("unknown")} {
		var err error
		for range 5 {
			err = RequestReset(ctx, tx, audit.Act{At: noon}, email, "192.0.2.77")
		}
		if !errors.Is(err, problem.TooMany) {
			t.Errorf("%s: a fifth letter in an hour: %v", email, err)
		}
	}
	if got := len(written(t, tx, known)); got != 4 {
		t.Error("letters written:", got)
	}
}
