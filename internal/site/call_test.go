package site_test

import (
	"context"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/demo"
	"daubang/internal/demo/data"
	"daubang/internal/form"
	"daubang/internal/intake"
	"daubang/internal/legal"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/place"
	"daubang/internal/portaltest"
	"daubang/internal/programme"
	"daubang/internal/rubric"
	"daubang/internal/words"
	"daubang/templates"
)

const (
	hanoi    = "002_db30c71dd8b48eaf" // the programme of the calls HN-BLG-27 and HN-SK-27
	external = "004_a68d8715dc71b3ea" // of the draft NV-TT-27
)

// office is a house with the demo's programmes and calls, each programme with an
// officer of its own, and an auditor.
type office struct {
	*house
	calls    map[string]call.ID
	officers map[string]people.ID
	sessions map[string]string
}

func openOffice(t *testing.T) *office {
	t.Helper()
	o := &office{house: openHouse(t), officers: map[string]people.ID{}, sessions: map[string]string{}}
	o.tx(t, func(tx pgx.Tx) error {
		ctx, act := t.Context(), audit.Act{At: o.now}
		for _, load := range []struct {
			name string
			from func(context.Context, pgx.Tx, audit.Act, string, io.Reader) (intake.Changes, error)
		}{{"places.csv", place.Import}, {"legal_documents.csv", legal.Import}, {"programmes.json", programme.Import}} {
			file, err := data.Files.Open(load.name)
			if err != nil {
				return err
			}
			if _, err := load.from(ctx, tx, act, load.name, file); err != nil {
				return err
			}
		}
		if err := o.people(ctx, tx, act); err != nil {
			return err
		}
		formID, err := form.InstallDefault(ctx, tx, o.now)
		if err != nil {
			return err
		}
		rubricID, err := rubric.InstallDefault(ctx, tx, o.now)
		if err != nil {
			return err
		}
		o.calls, err = demo.Calls(ctx, tx, o.now, o.officers, formID, rubricID)
		return err
	})
	return o
}

// people lets an officer of each programme and an auditor in.
func (o *office) people(ctx context.Context, tx pgx.Tx, act audit.Act) error {
	type row struct {
		ID  programme.ID
		Key string
	}
	all, err := pg.All[row](ctx, tx, `select id, key from programmes`)
	if err != nil {
		return err
	}
	for _, p := range append(all, row{Key: "auditor"}) {
		who, err := pg.Value[people.ID](ctx, tx, `
			insert into people (name, email, email_key, verified_at, created_at) values ('Trần Thị Hạnh', $1, $1, $2, $2) returning id`, p.Key+"@portal.test", o.now)
		if err != nil {
			return err
		}
		role, of := "officer", &p.ID
		if p.ID == 0 {
			role, of = "auditor", nil
		} else {
			o.officers[p.Key] = who
		}
		if err := pg.Exec(ctx, tx, `insert into roles (person_id, role, programme_id, granted_at) values ($1, $2, $3, $4)`, who, role, of, o.now); err != nil {
			return err
		}
		if o.sessions[p.Key], err = people.OpenSession(ctx, tx, act, people.Opening{Person: who, Strength: "password"}); err != nil {
			return err
		}
	}
	return nil
}

// as is a browser in which somebody has signed in.
func (o *office) as(t *testing.T, who string) *portaltest.Browser {
	t.Helper()
	return o.browser(t).SetCookie("daubang_session", o.sessions[who])
}

func (o *office) path(code, more string) string { return "/calls/" + o.calls[code].String() + more }

func (o *office) desk(code, more string) string {
	return "/desk/calls/" + o.calls[code].String() + more
}

