package pgtest

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/cluster"
)

// Copies hands out databases that all begin with the same rows.
type Copies struct {
	at   where
	name string
}

// Prepare builds those rows once, in a database of the test's own; [Copies.New]
// then copies it, in a few hundredths of a second each.
func Prepare(tb testing.TB, build func(context.Context, *pgxpool.Pool) error) Copies {
	tb.Helper()
	at, err := server()
	if err != nil {
		tb.Fatal(err)
	}
	from, err := template()
	if err != nil {
		tb.Fatal(err)
	}
	name := fmt.Sprintf("world_%d_%d", os.Getpid(), nextDatabase.Add(1))
	if _, err := at.admin.Exec(tb.Context(), "create database "+name+" template "+from+" strategy file_copy"); err != nil {
		tb.Fatal("creating the test's world:", err)
	}
	tb.Cleanup(func() { go at.drop(name) })
	db, err := pgxpool.New(tb.Context(), cluster.URL(at.socketDir, name))
	if err != nil {
		tb.Fatal(err)
	}
	err = build(tb.Context(), db)
	db.Close()
	if err != nil {
		tb.Fatal("building the test's world:", err)
	}
	return Copies{at: at, name: name}
}

// New returns a pool on a copy of the test's own.
func (c Copies) New(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	return open(tb, create(tb, " template "+c.name+" strategy file_copy"))
}
