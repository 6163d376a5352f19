package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/pg"
	"daubang/internal/rubric"
	"daubang/internal/viet"
)

// Volume says how much to make up. The same seed makes the same rows.
type Volume struct {
	Proposals int
	Reviews   int
	Seed      uint64
}

// Distributions, in per mille where nothing else is said. A proposal's status:
var standing = weighted{
	{"draft", 20}, {"submitted", 70}, {"returned", 30}, {"eligible", 60}, {"ineligible", 50}, {"in_review", 250},
	{"approved", 180}, {"conditional", 40}, {"waitlisted", 50}, {"declined", 220}, {"withdrawn", 30},
}

// Marks follow the proposal's worth (normal, mean 3.4, deviation 0.7), the
// reviewer's severity (deviation 0.35) and chance (0.5), cut to 1–5. Submissions
// arrive as 1/(T−t) before the deadline: most of them on the last days.
const (
	worthMean, worthSpread = 3.4, 0.7
	severity, chance       = 0.35, 0.5
	reviewersPerHundred    = 1 // reviewers per hundred proposals, ten at least
	organisationsPerTen    = 3 // organisations per ten proposals
	callsPast              = 20
)

// Generate makes up people, organisations, past calls, proposals and reviews in
// the volume asked for, in one transaction. It wants the demo's programmes and
// calls to be there, and refuses a database that was filled so before.
func Generate(ctx context.Context, tx pgx.Tx, now time.Time, v Volume) error {
	g, err := newGenerator(ctx, tx, now, v)
	if err != nil {
		return err
	}
	steps := []struct {
		what string
		do   func(context.Context) error
	}{
		{"people", g.copyPeople},
		{"organisations", g.copyOrganisations},
		{"members", g.copyMembers},
		{"calls", g.insertCalls},
		{"roles", g.copyRoles},
		{"proposals", g.copyProposals},
		{"submissions", g.copySubmissions},
		{"assignments", g.copyAssignments},
		{"reviews", g.copyReviews},
		{"scores", g.copyScores},
		{"decisions", g.copyDecisions},
		{"events", g.insertEvents},
	}
	for _, s := range steps {
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("making up %s: %w", s.what, err)
		}
	}
	return nil
}

// generator knows what every row will be: proposal i is the same each time it
// is asked for, so each table can be streamed without holding another.
type generator struct {
	tx  pgx.Tx
	now time.Time
	Volume
	calls         []pastCall
	communes      []commune
	criteria      []rubric.Criterion
	definition    rubric.Definition
	organisations int
	reviewers     int
}

type commune struct {
	ID       int64
	FullName string
	Province string
}

type pastCall struct {
	ID          int64
	ProgrammeID int64
	Code        string
	Opens       time.Time
	Closes      time.Time
	From        int64 // the call it is a copy of
}

func newGenerator(ctx context.Context, tx pgx.Tx, now time.Time, v Volume) (*generator, error) {
	g := &generator{tx: tx, now: now, Volume: v, organisations: max(v.Proposals*organisationsPerTen/10, 5), reviewers: max(v.Proposals*reviewersPerHundred/100, 10)}
	filled, err := pg.Value[bool](ctx, tx, `select exists (select from people where email_key like '%@generated.example')`)
	if err != nil {
		return nil, err
	}
	if filled {
		return nil, errors.New("this database holds made-up proposals already: use an empty one")
	}
	g.communes, err = pg.All[commune](ctx, tx, `select id, full_name, parent_code as province from places where level = 3 and valid_to is null order by code`)
	if err != nil {
		return nil, err
	}
	models, err := pg.All[struct {
		ID, ProgrammeID int64
		RubricID        rubric.ID
	}](ctx, tx, `select id, programme_id, rubric_id from calls where status = 'published' order by code`)
	if err != nil {
		return nil, err
	}
	if len(models) == 0 || len(g.communes) == 0 {
		return nil, errors.New("there are no calls or places to make proposals for: run daubang serve --demo once, or daubang demo without an empty database")
	}
	r, err := rubric.Get(ctx, tx, models[0].RubricID)
	if err != nil {
		return nil, err
	}
	g.definition, g.criteria = r.Definition, r.Definition.Criteria
	for i := range callsPast {
		m := models[i%len(models)]
		closes := time.Date(now.Year()-1-i/len(models), time.March, 26, 10, 0, 0, 0, time.UTC)
		g.calls = append(g.calls, pastCall{
			ID: g.id("call", i), ProgrammeID: m.ProgrammeID, From: m.ID, Code: fmt.Sprintf("THU-%02d-%d", closes.Year()%100, 1+i%len(models)),
			Opens: closes.AddDate(0, -2, 0), Closes: closes,
		})
	}
	return g, nil
}

// random is the source of one row's chance.
func (g *generator) random(of string, i int) *rand.Rand {
	var h uint64 = 14695981039346656037 // FNV-1a, to part the tables
	for _, c := range []byte(of) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(g.Seed^h, uint64(i))) //nolint:gosec // made-up rows are to be the same every time
}

