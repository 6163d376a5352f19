package site_test

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/portaltest"
	"daubang/internal/ref"
	"daubang/internal/rubric"
	"daubang/internal/site"
)

// The policy: what each address answers to whom. It is written by hand and
// reviewed, never made from the code: the code is held to it. Its cells:
//
//	R  shows the page or file          D  may do it: the concept answers, whatever the form holds
//	N  sees it, but may not do this    -  there is no such thing, as far as they can tell
//	S  is sent to sign in             X  is refused either way
//
//go:embed policy.csv
var policyCSV string

// What the head of an organisation that applies together may: the lines in which
// it is not simply refused, as everything is that does not stand here. What the
// policy says to a stranger, OX, that is no refusal, it says to them too.
//
//go:embed policy_coapplicant.csv
var coApplicantCSV string

// line is one line of the policy: a route, the state of the proposal it is
// about (empty: it is about none), and a cell for each persona.
type line struct {
	method, pattern, state string
	cell                   map[string]string
}

func (l line) String() string { return strings.TrimSpace(l.method + " " + l.pattern + " " + l.state) }

// policy reads the table; a line's states stand apart by spaces.
func policy(t *testing.T) []line {
	t.Helper()
	r := csv.NewReader(strings.NewReader(policyCSV))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := append([]string{"method", "pattern", "states"}, portaltest.Personas...); !slices.Equal(rows[0], want) {
		t.Fatalf("policy.csv begins with %v, want %v", rows[0], want)
	}
	var lines []line
	for _, row := range rows[1:] {
		states := strings.Fields(row[2])
		if len(states) == 0 {
			states = []string{""}
		}
		for _, s := range states {
			l := line{method: row[0], pattern: row[1], state: s, cell: map[string]string{}}
			for i, p := range portaltest.Personas {
				l.cell[p] = strings.TrimSpace(row[3+i])
			}
			if l.cell[portaltest.CoApplicant] = l.cell["OX"]; l.cell["OX"] == "-" {
				l.cell[portaltest.CoApplicant] = "X"
			}
			lines = append(lines, l)
		}
	}
	return withCoApplicant(t, lines)
}

// personas are all whom the policy speaks of.
var personas = append(slices.Clone(portaltest.Personas), portaltest.CoApplicant)

// withCoApplicant puts in place what the second table says.
func withCoApplicant(t *testing.T, lines []line) []line {
	t.Helper()
	r := csv.NewReader(strings.NewReader(coApplicantCSV))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		for _, state := range append(strings.Fields(row[2]), "")[:max(1, len(strings.Fields(row[2])))] {
			i := slices.IndexFunc(lines, func(l line) bool { return l.method == row[0] && l.pattern == row[1] && l.state == state })
			if i < 0 {
				t.Errorf("policy_coapplicant.csv has %s %s %s, which policy.csv has not", row[0], row[1], state)
				continue
			}
			lines[i].cell[portaltest.CoApplicant] = strings.TrimSpace(row[3])
		}
	}
	return lines
}

