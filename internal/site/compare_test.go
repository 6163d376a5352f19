package site_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/portaltest"
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
	lan := s.signedIn(t, "lan@example.org")
	lan.Open(address + "/compare").Expect(200)
	my.Open(address + "/compare").Click("Tải PDF bản số 1").Expect(200)
	if text := portaltest.ReadPDF(t, []byte(my.Body)); !strings.Contains(text, "họp hằng tháng") || strings.Contains(text, "hằng tuần") || !strings.Contains(text, "đã nộp bản số 2 thay cho bản này") {
		t.Errorf("the first version reads %.600q", text)
	}
	my.Open(address + ".pdf?version=2").Expect(200)
	if text := portaltest.ReadPDF(t, []byte(my.Body)); strings.Contains(text, "thay cho bản này") {
		t.Error("the last version says that it is not")
	}
	my.Open(address + ".pdf?version=3").Expect(404)
	pao := s.signedIn(t, "pao@example.org")
	pao.Open(address + ".pdf?version=9").Expect(404)

	// What is changed, and still not sent when the office begins, is set aside
	// and read by those who write.
	my.Open(address).Press("Sửa và nộp lại").Expect(200)
	my.Open(address+"/sections/sustainability").Fill("sustain", "Tổ nhóm họp hằng quý ở nhà văn hóa").Fill("done", "yes").Press("Lưu và tiếp tục")
	my.Open(address + "/compare?to=unsent").Expect(404)
	s.person(t, "Lê Thu Hà", "ha@example.org")
	s.tx(t, func(tx pgx.Tx) error {
		if err := people.GrantFromShell(t.Context(), tx, s.now, "ha@example.org", people.Officer, people.Scope{ProgrammeID: int64(s.programme)}); err != nil {
			return err
		}
		return pg.Exec(t.Context(), tx, `update calls set closes_at = $1`, s.now.Add(-time.Hour))
	})
	ha := s.signedIn(t, "ha@example.org")
	ha.Open("/desk/proposals/" + address[len("/proposals/"):]).Press("Xác nhận đủ điều kiện").Expect(200)
	my.Open(address+"/compare").Expect(200).SaysNot("quý").Click("Xem phần đã sửa mà không nộp").Expect(200).Says("bản số 2", "cất riêng", "quý", "tuần")
	for _, b := range []*portaltest.Browser{pao, ha} {
		b.Open(address + "/compare").Expect(200).SaysNot("không nộp")
		b.Open(address + "/compare?to=unsent").Expect(404)
	}
}
