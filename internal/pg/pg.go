// Package pg is the portal's way of speaking to Postgres: one line for a row,
// one line for many, and a transaction that cannot be forgotten.
//
// Functions that only read take a [DB]; functions whose writes must stand or
// fall together take a pgx.Tx, so the signature says which it is.
package pg

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/problem"
)

// DB is a pool, a connection or a transaction.
type DB interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Open connects to the database and checks that it answers.
func Open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	conf, err := settings(url)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, conf)
	if err != nil {
		return nil, fmt.Errorf("opening database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reaching database: %w", err)
	}
	return pool, nil
}

// connections is how many a pool holds at the most, unless its address says
// otherwise by pool_max_conns: a worker's jobs and listener, or a page each of
// twenty visitors. PostgreSQL has a hundred by default.
const connections = 20

func settings(url string) (*pgxpool.Config, error) {
	conf, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("reading the database's address: %w", err)
	}
	if !strings.Contains(url, "pool_max_conns") {
		conf.MaxConns = connections
	}
	return conf, nil
}

// One returns the single row a query yields, its columns matched to T's fields
// by name: a column without a field, or a field without a column, is an error.
// No row is [problem.NotFound].
func One[T any](ctx context.Context, db DB, sql string, args ...any) (T, error) {
	rows, _ := db.Query(ctx, sql, args...)
	return found(pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T]))
}

// All returns every row a query yields, matched like [One].
func All[T any](ctx context.Context, db DB, sql string, args ...any) ([]T, error) {
	rows, _ := db.Query(ctx, sql, args...)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	return list, refused(err)
}

// Values returns the only column of every row.
func Values[T any](ctx context.Context, db DB, sql string, args ...any) ([]T, error) {
	rows, _ := db.Query(ctx, sql, args...)
	list, err := pgx.CollectRows(rows, pgx.RowTo[T])
	return list, refused(err)
}

// Value returns the only column of the only row. No row is [problem.NotFound].
func Value[T any](ctx context.Context, db DB, sql string, args ...any) (T, error) {
	rows, _ := db.Query(ctx, sql, args...)
	return found(pgx.CollectExactlyOneRow(rows, pgx.RowTo[T]))
}

// Tx runs fn in a transaction, which commits unless fn fails.
func Tx(ctx context.Context, pool *pgxpool.Pool, fn func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, pool, fn)
}

// Exec runs a statement that must change exactly one row; none is
// [problem.NotFound].
func Exec(ctx context.Context, db DB, sql string, args ...any) error {
	tag, err := db.Exec(ctx, sql, args...)
	if err != nil {
		return refused(err)
	}
	if tag.RowsAffected() == 0 {
		return problem.NotFound
	}
	return nil
}

// Unsafe names the settings of a database without which what it acknowledged can
// be lost when its machine stops; none: it is safe.
func Unsafe(ctx context.Context, db DB) ([]string, error) {
	off, err := Values[string](ctx, db, `select name from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name`)
	if err != nil {
		return nil, fmt.Errorf("asking whether what is saved is safe: %w", err)
	}
	return off, nil
}

func found[T any](v T, err error) (T, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return v, problem.NotFound
	}
	return v, refused(err)
}

// refused turns what the schema refuses, a second row where one is allowed or
// a row that is still needed, into [problem.Conflict], keeping the chain.
func refused(err error) error {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pgErr.Code {
		case "23505", "23P01":
			return fmt.Errorf("%w: %w", problem.Conflict, err)
		}
	}
	return err
}

// Overloaded reports whether the database had no room, no time or no ear:
// better said plainly, with a time to come back, than waited for.
func Overloaded(err error) bool {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pgErr.Code {
		case "53300", "57P03", "57014", "55P03": // too many clients, starting up, cancelled, lock not available
			return true
		}
		return false
	}
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	return connecting
}
