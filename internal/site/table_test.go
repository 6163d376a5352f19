package site_test

import (
	"net/url"
	"strings"
	"testing"
)

// Rows of a table are added, moved and removed by buttons that send the form;
// each keeps its name, and a budget line its activity.
func TestRowsWithoutScripts(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan := s.signedIn(t, "lan@example.org")
	address := s.begin(t, lan)
	lan.Open(address+"/sections/activities").Fill("activities.0.name", "Tập huấn").Fill("activities.1.name", "Diễn đàn").Press("Thêm dòng Các hoạt động").Expect(200)
	first, second := lan.Held("activities.0.id"), lan.Held("activities.1.id")
	if first == "" || second == "" || first == second || lan.Held("activities.2.name") != "" {
		t.Fatalf("names of rows: %q, %q", first, second)
	}
	lan.Press("Xuống Dòng 1").Expect(200).Says("Đã lưu thứ tự mới.")
	if lan.Held("activities.1.id") != first || lan.Held("activities.1.name") != "Tập huấn" {
		t.Errorf("the row lost its name: %q", lan.Held("activities.1.id"))
	}
	lan.Open(address+"/sections/budget").Says("1. Diễn đàn", "2. Tập huấn").
		Fill("budget.0.text", "Thuê hội trường").Fill("budget.0.activity", first).Fill("budget.0.quantity", "2,5").Fill("budget.0.price", "40.000.000").Fill("budget.0.source", "state_budget").
		Fill("budget.1.text", "Nước uống").Fill("budget.1.quantity", "1").Fill("budget.1.price", "1.000.000").Fill("budget.1.source", "own_kind").Fill("budget.1.overhead", "yes").
		Press("Lưu").Expect(200).Says("Một trăm triệu đồng", "99%", "1%", "101.000.000", "Chưa có dòng chi nào cho hoạt động: 1. Diễn đàn")
	lan.Press("Lên Dòng 2").Expect(200)
	if lan.Held("budget.0.text") != "Nước uống" || lan.Held("budget.1.activity") != first {
		t.Errorf("moved up: %q, then for %q", lan.Held("budget.0.text"), lan.Held("budget.1.activity"))
	}
	lan.Press("Lên Dòng 1").Expect(200).Press("Xóa Dòng 1").Expect(200).SaysNot("Nước uống")
	lan.Open(address + "/sections/activities").Press("Xóa Dòng 2").Expect(200)
	lan.Open(address+"/sections/budget").Says("dòng này không còn trong bảng kia").Fill("done", "yes").Press("Lưu và tiếp tục").Expect(422).Says("dòng đã chọn không còn trong bảng kia")
	for _, odd := range []string{"budget", "budget.x", "budget.99", "", "a.0", "budget.0.text"} {
		lan.Post(address+"/sections/budget", url.Values{"version": {"9"}, "up": {odd}, "budget.0.text": {"x"}}).Expect(409)
	}
}

