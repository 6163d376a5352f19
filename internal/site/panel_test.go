package site_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/portaltest"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/review"
	"daubang/internal/rubric"
)

// panel is a call with its people, and proposals to judge.
type panel struct {
	*house
	call, organisation      int64
	programme               int64
	officer, other, auditor people.ID // other: an officer of the same programme
	head, writer            people.ID
	r1, r2, r3              people.ID
}

func openPanel(t *testing.T) *panel {
	t.Helper()
	h := openHouse(t)
	h.now = time.Date(2027, 3, 1, 5, 0, 0, 0, time.UTC)
	p := &panel{house: h}
	h.tx(t, func(tx pgx.Tx) error {
		in := inserter{t: t, tx: tx}
		p.officer, p.other, p.auditor = in.person("Lê Thị Thanh Hà"), in.person("Phạm Văn Quyết"), in.person("Đỗ Kiểm Toán")
		p.head, p.writer = in.person("Hoàng Thị Mận"), in.person("Cao Văn Viết")
		p.r1, p.r2, p.r3 = in.person("Trần Minh Một"), in.person("Ngô Thị Hai"), in.person("Bùi Đức Ba")
		p.programme = in.id(`insert into programmes (title_vi, title_en, issuer_vi, status, created_at, updated_at) values ('Kế hoạch vì bình đẳng giới 2027', 'Gender equality plan 2027', 'UBND tỉnh', 'published', $1, $1) returning id`, h.now)
		f, err := form.InstallDefault(in.t.Context(), tx, h.now)
		if err != nil {
			return err
		}
		rb, err := rubric.InstallDefault(in.t.Context(), tx, h.now)
		if err != nil {
			return err
		}
		p.call = in.id(`
			insert into calls (programme_id, code, title_vi, title_en, opens_at, closes_at, envelope, grant_min, grant_max, months_max, form_id, rubric_id, status, created_at, updated_at)
			values ($1, 'BDG-27', 'Phòng ngừa bạo lực giới 2027', 'Preventing gender-based violence 2027', $2::timestamptz - interval '60 days', $2::timestamptz - interval '5 days',
			  1000000000, 50000000, 500000000, 24, $3, $4, 'published', $2, $2) returning id`, p.programme, h.now, f, rb)
		for _, o := range []people.ID{p.officer, p.other} {
			in.role(o, "officer", p.programme, 0)
		}
		in.role(p.auditor, "auditor", 0, 0)
		for _, r := range []people.ID{p.r1, p.r2, p.r3} {
			in.role(r, "reviewer", 0, p.call)
		}
		p.organisation = in.id(`insert into organisations (kind, name_vi, name_en, created_by, created_at, updated_at) values ('womens_union', 'Hội Liên hiệp Phụ nữ xã Vĩnh Hòa', 'Women’s Union of Vĩnh Hòa', $1, $2, $2) returning id`, p.head, h.now)
		in.exec(`insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, 'head', $4), ($1, $3, 'writer', $4)`, p.organisation, p.head, p.writer, h.now)
		return nil
	})
	return p
}

// inserter writes rows of the world.
type inserter struct {
	t  *testing.T
	tx pgx.Tx
}

func (in inserter) id(sql string, args ...any) int64 {
	in.t.Helper()
	id, err := pg.Value[int64](in.t.Context(), in.tx, sql, args...)
	if err != nil {
		in.t.Fatalf("%v\n%s", err, sql)
	}
	return id
}

func (in inserter) exec(sql string, args ...any) {
	in.t.Helper()
	if _, err := in.tx.Exec(in.t.Context(), sql, args...); err != nil {
		in.t.Fatalf("%v\n%s", err, sql)
	}
}

func (in inserter) person(name string) people.ID {
	in.t.Helper()
	return people.ID(in.id(`insert into people (name, email, email_key, verified_at, created_at) values ($1, $2, $2, now(), now()) returning id`, name, ref.Of(ref.New[int64]())+"@example.test"))
}

func (in inserter) role(who people.ID, role string, programme, of int64) {
	in.t.Helper()
	in.exec(`insert into roles (person_id, role, programme_id, call_id, granted_at) values ($1, $2, nullif($3::bigint, 0), nullif($4::bigint, 0), now())`, who, role, programme, of)
}

