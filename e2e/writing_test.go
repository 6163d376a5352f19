//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/mail/mailtest"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
)

// mortal is a portal that can be killed and started again, on a database one can
// look into.
type mortal struct {
	*portal
	db    *pgxpool.Pool
	start func() *exec.Cmd
	cmd   *exec.Cmd
}

func serveMortal(t *testing.T) *mortal {
	t.Helper()
	url := pgtest.NewURL(t)
	db, err := pg.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	dir := t.TempDir()
	binary := dir + "/daubang"
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "daubang/cmd/daubang").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	m := &mortal{portal: &portal{post: mailtest.Start(t, mailtest.Options{}), log: new(bytes.Buffer)}, db: db}
	listen := "127.0.0.1:" + strconv.Itoa(freePort(t))
	m.base = "http://" + listen
	m.start = func() *exec.Cmd {
		cmd := exec.Command(binary, "serve", "--demo")                                                                                                        //nolint:noctx // it is stopped by a signal
		cmd.Env = append(os.Environ(), "DAUBANG_DATA_DIR="+dir+"/data", "DAUBANG_LISTEN="+listen, "DAUBANG_DATABASE_URL="+url, "DAUBANG_ALLOW_DATA_LOSS=yes", // a test's database
			"DAUBANG_SMTP_URL=smtp://"+m.post.Address, "DAUBANG_MAIL_FROM=Dấu Bằng <cong@daubang.example>")
		cmd.Stdout, cmd.Stderr = m.log, m.log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	m.cmd = m.start()
	t.Cleanup(func() {
		m.kill()
		if t.Failed() {
			t.Logf("the portal said:\n%s", m.log)
		}
	})
	m.awaitReady(t)
	return m
}

// kill ends the portal as a power cut does.
func (m *mortal) kill() {
	_ = m.cmd.Process.Signal(syscall.SIGKILL)
	_ = m.cmd.Wait() // killed
}

func (m *mortal) again(t *testing.T) {
	t.Helper()
	m.cmd = m.start()
	m.awaitReady(t)
}

// chosen finds the button that takes the texts chosen.
const chosen = `[...document.querySelectorAll('[data-draft-choose] button')].find(e => e.innerText.startsWith(%s))`

// writer is somebody at a section of the draft.
type writer struct {
	*person

	m        *mortal
	proposal int64
	path     string
}

// writes opens a section of Lan's draft for somebody who has signed in.
func (m *mortal) writes(t *testing.T, p *person, section string) *writer {
	t.Helper()
	p.t = t
	w := &writer{person: p, m: m}
	var err error
	w.proposal, err = pg.Value[int64](t.Context(), m.db, `
		select p.id from proposals p join members m on m.organisation_id = p.organisation_id join people w on w.id = m.person_id
		where w.email_key = 'lan@demo.example' and p.status = 'draft'`)
	if err != nil {
		t.Fatal(err)
	}
	p.open("/proposals")
	href, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`[...document.querySelectorAll('main a[href^="/proposals/"]')].find(a => a.innerText.includes('Tiếng nói của chị em')).getAttribute('href')`))
	if err != nil {
		t.Fatal(err)
	}
	w.path = href + "/sections/" + section
	p.open(w.path)
	return w
}

// eval runs a script on the page.
func eval[T any](p *person, js string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %s: %v", p.name, js, err)
	}
	return v
}

// call sends a command of the DevTools protocol.
func (p *person) call(method string, params map[string]any) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		var none struct{}
		return t.Call(ctx, method, params, &none)
	}))
}

// focus puts the cursor at the end of a field.
func (w *writer) focus(name string) {
	w.t.Helper()
	eval[bool](w.person, fmt.Sprintf(`(() => { const f = document.querySelector('main [name=%q]'); f.focus(); f.setSelectionRange(f.value.length, f.value.length); return true })()`, name))
}

// types types at the cursor, as fast as people do.
func (w *writer) types(text string) {
	w.t.Helper()
	for _, word := range strings.SplitAfter(text, " ") {
		w.call("Input.insertText", map[string]any{"text": word})
		time.Sleep(20 * time.Millisecond)
	}
}

