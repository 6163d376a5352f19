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
	Sums
	Lines  []Line
	Counts map[Outcome]int
	Seen   string // stands for all of it: what [Release] is to release
}

// Sums are a call's money, in đồng, and how many proposals wait for some.
type Sums struct {
	Envelope  int64
	Committed int64 // granted by released decisions
	Staged    int64 // granted by staged ones
	Waiting   int   // staged decisions
	Undecided int   // in review with nothing staged
	Officer   bool  // the viewer may write and release decisions
}

// Over is by how much the decisions exceed the envelope, 0 if they do not.
func (s Sums) Over() int64 { return max(0, -s.Left()) }

// Left is what the decisions leave of the envelope.
func (s Sums) Left() int64 { return s.Envelope - s.Committed - s.Staged }

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

// Planned works out what a release of the call would do now, line by line. Only
// the desk sees anything of it.
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
	sums, err := AddUp(ctx, db, viewer, id)
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Sums: sums, Lines: lines, Counts: map[Outcome]int{}, Seen: digest(lines)}
	for _, l := range lines {
		plan.Counts[l.Outcome]++
	}
	return plan, nil
}

// AddUp adds up a call's money: what there is, what is granted, what is staged.
func AddUp(ctx context.Context, db pg.DB, viewer people.ID, id call.ID) (Sums, error) {
	s, err := pg.One[Sums](ctx, db, `
		select c.envelope, coalesce(n.committed, 0)::bigint as committed, coalesce(n.staged, 0)::bigint as staged,
		       coalesce(n.waiting, 0) as waiting, coalesce(n.undecided, 0) as undecided,
		       exists (select from visible.roles($1) o where o.person_id = $1 and o.role = 'officer' and o.programme_id = c.programme_id) as officer
		from visible.calls($1) c
		left join (
		  select p.call_id, sum(p.released) as committed, sum(p.staged) as staged, count(p.staged) as waiting,
		         count(*) filter (where p.status = 'in_review' and p.staged is null and p.released is null) as undecided
		  from visible.ranking($1) p
		  where p.call_id = $2
		  group by p.call_id
		) n on n.call_id = c.id and exists (
		  select from visible.roles($1) o
		  where o.person_id = $1 and (o.role = 'auditor' or (o.role = 'officer' and o.programme_id = c.programme_id)))
		where c.id = $2`, viewer, id)
	if err != nil {
		return Sums{}, fmt.Errorf("adding up call %s: %w", id, err)
	}
	return s, nil
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
