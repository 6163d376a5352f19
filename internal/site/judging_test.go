package site_test

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/decision"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/portaltest"
	"daubang/internal/review"
)

// From screening to release, as each of them does it.
func TestJudgingThroughTheDoor(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	id := p.proposal(t, "BDG-27-A1111", "Nhà an toàn lưu động", "submitted")
	desk := "/desk/proposals/" + id.String()
	officer, r1, r2 := p.as(t, p.officer), p.as(t, p.r1), p.as(t, p.r2)

	officer.Open(desk).Expect(200).Says("Nhà an toàn lưu động", "312 hộ sống hoàn toàn trên ghe", "Mới nộp")
	officer.Press("Xác nhận đủ điều kiện").At(desk).Says("Đã xác nhận đủ điều kiện", "Đủ điều kiện")
	assign(officer, desk, p.r1)
	assign(officer, desk, p.r2)
	r1.Open("/reviews").Says("Không có lời mời nào chờ bạn") // review is not open yet
	officer.Open(desk).Press("Mở thẩm định").At(desk).Says("Đang thẩm định", "0 trên 2 phiếu")

	r1.Open("/reviews").Says("Chờ trả lời").Click("Nhà an toàn lưu động").Expect(200).Says("Bốn bến an toàn", "300.000.000").SaysNot("312 hộ")
	r1.Press("Nhận thẩm định").Expect(200).Says("Bạn đã nhận thẩm định", "312 hộ", "Phiếu chấm điểm")
	r1.Fill("mark_fit", "4").Fill("note", "đọc lại phần ngân sách").Press("Lưu nháp").Expect(200).Says("Đã lưu nháp", "12")
	r1.Press("Gửi phiếu").Expect(422).Says("Có 7 chỗ cần sửa", "Chọn một mức cho “Ngân sách”")
	if r1.Held("note") != "đọc lại phần ngân sách" {
		t.Error("what was typed is gone:", r1.Held("note"))
	}
	mark(r1, "4")
	r1.Fill("mark_budget", "2").Press("Gửi phiếu").Expect(422).Says("Viết nhận xét cho mức 2 ở “Ngân sách”")
	r1.Fill("comment_budget", "Đơn giá cao hơn mức thường").Press("Gửi phiếu").Expect(200).Says("Đã gửi phiếu", "Chưa có phiếu nào khác")

	r2.Open("/reviews").Click("Nhà an toàn lưu động").Press("Nhận thẩm định").Expect(200).SaysNot("Trần Minh Một", "Đơn giá cao")
	mark(r2, "3")
	r2.Press("Gửi phiếu").Expect(200).Says("Trần Minh Một", "Đơn giá cao hơn mức thường")

	ranking := "/desk/calls/" + p.callID().String() + "/decisions"
	officer.Open(ranking).Says("2/2 phiếu", "67,0").Click("Ghi quyết định").Expect(200)
	officer.Fill("outcome", "conditional").Fill("amount", "ba trăm triệu").Fill("conditions", "Bổ sung kế hoạch an toàn").Fill("reason", "Khá").Press("Lưu dự kiến").Expect(422).Says("Viết số tiền bằng chữ số")
	officer.Fill("outcome", "conditional").Fill("amount", "250.000.000").Press("Lưu dự kiến").Expect(200).Says("Đã lưu dự kiến")
	officer.Open(ranking).Click("Công bố 1 quyết định").Expect(200).Says("Hoàng Thị Mận, Cao Văn Viết", "Bổ sung kế hoạch an toàn", "2 thư", "Xem thư đầu tiên sẽ gửi: Duyệt có điều kiện", "/proposals/"+id.String())
	officer.Press("Công bố và gửi thư").At(ranking).Says("Đã công bố 1 quyết định", "Duyệt có điều kiện")
	officer.Open(desk).Says("Công bố: duyệt có điều kiện", "250.000.000")
	if n, err := pg.Value[int](t.Context(), p.db, `select count(*) from letters where kind = 'decision'`); err != nil || n != 2 {
		t.Errorf("%d decision letters, %v", n, err)
	}
	r1.Open("/reviews?tray=done").Click("Nhà an toàn lưu động").Expect(200).Says("Ngô Thị Hai")
	p.as(t, p.head).Open(ranking).Expect(404)
}

