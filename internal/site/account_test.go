package site_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/portaltest"
	"daubang/internal/site"
	"daubang/internal/words"
)

const goodPassword = "mưa rơi trên mái ngói cũ"

// house is a portal of its own, with a clock that stands still until moved.
type house struct {
	*site.Site
	http.Handler
	db  *pgxpool.Pool
	now time.Time
}

func openHouse(t *testing.T) *house {
	t.Helper()
	h := &house{db: pgtest.New(t), now: time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)}
	files, err := document.OpenStore("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	h.Site = &site.Site{
		Files: files,
		DB:    h.db, Read: h.db, Lagging: h.db, Log: slog.New(slog.DiscardHandler),
		Now:     func() time.Time { return h.now },
		Instant: func(context.Context, pg.DB) (time.Time, error) { return h.now, nil },
		BaseURL: &url.URL{Scheme: "http", Host: "127.0.0.1:8080"},
		Secret:  []byte("a secret of the tests, long enough"),
	}
	h.Handler = h.Site.Handler()
	return h
}

func (h *house) browser(t *testing.T) *portaltest.Browser {
	t.Helper()
	return portaltest.NewBrowser(t, h.Handler)
}

func (h *house) tx(t *testing.T, fn func(pgx.Tx) error) {
	t.Helper()
	if err := pg.Tx(t.Context(), h.db, fn); err != nil {
		t.Fatal(err)
	}
}

// person adds somebody with the good password, and the roles that have no scope.
func (h *house) person(t *testing.T, name, email string, roles ...people.Role) people.ID {
	t.Helper()
	var id people.ID
	h.tx(t, func(tx pgx.Tx) (err error) {
		id, err = people.AddHashed(t.Context(), tx, audit.Act{At: h.now}, people.Newcomer{Name: name, Email: email}, hashed())
		for _, r := range roles {
			if err == nil {
				err = people.GrantFromShell(t.Context(), tx, h.now, email, r, people.Scope{})
			}
		}
		return err
	})
	return id
}

// link is the address in the last letter of the kind to somebody.
func (h *house) link(t *testing.T, kind, email string) string {
	t.Helper()
	refs, err := pg.Value[map[string]string](t.Context(), h.db, `
		select l.refs from letters l join audit_events e on e.id = l.event_id
		where l.kind = $1 and l.address = $2 order by l.queued_at desc, e.seq desc limit 1`, kind, email)
	if err != nil {
		t.Fatalf("no %s letter to %s: %v", kind, email, err)
	}
	if kind == "invitation" {
		token, err := organisation.InvitationToken(t.Context(), h.db, people.Key(h.Secret), refs["invitation"])
		if err != nil {
			t.Fatal(err)
		}
		return "/invitations/" + token
	}
	token, err := people.TokenOf(t.Context(), h.db, people.Key(h.Secret), refs["token"])
	if err != nil {
		t.Fatal(err)
	}
	return "/" + kind + "/" + token
}

func (h *house) signedIn(t *testing.T, email string) *portaltest.Browser {
	t.Helper()
	var token string
	h.tx(t, func(tx pgx.Tx) error {
		person, err := pg.Value[people.ID](t.Context(), tx, `select id from people where email_key = $1`, people.EmailKey(email))
		if err == nil {
			token, err = people.OpenSession(t.Context(), tx, audit.Act{At: h.now}, people.Opening{Person: person, Strength: people.ByPassword})
		}
		return err
	})
	b := h.browser(t).SetCookie("daubang_session", token).Open("/").Expect(200)
	if b.Cookie("daubang_session") == "" {
		t.Fatal("not signed in as", email)
	}
	return b
}

// hashed is goodPassword as it is stored; making it takes long, as it should.
var hashed = sync.OnceValue(func() string {
	hash, err := people.HashOnce(context.Background(), goodPassword)
	if err != nil {
		panic(err)
	}
	return hash
})

