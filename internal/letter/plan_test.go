package letter

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/pg"
	"daubang/internal/pgtest"
)

// TestListsUseIndexes reads how the database means to find a page among many
// letters: by an index, whoever asks.
func TestListsUseIndexes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, sql := range []string{
		`insert into people (id, name, email, email_key, created_at) select n, 'Người ' || n, n || '@portal.test', n || '@portal.test', now() from generate_series(1, 3) n`,
		`insert into programmes (id, title_vi, issuer_vi, created_at, updated_at) values (1, 'Kế hoạch', 'UBND', now(), now())`,
		`insert into roles (person_id, role, programme_id, granted_at) values (1, 'officer', 1, now()), (2, 'auditor', null, now()), (3, 'admin', null, now())`,
		`insert into letters (kind, event_id, address, locale, programme_id, state, subject, search_key, queued_at)
		 select 'known', n, 'nguoi' || n || '@portal.test', 'vi', 1, 'outbox', 'Thư ' || n, 'thu ' || md5(n::text), now() + n * interval '1 second' from generate_series(1, 30000) n`,
		`analyze`,
	} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		f     Filter
		index []string
	}{
		"all":   {Filter{}, []string{"letters_recent"}},
		"state": {Filter{State: Outbox}, []string{"letters_"}},
		"text":  {Filter{Text: "c4ca4238a0"}, []string{"letters_words", "letters_address"}},
	} {
		for viewer := range int64(3) {
			q := test.f.query(viewer + 1)
			lines, err := pg.Values[string](t.Context(), db, `explain `+q.lines(false), pgx.QueryExecModeExec, q.args)
			if err != nil {
				t.Fatal(err)
			}
			plan := strings.Join(lines, "\n")
			for _, index := range test.index {
				if !strings.Contains(plan, index) {
					t.Errorf("%s for viewer %d does not use %s:\n%s", name, viewer+1, index, plan)
				}
			}
		}
	}
}