// assign asks a reviewer in the officer's form.
func assign(officer *portaltest.Browser, desk string, to people.ID) {
	officer.Open(desk + "/reviewers").Expect(200)
	officer.Fill("reviewer", to.String()).Fill("due", "15/03/2027").Press("Phân công").At(desk + "/reviewers").Says("Đã phân công")
}

func mark(b *portaltest.Browser, mark string) {
	for _, c := range []string{"fit", "gender_analysis", "priority", "logframe", "capacity", "budget", "safeguarding", "sustainability"} {
		b.Fill("mark_"+c, mark)
	}
}

func TestScreeningForms(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	officer := p.as(t, p.officer)
	a, b := p.proposal(t, "BDG-27-A1111", "Một", "submitted"), p.proposal(t, "BDG-27-B2222", "Hai", "submitted")

	desk := "/desk/proposals/" + a.String()
	officer.Open(desk).Click("Trả lại để bổ sung").Fill("until", "mồng 10").Press("Trả lại và gửi thư").Expect(422).Says("Viết ngày theo dạng")
	officer.Fill("reason.risk", "Nói rõ ai phụ trách").Fill("until", "01/01/2027").Press("Trả lại và gửi thư").Expect(422)
	if officer.Held("reason.risk") != "Nói rõ ai phụ trách" {
		t.Error("what was typed is gone")
	}
	officer.Fill("until", "10/03/2027").Press("Trả lại và gửi thư").At(desk).Says("Đã trả lại để bổ sung", "10/03/2027").SaysNot("Kết luận không đủ điều kiện")

	desk = "/desk/proposals/" + b.String()
	officer.Open(desk).Click("Không đủ điều kiện").Press("Kết luận và gửi thư").Expect(422)
	officer.Fill("reasons", "Nộp ngoài địa bàn của đợt").Press("Kết luận và gửi thư").At(desk).Says("Nộp ngoài địa bàn của đợt", "Không đủ điều kiện")
	officer.Open(desk + "/decision").Expect(409)
}

func TestAssignmentForms(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	officer := p.as(t, p.officer)
	id := p.proposal(t, "BDG-27-A1111", "Chợ nổi", "in_review")
	desk := "/desk/proposals/" + id.String() + "/reviewers"
	officer.Open(desk).Fill("due", "xx").Press("Phân công").Expect(422).Says("Chọn người thẩm định")
	officer.Fill("reviewer", p.r1.String()).Fill("due", "01/02/2027").Press("Phân công").Expect(422).Says("Chọn một ngày chưa qua")
	officer.Fill("due", "20/03/2027").Press("Phân công").At(desk).Says("Đã phân công")
	officer.Click("Đổi hạn hoặc rút").Fill("due", "25/03/2027").Press("Đổi hạn").At(desk).Says("25/03/2027")
	r1 := p.as(t, p.r1)
	r1.Open("/reviews").Says("25/03/2027")
	officer.Click("Đổi hạn hoặc rút").Press("Rút phân công").At(desk).Says("Đã rút phân công")
	r1.Open("/reviews").SaysNot("Chợ nổi").Says("Đề xuất không còn hiện với bạn", "Lời mời đã được rút lại")
}

