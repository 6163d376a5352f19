package site_test

import (
	"strings"
	"testing"

	"daubang/internal/form/build"
)

// TestOfficersBuildAForm walks through the builder as an officer does: a draft
// of the form of a published call, changed without a script, and applied.
func TestOfficersBuildAForm(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	b := o.as(t, hanoi)
	b.Open(o.desk("HN-BLG-27", "/form")).Expect(200).Says("Đang dùng, phiên bản 2").Press("Tạo bản nháp").Expect(200).Says("Bản nháp, phiên bản 3", "chưa áp dụng")
	first := b.Open(o.desk("HN-BLG-27", "/form/question?key=summary")).Expect(200)
	second := o.as(t, hanoi).Open(o.desk("HN-BLG-27", "/form/question?key=summary")).Expect(200)

	first.Fill("max_words", "ba trăm").Fill("label.en", "").Press("Lưu vào bản nháp").Expect(422).Says("Có 2 chỗ cần sửa", "Ghi một số nguyên, ví dụ 300.")
	if first.Held("max_words") != "ba trăm" {
		t.Error("what was typed is gone")
	}
	first.Fill("max_words", "150").Fill("label.en", "Summary").Press("Lưu vào bản nháp").Expect(200).At(o.desk("HN-BLG-27", "/form"))

	second.Fill("label.vi", "Tóm tắt thật ngắn").Press("Lưu vào bản nháp").Expect(409).Says("vừa sửa mẫu này sau khi bạn mở trang", "Giới hạn số từ: trước là “150”, nay là “200”")
	if second.Held("label.vi") != "Tóm tắt thật ngắn" {
		t.Error("what the second officer typed is gone")
	}
	second.Fill("max_words", "150").Press("Lưu vào bản nháp").Expect(200).Says("Tóm tắt thật ngắn")

	b.Open(o.desk("HN-BLG-27", "/form/question?section=problem")).Expect(200).Fill("kind", "choice").Press("Hiện các ô").Expect(200).
		Fill("label.vi", "Vì sao lúc này?").Fill("label.en", "Why now?").Press("Lưu vào bản nháp").Expect(422).Says("Thêm ít nhất một mục để chọn.").
		Fill("options.0.label.vi", "Mới").Fill("options.0.label.en", "New").Fill("options.1.label.vi", "Khẩn").Fill("options.1.label.en", "Urgent").Fill("options.1.order", "1").
		Press("Lưu vào bản nháp").Expect(200).At(o.desk("HN-BLG-27", "/form")).Says("Vì sao lúc này?")
	b.Open(o.desk("HN-BLG-27", "/form/preview?section=problem")).Expect(200).Says("Đây là bản xem thử", "Vì sao lúc này?", "Khẩn")
	b.Open(o.desk("HN-BLG-27", "/form/section")).Expect(200).Fill("title.vi", "Truyền thông").Fill("title.en", "Outreach").Fill("new_group.vi", "Thêm").Fill("new_group.en", "More").
		Press("Lưu vào bản nháp").Expect(200).Says("Truyền thông")
	b.Press("Lên").Expect(200).Says("Đã đổi chỗ.")

	b.Open(o.desk("HN-BLG-27", "/form/use")).Expect(200).
		Says("Phiên bản 3 khác phiên bản 2", "Sửa câu: “Tóm tắt thật ngắn”", "Giới hạn số từ: trước là “200”, nay là “150”", "Câu mới: “Vì sao lúc này?”", "Phần mới: Truyền thông").
		Press("Áp dụng và báo").Expect(200).Says("Đã áp dụng phiên bản mới", "Đang dùng, phiên bản 3")
	o.browser(t).Open(o.path("HN-BLG-27", "/form")).Expect(200).Says("Vì sao lúc này?", "Tóm tắt thật ngắn")
	b.Open(o.desk("HN-BLG-27", "")).Expect(200).Says("Đổi mẫu đề xuất")
}

