//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// pages are the addresses that the service worker keeps pages of.
func (p *person) pages() []string {
	p.t.Helper()
	return eval[[]string](p, `(async () => {
		const all = []
		for (const name of await caches.keys()) if (name.startsWith('pages ')) for (const r of await (await caches.open(name)).keys()) all.push(new URL(r.url).pathname)
		return all
	})()`)
}

// keeps waits until the worker keeps the page that is opened.
func (p *person) keeps(path string) {
	p.t.Helper()
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		p.open(path)
		if slices.Contains(p.pages(), path) {
			return
		}
		if time.Now().After(until) {
			p.t.Fatalf("%s is never kept: %v", path, p.pages())
		}
	}
}

// tries opens a page that may not come, and says what is seen then.
func (p *person) tries(path string) string {
	p.t.Helper()
	_, _ = chromedp.Run(p.ctx, chromedp.Navigate(p.portal.base+path)) // without a line and a worker there is none
	seen, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body?.innerText ?? ''`))
	return seen
}

// TestKeptPagesAreTheirOwners: on one machine, what the service worker kept of
// one person is shown to nobody after them, whether they signed out, their
// session just ended, or they say that others use the machine.
func TestKeptPagesAreTheirOwners(t *testing.T) {
	t.Parallel()
	m := serveMortal(t)
	p := m.arrive(t, browser(t), "one machine", 390)
	const theirs = "Tiếng nói của chị em" // Lan's draft
	nothing := func(when string) {
		t.Helper()
		if left := p.pages(); slices.Contains(left, "/proposals") {
			t.Errorf("%s: %v are kept", when, left)
		}
		m.kill()
		defer m.again(t)
		if seen := p.tries("/proposals"); strings.Contains(seen, theirs) {
			t.Errorf("%s the page is shown:\n%s", when, seen)
		}
	}
	p.signIn("lan")
	p.keeps("/proposals")
	p.open("/account")
	p.press("Đăng xuất")
	nothing("after signing out")

	p.signIn("lan")
	p.keeps("/proposals")
	if _, err := m.db.Exec(t.Context(), `update sessions set ended_at = now() where ended_at is null`); err != nil {
		t.Fatal(err)
	}
	p.signIn("thuy") // another, where the session of the first just ended
	p.open("/account")
	nothing("after another signed in")

	p.open("/account")
	p.press("Đăng xuất")
	p.signIn("lan")
	p.keeps("/proposals")
	p.open("/account")
	p.fill(map[string]string{"shared": "yes"})
	p.press("Lưu lựa chọn về máy này")
	p.open("/proposals")
	p.mustSee(theirs)
	nothing("on a machine that others use")
	p.open("/account") // what stood there was no page of the portal's
	if left := p.pages(); len(left) > 0 {
		t.Errorf("a shared machine keeps %v", left)
	}
}
