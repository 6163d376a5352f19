// Package portaltest makes a small world to test the portal in: two programmes,
// calls, three organisations, everybody who may or may not see something, and a
// proposal of one organisation in every state. It writes rows directly: it is
// about who sees what once they are there, not about how they come to be.
package portaltest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/pg"
	"daubang/internal/ref"
)

// Now is the moment at which the world stands still.
var Now = time.Date(2027, 2, 14, 2, 0, 0, 0, time.UTC)

// Personas are the people of TRUST: who they are to the world's proposals.
//
//	AN nobody · RD WR HD reader, writer, head of the applicant organisation · OX head of another
//	RA reviewer, assigned · RU reviewer, not assigned · RC reviewer who declared a conflict · CH chair
//	PO PX officer of this, of another programme · AD admin · AU auditor · OH an officer who heads the applicant too
var Personas = []string{"AN", "RD", "WR", "HD", "OX", "RA", "RU", "RC", "CH", "PO", "PX", "AD", "AU", "OH"}

// CoApplicant is a persona aside: who heads an organisation that applies for
// every proposal together with the first. What it may is mostly what nobody may.
const CoApplicant = "CO"

// States are the states a proposal of the world stands in.
var States = []string{"draft", "submitted", "returned", "eligible", "ineligible", "in_review", "approved", "declined", "withdrawn"}

// World names what is in it.
type World struct {
	People       map[string]int64 // by persona, and R2: a second reviewer of every reviewed proposal
	Programme    int64
	OtherProg    int64
	Call         int64 // open, not blind
	DraftCall    int64
	Organisation int64
	Other        int64
	Proposal     map[string]int64 // by state
	Assignment   map[string]int64 // RA's, by state, where there is one
	PeerReview   map[string]int64 // R2's, sent
	Document     map[string]int64 // open to reviewers
	Personal     map[string]int64 // a CV
	Letter       int64            // the receipt to HD
	Session      map[string]int64
	Grant        map[string]int64 // the role of whoever has one
	Invitation   int64            // to RU, into the organisation
	Inquiry      int64            // about the call, RU's, waiting for an answer
	Extension    int64            // of the call, for a province: PO asked for it, and it waits for another officer
	Paper        int64            // of the first organisation's passport
	Scan         int64            // a file of that paper
	Partner      int64            // CO's organisation, which applies for everything together with the first
	Part         map[string]int64 // its part, by state
	Offer        int64            // to RU's address, to apply together for the draft
}