// TestReadingACallWithoutAnAccount: from the first page to the last question,
// nobody is asked who they are.
func TestReadingACallWithoutAnAccount(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	b := o.browser(t).Open("/").Expect(200).
		Says("3 đợt đang nhận; hạn gần nhất 17:00, thứ Bảy 14/03/2026", "Sinh kế cho phụ nữ di cư và nữ công nhân", "59/KH-UBND · Ủy ban nhân dân thành phố Hà Nội").
		SaysNot("Phụ nữ tham gia quyết định ở khu dân cư", "Dùng thử với vai", "người lao động ở cơ quan đối ngoại")
	b.Click("Phòng ngừa và ứng phó").At(o.path("HN-BLG-27", "")).Expect(200).
		Says("Đang nhận đề xuất đến 17:00, thứ Bảy 14/03/2026", "150–800 triệu ₫", "tổng kinh phí 6 tỷ ₫", "đến 24 tháng", "17:00, 14/03/2026 còn 12 ngày, giờ Việt Nam",
			"Thành phố Hà Nội", "Hội Liên hiệp Phụ nữ", "2 người chấm độc lập", "Điểm trung bình từ 60 trở lên", "Phân tích giới và nhu cầu", "Mỗi mức điểm nghĩa là gì", "5 điểm", "Thoát nhanh")
	b.Click("Xem mọi câu hỏi").At(o.path("HN-BLG-27", "/form")).Expect(200).
		Says("1.1 Tên dự án", "Đoạn văn · tối đa 500 từ", "Báo cáo, xác minh kịp thời vụ việc đột xuất", "phần đề nghị hỗ trợ 150–800 triệu ₫", "Giấy tờ cá nhân: người thẩm định không xem được")
	b.SetCookie("daubang_language", "en").Open(o.path("HN-BLG-27", "")).Expect(200).
		Says("Open until 17:00, Saturday 14 March 2026", "150–800 million ₫", "Who may apply", "Women's Union").SaysNot("Ai có thể nộp")
	b.Open(o.path("KN-27", "")).Expect(200).SaysNot("Quick exit").Says("who do not know who applies", "Organisations of every kind")
	b.Open(o.path("HN-SK-27", "")).Expect(200).Says("Opens at 08:00, Wednesday 11 March 2026").SaysNot("Start a proposal")
}

// TestListOfCalls: what is open stands first, and a filter leaves what somebody
// may answer.
func TestListOfCalls(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	b := o.browser(t).Open("/calls").Expect(200)
	last := -1
	for _, title := range []string{"Đang nhận đề xuất", "Phòng ngừa và ứng phó", "Phụ nữ khởi nghiệp", "Sinh kế cho phụ nữ di cư", "Phụ nữ tham gia quyết định", "Mô hình thí điểm"} {
		at := strings.Index(b.Main(), title)
		if at <= last {
			t.Errorf("%q stands at %d, not after %d: %s", title, at, last, b.Main())
		}
		last = at
	}
	b.Fill("province", "48").Press("Áp dụng").Expect(200).Says("Phụ nữ khởi nghiệp", "Phụ nữ tham gia quyết định").SaysNot("Phòng ngừa và ứng phó")
	b.Open("/calls?kind=enterprise&phase=open").Expect(200).Says("Phụ nữ khởi nghiệp").SaysNot("Phòng ngừa và ứng phó", "Sinh kế cho phụ nữ di cư")
	b.Open("/calls?phase=soon&province=48").Expect(200).Says("Không có đợt nào khớp")
	b.Open("/calls?phase=draft&kind=nobody").Expect(200).Says("Không có đợt nào khớp") // a draft is on no list
}

// TestDraftsStayInTheOffice: for everybody else a draft is what does not exist.
func TestDraftsStayInTheOffice(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	absent := o.browser(t).Open("/calls/000000000001").Expect(404).Main()
	for _, path := range []string{o.path("NV-TT-27", ""), o.path("NV-TT-27", "/form")} {
		if b := o.browser(t).Open(path).Expect(404); b.Main() != absent {
			t.Errorf("a draft is told from what does not exist: %s", b.Main())
		}
		o.as(t, hanoi).Open(path).Expect(404)
		o.as(t, external).Open(path).Expect(200)
		o.as(t, "auditor").Open(path).Expect(200)
	}
	o.as(t, external).Open(o.path("NV-TT-27", "")).Says("Đây là bản xem trước")
	for _, more := range []string{"", "/edit", "/publish"} {
		o.as(t, hanoi).Open(o.desk("NV-TT-27", more)).Expect(404)
		o.as(t, hanoi).Open(o.desk("KN-27", more)).Expect(404) // public, but not of this office
		o.browser(t).Open(o.desk("HN-BLG-27", more)).At("/sign-in")
	}
}