func (w *writer) holds(name string) string {
	w.t.Helper()
	return eval[string](w.person, fmt.Sprintf(`document.querySelector('main [name=%q]').value`, name))
}

// stored is the text of a question in the database.
func (w *writer) stored(question string) string {
	w.t.Helper()
	section := w.path[strings.LastIndex(w.path, "/")+1:]
	all, err := pg.Values[string](w.t.Context(), w.m.db, `select coalesce(answers -> $3 ->> 'text', '') from proposal_sections where proposal_id = $1 and key = $2`, w.proposal, section, question)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(all, "")
}

// kept says that a text is among the versions of the section.
func (w *writer) kept(text string) bool {
	w.t.Helper()
	yes, err := pg.Value[bool](w.t.Context(), w.m.db, `
		select exists (select from section_versions where proposal_id = $1 and answers::text like '%' || $2 || '%')
		    or exists (select from section_asides where proposal_id = $1 and answers::text like '%' || $2 || '%')`, w.proposal, text)
	if err != nil {
		w.t.Fatal(err)
	}
	return yes
}

func (w *writer) state() string {
	w.t.Helper()
	return eval[string](w.person, `(() => { const s = document.querySelector('[data-draft-state]'); return s.dataset.state + ': ' + s.textContent.trim() })()`)
}

