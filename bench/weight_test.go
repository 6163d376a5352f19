package bench

import (
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"daubang/internal/demo"
	"daubang/internal/pgtest"
)

// The weights that nothing may exceed, in KiB under brotli, which every current
// browser takes.
const (
	mostFirst = 60 // the first page anybody opens: page, style sheet, scripts, fonts, pictures
	mostNext  = 8  // one more page, with the script that only it has, if any
)

// weight is what travels for a page, in bytes.
type weight struct{ first, next int }

// encodings are what browsers say they take: current ones, and those of ten
// years ago.
var encodings = []string{"gzip, deflate, br", "gzip"}

// named finds the files of ours that a page, or the style sheet, names.
var named = regexp.MustCompile(`(?:(?:src|href)="|url\("?)(/static/[^"]+|fonts/[^")]+|[a-z-]+\.svg)`)

// file is what travels for a file of ours, and what it says.
type file struct {
	bytes int
	text  string
}

// weighed are the files of the portal, which are the same for every page, by
// encoding and address.
var weighed sync.Map

// travels is what travels for what an address answers.
func (w *world) travels(tb testing.TB, r request, encoding string) int {
	tb.Helper()
	q := r.http()
	q.Header.Set("Accept-Encoding", encoding)
	out := httptest.NewRecorder()
	w.door.ServeHTTP(out, q)
	if out.Code != http.StatusOK {
		tb.Fatalf("%s answers %d", r.address, out.Code)
	}
	return out.Body.Len()
}

func (w *world) file(tb testing.TB, address, encoding string) file {
	tb.Helper()
	key := encoding + " " + address
	if f, ok := weighed.Load(key); ok {
		return f.(file)
	}
	r := request{address: address}
	f := file{w.travels(tb, r, encoding), w.mustGet(tb, r).Body.String()}
	weighed.Store(key, f)
	return f
}

// weigh weighs a page, of which html is the source. Every file that it or the
// style sheet names counts for the first view, whether this page needs it or not.
func (w *world) weigh(tb testing.TB, r request, html, encoding string) weight {
	tb.Helper()
	n := w.travels(tb, r, encoding)
	sum, met := weight{first: n, next: n}, map[string]bool{}
	var count func(base, text string)
	count = func(base, text string) {
		for _, found := range named.FindAllStringSubmatch(text, -1) {
			at := found[1]
			if !strings.HasPrefix(at, "/") {
				at = base + at
			}
			if met[at] {
				continue
			}
			met[at] = true
			f := w.file(tb, at, encoding)
			sum.first += f.bytes
			folder, name := path.Split(at)
			switch {
			case name == "portal.css":
				count(folder, f.text)
			case path.Ext(name) == ".js" && name != "portal.js":
				sum.next += f.bytes
			}
		}
	}
	count("", html)
	if len(met) < 8 {
		tb.Errorf("%s names only %d files", r.address, len(met))
	}
	return sum
}

// firstOpened are pages that people come to from outside: by an address, a
// search engine or a link of a letter.
var firstOpened = []string{"start", "calls", "call", "public questions", "sign in", "my proposals", "task list", "section"}

// heavier are pages that weigh more than they should, and what each may weigh
// today: first view and next page.
var heavier = map[string][2]float64{
	"call":                 {64, mostNext},   // all that is asked and told is on it
	"check answers":        {mostFirst, 8.8}, // the whole proposal is on it
	"section":              {68, 12.5},       // with draft.js and table.js, which come once
	"section with a table": {70, 14},
	"task list":            {61, mostNext},
}

// checkWeight holds a page to what it may weigh on the line.
func (w *world) checkWeight(t *testing.T, p page) {
	t.Helper()
	r := p.of(w)
	if isFile(r) {
		return
	}
	html := w.mustGet(t, r).Body.String()
	of, old := w.weigh(t, r, html, encodings[0]), w.weigh(t, r, html, encodings[1])
	t.Logf("first view %.1f KiB (gzip %.1f), next page %.1f (gzip %.1f)", kib(of.first), kib(old.first), kib(of.next), kib(old.next))
	may := heavier[p.name]
	if most := max(may[1], mostNext); kib(of.next) > most {
		t.Errorf("%.1f KiB as the next page, want at most %.1f", kib(of.next), most)
	}
	if most := max(may[0], mostFirst); slices.Contains(firstOpened, p.name) && kib(of.first) > most {
		t.Errorf("%.1f KiB as the first view, want at most %.1f", kib(of.first), most)
	}
}

// BenchmarkWeight prints what pages weigh.
func BenchmarkWeight(b *testing.B) {
	w := build(b, pgtest.New(b), demo.Volume{Proposals: 60, Reviews: 120, Seed: 5})
	for _, p := range pages {
		r := p.of(w)
		if isFile(r) {
			continue
		}
		b.Run(strings.ReplaceAll(p.name, " ", "-"), func(b *testing.B) {
			html := w.mustGet(b, r).Body.String()
			of, old := w.weigh(b, r, html, encodings[0]), w.weigh(b, r, html, encodings[1])
			for b.Loop() { // how long it takes to weigh says nothing
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(kib(of.first), "KiB-first")
			b.ReportMetric(kib(of.next), "KiB-next")
			b.ReportMetric(kib(old.first), "KiB-first-gzip")
			b.ReportMetric(kib(old.next), "KiB-next-gzip")
		})
	}
}

func kib(n int) float64 { return float64(n) / 1024 }

// isFile tells files from pages.
func isFile(r request) bool {
	return strings.HasSuffix(r.address, ".pdf") || strings.HasSuffix(r.address, ".xlsx")
}