// A table goes out as an Excel file and comes back, by file or pasted; nothing
// changes before the difference is accepted, nor over what somebody else wrote.
func TestTableThroughExcel(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan, my := s.signedIn(t, "lan@example.org"), s.signedIn(t, "my@example.org")
	address := s.begin(t, lan)
	at := address + "/sections/budget/tables/budget"
	lan.Open(address+"/sections/budget").Fill("budget.0.text", "Thuê hội trường").Fill("budget.0.quantity", "2").Fill("budget.0.price", "1.000.000").Press("Lưu").Expect(200)
	name := lan.Held("budget.0.id")

	lan.Open(at + ".xlsx").Expect(200)
	if got := lan.Header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="BDG-26-`) || !strings.HasSuffix(got, `-budget.xlsx"`) {
		t.Error(got)
	}
	file := []byte(lan.Body)
	lan.Open(at + "/import").Expect(200).Click("Tải mẫu Excel").Expect(200)
	lan.Open(at+"/import").Attach("file", "ngan-sach.xlsx", file).Press("Đọc tệp").Expect(200).Says("không có gì thay đổi")
	lan.Attach("file", "a.xlsx", []byte("PK")).Press("Đọc tệp").Expect(422).Says("không phải là tệp Excel")
	lan.Press("Đọc tệp").Expect(422).Says("Chọn tệp Excel cần đọc")
	lan.Open(address+"/sections/activities/tables/activities/import").Attach("file", "ngan-sach.xlsx", file).Press("Đọc tệp").Expect(422).Says("mẫu của một bảng khác")

	lan.Open(at+"/import").Fill("pasted", "Khoản chi\tSố lượng\tĐơn giá (đồng)\nNước uống\tba\t5.000\n").Press("Đọc các ô").Expect(422).Says("Dòng 2, cột Số lượng:", "“ba” không phải số lượng", "Chưa có gì thay đổi")
	lan.Fill("pasted", "Khoản chi\tSố lượng\tĐơn giá (đồng)\nNước uống\t3\t5.000\n").Press("Đọc các ô").Expect(200).Says("1 dòng mới, 0 dòng sửa, 0 dòng xóa, 1 dòng giữ nguyên", "Chưa có gì được lưu")
	my.Open(address + "/check").Says("Thuê hội trường").SaysNot("Nước uống")
	lan.Press("Nhận các thay đổi").Expect(200).Says("Đã nhập bảng “Các dòng ngân sách”.")
	if lan.Held("budget.0.id") != name || lan.Held("budget.1.text") != "Nước uống" {
		t.Errorf("accepted: %q, %q", lan.Held("budget.0.id"), lan.Held("budget.1.text"))
	}

	lan.Open(at+"/import").Fill("pasted", "thuê hội trường\t\tbuổi\t2\t1.200.000").Fill("way", "replace").Press("Đọc các ô").Expect(200).Says("0 dòng mới, 1 dòng sửa, 1 dòng xóa")
	my.Open(address+"/sections/budget").Fill("budget.1.text", "Nước và bánh").Press("Lưu").Expect(200)
	lan.Press("Nhận các thay đổi").Expect(409).Says("Hoàng Thị Mỷ đã sửa bảng này", "Nước và bánh", "1 dòng xóa")
	my.Open(address+"/check").Says("Nước và bánh", "1.000.000")
	lan.Press("Nhận các thay đổi").Expect(200)
	if lan.Held("budget.0.id") != name || lan.Held("budget.0.price") != "1.200.000" || strings.Contains(lan.Body, "Nước và bánh") {
		t.Errorf("accepted again: %q", lan.Held("budget.0.price"))
	}
	lan.Open(at + "s/import").Expect(404)
	lan.Open(address + "/sections/documents/tables/documents/import").Expect(404)
}

// A grid of counts and a table of places go the same way: nobody counted is not
// nobody, and a place that can be several is refused in its cell.
func TestCountsAndPlacesThroughExcel(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.asking(t, everyKind(t))
	lan := s.signedIn(t, "lan@example.org")
	address := s.begin(t, lan)
	at := address + "/sections/work/tables/beneficiaries"
	lan.Open(address+"/sections/work").Fill("beneficiaries.direct.total.female", "1.200").Fill("beneficiaries.direct.total.male", "0").Press("Lưu, làm sau").Expect(200)
	lan.Open(at + ".xlsx").Expect(200)
	file := []byte(lan.Body)
	lan.Open(at+"/import").Expect(200).SaysNot("thêm vào cuối bảng").Attach("file", "nguoi.xlsx", file).Press("Đọc tệp").Expect(200).Says("không có gì thay đổi")
	lan.Fill("pasted", "Trực tiếp\tTổng số\tchưa rõ\t5").Press("Đọc các ô").Expect(422).Says("Dòng 1, cột Nữ: “chưa rõ” không phải số người")
	lan.Fill("pasted", "Trực tiếp\tTổng số\t1.300\t0\nTrực tiếp\tDân tộc Kinh\t\t\t\tx").Press("Đọc các ô").Expect(200).Says("0 dòng mới, 2 dòng sửa, 0 dòng xóa")
	lan.Press("Nhận các thay đổi").Expect(200).Says("Đã nhập bảng")
	if lan.Held("beneficiaries.direct.total.female") != "1.300" || lan.Held("beneficiaries.direct.total.male") != "0" || lan.Held("beneficiaries.direct.kinh.not_collected") != "yes" {
		t.Errorf("accepted: %q %q %q", lan.Held("beneficiaries.direct.total.female"), lan.Held("beneficiaries.direct.total.male"), lan.Held("beneficiaries.direct.kinh.not_collected"))
	}

	at = address + "/sections/idea/tables/places"
	lan.Open(at+"/import").Expect(200).Says("mã đơn vị").Fill("pasted", "Xã, phường, đặc khu\nTân Hưng\n00004\nSài Gòn xưa").Press("Đọc các ô").Expect(422).
		Says("“Tân Hưng” có thể là 2 nơi: Xã Tân Hưng, Thành phố Đồng Nai (25345); Phường Tân Hưng, Thành phố Hồ Chí Minh (27475)", "tên hay mã là “Sài Gòn xưa”")
	lan.Fill("pasted", "tân hưng, đồng nai\n4\n").Press("Đọc các ô").Expect(422).Says("“4” có thể là 2 nơi: Tỉnh Cao Bằng (04); Phường Ba Đình, Thành phố Hà Nội (00004)").
		Fill("pasted", "tân hưng, đồng nai\n00004\n").Press("Đọc các ô").Expect(200).Says("2 dòng mới").Press("Nhận các thay đổi").Expect(200)
	if lan.Held("places.0.name") != "Xã Tân Hưng, Thành phố Đồng Nai" || lan.Held("places.1.name.is") != "3-00004-2025-07-01" {
		t.Errorf("accepted: %q %q", lan.Held("places.0.name"), lan.Held("places.1.name.is"))
	}
	lan.Open(at + ".xlsx").Expect(200)
	lan.Open(at+"/import").Attach("file", "noi.xlsx", []byte(lan.Body)).Expect(200)
}
