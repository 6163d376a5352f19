//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"daubang/internal/demo"
	"daubang/internal/portaltest"
	"daubang/internal/viet"
)

const password = demo.Password

// pagesSeen counts the pages that were looked at, each with axe.
var pagesSeen atomic.Int64

// TestMainJob does the portal's main job from the first word to the last letter,
// in Vietnamese: Lan finishes and submits on a phone, Hà screens and assigns,
// Minh and Bình score, Hà decides, releases and exports, and everybody is written
// to. Every page on the way is looked at with axe.
func TestMainJob(t *testing.T) {
	t.Parallel()
	p := serve(t)
	in := browser(t)
	lan := p.arrive(t, in, "Lan", 390)
	ha := p.arrive(t, in, "Hà", 1280)
	minh := p.arrive(t, in, "Minh", 1280)
	binh := p.arrive(t, in, "Bình", 390)

	reference := lan.proposes()
	proposal := ha.screens(reference)
	minh.scores(reference, 4, "Chưa ai biết điều Minh viết")
	binh.scores(reference, 3, "Bình góp ý riêng")
	minh.seesPeer("Bình góp ý riêng")
	ha.decides(reference, proposal)
	lan.reads()
	ha.exports(reference)
	p.letters(t, reference)
	t.Logf("%d pages looked at", pagesSeen.Load())
}

