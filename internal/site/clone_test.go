package site_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/call"
	"daubang/internal/form"
)

// next is another open call of the scene, which asks the short form of the demo.
func (s *scene) next(t *testing.T) call.ID {
	t.Helper()
	var id call.ID
	s.tx(t, func(tx pgx.Tx) error {
		f := value[form.ID](t, tx, `insert into forms (key, version, definition, frozen_at, created_at) values ('next', 1, $1, $2, $2) returning id`, everyKind(t), s.now)
		id = value[call.ID](t, tx, `
			insert into calls (programme_id, code, title_vi, title_en, opens_at, closes_at, envelope, grant_min, grant_max, months_max, form_id, rubric_id, status, published_at, created_at, updated_at)
			select programme_id, 'TIEP-26', 'Đợt tiếp theo', 'The next call', opens_at, closes_at, envelope, grant_min, grant_max, months_max, $2, rubric_id, status, published_at, created_at, updated_at from calls where id = $1 returning id`, s.call, f)
		value[call.ID](t, tx, `insert into call_task_groups select $1, task_group_id from call_task_groups where call_id = $2 returning call_id`, id, s.call)
		return nil
	})
	return id
}

// TestUsingAnEarlierProposalAgain: from its own page and from where one begins,
// in both languages; what differs is told until it is dismissed.
func TestUsingAnEarlierProposalAgain(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan := s.signedIn(t, "lan@example.org")
	source := s.begin(t, lan)
	s.fill(t, lan, source)
	lan.Open(source).Click("Dùng lại cho một đợt khác").Expect(200).Says("Chưa có đợt nào để chép sang")
	next := s.next(t)
	s.signedIn(t, "pao@example.org").Open(source).SaysNot("Dùng lại cho một đợt khác").Open(source + "/clone").Expect(403)
	lan.Open(source).Click("Dùng lại cho một đợt khác").Expect(200).Says("Đợt tiếp theo", "Đề xuất này giữ nguyên").SaysNot("Phòng ngừa bạo lực giới 2026 Đang")
	lan.Press("Chép sang bản nháp mới").Expect(200).Says("Đã chép sang bản nháp mới", "Chép từ BDG-26-", "được cất riêng", "Những điểm khác của mẫu")
	draft := lan.URL.Path
	lan.Open(source + "/clone").Expect(200).Says("Chưa có đợt nào để chép sang") // there is a draft now
	lan.Open(draft).Click("Xem những gì khác").At(draft+"/source").Expect(200).
		Says("Mẫu của đợt này khác gì", "Những gì không được chép", "chép 0, không chép 0", "Các cam kết", "là bản hiện tại")
	s.signedIn(t, "pao@example.org").Open(draft).Says("Chép từ BDG-26-").SaysNot("Đã xem, không nhắc nữa")
	s.browser(t).SetCookie("daubang_session", lan.Cookie("daubang_session")).SetCookie("daubang_language", "en").Open(draft+"/source").Expect(200).
		Says("Copied from BDG-26-", "What this call's form asks otherwise", "Commitments").SaysNot("Chép")
	lan.Press("Đã xem, không nhắc nữa").At(draft).Says("Đã bỏ lời nhắc").SaysNot("được cất riêng")
	lan.Click("Chép từ đề xuất trước").At(draft + "/source").SaysNot("Đã xem, không nhắc nữa")
	lan.Open(draft + "/history").Says("Chép từ một đề xuất trước")
	lan.Open(source + "/source").Expect(404)

	my := s.signedIn(t, "my@example.org")
	start := "/calls/" + next.String() + "/start"
	my.Open(start).Expect(200).SaysNot("Hoặc chép từ một đề xuất trước") // it has a draft
	my.Open(draft + "/discard").Press("Bỏ").Expect(200)
	my.Open(start).Expect(200).Says("Hoặc chép từ một đề xuất trước").Press("Chép sang bản nháp mới").Expect(422).Says("Chọn đề xuất mà bạn muốn chép")
	my.Fill("source", source[len("/proposals/"):]).Press("Chép sang bản nháp mới").Expect(200).Says("Chép từ BDG-26-")
	if my.URL.Path == draft {
		t.Error("what was discarded came back")
	}
	my.Post("/calls/"+next.String()+"/proposals", map[string][]string{"clone": {"yes"}, "source": {"zzzzzzzzzzzz"}}).Expect(404)
}
