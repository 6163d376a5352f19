package people

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/words"
)

func key(err error) string {
	if refusal, ok := errors.AsType[problem.Refusal](err); ok {
		return refusal.Key
	}
	return fmt.Sprint(err)
}

func TestRegisterVerifySignIn(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	email := mailbox("Thu.Ha")
	act := audit.Act{At: noon}
	r := Registration{Name: " Lê  Thu Hà ", Email: email, Password: goodPassword, Locale: words.En, From: "192.0.2.1"}
	if err := Register(ctx, tx, act, r); err != nil {
		t.Fatal(err)
	}
	try := Try{Email: strings.ToUpper(email), Password: goodPassword, From: "192.0.2.1"}

	e, err := SignIn(ctx, tx, audit.Act{At: noon.Add(time.Minute)}, try)
	if err != nil || e.Needs != NeedsAddress || e.Token != "" {
		t.Fatalf("before verifying: %+v, %v", e, err)
	}
	try.Password = goodPassword + "!"
	if _, err := SignIn(ctx, tx, act, try); key(err) != "sign_in.wrong" {
		t.Error("a wrong password of an unverified account was told from others:", err)
	}
	try.Password = goodPassword

	link := lastLink(t, tx, email, letter.Verify)
	if err := CheckToken(ctx, tx, testKey, VerifyToken, link, noon); err != nil {
		t.Fatal(err)
	}
	if err := Verify(ctx, tx, audit.Act{At: noon.Add(2 * time.Minute)}, testKey, link, "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	if err := Verify(ctx, tx, audit.Act{At: noon.Add(3 * time.Minute)}, testKey, link, "192.0.2.1"); key(err) != "account.link_spent" {
		t.Error("the link worked twice:", err)
	}
	e, err = SignIn(ctx, tx, audit.Act{At: noon.Add(3 * time.Minute)}, try)
	if err != nil || e.Needs != Entered || e.Token == "" {
		t.Fatalf("after verifying: %+v, %v", e, err)
	}
	v, err := Enter(ctx, tx, e.Token, noon.Add(4*time.Minute))
	if err != nil || v.Name != "Lê Thu Hà" || v.Locale != words.En || v.Strength != ByPassword || v.Member || len(v.Roles) != 0 {
		t.Errorf("the visitor is %+v, %v", v, err)
	}
	if got, want := events(t, tx, e.Person), "register verify_again verify sign_in"; got != want {
		t.Errorf("log says %q, want %q", got, want)
	}
	if diff := cmp.Diff([]letter.Kind{letter.Verify, letter.Verify}, written(t, tx, email)); diff != "" {
		t.Error(diff)
	}
}

func TestRegisterRefusesWhatIsMissing(t *testing.T) {
	t.Parallel()
	tx := doorTx(t)
	err := Register(t.Context(), tx, audit.Act{At: noon}, Registration{Email: "nobody", Password: "short"})
	want := problem.Invalid{
		"name": problem.Say("account.name_missing"), "email": problem.Say("account.email_wrong"), "password": problem.Say("account.password_short", PasswordMin, 5),
	}
	if diff := cmp.Diff(error(want), err); diff != "" {
		t.Error(diff)
	}
}

// An address that has an account: the same answer, another letter.
func TestRegisterAgain(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	_, email := someone(t, tx, "Ngô Lan")
	if err := Register(ctx, tx, audit.Act{At: noon}, Registration{Name: "Kẻ Lạ", Email: email, Password: goodPassword + " nữa"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]letter.Kind{letter.Known}, written(t, tx, email)); diff != "" {
		t.Error(diff)
	}
	if _, err := SignIn(ctx, tx, audit.Act{At: noon}, Try{Email: email, Password: goodPassword}); err != nil {
		t.Error("a stranger's registration changed the account:", err)
	}
	if name, _ := pg.Value[string](ctx, tx, `select name from people where email_key = $1`, email); name != "Ngô Lan" {
		t.Error("a stranger renamed the account:", name)
	}
}