// TestEveryRouteHasAPolicy compares the router's map with the table: both
// differences are empty.
func TestEveryRouteHasAPolicy(t *testing.T) {
	t.Parallel()
	routes := map[string]bool{}
	s := newSite(t, pgtest.New(t))
	err := chi.Walk(s.Handler().(chi.Routes), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		routes[method+" "+pattern] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	for _, l := range policy(t) {
		written[l.method+" "+l.pattern] = true
		if !routes[l.method+" "+l.pattern] {
			t.Errorf("policy.csv has %s, which is no route", l)
		}
	}
	for _, r := range slices.Sorted(maps.Keys(routes)) {
		if !written[r] {
			t.Errorf("%s has no line in policy.csv: say there who may", r)
		}
	}
}

// TestPolicy sends every request of the table as every persona. Refusals are
// sent first and must leave the database as it was; what is allowed is then
// done on a copy of the world of its own.
func TestPolicy(t *testing.T) {
	t.Parallel()
	var w portaltest.World
	copies := pgtest.Prepare(t, func(ctx context.Context, db *pgxpool.Pool) (err error) {
		if err = installData(ctx, db); err == nil {
			w, err = portaltest.Build(ctx, db)
		}
		return err
	})
	refusing := copies.New(t)
	door := newSite(t, refusing).Handler()
	absent := absences{}
	before := fingerprint(t, refusing)
	n := 0
	for _, l := range policy(t) {
		for _, p := range personas {
			if want := l.cell[p]; want == "R" || refusal(want) {
				n++
				l.check(t, door, &w, p, absent)
			}
		}
	}
	if after := fingerprint(t, refusing); after != before {
		t.Errorf("refused requests and pages changed the database:\n%s\n%s", before, after)
	}
	for shard := range shards {
		t.Run(fmt.Sprintf("allowed %d", shard), func(t *testing.T) {
			t.Parallel()
			allowed(t, copies, &w, shard)
		})
	}
	t.Logf("%d refusals and pages", n)
}

// shards is how many copies of the world are acted on at a time.
const shards = 2

// allowed does what the table allows, every shards-th line of it, one act after
// the other. Where one is not heard because of another before it, it is done
// again on a new copy.
func allowed(t *testing.T, copies pgtest.Copies, w *portaltest.World, shard int) {
	t.Helper()
	var door http.Handler
	begin := func() { door = newSite(t, copies.New(t)).Handler() }
	begin()
	for i, l := range policy(t) {
		for _, p := range personas {
			if l.cell[p] != "D" || i%shards != shard {
				continue
			}
			if !taken(l.send(door, l.address(w), p)) {
				begin()
				l.check(t, door, w, p, absences{})
			}
		}
	}
}

// taken says that an act was not refused for who did it.
func taken(got *httptest.ResponseRecorder) bool {
	return got.Code < 500 && got.Code != 401 && got.Code != 403 && got.Code != 404 && !strings.HasPrefix(got.Header().Get("Location"), "/sign-in")
}

// absences are the answers to requests for what is not there, by method, pattern
// and persona: they are the same in every state, so each is asked for once.
type absences map[[3]string]string

func (a absences) of(l line, door http.Handler, p string) string {
	key := [3]string{l.method, l.pattern, p}
	if _, asked := a[key]; !asked {
		got := l.send(door, l.absent(), p)
		a[key] = fmt.Sprint(got.Code, same(got))
	}
	return a[key]
}

func refusal(cell string) bool { return cell == "N" || cell == "-" || cell == "S" || cell == "X" }

// check sends l's request as persona p and compares the answer with its cell.
func (l line) check(t *testing.T, door http.Handler, w *portaltest.World, p string, absent absences) {
	t.Helper()
	got := l.send(door, l.address(w), p)
	switch want := l.cell[p]; want {
	case "R":
		if got.Code != http.StatusOK {
			t.Errorf("%s as %s: %d, want 200", l, p, got.Code)
		}
	case "D":
		if !taken(got) {
			t.Errorf("%s as %s: %d to %q, want it to be heard", l, p, got.Code, got.Header().Get("Location"))
		}
	case "N":
		if got.Code != http.StatusForbidden {
			t.Errorf("%s as %s: %d, want 403", l, p, got.Code)
		}
	case "X":
		if got.Code != http.StatusForbidden && got.Code != http.StatusNotFound {
			t.Errorf("%s as %s: %d, want a refusal", l, p, got.Code)
		}
	case "S":
		if (got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Header().Get("Location"), "/sign-in?next=")) && got.Code != http.StatusUnauthorized {
			t.Errorf("%s as %s: %d to %q, want the way to sign in", l, p, got.Code, got.Header().Get("Location"))
		}
	case "-":
		if got.Code != http.StatusNotFound {
			t.Errorf("%s as %s: %d, want 404", l, p, got.Code)
			return
		}
		if absent.of(l, door, p) != fmt.Sprint(got.Code, same(got)) {
			t.Errorf("%s as %s: what is not theirs answers otherwise than what is not there", l, p)
		}
	default:
		t.Errorf("%s as %s: policy.csv has no such cell as %q", l, p, want)
	}
}

func (l line) send(door http.Handler, address, p string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(l.method, address, strings.NewReader(""))
	if l.method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if strings.HasSuffix(l.pattern, "/documents") {
			r = httptest.NewRequest(l.method, address, strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"question\"\r\n\r\nother\r\n--b--\r\n"))
			r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		}
	}
	if p != "AN" {
		r.AddCookie(&http.Cookie{Name: "daubang_session", Value: portaltest.Token(p)})
	}
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	return w
}

var parameter = regexp.MustCompile(`\{([a-z]+)(:[^}]*)?\}`)