// TestAnotherOfficesProgramme: a call is drafted under one's own programmes only,
// whatever the address or the form say.
func TestAnotherOfficesProgramme(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	type row struct {
		ID  programme.ID
		Key string
	}
	all, err := pg.All[row](t.Context(), o.db, `select id, key from programmes`)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		b := o.as(t, hanoi).Open("/desk/calls/new?programme=" + p.ID.String())
		if p.Key == hanoi {
			b.Expect(200)
			continue
		}
		b.Expect(404)
		b.Post("/desk/calls/new?programme="+p.ID.String(), url.Values{"code": {"X"}}).Expect(403)
	}
	b := o.as(t, hanoi).Open("/desk/calls/new").Expect(200)
	b.Post("/desk/calls/new", nil).Expect(200).Says("Đợt thuộc kế hoạch nào?")
	b.Post("/desk/calls/new?programme="+all[0].ID.String(), url.Values{"code": {"A", "B"}}).Expect(400)
}

// TestAuditorsReadTheDesk: all of it, and nothing to press.
func TestAuditorsReadTheDesk(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	b := o.as(t, "auditor").Open("/desk/calls").Expect(200).Says("NV-TT-27", "HN-BLG-27", "KN-27").SaysNot("Soạn đợt mới")
	b.Open(o.desk("NV-TT-27", "")).Expect(200).Says("Chưa công bố được", "Tạo bản nháp").SaysNot("Sửa bản nháp")
	b.Open(o.desk("NV-TT-27", "/edit")).Expect(403).Says("Chỉ cán bộ phụ trách chương trình này")
	b.Open(o.desk("NV-TT-27", "/publish")).Expect(403)
	b.Open("/desk/calls/new").Expect(403)
	b.Post(o.desk("NV-TT-27", "/publish"), nil).Expect(403)
}

// TestOfficerDraftsAndPublishes is the whole life of a call at the desk, without
// a script: drafted with mistakes, completed, published, extended.
func TestOfficerDraftsAndPublishes(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	b := o.as(t, external).Open("/desk/calls").Expect(200).Click("Soạn đợt mới").Click("Bình đẳng giới và vì sự tiến bộ").Expect(200)
	b.Fill("code", "nv 28").Fill("title_vi", "Gặp gỡ đầu xuân").Fill("opens_on", "05/04/2026").Fill("closes_on", "ngày mai").
		Fill("grant_max", "200.000.000").Fill("milestone_1_on", "10/04/2026").Press("Lưu bản nháp").Expect(422).
		Says("Có 4 chỗ cần sửa", "Viết mã bằng chữ hoa không dấu", "Viết ngày hết hạn nộp dạng dd/mm/yyyy", "Mức cao nhất đang lớn hơn tổng kinh phí", "Viết việc diễn ra vào ngày này")
	for field, typed := range map[string]string{"code": "nv 28", "title_vi": "Gặp gỡ đầu xuân", "closes_on": "ngày mai", "grant_max": "200.000.000", "milestone_1_on": "10/04/2026"} {
		if got := b.Held(field); got != typed {
			t.Errorf("%s holds %q after a refusal, not %q", field, got, typed)
		}
	}
	b.Fill("code", "nv-28").Fill("closes_on", "30/04/2026").Fill("envelope", "600.000.000").Fill("milestone_1_vi", "Buổi giải đáp").Press("Lưu bản nháp").Expect(200).
		Says("Đã lưu bản nháp", "NV-28", "Chưa công bố được: còn thiếu", "Viết tóm tắt", "Chọn ít nhất một nhóm nhiệm vụ").SaysNot("Công bố đợt")
	at := b.URL.Path
	b.Click("Sửa bản nháp").Fill("summary_vi", "Một đoạn.").Fill("text_vi", "# Vì sao\n\nToàn văn.\n- một\n- hai").
		Fill("review_due_on", "20/05/2026").Fill("results_on", "10/06/2026").Fill("task_groups", firstOf(t, o, external)).Press("Lưu bản nháp").Expect(200).Says("Đã đủ để công bố")
	o.browser(t).Open(strings.Replace(at, "/desk", "", 1)).Expect(404)
	b.Click("Công bố đợt").Expect(200).Says("Sẽ không đổi được nữa", "từ 08:00, Chủ nhật 05/04/2026, đến 17:00, thứ Năm 30/04/2026").Press("Công bố đợt này").At(at).Says("Đã công bố đợt NV-28")
	o.browser(t).Open(strings.Replace(at, "/desk", "", 1)).Expect(200).Says("Gặp gỡ đầu xuân", "Mở nhận từ 08:00", "Buổi giải đáp")

	b.Click("Sửa sau công bố").Expect(200).Says("Hạn nộp: 17:00, thứ Năm 30/04/2026").Fill("reviews_per_proposal", "3").Press("Lưu thay đổi").At(at).
		Says("Sửa sau công bố", "Số người chấm mỗi hồ sơ: 2 đổi thành 3", "Trần Thị Hạnh")
	b.Click("Gia hạn nộp").Expect(200).Says("Chưa gia hạn lần nào").Fill("scope", "whole").Fill("closes_on", "29/04/2026").Fill("reason", "Nghỉ lễ dài").Press("Gia hạn và báo cho các tổ chức").Expect(422).
		Says("Hạn mới phải muộn hơn hạn chung: 17:00, thứ Năm 30/04/2026")
	b.Fill("closes_on", "07/05/2026").Press("Gia hạn và báo cho các tổ chức").Expect(200).Says("Đã gia hạn", "Có hiệu lực", "Nghỉ lễ dài", "Cả đợt, mọi tổ chức")
	b.Open(at).Says("Gia hạn cả đợt", "Hạn nộp: 17:00, thứ Năm 30/04/2026 đổi thành 17:00, thứ Năm 07/05/2026")
	b.Post(at+"/publish", nil).Expect(409).Says("Đợt này đã được công bố rồi")
	b.Open(at + "/edit").Expect(200)
	if strings.Contains(b.Body, `name="grant_max"`) || strings.Contains(b.Body, `name="blind"`) {
		t.Error("the page of a published call offers what is fixed")
	}
}

