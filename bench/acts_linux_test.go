package bench

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"daubang/internal/demo"
	"daubang/internal/pgtest"
	"daubang/internal/ref"
)

// BenchmarkActs measures what applicants do most, in a world of a few proposals:
// what it costs does not depend on how many there are (BenchmarkScale asks that).
func BenchmarkActs(b *testing.B) {
	w := build(b, pgtest.New(b), demo.Volume{Proposals: 60, Reviews: 120, Seed: 5})
	b.Run("autosave", func(b *testing.B) { autosaveCost(b, w) })
	b.Run("save", func(b *testing.B) { saveCost(b, w) })
	b.Run("submit", func(b *testing.B) { submitCost(b, w) })
}

// saveCost prints what a save of a section costs, through the real door.
func saveCost(b *testing.B, w *world) {
	at := "/proposals/" + ref.Of(w.draft) + "/sections/problem"
	version := one[int](b, w.db, `select coalesce(max(version), 0) from proposal_sections where proposal_id = $1 and key = 'problem'`, w.draft)
	actCost(b, w, func(int) {}, func(n int) {
		text := strings.Repeat("Phụ nữ trong thôn làm việc nhà trên năm giờ mỗi ngày. ", 20) + strconv.Itoa(n)
		w.mustPost(b, request{w.draftHead, at, url.Values{"gender_analysis": {text}, "voices": {"Chị em đã họp hai lần."}, "version": {strconv.Itoa(version + n)}, "act": {"stay"}}})
	})
	if got := one[int](b, w.db, `select version from proposal_sections where proposal_id = $1 and key = 'problem'`, w.draft); got <= version {
		b.Errorf("nothing was saved: version %d", got)
	}
}

// autosaveCost prints what it costs that somebody paused in typing.
func autosaveCost(b *testing.B, w *world) {
	version := one[int](b, w.db, `select coalesce(max(version), 0) from proposal_sections where proposal_id = $1 and key = 'problem'`, w.draft)
	saved := 0
	actCost(b, w, func(int) {}, func(n int) {
		text := strings.Repeat("Phụ nữ trong thôn làm việc nhà trên năm giờ mỗi ngày. ", 60) + strconv.Itoa(n) // 4.9 KB
		form := url.Values{"page": {"bench"}, "changed": {"gender_analysis"}, "gender_analysis": {text}}
		q := httptest.NewRequest(http.MethodPut, "/proposals/"+ref.Of(w.draft)+"/sections/problem", strings.NewReader(form.Encode()))
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("Accept", "application/json")
		q.Header.Set("If-Match", strconv.Quote(strconv.Itoa(version)))
		q.AddCookie(&http.Cookie{Name: "daubang_session", Value: token(w.draftHead)})
		out := httptest.NewRecorder()
		w.door.ServeHTTP(out, q)
		if out.Code != http.StatusOK {
			b.Fatalf("autosave answers %d: %.2000s", out.Code, out.Body)
		}
		saved++
	})
	if got := one[int](b, w.db, `select version from proposal_sections where proposal_id = $1 and key = 'problem'`, w.draft); got != version+saved {
		b.Errorf("%d saves made version %d of %d", saved, got, version)
	}
}

// submitCost prints what sending a proposal costs, through the real door. The
// office returns it in between, which does not count.
func submitCost(b *testing.B, w *world) {
	actCost(b, w, func(int) {
		w.giveBack(b, w.twice)
	}, func(int) {
		w.mustPost(b, w.sending())
	})
}

// actCost measures an act, without what has to be done before each.
func actCost(b *testing.B, w *world, before, act func(n int)) {
	var queries int
	n := 0
	for ; n < 6; n++ {
		before(n)
		queries = w.watch.count(func() { act(n) })
	}
	m := meterOf(b, w.db)
	var cost used
	first := n
	for b.Loop() {
		before(n)
		start := m.read(b)
		act(n)
		cost = cost.plus(m.read(b), start)
		n++
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(cost.sum())/float64(n-first)/1e6, "cpu-ms")
	b.ReportMetric(float64(cost.pg)/float64(n-first)/1e6, "of-which-pg")
	b.ReportMetric(float64(queries), "statements")
}
