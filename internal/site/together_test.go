package site_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// A head gives a section away; the colleague finds it, everybody sees who and
// until when, and a letter says so.
func TestASectionIsGivenToAColleague(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	my, lan, pao := s.signedIn(t, "my@example.org"), s.signedIn(t, "lan@example.org"), s.signedIn(t, "pao@example.org")
	address := s.begin(t, my)
	my.Open(address+"/sections/problem").Click("Giao phần này cho đồng nghiệp").Expect(200).Says("Ngày cuối còn nộp được là 14/03/2026", "Hoàng Thị Mỷ (bạn)").SaysNot("Giàng A Páo")
	my.Fill("until", "mai").Press("Giao phần này").Expect(422).Says("Hãy chọn một người có quyền soạn", "Hãy viết hạn hoàn thành")
	if my.Held("until") != "mai" {
		t.Error("what was typed is lost")
	}
	my.Fill("person", s.writer.String()).Fill("until", "10/3").Press("Giao phần này").Expect(200).At(address+"/sections/problem").
		Says("Đã giao phần này cho Vàng Thị Lan", "Giao cho Vàng Thị Lan, đến hết 10/03/2026")
	my.Open(address).Says("Giao cho Vàng Thị Lan, đến hết 10/03/2026", "Người phụ trách: Hoàng Thị Mỷ")
	pao.Open(address).Says("Giao cho Vàng Thị Lan").SaysNot("Giao lại đề xuất")
	pao.Open(address + "/sections/problem").SaysNot("Đổi người được giao")
	lan.Open("/proposals").Says("Việc của tôi", "Vấn đề giới", "Đến hết 10/03/2026")
	lan.Open("/proposals").Click("Vấn đề giới").At(address+"/sections/problem").Fill("gender_analysis", "Phụ nữ làm nhiều hơn").Press("Lưu, làm sau").Expect(200)
	my.Open("/proposals").SaysNot("Việc của tôi")
	s.now = s.now.Add(2 * time.Minute)
	my.Open(address + "/sections/problem").Says("Vàng Thị Lan đang sửa phần này (2 phút trước)")
	my.Open(address).Says("Vàng Thị Lan đang sửa phần này (2 phút trước)")
	lan.Open(address + "/sections/problem").SaysNot("đang sửa phần này")
	my.Open(address+"/sections/problem").Click("Đổi").Press("Không giao cho ai nữa").Expect(200).Says("không còn giao riêng cho ai", "Giao phần này cho đồng nghiệp")
	lan.Open("/proposals").SaysNot("Việc của tôi")
	my.Open(address+"/history").Says("Giao một phần cho đồng nghiệp", "Cho Vàng Thị Lan", "Thôi giao riêng một phần")
	my.Post("/language", url.Values{"lang": {"en"}, "next": {"/"}})
	my.Open(address + "/sections/problem").Says("Give this section to a colleague")
}

// A browser says that its person is writing; the answer is who else is.
func TestPresenceFromTheBrowser(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	my, lan, pao := s.signedIn(t, "my@example.org"), s.signedIn(t, "lan@example.org"), s.signedIn(t, "pao@example.org")
	address := s.begin(t, my)
	if body := my.Post(address+"/sections/budget/presence", nil).Expect(200).Body; body != "" {
		t.Errorf("alone, and told %q", body)
	}
	lan.Post(address+"/sections/budget/presence", nil).Expect(200)
	if body := lan.Body; body != "Hoàng Thị Mỷ đang sửa phần này (vừa xong)." || !strings.HasPrefix(lan.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("%q", body)
	}
	pao.Post(address+"/sections/budget/presence", nil).Expect(403)
	pao.Open(address).Says("Hoàng Thị Mỷ đang sửa phần này", "Vàng Thị Lan đang sửa phần này")
	s.now = s.now.Add(6 * time.Minute)
	pao.Open(address).SaysNot("đang sửa phần này")
}

// The proposal is the organisation's: it is handed on.
func TestHandingOverThroughTheDoor(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	my, lan := s.signedIn(t, "my@example.org"), s.signedIn(t, "lan@example.org")
	address := s.begin(t, my)
	lan.Open(address).SaysNot("Giao lại đề xuất")
	lan.Open(address + "/responsible").Expect(403).Says("Hoàng Thị Mỷ")
	my.Open(address).Click("Giao lại đề xuất").Fill("person", s.reader.String()).Press("Giao lại").Expect(422).Says("Hãy chọn một người có quyền soạn")
	my.Fill("person", s.writer.String()).Press("Giao lại").Expect(200).At(address).Says("Đề xuất đã được giao cho Vàng Thị Lan", "Người phụ trách: Vàng Thị Lan")
	lan.Open(address).Click("Giao lại đề xuất").Expect(200)
	my.Open(address+"/history").Says("Đổi người phụ trách", "Cho Vàng Thị Lan")
	my.Post("/organisations/"+s.organisation.String()+"/members/"+s.writer.String()+"/remove", url.Values{}).Expect(200)
	lan.Open(address).Expect(404)
	my.Open(address).Says("Chưa có ai: người phụ trách cũ không còn soạn cho tổ chức").Click("Giao lại đề xuất").Fill("person", s.head.String()).Press("Giao lại").Expect(200).Says("Người phụ trách: Hoàng Thị Mỷ")
}
