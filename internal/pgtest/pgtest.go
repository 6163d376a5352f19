// Package pgtest gives tests a real PostgreSQL with every migration applied.
//
// [Tx] is the usual choice: a transaction on a shared database, rolled back at
// the end. [New] and [NewURL] are for tests that must commit, such as those
// that go through the web or start the real program: a database of their own.
//
// `make test` runs every package against one server (see package run below
// this one). Without it, as in a plain `go test ./internal/call`, each package
// starts a server of its own, which takes a second or two and goes away with
// the test. No test is ever skipped for want of a server.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/cluster"
	"daubang/migrations"
)

// Setting is the environment variable that names the socket directory of a
// server that runs already.
const Setting = "DAUBANG_TEST_PG"

// Tx returns a transaction that is rolled back when the test ends. What others
// wrote meanwhile cannot be seen in it. A test that waits for another's row (two
// with the same e-mail address, say) fails after a while instead of hanging.
func Tx(tb testing.TB) pgx.Tx {
	tb.Helper()
	pool, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	tx, err := pool.Begin(tb.Context())
	if err != nil {
		tb.Fatal("beginning the test's transaction:", err)
	}
	tb.Cleanup(func() { _ = tx.Rollback(context.Background()) }) // the test may have ended it
	return tx
}

// New returns a pool on a database of the test's own, which is dropped when the
// test ends.
func New(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	return open(tb, NewURL(tb))
}

// NewURL is [New] for tests that start the real program: only the address.
func NewURL(tb testing.TB) string {
	tb.Helper()
	template, err := template()
	if err != nil {
		tb.Fatal(err)
	}
	return create(tb, " template "+template+" strategy file_copy")
}

// Blank returns a pool on a database of the test's own that nothing was ever
// done to, for tests of what makes the schema.
func Blank(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	return open(tb, create(tb, ""))
}

func open(tb testing.TB, url string) *pgxpool.Pool {
	tb.Helper()
	pool, err := pgxpool.New(tb.Context(), url)
	if err != nil {
		tb.Fatal("opening the test's database:", err)
	}
	tb.Cleanup(func() { mustClose(tb, pool) })
	return pool
}

// mustClose closes a pool, which waits for every connection to come back, and
// says so if one was kept.
func mustClose(tb testing.TB, pool *pgxpool.Pool) {
	tb.Helper()
	closed := make(chan struct{})
	go func() {
		pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		tb.Error("the test kept a connection of its pool: close its rows, end its transactions, stop its workers")
	}
}

// create makes a database and has it dropped when the test ends.
func create(tb testing.TB, how string) string {
	tb.Helper()
	at, err := server()
	if err != nil {
		tb.Fatal(err)
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), nextDatabase.Add(1))
	if _, err := at.admin.Exec(tb.Context(), "create database "+name+how); err != nil {
		tb.Fatal("creating the test's database:", err)
	}
	tb.Cleanup(func() { go at.drop(name) }) // the test need not wait for it
	return cluster.URL(at.socketDir, name)
}

// shared is the database in which every [Tx] of every package runs.
var shared = sync.OnceValues(func() (*pgxpool.Pool, error) {
	ctx := context.Background()
	at, err := server()
	if err != nil {
		return nil, err
	}
	copied, err := template()
	if err != nil {
		return nil, err
	}
	name := "shared" + hash()
	err = at.once(ctx, name, func() error {
		_, err := at.admin.Exec(ctx, "create database "+name+" template "+copied+" strategy file_copy")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("creating the tests' shared database: %w", err)
	}
	conf, err := pgxpool.ParseConfig(cluster.URL(at.socketDir, name))
	if err != nil {
		return nil, err
	}
	conf.MaxConns = 30 // each test that runs holds one
	conf.ConnConfig.RuntimeParams["lock_timeout"] = "20s"
	return pgxpool.NewWithConfig(ctx, conf)
})

// template is the name of the migrated database from which others are copied,
// made by the first package to need it.
var template = sync.OnceValues(func() (string, error) {
	ctx := context.Background()
	at, err := server()
	if err != nil {
		return "", err
	}
	name := "template" + hash()
	err = at.once(ctx, name, func() error { return at.migrate(ctx, name) })
	if err != nil {
		return "", fmt.Errorf("preparing the tests' database: %w", err)
	}
	return name, nil
})

func hash() string { return "_" + migrations.Hash()[:12] }
