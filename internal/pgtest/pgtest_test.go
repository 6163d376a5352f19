package pgtest_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/pg"
	"daubang/internal/pgtest"
)

func TestTxIsRolledBack(t *testing.T) { //nolint:tparallel // the first part must be over before the second begins
	t.Parallel()
	for _, part := range []string{"writes", "finds nothing"} { //nolint:paralleltest // see above
		t.Run(part, func(t *testing.T) {
			tx := pgtest.Tx(t)
			if exists(t, tx, "left_behind") {
				t.Fatal("what one test wrote is seen by the next")
			}
			if _, err := tx.Exec(t.Context(), `create table left_behind ()`); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestNewIsMigratedAndItsOwn(t *testing.T) {
	t.Parallel()
	one, other := pgtest.New(t), pgtest.New(t)
	for _, table := range []string{"people", "river_job"} {
		if !exists(t, one, table) {
			t.Errorf("no table %s: the database was not migrated", table)
		}
	}
	if _, err := one.Exec(t.Context(), `create table mine ()`); err != nil {
		t.Fatal(err)
	}
	if exists(t, other, "mine") {
		t.Error("two tests share a database")
	}
}

func TestNewURLTakesConnections(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.NewURL(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestBlankIsBlank(t *testing.T) {
	t.Parallel()
	if exists(t, pgtest.Blank(t), "people") {
		t.Error("there is a schema in it")
	}
}

func exists(t *testing.T, db pg.DB, table string) bool {
	t.Helper()
	there, err := pg.Value[bool](t.Context(), db, `select to_regclass($1) is not null`, table)
	if err != nil {
		t.Fatal(err)
	}
	return there
}
