package people

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"daubang/internal/problem"
)

func TestPasswordsAnybodyWouldTry(t *testing.T) {
	t.Parallel()
	about := []string{"lan.pham@hoiphunu-yenbai.vn", "Phạm Thị Ngọc Lan"}
	for _, p := range []string{
		"123456789012", "987654321098", "aaaaaaaaaaaa", "qwertyuiop12", "abcdefghijkl", "1qaz2wsx3edc",
		"matkhau123456", "MậtKhẩu@2026", "Matkhaucuatoi1", "mat.khau.moi.2025", "P@ssw0rd1234", "passwordpassword", "letmein123456", "iloveyou1234",
		"anhyeuem1234", "Anh Yêu Em 123", "vietnamvodich", "Việt Nam 1945!", "hanoi1000nam", "hoilienhiepphunu", "ubnd.tinh2026", "binhdanggioi1",
		"daubang12345", "DấuBằng!2026", "lan.pham@hoiphunu", "PhamThiNgocLan", "ngoclan19901990", "hoiphunuyenbai1",
		"nguyenthihoa1985", "correct horse battery staple", "!@#$%^&*()!!", "            ", "motconvit123",
	} {
		if !common(p, about...) {
			t.Errorf("%q was taken", p)
		}
	}
	for _, p := range []string{
		goodPassword, "con trâu nhà bác Sáu ngủ trưa", "tre già măng mọc bên sông", "x7#Kp2!vQ9$m", "739182640517", "a!$%&b*^()-c",
		"Tôi trồng 7 cây vải năm kia", "hồ sơ đang chờ chữ ký của ai đó", "gieo-hat-lanh-thang-ba", "tZ8w-kk3e-Yb1p",
	} {
		if common(p, about...) {
			t.Errorf("%q was refused", p)
		}
	}
}

func TestPasswordLength(t *testing.T) {
	t.Parallel()
	decomposed := norm.NFD.String("ềệổửữặẫẩẳỗộở") // twelve letters, more code points
	for password, want := range map[string]string{
		"":                              "account.password_missing",
		"mưa rơi mái":                   "account.password_short",
		strings.Repeat("mái ngói ", 15): "account.password_long",
		norm.NFD.String("ềệổửữặẫẩẳỗộ"): "account.password_short",
		decomposed:                       "",
		strings.Repeat("kể chuyện ", 12): "",
	} {
		v := problem.Invalid{}
		checkPassword(v, password)
		if got := v["password"].Key; got != want {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
}

func TestHashesAreArgon2idOfOneForm(t *testing.T) {
	t.Parallel()
	hash, err := goodHash()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Error("hash is", hash)
	}
	for password, want := range map[string]bool{
		norm.NFD.String(goodPassword): true,
		norm.NFC.String(goodPassword): true,
		goodPassword + " ":            false,
		"":                            false,
		goodPassword + strings.Repeat("x", 10_000_000/16): false,
	} {
		ok, outdated, err := matches(t.Context(), password, hash)
		if err != nil || ok != want || outdated {
			t.Errorf("%.40q: %v, outdated %v, %v", password, ok, outdated, err)
		}
	}
	if ok, _, err := matches(t.Context(), "", ""); ok || err != nil {
		t.Error("no password opened an account without one:", err)
	}
	weak := "$argon2id$v=19$m=1024,t=1,p=1$bmV2ZXIgYSBwYXNzd29yZA$bm90aGluZyBldmVyIGhhc2hlcyB0byB0aGlzLCBvaz8"
	if _, outdated, err := matches(t.Context(), goodPassword, weak); !outdated || err != nil {
		t.Error("a weaker hash is not outdated:", err)
	}
}

// Not parallel: it takes both turns that there are.
func TestNoMoreThanTwoHashesAtOnce(t *testing.T) { //nolint:paralleltest // see above
	hashing <- struct{}{}
	hashing <- struct{}{}
	defer func() { <-hashing; <-hashing }()
	if err := inTurn(t.Context(), func() error { t.Error("a third hash ran"); return nil }); !errors.Is(err, problem.Busy) {
		t.Error("waiting ended with", err)
	}
	gone, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := inTurn(gone, func() error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Error("who has gone was told", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"\tLan.Pham@Example.ORG": "Lan.Pham@example.org",
		"a+b@x.vn":               "a+b@x.vn",
		"ban@hộiphụnữ.vn":        "ban@xn--hiphn-4b2bpdvd.vn",
	} {
		if a, ok := parseEmail(typed); !ok || a.Email != want || a.Key != strings.ToLower(a.Email) {
			t.Errorf("%q is %q, %v", typed, a, ok)
		}
	}
	for _, typed := range []string{
		"", "lan", "@x.vn", "a@", "a@b", "a@@x.vn", "a b@x.vn", `"a b"@x.vn`, `"a> ORCPT=x"@x.vn`, "a@x.vn,b@x.vn", "a@x.vn\r\nBcc: b@x.vn", "<a@x.vn>",
		"a@[127.0.0.1]", "a..b@x.vn", ".a@x.vn", "lân@x.vn", "a@x..vn", "a@x.vn.", strings.Repeat("a", 65) + "@x.vn", "a@" + strings.Repeat("b.", 130) + "vn",
	} {
		if a, ok := parseEmail(typed); ok {
			t.Errorf("%q was read as %q", typed, a)
		}
	}
}
