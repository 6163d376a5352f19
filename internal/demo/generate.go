package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/proposal"
	"daubang/internal/rubric"
	"daubang/internal/viet"
)

// Volume says how much to make up. The same seed makes the same rows.
type Volume struct {
	Proposals int
	Reviews   int // sheets, begun or sent
	Seed      uint64
	ListsOnly bool // leave out what only single pages show: what was sent, scores, decisions, history
}

const (
	mostReviewers  = 9  // judge one proposal
	leastReviewers = 10 // are there, and review a call
	callsPast      = 20
)

// Generate makes up people, organisations, calls of past years, proposals and
// review sheets in the volume asked for, in one transaction; it is about reading
// much, so what would only be written once more is left out. It wants the demo's
// programmes and calls to be there, and refuses a database that was filled so
// before.
//
// How what it makes is spread, with which seed ever:
//   - three organisations for every ten proposals, each once at most in a call, of
//     kinds as in [kinds], in communes drawn evenly from those of the demo;
//   - twenty calls, in turn, copies of the demo's own that closed last year and
//     in the years before;
//   - statuses as in [standing] under the calls of last year, as in [settled] under
//     those before; what they asked for is the mean of two even
//     draws between the call's least and most;
//   - submissions thicken towards the deadline: the time left is the span of the
//     call times u⁴, u even: 36 % come on the last day, half within the last four;
//   - sheets are shared out evenly among the proposals in review or decided; one
//     reviewer for every hundred proposals, ten at least, on the panel of one call
//     where there are enough; in review 55 % of the sheets are sent, the rest begun, and every fifth proposal waits for the answer
//     of one reviewer more;
//   - a mark is the proposal's worth (normal, mean 3.4, deviation 0.7) plus the
//     reviewer's severity (deviation 0.35) plus chance (deviation 0.5), rounded
//     and cut to 1–5; totals, means and tallies are the rubric's and the tables' own
//     arithmetic.
//
// What was sent passes the form's own check and carries its own SHA-256. Each
// proposal has the events of its moves, chained. Not made: attached documents, the
// working copy of sections (a made-up draft or returned proposal opens empty),
// letters, notes on attaching and assigning, declared conflicts, passwords.
func Generate(ctx context.Context, tx pgx.Tx, now time.Time, v Volume) error {
	g, err := newGenerator(ctx, tx, now, v)
	if err != nil {
		return err
	}
	steps := []struct {
		what   string
		do     func(context.Context) error
		single bool // shown on a single proposal's pages only
	}{
		{what: "people", do: g.copyPeople},
		{what: "organisations", do: g.copyOrganisations},
		{what: "members", do: g.copyMembers},
		{what: "calls", do: g.insertCalls},
		{what: "roles", do: g.copyRoles},
		{what: "proposals", do: g.copyProposals},
		{what: "submissions", do: g.copySubmissions, single: true},
		{what: "assignments", do: g.copyAssignments},
		{what: "reviews", do: g.copyReviews},
		{what: "scores", do: g.copyScores, single: true},
		{what: "decisions", do: g.copyDecisions, single: true},
		{what: "events", do: g.copyEvents, single: true},
	}
	for _, s := range steps {
		if v.ListsOnly && s.single {
			continue
		}
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
	organisations int
	reviewers     int
	lastYear      int      // how many of the calls closed last year
	nth           []int32  // by proposal: which of those with reviewers it is
	reviewed      int      // how many there are
	sums          []string // by proposal: the SHA-256 of what was sent
}

type commune struct {
	ID       int64
	FullName string
	Province string
}

// pastCall is a copy of a call of the demo, some years ago.
type pastCall struct {
	model
	id     int64
	code   string
	opens  time.Time
	closes time.Time
	asked  proposal.Asked
	rubric rubric.Definition
}

// model is a call of the demo.
type model struct {
	ID          int64
	ProgrammeID int64
	RubricID    rubric.ID
	Officer     people.ID
}

func newGenerator(ctx context.Context, tx pgx.Tx, now time.Time, v Volume) (*generator, error) {
	g := &generator{tx: tx, now: now, Volume: v}
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
	models, err := pg.All[model](ctx, tx, `
		select c.id, c.programme_id, c.rubric_id, min(r.person_id) as officer
		from calls c join roles r on r.programme_id = c.programme_id and r.role = 'officer' join visible.forms f on f.id = c.form_id
		where c.status = 'published' and f.key = 'proposal' group by c.id order by c.code`)
	if err != nil {
		return nil, err
	}
	if len(models) == 0 || len(g.communes) == 0 {
		return nil, errors.New("there are no calls or places to make proposals for: load the demo first")
	}
	g.lastYear = len(models)
	if err := g.measure(); err != nil {
		return nil, err
	}
	for i := range callsPast {
		if err := g.addCall(ctx, i, models); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// measure works out how many there are of what depends on the volume.
func (g *generator) measure() error {
	if g.Proposals < 1 || g.Proposals > 5_000_000 || g.Reviews < 0 {
		return fmt.Errorf("between 1 and 5,000,000 proposals can be made up, not %d, and not %d reviews", g.Proposals, g.Reviews)
	}
	g.organisations, g.reviewers = g.Proposals*3/10+1, max(g.Proposals/100, leastReviewers)
	g.nth, g.sums = make([]int32, g.Proposals), make([]string, g.Proposals)
	for i := range g.Proposals {
		g.nth[i] = int32(g.reviewed) //nolint:gosec // there are no more than five million
		if judged[g.status(i)] {
			g.reviewed++
		}
	}
	if g.Reviews > g.reviewed*(mostReviewers-1) {
		return fmt.Errorf("%d reviews are too many: %d of the proposals have reviewers, up to %d each", g.Reviews, g.reviewed, mostReviewers-1)
	}
	return nil
}

func (g *generator) addCall(ctx context.Context, i int, models []model) error {
	m := models[i%len(models)]
	closes := time.Date(g.now.Year()-1-i/len(models), time.March, 26, 10, 0, 0, 0, time.UTC)
	r, err := rubric.Get(ctx, g.tx, m.RubricID)
	if err != nil {
		return err
	}
	g.calls = append(g.calls, pastCall{
		model: m, id: g.id("call", i), code: fmt.Sprintf("THU-%02d-%d", closes.Year()%100, 1+i%len(models)),
		opens: closes.AddDate(0, -2, 0), closes: closes, rubric: r.Definition,
	})
	return nil
}

// ask reads what the calls ask, once they are there.
func (g *generator) ask(ctx context.Context) error {
	for i := range g.calls {
		c := &g.calls[i]
		asked, err := proposal.What(ctx, g.tx, c.Officer, call.ID(c.id))
		if err != nil {
			return err
		}
		c.asked = asked
	}
	return nil
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
func (g *generator) rows(ctx context.Context, table string, columns []string, n int, row func(i int) ([][]any, error)) error {
	i, ready := 0, [][]any(nil)
	_, err := g.tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		for len(ready) == 0 {
			if i == n {
				return nil, nil
			}
			var err error
			if ready, err = row(i); err != nil {
				return nil, err
			}
			i++
		}
		next := ready[0]
		ready = ready[1:]
		return next, nil
	}))
	return err
}

func key(parts ...string) string { return viet.Key(strings.Join(parts, " ")) }

// Reviewer is the id of the n-th reviewer that [Generate] makes, so that a
// benchmark can be them.
func (v Volume) Reviewer(n int) people.ID {
	return people.ID((&generator{Volume: v}).id("person", n))
}

// Head is the id of the head of the organisation that made proposal n.
func (v Volume) Head(n int) people.ID {
	g := &generator{Volume: v}
	g.organisations, g.reviewers = v.Proposals*3/10+1, max(v.Proposals/100, leastReviewers)
	return people.ID(g.head(n % g.organisations))
}
