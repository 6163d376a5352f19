package site_test

import (
	"net/url"
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