func firstOf(t *testing.T, o *office, key string) string {
	t.Helper()
	id, err := pg.Value[programme.TaskGroupID](t.Context(), o.db, `
		select g.id from task_groups g join programmes p on p.id = g.programme_id where p.key = $1 order by g.position limit 1`, key)
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

// TestAgain: a new call like an earlier one brings everything but code and days.
func TestAgain(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	b := o.as(t, hanoi).Open(o.desk("HN-BLG-27", "")).Click("Soạn đợt mới giống đợt này").Expect(200)
	for field, want := range map[string]string{
		"code": "", "opens_on": "", "closes_on": "", "results_on": "", "milestone_1_on": "",
		"title_vi": "Phòng ngừa và ứng phó bạo lực giới ở nơi bạn sống", "grant_max": "800.000.000", "milestone_1_vi": "Buổi giải đáp trực tuyến về cách viết hồ sơ",
	} {
		if got := b.Held(field); got != want {
			t.Errorf("%s holds %q, want %q", field, got, want)
		}
	}
	b.Open("/desk/calls/new?programme=" + o.officers[hanoi].String()).Expect(404) // no programme of that name
}

// TestDemoAccountsOnlyInTheDemo: whom to sign in as is told only where the
// portal is a demo.
func TestDemoAccountsOnlyInTheDemo(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.Accounts = []templates.DemoAccount{{Does: words.Pair{Vi: "Cán bộ"}, Name: "Nguyễn Thị Lan", Email: "lan@demo.example", Password: goodPassword}}
	h.browser(t).Open("/").Expect(200).SaysNot("lan@demo.example", goodPassword)
	h.Demo = true
	h.browser(t).Open("/").Expect(200).Says("lan@demo.example", goodPassword)
}

// TestToday: what waits stands on the first page of the desk, with its call.
func TestToday(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.as(t, external).Open("/desk").Expect(200).Says("Chào Trần Thị Hạnh", "Truyền thông về bình đẳng giới", "Bản nháp chưa công bố").SaysNot("HN-BLG-27")
	o.now = o.now.Add(6 * 24 * time.Hour)
	o.tx(t, func(tx pgx.Tx) (err error) {
		o.sessions[hanoi], err = people.OpenSession(t.Context(), tx, audit.Act{At: o.now}, people.Opening{Person: o.officers[hanoi], Strength: "password"})
		return err
	})
	o.as(t, hanoi).Open("/desk").Expect(200).Says("Đợt đóng sau 6 ngày", "Đợt mở sau 2 ngày").SaysNot("NV-TT-27")
}