// address fills the pattern with what is in the world.
func (l line) address(w *portaltest.World) string {
	return l.fill(func(name string) string {
		switch name {
		case "programme":
			return ref.Of(w.Programme)
		case "call":
			if l.state == "draft-call" {
				return ref.Of(w.DraftCall)
			}
			return ref.Of(w.Call)
		case "organisation":
			return ref.Of(w.Organisation)
		case "proposal":
			return ref.Of(w.Proposal[strings.TrimPrefix(l.state, "personal:")])
		case "assignment":
			if l.state == "peer" {
				return ref.Of(w.PeerReview["in_review"])
			}
			return ref.Of(w.Assignment[l.state])
		case "document":
			if strings.HasPrefix(l.pattern, "/organisations/") {
				return ref.Of(w.Scan)
			}
			if after, ok := strings.CutPrefix(l.state, "personal:"); ok {
				return ref.Of(w.Personal[after])
			}
			return ref.Of(w.Document[l.state])
		case "person":
			if strings.HasPrefix(l.pattern, "/desk/people/") {
				return ref.Of(w.People["RU"])
			}
			return ref.Of(w.People["WR"])
		case "session":
			return ref.Of(w.Session["WR"])
		case "paper":
			return ref.Of(w.Paper)
		case "part":
			return ref.Of(w.Part[l.state])
		case "grant":
			return ref.Of(w.Grant["RU"])
		case "invitation":
			return ref.Of(w.Invitation)
		case "token":
			if strings.HasPrefix(l.pattern, "/co-applications/") {
				return ref.Of(w.Offer)
			}
			if strings.HasPrefix(l.pattern, "/invitations/") {
				return ref.Of(w.Invitation) // who holds the address needs no more
			}
			return "no-such-token"
		case "inquiry":
			return ref.Of(w.Inquiry)
		case "extension":
			return ref.Of(w.Extension)
		case "letter":
			return ref.Of(w.Letter)
		default:
			return "no-such-" + name
		}
	})
}

// absent fills it with references that name nothing; what is no reference, such
// as a section's key, stays.
func (l line) absent() string {
	return l.fill(func(name string) string {
		if name == "section" {
			return "problem"
		}
		return ref.Of(int64(4711))
	})
}

func (l line) fill(with func(name string) string) string {
	return parameter.ReplaceAllStringFunc(l.pattern, func(m string) string {
		name := parameter.FindStringSubmatch(m)[1]
		switch name {
		case "section":
			return "problem"
		case "question":
			return "figures"
		}
		return with(name)
	})
}

var perRequest = regexp.MustCompile(`nonce="[^"]*"|name="next" value="[^"]*"`)

// same is an answer without what differs from one request to the next: the
// nonce, and the address itself, to which switching the language returns.
func same(w *httptest.ResponseRecorder) string {
	body := perRequest.ReplaceAllString(w.Body.String(), "")
	header := w.Header().Clone()
	for _, h := range []string{"X-Request-Id", "Content-Security-Policy"} {
		header.Del(h)
	}
	return fmt.Sprint(header, body)
}

// fingerprint changes whenever any row of any table does, but for the notes of
// when a session was last used.
func fingerprint(t *testing.T, db *pgxpool.Pool) string {
	t.Helper()
	statement, err := pg.Value[string](t.Context(), db, `
		select 'select concat_ws('' '', ' || string_agg(format('(select ''%1$s='' || count(*) || '':'' || coalesce(sum(xmin::text::bigint), 0) from %1$I)', relname), ', ' order by relname)
		       || ', (select ''sessions='' || count(*) || '':'' || count(ended_at) from sessions))'
		from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not in ('sessions', 'tries')`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pg.Value[string](t.Context(), db, statement)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// newSite is the portal on db, at the world's moment, its handlers of GET on a
// pool that cannot write.
func newSite(t *testing.T, db *pgxpool.Pool) *site.Site {
	t.Helper()
	read, err := pg.OpenReadOnly(t.Context(), db.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(read.Close)
	files, err := document.OpenStore("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	if _, err := files.Put(t.Context(), "ke-hoach.pdf", strings.NewReader(portaltest.PDF)); err != nil {
		t.Fatal(err)
	}
	return &site.Site{
		Files: files,
		DB:    db, Read: read, Lagging: read, Log: slog.New(slog.DiscardHandler),
		Now:     func() time.Time { return portaltest.Now },
		Instant: func(context.Context, pg.DB) (time.Time, error) { return portaltest.Now, nil },
		BaseURL: &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}, Secret: []byte("a secret of the tests, long enough"),
	}
}

// installData installs what every world needs: a form and a rubric.
func installData(ctx context.Context, db *pgxpool.Pool) error {
	return pg.Tx(ctx, db, func(tx pgx.Tx) error {
		if _, err := form.InstallDefault(ctx, tx, portaltest.Now); err != nil {
			return err
		}
		_, err := rubric.InstallDefault(ctx, tx, portaltest.Now)
		return err
	})
}
