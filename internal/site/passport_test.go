package site_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/people"
	"daubang/internal/portaltest"
)

// An organisation keeps its passport, an officer verifies it, and it goes with
// what is sent, without the account.
func TestAPassportIsKeptVerifiedAndSent(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.person(t, "Lê Thu Hà", "ha@example.org")
	s.tx(t, func(tx pgx.Tx) error {
		return people.GrantFromShell(t.Context(), tx, s.now, "ha@example.org", people.Officer, people.Scope{ProgrammeID: int64(s.programme)})
	})
	my, lan, ha := s.signedIn(t, "my@example.org"), s.signedIn(t, "lan@example.org"), s.signedIn(t, "ha@example.org")
	org := "/organisations/" + s.organisation.String()
	my.Open(org).Click("Hồ sơ pháp lý của tổ chức").Says("Chưa có phần nào").Click("Thêm giấy tờ").Fill("number", "12/GP").Fill("expires", "cuối năm").Press("Lưu").Expect(422).Says("Hãy chọn loại giấy tờ", "Hãy viết ngày theo mẫu")
	my.Fill("kind", "operation").Fill("expires", "31/12/2026").Press("Lưu").Expect(200).At(org+"/passport").Says("Giấy phép hoạt động", "12/GP", "31/12/2026", "Chưa kiểm tra")
	my.Click("Người ký và tài khoản").Fill("signatory", "Hoàng Thị Mỷ").Fill("bank_number", "8800205198765").Press("Lưu").Expect(422).Says("Điền đủ số tài khoản")
	my.Fill("bank", "Agribank").Fill("bank_holder", "Hội Phụ nữ").Press("Lưu").Expect(200).Says("Số cuối 765", "Hoàng Thị Mỷ")
	lan.Open(org+"/passport").Says("12/GP", "Hoàng Thị Mỷ").SaysNot("765", "Agribank", "Sửa Giấy phép")
	lan.Open(org + "/passport/details").Expect(403)
	my.Open(org+"/passport").Click("Sửa, thêm bản quét Giấy phép hoạt động 12/GP").Attach("file", "giay-phep.pdf", []byte("not what it says")).Press("Tải bản quét lên").Expect(422).Says("Chọn tệp PDF")
	my.Attach("file", "giay-phep.pdf", []byte(portaltest.PDF)).Press("Tải bản quét lên").Expect(200).Says("giay-phep.pdf")
	lan.Open(org + "/passport").Click("giay-phep.pdf").Expect(200)

	ha.Open("/desk/organisations").Says("Hội Liên hiệp Phụ nữ xã Sà Phìn").Click("Hội Liên hiệp Phụ nữ xã Sà Phìn").SaysNot("8800205198765").
		Press("Hiện cả số tài khoản (có ghi nhật ký)").Expect(200).Says("8800205198765")
	desk := "/desk/organisations/" + s.organisation.String()
	ha.Open(desk).Press("Xác nhận Giấy phép hoạt động").Expect(200).At(desk).Says("Đã ghi kết quả", "Đã xác nhận")
	ha.Press("Gửi đề nghị sửa Người ký").Expect(422).Says("Nêu điều cần sửa")
	my.Open(org+"/passport").Says("Đã xác nhận", "Chưa kiểm tra")
	my.Open(desk).Expect(404)

	address := s.begin(t, my)
	s.fill(t, my, address)
	my.Open(address+"/check").Says("Hồ sơ pháp lý của tổ chức", "12/GP", "có giá trị đến 31/12/2026", "kèm 1 tệp quét", "đã được cán bộ xác nhận", "chỉ cán bộ chương trình và người đứng đầu").SaysNot("765", "Agribank").Press("Nộp đề xuất").Expect(200)
	my.Open(org+"/passport").Click("Sửa Giấy phép hoạt động 12/GP").Fill("number", "13/GP").Press("Lưu").Expect(200).Says("Đã sửa, chờ kiểm tra lại")
	my.Open(address+"/check").Says("12/GP").SaysNot("13/GP", "Agribank")
	my.Open(org+"/passport/details").Fill("bank_number", "111122223333").Press("Lưu").Expect(200)
	my.Open(org + "/passport").Click("Sửa Giấy phép hoạt động 13/GP").Press("Xóa giay-phep.pdf").Expect(200).SaysNot("giay-phep.pdf")
	sent := "/desk/proposals/" + address[len("/proposals/"):]
	ha.Open(sent).Says("Giấy tờ và tài khoản khi nộp", "Số cuối 765", "tổ chức đã bỏ sau khi nộp").SaysNot("8800205198765", "333").Click("giay-phep.pdf").Expect(200)
	ha.Open(sent).Press("Hiện cả số tài khoản (có ghi nhật ký)").Expect(200).Says("8800205198765")
}