func TestDecliningAndConflicts(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	a, b := p.proposal(t, "BDG-27-A1111", "Đề xuất thứ nhất", "in_review"), p.proposal(t, "BDG-27-B2222", "Đề xuất thứ hai", "in_review")
	first, second := p.assigned(t, a, p.r1, false), p.assigned(t, b, p.r1, true)
	r1 := p.as(t, p.r1)
	r1.Open("/reviews/" + first.String()).Click("Từ chối").Press("Từ chối thẩm định").Expect(422).Says("Viết vì sao")
	r1.Fill("reason", "Bận đến hết tháng").Press("Từ chối thẩm định").At("/reviews").Says("Đã báo cán bộ chương trình")
	r1.Open("/reviews/"+first.String()).Expect(200).Says("Bạn đã từ chối", "Bận đến hết tháng").SaysNot("Đề xuất thứ nhất", "A1111")

	r1.Open("/reviews/" + second.String()).Click("Tôi có xung đột").Press("Khai xung đột").Expect(422).Says("Chọn quan hệ")
	r1.Fill("kind", "family").Fill("note", "Em gái tôi").Press("Khai xung đột").At("/reviews").Says("Đã ghi lời khai")
	r1.Open("/reviews/"+second.String()).Expect(200).SaysNot("Đề xuất thứ hai", "B2222")
	for _, path := range []string{
		"/proposals/" + b.String(), "/proposals/" + b.String() + "/history", "/proposals/" + b.String() + "/documents",
		"/reviews/" + second.String() + "/conflict", "/reviews/" + second.String() + "/decline",
	} {
		if r1.Open(path); r1.Status != 404 {
			t.Errorf("%s answers %d to who declared a conflict", path, r1.Status)
		}
	}
	p.as(t, p.officer).Open("/desk/proposals/"+b.String()).Says("Người thân của tôi làm việc ở đó", "Em gái tôi")
}

// In a blind call nothing that a reviewer can open says who applies.
func TestBlindReview(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	p.tx(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `update calls set blind = true where id = $1`, p.call)
		return err
	})
	asked, writing := p.proposal(t, "BDG-27-A1111", "Chợ nổi", "in_review"), p.proposal(t, "BDG-27-B2222", "Lái chung", "in_review")
	first, second := p.assigned(t, asked, p.r1, false), p.assigned(t, writing, p.r1, true)
	r1 := p.as(t, p.r1)
	for _, path := range []string{
		"/reviews?tray=to_answer", "/reviews?tray=to_do", "/reviews/" + first.String(), "/reviews/" + second.String(), "/reviews/" + first.String() + "/decline",
		"/reviews/" + first.String() + "/conflict", "/proposals/" + writing.String(),
	} {
		r1.Open(path).Expect(200).SaysNot("Vĩnh Hòa", "dân vạn chài", "Hoàng Thị Mận", "Cao Văn Viết")
	}
	r1.Open("/reviews/"+second.String()).Says("ẩn tên tổ chức", "312 hộ")
	r1.Open("/reviews/" + first.String()).Says("Ẩn trong đợt này")
	p.as(t, p.officer).Open("/desk/proposals/"+writing.String()).Says("Vĩnh Hòa", "mười hai năm làm việc")
}

// Two windows: neither loses what was typed.
func TestSheetInTwoWindows(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	a := p.assigned(t, p.proposal(t, "BDG-27-A1111", "Một", "in_review"), p.r1, true)
	one, two := p.as(t, p.r1), p.as(t, p.r1)
	one.Open("/reviews/" + a.String())
	two.Open("/reviews/" + a.String())
	one.Fill("note", "từ cửa sổ một").Press("Lưu nháp").Expect(200)
	two.Fill("note", "từ cửa sổ hai").Fill("mark_fit", "3").Press("Lưu nháp").Expect(409).Says("đã được lưu ở cửa sổ khác", "từ cửa sổ một")
	if two.Held("note") != "từ cửa sổ hai" {
		t.Error("what was typed is gone")
	}
	two.Press("Lưu nháp").Expect(200)
	if two.Held("note") != "từ cửa sổ hai" {
		t.Error("the later one was not kept")
	}
}

