package site_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/document"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/portaltest"
	"daubang/internal/proposal"
	"daubang/internal/together"
)

// offer is the address in the last letter that invites to apply together.
func (h *house) offer(t *testing.T) string {
	t.Helper()
	var token string
	h.tx(t, func(tx pgx.Tx) (err error) {
		reference := value[string](t, tx, `
			select l.refs ->> 'co_applicant' from letters l join audit_events e on e.id = l.event_id where l.kind = 'co_applicant_invited' order by e.seq desc limit 1`)
		_, token, err = together.OfferOf(t.Context(), tx, people.Key(h.Secret), reference)
		return err
	})
	return "/co-applications/" + token
}

// Two organisations apply together: asked by letter, confirmed by a head, read
// by its people, frozen with what is sent.
func TestTwoOrganisationsApplyTogether(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	friend := s.person(t, "Lù Thị Sáo", "sao@example.org")
	s.tx(t, func(tx pgx.Tx) error {
		o := value[organisation.ID](t, tx, `insert into organisations (kind, name_vi, province_code, created_by, created_at, updated_at) values ('cooperative', 'Hợp tác xã Lanh Lùng Tám', '08', $1, $2, $2) returning id`, friend, s.now)
		value[people.ID](t, tx, `insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, 'head', $3) returning person_id`, o, friend, s.now)
		return nil
	})
	my, lan, sao := s.signedIn(t, "my@example.org"), s.signedIn(t, "lan@example.org"), s.signedIn(t, "sao@example.org")
	address := s.begin(t, my)
	s.fill(t, my, address)
	lan.Open(address).Click("Tổ chức cùng đề xuất").Says("Chưa có tổ chức nào", "Người đứng đầu tổ chức mời").SaysNot("Gửi thư mời")
	my.Open(address).Click("Tổ chức cùng đề xuất").Press("Gửi thư mời").Expect(422).Says("Hãy viết tên tổ chức", "Hãy chọn vai trò")
	my.Fill("name", "HTX Lanh").Fill("email", "my@example.org").Fill("role", "co_lead").Press("Gửi thư mời").Expect(422).Says("của người trong tổ chức bạn")
	my.Fill("email", "sao@example.org").Press("Gửi thư mời").Expect(200).Says("Thư mời đã được gửi đến sao@example.org", "HTX Lanh", "Chưa xác nhận", "Đồng chủ trì")
	my.Open(address+"/check").Says("1 tổ chức chưa xác nhận", "Bạn vẫn nộp được")
	sao.Open(address).Expect(404)

	link := s.offer(t)
	s.browser(t).Open(link).Expect(200).Says("Hội Liên hiệp Phụ nữ xã Sà Phìn", "Mở trang này không có nghĩa là đồng ý").SaysNot("Bạn xác nhận thay mặt")
	s.browser(t).Open("/co-applications/000000000000").Expect(404)
	lan.Open(link).Says("Bạn chưa là người đứng đầu tổ chức nào")
	sao.Open("/organisations").Says("mời tổ chức của bạn cùng đề xuất").Click("Xem và trả lời").Press("Xác nhận cùng đề xuất").Expect(200).At(address).
		Says("Tổ chức của bạn đã xác nhận", "Truyền thông ở thôn bản", "Hợp tác xã Lanh Lùng Tám").SaysNot("Vẫn nộp được")
	sao.Open(link).Expect(404).Says("Lời mời này không còn nữa")
	sao.Post(link, url.Values{}).Expect(404)
	sao.Open("/proposals").Says("Đề xuất tổ chức bạn cùng tham gia")
	sao.Open(address + "/sections/problem").Expect(403)
	sao.Post(address+"/submit", nil).Expect(403)
	my.Open(address+"/history").Says("Mời tổ chức cùng đề xuất", "Tổ chức được mời đã xác nhận")
	my.Open(address+"/check").Says("Hợp tác xã Lanh Lùng Tám", "đã xác nhận lúc 12:00, thứ Hai 02/03/2026").SaysNot("chưa xác nhận")
	my.Press("Nộp đề xuất").Expect(200).Says("Đã nộp đề xuất")
	my.Open(address+"/check").Says("Nội dung đã nộp", "Hợp tác xã Lanh Lùng Tám", "đã xác nhận lúc")
	sao.Open(address).Expect(200).Says("Nội dung đã nộp", "Hợp tác xã Lanh Lùng Tám")
	sao.Open(address + "/co-applicants").SaysNot("Rút khỏi đề xuất") // it is sealed
	my.Post("/language", url.Values{"lang": {"en"}, "next": {"/"}})
	my.Open(address+"/co-applicants").Says("Organisations applying together", "Leads together", "Confirmed")
}

func TestApplyingTogetherIsRefusedAndTakenBack(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.person(t, "Lù Thị Sáo", "sao@example.org")
	my, sao := s.signedIn(t, "my@example.org"), s.signedIn(t, "sao@example.org")
	address := s.begin(t, my)
	ask := func() {
		my.Open(address+"/co-applicants").Fill("name", "HTX Lanh").Fill("email", "sao@example.org").Fill("role", "fund").Press("Gửi thư mời").Expect(200)
	}
	ask()
	sao.Open(s.offer(t)).Press("Từ chối").Expect(200).At("/organisations").Says("Bạn đã từ chối lời mời cùng đề xuất").SaysNot("mời tổ chức của bạn")
	my.Open(address + "/co-applicants").Says("Đã từ chối")
	ask()
	link := s.offer(t)
	s.now = s.now.AddDate(0, 0, 31)
	my, sao = s.signedIn(t, "my@example.org"), s.signedIn(t, "sao@example.org")
	sao.Open(link).Expect(404)
	my.Open(address + "/co-applicants").Says("Thư mời đã hết hạn")
	s.now = s.now.AddDate(0, 0, -31)
	my, sao = s.signedIn(t, "my@example.org"), s.signedIn(t, "sao@example.org")
	my.Open(address + "/co-applicants").Press("Bỏ khỏi đề xuất HTX Lanh").Expect(200).Says("Đã bỏ tổ chức khỏi đề xuất")
	my.Press("Bỏ khỏi đề xuất HTX Lanh").Expect(200).Says("Chưa có tổ chức nào")
	sao.Open(link).Expect(404)
}