// Somebody registers another's address first; its owner registers and opens
// their own letter: the password is theirs and the stranger's opens nothing.
func TestRegisteringAnothersAddressWinsNothing(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	email := mailbox("owner")
	const strangers = "mật ngọt chết con ruồi xanh"
	register := func(at time.Time, name, password string) string {
		t.Helper()
		if err := Register(ctx, tx, audit.Act{At: at}, Registration{Name: name, Email: email, Password: password}); err != nil {
			t.Fatal(err)
		}
		return lastLink(t, tx, email, letter.Verify)
	}
	register(noon, "Kẻ Lạ", strangers)
	owners := register(noon.Add(time.Minute), "Chủ Nhân", goodPassword)
	register(noon.Add(2*time.Minute), "Kẻ Lạ", strangers)
	if err := Verify(ctx, tx, audit.Act{At: noon.Add(3 * time.Minute)}, testKey, owners, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := SignIn(ctx, tx, audit.Act{At: noon.Add(4 * time.Minute)}, Try{Email: email, Password: strangers}); key(err) != "sign_in.wrong" {
		t.Error("the stranger came in:", err)
	}
	if e, err := SignIn(ctx, tx, audit.Act{At: noon.Add(4 * time.Minute)}, Try{Email: email, Password: goodPassword}); err != nil || e.Token == "" {
		t.Error("the owner did not come in:", err)
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	id, email := someone(t, tx, "Đỗ Mai")
	before, err := OpenSession(ctx, tx, audit.Act{By: int64(id), At: noon}, Opening{Person: id, Strength: ByPassword})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(at time.Time) string {
		t.Helper()
		if err := RequestReset(ctx, tx, audit.Act{At: at}, email, "192.0.2.7"); err != nil {
			t.Fatal(err)
		}
		return lastLink(t, tx, email, letter.Reset)
	}
	first, second := ask(noon), ask(noon.Add(time.Minute))
	const next = "cánh diều no gió chiều quê"

	act := audit.Act{At: noon.Add(10 * time.Minute)}
	if err := Reset(ctx, tx, act, testKey, second, "Do Mai 123456", ""); !errors.As(err, new(problem.Invalid)) {
		t.Error("a weak password was taken:", err)
	}
	if err := Reset(ctx, tx, act, testKey, second, next, "192.0.2.7"); err != nil {
		t.Fatal(err)
	}
	for _, used := range []string{first, second} {
		if err := Reset(ctx, tx, act, testKey, used, goodPassword, ""); key(err) != "account.link_spent" {
			t.Error("a link worked after a reset:", err)
		}
	}
	if v, _ := Enter(ctx, tx, before, act.At); v.SignedIn() {
		t.Error("a session outlived the reset")
	}
	if _, err := SignIn(ctx, tx, act, Try{Email: email, Password: goodPassword}); key(err) != "sign_in.wrong" {
		t.Error("the old password works:", err)
	}
	if _, err := SignIn(ctx, tx, act, Try{Email: email, Password: next}); err != nil {
		t.Error(err)
	}
	late := ask(noon.Add(time.Hour))
	if err := CheckToken(ctx, tx, testKey, ResetToken, late, noon.Add(2*time.Hour)); key(err) != "account.link_spent" {
		t.Error("a link works after its hour:", err)
	}
}

// Whatever is wrong with a token, the answer is one.
func TestTokensThatAreNone(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	_, mine := someone(t, tx, "Lý Một")
	_, yours := someone(t, tx, "Lý Hai")
	for _, email := range []string{mine, yours} {
		if err := RequestReset(ctx, tx, audit.Act{At: noon}, email, ""); err != nil {
			t.Fatal(err)
		}
	}
	a, b := lastLink(t, tx, mine, letter.Reset), lastLink(t, tx, yours, letter.Reset)
	other, err := Key("another key, just as long as it").Link("account", 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"empty": "", "blank": "   ", "cut": a[:len(a)-1], "longer": a + "0", "reference only": a[:12], "another's signature": a[:12] + b[12:],
		"upper case": strings.ToUpper(a), "unknown": other, "NUL": a[:12] + "\x00", "Vietnamese": strings.Repeat("đ", 32), "zeros": strings.Repeat("0", 64),
	} {
		if err := CheckToken(ctx, tx, testKey, ResetToken, token, noon); !errors.Is(err, spent) && key(err) != "account.link_spent" {
			t.Errorf("%s: %v", name, err)
		}
		if err := Reset(ctx, tx, audit.Act{At: noon}, testKey, token, goodPassword, ""); key(err) != "account.link_spent" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := CheckToken(ctx, tx, testKey, VerifyToken, a, noon); key(err) != "account.link_spent" {
		t.Error("a reset link verifies:", err)
	}
	if err := CheckToken(ctx, tx, nil, ResetToken, a, noon); key(err) != "account.link_spent" {
		t.Error("no key, and a link fits:", err)
	}
	if _, err := Key("").Link("account", 1); err == nil {
		t.Error("an empty key signs")
	}
	if err := CheckToken(ctx, tx, testKey, ResetToken, a, noon); err != nil {
		t.Error("the right one:", err)
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	id, email := someone(t, tx, "Hồ Sen")
	act := audit.Act{By: int64(id), At: noon}
	open := func() (string, SessionID) {
		t.Helper()
		token, err := OpenSession(ctx, tx, act, Opening{Person: id, Strength: ByPassword})
		if err != nil {
			t.Fatal(err)
		}
		v, err := Enter(ctx, tx, token, noon)
		if err != nil {
			t.Fatal(err)
		}
		return token, v.SessionID
	}
	here, session := open()
	there, _ := open()
	const next = "cây đa bến nước sân đình xưa"
	err := ChangePassword(ctx, tx, act, session, goodPassword+"?", next)
	if diff := cmp.Diff(error(problem.Invalid{"present": problem.Say("account.present_wrong")}), err); diff != "" {
		t.Error(diff)
	}
	if err := ChangePassword(ctx, tx, act, session, goodPassword, next); err != nil {
		t.Fatal(err)
	}
	if v, _ := Enter(ctx, tx, here, noon); !v.SignedIn() {
		t.Error("this session ended")
	}
	if v, _ := Enter(ctx, tx, there, noon); v.SignedIn() {
		t.Error("another session outlived the password")
	}
	if _, err := SignIn(ctx, tx, audit.Act{At: noon}, Try{Email: email, Password: next}); err != nil {
		t.Error(err)
	}
	for range 10 {
		_ = ChangePassword(ctx, tx, act, session, "not my password", next+"x")
	}
	if err = ChangePassword(ctx, tx, act, session, next, next+"x"); !errors.Is(err, problem.TooMany) {
		t.Error("whoever holds a session may guess the password on and on:", err)
	}
}
