package work

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/mail/mailtest"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/words"
	"daubang/templates/letters"
)

// due is a letter about the world's proposal.
func (w *world) due(kind letter.Kind, to people.ID) letter.Due {
	return letter.Due{ID: 1, Kind: kind, PersonID: int64(to), Address: "an@example.vn", Lang: words.Vi, ProposalID: int64(w.proposal), Refs: map[string]any{}}
}

// says is the letter's subject and text, or why it is withheld.
func (w *world) says(t *testing.T, d letter.Due) string {
	t.Helper()
	o := w.options(t, nil)
	l, to, err := o.word(words.With(t.Context(), d.Lang), d, begun)
	if why, ok := errors.AsType[withheld](err); ok {
		return "withheld: " + string(why)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := written(words.With(t.Context(), d.Lang), l, letters.Frame{Site: o.BaseURL, Ref: d.ID.String()})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.HTML+text.Text, "[letters.") {
		t.Error("words are missing:", text.Text)
	}
	return to + "\n" + text.Subject + "\n" + strings.ReplaceAll(text.Text, "\u200c", "")
}

func (w *world) release(t *testing.T, outcome string, amount int64) {
	t.Helper()
	w.exec(t, `
		insert into decisions (proposal_id, call_id, outcome, amount, conditions, reason, feedback, state, staged_by, staged_at, released_at)
		values ($1, $2, $3, $4, 'Báo cáo hằng quý', 'Điểm cao', 'Rõ ràng', 'released', $5, $6, $6)`, w.proposal, w.call, outcome, amount, w.officer, begun)
}

func TestLettersSayWhatIsSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := "https://daubang.example.vn/proposals/" + w.proposal.String()
	for _, test := range []struct {
		status proposal.Status
		kind   letter.Kind
		to     people.ID
		wants  []string
	}{
		{proposal.Submitted, letter.Receipt, w.head, []string{"Nguyễn Thị Ẩn\n", "BDG-27-K7Q4M: Nước sạch Tây Nguyên", "Đợt xuân", "abc123", "09:00:00, Chủ nhật 14/02/2027", page + "/receipt"}},
		{proposal.Withdrawn, letter.Receipt, w.head, []string{"abc123"}},
		{proposal.Returned, letter.Returned, w.head, []string{"Thiếu dự toán quý 3", page}},
		{proposal.Draft, letter.FormChanged, w.head, []string{"đã được chuyển sang mẫu mới", page + "/form-changes"}},
		{proposal.Submitted, letter.FormChanged, w.head, []string{"withheld: moved_on"}},
		{proposal.Eligible, letter.Eligible, w.head, []string{"đủ điều kiện", "01/05/2027", page}},
		{proposal.InReview, letter.Eligible, w.head, []string{"đủ điều kiện"}},
		{proposal.Ineligible, letter.Ineligible, w.head, []string{"Ngoài địa bàn", page}},
		{proposal.InReview, letter.ReviewAssigned, w.reviewer, []string{"Lê Chi\n", "Nước sạch", "https://daubang.example.vn/reviews/" + ref.Of(w.assignment), "06/03/2027"}},
		{proposal.Withdrawn, letter.ProposalWithdrawn, w.reviewer, []string{"đã được rút", "https://daubang.example.vn/reviews\n"}},
		{proposal.InReview, letter.ReviewsIn, w.officer, []string{"Số phiếu đã gửi: 2", "https://daubang.example.vn/desk/proposals/" + w.proposal.String()}},
		{proposal.InReview, letter.Known, w.head, []string{"an@example.vn", "https://daubang.example.vn/sign-in"}},
		// What is no longer so is not said.
		{proposal.Submitted, letter.Returned, w.head, []string{"withheld: moved_on"}},
		{proposal.Withdrawn, letter.Eligible, w.head, []string{"withheld: moved_on"}},
		{proposal.Eligible, letter.Ineligible, w.head, []string{"withheld: moved_on"}},
		{proposal.InReview, letter.Decided, w.head, []string{"withheld: moved_on"}},
		{proposal.Withdrawn, letter.ReviewAssigned, w.reviewer, []string{"withheld: moved_on"}},
		{proposal.InReview, letter.ProposalWithdrawn, w.reviewer, []string{"withheld: moved_on"}},
		{proposal.Declined, letter.ReviewsIn, w.officer, []string{"withheld: moved_on"}},
		{proposal.Discarded, letter.Receipt, w.head, []string{"withheld: gone"}},
		{proposal.Eligible, letter.ReviewAssigned, w.reviewer, []string{"withheld: gone"}},
		// Nobody reads in a letter what they may not see on a page.
		{proposal.InReview, letter.ReviewsIn, w.head, []string{"withheld: gone"}},
		{proposal.InReview, letter.ReviewAssigned, w.head, []string{"withheld: gone"}},
		{proposal.InReview, letter.Receipt, w.reviewer, []string{"withheld: gone"}},
		{proposal.InReview, letter.Receipt, w.audi, []string{"withheld: gone"}},
		{proposal.InReview, letter.Receipt, w.admin, []string{"withheld: gone"}},
		{proposal.InReview, letter.ReviewAssigned, w.officer, []string{"withheld: gone"}},
		{proposal.InReview, letter.Receipt, 12345, []string{"withheld: gone"}},
	} {
		w.status(t, test.status)
		got := w.says(t, w.due(test.kind, test.to))
		for _, want := range test.wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s, %s: no %q in\n%s", test.status, test.kind, want, got)
			}
		}
		if test.to == w.reviewer && strings.Contains(got, "Mường Hoa") {
			t.Error("a reviewer's letter names the applicant")
		}
	}
}

func TestDecisionsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.status(t, proposal.Approved)
	if got := w.says(t, w.due(letter.Decided, w.head)); got != "withheld: gone" {
		t.Error("before release:", got)
	}
	w.release(t, "approved", 480_000_000)
	d := w.due(letter.Decided, w.writer)
	d.Lang = words.En
	got := w.says(t, d)
	for _, want := range []string{"Trần Bình\n", "The result of proposal BDG-27-K7Q4M: Clean water", "Spring call", "480,000,000", "Báo cáo hằng quý", "Rõ ràng"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "Điểm cao") {
		t.Error("tells the reason that is for the file")
	}
	w.exec(t, `update calls set sensitive = true where id = $1`, w.call)
	got = w.says(t, d)
	for _, secret := range []string{"Clean", "Spring", "Báo cáo", "Rõ"} {
		if strings.Contains(got, secret) {
			t.Errorf("%q in a letter about a sensitive call:\n%s", secret, got)
		}
	}
	if !strings.Contains(got, "\nThe result of proposal BDG-27-K7Q4M\n") {
		t.Error(got)
	}
}

func TestReviewersWhoAnsweredAreLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.status(t, proposal.InReview)
	for state, want := range map[string]string{"declined": "withheld: gone", "withdrawn": "withheld: gone", "sent": "withheld: moved_on", "accepted": "Lê Chi"} {
		w.exec(t, `update assignments set state = $2 where id = $1`, w.assignment, state)
		if got := w.says(t, w.due(letter.ReviewAssigned, w.reviewer)); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", state, got)
		}
	}
	w.exec(t, `insert into conflicts (proposal_id, person_id, kind, declared_at) values ($1, $2, 'family', $3)`, w.proposal, w.reviewer, begun)
	if got := w.says(t, w.due(letter.ReviewAssigned, w.reviewer)); got != "withheld: gone" {
		t.Error("after a conflict:", got)
	}
	// An officer who is a member of the applicant has the applicant's view alone.
	w.exec(t, `insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, 'reader', $3)`, w.organisation, w.officer, begun)
	if got := w.says(t, w.due(letter.ReviewsIn, w.officer)); got != "withheld: gone" {
		t.Error("an officer of the applicant:", got)
	}
}

func TestDisabledPeopleGetNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(t, `update people set disabled_at = $2 where id = $1`, w.head, begun)
	if got := w.says(t, w.due(letter.Receipt, w.head)); got != "withheld: closed" {
		t.Error(got)
	}
}

var link = regexp.MustCompile(`https://daubang\.example\.vn(/[a-z]+/)(\S+)`)

// TestOneTimeLinks takes the links out of the letters as they arrive: they work,
// and the database does not hold them.
func TestOneTimeLinks(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	now := time.Now()
	by := audit.Act{At: now}
	if err := people.Register(t.Context(), w.db, by, people.Registration{Name: "http://ke-xau.example.org", Email: "moi@example.vn", Password: "bốn từ chẳng liên quan", Locale: words.Vi}); err != nil {
		t.Fatal(err)
	}
	head := audit.Act{By: int64(w.head), At: now}
	w.tx(t, func(ctx context.Context, tx pgx.Tx) error {
		if err := people.RequestReset(ctx, tx, by, w.address(t, w.writer), ""); err != nil {
			return err
		}
		return organisation.Invite(ctx, tx, head, organisation.ID(w.organisation), "khach@example.vn", organisation.Writer)
	})
	start(t, w.options(t, s))
	eventually(t, "all are sent", w.settled(t))
	tokens := map[string]string{}
	for _, r := range s.Received() {
		text, html := bodies(t, r)
		m := link.FindStringSubmatch(text)
		if m == nil || !strings.Contains(html, m[0]) {
			t.Fatalf("no link in %s", text)
		}
		tokens[m[1]] = m[2]
		if strings.Contains(text+html+r.Message(t).Header.Get("To"), "ke-xau") {
			t.Error("a name nobody has proved stands in a letter:", text)
		}
	}
	if err := people.CheckToken(t.Context(), w.db, secret, people.VerifyToken, tokens["/verify/"], now); err != nil {
		t.Error(err)
	}
	if err := people.CheckToken(t.Context(), w.db, secret, people.ResetToken, tokens["/reset/"], now); err != nil {
		t.Error(err)
	}
	if o, err := organisation.Offered(t.Context(), w.db, secret, 0, tokens["/invitations/"], now); err != nil || o.Role != organisation.Writer {
		t.Error(o, err)
	}
	for _, l := range w.letters(t) {
		for _, token := range tokens {
			if strings.Contains(l.Subject+l.BodyText+l.BodyHTML+l.LastError, token) {
				t.Error("the database holds a one-time link:", l)
			}
		}
		if !strings.Contains(l.BodyText, words.T(words.Vi, "letters.link_kept")) && !strings.Contains(l.BodyText, words.T(words.En, "letters.link_kept")) {
			t.Error("and does not say so:", l.BodyText)
		}
	}
}

func TestSpentLinksAreNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Now()
	w.tx(t, func(ctx context.Context, tx pgx.Tx) error {
		return errors.Join(people.RequestReset(ctx, tx, audit.Act{At: now.Add(-2 * time.Hour)}, w.address(t, w.writer), ""),
			organisation.Invite(ctx, tx, audit.Act{By: int64(w.head), At: now}, organisation.ID(w.organisation), "khach@example.vn", organisation.Writer))
	})
	w.exec(t, `update invitations set revoked_at = $1`, now)
	start(t, w.options(t, nil))
	eventually(t, "all are settled", w.settled(t))
	for _, l := range w.letters(t) {
		if l.State != letter.Withheld || l.WithheldFor != string(letter.Spent) {
			t.Error(l)
		}
	}
}

func (w *world) address(t *testing.T, id people.ID) string {
	t.Helper()
	var s string
	if err := w.db.QueryRow(t.Context(), `select email from people where id = $1`, id).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// bodies are the text and the HTML of a letter as a mailbox reads them.
func bodies(t *testing.T, r mailtest.Received) (text, html string) {
	t.Helper()
	m := r.Message(t)
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, strings.ReplaceAll(string(b), "\r\n", "\n"))
	}
	if len(found) != 2 {
		t.Fatal(len(found), "parts")
	}
	return found[0], found[1]
}

// TestInjectionArrivesAsText writes commands and headers into every field that
// reaches a letter, past the entrances that would have cleaned them.
func TestInjectionArrivesAsText(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	const evil = "x\r\nBcc: ke-xau@example.org\r\n\r\n<b>y</b>\r\n.\r\nMAIL FROM:<ke-xau@example.org>"
	w.exec(t, `update people set name = $2 where id = $1`, w.head, evil)
	w.exec(t, `update proposals set title = $2, status = 'returned', returned_sections = jsonb_build_object('budget', $2::text) where id = $1`, w.proposal, evil)
	w.exec(t, `update calls set title_vi = $2 where id = $1`, w.call, evil)
	w.queue(t, letter.Receipt, w.about(), w.head)
	w.queue(t, letter.Returned, w.about(), w.head)
	bad := w.person(t, "Địa chỉ", words.Vi)
	w.exec(t, `update people set email = $2 where id = $1`, bad, "an@example.vn\r\nRCPT TO:<ke-xau@example.org>")
	w.queue(t, letter.Known, letter.About{}, bad)
	start(t, w.options(t, s))
	eventually(t, "all are settled", w.settled(t))
	got := s.Received()
	if len(got) != 2 {
		t.Fatal(len(got), "letters were received")
	}
	for _, r := range got {
		m := r.Message(t)
		for name := range m.Header {
			if !slices.Contains([]string{"From", "To", "Subject", "Date", "Message-Id", "Auto-Submitted", "Content-Language", "Mime-Version", "Content-Type"}, name) {
				t.Errorf("a header %s came in", name)
			}
		}
		to, err := netmail.ParseAddressList(m.Header.Get("To"))
		if err != nil || len(to) != 1 || to[0].Address != w.address(t, w.head) || r.To != to[0].Address {
			t.Error(to, err)
		}
		if subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil || !strings.Contains(subject, "x Bcc: ke-xau@") {
			t.Errorf("%q %v", subject, err)
		}
		text, html := bodies(t, r)
		if !strings.Contains(text, "Bcc: ke-xau@") || strings.Contains(html, "<b>") || strings.Contains(text+html, "ke-xau@example.org") {
			t.Error(text, html)
		}
	}
	for _, l := range w.letters(t) {
		if refused := l.Kind == letter.Known; refused != (l.State == letter.Failed) || refused && !strings.Contains(l.LastError, "not an address") {
			t.Error(l)
		}
	}
}

func TestUnknownKindWaitsForANewerWorker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, _, err := w.options(t, nil).word(t.Context(), w.due("novel", w.head), begun); err == nil || errors.Is(err, problem.NotFound) {
		t.Error(err)
	}
}
