//go:build e2e

package e2e

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

//go:embed axe.min.js
var axe string

// person is somebody at a browser of their own, on a screen of a width.
type person struct {
	t      *testing.T
	ctx    context.Context //nolint:containedctx // it is the browser
	portal *portal
	name   string
	faults faults
}

// browser starts a Chromium that all persons share, each in a context of their
// own, as private windows are.
func browser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(alloc)
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	return ctx
}

// arrive brings a person to the portal.
func (p *portal) arrive(t *testing.T, in context.Context, name string, width int64) *person {
	t.Helper()
	ctx, end := chromedp.NewContext(in, chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(cancel)
	who := &person{t: t, ctx: ctx, portal: p, name: name}
	who.minds()
	who.do(chromedp.EmulateViewport(width, 900))
	return who
}

func (p *person) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatalf("%s: %v (at %s)\n%s", p.name, err, p.address(), p.seen())
	}
}

// open goes to a page, which must be whole and accessible.
func (p *person) open(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.portal.base + path))
	p.arrived()
}

// arrived checks the page one has come to: no violation of WCAG 2.2 AA, nothing
// wider than the screen, no word that the catalogue does not know.
func (p *person) arrived() {
	p.t.Helper()
	p.ready()
	problems, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](axe+`;
		axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}).then(r =>
			r.violations.map(v => v.id + ' at ' + v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(', ')).join('; ')
			+ (document.documentElement.scrollWidth > innerWidth ? '; wider than the screen' : '')
			+ (/\[[a-z_]+\.[a-z_.]+\]/.test(document.body.innerText) ? '; a word is missing' : ''))`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: looking at %s: %v", p.name, p.address(), err)
	}
	if problems != "" {
		p.t.Errorf("%s: %s: %s", p.name, p.address(), problems)
	}
	p.faults.check(p)
	pagesSeen.Add(1)
}

// ready waits until the page is whole. It asks the page itself: one that the
// browser had put away for going back tells nobody that it is there again.
func (p *person) ready() {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(30 * time.Millisecond) {
		whole, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`document.readyState === 'complete'`))
		if err == nil && whole {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s waits in vain at %s: %v", p.name, p.address(), err)
		}
	}
}

func (p *person) address() string {
	s, _ := chromedp.Run(p.ctx, chromedp.Location())
	return s
}

func (p *person) seen() string {
	s, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.querySelector('main')?.innerText ?? ''`))
	return s
}

// mustSee fails unless the page says so.
func (p *person) mustSee(text string) {
	p.t.Helper()
	if !strings.Contains(strings.ReplaceAll(p.seen(), "\u00a0", " "), text) {
		p.t.Fatalf("%s does not see %q at %s, but:\n%s", p.name, text, p.address(), p.seen())
	}
}

// mustNotSee fails if the page says so, in its text or its source.
func (p *person) mustNotSee(text string) {
	p.t.Helper()
	source, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.documentElement.outerHTML`))
	if err != nil {
		p.t.Fatal(err)
	}
	if strings.Contains(source, text) {
		p.t.Fatalf("%s sees %q at %s", p.name, text, p.address())
	}
}

// press presses the button or follows the link of that text, and waits for the
// page it leads to.
func (p *person) press(text string) {
	p.t.Helper()
	p.leave(`
		[...document.querySelectorAll('main button, main a, main summary')].find(e => e.offsetParent !== null && e.innerText.replace(/\s+/g, ' ').trim().startsWith(%s))`, text)
}

func (p *person) leave(find, what string) {
	p.t.Helper()
	quoted, _ := json.Marshal(what)
	js := fmt.Sprintf(`(() => { const e = `+find+`; if (!e) return false; window.stillHere = true; e.click(); return true })()`, quoted)
	found, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](js))
	if err != nil || !found {
		p.t.Fatalf("%s finds no %q at %s (%v):\n%s", p.name, what, p.address(), err, p.seen())
	}
	deadline := time.After(20 * time.Second)
	for {
		gone, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`window.stillHere !== true && document.readyState === 'complete'`))
		if err == nil && gone {
			break
		}
		select {
		case <-deadline:
			p.t.Fatalf("%s pressed %q at %s and nothing followed:\n%s", p.name, what, p.address(), p.seen())
		case <-time.After(30 * time.Millisecond):
		}
	}
	p.arrived()
}

// fill writes into the controls of those names; boxes and radios are picked by
// value.
func (p *person) fill(values map[string]string) {
	p.t.Helper()
	b, _ := json.Marshal(values)
	missing, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`(values => {
		const missing = []
		for (const [name, value] of Object.entries(values)) {
			const all = [...document.querySelectorAll('main [name="' + CSS.escape(name) + '"]')].filter(e => e.tagName !== 'BUTTON' && e.type !== 'hidden')
			if (all.length === 0) { missing.push(name); continue }
			if (all[0].type === 'radio' || all[0].type === 'checkbox') {
				const e = all.find(e => e.value === value); if (e) { if (!e.checked) e.click() } else missing.push(name + '=' + value)
			} else if (all[0].tagName === 'SELECT') {
				const e = all[0], o = value.startsWith('#') ? [...e.options].filter(o => o.value)[+value.slice(1)] : [...e.options].find(o => o.value === value)
				if (o) { e.value = o.value; e.dispatchEvent(new Event('change', {bubbles: true})) } else missing.push(name + '=' + value)
			} else { all[0].value = value; all[0].dispatchEvent(new Event('input', {bubbles: true})); all[0].dispatchEvent(new Event('change', {bubbles: true})) }
		}
		return missing.join(' ')
	})(`+string(b)+`)`))
	if err != nil || missing != "" {
		p.t.Fatalf("%s cannot fill %s at %s (%v)", p.name, missing, p.address(), err)
	}
}

// awaits waits until the page's script has made js true.
func (p *person) awaits(js string) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`Boolean(`+js+`)`))
		if err != nil {
			p.t.Fatal(err)
		}
		if ok {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s waits in vain for %s at %s:\n%s", p.name, js, p.address(), p.seen())
		}
	}
}

// signIn signs in as somebody of the demo.
func (p *person) signIn(local string) {
	p.t.Helper()
	p.open("/sign-in")
	p.fill(map[string]string{"email": local + "@demo.example", "password": password})
	p.press("Đăng nhập")
}

// fetch gets a file as this person, with their cookies.
func (p *person) fetch(path string) string {
	p.t.Helper()
	quoted, _ := json.Marshal(path)
	body, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`fetch(`+string(quoted)+`).then(r => r.arrayBuffer()).then(b => new TextDecoder('utf-8', {ignoreBOM: true}).decode(b))`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s cannot fetch %s: %v", p.name, path, err)
	}
	return body
}