// proposal puts one into the panel's call, with what was sent.
func (p *panel) proposal(t *testing.T, reference, title, status string) proposal.ID {
	t.Helper()
	var id int64
	p.tx(t, func(tx pgx.Tx) error {
		in := inserter{t: t, tx: tx}
		id = in.id(`
			insert into proposals (call_id, programme_id, organisation_id, reference, title, title_en, status, amount_asked, months, organisation_name, organisation_kind,
			  created_by, created_at, updated_at, submitted_at)
			values ($1, $2, $3, $4, $5, '', $6, 300000000, 18, 'Hội Liên hiệp Phụ nữ xã Vĩnh Hòa', 'womens_union', $7, $8, $8, $8) returning id`,
			p.call, p.programme, p.organisation, reference, title, status, p.head, p.now)
		in.exec(`insert into submissions (proposal_id, number, content, identity, sha256, submitted_by, submitted_at) values ($1, 1, $2, $3, 'abc', $4, $5)`,
			id, sent, identity, p.head, p.now)
		return nil
	})
	return proposal.ID(id)
}

var sent = form.Content{
	"identification": {
		"title":   {Text: "Nhà an toàn lưu động trên sông"},
		"summary": {Text: "Bốn bến an toàn trên ghe của hộ tự nguyện, một nhóm trực mười hai người, và câu lạc bộ nam giới “Lái chung”."},
		"places":  {Text: "Ba xã ven sông"}, "start": {Text: "01/07/2027"}, "months": {Text: "18"},
	},
	"problem": {
		"gender_analysis": {Text: "Trên hai nhánh sông có 312 hộ sống hoàn toàn trên ghe. Khi bị bạo lực, phụ nữ không có địa chỉ cố định để báo, và nhà tạm lánh gần nhất cách 46 km.\n\nĐàn ông giữ máy nổ và tiền bán cá; ai giữ máy nổ thì quyết định ghe đi đâu."},
		"voices":          {Text: "Chín chị trong nhóm nòng cốt vẽ bản đồ “chỗ ghé được lúc nửa đêm”."},
	},
	"logframe": {"goal": {Text: "Đến tháng 12/2028, ít nhất 60% phụ nữ vạn chài bị bạo lực biết và dùng được một trong bốn bến."}},
	"budget": {"budget": {Rows: []form.Row{
		{"text": "Tập huấn nhóm trực", "unit": "khóa", "quantity": "4", "price": "25.000.000", "source": "state_budget", "year": "2027"},
		{"text": "Bộ đàm và đèn hiệu", "unit": "bộ", "quantity": "4", "price": "50.000.000", "source": "state_budget", "year": "2027"},
	}}},
	"risk": {"safeguarding": {Text: "Nhóm đổi bến theo con nước, chỉ truyền miệng trong nhóm trực và dừng ngay nếu có đe dọa."}},
}

var identity = map[string]any{
	"organisation": map[string]any{"name_vi": "Hội Liên hiệp Phụ nữ xã Vĩnh Hòa", "kind": "womens_union"},
	"sections":     form.Content{"applicant": {"capacity": {Text: "Hội có mười hai năm làm việc với dân vạn chài."}}},
}

// as opens a browser that is signed in.
func (p *panel) as(t *testing.T, who people.ID) *portaltest.Browser {
	t.Helper()
	b := p.browser(t)
	p.tx(t, func(tx pgx.Tx) error {
		token, err := people.OpenSession(t.Context(), tx, audit.Act{By: int64(who), At: p.now}, people.Opening{Person: who, Strength: people.ByPassword})
		b.SetCookie("daubang_session", token)
		return err
	})
	return b
}

func (p *panel) act(who people.ID) audit.Act { return audit.Act{By: int64(who), At: p.now} }

// assigned asks a reviewer, and has them accept.
func (p *panel) assigned(t *testing.T, id proposal.ID, who people.ID, accept bool) review.ID {
	t.Helper()
	var a review.ID
	p.tx(t, func(tx pgx.Tx) (err error) {
		if a, err = review.Assign(t.Context(), tx, p.act(p.officer), id, who, p.now.Add(10*24*time.Hour)); err == nil && accept {
			err = review.Accept(t.Context(), tx, p.act(who), a)
		}
		return err
	})
	return a
}

// scored has a reviewer send a sheet with the same mark everywhere.
func (p *panel) scored(t *testing.T, id proposal.ID, who people.ID, mark int) {
	t.Helper()
	a := p.assigned(t, id, who, true)
	p.tx(t, func(tx pgx.Tx) error {
		d, err := review.Scale(t.Context(), tx, who, a)
		if err != nil {
			return err
		}
		s := review.Sheet{Scores: map[string]review.Score{}, Feedback: "Bản đồ rất thuyết phục.", Note: "Nên mời trình bày."}
		for _, c := range d.Criteria {
			s.Scores[c.Key] = review.Score{Mark: mark, Comment: "Có căn cứ rõ."}
		}
		version, err := review.Save(t.Context(), tx, p.act(who), a, s, 0)
		if err != nil {
			return err
		}
		return review.Send(t.Context(), tx, p.act(who), a, version)
	})
}

func (p *panel) callID() call.ID { return call.ID(p.call) }
