package site_test

import (
	"bytes"
	"image"
	"image/png"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/call"
	"daubang/internal/form"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/portaltest"
	"daubang/internal/programme"
	"daubang/internal/proposal"
	"daubang/internal/rubric"
)

// scene is a house with one open call and an organisation that may answer it.
type scene struct {
	*house
	programme            programme.ID
	call                 call.ID
	organisation         organisation.ID
	head, writer, reader people.ID
	closes               time.Time
}

func openCall(t *testing.T) *scene {
	t.Helper()
	h := openHouse(t)
	s := &scene{house: h, closes: h.now.Add(12 * 24 * time.Hour)}
	s.head, s.writer, s.reader = h.person(t, "Hoàng Thị Mỷ", "my@example.org"), h.person(t, "Vàng Thị Lan", "lan@example.org"), h.person(t, "Giàng A Páo", "pao@example.org")
	h.tx(t, func(tx pgx.Tx) error {
		f, err := form.InstallDefault(t.Context(), tx, h.now)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `update forms set frozen_at = $2 where id = $1`, f, h.now); err != nil { // as it is once a call asks it
			return err
		}
		r, err := rubric.InstallDefault(t.Context(), tx, h.now)
		if err != nil {
			return err
		}
		s.programme = value[programme.ID](t, tx, `insert into programmes (title_vi, issuer_vi, status, created_at, updated_at) values ('Kế hoạch bình đẳng giới 2026', 'UBND tỉnh', 'published', $1, $1) returning id`, h.now)
		value[int64](t, tx, `insert into task_groups (programme_id, code, title_vi, position) values ($1, 'comms', 'Truyền thông, giáo dục pháp luật', 1) returning id`, s.programme)
		s.call = value[call.ID](t, tx, `
			insert into calls (programme_id, code, title_vi, title_en, opens_at, closes_at, envelope, grant_min, grant_max, months_max, form_id, rubric_id, status, published_at, results_on, created_at, updated_at)
			values ($1, 'BDG-26', 'Phòng ngừa bạo lực giới 2026', 'Preventing gender-based violence 2026', $2::timestamptz - interval '3 days', $3, 6000000000, 50000000, 800000000, 18, $4, $5, 'published', $2, '2026-04-30', $2, $2) returning id`,
			s.programme, h.now, s.closes, f, r)
		value[call.ID](t, tx, `insert into call_task_groups select $1, id from task_groups where programme_id = $2 returning call_id`, s.call, s.programme)
		s.organisation = value[organisation.ID](t, tx, `
			insert into organisations (kind, name_vi, name_en, province_code, representative, created_by, created_at, updated_at)
			values ('womens_union', 'Hội Liên hiệp Phụ nữ xã Sà Phìn', 'Women''s Union of Sà Phìn', '08', 'Hoàng Thị Mỷ', $1, $2, $2) returning id`, s.head, h.now)
		for who, role := range map[people.ID]organisation.Role{s.head: organisation.Head, s.writer: organisation.Writer, s.reader: organisation.Reader} {
			value[people.ID](t, tx, `insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, $3, $4) returning person_id`, s.organisation, who, role, h.now)
		}
		return nil
	})
	return s
}

