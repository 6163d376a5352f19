package site_test

import (
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
)

// province adds one with a few communes and returns its code.
func (h *house) province(t *testing.T) string {
	t.Helper()
	h.tx(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
			insert into places (level, code, name, full_name, parent_code, unit_type, search_key) values
			(1, '10', 'Lào Cai', 'Tỉnh Lào Cai', '', 'tinh', 'lao cai'), (3, '02647', 'Cam Đường', 'Phường Cam Đường', '10', 'phuong', 'cam duong'),
			(3, '02650', 'Tân An', 'Xã Tân An', '10', 'xa', 'tan an'), (3, '02651', 'Tân An', 'Phường Tân An', '10', 'phuong', 'tan an')`)
		return err
	})
	return "10"
}

func TestOrganisationThroughTheDoor(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	province := h.province(t)
	h.person(t, "Lò Thị Én", "en@example.org")
	h.person(t, "Giàng A Chu", "chu@example.org")
	head, guest := h.signedIn(t, "en@example.org"), h.signedIn(t, "chu@example.org")

	head.Open("/organisations").Says("chưa thuộc tổ chức nào").Click("Khai tổ chức mới").
		Fill("name_vi", "Hợp tác xã Lanh Xanh").Fill("tax_code", "0100109107").Fill("commune", "tan an").Press("Lưu thông tin").Expect(422)
	head.Says("Hãy chọn loại hình", "Hãy chọn tỉnh", "kiểm tra lại mã số thuế")
	head.Fill("kind", "cooperative").Fill("tax_code", "0100109106").Fill("province", province).Press("Lưu thông tin").Expect(422).Says("Xã Tân An, Phường Tân An")
	head.Fill("commune", "xã tân an").Fill("paper-1-number", "12/GCN").Press("Thêm một giấy tờ").Expect(200)
	head.Fill("paper-2-number", "05").Fill("paper-2-kind", "charter").Fill("paper-2-date", "30/2/2025").Press("Lưu thông tin").Expect(422).Says("Hãy chọn loại giấy tờ", "Hãy viết ngày theo mẫu")
	if head.Held("paper-1-number") != "12/GCN" || head.Held("paper-2-date") != "30/2/2025" || head.Held("commune") != "xã tân an" {
		t.Error("what was typed is lost")
	}
	head.Fill("paper-1-kind", "registration").Fill("paper-2-date", "28/2/2025").Press("Lưu thông tin").Expect(200).
		Says("Bạn là người đứng đầu", "Xã Tân An, Tỉnh Lào Cai", "0100109106", "28/02/2025", "Lò Thị Én")
	page := head.URL.Path

	// Nobody registers it again, however they write its tax code; without one, others may.
	for _, written := range []string{"0100109106", " 01001 09106 "} {
		guest.Open("/organisations/new").Fill("kind", "cooperative").Fill("name_vi", "Bản sao").Fill("province", province).
			Fill("tax_code", written).Press("Lưu thông tin").Expect(422).Says("đã được một tổ chức trên cổng dùng", "Mời người").SaysNot("Lò Thị Én", "Lanh Xanh")
	}
	guest.Open("/organisations").SaysNot("Bản sao")

	guest.Open(page).Expect(404)
	guest.Open(page + "/edit").Expect(404)
	guest.Post(page+"/invitations", url.Values{"email": {"chu@example.org"}, "role": {"head"}}).Expect(404)
	head.Click("Mời người").Fill("email", "chu").Press("Gửi lời mời").Expect(422)
	head.Fill("email", "chu@example.org").Fill("role", "writer").Press("Gửi lời mời").Says("Lời mời đã được gửi đến chu@example.org", "Rút lời mời")

	link := h.link(t, "invitation", "chu@example.org")
	h.browser(t).Open(link).Expect(200).Says("Tham gia Hợp tác xã Lanh Xanh?", "Lò Thị Én mời bạn").Click("Đăng nhập").
		Fill("email", "chu@example.org").Fill("password", goodPassword).Press("Đăng nhập").At(link)
	guest.Open("/organisations").Says("Hợp tác xã Lanh Xanh mời bạn").Click("Xem và trả lời").Press("Tham gia").At(page).Says("Bạn đã tham gia", "Người soạn thảo")
	guest.Open(link).Expect(404)
	guest.Open(page + "/edit").Expect(403)
	guest.Open(page + "/members").SaysNot("Đổi vai trò").Says("en@example.org")
	guest.Post(page+"/edit", url.Values{"name_vi": {"Của tôi"}}).Expect(403)

	head.Open(page+"/members").Fill("role", "head").Press("Đổi vai trò").Says("Vai trò đã được đổi")
	guest.Open(page).Click("Sửa thông tin").Fill("name_vi", "Hợp tác xã Lanh").Press("Lưu thông tin").Says("Thông tin tổ chức đã được lưu", "Hợp tác xã Lanh")
	head.Open(page + "/members").Click("Rời tổ chức").Press("Rời tổ chức").At("/organisations").Says("Bạn đã rời tổ chức")
	head.Open(page).Expect(404)
	guest.Open(page + "/members").SaysNot("Rời tổ chức") // the last head
}

func TestInvitationIsRefused(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	province := h.province(t)
	h.person(t, "Trưởng", "head@example.org")
	h.person(t, "Khách", "guest@example.org")
	head := h.signedIn(t, "head@example.org")
	head.Open("/organisations/new").Fill("kind", "fund").Fill("name_vi", "Quỹ Sáng").Fill("province", province).Press("Lưu thông tin").Expect(200)
	page := head.URL.Path
	head.Click("Mời người").Fill("email", "guest@example.org").Press("Gửi lời mời").Expect(200)
	guest := h.signedIn(t, "guest@example.org")
	guest.Open(h.link(t, "invitation", "guest@example.org")).Press("Từ chối").At("/organisations").Says("Bạn đã từ chối").SaysNot("Quỹ Sáng")
	head.Open(page + "/invitations").SaysNot("Rút lời mời")
	head.Fill("email", "guest@example.org").Press("Gửi lời mời").Press("Rút lời mời").Says("Lời mời đã được rút lại")
	guest.Open(h.link(t, "invitation", "guest@example.org")).Expect(404)
	h.browser(t).Post("/invitations/"+"000000000000", nil).At("/sign-in")
}
