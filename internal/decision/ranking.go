package decision

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/proposal"
	"daubang/internal/rubric"
)

// Row is one proposal in a call's ranking.
type Row struct {
	Rank             int `db:"-"` // equal ranks are shared; 0 without a sheet
	ID               proposal.ID
	Reference        string
	Title            string
	TitleEn          string
	OrganisationName string
	Status           proposal.Status
	Asked            int64 // đồng
	Assigned, Sent   int   // reviewers asked, sheets in
	Mean, Min, Max   *rubric.Points
	Under            []rubric.Criterion `db:"-"` // mean points below their minimum
	Staged           *Decision          `db:"-"`
	Released         *Decision          `db:"-"`
	Sum              int64              `db:"-"` // đồng: what this row and those above it would take
}

// Spread is how far the totals lie apart.
func (r Row) Spread() rubric.Points {
	if r.Min == nil || r.Max == nil {
		return 0
	}
	return *r.Max - *r.Min
}

// Ranking lists the proposals of a call that were opened for review, the best
// mean first; equal means are parted by the rubric's tie breakers. It returns
// the n rows after the first skip, and how many there are in all. Officers of
// the programme, the call's chairs and auditors may read it; everybody else
// finds nothing.
func Ranking(ctx context.Context, db pg.DB, viewer people.ID, id call.ID, d rubric.Definition, skip, n int) ([]Row, int, error) {
	order, err := pg.All[place](ctx, db, `
		select id, reference, (score_mean * 100)::int as mean, criterion_means as marks, coalesce(staged, released, asked) as takes from visible.ranking($1) where call_id = $2`, viewer, id)
	if err != nil {
		return nil, 0, fmt.Errorf("ranking call %s: %w", id, err)
	}
	rank(order, d.TieBreakers)
	shown := order[min(skip, len(order)):min(skip+n, len(order))]
	rows, err := filled(ctx, db, viewer, shown)
	if err != nil {
		return nil, 0, fmt.Errorf("ranking call %s: %w", id, err)
	}
	for i, at := range shown {
		rows[i].Rank, rows[i].Sum, rows[i].Under = at.rank, at.sum, at.under(d)
	}
	return rows, len(order), nil
}

// place is what a proposal's place in the ranking comes from.
type place struct {
	ID        proposal.ID
	Reference string
	Mean      *rubric.Points
	Marks     map[string]float64 // mean marks by criterion
	Takes     int64              // đồng: what is decided, or, as long as nothing is, what is asked
	rank      int
	sum       int64
}

// filled reads all that is shown of the proposals in order.
func filled(ctx context.Context, db pg.DB, viewer people.ID, order []place) ([]Row, error) {
	at, ids := make(map[proposal.ID]int, len(order)), make([]proposal.ID, len(order))
	for i, p := range order {
		at[p.ID], ids[i] = i, p.ID
	}
	found, err := pg.All[Row](ctx, db, `
		select p.id, p.reference, p.title, p.title_en, coalesce(p.organisation_name, '') as organisation_name, p.status, p.amount_asked as asked,
		       p.reviews_assigned as assigned, p.reviews_sent as sent, (p.score_mean * 100)::int as mean, (p.score_min * 100)::int as min, (p.score_max * 100)::int as max
		from visible.proposals($1) p where p.id = any($2)`, viewer, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(order))
	for _, r := range found {
		rows[at[r.ID]] = r
	}
	decisions, err := pg.All[Decision](ctx, db, columns+` where d.proposal_id = any($2) and d.state in ('staged', 'released')`, viewer, ids)
	for _, x := range decisions {
		if x.State == Staged {
			rows[at[x.ProposalID]].Staged = &x
		} else {
			rows[at[x.ProposalID]].Released = &x
		}
	}
	return rows, err
}

// under lists the criteria on which the mean falls below a minimum.
func (p place) under(d rubric.Definition) []rubric.Criterion {
	points := map[string]rubric.Points{}
	for key, mark := range p.Marks {
		if c, ok := d.Criterion(key); ok {
			points[key] = rubric.PointsOf(float64(c.Weight) * mark / rubric.Highest)
		}
	}
	return d.Unders(points)
}

// rank sorts places, numbers them, and adds up what they would take.
func rank(all []place, tieBreakers []string) {
	better := func(a, b place) int {
		if c := cmp.Compare(meanOf(b), meanOf(a)); c != 0 {
			return c
		}
		for _, key := range tieBreakers {
			if c := cmp.Compare(b.Marks[key], a.Marks[key]); c != 0 {
				return c
			}
		}
		return 0
	}
	slices.SortFunc(all, func(a, b place) int { return cmp.Or(better(a, b), cmp.Compare(a.Reference, b.Reference)) })
	var sum int64
	for i := range all {
		sum += all[i].Takes
		all[i].sum = sum
		switch {
		case all[i].Mean == nil:
		case i > 0 && better(all[i-1], all[i]) == 0:
			all[i].rank = all[i-1].rank
		default:
			all[i].rank = i + 1
		}
	}
}

func meanOf(p place) rubric.Points {
	if p.Mean == nil {
		return -1
	}
	return *p.Mean
}
