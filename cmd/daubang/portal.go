package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/audit"
	"daubang/internal/cluster"
	"daubang/internal/config"
	"daubang/internal/document"
	"daubang/internal/pg"
)

// portal is the database as every command finds it, and what runs it.
type portal struct {
	conf    config.Config
	log     *slog.Logger
	cluster *cluster.Cluster // nil: somebody else's server
	url     string
	db      *pgxpool.Pool
}

// open reaches the database: the one that is set, or else our own, which it
// starts. Where another process of ours runs that already, a command other than
// serve (sharing) joins it.
func open(ctx context.Context, conf config.Config, log *slog.Logger, sharing bool) (*portal, error) {
	p := &portal{conf: conf, log: log, url: string(conf.DatabaseURL)}
	if p.url == "" {
		if err := p.startCluster(ctx, sharing); err != nil {
			return nil, err
		}
	}
	db, err := pg.Open(ctx, p.url)
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.db = db
	return p, nil
}

// durable refuses a database that can lose what people were told is saved.
func (p *portal) durable(ctx context.Context) error {
	off, err := pg.Unsafe(ctx, p.db)
	if err != nil || len(off) == 0 {
		return err
	}
	names := strings.Join(off, ", ")
	if p.conf.DataLoss {
		p.log.WarnContext(ctx, "what is saved can be lost when the machine stops", "off", names)
		return nil
	}
	return fmt.Errorf("the database has %s switched off, so what people save can be lost when its machine stops. Switch on each of them "+
		"(alter system set %s = on; select pg_reload_conf(); and look that neither the role nor DAUBANG_DATABASE_URL sets it), then start again. "+
		"Only where nothing may be lost that matters, as in tests: DAUBANG_ALLOW_DATA_LOSS=yes", names, off[0])
}

// databaseName is our database in our own cluster.
const databaseName = "daubang"

func (p *portal) startCluster(ctx context.Context, sharing bool) error {
	dir := filepath.Join(p.conf.DataDir, "postgres")
	c, err := cluster.Start(ctx, dir, p.log)
	if taken, ok := errors.AsType[cluster.Taken](err); ok && sharing {
		p.log.DebugContext(ctx, "joining the PostgreSQL that is running", "pid", taken.PID)
		p.url = cluster.URL(filepath.Join(dir, "sock"), databaseName)
		return nil
	}
	if err != nil {
		return err
	}
	p.cluster = c
	if p.url, err = c.Database(ctx, databaseName); err != nil {
		return errors.Join(err, c.Stop())
	}
	return nil
}

// close leaves the database and stops what open started.
func (p *portal) close() error {
	if p.db != nil {
		p.db.Close()
	}
	if p.cluster == nil {
		return nil
	}
	if err := p.cluster.Stop(); err != nil {
		return fmt.Errorf("stopping our PostgreSQL: %w", err)
	}
	return nil
}

// readers opens the pool that cannot write, on the replica if lagging is
// welcome and there is one.
func (p *portal) readers(ctx context.Context, lagging bool) (*pgxpool.Pool, error) {
	at := p.url
	if lagging && p.conf.ReplicaURL != "" {
		at = string(p.conf.ReplicaURL)
	}
	return pg.OpenReadOnly(ctx, at)
}

// files opens the store of documents.
func (p *portal) files() (*document.Store, error) {
	store, err := document.OpenStore((&url.URL{Scheme: "file", Path: p.conf.FilesDir}).String())
	if err == nil {
		store.Scans = p.conf.ClamAV != ""
	}
	return store, err
}

// byShell is an act of whoever may run this binary: the portal itself.
func byShell() audit.Act { return audit.Act{At: time.Now()} }