func TestDecisionForms(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	a, b := p.proposal(t, "BDG-27-A1111", "Một", "in_review"), p.proposal(t, "BDG-27-B2222", "Hai", "in_review")
	p.scored(t, a, p.r1, 5)
	ranking := "/desk/calls/" + p.callID().String() + "/decisions"
	one, two := p.as(t, p.officer), p.as(t, p.other)

	one.Open(ranking).Press("Ghi dự kiến").Expect(422).Says("Chọn ít nhất một đề xuất")
	one.Fill("id", b.String()).Fill("outcome", "declined").Press("Ghi dự kiến").Expect(422).Says("Viết lý do để lưu hồ sơ")
	one.Fill("reason", "Dưới ngưỡng").Press("Ghi dự kiến").At(ranking).Says("Đã ghi dự kiến cho 1 đề xuất", "Không được duyệt")

	path := "/desk/proposals/" + a.String() + "/decision"
	one.Open(path)
	two.Open(path)
	one.Fill("outcome", "approved").Fill("amount", "300000000").Fill("reason", "Tốt").Press("Lưu dự kiến").Expect(200)
	two.Fill("outcome", "waitlisted").Fill("reason", "Chờ").Press("Lưu dự kiến").Expect(409).Says("vừa được người khác sửa", "Tốt")
	if two.Held("reason") != "Chờ" {
		t.Error("what was typed is gone")
	}
	two.Press("Lưu dự kiến").Expect(200)

	release := "/desk/calls/" + p.callID().String() + "/release"
	one.Open(release).Says("Danh sách chờ: 1 đề xuất")
	two.Open(path).Press("Bỏ dự kiến").Expect(200)
	one.Press("Công bố và gửi thư").Expect(409).Says("đã thay đổi từ khi bạn mở trang này")
	one.Open(release).Press("Công bố và gửi thư").At(ranking).Says("Đã công bố 1 quyết định")
	auditor := p.as(t, p.auditor)
	auditor.Open(ranking).Expect(200).SaysNot("Ghi dự kiến")
	auditor.Post(release, url.Values{"seen": {"x"}}).Expect(403)
	auditor.Open(path).Expect(403)
}

// Until their own sheet is sent a reviewer's pages are the same to the byte,
// whatever the others have done and however they scored.
func TestReviewersLearnNothingOfOthers(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	id := p.proposal(t, "BDG-27-A1111", "Một", "in_review")
	mine := p.assigned(t, id, p.r2, true)
	r2 := p.as(t, p.r2)
	crawl := func() string {
		var b strings.Builder
		for _, path := range []string{
			"/reviews", "/reviews?tray=to_answer", "/reviews?tray=to_do", "/reviews?tray=done", "/reviews?tray=closed",
			"/reviews/" + mine.String(), "/reviews/" + mine.String() + "/decline", "/reviews/" + mine.String() + "/conflict",
			"/proposals", "/proposals/" + id.String(), "/proposals/" + id.String() + "/history", "/proposals/" + id.String() + "/check",
			"/calls/" + p.callID().String(), "/desk/proposals/" + id.String(), "/desk/calls/" + p.callID().String() + "/decisions",
		} {
			r2.Open(path)
			fmt.Fprintf(&b, "%s %d %d\n%s\n", path, r2.Status, len(r2.Body), nonces.ReplaceAllString(r2.Body, ""))
		}
		return b.String()
	}
	before := crawl()
	for what, change := range map[string]func(tx pgx.Tx) error{
		"r1 and r3 asked": func(pgx.Tx) error { p.assigned(t, id, p.r3, false); return nil },
		"r1 sent, all 5":  func(pgx.Tx) error { p.scored(t, id, p.r1, 5); return nil },
		"staged": func(tx pgx.Tx) error {
			return decision.Stage(t.Context(), tx, p.act(p.officer), id, decision.Content{Outcome: decision.Declined, Reason: "x"}, time.Time{})
		},
	} {
		p.tx(t, change)
		if after := crawl(); after != before {
			t.Errorf("%s: r2 can tell\n%s", what, firstDifference(before, after))
		}
	}
	p.tx(t, func(tx pgx.Tx) error {
		_, err := review.Save(t.Context(), tx, p.act(p.r2), mine, review.Sheet{}, 0)
		return err
	})
	if crawl() == before {
		t.Error("saving one's own sheet changes nothing: does the crawl look at anything?")
	}
}

func firstDifference(a, b string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[max(0, i-200):min(len(a), i+100)] + "\n≠\n" + b[max(0, i-200):min(len(b), i+100)]
		}
	}
	return "one is longer"
}

