package site_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/portaltest"
	"daubang/internal/proposal"
)

// A form with conditions, without scripts: what is hidden is not asked and not
// sent, what stood in it is kept, and it is back once it is asked again.
func TestConditionsThroughTheDoor(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.asking(t, everyKind(t))
	lan, my := s.signedIn(t, "lan@example.org"), s.signedIn(t, "my@example.org")
	address := s.begin(t, lan)
	lan.SaysNot("An toàn") // the whole part is asked only of those who say so
	lan.Open(address+"/sections/partners").Says("Chỉ trả lời nếu ở câu “Có tổ chức nào cùng làm không?” bạn chọn “Có”.", "Những tổ chức nào?")
	asked := s.asked(t)
	content := portaltest.Filled(t, asked)
	for _, section := range asked.Form.Sections {
		lan.Open(address+"/sections/"+section.Key).Expect(http.StatusOK).FillIn(section, content[section.Key]).Fill("done", "yes").Press("Lưu và tiếp tục").Expect(http.StatusOK)
	}
	lan.Open(address+"/check").Says("An toàn", "Phường Ba Đình, Thành phố Hà Nội", "từ tháng 06/2027 đến tháng 12/2027 (7 tháng)", "Những tổ chức nào?")

	// Nobody is worked with any more: two answers hide a part and two questions.
	lan.Open(address+"/sections/idea").Fill("survivors", "no").Press("Lưu và tiếp tục").Expect(http.StatusOK).At(address + "/sections/work")
	lan.Open(address+"/sections/partners").Fill("has_partners", "no").Fill("done", "yes").Press("Lưu và tiếp tục").Expect(http.StatusOK)
	lan.Open(address + "/sections/safety").Expect(http.StatusOK).Says("Với các câu trả lời hiện nay, bạn không cần điền")
	lan.Open(address+"/check").SaysNot("An toàn", "Những tổ chức nào?").Says("Có tổ chức nào cùng làm không?")
	kept, err := proposal.Sections(t.Context(), s.db, s.writer, s.only(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(kept["partners"].Answers["partners"].Rows) != 1 || kept["safety"].Answers["response"].Empty() {
		t.Errorf("what was hidden is lost: %v %v", kept["partners"].Answers, kept["safety"].Answers)
	}

	my.Open(address + "/check").Press("Nộp đề xuất").Expect(http.StatusOK).At(address + "/receipt")
	sent, err := proposal.LastSubmission(t.Context(), s.db, s.head, s.only(t))
	if err != nil {
		t.Fatal(err)
	}
	whole := sent.Whole()
	if _, there := whole["safety"]; there || !whole["partners"]["partners"].Empty() || whole["partners"]["has_partners"].Text != "no" {
		t.Errorf("what is hidden was sent: %v", whole)
	}
	my.Open(address+"/check").Says("Nội dung đã nộp").SaysNot("An toàn", "Những tổ chức nào?")
	ha := s.person(t, "Đỗ Thanh Hà", "ha@example.org")
	s.tx(t, func(tx pgx.Tx) error {
		value[people.ID](t, tx, `insert into roles (person_id, role, programme_id, granted_at) values ($1, 'officer', $2, $3) returning person_id`, ha, s.programme, s.now)
		return nil
	})
	officer := s.signedIn(t, "ha@example.org")
	officer.Open("/desk/proposals/"+s.only(t).String()).Expect(http.StatusOK).Says("Phường Ba Đình, Thành phố Hà Nội").SaysNot("Những tổ chức nào?", "Khi có người kể về bạo lực")
}

// What is returned may be sent again, also where an answer that was changed asks
// for others in a section that nobody named: that is opened, and stays open.
func TestReturnedThatAsksForMore(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.asking(t, everyKind(t))
	my := s.signedIn(t, "my@example.org")
	address := s.begin(t, my)
	asked := s.asked(t)
	content := portaltest.Filled(t, asked)
	for _, section := range asked.Form.Sections {
		if section.Key == "safety" {
			continue
		}
		b := my.Open(address+"/sections/"+section.Key).FillIn(section, content[section.Key]).Fill("done", "yes")
		if section.Key == "idea" {
			b.Fill("survivors", "no")
		}
		b.Press("Lưu và tiếp tục").Expect(http.StatusOK)
	}
	my.Open(address + "/check").Press("Nộp đề xuất").Expect(http.StatusOK).At(address + "/receipt")
	s.tx(t, func(tx pgx.Tx) error {
		ha := s.person(t, "Đỗ Thanh Hà", "ha@example.org")
		value[people.ID](t, tx, `insert into roles (person_id, role, programme_id, granted_at) values ($1, 'officer', $2, $3) returning person_id`, ha, s.programme, s.now)
		return proposal.Return(t.Context(), tx, audit.Act{By: int64(ha), At: s.now}, s.only(t), map[string]string{"idea": "Nói rõ ai được giúp"}, s.now.AddDate(0, 0, 3))
	})
	safety := address + "/sections/safety"
	my.Post(safety, url.Values{"done": {"yes"}}).Expect(http.StatusConflict)
	my.Open(address+"/sections/idea").Fill("survivors", "yes").Fill("done", "yes").Press("Lưu và tiếp tục").Expect(http.StatusOK)
	my.Open(safety).Says("Phần này được mở thêm")
	my.Open(address).Says("Một câu trả lời bạn sửa khi bổ sung")
	section, _ := asked.Form.Section("safety")
	my.Open(safety).FillIn(section, content["safety"]).Fill("done", "yes").Press("Lưu và tiếp tục").Expect(http.StatusOK)
	my.Open(safety).SaysNot("Phần này không được yêu cầu bổ sung") // it stays open, to be mended
	my.Open(address + "/sections/work").Says("Phần này không được yêu cầu bổ sung")
	my.Open(address + "/check").Press("Nộp đề xuất").Expect(http.StatusOK).At(address + "/receipt")
	my.Open(address + "/history").Says("Mở thêm phần phải trả lời")
	s.signedIn(t, "ha@example.org").Open("/desk/proposals/" + s.only(t).String()).Says("Mở thêm phần phải trả lời khi bổ sung")

	// What is missing for another reason is opened by who writes there.
	s.tx(t, func(tx pgx.Tx) error {
		if err := pg.Exec(t.Context(), tx, `update proposal_sections set answers = '{}', version = version + 1 where key = 'work'`); err != nil {
			return err
		}
		ha := value[people.ID](t, tx, `select id from people where email_key = $1`, "ha@example.org")
		return proposal.Return(t.Context(), tx, audit.Act{By: int64(ha), At: s.now}, s.only(t), map[string]string{"idea": "Nói rõ ai được giúp"}, s.now.AddDate(0, 0, 3))
	})
	my.Open(address + "/check").Says("Chưa trả lời")
	section, _ = asked.Form.Section("work")
	my.Open(address+"/sections/work").Says("Phần này được mở thêm").FillIn(section, content["work"]).Fill("done", "yes").Press("Lưu và tiếp tục").Expect(http.StatusOK)
	my.Open(address + "/check").Press("Nộp đề xuất").Expect(http.StatusOK).At(address + "/receipt")
}

// What a form requires, it requires when it is sent; a save takes anything.
func TestRequiredOnlyWhenSent(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	d := everyKind(t)
	s.asking(t, d)
	my := s.signedIn(t, "my@example.org")
	address := s.begin(t, my)
	for _, section := range d.Sections {
		my.Open(address + "/sections/" + section.Key).Press("Lưu, làm sau").Expect(http.StatusOK).At(address)
	}
	my.Open(address+"/sections/idea").Fill("hours", "nhiều").Fill("places.0.name", "Ba Đình").Press("Lưu, làm sau").Expect(http.StatusOK).At(address)
	my.Open(address + "/sections/idea").Expect(http.StatusOK).Says("Có 2 nơi tên “Ba Đình”. Bạn muốn nói nơi nào?")
	if my.Held("hours") != "nhiều" {
		t.Error("what was typed is not there")
	}
	my.Fill("places.0.name.is", "3-00004-2025-07-01").Press("Lưu, làm sau").Expect(http.StatusOK)
	my.Open(address + "/sections/idea")
	if got := my.Held("places.0.name"); got != "Phường Ba Đình, Thành phố Hà Nội" {
		t.Errorf("the place that was chosen is %q", got)
	}
	my.Post(address+"/submit", nil).Expect(http.StatusUnprocessableEntity).Says("Điền “Tên sáng kiến”", "Ghi “Mỗi tuần nhóm bạn dành bao nhiêu giờ?” bằng một số")
	// A part that is said to be done and is not is saved, and says what is missing.
	my.Open(address+"/sections/idea").Fill("done", "yes").Press("Lưu và tiếp tục").Expect(http.StatusUnprocessableEntity).Says("Đã lưu", "Viết câu trả lời cho “Sáng kiến làm gì?”")
}

// only is the one proposal of the scene.
func (s *scene) only(t *testing.T) proposal.ID {
	t.Helper()
	mine, err := proposal.Mine(t.Context(), s.db, s.head)
	if err != nil || len(mine) != 1 {
		t.Fatalf("%d proposals: %v", len(mine), err)
	}
	return mine[0].ID
}

// A question of every kind can be written, checked and read in English too.
func TestEveryKindInEnglish(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.asking(t, everyKind(t))
	b := s.signedIn(t, "lan@example.org")
	address := s.begin(t, b)
	b.SetCookie("daubang_language", "en")
	pages := []string{"/calls/" + s.call.String() + "/form", address + "/check"}
	for _, section := range s.asked(t).Form.Sections {
		pages = append(pages, address+"/sections/"+section.Key)
	}
	for _, page := range pages {
		b.Open(page).Expect(http.StatusOK).SaysNot("[", "Chỉ trả lời nếu", "Câu 1")
	}
	if !slices.ContainsFunc(s.asked(t).Form.Sections, func(x form.Section) bool { return x.When != nil }) {
		t.Error("no section has a condition")
	}
	b.Open("/calls/"+s.call.String()+"/form").Says("Only answer if you chose “Yes” for “Do other organisations work with you?”", "Two months", "List of organisations")
}