// Who applies together reads what is proposed and by whom, and not what the
// leading organisation shows the office, before it is sent and after.
func TestWhoAppliesTogetherReadsNoRecord(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.person(t, "Lù Thị Sáo", "sao@example.org")
	my, sao := s.signedIn(t, "my@example.org"), s.signedIn(t, "sao@example.org")
	address := s.begin(t, my)
	for _, sql := range []string{
		`update organisations set tax_code = '5100999888', representative = 'Giàng Thị Kín', address = 'Ngõ Khuất 77'`,
		`insert into organisation_papers (organisation_id, kind, number, issued_on, issuer, position) select id, 'operation', '4455/GP-KIN', null, 'Sở Nội vụ', 0 from organisations`,
		`with o as (insert into organisations (kind, name_vi, province_code, created_by, created_at, updated_at)
		            select 'cooperative', 'Hợp tác xã Lanh Lùng Tám', '08', id, created_at, created_at from people where email_key = 'sao@example.org' returning id, created_by, created_at),
		      m as (insert into members (organisation_id, person_id, role, joined_at) select id, created_by, 'head', created_at from o)
		 insert into co_applicants (proposal_id, name, email, email_key, role, state, organisation_id, invited_by, invited_at, expires_at, answered_by, answered_at)
		 select p.id, 'HTX Lanh', 'sao@example.org', 'sao@example.org', 'fund', 'confirmed', o.id, o.created_by, o.created_at, o.created_at + interval '30 days', o.created_by, o.created_at from proposals p, o`,
	} {
		if _, err := s.db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	s.fill(t, my, address)
	for purpose, name := range map[string]string{"legal": "dieu-le-kin.pdf", "evidence": "so-lieu.pdf"} {
		my.Open(address+"/sections/documents").Fill("purpose", purpose).Attach("file", name, []byte(portaltest.PDF)).Press("Tải tệp lên").Expect(200)
	}
	kept := []string{"5100999888", "Giàng Thị Kín", "Ngõ Khuất 77", "4455/GP-KIN", "dieu-le-kin.pdf"}
	given := []string{"Hội Liên hiệp Phụ nữ xã Sà Phìn", "Hợp tác xã Lanh Lùng Tám", "Truyền thông ở thôn bản", "so-lieu.pdf", "chỉ thấy tên của tổ chức nộp"}
	read := func() {
		t.Helper()
		my.Open(address + "/check").Expect(200).Says(kept...)
		sao.Open(address).Expect(200).Says(given...).SaysNot(kept...)
		bare := portaltest.Bare(portaltest.ReadPDF(t, []byte(sao.Open(address+".pdf").Expect(200).Body)))
		for _, x := range given {
			if !strings.Contains(bare, portaltest.Bare(x)) {
				t.Errorf("the PDF of who applies together does not say %q", x)
			}
		}
		for _, x := range kept {
			if strings.Contains(bare, portaltest.Bare(x)) {
				t.Errorf("the PDF of who applies together says %q", x)
			}
		}
		sao.Open(address + "/documents").Expect(200).Says("so-lieu.pdf").SaysNot(kept...)
		for name, want := range map[string]int{"dieu-le-kin.pdf": 404, "so-lieu.pdf": 200} {
			var at document.ID
			s.tx(t, func(tx pgx.Tx) error {
				at = value[document.ID](t, tx, `select id from documents where name = $1`, name)
				return nil
			})
			sao.Open(address + "/documents/" + at.String()).Expect(want)
		}
		sao.Open("/organisations/" + s.organisation.String()).Expect(404)
	}
	read()
	my.Open(address + "/check").Press("Nộp đề xuất").Expect(200)
	read()
	sao.Open(address + "/compare").Expect(200).SaysNot(kept...)
	sao.Open(address + ".pdf?version=1").Expect(200)
	sao.Open(address + "/receipt").Expect(403)
	s.tx(t, func(tx pgx.Tx) error {
		viewer := value[people.ID](t, tx, `select id from people where email_key = 'sao@example.org'`)
		sent, err := proposal.LastSubmission(t.Context(), tx, viewer, value[proposal.ID](t, tx, `select id from proposals`))
		if err != nil {
			return err
		}
		want := proposal.Applicant{NameVi: "Hội Liên hiệp Phụ nữ xã Sà Phìn", Kind: sent.Identity.Organisation.Kind}
		want.NameEn, want.Abbreviation = sent.Identity.Organisation.NameEn, sent.Identity.Organisation.Abbreviation
		if got := sent.Identity.Organisation; got != want || sent.Identity.Passport != nil || len(sent.Identity.Sections) == 0 || len(sent.Identity.CoApplicants) != 1 {
			t.Errorf("they are given %+v", sent.Identity)
		}
		return nil
	})
}
