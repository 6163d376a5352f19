package migrations_test

import (
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/migrations"
)

func TestPendingSaysWhatUpWouldDo(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	before := pending(t, db)
	if len(before) < 2 || before[0] != "00001_ground.sql" || before[1] != "00002 river's tables, version 8" {
		t.Errorf("pending on a new database: %q", before)
	}
	if made := contents(t, db); len(made) > 0 {
		t.Errorf("asking changed the database: %v", made)
	}
	up(t, db)
	if after := pending(t, db); len(after) > 0 {
		t.Errorf("pending after all was done: %q", after)
	}
}

func TestUpIsSafeTwice(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	up(t, db)
	once := contents(t, db)
	up(t, db)
	if diff := cmp.Diff(once, contents(t, db)); diff != "" {
		t.Error(diff)
	}
}

// Several processes start at once, as they do after a deployment: each has a
// pool of its own here, and to PostgreSQL that is all a process is.
func TestUpIsSafeFromSeveralProcessesAtOnce(t *testing.T) {
	t.Parallel()
	t.Run("on a new database", func(t *testing.T) {
		t.Parallel()
		upFromSeveral(t, pgtest.Blank(t))
	})
	t.Run("on one with goose's own table", func(t *testing.T) { // over which goose alone would keep them apart
		t.Parallel()
		db := pgtest.Blank(t)
		up(t, db)
		if err := migrations.Down(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		upFromSeveral(t, db)
	})
}

func upFromSeveral(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	var all sync.WaitGroup
	for range 3 {
		process, err := pgxpool.New(t.Context(), db.Config().ConnString())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(process.Close)
		all.Go(func() {
			if err := migrations.Up(t.Context(), process); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if left := pending(t, db); len(left) > 0 {
		t.Errorf("still pending: %q", left)
	}
	twice, err := pg.Values[int64](t.Context(), db,
		`select version_id from goose_db_version group by version_id having count(*) > 1`)
	if err != nil || len(twice) > 0 {
		t.Errorf("done more than once: %v, %v", twice, err)
	}
}

func TestUpDownUp(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	up(t, db)
	first := contents(t, db)
	if err := migrations.Down(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	left := contents(t, db)
	for _, thing := range left {
		if !strings.Contains(thing, "goose_db_version") {
			t.Errorf("not taken back: %s", thing)
		}
	}
	up(t, db)
	if diff := cmp.Diff(first, contents(t, db)); diff != "" {
		t.Error("the second time it is another schema:", diff)
	}
}

// Organisations that were registered twice under one tax code: the first keeps
// it, the other is there without, and its past says so.
func TestTaxCodesOfCopies(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Blank(t)
	up(t, db)
	step, err := fs.Glob(migrations.Files, "*_tax_codes.sql")
	if err != nil || len(step) != 1 {
		t.Fatal(step, err)
	}
	b, err := fs.ReadFile(migrations.Files, step[0])
	if err != nil {
		t.Fatal(err)
	}
	again, _, _ := strings.Cut(string(b), "-- +goose Down")
	for _, sql := range []string{
		`drop index organisations_tax_code`,
		`insert into people (id, name, email, email_key, created_at) values (1, 'Én', 'e@example.org', 'e@example.org', now())`,
		`insert into organisations (id, kind, name_vi, tax_code, search_key, created_by, created_at, updated_at)
		 select n, 'fund', 'Quỹ', case when n < 4 then '0100109106' else '' end, 'quy 0100109106', 1, timestamptz '2026-01-01' - n * interval '1 day', now() from generate_series(1, 5) n`,
		again, // by itself: others came after it
	} {
		if _, err := db.Exec(ctx, sql); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
	with, err := pg.Values[int64](ctx, db, `select id from organisations where tax_code <> ''`)
	if diff := cmp.Diff([]int64{3}, with); diff != "" || err != nil {
		t.Error("who has it:", diff, err)
	}
	told, err := pg.Values[int64](ctx, db, `select subject_id from audit_events where verb = 'clear_tax_code' and detail ->> 'tax_code' = '0100109106' order by subject_id`)
	if diff := cmp.Diff([]int64{1, 2}, told); diff != "" || err != nil {
		t.Error("of whom it is said:", diff, err)
	}
}

func up(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	if err := migrations.Up(t.Context(), db); err != nil {
		t.Fatal(err)
	}
}

func pending(t *testing.T, db *pgxpool.Pool) []string {
	t.Helper()
	names, err := migrations.Pending(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// contents lists what is in a database beyond what every database has: tables
// with their columns, indexes, functions, types and schemas.
func contents(t *testing.T, db *pgxpool.Pool) []string {
	t.Helper()
	list, err := pg.Values[string](t.Context(), db, `
		with ours as (
			select oid, nspname from pg_namespace
			where nspname not in ('information_schema') and nspname not like 'pg\_%'),
		things (thing) as (
			select 'schema ' || nspname from ours where nspname <> 'public'
			union all
			select concat_ws(' ', 'relation', c.relkind, nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod))
			from pg_class c join ours on ours.oid = c.relnamespace
			left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
			union all
			select concat_ws(' ', 'function', nspname, p.proname, pg_get_function_identity_arguments(p.oid))
			from pg_proc p join ours on ours.oid = p.pronamespace
			where p.prokind in ('f', 'p')
			union all
			select concat_ws(' ', 'type', nspname, typname)
			from pg_type join ours on ours.oid = typnamespace
			where typtype in ('d', 'e', 'r')
			union all
			select 'extension ' || extname from pg_extension where extname <> 'plpgsql')
		select thing from things order by thing`)
	if err != nil {
		t.Fatal(err)
	}
	return list
}
