package site_test

import (
	"net/url"
	"strings"
	"testing"

	"daubang/internal/portaltest"
)

// answered is the check of HN-BLG-27 with every answer good, but for those given.
func (o *office) answered(t *testing.T, b *portaltest.Browser, but map[string]string) *portaltest.Browser {
	t.Helper()
	b.Open(o.path("HN-BLG-27", "")).Expect(200).Click("Tự kiểm tra điều kiện").At(o.path("HN-BLG-27", "/eligibility")).Expect(200)
	for q, good := range map[string]string{"q1": "a", "q2": "yes", "q3": "no", "q4": "yes", "q5": "no"} {
		if bad, ok := but[q]; ok {
			good = bad
		}
		b.Fill(q, good)
	}
	return b.Press("Xem kết quả").Expect(200)
}

// TestCheckingEligibilityBeforeSigningIn: nobody is asked who they are; the
// answers come along through registering, a first sign-in and a new
// organisation, and stand with the proposal.
func TestCheckingEligibilityBeforeSigningIn(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	b := o.browser(t).Open(o.path("HN-BLG-27", "/eligibility")).Expect(200).Says("Thoát nhanh", "Hoạt động của dự án có diễn ra ở Hà Nội không?")
	b.Fill("q2", "yes").Press("Xem kết quả").Expect(422).Says("Có 4 chỗ cần sửa", "Chọn một câu trả lời")
	if b.Held("q2") != "yes" {
		t.Error("what was answered is lost")
	}
	o.answered(t, b, map[string]string{"q1": "d", "q5": "yes"}).Says("có thể chưa đủ điều kiện", "không nhận đề xuất của doanh nghiệp", "họ đứng tên", "không chi hai lần", "Hỏi văn phòng chương trình", "Vẫn bắt đầu đề xuất").
		SaysNot("chỉ hỗ trợ hoạt động trên địa bàn Hà Nội")
	b.Click("Sửa").Expect(200)
	if b.Held("q2") != "yes" || b.Held("q5") != "yes" {
		t.Error("the answers do not stand in the form again")
	}
	b.Fill("q1", "a").Press("Xem kết quả").Expect(200).SaysNot("không nhận đề xuất của doanh nghiệp").Click("Vẫn bắt đầu đề xuất").At("/sign-in")
	b.Click("Tạo tài khoản").At("/register").Fill("name", "Vũ Thị Nhài").Fill("email", "nhai@example.org").Fill("password", "ngắn").Press("Tạo tài khoản").Expect(422)
	b.Fill("password", goodPassword).Press("Tạo tài khoản").At("/register/sent")
	b.Open(o.link(t, "verify", "nhai@example.org")).Press("Xác nhận địa chỉ").At("/sign-in")
	b.Fill("email", "nhai@example.org").Fill("password", goodPassword).Press("Đăng nhập").At(o.path("HN-BLG-27", "/start")).Expect(200).
		Says("không chi hai lần", "Bạn chưa thuộc tổ chức nào")
	if b.Cookie("daubang_going") != "" {
		t.Error("where one was going is still remembered")
	}
	b.Click("Thêm tổ chức").At("/organisations/new").Fill("kind", "womens_union").Fill("province", "01").Press("Lưu").Expect(422)
	b.Fill("name_vi", "Hội Liên hiệp Phụ nữ phường Ba Đình").Press("Lưu").At(o.path("HN-BLG-27", "/start")).Says("không chi hai lần")
	b.Press("Bắt đầu viết").Expect(200)
	draft := b.URL.Path
	b.Open(draft+"/check").Expect(200).Says("Tự kiểm tra điều kiện", "cho thấy có thể chưa đủ điều kiện: 1", "không chi hai lần")
	b.Click("Trả lời lại").Expect(200).Fill("q5", "no").Press("Xem kết quả").Says("có thể đề xuất").Click("Bắt đầu đề xuất").Press("Bắt đầu viết").At(draft)
	b.Open(draft + "/check").Says("Không câu trả lời nào cho thấy chưa đủ điều kiện").SaysNot("không chi hai lần")
	o.browser(t).SetCookie("daubang_language", "en").Open(o.path("HN-BLG-27", "/eligibility?q1=e&q2=yes&q3=no&q4=yes&q5=no")).Expect(200).Says("Your organisation may not be eligible", "single persons").SaysNot("cá nhân")
	o.browser(t).Open(o.path("HN-SK-27", "/eligibility")).Expect(200).Fill("q1", "yes").Fill("q2", "yes").Fill("q3", "yes").Fill("q4", "no").Press("Xem kết quả").
		Says("Hãy quay lại khi đợt mở").SaysNot("Bắt đầu đề xuất")
	hostile := url.Values{"q1": naughty, "q2": {"\x00"}, "q99": {"yes"}}
	o.browser(t).Open(o.path("HN-BLG-27", "/eligibility?"+hostile.Encode())).Expect(200).Says("Xem kết quả")
}

