//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// visitors are those who walk over the portal, in this order, each with how many
// kinds of pages there are at least that nobody before them was shown.
var visitors = []struct {
	who   string
	kinds int
}{{"", 8}, {"lan", 25}, {"ha", 25}, {"minh", 3}, {"khanh", 2}}

// TestEveryPage follows every link that people of each kind are shown, asks for
// what it leads to in both languages, and looks at one page of every kind in
// Chromium: without scripts on a screen of 320 pixels, and with axe, at the desk
// on a broad one.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	p := serve(t)
	began, met := time.Now(), map[string]bool{}
	var all []sight
	for _, v := range visitors {
		w := p.walker(t, v.who)
		if v.who == "ha" {
			w.beginForm()
		}
		found := w.walk(met)
		w.inEnglish(found)
		if len(found) < v.kinds {
			t.Errorf("%q found only %d kinds of pages: %s", v.who, len(found), found)
		}
		all = append(all, found...)
	}
	if len(all) < 80 {
		t.Errorf("only %d kinds of pages were found", len(all))
	}
	found := time.Since(began)
	began = time.Now()
	p.look(t, all)
	t.Logf("%d kinds of pages found in %s and looked at in %s", len(all), found.Round(time.Second), time.Since(began).Round(time.Second))
	unseen(t, met)
}

// sight is a page of a kind, and who sees it.
type sight struct {
	by      *walker
	address string
}

func (s sight) String() string { return s.address }

// walker is somebody who only reads, over HTTP alone.
type walker struct {
	t      *testing.T
	portal *portal
	who    string
	client *http.Client
	base   *url.URL
}

func (p *portal) walker(t *testing.T, who string) *walker {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(p.base)
	if err != nil {
		t.Fatal(err)
	}
	w := &walker{t: t, portal: p, who: who, client: &http.Client{Jar: jar, Timeout: time.Minute}, base: base}
	if who != "" {
		w.post("/sign-in", url.Values{"email": {who + "@demo.example"}, "password": {password}})
		if len(jar.Cookies(base)) == 0 {
			t.Fatalf("%s cannot sign in", who)
		}
	}
	return w
}

// ask returns where an address leads and what stands there, which must be
// there.
func (w *walker) ask(method, path string, form url.Values) (at, body string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.portal.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := w.client.Do(r)
	if err != nil {
		w.t.Fatalf("%q at %s: %v", w.who, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatalf("%q at %s: %v", w.who, path, err)
	}
	if resp.StatusCode != http.StatusOK {
		w.t.Errorf("%q follows a link to %s, which answers %d", w.who, path, resp.StatusCode)
	}
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		return "", ""
	}
	return resp.Request.URL.RequestURI(), string(b)
}

// beginForm begins a new form for a call, which leads to pages of its own.
func (w *walker) beginForm() {
	w.t.Helper()
	_, calls := w.get("/desk/calls")
	m := regexp.MustCompile(`href="(/desk/calls/[0-9a-z]{12})"[^>]*>[^<]*Phòng ngừa và ứng phó`).FindStringSubmatch(calls)
	if m == nil {
		w.t.Fatal("the call to begin a form for is not in the list")
	}
	w.post(m[1]+"/form", url.Values{"do": {"begin"}})
}

func (w *walker) get(path string) (at, body string) {
	w.t.Helper()
	return w.ask(http.MethodGet, path, nil)
}

func (w *walker) post(path string, form url.Values) {
	w.t.Helper()
	w.ask(http.MethodPost, path, form)
}

var (
	// These tell pages of one kind apart: ids, queries and fragments, and which
	// section of a proposal or which table something is about.
	anyID    = regexp.MustCompile(`/[0-9a-z]{12}\b`)
	query    = regexp.MustCompile(`[?#].*`)
	aTable   = regexp.MustCompile(`/sections/\w+/tables/\w+`)
	aboutOne = regexp.MustCompile(`/sections/\w+/(\w+)`)
	link     = regexp.MustCompile(`<a\s[^>]*?href="(/[^"]*)"[^>]*>`)
	// aFile is the address of something that is kept, not looked at.
	aFile = regexp.MustCompile(`/documents/[0-9a-z]{12}$|\.(csv|xlsx|json|pdf|docx)\b|^/static/|^//`)
	// missingWord is how a word shows that no catalogue has.
	missingWord = regexp.MustCompile(`\[[a-z_]+\.[a-z_.]+\]`)
)

func kind(address string) string {
	k := anyID.ReplaceAllString(query.ReplaceAllString(address, ""), "/*")
	return aboutOne.ReplaceAllString(aTable.ReplaceAllString(k, "/sections/*/tables/*"), "/sections/*/$1")
}

// perKind is how many pages of a kind are searched for links: a draft leads
// elsewhere than what was sent.
const perKind = 4

// walk follows links from this person's first page on, and returns one page of
// each kind that is not met yet.
func (w *walker) walk(met map[string]bool) (found []sight) {
	w.t.Helper()
	asked, often := map[string]bool{}, map[string]int{}
	for todo := []string{"/"}; len(todo) > 0; todo = todo[1:] {
		if k := kind(todo[0]); asked[todo[0]] || often[k] == perKind {
			continue
		} else {
			often[k]++
		}
		asked[todo[0]] = true
		at, body := w.get(todo[0])
		if at == "" {
			continue
		}
		if strings.Count(body, "<h1") != 1 || missingWord.MatchString(body) {
			w.t.Errorf("%q at %s: %d h1, a word missing: %q", w.who, at, strings.Count(body, "<h1"), missingWord.FindString(body))
		}
		if k := kind(at); !met[k] {
			met[k] = true
			found = append(found, sight{w, at})
		}
		for _, m := range link.FindAllStringSubmatch(body, -1) {
			if to := html.UnescapeString(m[1]); !aFile.MatchString(to) && !strings.Contains(m[0], " download") {
				todo = append(todo, strings.SplitN(to, "#", 2)[0])
			}
		}
	}
	return found
}

