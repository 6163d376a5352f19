//go:build unix

package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Cluster is one PostgreSQL server of ours, running.
type Cluster struct {
	dir      string   // see the package's paragraph for what is in it
	lock     *os.File // held for as long as the cluster is ours
	account  account
	programs programs
	server   *server
	cleaner  *cleaner // only of a throw-away cluster
	log      *slog.Logger

	stopOnce sync.Once
	stopErr  error
}

// Start starts the cluster that dir holds, and makes it first if there is none.
// It waits for a predecessor that was killed to leave the data, for as long as
// ctx allows and a minute at most. Cancelling ctx afterwards does not stop the
// server: [Cluster.Stop] does.
//
// It refuses, in words, with [Taken] if another process runs this cluster, and
// if no PostgreSQL is installed, only one that cannot read this data, or dir is
// out of the server's reach.
func Start(ctx context.Context, dir string, log *slog.Logger) (*Cluster, error) {
	return start(ctx, &Cluster{dir: dir, log: log})
}

func start(ctx context.Context, c *Cluster) (_ *Cluster, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Stop())
		}
	}()
	steps := []func(context.Context) error{
		c.furnish, c.choosePrograms, c.initialise, c.boot, c.checkAble,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// URL is the address of a database in the cluster, as pgx, psql and pg_dump
// understand it. Every cluster has a database "postgres".
func (c *Cluster) URL(database string) string { return URL(c.SocketDir(), database) }

// URL is the address of a database of the server that listens in socketDir.
func URL(socketDir, database string) string {
	where := url.Values{"host": {socketDir}, "port": {port}, "user": {superuser}}
	encoded := strings.ReplaceAll(where.Encode(), "+", "%20") // libpq knows only the latter
	return "postgres:///" + url.PathEscape(database) + "?" + encoded
}

// Database returns the address of the named database, which it creates if it is
// not there yet.
func (c *Cluster) Database(ctx context.Context, name string) (string, error) {
	conn, err := pgx.Connect(ctx, c.URL(superuser))
	if err != nil {
		return "", fmt.Errorf("creating database %s: %w", name, err)
	}
	var exists bool
	err = conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, name).Scan(&exists)
	if err == nil && !exists {
		_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	}
	if err = errors.Join(err, conn.Close(ctx)); err != nil {
		return "", fmt.Errorf("creating database %s: %w", name, err)
	}
	return c.URL(name), nil
}

// Done is closed when the server ends, asked or not.
func (c *Cluster) Done() <-chan struct{} { return c.server.done }

// Stop ends the server in order, gives the directory back and leaves no process
// behind. It may be called twice, and after [Cluster.Done].
func (c *Cluster) Stop() error {
	c.stopOnce.Do(func() { c.stopErr = c.stop() })
	return c.stopErr
}

func (c *Cluster) stop() error {
	var err error
	if c.server != nil {
		err = c.server.end(c.throwAway())
		err = errors.Join(err, c.endLeftovers(nil))
	}
	if c.throwAway() {
		err = errors.Join(err, c.cleaner.work())
	}
	if c.lock != nil {
		err = errors.Join(err, c.lock.Close()) // last: with it goes our claim
	}
	if err != nil {
		return fmt.Errorf("stopping PostgreSQL in %s: %w", c.dir, err)
	}
	return nil
}

// checkAble refuses a server that lacks what the portal's schema is built on.
func (c *Cluster) checkAble(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.URL(superuser))
	if err != nil {
		return fmt.Errorf("asking PostgreSQL what it can do: %w", err)
	}
	var vietnamese, trigrams bool
	err = conn.QueryRow(ctx, `
		select exists (select from pg_collation where collname = 'vi-x-icu'),
		       exists (select from pg_available_extensions where name = 'pg_trgm')`).Scan(&vietnamese, &trigrams)
	if err = errors.Join(err, conn.Close(ctx)); err != nil {
		return fmt.Errorf("asking PostgreSQL what it can do: %w", err)
	}
	switch {
	case !vietnamese:
		return fmt.Errorf("the PostgreSQL in %s was built without ICU and cannot sort Vietnamese: %s", c.programs.dir, whatToInstall)
	case !trigrams:
		return fmt.Errorf("the PostgreSQL in %s came without its extension pg_trgm: install its package of extensions, often called postgresql-contrib", c.programs.dir)
	}
	return nil
}

// SocketDir is the directory in which the server listens; see [URL].
func (c *Cluster) SocketDir() string { return filepath.Join(c.dir, "sock") }

func (c *Cluster) socket() string  { return filepath.Join(c.SocketDir(), ".s.PGSQL."+port) }
func (c *Cluster) data() string    { return filepath.Join(c.dir, "data") }
func (c *Cluster) logFile() string { return filepath.Join(c.dir, "log") }
func (c *Cluster) throwAway() bool { return c.cleaner != nil }