// TestWhereOneWasGoing is a page of ours or nothing, whatever a cookie says.
func TestWhereOneWasGoing(t *testing.T) {
	t.Parallel()
	o := openHouse(t)
	for _, cookie := range []string{"!!", "aHR0cHM6Ly9leGFtcGxlLm9yZw", "Ly9leGFtcGxlLm9yZw", "L25vLXN1Y2gtcGFnZQ"} { // nonsense, another site twice, no page of ours
		b := o.browser(t).SetCookie("daubang_going", cookie).Open("/sign-in").Expect(200)
		if !strings.Contains(b.Body, `name="next" value="/"`) { // what the sign-in form goes on to
			t.Errorf("%s leads somewhere", cookie)
		}
	}
}

// TestWritingTheEligibilityCheck: at the desk, until the call opens.
func TestWritingTheEligibilityCheck(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	b := o.as(t, external).Open(o.desk("NV-TT-27", "")).Expect(200).Click("Câu hỏi tự kiểm tra điều kiện").Expect(200).Says("Bạn đề xuất thay mặt cho ai?")
	b.Click("Thêm câu hỏi").Fill("text_vi", "Có được không?").Fill("kind", "choice").Fill("option_1_vi", "Được").Press("Lưu câu hỏi").Expect(422).
		Says("Viết ở cả tiếng Việt và tiếng Anh", "Viết từ 2 đến 6 câu trả lời", "Viết lý do bằng tiếng Việt")
	if b.Held("text_vi") != "Có được không?" || b.Held("option_1_vi") != "Được" {
		t.Error("what was typed is lost")
	}
	b.Fill("text_en", "Is it?").Fill("kind", "needs_yes").Fill("reason_vi", "Không được").Fill("reason_en", "It is not").Press("Lưu câu hỏi").Expect(200).
		Says("Đã lưu câu hỏi tự kiểm tra", "4. Có được không?")
	stale := o.as(t, external).Open(o.desk("NV-TT-27", "/eligibility/question?key=q4")).Expect(200)
	b.Press("Lên Có được không?").Says("3. Có được không?")
	stale.Fill("text_vi", "Hay là không?").Press("Lưu câu hỏi").Expect(409).Says("Người khác vừa sửa")
	stale.Press("Lưu câu hỏi").Expect(200).Says("3. Hay là không?") // over what stands now, once it was said
	b.Press("Bỏ câu này").Expect(409)                               // of the page as it was
	b.Open(o.desk("NV-TT-27", "/eligibility")).Press("Bỏ câu này Hay là không?").Expect(200).SaysNot("Hay là không?")
	b.Click("Xem như người định đề xuất").Expect(200).Says("Tổ chức của bạn có được đề xuất không?")
	b.Open(o.desk("NV-TT-27", "")).Says("Sửa câu hỏi tự kiểm tra điều kiện", "Câu hỏi tự kiểm tra: đã đổi")
	for range 3 {
		b.Open(o.desk("NV-TT-27", "/eligibility")).Press("Bỏ câu này")
	}
	if strings.Contains(b.Main(), "Chép từ đợt khác") {
		t.Error("there is nothing to copy from")
	}
	o.as(t, hanoi).Open(o.desk("HN-BLG-27", "/eligibility")).Expect(200).Says("Đợt đã mở").SaysNot("Thêm câu hỏi", "Bỏ câu này")
	o.as(t, hanoi).Open(o.desk("HN-BLG-27", "/eligibility/question")).Expect(409).Says("không đổi được nữa")
	o.as(t, hanoi).Post(o.desk("HN-BLG-27", "/eligibility"), url.Values{"do": {"remove q1"}, "edition": {"5"}}).Expect(409).Says("không đổi được nữa")
	o.as(t, "auditor").Open(o.desk("HN-SK-27", "/eligibility")).Expect(200).SaysNot("Thêm câu hỏi")
}