// proposes finishes the draft, submits it, and returns its reference.
func (p *person) proposes() string {
	p.t.Helper()
	p.open("/")
	p.open("/calls")
	p.press("Phòng ngừa và ứng phó bạo lực giới")
	p.signIn("lan")
	p.open("/proposals")
	p.press("Tiếng nói của chị em")
	p.mustSee("Chưa nộp")
	draft := strings.TrimPrefix(p.address(), p.portal.base)
	p.open(draft + "/sections/budget")
	p.mustSee("447.000.000") // 432 × 450.000 + 6 × 18.500.000 + 18 × 5.200.000 + 2 × 24.000.000, summed by the server
	p.section(draft, "logframe", map[string]string{
		"goal": "Phụ nữ ở 12 khu trọ biết gọi ai và được giúp kịp thời.", "approach": "Hàng xóm được tập huấn lắng nghe và chuyển tuyến.",
		"results.0.level": "outcome", "results.0.text": "Được hỗ trợ trong hai giờ", "results.0.indicator": "Tỷ lệ cuộc gọi", "results.0.unit": "%", "results.0.baseline": "20", "results.0.baseline_year": "2026", "results.0.target": "80", "results.0.verification": "Sổ mã",
		"results.1.level": "output", "results.1.text": "12 tổ hoạt động đều", "results.1.indicator": "Số tổ", "results.1.unit": "tổ", "results.1.baseline": "2", "results.1.baseline_year": "2026", "results.1.target": "12", "results.1.verification": "Biên bản",
	})
	p.open(draft + "/sections/beneficiaries")
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('main [name$=".not_collected"]').forEach(e => { if (!e.checked) e.click() })`))
	p.section("", "beneficiaries", map[string]string{
		"priority_groups": "violence", "beneficiaries.direct.total.female": "860", "beneficiaries.direct.total.male": "540", "beneficiaries.direct.total.other": "0", "counting": "Danh sách phòng trọ, đếm theo mã.",
	})
	p.section(draft, "activities", map[string]string{
		"activities.0.name": "Lập 12 tổ hỗ trợ", "activities.0.responsible": "Điều phối viên", "activities.0.from": "#0", "activities.0.to": "#2",
	})
	p.section(draft, "risk", map[string]string{
		"safeguarding": "Cộng tác viên ký quy tắc ứng xử.", "confidentiality": "Sổ ghi mã, không ghi tên.",
		"risks.0.text": "Lộ danh tính", "risks.0.likelihood": "2", "risks.0.effect": "5", "risks.0.response": "Chỉ ghi mã", "risks.0.owner": "Giám đốc",
	})
	p.section(draft, "sustainability", map[string]string{"sustain": "Phường trả phụ cấp sau 18 tháng."})
	p.section(draft, "monitoring", map[string]string{"monitoring": "Phiếu đếm hằng tháng.", "reporter": "Điều phối viên"})
	p.attaches(draft)
	p.section(draft, "commitments", map[string]string{
		"agree_true": "yes", "agree_safety": "yes", "agree_reports": "yes", "agree_data": "yes", "signer": "Nguyễn Thị Lan", "signer_title": "Giám đốc",
	})
	p.open(draft + "/check")
	p.mustSee("ke-hoach.pdf")
	p.press("Nộp đề xuất")
	p.mustSee("Đã nộp đề xuất")
	reference := regexp.MustCompile(`HN-BLG-27-[0-9A-Z]{5}`).FindString(p.seen())
	if reference == "" {
		p.t.Fatalf("the receipt has no reference:\n%s", p.seen())
	}
	if !regexp.MustCompile(`[0-9a-f]{8}`).MatchString(p.seen()) {
		p.t.Errorf("the receipt has no hash:\n%s", p.seen())
	}
	return reference
}

// section fills a section, or the one that is open, and says that it is done.
func (p *person) section(draft, key string, values map[string]string) {
	p.t.Helper()
	if draft != "" {
		p.open(draft + "/sections/" + key)
	}
	values["done"] = "yes"
	p.fill(values)
	p.press("Lưu và tiếp tục")
	if strings.HasSuffix(p.address(), "/sections/"+key) {
		p.t.Fatalf("%s is still at section %s:\n%s", p.name, key, p.seen())
	}
}

// attaches adds a document.
func (p *person) attaches(draft string) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "ke-hoach.pdf")
	if err := os.WriteFile(file, []byte(portaltest.PDF), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.open(draft + "/sections/documents")
	p.do(chromedp.SetUploadFiles(`main input[type=file]`, []string{file}))
	p.fill(map[string]string{"purpose": "evidence"})
	p.awaits(`document.querySelector('form[data-attached] b')?.innerText === 'ke-hoach.pdf'`)
	p.section("", "documents", map[string]string{})
}

// screens finds the proposal without accents, accepts it, assigns Minh and Bình
// and opens the review; it returns the proposal's address at the desk.
func (p *person) screens(reference string) string {
	p.t.Helper()
	p.signIn("ha")
	p.open("/desk")
	p.open("/desk/proposals?q=tieng+noi+cua+chi+em")
	p.mustSee(reference)
	p.press("Tiếng nói của chị em")
	at := strings.TrimPrefix(p.address(), p.portal.base)
	p.press("Xác nhận đủ điều kiện")
	p.open(at + "/reviewers")
	due := viet.Date(time.Now().AddDate(0, 1, 0))
	for _, name := range []string{"Phạm Đức Minh", "Hoàng Thanh Bình"} {
		p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`[...document.querySelectorAll('main input[name=reviewer]')].find(e => e.closest('div, tr').innerText.includes(%q)).click()`, name)))
		p.fill(map[string]string{"due": due})
		p.press("Phân công")
		p.mustSee(name)
	}
	p.open(at)
	p.press("Mở thẩm định")
	p.mustSee("Đang thẩm định")
	return at
}

// scores says yes to the assignment, marks every criterion alike and sends.
func (p *person) scores(reference string, mark int, feedback string) {
	p.t.Helper()
	p.signIn(map[string]string{"Minh": "minh", "Bình": "binh"}[p.name])
	p.open("/reviews")
	p.press("Tiếng nói của chị em")
	p.mustSee(reference)
	p.press("Nhận thẩm định")
	p.mustNotSee("Chưa ai biết điều Minh viết")
	values := map[string]string{"feedback": feedback}
	names, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](`[...new Set([...document.querySelectorAll('main input[type=radio][name^=mark_]')].map(e => e.name))]`))
	if err != nil || len(names) != 8 {
		p.t.Fatalf("%s finds %d criteria (%v)", p.name, len(names), err)
	}
	for _, n := range names {
		values[n] = strconv.Itoa(mark)
	}
	p.fill(values)
	p.press("Lưu nháp")
	p.press("Gửi phiếu")
}

// seesPeer reads the other's review, now that both are sent.
func (p *person) seesPeer(feedback string) {
	p.t.Helper()
	p.open("/reviews?tray=done")
	p.press("Tiếng nói của chị em")
	p.mustSee(feedback)
}

// decides stages an approval and releases it.
func (p *person) decides(reference, at string) {
	p.t.Helper()
	p.open(at + "/decision")
	p.fill(map[string]string{"outcome": "approved", "amount": "400.000.000", "reason": "Điểm tốt, cách làm rõ.", "feedback": "Hội đồng đánh giá cao tiếng nói của người trong cuộc."})
	p.press("Lưu dự kiến")
	call, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`[...document.querySelectorAll('main a')].map(a => a.getAttribute('href')).find(h => /^\/desk\/calls\/[0-9a-z]{12}/.test(h)).match(/^\/desk\/calls\/[0-9a-z]{12}/)[0]`))
	if err != nil {
		p.t.Fatalf("no way from the decision to its call (%v):\n%s", err, p.seen())
	}
	p.open(call + "/decisions")
	p.mustSee(reference)
	p.mustSee("70,0") // the mean of 80 and 60
	p.open(call + "/release")
	p.mustSee("400.000.000")
	p.press("Công bố và gửi thư")
}

// reads learns the decision.
func (p *person) reads() {
	p.t.Helper()
	p.open("/proposals")
	p.press("Tiếng nói của chị em")
	p.mustSee("400.000.000")
	p.mustSee("Bình góp ý riêng")
	p.mustNotSee("Hoàng Thanh Bình")
	p.open(strings.TrimPrefix(p.address(), p.portal.base) + "/history")
	p.mustNotSee("Phạm Đức Minh")
}

// exports takes the list as files of both dialects.
func (p *person) exports(reference string) {
	p.t.Helper()
	p.open("/desk/proposals?status=approved&q=tieng+noi")
	plain := p.fetch("/desk/proposals.csv?status=approved&q=tieng+noi")
	if lines := strings.Count(plain, "\r\n"); lines != 2 || !strings.Contains(plain, reference) || !strings.Contains(plain, ",447000000,") || !strings.Contains(plain, ",70.00,") {
		p.t.Errorf("the CSV is not the list:\n%s", plain)
	}
	excel := p.fetch("/desk/proposals.csv?dialect=excel&status=approved&q=tieng+noi")
	if !strings.HasPrefix(excel, "\ufeff") || !strings.Contains(excel, ";70,00;") {
		p.t.Errorf("the CSV for Excel is not as Excel in Viet Nam reads it:\n%s", excel)
	}
}

// letters waits until everybody who must know was written to.
func (p *portal) letters(t *testing.T, reference string) {
	t.Helper()
	want := map[string]int{ // at least so many about this proposal
		"lan@demo.example": 3, "hoa@demo.example": 3, "minh@demo.example": 1, "binh@demo.example": 1, "ha@demo.example": 1,
	}
	deadline := time.After(60 * time.Second)
	for {
		got, missing := map[string]int{}, []string(nil)
		for _, r := range p.post.Received() {
			if strings.Contains(decoded(t, r), reference) {
				got[r.To]++
			}
		}
		for who, n := range want {
			if got[who] < n {
				missing = append(missing, fmt.Sprintf("%s has %d of %d", who, got[who], n))
			}
		}
		if len(missing) == 0 {
			t.Logf("letters: %v", got)
			return
		}
		select {
		case <-deadline:
			slices.Sort(missing)
			t.Fatalf("letters are missing: %v", missing)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
