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
	Rank             int // equal ranks are shared; 0 without a sheet
	ID               proposal.ID
	Reference        string
	Title            string
	TitleEn          string
	OrganisationName string
	Status           proposal.Status
	Asked            int64 // đồng
	Assigned, Sent   int   // reviewers asked, sheets in
	Mean, Min, Max   *rubric.Points
	Under            []rubric.Criterion // mean points below their minimum
	Staged           *Decision
	Released         *Decision
	Sum              int64 // đồng: what this row and those above it would take
	ties             []float64
}

// Spread is how far the totals lie apart.
func (r Row) Spread() rubric.Points {
	if r.Min == nil || r.Max == nil {
		return 0
	}
	return *r.Max - *r.Min
}

// Takes is what the row would take from the envelope: what is decided, or, as
// long as nothing is, what is asked.
func (r Row) Takes() int64 {
	switch {
	case r.Staged != nil:
		return r.Staged.Amount
	case r.Released != nil:
		return r.Released.Amount
	default:
		return r.Asked
	}
}

// Ranking lists the proposals of a call that were opened for review, the best
// mean first; equal means are parted by the rubric's tie breakers. Officers of
// the programme, the call's chairs and auditors may read it; everybody else
// finds nothing.
func Ranking(ctx context.Context, db pg.DB, viewer people.ID, id call.ID, d rubric.Definition) ([]Row, error) {
	rows, err := ranked(ctx, db, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("ranking call %s: %w", id, err)
	}
	at := make(map[proposal.ID]*Row, len(rows))
	ids := make([]proposal.ID, len(rows))
	for i := range rows {
		at[rows[i].ID], ids[i] = &rows[i], rows[i].ID
	}
	means, err := criterionMeans(ctx, db, viewer, ids)
	if err != nil {
		return nil, fmt.Errorf("ranking call %s: %w", id, err)
	}
	decisions, err := pg.All[Decision](ctx, db, columns+` where d.proposal_id = any($2) and d.state in ('staged', 'released')`, viewer, ids)
	if err != nil {
		return nil, fmt.Errorf("reading the decisions of call %s: %w", id, err)
	}
	for _, x := range decisions {
		if x.State == Staged {
			at[x.ProposalID].Staged = &x
		} else {
			at[x.ProposalID].Released = &x
		}
	}
	for i := range rows {
		rows[i].weigh(d, means[rows[i].ID])
	}
	rank(rows)
	return rows, nil
}

func ranked(ctx context.Context, db pg.DB, viewer people.ID, id call.ID) ([]Row, error) {
	type row struct {
		ID                            proposal.ID
		Reference, Title, TitleEn     string
		OrganisationName              string
		Status                        proposal.Status
		AmountAsked                   int64
		ReviewsAssigned, ReviewsSent  int
		ScoreMean, ScoreMin, ScoreMax *rubric.Points
	}
	found, err := pg.All[row](ctx, db, `
		select p.id, p.reference, p.title, p.title_en, coalesce(p.organisation_name, '') as organisation_name, p.status, p.amount_asked,
		       p.reviews_assigned, p.reviews_sent, (p.score_mean * 100)::int as score_mean, (p.score_min * 100)::int as score_min, (p.score_max * 100)::int as score_max
		from visible.proposals($1) p
		where p.call_id = $2 and p.view in ('officer', 'chair', 'auditor')
		  and p.status in ('in_review', 'approved', 'conditional', 'waitlisted', 'declined')`, viewer, id)
	rows := make([]Row, len(found))
	for i, f := range found {
		rows[i] = Row{
			ID: f.ID, Reference: f.Reference, Title: f.Title, TitleEn: f.TitleEn, OrganisationName: f.OrganisationName, Status: f.Status,
			Asked: f.AmountAsked, Assigned: f.ReviewsAssigned, Sent: f.ReviewsSent, Mean: f.ScoreMean, Min: f.ScoreMin, Max: f.ScoreMax,
		}
	}
	return rows, err
}

// criterionMeans is the mean mark of the sheets that are in, by proposal and
// criterion.
func criterionMeans(ctx context.Context, db pg.DB, viewer people.ID, ids []proposal.ID) (map[proposal.ID]map[string]float64, error) {
	found, err := pg.All[struct {
		ProposalID proposal.ID
		Criterion  string
		Mark       float64
	}](ctx, db, `
		select s.proposal_id, s.criterion, avg(s.mark)::float8 as mark
		from visible.scores($1) s
		where s.proposal_id = any($2) and s.state = 'sent' and s.mark is not null
		group by s.proposal_id, s.criterion`, viewer, ids)
	means := map[proposal.ID]map[string]float64{}
	for _, f := range found {
		if means[f.ProposalID] == nil {
			means[f.ProposalID] = map[string]float64{}
		}
		means[f.ProposalID][f.Criterion] = f.Mark
	}
	return means, err
}

// weigh works out from mean marks what falls below a minimum and what parts
// equal means.
func (r *Row) weigh(d rubric.Definition, marks map[string]float64) {
	points := map[string]rubric.Points{}
	for key, mark := range marks {
		if c, ok := d.Criterion(key); ok {
			points[key] = rubric.PointsOf(float64(c.Weight) * mark / rubric.Highest)
		}
	}
	r.Under = d.Unders(points)
	for _, key := range d.TieBreakers {
		r.ties = append(r.ties, marks[key])
	}
}

// rank sorts rows, numbers them, and adds up what they would take.
func rank(rows []Row) {
	better := func(a, b Row) int {
		if c := cmp.Compare(meanOf(b), meanOf(a)); c != 0 {
			return c
		}
		return slices.Compare(b.ties, a.ties)
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Or(better(a, b), cmp.Compare(a.Reference, b.Reference)) })
	var sum int64
	for i := range rows {
		sum += rows[i].Takes()
		rows[i].Sum = sum
		switch {
		case rows[i].Mean == nil:
		case i > 0 && better(rows[i-1], rows[i]) == 0:
			rows[i].Rank = rows[i-1].Rank
		default:
			rows[i].Rank = i + 1
		}
	}
}

func meanOf(r Row) rubric.Points {
	if r.Mean == nil {
		return -1
	}
	return *r.Mean
}