func TestRegisterThroughTheDoor(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	b := h.browser(t)
	b.Open("/register").Fill("name", "Vũ Thị Nhài").Fill("email", "nhai@example").Fill("password", "123456789012").Press("Tạo tài khoản").Expect(422)
	b.Says("Có 2 chỗ cần sửa", "theo mẫu ten@tochuc.vn", "Mật khẩu này dễ đoán")
	if b.Held("name") != "Vũ Thị Nhài" || b.Held("email") != "nhai@example" || b.Held("password") != "" {
		t.Error("what was typed is not there, or the password is:", b.Held("name"), b.Held("email"), b.Held("password"))
	}
	b.Fill("email", "nhai@example.org").Fill("password", goodPassword).Press("Tạo tài khoản").At("/register/sent").Says("Hãy mở hộp thư")

	b.Open("/sign-in").Fill("email", "nhai@example.org").Fill("password", goodPassword).Press("Đăng nhập").Expect(422).Says("chưa được xác nhận")
	link := h.link(t, "verify", "nhai@example.org")
	b.Open(link).Expect(200)
	b.Open(link).Expect(200) // looking at it does nothing
	b.Press("Xác nhận địa chỉ").At("/sign-in").Says("Địa chỉ của bạn đã được xác nhận")
	b.Open(link).Expect(404).Says("không dùng được nữa")
	b.Open("/sign-in?next=/account").Fill("email", "NHAI@example.org").Fill("password", goodPassword).Press("Đăng nhập").At("/account").Says("nhai@example.org")

	b.Press("Đăng xuất").At("/").Says("đã đăng xuất")
	if b.Cookie("daubang_session") != "" {
		t.Error("the cookie outlives signing out")
	}
	b.Open("/account").At("/sign-in")
}

// nonces are what differs from one answer to the next: the script's nonce.
var nonces = regexp.MustCompile(`nonce="[^"]*"`)

// The answers are byte for byte the same for an address with an account and one
// without; the nonce and the address typed are what differs by nature.
func TestNobodyLearnsWhoIsRegistered(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.person(t, "Có Tài Khoản", "known@example.org")
	answers := map[string][]string{}
	for _, email := range []string{"known@example.org", "other@example.org"} { // as long as each other
		b := h.browser(t)
		note := func(what string) {
			said := strings.ReplaceAll(b.Body, email, "…")
			said = nonces.ReplaceAllString(said, "nonce")
			answers[what] = append(answers[what], fmt.Sprint(b.Status, b.URL.Path, b.Header.Values("Set-Cookie"), said))
		}
		b.Open("/sign-in").Fill("email", email).Fill("password", "không phải mật khẩu").Press("Đăng nhập")
		note("sign in")
		b.Open("/register").Fill("name", "Ai Đó").Fill("email", email).Fill("password", goodPassword).Press("Tạo tài khoản")
		note("register")
		b.Open("/forgot").Fill("email", email).Press("Gửi đường dẫn")
		note("reset")
		for range 12 {
			b.Open("/sign-in").Fill("email", email).Fill("password", "không phải mật khẩu").Press("Đăng nhập")
		}
		note("too many")
	}
	for what, a := range answers {
		if a[0] != a[1] {
			t.Errorf("%s answers differently:\n%s\n%s", what, a[0], a[1])
		}
	}
	if !strings.HasPrefix(answers["too many"][0], "429") || !strings.HasPrefix(answers["sign in"][0], "422") {
		t.Error("the refusals are no refusals:", answers["too many"][0][:3], answers["sign in"][0][:3])
	}
}

func TestResetThroughTheDoor(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.person(t, "Quên Rồi", "quen@example.org")
	elsewhere := h.signedIn(t, "quen@example.org")
	b := h.browser(t)
	b.Open("/forgot").Fill("email", "quen@example.org").Press("Gửi đường dẫn").At("/forgot/sent")
	link := h.link(t, "reset", "quen@example.org")
	b.Open(link).Fill("password", "quen quen quen").Press("Lưu mật khẩu mới").Expect(422)
	b.Fill("password", "đàn cò trắng bay qua đồng").Press("Lưu mật khẩu mới").At("/sign-in").Says("Mật khẩu mới đã được lưu")
	b.Fill("email", "quen@example.org").Fill("password", "đàn cò trắng bay qua đồng").Press("Đăng nhập").At("/")
	elsewhere.Open("/account").At("/sign-in")
	for _, bad := range []string{link, link[:len(link)-1], "/reset/x", "/reset/%20", "/verify/" + link[len("/reset/"):], "/reset/" + strings.Repeat("0", 64)} {
		b.Open(bad).Expect(404).Says("không dùng được nữa")
		one := nonces.ReplaceAllString(b.Body, "nonce")
		if b.Open("/reset/" + strings.Repeat("z", 64)).Expect(404); nonces.ReplaceAllString(strings.ReplaceAll(b.Body, strings.Repeat("z", 64), bad[strings.LastIndex(bad, "/")+1:]), "nonce") != one && !strings.Contains(bad, "verify") {
			t.Errorf("%s is told from other bad links", bad)
		}
	}
}

func TestFieldsSentTwiceAreRefused(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.person(t, "Một Người", "one@example.org")
	twice := []string{"one@example.org", "two@example.org"}
	b := h.browser(t)
	b.Post("/sign-in", url.Values{"email": twice, "password": {goodPassword}}).Expect(400)
	b.Post("/forgot", url.Values{"email": twice}).Expect(400)
	b.Post("/register", url.Values{"email": twice, "name": {"Ai"}, "password": {goodPassword}}).Expect(400)
}

