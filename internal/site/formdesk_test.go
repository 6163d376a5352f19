package site_test

import (
	"strings"
	"testing"

	"daubang/internal/form"
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
	b.Open(o.desk("HN-BLG-27", "/form/preview?section=problem")).Expect(200)
	if src := o.desk("HN-BLG-27", "/form/preview/page?section=problem"); !strings.Contains(b.Body, `src="`+src+`"`) || !strings.Contains(b.Header.Get("Content-Security-Policy"), "frame-src 'self'") {
		t.Error("the page holds no frame of", src)
	}
	b.Open(o.desk("HN-BLG-27", "/form/preview/page?section=problem")).Expect(200).Says("Đây là bản xem thử", "Vì sao lúc này?", "Khẩn")
	if got := b.Header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'self'") || strings.Contains(got, "frame-ancestors 'none'") {
		t.Error("who may frame it:", got)
	}
	b.Open(o.desk("HN-BLG-27", "/form/section")).Expect(200).Fill("title.vi", "Truyền thông").Fill("title.en", "Outreach").Fill("new_group.vi", "Thêm").Fill("new_group.en", "More").
		Press("Lưu vào bản nháp").Expect(200).Says("Truyền thông")
	b.Press("Lên").Expect(200).Says("Đã đổi chỗ.")

	b.Open(o.desk("HN-BLG-27", "/form/use")).Expect(200).
		Says("Phiên bản 3 khác phiên bản 2", "Sửa câu: “Tóm tắt thật ngắn”", "Giới hạn số từ: trước là “200”, nay là “150”", "Câu mới: “Vì sao lúc này?”", "Phần mới: Truyền thông").
		Press("Áp dụng và báo").Expect(200).Says("Đã áp dụng phiên bản mới", "Đang dùng, phiên bản 3")
	o.browser(t).Open(o.path("HN-BLG-27", "/form")).Expect(200).Says("Vì sao lúc này?", "Tóm tắt thật ngắn")
	b.Open(o.desk("HN-BLG-27", "")).Expect(200).Says("Đổi mẫu đề xuất")
}

// TestEveryKindBeginsInTheBuilder: a new question of any kind begins with what
// such questions have, and can be stored and looked at as it is.
func TestEveryKindBeginsInTheBuilder(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	b := o.as(t, hanoi)
	b.Open(o.desk("HN-BLG-27", "/form")).Press("Tạo bản nháp").Expect(200)
	for _, kind := range build.Kinds {
		b.Open(o.desk("HN-BLG-27", "/form/question?section=problem")).Fill("kind", string(kind)).Press("Hiện các ô").Expect(200).
			Fill("label.vi", "Thử kiểu "+string(kind)).Fill("label.en", "Trying "+string(kind))
		switch kind { //nolint:exhaustive // the others need no more
		case form.Choice, form.Choices:
			b.Fill("options.0.label.vi", "Một").Fill("options.0.label.en", "One")
		case form.Table:
			b.Fill("columns.0.label.vi", "Một").Fill("columns.0.label.en", "One")
		case form.Budget: // there is one
			b.Press("Lưu vào bản nháp").Expect(422).Says("chỉ tính được một")
			continue
		}
		b.Press("Lưu vào bản nháp").Expect(200).Says("Thử kiểu " + string(kind))
	}
	b.Open(o.desk("HN-BLG-27", "/form/preview/page?section=problem")).Expect(200).Says("Thử kiểu logframe", "Chỉ số", "Thử kiểu beneficiaries", "60 tuổi", "Thử kiểu risks", "Khả năng xảy ra", "Thử kiểu activities")

	// A budget is filled in without a look, and what it works with cannot go.
	b.Open(o.desk("HN-BLG-27", "/form/question?key=budget")).Press("Xóa câu này").Expect(200)
	b.Open(o.desk("HN-BLG-27", "/form/question?section=budget")).Fill("kind", "budget").Press("Lưu vào bản nháp").Expect(200).Says("Các dòng ngân sách")
	b.Open(o.desk("HN-BLG-27", "/form/question?key=budget_lines")).Expect(200)
	if !strings.HasPrefix(b.Held("columns.1.from"), "rows:") || b.Held("overhead_max") != "10" {
		t.Errorf("a budget begins with %q, %q", b.Held("columns.1.from"), b.Held("overhead_max"))
	}
	b.Fill("cofunding_min", "200").Fill("columns.4.kind", "text").Fill("columns.1.from", "rows:risks").Fill("columns.5.options.0.label.vi", "").Fill("columns.5.options.0.label.en", "").
		Press("Lưu vào bản nháp").Expect(422).Says("Ghi một số từ 0 đến 100.", "Cột này cần là kiểu “Số tiền (đồng)”", "Cổng cần mục có mã state_budget")
	b.Fill("cofunding_min", "20").Fill("columns.4.kind", "money").Fill("columns.5.options.0.label.vi", "Ngân sách").Fill("columns.5.options.0.label.en", "Budget").Press("Lưu vào bản nháp").Expect(200)
	b.Open(o.desk("HN-BLG-27", "/form/question?key=activities")).Press("Xóa câu này").Expect(200)
	b.Open(o.desk("HN-BLG-27", "/form/question?key=risks")).Press("Xóa câu này").Expect(409).Says("không có bảng nào mã “risks”")

	// Levels of a log-frame, and the headings of the form.
	b.Open(o.desk("HN-BLG-27", "/form/question?key=results")).Fill("columns.2.levels", "output").Fill("columns.8.each", "years").Press("Lưu vào bản nháp").Expect(200)
	b.Open(o.desk("HN-BLG-27", "/form/question?key=results"))
	if b.Held("columns.8.each") != "years" {
		t.Error("asked by", b.Held("columns.8.each"))
	}
	b.Open(o.desk("HN-BLG-27", "/form/groups")).Expect(200).Fill("groups.1.title.vi", "").Fill("title.en", "Our form").Press("Lưu vào bản nháp").Expect(422).Says("Điền mục này")
	b.Open(o.desk("HN-BLG-27", "/form/groups")).Fill("groups.1.title.vi", "Làm gì").Fill("groups.1.order", "1").Press("Lưu vào bản nháp").Expect(200)
	b.Open(o.desk("HN-BLG-27", "/form/groups"))
	if b.Held("groups.0.title.vi") != "Làm gì" {
		t.Error("first stands", b.Held("groups.0.title.vi"))
	}
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
