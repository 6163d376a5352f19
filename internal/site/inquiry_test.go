package site_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/inquiry"
	"daubang/internal/people"
)

// An answer from a page on which another's answer did not stand yet is no
// correction of it: it comes back as typed, beside what stands now.
func TestAnsweredMeanwhile(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	ha := s.person(t, "Đỗ Thanh Hà", "ha@example.org")
	asker := s.person(t, "Người Hỏi", "hoi@example.org")
	var asked inquiry.ID
	s.tx(t, func(tx pgx.Tx) error {
		value[people.ID](t, tx, `insert into roles (person_id, role, programme_id, granted_at) values ($1, 'officer', $2, $3) returning person_id`, ha, s.programme, s.now)
		var err error
		asked, err = inquiry.Ask(t.Context(), tx, audit.Act{By: int64(asker), At: s.now}, s.call, "Nộp chung được không?")
		return err
	})
	officer := s.signedIn(t, "ha@example.org")
	page := "/desk/calls/" + s.call.String() + "/questions/" + asked.String()
	officer.Open(page).Expect(http.StatusOK)
	first := url.Values{"kind": {"public"}, "public_text": {"Nộp chung?"}, "text": {"Được nộp chung."}, "seen": {"0"}}
	for range 2 { // a click twice
		officer.Post(page, first).Expect(http.StatusOK)
	}
	other := url.Values{"kind": {"private"}, "text": {"Không nộp chung được."}, "seen": {"0"}}
	for kind, why := range map[string]string{"private": "chỉ đính chính được", "public": "Trong lúc bạn viết"} {
		other.Set("kind", kind)
		other.Set("public_text", "Câu hỏi khác")
		officer.Post(page, other).Expect(http.StatusConflict).Says("Được nộp chung.", "Không nộp chung được.", why)
		if got := officer.Held("seen"); got != "1" {
			t.Errorf("%s: the page says %q answers stand on it", kind, got)
		}
	}
	officer.Open(page).Expect(http.StatusOK).SaysNot("Không nộp chung được.")
	other.Set("seen", "1")
	officer.Post(page, other).Expect(http.StatusOK)
	officer.Open(page).Expect(http.StatusOK).Says("Không nộp chung được.")
}
