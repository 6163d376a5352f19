//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// TestEveryPage follows every link that a person of each kind is shown, to one
// page of every kind, and looks at each twice: in Vietnamese on a screen of 320
// pixels without JavaScript, and in English on a broad one with it. Each must
// be accessible, no wider than its screen, and know all its words.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	p := serve(t)
	in := browser(t)
	for _, who := range []string{"", "lan", "minh", "ha", "anna", "khanh"} {
		small, broad := p.arrive(t, in, who+" on a small screen", 320), p.arrive(t, in, who+" on a broad screen", 1280)
		home := "/"
		if who != "" {
			small.signIn(who)
			broad.signIn(who)
			home = strings.TrimPrefix(small.address(), p.base)
		}
		small.withoutScripts()
		seen := small.crawl(home)
		broad.open(home)
		broad.inEnglish()
		for _, address := range seen {
			broad.open(address)
			if lang, err := chromedp.Run(broad.ctx, chromedp.Evaluate[string](`document.documentElement.lang`)); err != nil || lang != "en" {
				t.Errorf("%s is in %q (%v), not in English", address, lang, err)
			}
		}
		t.Logf("%q looked at %d kinds of pages", who, len(seen))
		if len(seen) < 5 {
			t.Errorf("%q found only %v", who, seen)
		}
	}
}

// withoutScripts keeps the portal's scripts from arriving. Turned off wholly,
// JavaScript would keep axe from working too; no page has scripts of its own.
func (p *person) withoutScripts() {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, network.SetBlockedURLs, network.SetBlockedURLsParams{
			URLPatterns: []*network.BlockPattern{{URLPattern: "*://*:*/*.js", Block: true}},
		})
		return err
	}))
}

// inEnglish asks for English, by the switch that every page has.
func (p *person) inEnglish() {
	p.t.Helper()
	p.leave(`document.querySelector('button[name=lang][value=' + %s + ']')`, "en")
}

// reference is what tells pages of one kind apart.
var reference = regexp.MustCompile(`/[0-9a-z]{12}\b|\?.*|#.*`)

// mostPages bounds a walk; nothing of the kind of a calendar may make it endless.
const mostPages = 80

// crawl opens one page of each kind that links lead to, beginning at home, and
// returns their addresses. Links that end the session, leave the portal or
// fetch a file are not followed.
func (p *person) crawl(home string) []string {
	p.t.Helper()
	var seen []string
	met := map[string]bool{}
	for todo := []string{home, "/"}; len(todo) > 0 && len(seen) < mostPages; todo = todo[1:] {
		kind := reference.ReplaceAllString(todo[0], "/*")
		if met[kind] {
			continue
		}
		met[kind] = true
		p.open(todo[0])
		if on, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`document.body.classList.contains('js-enabled')`)); err != nil || on {
			p.t.Fatalf("%s: scripts run at %s (%v)", p.name, todo[0], err)
		}
		seen = append(seen, todo[0])
		todo = append(todo, p.links()...)
	}
	return seen
}

// links are the portal's pages that this one leads to.
func (p *person) links() []string {
	p.t.Helper()
	list, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`JSON.stringify([...document.querySelectorAll('a[href^="/"]:not([download])')].map(a => a.getAttribute('href')))`))
	if err != nil {
		p.t.Fatal(err)
	}
	var all []string
	if err := json.Unmarshal([]byte(list), &all); err != nil {
		p.t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(a string) bool { return aFile.MatchString(a) })
}

// aFile is the address of something that is kept, not looked at.
var aFile = regexp.MustCompile(`/documents/[0-9a-z]{12}$|\.(csv|xlsx|json|pdf|docx)\b|^/static/|^//`)