// inEnglish asks for pages in English, where every word must be known too.
func (w *walker) inEnglish(pages []sight) {
	w.t.Helper()
	w.post("/language", url.Values{"lang": {"en"}, "next": {"/"}})
	for _, s := range pages {
		at, body := w.get(s.address)
		if !strings.Contains(body, `<html lang="en"`) || missingWord.MatchString(body) {
			w.t.Errorf("%q at %s: not in English, or a word is missing: %q", w.who, at, missingWord.FindString(body))
		}
	}
	w.post("/language", url.Values{"lang": {"vi"}, "next": {"/"}})
}

// tabs is how many tabs look at once.
const tabs = 3

// look looks at pages in Chromium.
func (p *portal) look(t *testing.T, pages []sight) {
	t.Helper()
	in, queue := browser(t), make(chan sight)
	var done sync.WaitGroup
	for n := range tabs {
		tab := p.arrive(t, in, fmt.Sprint("tab ", n), 320)
		tab.withoutScripts()
		done.Go(func() {
			for s := range queue {
				for _, wrong := range tab.sees(s) {
					t.Errorf("%q at %s: %s", s.by.who, s.address, wrong)
				}
			}
		})
	}
	for _, s := range pages {
		queue <- s
	}
	close(queue)
	done.Wait()
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

// seesNarrow is what is wrong with a page on a narrow screen without scripts.
const seesNarrow = `[
	performance.getEntriesByType('navigation')[0].responseStatus !== 200 && 'it answers ' + performance.getEntriesByType('navigation')[0].responseStatus,
	document.documentElement.scrollWidth > innerWidth && 'it is ' + document.documentElement.scrollWidth + ' pixels wide on a screen of ' + innerWidth + ': '
		+ [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth).slice(-2).map(e => e.outerHTML.slice(0, 100)).join(' '),
	document.querySelectorAll('h1').length !== 1 && document.querySelectorAll('h1').length + ' h1',
	!/\S – Dấu Bằng$/.test(document.title) && 'its title is ' + document.title,
	document.body.classList.contains('js-enabled') && 'scripts run',
	/\[[a-z_]+\.[a-z_.]+\]/.test(document.body.innerText) && 'a word is missing',
].filter(Boolean)`

// seesWhole is what axe says of it, and whether it is wider than the screen.
// Contrast, which takes axe longer than all the rest, is what a test of package
// web and the stories look at.
const seesWhole = `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'], rules: {'color-contrast': {enabled: false}}}).then(r => [
	...r.violations.map(v => v.id + ' at ' + v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(', ')),
	document.documentElement.scrollWidth > innerWidth && 'it is wider than ' + innerWidth + ' pixels',
].filter(Boolean))`

// sees opens a page as its visitor, and returns what is wrong with it. It runs
// beside others, and so ends no test itself.
func (p *person) sees(s sight) []string {
	width := int64(320)
	if strings.HasPrefix(s.address, "/desk") || strings.HasPrefix(s.address, "/reviews") {
		width = 1280 // where an officer or a reviewer sits
	}
	var wrong, more []string
	narrow := func() error {
		err := chromedp.Do(p.ctx, p.as(s.by), chromedp.EmulateViewport(320, 900), chromedp.Navigate(p.portal.base+s.address), chromedp.WaitReady("body"))
		if err == nil {
			wrong, err = chromedp.Run(p.ctx, chromedp.Evaluate[[]string](seesNarrow))
		}
		return err
	}
	whole := func() (err error) {
		if width != 320 {
			err = chromedp.Do(p.ctx, chromedp.EmulateViewport(width, 900))
		}
		if err == nil {
			more, err = chromedp.Run(p.ctx, chromedp.Evaluate[[]string](axe+";"+seesWhole, chromedp.EvalAwaitPromise))
		}
		return err
	}
	for _, step := range []func() error{narrow, whole} {
		if err := step(); err != nil {
			return append(wrong, err.Error())
		}
	}
	pagesSeen.Add(1)
	return append(wrong, more...)
}

// as takes on a walker's session.
func (p *person) as(w *walker) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		var none struct{}
		if err := t.Call(ctx, "Network.clearBrowserCookies", map[string]any{}, &none); err != nil {
			return err
		}
		for _, c := range w.client.Jar.Cookies(w.base) {
			if err := t.Call(ctx, "Network.setCookie", map[string]any{"name": c.Name, "value": c.Value, "url": w.portal.base, "httpOnly": true}, &none); err != nil {
				return err
			}
		}
		return nil
	})
}

// unseen says which pages of the portal's map no link led to, for who reads the
// test's words.
func unseen(t *testing.T, met map[string]bool) {
	t.Helper()
	b, err := os.ReadFile("../internal/site/policy.csv")
	if err != nil {
		t.Fatal(err)
	}
	var never []string
	named := regexp.MustCompile(`\{\w+\}`)
	for _, m := range regexp.MustCompile(`(?m)^GET,([^,]+),`).FindAllStringSubmatch(string(b), -1) {
		pattern := regexp.MustCompile("^" + named.ReplaceAllString(m[1], `[^/]+`) + "$")
		if !slices.ContainsFunc(slices.Collect(maps.Keys(met)), pattern.MatchString) && !slices.Contains(never, m[1]) {
			never = append(never, m[1])
		}
	}
	t.Logf("no link led to %s", strings.Join(never, " "))
}