// Where to go after signing in is a page of ours, or home.
func TestNextIsAPageOfOurs(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.person(t, "Đi Đâu", "next@example.org")
	b := h.signedIn(t, "next@example.org")
	for next, want := range map[string]string{
		"/account": "/account", "/organisations?x=1": "/organisations", "/organisations/new": "/organisations/new",
		"//evil.example": "/", "/\\evil.example": "/", "https://evil.example": "/", "https:evil.example": "/", "javascript:alert(1)": "/",
		"/%0d%0aSet-Cookie:x": "/", "/sign-out": "/", "/nowhere": "/", "": "/", "account": "/", "/@evil.example": "/", "////evil.example": "/", "/%2f/evil.example": "/",
		"/static/../account": "/account",
	} {
		r := b.Open("/sign-in?next=" + url.QueryEscape(next))
		if r.URL.Path != want {
			t.Errorf("next=%q leads to %s (%d), want %s", next, r.URL, r.Status, want)
		}
	}
	// A page that is there after all asks for the role it needs, after signing in.
	h.browser(t).Open("/desk/people").At("/sign-in").Fill("email", "next@example.org").Fill("password", goodPassword).Press("Đăng nhập").At("/desk/people").Expect(404)
}

// A session planted in the browser before is worth nothing after signing in.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.person(t, "Kẻ Gài", "plants@example.org")
	h.person(t, "Người Dùng", "victim@example.org")
	attacker := h.signedIn(t, "plants@example.org")
	planted := attacker.Cookie("daubang_session")
	b := h.browser(t).SetCookie("daubang_session", planted)
	b.Post("/sign-in", url.Values{"email": {"victim@example.org"}, "password": {goodPassword}})
	if got := b.Cookie("daubang_session"); got == planted || got == "" {
		t.Error("the token did not change at sign-in")
	}
	attacker.Open("/account").At("/sign-in")
	b.SetCookie("daubang_session", strings.Repeat("A", 43)).Open("/account").At("/sign-in")
}

// What a request says of where it comes from is not believed: tries count.
func TestForwardedForIsNotBelieved(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	b := h.browser(t)
	try := func(i int) int {
		b.Extra.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
		b.Extra.Set("X-Real-Ip", fmt.Sprintf("198.51.100.%d", i))
		b.Extra.Set("True-Client-Ip", fmt.Sprintf("198.51.100.%d", i))
		b.Post("/forgot", url.Values{"email": {fmt.Sprintf("n%d@example.org", i)}})
		return b.Status
	}
	for i := range 30 {
		if got := try(i); got != 200 {
			t.Fatalf("letter %d: %d", i+1, got)
		}
	}
	if got := try(30); got != 429 {
		t.Error("the thirty-first letter asked for from one address:", got)
	}
	b.From = "192.0.2.2"
	if got := try(31); got != 200 {
		t.Error("from another address:", got)
	}
	h.Proxies = []string{"192.0.2.0/24"}
	b = portaltest.NewBrowser(t, h.Site.Handler())
	if got := try(32); got != 200 {
		t.Error("behind a proxy of ours, for somebody else:", got)
	}
}

func TestAccountThroughTheDoor(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.person(t, "Tên Cũ", "toi@example.org")
	b, other := h.signedIn(t, "toi@example.org"), h.signedIn(t, "toi@example.org")
	b.Open("/account").Fill("name", "").Fill("phone", "12").Press("Lưu thông tin").Expect(422).Says("Hãy viết họ và tên", "số điện thoại Việt Nam")
	b.Fill("name", "Tên Mới").Fill("phone", "0912.345.678").Fill("locale", "en").Press("Lưu thông tin").Says("What you changed is saved")
	if b.Held("name") != "Tên Mới" || b.Held("phone") != "0912345678" {
		t.Error("saved as", b.Held("name"), b.Held("phone"))
	}
	b.Fill("present", "không phải").Fill("password", "cây khế chua nở hoa tím").Press("Save the new password").Expect(422).Says("This is not your present password")
	b.Press("Sign out everywhere else").At("/account").Says("All other sessions are ended")
	other.Open("/account").At("/sign-in")
	other = h.signedIn(t, "toi@example.org")
	b.Open("/account").Fill("present", goodPassword).Fill("password", "cây khế chua nở hoa tím").Press("Save the new password").At("/account").Says("The password is changed")
	other.Open("/account").At("/sign-in")
	if words.Pick(b.Cookie("daubang_language")) != words.En {
		t.Error("the language is not kept")
	}
	b.Open("/account").Expect(200)
	b.Press("Sign out").At("/")
}