// Every page of those who judge has all its words, in both languages, in every
// state of a proposal.
func TestJudgingPagesSayEverything(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	unsaid := regexp.MustCompile(`\[[a-z_]+(?:\.[a-z_]+)+\]`)
	open := map[string][]string{}
	for i, status := range []string{"submitted", "returned", "eligible", "ineligible", "in_review", "approved", "conditional", "waitlisted", "declined", "withdrawn"} {
		id := p.proposal(t, fmt.Sprintf("BDG-27-%d", i), "Chợ nổi", "in_review")
		p.scored(t, id, p.r1, 5)
		mine := p.assigned(t, id, p.r2, i%2 == 0)
		p.tx(t, func(tx pgx.Tx) error {
			in := inserter{t: t, tx: tx}
			in.exec(`update proposals set status = $2 where id = $1`, id, status)
			if status == "approved" || status == "waitlisted" {
				in.exec(`insert into decisions (proposal_id, call_id, outcome, amount, reason, feedback, state, staged_by, staged_at, released_at)
					values ($1, $2, $3, 0, 'Vì', 'Chúc mừng', 'released', $4, $5, $5)`, id, p.call, status, p.officer, p.now)
			}
			return nil
		})
		desk := "/desk/proposals/" + id.String()
		open["officer"] = append(open["officer"], desk, desk+"/reviewers", desk+"/reviewers/"+mine.String(), desk+"/decision", desk+"/return", desk+"/refuse")
		open["r2"] = append(open["r2"], "/reviews/"+mine.String())
	}
	for _, tray := range review.Trays {
		open["r2"] = append(open["r2"], "/reviews?tray="+string(tray))
	}
	call := "/desk/calls/" + p.callID().String()
	open["officer"] = append(open["officer"], call+"/decisions", call+"/release")
	for name, who := range map[string]people.ID{"officer": p.officer, "r2": p.r2} {
		for _, lang := range []string{"vi", "en"} {
			b := p.as(t, who)
			b.Post("/language", url.Values{"lang": {lang}, "next": {"/"}})
			for _, path := range open[name] {
				if missing := unsaid.FindString(b.Open(path).Body); missing != "" || b.Status >= 500 {
					t.Errorf("%s in %s: %d, %s", path, lang, b.Status, missing)
				}
			}
		}
	}
}

// counter counts statements.
type counter struct{ n atomic.Int64 }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n.Add(1)
	return ctx
}

func (*counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// A page of those who judge costs at most twelve queries, however much is on it.
func TestQueriesOfJudgingPages(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	id := p.proposal(t, "BDG-27-A1111", "Một", "in_review")
	p.scored(t, id, p.r1, 5)
	p.scored(t, id, p.r3, 3)
	mine := p.assigned(t, id, p.r2, true)
	for i := range 5 {
		p.assigned(t, p.proposal(t, fmt.Sprintf("BDG-27-X%d", i), "Khác", "in_review"), p.r2, i%2 == 0)
	}
	p.tx(t, func(tx pgx.Tx) error {
		return decision.Stage(t.Context(), tx, p.act(p.officer), id, decision.Content{Outcome: decision.Declined, Reason: "x"}, time.Time{})
	})
	var c counter
	conf := p.db.Config().Copy()
	conf.ConnConfig.Tracer = &c
	pool, err := pgxpool.NewWithConfig(t.Context(), conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	p.DB, p.Read, p.Lagging = pool, pool, pool
	r2, officer := p.as(t, p.r2), p.as(t, p.officer)
	for path, b := range map[string]*portaltest.Browser{
		"/reviews": r2, "/reviews?tray=to_do": r2, "/reviews/" + mine.String(): r2,
		"/desk/proposals/" + id.String(): officer, "/desk/proposals/" + id.String() + "/reviewers": officer, "/desk/proposals/" + id.String() + "/decision": officer,
		"/desk/calls/" + p.callID().String() + "/decisions": officer, "/desk/calls/" + p.callID().String() + "/release": officer,
	} {
		b.Open(path).Expect(200) // statements are prepared once a connection
		c.n.Store(0)
		b.Open(path).Expect(200)
		if n := c.n.Load(); n > 12 {
			t.Errorf("%s costs %d queries", path, n)
		} else {
			t.Logf("%s: %d queries", path, n)
		}
	}
}
