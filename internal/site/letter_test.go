package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/portaltest"
	"daubang/internal/ref"
)

// mailroom is the tests' world at the door, with letters in it.
type mailroom struct {
	portaltest.World
	db   *pgxpool.Pool
	door http.Handler
}

func newMailroom(t *testing.T, demo bool) *mailroom {
	t.Helper()
	m := &mailroom{db: pgtest.New(t)}
	err := installData(t.Context(), m.db)
	if err == nil {
		m.World, err = portaltest.Build(t.Context(), m.db)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, m.db)
	s.Demo = demo
	m.door = s.Handler()
	return m
}

func (m *mailroom) as(t *testing.T, persona string) *portaltest.Browser {
	t.Helper()
	return portaltest.NewBrowser(t, m.door).SetCookie("daubang_session", portaltest.Token(persona))
}

// failed adds a letter that the mail server refused.
func (m *mailroom) failed(t *testing.T, subject, text string) string {
	t.Helper()
	id, err := pg.Value[int64](t.Context(), m.db, `
		insert into letters (kind, event_id, person_id, address, locale, programme_id, proposal_id, state, subject, search_key, body_text, body_html, tries, last_error, queued_at)
		values ('returned', (random() * 1e9)::bigint, $1, 'WR@portal.test', 'vi', $2, $3, 'failed', $4, 'can bo sung', $5, $5, 1, '550 5.1.1 <b>Không có người này</b>', $6) returning id`,
		m.People["WR"], m.Programme, m.Proposal["returned"], subject, text, portaltest.Now)
	if err != nil {
		t.Fatal(err)
	}
	return "/desk/letters/" + ref.Of(id)
}

func TestLettersAtTheDesk(t *testing.T) {
	t.Parallel()
	m := newMailroom(t, false)
	page := m.failed(t, "Cần bổ sung đề xuất", "Chào bạn,\n<script>alert(1)</script>\nhttps://daubang.example.vn/x")

	officer := m.as(t, "PO").Open("/desk/letters").Expect(200).Says("2 thư", "Đã nhận đề xuất", "HD@portal.test", "Trong hộp chờ", "Gửi hỏng", "550 5.1.1 <b>Không có người này</b>")
	officer.Fill("q", "bo sung").Fill("state", "failed").Fill("kind", "returned").Press("Áp dụng").Expect(200).Says("1 thư").SaysNot("Đã nhận đề xuất")
	officer.Click("Cần bổ sung đề").At(page).Says("Chào bạn,", "<script>alert(1)</script>", "Máy chủ thư trả lời", "WR@portal.test", "Gửi lại thư này")
	if strings.Contains(officer.Body, "<script>alert") || strings.Contains(officer.Body, `href="https://daubang.example.vn/x"`) {
		t.Error("what a letter says is markup")
	}
	officer.Press("Gửi lại thư này").At(page).Expect(200).Says("Thư đã được xếp hàng để gửi lại", "Chờ gửi").SaysNot("Gửi lại thư này")
	officer.Post(page+"/send", nil).Expect(409).Says("không ở tình trạng gửi hỏng")
	if n, err := pg.Value[int](t.Context(), m.db, `select count(*) from letter_jobs`); err != nil || n != 1 {
		t.Error(n, err)
	}
	officer.Open("/desk/letters/"+ref.Of(m.Letter)).Says("Cổng chưa nối với máy chủ thư", "Nội dung thư kín").Click("Mọi thư về đề xuất này").Says("1 thư", "Đề xuất MO-27")

	m.as(t, "PX").Open("/desk/letters").Expect(200).Says("Không có thư nào khớp").Open(page).Expect(404)
	m.as(t, "AU").Open(page).Expect(200).Says("Chào bạn").SaysNot("Gửi lại").Post(page+"/send", nil).Expect(403).Says("Hãy nhờ một trong những người đó")
	admin := m.as(t, "AD").Open(page).Expect(200).Says("WR@portal.test", "Bạn xem được thư đã đến hay chưa").SaysNot("Chào bạn", "Cần bổ sung đề xuất", "MO-27")
	admin.Open("/desk/letters?q=bo+sung").Says("Không có thư nào khớp")
	m.as(t, "HD").Open("/desk/letters").Expect(404)
	m.as(t, "RA").Open(page).Expect(404)
}

func TestSendAllFailedAgain(t *testing.T) {
	t.Parallel()
	m := newMailroom(t, false)
	for range 3 {
		m.failed(t, "Cần bổ sung", "x")
	}
	officer := m.as(t, "PO").Open("/desk/letters?kind=receipt").SaysNot("Gửi lại các thư hỏng").Open("/desk/letters?kind=returned").Click("Gửi lại các thư hỏng")
	officer.At("/desk/letters/send").Says("Gửi lại 3 thư gửi hỏng?", "WR@portal.test", "550 5.1.1").Press("Gửi lại").At("/desk/letters").Says("Đã xếp hàng gửi lại 3 thư")
	officer.Open("/desk/letters/send").Says("Gửi lại 0 thư").Click("Quay lại danh sách thư").At("/desk/letters")
	m.as(t, "AU").Open("/desk/letters/send").Expect(403).Post("/desk/letters/send", url.Values{}).Expect(403)
}

// TestOneTimeLinksShowInADemoOnly: without a mail server a newcomer goes on from
// the letter at the desk; anywhere else nobody but the recipient has the link.
func TestOneTimeLinksShowInADemoOnly(t *testing.T) {
	t.Parallel()
	for _, demo := range []bool{true, false} {
		m := newMailroom(t, demo)
		if _, err := m.db.Exec(t.Context(), `update people set email_key = lower(email)`); err != nil {
			t.Fatal(err)
		}
		newcomer := portaltest.NewBrowser(t, m.door).Open("/register").Fill("name", "Lò Thị Én").Fill("email", "en@example.vn").Fill("password", goodPassword).Press("Tạo tài khoản").Expect(200)
		portaltest.NewBrowser(t, m.door).Open("/forgot").Fill("email", "OX@portal.test").Press("Gửi")
		for _, persona := range []string{"AU", "AD"} {
			for _, q := range []string{"en@example.vn", "OX@portal.test"} {
				desk := m.as(t, persona).Open("/desk/letters?q=" + q).Says("1 thư")
				desk.Click(map[string]string{"en@example.vn": "Xác nhận địa chỉ", "OX@portal.test": "Đặt mật khẩu mới"}[q]).Expect(200)
				if !demo {
					desk.SaysNot("/verify/", "/reset/", "Liên kết riêng")
					continue
				}
				desk.Says("Liên kết riêng của thư này").Click("/").Expect(200)
				if persona == "AD" && q == "en@example.vn" {
					newcomer.Open(desk.URL.Path).Press("Xác nhận").Expect(200)
					desk.Open("/desk/letters?q=" + q).Click("Xác nhận địa chỉ").SaysNot("Liên kết riêng") // it is spent
				}
			}
		}
	}
}