func value[T any](t *testing.T, tx pgx.Tx, sql string, args ...any) T {
	t.Helper()
	v, err := pg.Value[T](t.Context(), tx, sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// asked is what the call asks.
func (s *scene) asked(t *testing.T) proposal.Asked {
	t.Helper()
	asked, err := proposal.What(t.Context(), s.db, s.head, s.call)
	if err != nil {
		t.Fatal(err)
	}
	return asked
}

// begin starts a proposal in the browser and returns its address.
func (s *scene) begin(t *testing.T, b *portaltest.Browser) string {
	t.Helper()
	b.Open("/calls/" + s.call.String()).Click("Bắt đầu").Expect(200).Says("Bạn viết thay mặt tổ chức nào?").Press("Bắt đầu viết").Expect(200)
	return b.URL.Path
}

// fill writes every section and says that each is done.
func (s *scene) fill(t *testing.T, b *portaltest.Browser, address string) {
	t.Helper()
	asked := s.asked(t)
	content := portaltest.Filled(t, asked)
	for _, section := range asked.Form.Sections {
		b.Open(address+"/sections/"+section.Key).Expect(200).FillIn(section, content[section.Key]).Fill("done", "yes").Press("Lưu và tiếp tục").Expect(200)
	}
}

// An organisation proposes: begins, writes, attaches, checks, sends, follows,
// takes back; without scripts.
func TestAnOrganisationProposes(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan, my := s.signedIn(t, "lan@example.org"), s.signedIn(t, "my@example.org")
	lan.Open("/proposals").Expect(200).Says("Chưa có đề xuất nào")
	address := s.begin(t, lan)
	lan.Says("Đề xuất chưa đặt tên", "Chưa nộp", "Vấn đề giới", "Chưa bắt đầu", "Hạn nộp còn")
	lan.Click("Đề xuất của tôi").Says("Hội Liên hiệp Phụ nữ xã Sà Phìn", "Bản nháp")
	lan.Open("/calls/"+s.call.String()+"/start").Says("Đề xuất đã có cho đợt này", "BDG-26-")
	s.fill(t, lan, address)
	lan.Open(address+"/sections/documents").Fill("purpose", "evidence").Attach("file", `C:\Ảnh\trạm y tế.png`, picture(t)).Press("Tải tệp lên").Expect(200).Says("Đã thêm tệp", "trạm y tế.png", "chưa quét mã độc")
	lan.Open(address).Says("12 trên 12 mục đã xong", "Người đứng đầu tổ chức kiểm tra rồi nộp.").SaysNot("Sẵn sàng nộp")
	lan.Open(address+"/check").Says("Truyền thông ở thôn bản", "trạm y tế.png", "100.000.000")
	if strings.Contains(lan.Main(), `action="`+address+`/submit"`) {
		t.Error("a writer is offered to submit")
	}
	my.Open(address).Click("Nộp đề xuất").Expect(200).Press("Nộp đề xuất").Expect(200).At(address+"/receipt").Says("Đã nộp đề xuất", "BDG-26-", "12:00:00, thứ Hai 02/03/2026", "Mã băm SHA-256")
	my.Open(address).Says("Đã nộp, đang kiểm tra", "Đến lượt: cơ quan chủ trì", "Dự kiến 30/04/2026").SaysNot("Chưa nộp")
	my.Open(address+"/sections/problem").Says("bấm “Sửa và nộp lại”", "Truyền thông ở thôn bản")
	my.Open(address+"/check").Says("Nội dung đã nộp", "Hội Liên hiệp Phụ nữ xã Sà Phìn")
	my.Open(address+"/history").Says("Nộp đề xuất", "Hoàng Thị Mỷ", "Thêm tài liệu", "Vàng Thị Lan")
	lan.Open(address + "/withdraw").Expect(403)
	my.Open(address+"/withdraw").Fill("reason", "Chưa đủ người làm").Press("Rút đề xuất").Expect(200).Says("Đã rút đề xuất.", "Đã rút")
	my.Post(address+"/submit", nil).Expect(409)
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Saving demands nothing; being done does, and nothing typed is lost.
func TestSavingASection(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan := s.signedIn(t, "lan@example.org")
	address := s.begin(t, lan) + "/sections/identification"
	lan.Open(address).Fill("title", "Chị em vùng cao").Fill("months", "một năm").Press("Lưu, làm sau").Expect(200).Says("Đã lưu phần “Tên, thời gian và địa bàn”", "Chị em vùng cao", "Đang làm")
	lan.Open(address).Fill("done", "yes").Press("Lưu và tiếp tục").Expect(422).
		Says("Đã lưu, nhưng phần này chưa xong", "Ghi “Dự án kéo dài bao nhiêu tháng?” bằng một số nguyên", "Những gì bạn đã viết vẫn được giữ nguyên")
	if lan.Held("months") != "một năm" || lan.Held("title") != "Chị em vùng cao" {
		t.Errorf("typed words are gone: %q %q", lan.Held("months"), lan.Held("title"))
	}
	lan.Fill("months", "12").Fill("done", "no").Press("Lưu và tiếp tục").Expect(200).At(strings.Replace(address, "identification", "applicant", 1))
	if lan.Open(address).Held("months") != "12" {
		t.Error("the page that said what is wrong could not be saved again")
	}
}

// Rows are added and taken away by buttons of the page.
func TestBudgetRows(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan := s.signedIn(t, "lan@example.org")
	address := s.begin(t, lan) + "/sections/budget"
	line := func(i, text, quantity, price string) {
		lan.Fill("budget."+i+".text", text).Fill("budget."+i+".quantity", quantity).Fill("budget."+i+".price", price).Fill("budget."+i+".source", form.StateBudget).Fill("budget."+i+".year", "2026")
	}
	lan.Open(address)
	line("0", "Tập huấn", "2,5", "1.500.000")
	line("1", "In tờ rơi", "1000", "năm nghìn")
	lan.Press("Thêm dòng").Expect(200)
	line("2", "Đi lại", "10", "200000")
	lan.Press("Lưu, làm sau").Open(address).Says("3.750.000", "2.000.000", "5.750.000", "Năm triệu bảy trăm năm mươi nghìn đồng")
	if lan.Held("budget.1.price") != "năm nghìn" {
		t.Errorf("a price that is no number was not kept: %q", lan.Held("budget.1.price"))
	}
	lan.Press("Xóa Dòng 2").Expect(200)
	if lan.Held("budget.1.text") != "Đi lại" || lan.Held("budget.0.text") != "Tập huấn" {
		t.Errorf("the wrong row went: %q %q", lan.Held("budget.0.text"), lan.Held("budget.1.text"))
	}
	lan.Fill("done", "yes").Press("Lưu và tiếp tục").Expect(422).Says("đợt này cấp từ 50.000.000")
}

// A section that is done stays done while rows are added to it.
func TestDoneStaysDone(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	my := s.signedIn(t, "my@example.org")
	address := s.begin(t, my)
	s.fill(t, my, address)
	my.Open(address + "/sections/risk").Press("Thêm dòng").Expect(200)
	my.Open(address).Says("12 trên 12 mục đã xong")
	my.Open(address+"/sections/risk").Fill("safeguarding", "").Press("Thêm dòng").Expect(200) // nothing is asked for while one goes on
	my.Open(address).Says("11 trên 12 mục đã xong")
}

// What may not be saved any more is given back to who wrote it, on every page of
// the portal; a password never is.
func TestRefusedWordsAreGivenBack(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan, my := s.signedIn(t, "lan@example.org"), s.signedIn(t, "my@example.org")
	address := s.begin(t, my)
	s.fill(t, my, address)
	lan.Open(address+"/sections/risk").Fill("safeguarding", "Câu viết\nlúc người khác nộp")
	my.Open(address + "/check").Press("Nộp đề xuất").Expect(200)
	lan.Press("Lưu, làm sau").Expect(409).Says("Điều bạn vừa viết chưa được lưu", "Câu viết", "lúc người khác nộp")
	my.Post("/nowhere-at-all", url.Values{"password": {"mật khẩu của tôi"}, "text": {"lời nhắn dài"}}).Expect(404).SaysNot("mật khẩu của tôi")
}

// Two people save the same section: both texts are shown, neither is lost.
func TestTwoVersionsOfASection(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan, my := s.signedIn(t, "lan@example.org"), s.signedIn(t, "my@example.org")
	address := s.begin(t, lan) + "/sections/sustainability"
	lan.Open(address).Fill("sustain", "Bản của em Lan\ndòng hai")
	my.Open(address).Fill("sustain", "Bản của chị Mỷ").Press("Lưu, làm sau").Expect(200)
	lan.Press("Lưu, làm sau").Expect(409).Says("Có hai bản", "Bản của em Lan", "Bản của chị Mỷ", "Bản của Hoàng Thị Mỷ")
	lan.Fill("keep.sustain", "both@1").Press("Lưu và sửa tiếp").Expect(200)
	if got := lan.Held("sustain"); got != "Bản của em Lan\ndòng hai\n\nBản của chị Mỷ" {
		t.Errorf("both together: %q", got)
	}
	my.Open(address)
	lan.Fill("sustain", "Bản chung").Press("Lưu, làm sau").Expect(200)
	my.Fill("sustain", "Mỷ lần nữa").Press("Lưu, làm sau").Expect(409).Fill("keep.sustain", "theirs@3").Press("Lưu và sửa tiếp").Expect(200)
	if my.Held("sustain") != "Bản chung" {
		t.Errorf("%q", my.Held("sustain"))
	}
	my.Click("Các bản của phần này").Expect(200).Says("Mỷ lần nữa", "Bản chung", "Bản của chị Mỷ", "không được chọn", "Vàng Thị Lan", "Hoàng Thị Mỷ")
	lan.Open(address).Fill("sustain", "Lan lần nữa")
	my.Open(address).Fill("sustain", "Mỷ cuối cùng").Press("Lưu, làm sau")
	lan.Press("Lưu, làm sau").Expect(409).Fill("keep.sustain", "mine@4").Press("Lưu và sửa tiếp").Expect(200)
	if my.Open(address).Held("sustain") != "Lan lần nữa" {
		t.Errorf("%q", my.Held("sustain"))
	}
}

// What is missing is said with the way there; a closed call keeps the draft.
func TestSubmittingWhatIsNotReady(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	my := s.signedIn(t, "my@example.org")
	address := s.begin(t, my)
	my.Post(address+"/submit", nil).Expect(422).Says("chỗ cần điền hoặc sửa trước khi nộp", "Vấn đề giới: Viết câu trả lời cho")
	s.fill(t, my, address)
	s.now = s.closes.Add(2 * time.Minute)
	my = s.signedIn(t, "my@example.org") // twelve days have passed
	my.Open(address + "/check")
	my.Press("Nộp đề xuất").Expect(409).Says("Đợt này đã ngừng nhận đề xuất lúc 12:00, thứ Bảy 14/03/2026", "Bản nháp vẫn được giữ nguyên")
	my.Open(address).Says("Đợt này đã ngừng nhận")
	s.now = s.closes.Add(119 * time.Second)
	my.Open(address + "/check").Press("Nộp đề xuất").Expect(200).Says("Đã nộp đề xuất").SaysNot("Trước hạn")
}

// Files are what they are, not what they are called; they leave as downloads.
func TestAttachingDocuments(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan, my, pao := s.signedIn(t, "lan@example.org"), s.signedIn(t, "my@example.org"), s.signedIn(t, "pao@example.org")
	address := s.begin(t, lan)
	page := address + "/sections/documents"
	lan.Open(page).Fill("purpose", "cv").Press("Tải tệp lên").Expect(422).Says("Chọn một tệp để tải lên")
	lan.Open(page).Attach("file", "a.pdf", []byte(portaltest.PDF)).Press("Tải tệp lên").Expect(422).Says("Chọn tệp này dùng để làm gì")
	lan.Open(page).Fill("purpose", "cv").Attach("file", "anh.pdf", []byte("<script>alert(1)</script>")).Press("Tải tệp lên").Expect(422).Says("Chọn tệp PDF, DOCX, XLSX, JPG hoặc PNG")
	if lan.Held("purpose") != "cv" {
		t.Errorf("what the file is for was forgotten: %q", lan.Held("purpose"))
	}
	lan.Open(page).Fill("purpose", "cv").Attach("file", "lớn.pdf", slices.Concat([]byte("%PDF-1.7"), make([]byte, 22<<20))).Press("Tải tệp lên").Expect(422).Says("mỗi tệp tối đa 20 MB")
	lan.Open(page).Fill("purpose", "cv").Attach("file", "lý lịch chị Lan.pdf", []byte(portaltest.PDF)).Press("Tải tệp lên").Expect(200).Says("lý lịch chị Lan.pdf")
	link := regexp.MustCompile(address + `/documents/[0-9a-z]{12}`).FindString(lan.Body)
	lan.Open(link).Expect(200)
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Security-Policy": "sandbox; default-src 'none'",
	} {
		if got := lan.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := lan.Header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="ho-so-BDG-26-`) || !strings.HasSuffix(got, `-1.pdf"`) {
		t.Errorf("it is called %s", got)
	}
	if lan.Body != portaltest.PDF {
		t.Errorf("%d bytes came, want %d", len(lan.Body), len(portaltest.PDF))
	}
	my.Open(link).Expect(200)
	pao.Open(link).Expect(404) // a CV is for who sent it and the head
	pao.Open(page).Expect(200).Says("Bạn đang có quyền xem").SaysNot("lý lịch chị Lan.pdf", "Tải tệp lên")
	lan.Open(page).Press("Xóa lý lịch").Expect(200).SaysNot("lý lịch chị Lan.pdf")
}

// Whom an organisation's people are for it decides what they are offered.
func TestReadersRead(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan, pao := s.signedIn(t, "lan@example.org"), s.signedIn(t, "pao@example.org")
	pao.Open("/calls/" + s.call.String() + "/start").Says("bạn đang có quyền xem").SaysNot("Bắt đầu viết")
	address := s.begin(t, lan)
	pao.Open(address).Expect(200).Says("Người đứng đầu tổ chức kiểm tra rồi nộp")
	pao.Open(address + "/discard").Expect(403)
	pao.Post(address+"/sections/problem", map[string][]string{"gender_analysis": {"x"}}).Expect(403)
	my := s.signedIn(t, "my@example.org")
	my.Open(address + "/discard").Press("Bỏ bản nháp").Expect(200).At("/proposals").Says("Đã bỏ bản nháp BDG-26-")
	lan.Open(address).Expect(404)
}

// The same pages in English.
func TestProposingInEnglish(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	my := s.signedIn(t, "my@example.org")
	address := s.begin(t, my)
	my.Post("/language", map[string][]string{"lang": {"en"}, "next": {address}}).Expect(200).Says("Not submitted", "The gender problem", "Not begun")
	my.Open(address+"/sections/budget").Says("State budget", "Unit price (đồng)", "from 50,000,000", "Save and go on")
	my.Open(address+"/check").Says("Check all answers", "Not answered")
}