func TestPeopleAtTheDesk(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.person(t, "Quản Trị", "admin@example.org", people.Admin)
	h.person(t, "Kiểm Toán", "auditor@example.org", people.Auditor)
	who := h.person(t, "Đặng Thị Thẩm", "tham@example.org")
	var programme string
	h.tx(t, func(tx pgx.Tx) (err error) {
		_, err = tx.Exec(t.Context(), `insert into programmes (title_vi, issuer_vi, status, created_at, updated_at) values ('Kế hoạch thử', 'UBND tỉnh', 'published', $1, $1)`, h.now)
		return err
	})
	admin := h.signedIn(t, "admin@example.org")
	admin.Open("/desk/people").Fill("q", "dang thi tham").Press("Tìm người").Says("Đặng Thị Thẩm").SaysNot("Kiểm Toán · ").Click("Đặng Thị Thẩm").Says("chưa được giao vai trò nào")
	admin.Fill("role", "officer").Press("Giao vai trò").Expect(422).Says("Hãy chọn vai trò này dành cho")
	id, err := pg.Value[int64](t.Context(), h.db, `select id from programmes`)
	if err != nil {
		t.Fatal(err)
	}
	programme = people.ID(id).String()
	admin.Fill("role", "officer").Fill("programme", programme).Press("Giao vai trò").Says("Vai trò đã được giao", "Cán bộ chương trình", "Kế hoạch thử")
	admin.Fill("role", "officer").Fill("programme", programme).Press("Giao vai trò").Expect(409).Says("đã có vai trò đó")
	h.signedIn(t, "tham@example.org").Open("/desk/people/" + who.String()).Expect(200).SaysNot("Khóa tài khoản")

	auditor := h.signedIn(t, "auditor@example.org")
	auditor.Open("/desk/people/"+who.String()).Expect(200).SaysNot("Giao vai trò", "Khóa tài khoản")
	auditor.Post("/desk/people/"+who.String()+"/roles", url.Values{"role": {"admin"}}).Expect(403)
	auditor.Post("/desk/people/"+who.String()+"/disable", nil).Expect(403)

	person := h.signedIn(t, "tham@example.org")
	admin.Open("/desk/people/" + who.String()).Press("Thu vai trò").Says("Vai trò đã được thu lại")
	person.Open("/desk/people").Expect(404)
	admin.Open("/desk/people/"+who.String()).Press("Khóa tài khoản").Says("Tài khoản đã bị khóa", "Bị khóa từ")
	person.Open("/account").At("/sign-in").Fill("email", "tham@example.org").Fill("password", goodPassword).Press("Đăng nhập").Expect(422)
	admin.Press("Mở khóa tài khoản").Says("Tài khoản đã được mở khóa")
	person.Open("/sign-in").Fill("email", "tham@example.org").Fill("password", goodPassword).Press("Đăng nhập").Expect(200)
}

// A machine turns out to be used by others: the session ends with the browser,
// what was kept is thrown away, and pages tell scripts to keep nothing.
func TestSharedMachineIsSaidLater(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.person(t, "Vàng Thị Lan", "lan@example.org")
	b := h.signedIn(t, "lan@example.org")
	if b.Open("/account"); strings.Contains(b.Body, "data-shared") {
		t.Fatal("it is shared from the start")
	}
	token := b.Cookie("daubang_session")
	say := func(shared string) http.Header {
		t.Helper()
		r := httptest.NewRequest(http.MethodPost, "/account/machine", strings.NewReader("shared="+shared))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(&http.Cookie{Name: "daubang_session", Value: token})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusSeeOther {
			t.Fatalf("saying shared=%s: %d %s", shared, w.Code, w.Body)
		}
		return w.Header()
	}
	lasts := func(header http.Header, name string) bool {
		return strings.Contains(strings.Join(header["Set-Cookie"], "\n"), name+"="+map[string]string{"daubang_session": token, "daubang_shared": "yes"}[name]+"; Path=/; Max-Age=")
	}
	if got := say("yes"); lasts(got, "daubang_session") || !strings.Contains(got.Get("Clear-Site-Data"), "storage") {
		t.Errorf("the session outlives the browser, or drafts stay: %v", got)
	}
	if got := say("no"); !lasts(got, "daubang_session") || got.Get("Clear-Site-Data") != "" {
		t.Errorf("one's own machine: %v", got)
	}
	b.Fill("shared", "yes").Press("Lưu lựa chọn về máy này").Expect(200).Says("đây là máy dùng chung")
	if !strings.Contains(b.Body, "data-shared") {
		t.Error("scripts are not told")
	}
	b.Fill("shared", "no").Press("Lưu lựa chọn về máy này").Expect(200).Says("máy của riêng bạn")
	if strings.Contains(b.Body, "data-shared") {
		t.Error("scripts are still told")
	}
}
