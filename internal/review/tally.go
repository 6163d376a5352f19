package review

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/proposal"
)

// settle counts the sheets of a proposal again after event and stores what they
// come to, so that lists need not. When the last one asked for has come in, the
// officers are told. The caller holds the proposal's lock; before is how it
// stood then. What came after a decision changes nothing that was decided on.
func settle(ctx context.Context, tx pgx.Tx, act audit.Act, before proposal.Locked, event int64) error {
	if before.Status != proposal.Eligible && before.Status != proposal.InReview {
		return nil
	}
	t, err := pg.One[proposal.Tally](ctx, tx, `
		select count(*) filter (where a.state in ('invited', 'accepted', 'sent')) as assigned,
		       count(*) filter (where a.state = 'sent') as sent,
		       round(avg(r.total) filter (where a.state = 'sent'), 2)::float8 as mean,
		       (min(r.total) filter (where a.state = 'sent'))::float8 as min,
		       (max(r.total) filter (where a.state = 'sent'))::float8 as max,
		       coalesce((select jsonb_object_agg(m.criterion, m.mark) from (
		         select s.criterion, avg(s.mark) as mark from scores s join assignments b on b.id = s.assignment_id
		         where b.proposal_id = $1 and b.state = 'sent' and s.mark is not null
		         group by s.criterion) m), '{}') as criteria
		from assignments a left join reviews r on r.assignment_id = a.id
		where a.proposal_id = $1`, before.ID)
	if err != nil {
		return fmt.Errorf("counting the reviews of proposal %s: %w", before.ID, err)
	}
	if err := proposal.TallyReviews(ctx, tx, before.ID, t); err != nil {
		return err
	}
	wereIn := before.ReviewsAssigned == before.ReviewsSent && before.ReviewsSent > 0
	if t.Sent == 0 || t.Sent < t.Assigned || wereIn {
		return nil
	}
	officers, err := people.Officers(ctx, tx, int64(before.ProgrammeID))
	if err != nil {
		return err
	}
	officers = slices.DeleteFunc(officers, func(o people.ID) bool { return int64(o) == act.By }) // knows already
	return people.Write(ctx, tx, act, event, letter.ReviewsIn, before.About(nil), officers...)
}
