package people

import (
	"errors"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
)

func weakHash(t *testing.T) string {
	t.Helper()
	hash, err := argon2id.CreateHash(goodPassword, &argon2id.Params{Memory: 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func open(t *testing.T, tx pgx.Tx, person ID, at time.Time) (string, Visitor) {
	t.Helper()
	token, err := OpenSession(t.Context(), tx, audit.Act{By: int64(person), At: at}, Opening{Person: person, Strength: ByPassword, UserAgent: "Firefox"})
	if err != nil {
		t.Fatal(err)
	}
	v, err := Enter(t.Context(), tx, token, at)
	if err != nil || v.ID != person {
		t.Fatalf("entered as %+v, %v", v, err)
	}
	return token, v
}

func TestSessionsEndByThemselves(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	applicant, _ := someone(t, tx, "Người Nộp")
	officer, email := someone(t, tx, "Cán Bộ")
	if err := GrantFromShell(ctx, tx, noon, email, Auditor, Scope{}); err != nil {
		t.Fatal(err)
	}
	a, av := open(t, tx, applicant, noon)
	o, _ := open(t, tx, officer, noon)
	in := func(token string, after time.Duration) bool {
		t.Helper()
		v, err := Enter(ctx, tx, token, noon.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		return v.SignedIn()
	}
	if !in(a, 12*time.Hour-time.Second) || in(a, 12*time.Hour) {
		t.Error("who has no role stays twelve hours")
	}
	if !in(o, 8*time.Hour-time.Second) || in(o, 8*time.Hour) {
		t.Error("who has one stays eight")
	}
	if av.Untouched(noon.Add(5*time.Minute-time.Second)) || !av.Untouched(noon.Add(5*time.Minute)) {
		t.Error("use is noted every five minutes")
	}
	for h := 6; h <= 30*24; h += 6 {
		if err := Touch(ctx, tx, av, noon.Add(time.Duration(h)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if !in(a, 30*24*time.Hour-time.Second) || in(a, 30*24*time.Hour) {
		t.Error("nobody stays longer than thirty days")
	}
}

func TestTokensOfNobody(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	id, _ := someone(t, tx, "Ai Đây")
	token, _ := open(t, tx, id, noon)
	for _, s := range []string{"", " ", token[:42], token + "x", token[:42] + "\x00", string(tokenHash(token)), "' or true --"} {
		if v, err := Enter(ctx, tx, s, noon); v.SignedIn() || err != nil {
			t.Errorf("%q entered as %v, %v", s, v.ID, err)
		}
	}
	stored, err := pg.Value[int](ctx, tx, `select count(*)::int from sessions s where s::text like '%' || $1 || '%'`, token)
	if err != nil || stored != 0 {
		t.Error("the token itself is stored:", stored, err)
	}
}

// A session that an attacker planted in the browser ends when its user signs in,
// and the new one has another token.
func TestSignInRotatesTheSession(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	attacker, _ := someone(t, tx, "Kẻ Gài")
	_, email := someone(t, tx, "Người Bị Gài")
	planted, v := open(t, tx, attacker, noon)
	e, err := SignIn(ctx, tx, audit.Act{At: noon}, Try{Email: email, Password: goodPassword, Instead: v.SessionID})
	if err != nil || e.Token == planted {
		t.Fatal(e, err)
	}
	if v, _ := Enter(ctx, tx, planted, noon); v.SignedIn() {
		t.Error("the planted session lives on")
	}
}

func TestPeopleEndTheirOwnSessions(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	me, _ := someone(t, tx, "Tôi")
	you, _ := someone(t, tx, "Bạn")
	here, mine := open(t, tx, me, noon)
	there, other := open(t, tx, me, noon.Add(time.Minute))
	_, yours := open(t, tx, you, noon)
	list, err := Sessions(ctx, tx, me, noon.Add(time.Minute))
	if err != nil || len(list) != 2 || list[0].ID != other.SessionID || list[0].UserAgent != "Firefox" {
		t.Errorf("sessions: %+v, %v", list, err)
	}
	act := audit.Act{By: int64(me), At: noon.Add(time.Hour)}
	if err := EndSession(ctx, tx, act, yours.SessionID); !errors.Is(err, problem.NotFound) {
		t.Error("ended another's session:", err)
	}
	if err := EndSession(ctx, tx, act, other.SessionID); err != nil {
		t.Fatal(err)
	}
	if err := EndSession(ctx, tx, act, other.SessionID); !errors.Is(err, problem.NotFound) {
		t.Error("ended a session twice:", err)
	}
	if err := EndSession(ctx, tx, audit.Act{At: noon}, mine.SessionID); !errors.Is(err, problem.NotFound) {
		t.Error("nobody ended a session:", err)
	}
	if v, _ := Enter(ctx, tx, there, act.At); v.SignedIn() {
		t.Error("the ended session lives on")
	}
	if v, _ := Enter(ctx, tx, here, act.At); !v.SignedIn() {
		t.Error("this session ended too")
	}
}

func TestTidyKeepsWhatRulesStillAskFor(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	id, email := someone(t, tx, "Gọn Gàng")
	open(t, tx, id, noon)
	if err := RequestReset(ctx, tx, audit.Act{At: noon}, email, "192.0.2.9"); err != nil {
		t.Fatal(err)
	}
	left := func() (n int) {
		n, err := pg.Value[int](ctx, tx, `
			select (select count(*) from sessions where person_id = $1)::int + (select count(*) from account_tokens where person_id = $1)::int`, id)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for days, want := range map[int]int{0: 2, 89: 2} {
		if err := Tidy(ctx, tx, noon.AddDate(0, 0, days)); err != nil {
			t.Fatal(err)
		}
		if got := left(); got != want {
			t.Errorf("after %d days %d rows are left, want %d", days, got, want)
		}
	}
	if err := Tidy(ctx, tx, noon.AddDate(0, 0, 91)); err != nil {
		t.Fatal(err)
	}
	if got := left(); got != 0 {
		t.Errorf("after 91 days %d rows are left", got)
	}
}
