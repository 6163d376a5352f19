package site_test

import (
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/people"
)

// TestAPageIsOpenWhileTheFormChanges: a page of the earlier form is sent, by hand
// and by script; what has a place is saved, the rest is shown.
func TestAPageIsOpenWhileTheFormChanges(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan, my := s.signedIn(t, "lan@example.org"), s.signedIn(t, "my@example.org")
	address := s.begin(t, lan)
	page := address + "/sections/identification"
	ha := s.person(t, "Đỗ Thanh Hà", "ha@example.org")
	s.tx(t, func(tx pgx.Tx) error {
		value[people.ID](t, tx, `insert into roles (person_id, role, programme_id, granted_at) values ($1, 'officer', $2, $3) returning person_id`, ha, s.programme, s.now)
		return nil
	})
	lan.Open(page).Fill("title", "Tên đang viết").Fill("summary", "Tóm tắt đang viết").Fill("places", "Xã Lũng Cú")
	my.Open(page)
	desk, officer := "/desk/calls/"+s.call.String()+"/form", s.signedIn(t, "ha@example.org")
	officer.Open(desk).Press("Tạo bản nháp").Expect(200)
	officer.Open(desk + "/question?key=places").Press("Xóa câu này").Expect(200)
	officer.Open(desk+"/question?key=summary").Fill("section", "problem").Press("Lưu vào bản nháp").Expect(200)
	officer.Open(desk + "/use").Press("Áp dụng và báo").Expect(200)

	lan.Press("Lưu và tiếp tục").Expect(200).At(address+"/form-changes").Says("1 câu trả lời được cất riêng", "Xã Lũng Cú", "Bỏ câu: “Dự án làm ở đâu?”")
	lan.Open(page)
	if lan.Held("title") != "Tên đang viết" {
		t.Errorf("the title is %q", lan.Held("title"))
	}
	lan.Open(address + "/sections/problem").Says("Tóm tắt đang viết")
	put(s.Handler, my.Cookie("daubang_session"), page, `"0"`, url.Values{"page": {"p"}, "in_form": {my.Held("in_form")}, "changed": {"title_en", "places"}, "title_en": {"A title"}, "places": {"Xã Đồng Văn"}})
	my.Open(address+"/form-changes").Says("Xã Lũng Cú", "Xã Đồng Văn")
	my.Open(page)
	if my.Held("title_en") != "A title" {
		t.Errorf("the English title is %q", my.Held("title_en"))
	}
}
