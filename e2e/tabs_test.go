//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// tab opens another tab of the same browser, with the same session.
func (p *person) tab(t *testing.T, name string, width int64) *person {
	t.Helper()
	ctx, end := chromedp.NewContext(p.ctx)
	t.Cleanup(end)
	other := &person{t: t, ctx: ctx, portal: p.portal, name: name}
	other.minds()
	other.do(chromedp.EmulateViewport(width, 900))
	return other
}

// typedInTwoTabs: one person has the same section open twice.
func typedInTwoTabs(t *testing.T, m *mortal, lan, _ *person) {
	t.Helper()
	one, two := m.writes(t, lan, "problem"), m.writes(t, lan.tab(t, "Lan's other tab", 390), "problem")

	// In different questions, at once: both stand, and neither tab is asked anything.
	one.focus("gender_analysis")
	two.focus("voices")
	for _, word := range []string{"viết ", "ở ", "câu ", "này. "} { // by turns
		one.types("Thẻ một " + word)
		two.types("Thẻ hai " + word)
	}
	one.acknowledged("gender_analysis")
	two.acknowledged("voices")
	one.acknowledged("gender_analysis") // and is not undone by the other's save
	if q, v := one.stored("gender_analysis"), one.stored("voices"); !strings.Contains(q, "Thẻ một viết") || !strings.Contains(v, "Thẻ hai viết") {
		t.Errorf("stored %q and %q", q, v)
	}

	// In the same question: who comes second is shown both, keeps what was typed in
	// front of them, and nothing acknowledged is overwritten.
	one.types("Thẻ một sửa trước. ")
	one.acknowledged("gender_analysis")
	two.focus("gender_analysis")
	two.types("Thẻ hai sửa sau. ")
	two.await("conflict")
	two.mustSee("Thẻ một sửa trước.")
	if q := two.stored("gender_analysis"); !strings.Contains(q, "Thẻ một sửa trước.") || strings.Contains(q, "Thẻ hai sửa sau.") {
		t.Errorf("a silent overwrite: %q", q)
	}
	if !strings.Contains(two.holds("gender_analysis"), "Thẻ hai sửa sau.") || two.local() == 0 {
		t.Errorf("what was not acknowledged: the field holds %q, the machine %d drafts", two.holds("gender_analysis"), two.local())
	}
	two.leave(chosen, "Dùng bản đã chọn") // one's own, as is picked already
	two.awaitsStored("gender_analysis", "Thẻ hai sửa sau.")
	if !two.kept("Thẻ một sửa trước.") {
		t.Error("what was not chosen is kept nowhere")
	}

	// Without a line both tabs keep their words, each its own; with the line back both arrive.
	one.open(one.path)
	for _, w := range []*writer{one, two} {
		w.offline(true)
	}
	one.focus("gender_analysis")
	one.types("Một khi mất mạng. ")
	two.focus("voices")
	two.types("Hai khi mất mạng. ")
	one.await("local")
	two.await("local")
	if n := one.local(); n != 2 {
		t.Errorf("%d drafts of two tabs on the machine", n)
	}
	for _, w := range []*writer{one, two} {
		w.offline(false)
		eval[bool](w.person, `dispatchEvent(new Event('online'))`)
	}
	one.acknowledged("gender_analysis")
	two.acknowledged("voices")
	for question, text := range map[string]string{"gender_analysis": "Một khi mất mạng.", "voices": "Hai khi mất mạng."} {
		one.awaitsStored(question, text)
	}
	for until := time.Now().Add(10 * time.Second); one.local() > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%d drafts stay on the machine", one.local())
		}
	}
}

// awaitsStored waits until the database has a text in the answer of a question.
func (w *writer) awaitsStored(question, text string) {
	w.t.Helper()
	for until := time.Now().Add(10 * time.Second); !strings.Contains(w.stored(question), text); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			w.t.Fatalf("%q is not in %q", text, w.stored(question))
		}
	}
}
