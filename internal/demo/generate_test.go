package demo_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/demo"
	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/proposal"
)

var volume = demo.Volume{Proposals: 2000, Reviews: 6000, Seed: 7}

func generate(ctx context.Context, db *pgxpool.Pool, v demo.Volume) error {
	return pg.Tx(ctx, db, func(tx pgx.Tx) error { return demo.Generate(ctx, tx, now, v) })
}

// made is a condition on proposals: the made-up ones.
const made = ` p.created_by in (select id from people where email_key like '%@generated.example') `

// TestGenerate holds what is made up to what its documentation says of it, and
// to what the real functions would have written.
func TestGenerate(t *testing.T) {
	t.Parallel()
	loaded := pgtest.Prepare(t, func(ctx context.Context, db *pgxpool.Pool) error { return demo.Load(ctx, db, now, secret) })
	t.Run("rows", func(t *testing.T) {
		t.Parallel()
		db := loaded.New(t)
		if err := generate(t.Context(), db, volume); err != nil {
			t.Fatal(err)
		}
		counts(t, db)
		statuses(t, db)
		thicken(t, db)
		consistent(t, db)
		complete(t, db)
		if err := generate(t.Context(), db, volume); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("filling a filled database: %v", err)
		}
	})
	t.Run("repeats", func(t *testing.T) {
		t.Parallel()
		first, again, other := made50(t, loaded, 3), made50(t, loaded, 3), made50(t, loaded, 4)
		if again != first {
			t.Error("the same seed made other rows")
		}
		if other == first {
			t.Error("another seed made the same rows")
		}
	})
	t.Run("refuses", func(t *testing.T) {
		t.Parallel()
		db := loaded.New(t)
		for _, v := range []demo.Volume{{Proposals: 0}, {Proposals: 10, Reviews: 1000}} {
			if err := generate(t.Context(), db, v); err == nil {
				t.Errorf("%+v was made up", v)
			}
		}
	})
}

func number(t *testing.T, db pg.DB, sql string, args ...any) float64 {
	t.Helper()
	n, err := pg.Value[float64](t.Context(), db, sql, args...)
	if err != nil {
		t.Fatal(err, sql)
	}
	return n
}