// Token is the session token of a persona: made from the name, so that copies
// of the world agree.
func Token(persona string) string {
	sum := sha256.Sum256([]byte("portaltest " + persona))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// builder writes rows until the first error.
type builder struct {
	ctx context.Context //nolint:containedctx // of the one building it is made for
	db  *pgxpool.Pool
	n   int64
	err error
	w   *World
}

// Build makes the world. The ids are counted, so that two worlds are alike.
func Build(ctx context.Context, db *pgxpool.Pool) (World, error) {
	b := &builder{ctx: ctx, db: db, w: &World{
		People: map[string]int64{}, Proposal: map[string]int64{}, Assignment: map[string]int64{}, PeerReview: map[string]int64{},
		Document: map[string]int64{}, Personal: map[string]int64{}, Part: map[string]int64{}, Session: map[string]int64{}, Grant: map[string]int64{},
	}}
	b.people()
	b.programmes()
	b.organisations()
	b.roles()
	for _, s := range States {
		b.proposal(s)
	}
	b.offer()
	b.letter()
	b.extension()
	b.inquiry()
	return *b.w, b.err
}

// id counts ids that look like none: random ones would differ between worlds.
func (b *builder) id() int64 {
	b.n++
	sum := sha256.Sum256(fmt.Appendf(nil, "portaltest id %d", b.n))
	id, _ := ref.Parse[int64](encode(sum))
	return id
}

func encode(sum [32]byte) string {
	var n uint64
	for _, c := range sum[:8] {
		n = n<<8 | uint64(c)
	}
	return ref.Of(int64(n >> 4))
}

func (b *builder) exec(sql string, args ...any) {
	if b.err == nil {
		if _, err := b.db.Exec(b.ctx, sql, args...); err != nil {
			b.err = fmt.Errorf("%w in %s", err, sql)
		}
	}
}

func (b *builder) people() {
	for _, p := range append(Personas[1:], "R2", CoApplicant) {
		id := b.id()
		b.w.People[p] = id
		b.exec(`insert into people (id, name, email, email_key, verified_at, search_key, created_at) values ($1, $2, $3, $3, $4, lower($5), $4)`,
			id, "Người "+p, p+"@portal.test", Now, "nguoi "+p)
		session := b.id()
		b.w.Session[p] = session
		sum := sha256.Sum256([]byte(Token(p)))
		b.exec(`insert into sessions (id, person_id, token_hash, created_at, seen_at) values ($1, $2, $3, $4, $4)`, session, id, sum[:], Now)
	}
}

func (b *builder) programmes() {
	b.w.Programme, b.w.OtherProg, b.w.Call, b.w.DraftCall = b.id(), b.id(), b.id(), b.id()
	for i, id := range []int64{b.w.Programme, b.w.OtherProg} {
		b.exec(`insert into programmes (id, key, title_vi, title_en, issuer_vi, status, created_at, updated_at) values ($1, $2, $3, $3, 'UBND thành phố', 'published', $4, $4)`,
			id, fmt.Sprintf("world-%d", i), fmt.Sprintf("Kế hoạch %d", i+1), Now)
	}
	group := b.id()
	b.exec(`insert into task_groups (id, programme_id, code, title_vi, position) values ($1, $2, 'comms', 'Truyền thông', 1)`, group, b.w.Programme)
	for _, c := range []struct {
		id           int64
		code, status string
	}{{b.w.Call, "MO-27", "published"}, {b.w.DraftCall, "NHAP-27", "draft"}} {
		b.exec(`insert into calls (id, programme_id, code, title_vi, title_en, opens_at, closes_at, envelope, grant_min, grant_max, months_max, form_id, rubric_id, status, published_at, created_at, updated_at)
			select $1, $2, $3, 'Đợt ' || $3, 'Call ' || $3, $4::timestamptz - interval '10 days', $4::timestamptz + interval '12 days', 5000000000, 100000000, 800000000, 24,
			       (select id from forms order by id limit 1), (select id from rubrics order by id limit 1), $5, case when $5 = 'published' then $4::timestamptz end, $4, $4`,
			c.id, b.w.Programme, c.code, Now, c.status)
		b.exec(`insert into call_task_groups values ($1, $2)`, c.id, group)
	}
}

func (b *builder) organisations() {
	b.w.Organisation, b.w.Other = b.id(), b.id()
	for id, o := range map[int64]struct{ name, by string }{b.w.Organisation: {"Hội Liên hiệp Phụ nữ xã Mường Hoa", "HD"}, b.w.Other: {"Hợp tác xã Bến Đậu", "OX"}} {
		b.exec(`insert into organisations (id, kind, name_vi, province_code, search_key, created_by, created_at, updated_at) values ($1, 'womens_union', $2, '10', $3, $4, $5, $5)`,
			id, o.name, "hoi", b.w.People[o.by], Now)
	}
	for p, role := range map[string]string{"RD": "reader", "WR": "writer", "HD": "head", "OH": "head"} {
		b.exec(`insert into members values ($1, $2, $3, $4)`, b.w.Organisation, b.w.People[p], role, Now)
	}
	b.exec(`insert into members values ($1, $2, 'head', $3)`, b.w.Other, b.w.People["OX"], Now)
	b.w.Paper = b.id()
	b.exec(`insert into organisation_papers (id, organisation_id, kind, number, position) values ($1, $2, 'operation', '12/GP', 1)`, b.w.Paper, b.w.Organisation)
	b.w.Scan = b.id()
	b.exec(`insert into documents (id, organisation_id, paper_id, section_key, question, number, name, media_type, size, sha256, state, uploaded_by, uploaded_at)
		values ($1, $2, $3, '', '', 1, 'giay-phep.pdf', 'application/pdf', $4, $5, 'not_scanned', $6, $7)`,
		b.w.Scan, b.w.Organisation, b.w.Paper, len(PDF), PDFHash(), b.w.People["HD"], Now)
	b.w.Partner = b.id()
	b.exec(`insert into organisations (id, kind, name_vi, province_code, search_key, created_by, created_at, updated_at) values ($1, 'cooperative', 'Hợp tác xã Lanh', '10', 'lanh', $2, $3, $3)`,
		b.w.Partner, b.w.People[CoApplicant], Now)
	b.exec(`insert into members values ($1, $2, 'head', $3)`, b.w.Partner, b.w.People[CoApplicant], Now)
	b.w.Invitation = b.id()
	b.exec(`insert into invitations (id, organisation_id, email, email_key, role, invited_by, created_at, expires_at) values ($1, $2, $3, $3, 'reader', $4, $5, $6)`,
		b.w.Invitation, b.w.Organisation, "RU@portal.test", b.w.People["HD"], Now, Now.AddDate(0, 0, 14))
}

func (b *builder) roles() {
	for _, r := range []struct {
		who, role       string
		programme, call int64
	}{
		{"RA", "reviewer", 0, b.w.Call},
		{"R2", "reviewer", 0, b.w.Call},
		{"RU", "reviewer", 0, b.w.Call},
		{"RC", "reviewer", 0, b.w.Call},
		{"CH", "chair", 0, b.w.Call},
		{"PO", "officer", b.w.Programme, 0},
		{"OH", "officer", b.w.Programme, 0},
		{"PX", "officer", b.w.OtherProg, 0},
		{"AD", "admin", 0, 0},
		{"AU", "auditor", 0, 0},
	} {
		b.w.Grant[r.who] = b.id()
		b.exec(`insert into roles (id, person_id, role, programme_id, call_id, granted_at) values ($1, $2, $3, nullif($4::bigint, 0), nullif($5::bigint, 0), $6)`,
			b.w.Grant[r.who], b.w.People[r.who], r.role, r.programme, r.call, Now)
	}
}

// reviewed are the states in which reviewers have begun.
var reviewed = map[string]bool{"in_review": true, "approved": true, "declined": true}

func (b *builder) proposal(state string) {
	id := b.id()
	b.w.Proposal[state] = id
	sent := state != "draft"
	b.exec(`insert into proposals (id, call_id, programme_id, organisation_id, reference, title, status, amount_asked, months, organisation_name, organisation_kind,
			province_code, search_key, created_by, created_at, updated_at, submitted_at, returned_until, returned_sections)
		select $1, $2, $3, o.id, $4, $5, $6, 300000000, 12, case when $7 then o.name_vi else '' end, o.kind, o.province_code, $8, $9, $10, $10,
		       case when $7 then $10::timestamptz end, case when $6 = 'returned' then $10::timestamptz + interval '5 days' end,
		       case when $6 = 'returned' then '{"problem": "Bổ sung số liệu"}'::jsonb else '{}' end
		from organisations o where o.id = $11`,
		id, b.w.Call, b.w.Programme, "MO-27-"+map[bool]string{true: "S", false: "D"}[sent]+fmt.Sprintf("%04d", len(b.w.Proposal)), "Đề xuất bí mật "+state, state, sent,
		"mo 27 de xuat bi mat "+state, b.w.People["WR"], Now, b.w.Organisation)
	b.exec(`insert into proposal_sections (proposal_id, key, answers, updated_by, updated_at) values ($1, 'problem', '{}', $2, $3)`, id, b.w.People["WR"], Now)
	b.documents(state, id, sent)
	b.w.Part[state] = b.id()
	b.exec(`insert into co_applicants (id, proposal_id, name, email, email_key, role, state, organisation_id, invited_by, invited_at, expires_at, answered_by, answered_at)
		values ($1, $2, 'Hội bạn', 'CO@portal.test', 'CO@portal.test', 'coordinate', 'confirmed', $3, $4, $5, $6, $7, $5)`,
		b.w.Part[state], id, b.w.Partner, b.w.People["HD"], Now, Now.AddDate(0, 0, 30), b.w.People[CoApplicant])
	b.exec(`select append_event($1, $2, 'start', 'proposal', $3, '{}')`, b.w.People["WR"], Now, id)
	if reviewed[state] {
		b.reviews(state, id)
	}
	if state == "approved" || state == "declined" {
		b.exec(`insert into decisions (id, proposal_id, call_id, outcome, amount, reason, feedback, state, staged_by, staged_at, released_at) values ($1, $2, $7, $3, $4, 'Lý do nội bộ', 'Góp ý chung', 'released', $5, $6, $6)`,
			b.id(), id, state, map[string]int64{"approved": 250_000_000}[state], b.w.People["PO"], Now, b.w.Call)
	}
}

func (b *builder) documents(state string, proposal int64, sent bool) {
	doc, cv := b.id(), b.id()
	b.w.Document[state], b.w.Personal[state] = doc, cv
	for i, d := range []struct {
		id       int64
		name     string
		personal bool
	}{{doc, "ke-hoach.pdf", false}, {cv, "ly-lich.pdf", true}} {
		b.exec(`insert into documents (id, proposal_id, section_key, question, purpose, number, name, media_type, size, sha256, state, personal, uploaded_by, uploaded_at)
			values ($1, $2, 'documents', 'documents', 'other', $9, $3, 'application/pdf', $6, $7, 'not_scanned', $4, $5, $8)`,
			d.id, proposal, d.name, d.personal, b.w.People["HD"], len(PDF), PDFHash(), Now, i+1)
	}
	if !sent {
		return
	}
	submission := b.id()
	b.exec(`insert into submissions (id, proposal_id, number, content, identity, sha256, submitted_by, submitted_at) values ($1, $2, 1, '{}', '{}', 'abc', $3, $4)`,
		submission, proposal, b.w.People["HD"], Now)
	b.exec(`insert into submission_documents values ($1, $2), ($1, $3)`, submission, doc, cv)
}

func (b *builder) reviews(state string, proposal int64) {
	due := Now.AddDate(0, 0, 14)
	b.w.Assignment[state], b.w.PeerReview[state] = b.id(), b.id()
	b.exec(`insert into assignments (id, proposal_id, reviewer_id, state, due_at, assigned_by, assigned_at) values ($1, $2, $3, 'accepted', $4, $5, $6), ($7, $2, $8, 'sent', $4, $5, $6)`,
		b.w.Assignment[state], proposal, b.w.People["RA"], due, b.w.People["PO"], Now, b.w.PeerReview[state], b.w.People["R2"])
	b.exec(`insert into reviews (assignment_id, feedback, note, total, updated_at, sent_at) values ($1, 'Lời góp ý kín', 'Ghi chú kín', 71, $2, $2)`, b.w.PeerReview[state], Now)
	b.exec(`insert into conflicts (proposal_id, person_id, kind, declared_at) values ($1, $2, 'family', $3)`, proposal, b.w.People["RC"], Now)
	b.exec(`update proposals set reviews_assigned = 2, reviews_sent = 1, score_mean = 71, score_min = 71, score_max = 71 where id = $1`, proposal)
}

func (b *builder) extension() {
	b.w.Extension = b.id()
	b.exec(`insert into extensions (id, call_id, provinces, closed_before, closes_at, reason, late, proposed_by, proposed_at)
		values ($1, $2, '{10}', $3::timestamptz - interval '1 day', $3::timestamptz + interval '20 days', 'Bão', true, $4, $3)`, b.w.Extension, b.w.Call, Now, b.w.People["PO"])
}

func (b *builder) inquiry() {
	b.w.Inquiry = b.id()
	b.exec(`insert into inquiries (id, call_id, asker_id, text, asked_at) values ($1, $2, $3, 'Câu hỏi kín', $4)`, b.w.Inquiry, b.w.Call, b.w.People["RU"], Now)
}

func (b *builder) offer() {
	b.w.Offer = b.id()
	b.exec(`insert into co_applicants (id, proposal_id, name, email, email_key, role, invited_by, invited_at, expires_at) values ($1, $2, 'Quỹ', $3, $3, 'fund', $4, $5, $6)`,
		b.w.Offer, b.w.Proposal["draft"], "RU@portal.test", b.w.People["HD"], Now, Now.AddDate(0, 0, 30))
}

func (b *builder) letter() {
	b.w.Letter = b.id()
	event, err := pg.Value[int64](b.ctx, b.db, `select append_event(null, $1, 'submit', 'proposal', $2, '{}')`, Now, b.w.Proposal["submitted"])
	if b.err == nil {
		b.err = err
	}
	b.exec(`insert into letters (id, kind, event_id, person_id, address, locale, programme_id, proposal_id, state, subject, body_text, queued_at)
		values ($1, 'receipt', $2, $3, 'HD@portal.test', 'vi', $4, $5, 'outbox', 'Đã nhận đề xuất', 'Nội dung thư kín', $6)`,
		b.w.Letter, event, b.w.People["HD"], b.w.Programme, b.w.Proposal["submitted"], Now)
}

// PDF is the smallest file that every check takes for one.
const PDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"

// PDFHash is its SHA-256 in hexadecimal.
func PDFHash() string { return fmt.Sprintf("%x", sha256.Sum256([]byte(PDF))) }
