package decision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/pg"
)

// Plan is what a release would do: every staged decision of a call, what it
// says, and to whom.
type Plan struct {
	Lines     []Line
	Counts    map[Outcome]int
	Sum       int64 // đồng: what the staged decisions grant
	Committed int64 // đồng: what released ones grant already
	Envelope  int64 // đồng
	Undecided int   // in review with nothing staged
	Seen      string
}

// Line is one staged decision and who is told.
type Line struct {
	Decision
	Reference        string
	Title            string
	TitleEn          string
	OrganisationName string
	Missing          int      // sheets asked for that are not in
	To               []string // names of the people who get the letter
}

// Over is by how much the plan exceeds the envelope, 0 if it does not.
func (p Plan) Over() int64 { return max(0, p.Sum+p.Committed-p.Envelope) }

// Planned works out what a release of the call would do now. Only the desk sees
// anything of it.
func Planned(ctx context.Context, db pg.DB, viewer people.ID, id call.ID) (Plan, error) {
	lines, err := pg.All[Line](ctx, db, `
		select d.id, d.proposal_id, d.outcome, d.amount, d.conditions, d.reason, d.feedback, d.state, d.staged_at, d.released_at,
		       p.reference, p.title, p.title_en, p.organisation_name, p.reviews_assigned - p.reviews_sent as missing,
		       array(select m.name from visible.members($1) m
		             where m.organisation_id = p.organisation_id and m.role in ('head', 'writer') order by m.role, m.name) as "to"
		from visible.desk($1) p
		join visible.decisions($1) d on d.proposal_id = p.id
		where p.call_id = $2 and d.state = 'staged' and p.status in ('in_review', 'waitlisted')
		order by array_position(array['approved', 'conditional', 'waitlisted', 'declined'], d.outcome), p.reference`, viewer, id)
	if err != nil {
		return Plan{}, fmt.Errorf("planning the release of call %s: %w", id, err)
	}
	p, err := pg.One[struct {
		Committed, Envelope int64
		Undecided           int
	}](ctx, db, `
		select c.envelope,
		       (select coalesce(sum(d.amount), 0)::bigint from visible.desk($1) q join visible.decisions($1) d on d.proposal_id = q.id
		        where q.call_id = c.id and d.state = 'released') as committed,
		       (select count(*) from visible.desk($1) q where q.call_id = c.id and q.status = 'in_review'
		          and not exists (select from visible.decisions($1) d where d.proposal_id = q.id and d.state = 'staged')) as undecided
		from visible.calls($1) c where c.id = $2`, viewer, id)
	if err != nil {
		return Plan{}, fmt.Errorf("adding up call %s: %w", id, err)
	}
	plan := Plan{Lines: lines, Counts: map[Outcome]int{}, Committed: p.Committed, Envelope: p.Envelope, Undecided: p.Undecided}
	for _, l := range lines {
		plan.Counts[l.Outcome]++
		plan.Sum += l.Amount
	}
	plan.Seen = digest(lines)
	return plan, nil
}

// digest stands for a set of decisions as they were when somebody looked.
func digest[D interface{ mark() string }](ds []D) string {
	marks := make([]string, len(ds))
	for i, d := range ds {
		marks[i] = d.mark()
	}
	slices.Sort(marks)
	h := sha256.New()
	for _, m := range marks {
		h.Write([]byte(m))
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// mark changes whenever a staged decision does.
func (d Decision) mark() string { return fmt.Sprintf("%s %d\n", d.ID, d.StagedAt.UnixMicro()) }