func counts(t *testing.T, db pg.DB) {
	t.Helper()
	for what, c := range map[string]struct {
		sql  string
		want float64
	}{
		"proposals":     {`select count(*)::float8 from proposals p where` + made, 2000},
		"sheets":        {`select count(*)::float8 from reviews r join assignments a on a.id = r.assignment_id join proposals p on p.id = a.proposal_id where` + made, 6000},
		"organisations": {`select count(*)::float8 from organisations p where` + made, 601},
		"reviewers":     {`select count(distinct a.reviewer_id)::float8 from assignments a join proposals p on p.id = a.proposal_id where` + made, 20},
		"calls":         {`select count(distinct p.call_id)::float8 from proposals p where` + made, 20},
	} {
		if got := number(t, db, c.sql); got != c.want {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}

// statuses come as often as said, within four standard deviations.
func statuses(t *testing.T, db pg.DB) {
	t.Helper()
	for year, perMille := range map[int]map[string]float64{
		2026: {
			"draft": 20, "submitted": 70, "returned": 30, "eligible": 60, "ineligible": 50, "in_review": 250,
			"approved": 180, "conditional": 40, "waitlisted": 50, "declined": 220, "withdrawn": 30,
		},
		2024: {"draft": 20, "submitted": 0, "returned": 0, "eligible": 0, "ineligible": 80, "in_review": 0, "approved": 300, "conditional": 60, "waitlisted": 60, "declined": 430, "withdrawn": 50},
	} {
		const of = ` from proposals p join calls c on c.id = p.call_id where extract(year from c.closes_at) = $1 and` + made
		all := number(t, db, `select count(*)::float8`+of, year)
		if all < 450 || all > 550 {
			t.Errorf("%v proposals in %d, want a quarter", all, year)
		}
		for status, n := range perMille {
			share := n / 1000
			want, deviation := share*all, math.Sqrt(all*share*(1-share))
			if got := number(t, db, `select count(*)::float8`+of+` and p.status = $2`, year, status); math.Abs(got-want) > 4*deviation {
				t.Errorf("%d, %s: %v, want about %v", year, status, got, want)
			}
		}
	}
	mean := number(t, db, `select avg(score_mean)::float8 from proposals p where`+made)
	spread := number(t, db, `select stddev(score_mean)::float8 from proposals p where`+made)
	if mean < 62 || mean > 73 || spread < 10 || spread > 18 {
		t.Errorf("mean of means %.1f, deviation %.1f: marks are about 3.4 ± 0.7 of 5", mean, spread)
	}
}

func thicken(t *testing.T, db pg.DB) {
	t.Helper()
	const left = `select avg((c.closes_at - p.submitted_at <= $1::interval)::int)::float8 from proposals p join calls c on c.id = p.call_id where p.submitted_at is not null and` + made
	for within, want := range map[string]float64{"1 day": 0.36, "4 days": 0.51, "30 days": 0.84, "59 days": 1} {
		if got := number(t, db, left, within); math.Abs(got-want) > 0.05 {
			t.Errorf("within %s of the deadline: %.2f of the submissions, want about %.2f", within, got, want)
		}
	}
}

// consistent counts rows that contradict another; there are none.
func consistent(t *testing.T, db pg.DB) {
	t.Helper()
	for what, sql := range map[string]string{
		"references that stand twice":    `select count(*) - count(distinct reference) from proposals`,
		"applications twice in a call":   `select count(*) from (select from proposals p where` + made + `group by call_id, organisation_id having count(*) > 1) x`,
		"sent outside the call":          `select count(*) from proposals p join calls c on c.id = p.call_id where not (p.submitted_at >= c.opens_at and p.submitted_at <= c.closes_at) and` + made,
		"sums outside the call's limits": `select count(*) from proposals p join calls c on c.id = p.call_id where p.submitted_at is not null and not (p.amount_asked between c.grant_min and c.grant_max) and` + made,
		"tallies that are no count": `
			select count(*) from (select call_id, status, sum(n) as n from proposal_tallies group by 1, 2) t
			full join (select call_id, status, count(*) as n from proposals where submitted_at is not null group by 1, 2) p using (call_id, status)
			where coalesce(t.n, 0) <> coalesce(p.n, 0)`,
		"totals that are not the rubric's": `
			select count(*) from reviews r
			left join (
			  select s.assignment_id, count(*) as given, sum((c->>'weight')::numeric * s.mark / 5) as points
			  from scores s join assignments a on a.id = s.assignment_id join proposals p on p.id = a.proposal_id join calls d on d.id = p.call_id
			  join rubrics b on b.id = d.rubric_id cross join jsonb_array_elements(b.definition->'criteria') c
			  where c->>'key' = s.criterion group by 1
			) x on x.assignment_id = r.assignment_id
			where r.marks <> x.given or x.given is null or (r.sent_at is not null and (r.total is distinct from x.points or r.marks <> 8))`,
		"means that are not the sheets'": `
			select count(*) from proposals p left join (
			  select a.proposal_id, count(*) as assigned, count(*) filter (where a.state = 'sent') as sent, round(avg(r.total) filter (where a.state = 'sent'), 2) as mean,
			         min(r.total) filter (where a.state = 'sent') as low, max(r.total) filter (where a.state = 'sent') as high
			  from assignments a left join reviews r on r.assignment_id = a.id where a.state in ('invited', 'accepted', 'sent') group by 1
			) x on x.proposal_id = p.id
			where (p.reviews_assigned, p.reviews_sent) is distinct from (coalesce(x.assigned, 0), coalesce(x.sent, 0))
			   or (p.score_mean, p.score_min, p.score_max) is distinct from (x.mean, x.low, x.high)`,
		"mean marks that are not the sheets'": `
			select count(*) from proposals p left join (
			  select y.proposal_id, jsonb_object_agg(y.criterion, round(y.mark, 6)) as means from (
			    select a.proposal_id, s.criterion, avg(s.mark) as mark from scores s join assignments a on a.id = s.assignment_id where a.state = 'sent' group by 1, 2
			  ) y group by 1
			) x on x.proposal_id = p.id
			where coalesce(x.means, '{}') <> (select coalesce(jsonb_object_agg(m.key, round(m.value::numeric, 6)), '{}') from jsonb_each_text(p.criterion_means) m)`,
		"states without their sheet": `
			select count(*) from assignments a left join reviews r on r.assignment_id = a.id
			where case a.state when 'sent' then r.sent_at is null when 'accepted' then r.sent_at is not null when 'invited' then r.assignment_id is not null end`,
		"comments that the rubric wants": `
			select count(*) from scores s join reviews r on r.assignment_id = s.assignment_id where r.sent_at is not null and s.mark in (1, 2, 5) and s.comment = ''`,
		"reviewers who do not review the call": `
			select count(*) from assignments a join proposals p on p.id = a.proposal_id
			where not exists (select from roles r where r.person_id = a.reviewer_id and r.call_id = p.call_id and r.role = 'reviewer')`,
		"outcomes without a decision": `
			select count(*) from proposals p where exists (select from decisions d where d.proposal_id = p.id and d.state = 'released' and d.call_id = p.call_id and d.outcome = p.status)
			  <> (p.status in ('approved', 'conditional', 'waitlisted', 'declined')) and` + made,
		"broken links of a chain": `
			select count(*) from audit_events e left join audit_events b on b.subject = e.subject and b.subject_id = e.subject_id and b.seq = e.seq - 1
			where e.prev_hash <> coalesce(b.hash, '\x') or (e.seq > 1) <> (b.id is not null)
			   or e.hash <> event_hash(e.prev_hash, e.subject, e.subject_id, e.seq, e.person_id, e.at, e.verb, e.detail)`,
		"chains that do not end where the proposal stands": `
			select count(*) from proposals p left join lateral (select e.verb from audit_events e where e.subject = 'proposal' and e.subject_id = p.id order by e.seq desc limit 1) e on true
			where e.verb is distinct from case p.status when 'draft' then 'start' when 'submitted' then 'submit' when 'returned' then 'return' when 'eligible' then 'accept'
			  when 'ineligible' then 'refuse' when 'in_review' then 'open_review' when 'approved' then 'approve' when 'conditional' then 'approve_with_conditions'
			  when 'waitlisted' then 'waitlist' when 'declined' then 'decline' when 'withdrawn' then 'withdraw' end and` + made,
		"events in the future or out of order": `
			select count(*) from audit_events e join audit_events b on b.subject = e.subject and b.subject_id = e.subject_id and b.seq = e.seq - 1
			join proposals p on p.id = e.subject_id where (e.at < b.at or e.at > '2027-02-14') and` + made,
	} {
		if n, err := pg.Value[int](t.Context(), db, sql); err != nil || n != 0 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
}

// complete holds some of what was sent to the form's own check, to what the
// proposal says of it, and to its hash.
func complete(t *testing.T, db pg.DB) {
	t.Helper()
	type row struct {
		ID      proposal.ID
		Officer people.ID
	}
	rows, err := pg.All[row](t.Context(), db, `
		select p.id, (select min(r.person_id) from roles r where r.role = 'officer' and r.programme_id = p.programme_id) as officer
		from proposals p where p.submitted_at is not null and`+made+`order by p.id limit 60`)
	if err != nil || len(rows) != 60 {
		t.Fatal(len(rows), err)
	}
	for _, r := range rows {
		p, err := proposal.Get(t.Context(), db, r.Officer, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		s, err := proposal.LastSubmission(t.Context(), db, r.Officer, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		asked, err := proposal.What(t.Context(), db, r.Officer, p.CallID)
		if err != nil {
			t.Fatal(err)
		}
		if gaps := asked.Form.Check(s.Whole(), form.Attached{}, asked.Terms); len(gaps) > 0 {
			t.Errorf("%s lacks %v", p.Reference, gaps)
		}
		if got := asked.Form.Asked(s.Whole(), asked.Terms); got != p.AmountAsked {
			t.Errorf("%s asks for %d in its budget, %d in lists", p.Reference, got, p.AmountAsked)
		}
		if sum, err := proposal.Sum(p.Reference, s, nil); err != nil || sum != s.SHA256 {
			t.Errorf("%s: the hash is %s, want %s, %v", p.Reference, s.SHA256, sum, err)
		}
	}
}

// made50 is what a seed makes, in a few characters.
func made50(t *testing.T, loaded pgtest.Copies, seed uint64) string {
	t.Helper()
	db := loaded.New(t)
	if err := generate(t.Context(), db, demo.Volume{Proposals: 50, Reviews: 100, Seed: seed}); err != nil {
		t.Fatal(err)
	}
	all, err := pg.Value[string](t.Context(), db, `
		select md5(string_agg(p.reference || p.title || p.status || p.amount_asked || coalesce(p.score_mean, 0) || p.submitted_at, '' order by p.reference))
		from proposals p where p.reference like 'THU-%'`)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