// id is the id of row i of a table.
func (g *generator) id(of string, i int) int64 { return g.random("id "+of, i).Int64N(1 << 60) }

// madeProposal is all there is to know of one.
type madeProposal struct {
	id           int64
	organisation int
	call         pastCall
	reference    string
	title        string
	status       string
	amount       int64
	months       int
	created      time.Time
	sent         time.Time
	worth        float64
	reviews      []madeReview
}

type madeReview struct {
	id        int64
	reviewer  int
	sent      bool
	marks     []int
	total     float64
	at        time.Time
	commented bool
}

// reviewed are the statuses whose proposals have reviewers.
var reviewed = map[string]bool{"in_review": true, "approved": true, "conditional": true, "waitlisted": true, "declined": true}

const letters = "23456789BCDFGHJKMNPQRTVWXY"

func (g *generator) made(i int) madeProposal {
	r := g.random("proposal", i)
	c := g.calls[i%len(g.calls)]
	p := madeProposal{id: g.id("proposal", i), organisation: i % g.organisations, call: c, status: standing.pick(r), months: 6 + 3*r.IntN(7)}
	if i/g.organisations > 0 && p.status == "returned" { // one open draft per call and organisation
		p.status = "submitted"
	}
	p.reference = c.Code + "-" + referenceOf(i)
	p.title = title(r, g.commune(p.organisation).FullName)
	p.amount = int64(150+r.IntN(1300)/2) * 1_000_000
	share := r.Float64()
	p.sent = c.Closes.Add(-time.Duration(float64(c.Closes.Sub(c.Opens)) * share * share * share * share)).Truncate(time.Second)
	p.created = p.sent.Add(-time.Duration(1+r.IntN(20*24)) * time.Hour)
	p.worth = worthMean + worthSpread*r.NormFloat64()
	if reviewed[p.status] {
		p.reviews = g.reviewsOf(r, i, p)
	}
	return p
}

// referenceOf writes i with the alphabet of references, five characters at least.
func referenceOf(i int) string {
	b := []byte("22222")
	n := i*7919%11881376 + 1 // a step without a common factor: neighbours look nothing alike
	for k := len(b) - 1; n > 0 && k >= 0; k-- {
		b[k] = letters[n%len(letters)]
		n /= len(letters)
	}
	return string(b)
}

// reviewsOf shares out the reviews asked for: those of proposals in review, two
// to four each, as it comes out.
func (g *generator) reviewsOf(r *rand.Rand, i int, p madeProposal) []madeReview {
	const reviewedShare = 0.74
	mean := float64(g.Reviews) / (float64(g.Proposals) * reviewedShare)
	n := int(mean)
	if r.Float64() < mean-float64(n) {
		n++
	}
	var out []madeReview
	for k := range min(n, g.reviewers) {
		v := madeReview{id: g.random("review "+strconv.Itoa(k), i).Int64N(1 << 60), reviewer: (i*7 + k*(1+g.reviewers/9)) % g.reviewers}
		v.sent = p.status != "in_review" || r.IntN(100) < 55
		strict := severity * g.random("reviewer", v.reviewer).NormFloat64()
		marks := map[string]int{}
		for _, c := range g.criteria {
			mark := min(max(int(p.worth+strict+chance*r.NormFloat64()+0.5), rubric.Lowest), rubric.Highest)
			v.marks = append(v.marks, mark)
			marks[c.Key] = mark
		}
		total, _ := g.definition.Total(marks)
		v.total = total.Float()
		v.at = p.call.Closes.Add(time.Duration(24*(3+r.IntN(20))) * time.Hour)
		out = append(out, v)
	}
	return out
}

func (g *generator) commune(organisation int) commune {
	return g.communes[g.random("place", organisation).IntN(len(g.communes))]
}

// organisation names organisation o and says its kind.
func (g *generator) organisation(o int) (name, kind string) {
	r := g.random("organisation", o)
	kind = kinds.pick(r)
	return organisationName(r, kind, g.commune(o).FullName), kind
}

// rows streams made-up rows into a table.
func (g *generator) rows(ctx context.Context, table string, columns []string, n int, row func(i int) [][]any) error {
	i, ready := 0, [][]any(nil)
	_, err := g.tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		for len(ready) == 0 {
			if i == n {
				return nil, nil
			}
			ready = row(i)
			i++
		}
		next := ready[0]
		ready = ready[1:]
		return next, nil
	}))
	return err
}

func key(parts ...string) string {
	joined := ""
	for _, p := range parts {
		joined += p + " "
	}
	return viet.Key(joined)
}

// address of person i: nobody's, and never written to.
func address(i int) string { return "p" + strconv.Itoa(i) + "@generated.example" }

// Reviewer is the id of the n-th reviewer that [Generate] makes under a seed,
// so that a benchmark can be them.
func (v Volume) Reviewer(n int) int64 {
	g := &generator{Volume: v}
	return g.id("person", n)
}