// TestAFormOnWhichAConditionDepends: what would leave a condition without its
// question is refused in words, and nothing changes.
func TestAFormOnWhichAConditionDepends(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	b := o.as(t, hanoi)
	b.Open(o.desk("HN-BLG-27", "/form")).Press("Tạo bản nháp").Expect(200)
	b.Open(o.desk("HN-BLG-27", "/form/question?key=targets")).Expect(200).Fill("when.0", "title").Press("Lưu vào bản nháp").Expect(200).Says("Chỉ hỏi khi")
	b.Open(o.desk("HN-BLG-27", "/form/question?key=title")).Press("Xóa câu này").Expect(409).Says("Dự án góp vào chỉ tiêu quốc gia nào?", "Điều kiện chưa dùng được")
	b.Open(o.desk("HN-BLG-27", "/form/question?key=targets")).Fill("when.0", "").Press("Lưu vào bản nháp").Expect(200).SaysNot("Chỉ hỏi khi: ở câu “Tên dự án”")
	b.Open(o.desk("HN-BLG-27", "/form/question?key=title")).Press("Xóa câu này").Expect(200).Says("Đã xóa khỏi bản nháp.").SaysNot("Tên dự án bằng chữ")
}

func TestFormsComeAndGoAsFiles(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	b := o.as(t, hanoi)
	b.Open(o.desk("HN-BLG-27", "/form.json")).Expect(200)
	file := b.Body
	if _, flaws := build.Read([]byte(file)); len(flaws) > 0 || !strings.HasPrefix(b.Header.Get("Content-Disposition"), "attachment") {
		t.Fatal(flaws, b.Header)
	}
	page := o.desk("HN-BLG-27", "/form/import")
	bad := strings.Replace(file, `"max_words": 200`, `"max_words": "200"`, 1)
	b.Open(page).Expect(200).Press("Kiểm tra và nhập").Expect(422).Says("Chọn một tệp")
	b.Open(page).Attach("file", "form.json", []byte(bad)).Press("Kiểm tra và nhập").Expect(422).Says("sections[0].questions[2].max_words", "Ghi một số nguyên")
	b.Open(o.desk("HN-BLG-27", "/form")).Says("Đang dùng, phiên bản 2") // nothing changed
	other := strings.Replace(file, `"vi": "Tên dự án"`, `"vi": "Dự án tên gì"`, 1)
	b.Open(page).Attach("file", "form.json", []byte(other)).Press("Kiểm tra và nhập").Expect(200).Says("Đã nhập mẫu vào bản nháp.", "Dự án tên gì", "Bản nháp, phiên bản 3")
	b.Open(page).Fill("json", file).Press("Kiểm tra và nhập").Expect(200).SaysNot("Dự án tên gì")
	b.Open(o.desk("HN-BLG-27", "/form")).Press("Bỏ bản nháp").Expect(200).Says("Đã bỏ bản nháp.", "Đang dùng, phiên bản 2")
}

// TestADraftCallAsksItsDraftAtOnce: nobody relies on it yet.
func TestADraftCallAsksItsDraftAtOnce(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	b := o.as(t, external)
	o.as(t, hanoi).Open(o.desk("NV-TT-27", "/form")).Expect(404) // another office's
	b.Open(o.desk("NV-TT-27", "/form")).Press("Tạo bản nháp").Expect(200).Says("Đợt này chưa công bố")
	b.Open(o.desk("NV-TT-27", "/form/question?key=title")).Fill("label.vi", "Dự án tên gì?").Press("Lưu vào bản nháp").Expect(200)
	b.Open(o.path("NV-TT-27", "/form")).Expect(200).Says("Dự án tên gì?")
	b.Open(o.desk("NV-TT-27", "/form")).Press("Bỏ bản nháp").Expect(200)
	b.Open(o.path("NV-TT-27", "/form")).Expect(200).SaysNot("Dự án tên gì?")
}