// await waits until the page says a state.
func (w *writer) await(state string) {
	w.t.Helper()
	until := time.Now().Add(15 * time.Second)
	for !strings.HasPrefix(w.state(), state+":") {
		if time.Now().After(until) {
			w.t.Fatalf("%s awaits %q, but it stands: %s", w.name, state, w.state())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// acknowledged waits until all that stands in the field is in the database: the
// page says so, and it is.
func (w *writer) acknowledged(question string) {
	w.t.Helper()
	until := time.Now().Add(20 * time.Second)
	for {
		holds, stored, state := w.holds(question), w.stored(question), w.state()
		if strings.HasPrefix(state, "saved: Đã lưu") && strings.TrimSpace(holds) == stored { // texts are stored without the blanks around them
			return
		}
		if time.Now().After(until) {
			w.t.Fatalf("%s: %s\nthe field holds %q\nthe database %q", w.name, state, holds, stored)
		}
		time.Sleep(60 * time.Millisecond)
	}
}

// local is how many records this machine keeps.
func (w *writer) local() int {
	w.t.Helper()
	return eval[int](w.person, `(async () => {
		if (!(await indexedDB.databases()).some(d => d.name === 'daubang')) return 0
		const db = await new Promise(y => { const r = indexedDB.open('daubang'); r.onsuccess = () => y(r.result) })
		if (!db.objectStoreNames.contains('drafts')) { db.close(); return 0 }
		const n = await new Promise(y => { const r = db.transaction('drafts').objectStore('drafts').count(); r.onsuccess = () => y(r.result) })
		db.close(); return n
	})()`)
}

// offline cuts this person's line, or mends it.
func (w *writer) offline(cut bool) {
	w.t.Helper()
	w.call("Network.enable", map[string]any{})
	w.call("Network.emulateNetworkConditions", map[string]any{"offline": cut, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
}

// TestNothingTypedIsLost does to a writer what lines, servers, machines and
// colleagues do; after each, every word that was acknowledged is in the database,
// and every other one is in front of who wrote it.
func TestNothingTypedIsLost(t *testing.T) { //nolint:tparallel // one scene after another: they share the portal, the draft and its writers
	t.Parallel()
	m := serveMortal(t)
	in := browser(t)
	lan := m.arrive(t, in, "Lan", 390)
	lan.signIn("lan")
	hoa := m.arrive(t, in, "Hoa", 1280)
	hoa.signIn("hoa")

	for _, one := range []struct { //nolint:paralleltest // see above
		name string
		do   func(*testing.T, *mortal, *person, *person)
	}{
		{"the server is killed while one types", typedThroughKill},
		{"the line is down for a while", typedOffline},
		{"the session ends", typedSignedOut},
		{"the machine is switched off", typedBeforeCrash},
		{"two people", typedTogether},
		{"two tabs", typedInTwoTabs},
		{"the back button", typedBack},
		{"thirty saves a second", typedFast},
		{"Telex", typedTelex},
		{"pages without a line", readWithoutALine},
		{"a shared machine", typedOnAShared},
	} {
		t.Run(one.name, func(t *testing.T) { one.do(t, m, lan, hoa) })
	}
}

func typedThroughKill(t *testing.T, m *mortal, lan, _ *person) {
	t.Helper()
	w := m.writes(t, lan, "risk")
	w.focus("safeguarding")
	w.types("Cộng tác viên ký quy tắc ứng xử trước khi bắt đầu. ")
	w.acknowledged("safeguarding")
	m.kill()
	w.types("Câu này viết khi máy chủ đã tắt. ")
	w.await("local")
	if before := w.stored("safeguarding"); !strings.HasPrefix(w.holds("safeguarding"), before) || !strings.Contains(before, "ứng xử") {
		t.Errorf("what was acknowledged is gone: %q", before)
	}
	w.types("Vẫn viết. ")
	m.again(t)
	w.types("Máy chủ đã chạy lại.")
	w.acknowledged("safeguarding")
	if got := w.holds("safeguarding"); !strings.Contains(got, "đã tắt. Vẫn viết. Máy chủ đã chạy lại.") {
		t.Errorf("the field holds %q", got)
	}
	if n := w.local(); n != 0 {
		t.Errorf("%d drafts are still kept on the machine", n)
	}
}

func typedOffline(t *testing.T, m *mortal, lan, _ *person) {
	t.Helper()
	w := m.writes(t, lan, "sustainability")
	w.offline(true)
	w.focus("sustain")
	w.types("Phường trả phụ cấp cho tổ trưởng. ")
	w.await("local")
	w.mustSee("Bản nháp đang được giữ trên máy này")
	if w.local() != 1 || strings.Contains(w.stored("sustain"), "Phường trả") {
		t.Errorf("%d drafts on the machine, stored %q", w.local(), w.stored("sustain"))
	}
	eval[bool](w.person, `(() => { document.querySelector('main button[value=next]').click(); return true })()`) // stays, with the words
	w.types("Rồi có mạng lại.")
	w.offline(false)
	eval[bool](w.person, `dispatchEvent(new Event('online'))`)
	w.acknowledged("sustain")
}

func typedSignedOut(t *testing.T, m *mortal, lan, _ *person) {
	t.Helper()
	w := m.writes(t, lan, "monitoring")
	w.focus("monitoring")
	w.types("Phiếu đếm hằng tháng, ")
	w.call("Network.clearBrowserCookies", map[string]any{})
	w.types("nộp ngày mùng năm.")
	w.await("ended")
	w.mustSee("Phiên đăng nhập đã hết")
	w.mustSee("Đăng nhập lại trong thẻ mới")
	eval[int](w.person, `fetch('/sign-in', {method: 'POST', body: new URLSearchParams({email: 'lan@demo.example', password: '`+password+`'})}).then(r => r.status)`) // in another tab
	eval[bool](w.person, `dispatchEvent(new Event('focus'))`)
	w.acknowledged("monitoring")
}

func typedBeforeCrash(t *testing.T, m *mortal, lan, _ *person) {
	t.Helper()
	w := m.writes(t, lan, "risk")
	m.kill()
	w.focus("confidentiality")
	w.types("Sổ chỉ ghi mã, không ghi tên ai.")
	w.await("local")
	w.call("Page.navigate", map[string]any{"url": "about:blank"})
	m.again(t)
	w.open(w.path)
	until := time.Now().Add(10 * time.Second)
	for !strings.Contains(w.seen(), "Điều bạn viết lần trước chưa gửi được") {
		if time.Now().After(until) {
			t.Fatalf("nothing is offered:\n%s", w.seen())
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.mustSee("Sổ chỉ ghi mã, không ghi tên ai.")
	w.arrived()
	w.leave(chosen, "Dùng bản đã chọn")
	if got := w.holds("confidentiality"); !strings.Contains(got, "không ghi tên ai") || w.stored("confidentiality") != got {
		t.Errorf("chosen, but the field holds %q and the database %q", got, w.stored("confidentiality"))
	}
	if n := w.local(); n != 0 {
		t.Errorf("%d drafts are still kept on the machine", n)
	}
}

func typedTogether(t *testing.T, m *mortal, lan, hoa *person) {
	t.Helper()
	l, h := m.writes(t, lan, "problem"), m.writes(t, hoa, "problem")
	l.focus("gender_analysis")
	l.types("Lan viết câu một. ")
	l.acknowledged("gender_analysis")
	h.focus("voices")
	h.types("Hoa viết câu hai. ")
	h.acknowledged("voices") // elsewhere: no conflict
	h.mustSee("vừa sửa câu khác trong phần này")
	h.focus("gender_analysis")
	h.types("Hoa chen vào câu một. ")
	h.await("conflict")
	h.mustSee("Hai người vừa sửa cùng một câu")
	h.mustSee("Lan viết câu một.")
	h.arrived()
	if strings.Contains(h.stored("gender_analysis"), "Hoa chen") || !strings.Contains(h.holds("gender_analysis"), "Hoa chen") {
		t.Errorf("a silent overwrite: %q", h.stored("gender_analysis"))
	}
	eval[bool](h.person, `(() => { document.querySelector('[data-draft-choose] input[value=theirs]').click(); return true })()`)
	h.leave(chosen, "Dùng bản đã chọn")
	if got := h.holds("gender_analysis"); !strings.Contains(got, "Lan viết câu một.") || strings.Contains(got, "Hoa chen") {
		t.Errorf("Hoa chose Lan's, and holds %q", got)
	}
	if !h.kept("Hoa chen vào câu một.") {
		t.Error("what was not chosen is kept nowhere")
	}
	h.open(h.path + "/versions")
	h.mustSee("Hoa chen vào câu một.")
}

func typedBack(t *testing.T, m *mortal, lan, _ *person) {
	t.Helper()
	w := m.writes(t, lan, "sustainability")
	w.focus("sustain")
	w.types(" Viết rồi bỏ đi ngay.")
	w.call("Page.navigate", map[string]any{"url": m.base + "/calls"})
	w.arrived()
	eval[bool](w.person, `(() => { history.back(); return true })()`)
	until := time.Now().Add(10 * time.Second)
	for !strings.HasSuffix(w.address(), "/sections/sustainability") && time.Now().Before(until) {
		time.Sleep(50 * time.Millisecond)
	}
	w.arrived()
	// Sent on the way out, or kept on the machine and offered: never gone.
	for !strings.Contains(w.stored("sustain"), "bỏ đi ngay.") {
		if strings.Contains(w.seen(), "Viết rồi bỏ đi ngay.") {
			w.leave(chosen, "Dùng bản đã chọn")
		}
		if time.Now().After(until) {
			t.Fatalf("left behind: %q, local %d", w.stored("sustain"), w.local())
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.open(w.path)
	if got := w.holds("sustain"); got != w.stored("sustain") {
		t.Errorf("the field holds %q, the database %q", got, w.stored("sustain"))
	}
}

func typedFast(t *testing.T, m *mortal, lan, _ *person) {
	t.Helper()
	w := m.writes(t, lan, "monitoring")
	codes := eval[[]int](w.person, `(async () => {
		const form = document.querySelector('form[data-draft]')
		const put = n => fetch(form.action, {method: 'PUT', body: new URLSearchParams({page: form.elements.page.value, changed: 'reporter', reporter: 'Điều phối viên ' + n}),
			headers: {Accept: 'application/json', 'If-Match': '"' + form.elements.version.value + '"'}}).then(r => r.status)
		const all = []
		for (let n = 1; n <= 60; n++) { all.push(put(n)); await new Promise(y => setTimeout(y, 33)) }
		return Promise.all(all)
	})()`)
	for i, code := range codes {
		if code != 200 {
			t.Errorf("save %d answered %d", i+1, code)
		}
	}
	for i := 1; i <= len(codes); i++ {
		if !w.kept(fmt.Sprintf(`Điều phối viên %d"`, i)) {
			t.Errorf("save %d was acknowledged and is not there", i)
		}
	}
}

func typedTelex(t *testing.T, m *mortal, lan, _ *person) {
	t.Helper()
	w := m.writes(t, lan, "sustainability")
	w.acknowledgedNow("sustain")
	before := w.stored("sustain")
	w.focus("sustain")
	w.types(" ")
	for _, composing := range []string{"d", "du", "duo", "duow", "dươ", "dươn", "dương", "đương", "đường"} {
		w.call("Input.imeSetComposition", map[string]any{"text": composing, "selectionStart": len([]rune(composing)), "selectionEnd": len([]rune(composing))})
		time.Sleep(60 * time.Millisecond)
	}
	time.Sleep(2200 * time.Millisecond) // longer than any pause that saves
	if got := w.stored("sustain"); got != before {
		t.Errorf("half a word was saved: %q", strings.TrimPrefix(got, before))
	}
	if got := w.holds("sustain"); !strings.HasSuffix(got, " đường") {
		t.Errorf("the field was touched while composing: %q", got)
	}
	w.call("Input.insertText", map[string]any{"text": "đường"})
	w.types(" đến trạm y tế")
	w.acknowledged("sustain")
	if got := w.stored("sustain"); !strings.HasSuffix(got, " đường đến trạm y tế") {
		t.Errorf("stored %q", got)
	}
}

// readWithoutALine opens pages while the portal is dead: those that were opened
// before are there, words can be written in them, and they arrive later.
func readWithoutALine(t *testing.T, m *mortal, lan, _ *person) {
	t.Helper()
	w := m.writes(t, lan, "monitoring")
	until := time.Now().Add(20 * time.Second)
	for !eval[bool](lan, `(async () => navigator.serviceWorker?.controller != null)()`) {
		if time.Now().After(until) {
			t.Fatal("the service worker never came")
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.open(w.path) // now through the worker
	w.open("/proposals")
	time.Sleep(300 * time.Millisecond) // the page is put away after it was shown
	m.kill()
	w.open("/account")
	w.mustSee("Máy bạn đang không có mạng")
	w.open("/proposals")
	w.mustSee("Tiếng nói của chị em")
	w.open(w.path)
	w.focus("monitoring")
	w.types("Viết khi không có mạng. ")
	w.await("local")
	if w.local() != 1 {
		t.Errorf("%d drafts on the machine", w.local())
	}
	m.again(t)
	eval[bool](lan, `dispatchEvent(new Event('online'))`)
	w.acknowledged("monitoring")
}

// acknowledgedNow is for a page on which nothing was typed yet.
func (w *writer) acknowledgedNow(question string) {
	w.t.Helper()
	if w.holds(question) != w.stored(question) {
		w.t.Fatalf("%s opens on %q, the database holds %q", w.name, w.holds(question), w.stored(question))
	}
}

// typedOnAShared: a shared machine keeps nothing, nor does one from which
// somebody signed out.
func typedOnAShared(t *testing.T, m *mortal, lan, _ *person) {
	t.Helper()
	w := m.writes(t, lan, "risk")
	w.offline(true)
	w.focus("safeguarding")
	w.types("Chỉ ở trên máy này. ")
	w.await("local")
	w.offline(false)
	if w.local() != 1 {
		t.Fatalf("%d drafts on the machine", w.local())
	}
	w.open("/account")
	w.press("Đăng xuất")
	if n := w.local(); n != 0 {
		t.Errorf("%d drafts stay after signing out", n)
	}
	w.open("/sign-in")
	w.fill(map[string]string{"email": "lan@demo.example", "password": password, "shared": "yes"})
	w.press("Đăng nhập")
	w.open(w.path)
	w.offline(true)
	w.focus("safeguarding")
	w.types("Trên máy dùng chung. ")
	w.await("local")
	w.mustSee("đừng đóng trang")
	if n := w.local(); n != 0 {
		t.Errorf("a shared machine keeps %d drafts", n)
	}
	w.offline(false)
	eval[bool](w.person, `dispatchEvent(new Event('online'))`)
	w.acknowledged("safeguarding")
}
