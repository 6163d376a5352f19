package site_test

import (
	"strings"
	"testing"
	"time"
)

// What changed between what was sent first and again is read word by word.
func TestComparingVersions(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	my := s.signedIn(t, "my@example.org")
	address := s.begin(t, my)
	my.Open(address + "/compare").Expect(404)
	s.fill(t, my, address)
	my.Open(address+"/sections/sustainability").Fill("sustain", "Tổ nhóm họp hằng tháng ở nhà văn hóa").Fill("done", "yes").Press("Lưu và tiếp tục")
	my.Open(address + "/check").Press("Nộp đề xuất").Expect(200)
	my.Open(address).Press("Sửa và nộp lại").Expect(200)
	my.Open(address+"/sections/sustainability").Fill("sustain", "Tổ nhóm họp hằng tuần ở nhà văn hóa").Fill("done", "yes").Press("Lưu và tiếp tục")
	my.Open(address+"/sections/documents").Fill("purpose", "evidence").Attach("file", "trạm y tế.png", picture(t)).Press("Tải tệp lên").Expect(200)
	my.Open(address).Click("Xem thay đổi so với bản đã nộp").Expect(200).Says("nội dung đang viết", "trạm y tế.png", "họp hằng")
	for _, want := range []string{"tháng<span", "tuần<span", "<del>", "<ins>"} {
		if !strings.Contains(my.Body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(my.Body, "họp<span") {
		t.Error("a word that did not change is marked")
	}
	s.now = s.now.Add(time.Hour)
	my.Open(address + "/check").Press("Nộp đề xuất").Expect(200)
	my.Open(address+"/compare").Expect(200).Says("bản số 1, nộp lúc 12:00", "bản số 2, nộp lúc 13:00", "tuần", "tháng")
	my.Open(address + "/history").Click("Xem thay đổi").Expect(200).At(address + "/compare")
	my.Open(address + "/compare?from=2&to=2").Says("Hai bản giống nhau")
	my.Open(address + "/compare?from=1&to=7").Expect(404)
	s.signedIn(t, "lan@example.org").Open(address + "/compare").Expect(200)
}
