package site_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/letter"
	"daubang/internal/pg"
	"daubang/internal/proposal"
)

// readings are the ways to what was sent with a proposal.
func readings(id proposal.ID) []string {
	at := "/proposals/" + id.String()
	return []string{at, at + ".pdf", at + "/documents", at + "/compare", at + "/history", at + "/messages", at + "/receipt", at + "/check"}
}

// Who is asked to review reads nothing before they say yes, and nobody who
// reviews reads on what was withdrawn.
func TestReadingBeforeAcceptingAndAfterWithdrawal(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	id := p.proposal(t, "BDG-27-A1111", "Nhà an toàn lưu động", "in_review")
	asked, writing := p.assigned(t, id, p.r1, false), p.assigned(t, id, p.r2, true)
	r1, r2 := p.as(t, p.r1), p.as(t, p.r2)

	for _, path := range readings(id) {
		if r1.Open(path); r1.Status != 404 {
			t.Errorf("%s answers %d before the invitation is accepted", path, r1.Status)
		}
	}
	r1.Open("/reviews").Says("Nhà an toàn lưu động", "Vĩnh Hòa")
	r1.Open("/reviews/"+asked.String()).Expect(200).Says("Bốn bến an toàn", "Vĩnh Hòa", "300.000.000").SaysNot("312 hộ")
	r2.Open("/reviews/"+writing.String()).Says("312 hộ").Fill("note", "đọc lại phần ngân sách").Press("Lưu nháp").Expect(200)
	r2.Open("/proposals/" + id.String()).Expect(200).Says("312 hộ")

	p.tx(t, func(tx pgx.Tx) error {
		return proposal.Withdraw(t.Context(), tx, p.act(p.head), id, "Đã có nguồn khác")
	})
	for _, b := range []*struct {
		name string
		open func(string) int
	}{
		{"invited", func(path string) int { return r1.Open(path).Status }},
		{"accepted", func(path string) int { return r2.Open(path).Status }},
	} {
		for _, path := range readings(id) {
			if status := b.open(path); status != 404 {
				t.Errorf("%s answers %d to the %s reviewer of a withdrawn proposal", path, status, b.name)
			}
		}
	}
	r1.Open("/reviews/"+asked.String()).Expect(200).Says("đã kết thúc").SaysNot("Bốn bến an toàn", "312 hộ", "Nhận thẩm định")
	r2.Open("/reviews/"+writing.String()).Expect(200).Says("Tổ chức đã rút đề xuất", "đọc lại phần ngân sách").SaysNot("312 hộ")
	n, err := pg.Value[int](t.Context(), p.db, `select count(*)::int from letters where kind = $1`, letter.ProposalWithdrawn)
	if err != nil || n != 2 {
		t.Errorf("%d letters tell of it (%v), want 2", n, err)
	}
}

// In a blind call the papers of the organisation and letters written for it are
// not for those who judge; the office has them all.
func TestBlindDocuments(t *testing.T) {
	t.Parallel()
	p := openPanel(t)
	id := p.proposal(t, "BDG-27-A1111", "Nhà an toàn lưu động", "in_review")
	p.tx(t, func(tx pgx.Tx) error {
		in := inserter{t: t, tx: tx}
		in.exec(`
			with d as (
			  insert into documents (proposal_id, section_key, question, purpose, number, name, media_type, size, sha256, state, personal, uploaded_by, uploaded_at)
			  select $1, 'documents', 'documents', purpose, number, purpose || '.pdf', 'application/pdf', 9, 'abc', 'clean', false, $2, $3
			  from unnest(array['legal', 'support', 'evidence', 'other']) with ordinality x (purpose, number) returning id)
			insert into submission_documents select s.id, d.id from d, submissions s where s.proposal_id = $1`, id, p.head, p.now)
		return nil
	})
	p.assigned(t, id, p.r1, true)
	seen := func(who int64) int {
		t.Helper()
		n, err := pg.Value[int](t.Context(), p.db, `select count(*)::int from visible.openable_documents($1) where proposal_id = $2`, who, id)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := seen(int64(p.r1)); n != 4 {
		t.Errorf("a reviewer opens %d of 4 documents in an open call", n)
	}
	p.tx(t, func(tx pgx.Tx) error {
		inserter{t: t, tx: tx}.exec(`update calls set blind = true where id = $1`, p.call)
		return nil
	})
	if r, o := seen(int64(p.r1)), seen(int64(p.officer)); r != 2 || o != 4 {
		t.Errorf("in a blind call a reviewer opens %d documents and the office %d, want 2 and 4", r, o)
	}
	p.as(t, p.r1).Open("/proposals/"+id.String()+"/documents").Expect(200).SaysNot("Giấy tờ pháp lý", "Thư ủng hộ")
}
