package review_test

import (
	"testing"

	"daubang/internal/people"
	"daubang/internal/pgtest"
)

// What reviewers have to do is kept as it changes: it is what counting their
// assignments finds, also for who may not see all of them.
func TestLoadsAreWhatCountingFinds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pgtest.Tx(t))
	same := func(when string, who people.ID, want int) {
		t.Helper()
		n := value[int](t, w.tx, `
			with counted as (select call_id, reviewer_id, state, count(*)::bigint as n from visible.desk_assignments($1) group by 1, 2, 3),
			     kept as (select call_id, reviewer_id, state, n from visible.reviewer_loads($1))
			select (select count(*) from (table counted except table kept union all (table kept except table counted)) differ)::int * 1000 + (select coalesce(sum(n), 0) from kept)::int`, who)
		if n != want {
			t.Errorf("%s: %d differences, %d assignments, want %d", when, n/1000, n%1000, want)
		}
	}
	same("at first", w.officer, 0)
	w.assign(t, w.r1)
	w.assign(t, w.r2)
	w.open(t)
	same("two were asked", w.officer, 2)
	exec(t, w.tx, `update assignments set state = 'accepted' where reviewer_id = $1`, w.r1)
	same("one has said yes", w.officer, 2)
	exec(t, w.tx, `update assignments set state = 'declined' where reviewer_id = $1`, w.r2)
	same("and one no", w.auditor, 2)
	same("for a stranger", w.stranger, 0)
	exec(t, w.tx, `insert into conflicts (proposal_id, person_id, kind, declared_at) values ($1, $2, 'family', now())`, w.p, w.officer)
	same("with a conflict", w.officer, 0)
}
