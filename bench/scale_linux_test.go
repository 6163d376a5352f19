package bench

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/demo"
	"daubang/internal/pgtest"
	"daubang/internal/proposal"
)

// small and large are the volumes compared. DAUBANG_BENCH_PROPOSALS makes the
// large one smaller, to try a benchmark out.
var (
	small = demo.Volume{Proposals: 1_000, Reviews: 3_000, Seed: 1}
	large = func() demo.Volume {
		n, err := strconv.Atoi(os.Getenv("DAUBANG_BENCH_PROPOSALS"))
		if err != nil {
			n = 100_000
		}
		return demo.Volume{Proposals: n, Reviews: 3 * n, Seed: 1}
	}()
)

// BenchmarkScale fills both worlds, once, and measures in them.
func BenchmarkScale(b *testing.B) {
	few := build(b, pgtest.New(b), small)
	began := time.Now()
	many := largeWorld(b)
	b.Logf("%d proposals and %d reviews were made up, and their tables analysed, in %s", large.Proposals, large.Reviews, time.Since(began).Round(time.Second))
	for _, p := range pages {
		name := strings.NewReplacer(": ", "-", " ", "-").Replace(p.name)
		b.Run("page/"+name, func(b *testing.B) { pageCost(b, few, many, p) })
	}
	b.Run("export", func(b *testing.B) { exportSpeed(b, many) })
	b.Run("act/save", func(b *testing.B) { saveCost(b, many) })
	b.Run("act/submit", func(b *testing.B) { submitCost(b, many) })
}

// largeWorld is filled, or is the one that DAUBANG_BENCH_LARGE names: a database
// that `daubang demo` has filled with the same volume and seed.
func largeWorld(b *testing.B) *world {
	b.Helper()
	url, set := os.LookupEnv("DAUBANG_BENCH_LARGE")
	if !set {
		return build(b, pgtest.New(b), large)
	}
	db, err := pgxpool.New(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(db.Close)
	return enter(b, db, large)
}

// most is how much more CPU a page may cost in the large world.
const most = 2.0

// pageCost prints for a page what it costs in the small and in the large world:
// CPU of the portal and of PostgreSQL together, in milliseconds, their ratio, the
// queries, and the page's weight. A page of the long lists that costs more than
// twice as much in the large world fails.
func pageCost(b *testing.B, few, many *world, p page) {
	both := [2]*world{few, many}
	var meters [2]meter
	for i, w := range both {
		warm(b, w, p)
		meters[i] = meterOf(b, w.db)
	}
	runtime.GC()
	const batch = 10 // by turns, so that what else goes on meets both
	var cost [2]used
	n := 0
	for b.Loop() {
		n += batch
		for i, w := range both {
			before := meters[i].read(b)
			for range batch {
				w.mustGet(b, p.of(w))
			}
			cost[i] = cost[i].plus(meters[i].read(b), before)
		}
	}
	perPage := func(d time.Duration) float64 { return float64(d) / float64(n) / 1e6 }
	ratio := float64(cost[1].sum()) / float64(cost[0].sum())
	b.ReportMetric(0, "ns/op") // of a batch in both worlds: says nothing
	b.ReportMetric(perPage(cost[0].sum()), "cpu-ms/small")
	b.ReportMetric(perPage(cost[1].sum()), "cpu-ms/large")
	b.ReportMetric(perPage(cost[1].pg), "of-which-pg")
	b.ReportMetric(ratio, "ratio")
	report(b, many, p)
	if p.list && ratio > most {
		b.Errorf("%s costs %.2f times the CPU at %d proposals of what it does at %d", p.name, ratio, large.Proposals, small.Proposals)
	}
}

// report says the page's queries and weight.
func report(b *testing.B, w *world, p page) {
	b.Helper()
	var body *bytes.Buffer
	queries := w.watch.count(func() { body = w.mustGet(b, p.of(w)).Body })
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	n, _ := io.Copy(z, body) // to memory
	_ = z.Close()
	b.ReportMetric(float64(queries), "queries")
	b.ReportMetric(float64(n)/1024, "KiB")
	b.ReportMetric(float64(packed.Len())/1024, "KiB-gz")
}

// warm lets a page find its statements prepared and planned, as it does a
// minute after the portal has started.
func warm(b *testing.B, w *world, p page) {
	b.Helper()
	for range 12 {
		w.mustGet(b, p.of(w))
	}
}

// exportSpeed compares the CSV of ten thousand proposals, through the real door,
// with what PostgreSQL itself can write of the same query.
func exportSpeed(b *testing.B, w *world) {
	r := request{who: w.officer, address: "/desk/proposals.csv?status=returned&status=withdrawn&status=conditional"} // a tenth
	copied := asCopy(b, w, r)
	conn, err := w.db.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	w.door.ServeHTTP(&sink{header: http.Header{}}, r.http())
	runtime.GC()
	resident, _ := memory(b)
	var took, copying time.Duration
	rows, peak := 0, int64(0)
	for b.Loop() {
		out := &sink{header: http.Header{}}
		began := time.Now()
		w.door.ServeHTTP(out, r.http())
		took += time.Since(began)
		rows += out.lines - 1 // headings
		_, high := memory(b)
		peak = max(peak, high)

		raw := &sink{header: http.Header{}}
		began = time.Now()
		tag, err := conn.Conn().PgConn().CopyTo(b.Context(), raw, copied)
		copying += time.Since(began)
		if err != nil || int(tag.RowsAffected()) != out.lines-1 {
			b.Fatalf("COPY wrote %d rows, the portal %d; %v", tag.RowsAffected(), out.lines-1, err)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(rows)/float64(b.N), "rows")
	b.ReportMetric(float64(rows)/took.Seconds(), "rows/s")
	b.ReportMetric(float64(rows)/copying.Seconds(), "rows/s-COPY")
	b.ReportMetric(float64(copying)/float64(took), "of-COPY")
	b.ReportMetric(float64(peak-resident)/(1<<20), "MiB-more-at-peak")
}

// sink takes a file and keeps nothing of it.
type sink struct {
	header http.Header
	lines  int
}

func (s *sink) Header() http.Header { return s.header }
func (s *sink) WriteHeader(int)     {}
func (s *sink) Write(b []byte) (int, error) {
	s.lines += bytes.Count(b, []byte("\n"))
	return len(b), nil
}

// asCopy is the query of an export as COPY takes it: with its values in it.
func asCopy(b *testing.B, w *world, r request) string {
	b.Helper()
	sent := w.watch.statements(func() { w.door.ServeHTTP(&sink{header: http.Header{}}, r.http()) })
	s := sent[len(sent)-1]
	var named pgx.NamedArgs
	for _, a := range s.args {
		if args, ok := a.(pgx.NamedArgs); ok {
			named = args
		}
	}
	return "copy (" + regexp.MustCompile(`@[a-z]+`).ReplaceAllStringFunc(s.sql, func(name string) string {
		switch v := named[name[1:]].(type) {
		case []proposal.Status:
			return fmt.Sprintf("'{%s}'::text[]", strings.ReplaceAll(strings.Trim(fmt.Sprint(v), "[]"), " ", ","))
		default:
			return fmt.Sprintf("%d", v)
		}
	}) + ") to stdout"
}
