//go:build e2e

package e2e

import (
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// faults are what a page's scripts died of and what its policy blocked, which
// nobody sees on the page.
type faults struct {
	mu   sync.Mutex
	list []string
}

// minds has every fault of a person's pages noted, and the scene fail for it: at
// the next page they arrive at, or at the end.
func (p *person) minds() {
	p.t.Helper()
	if err := chromedp.Listen(p.ctx, p.faults.note); err != nil {
		p.t.Fatalf("%s: listening to pages: %v", p.name, err)
	}
	p.t.Cleanup(func() { p.faults.check(p) })
}

func (f *faults) note(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		what := d.Text
		if d.Exception != nil {
			what += " " + d.Exception.Description
		}
		f.add(what + " in " + d.URL)
	case *log.EventEntryAdded:
		// The preview of a form runs no scripts, and the browser says so.
		if e.Entry.Source == log.EntrySourceSecurity && !strings.Contains(e.Entry.Text, "sandboxed") {
			f.add(e.Entry.Text + " in " + e.Entry.URL)
		}
	}
}

func (f *faults) add(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, what)
}

// check fails for what was noted since it was last asked.
func (f *faults) check(p *person) {
	p.t.Helper()
	for _, what := range f.taken() {
		p.t.Errorf("%s: before or at %s: %s", p.name, p.address(), what)
	}
}

func (f *faults) taken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := f.list
	f.list = nil
	return list
}

// trips makes a script die on the page and another be blocked: were they not
// noted, no scene would fail for one.
func (p *person) trips() {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](`setTimeout(() => { throw new Error('dies') }); setTimeout(() => {
		const s = document.createElement('script'); s.textContent = 'lives = 1'; document.body.append(s) })`))
	var noted string
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(30 * time.Millisecond) {
		noted += strings.Join(p.faults.taken(), "; ")
		if strings.Contains(noted, "dies") && strings.Contains(noted, "has been blocked") {
			return
		}
	}
	p.t.Errorf("noted is %q", noted)
}
