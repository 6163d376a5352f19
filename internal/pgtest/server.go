package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/cluster"
	"daubang/migrations"
)

var nextDatabase atomic.Int64

// where is the PostgreSQL that this package's tests use.
type where struct {
	socketDir string
	admin     *pgxpool.Pool
}

// server finds the server that `make test` started, or starts one that ends
// with this process.
var server = sync.OnceValues(func() (where, error) {
	ctx := context.Background()
	dir, set := os.LookupEnv(Setting)
	if !set {
		own, err := cluster.Temp(ctx)
		if err != nil {
			return where{}, fmt.Errorf("these tests need a PostgreSQL, and `make test` finds one: %w", err)
		}
		dir = own.SocketDir()
	}
	conf, err := pgxpool.ParseConfig(cluster.URL(dir, "postgres"))
	if err != nil {
		return where{}, err
	}
	conf.MaxConns = 4
	admin, err := pgxpool.NewWithConfig(ctx, conf)
	if err != nil {
		return where{}, err
	}
	if err := admin.Ping(ctx); err != nil {
		return where{}, fmt.Errorf("these tests need a PostgreSQL: %w", err)
	}
	return where{socketDir: dir, admin: admin}, nil
})

// once has a database made by whichever package comes first; the others wait.
func (at where) once(ctx context.Context, name string, create func() error) (err error) {
	conn, err := at.admin.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `select pg_advisory_lock(hashtextextended($1, 0))`, name); err != nil {
		return err
	}
	defer func() {
		_, unlockErr := conn.Exec(ctx, `select pg_advisory_unlock(hashtextextended($1, 0))`, name)
		err = errors.Join(err, unlockErr)
	}()
	var there bool
	err = conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, name).Scan(&there)
	if err != nil || there {
		return err
	}
	return create()
}

// migrate makes a migrated database. It has its name only once it is complete,
// so that one whose maker was killed is never used.
func (at where) migrate(ctx context.Context, name string) error {
	unfinished := fmt.Sprintf("%s_by_%d", name, os.Getpid())
	if _, err := at.admin.Exec(ctx, "create database "+unfinished); err != nil {
		return err
	}
	db, err := pgxpool.New(ctx, cluster.URL(at.socketDir, unfinished))
	if err != nil {
		return err
	}
	err = migrations.Up(ctx, db)
	db.Close()
	if err != nil {
		return err
	}
	_, err = at.admin.Exec(ctx, "alter database "+unfinished+" rename to "+name)
	return err
}

// drop drops a database, a moment after its last connection was closed: right
// away, PostgreSQL would wait for the session to have ended. What is not dropped
// before the process ends goes with the server.
func (at where) drop(name string) {
	const sessionsEnd = 150 * time.Millisecond
	time.Sleep(sessionsEnd)
	_, _ = at.admin.Exec(context.Background(), "drop database "+name+" with (force)")
}
