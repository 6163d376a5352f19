package main

import (
	"log/slog"
	"strings"
	"testing"

	"daubang/internal/pg"
	"daubang/internal/pgtest"
)

// A database that can lose what people were told is saved is refused in words;
// the tests' own is one.
func TestDurable(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	p := &portal{db: db, log: slog.New(slog.DiscardHandler)}
	err := p.durable(t.Context())
	if err == nil || !strings.Contains(err.Error(), "fsync, full_page_writes, synchronous_commit") || !strings.Contains(err.Error(), "alter system set fsync = on") {
		t.Errorf("with fsync off: %v", err)
	}
	if err := p.ready(t.Context()); err == nil || !strings.Contains(err.Error(), "DAUBANG_ALLOW_DATA_LOSS") {
		t.Errorf("web and worker are ready: %v", err)
	}
	p.conf.DataLoss = true
	if err := p.durable(t.Context()); err != nil {
		t.Errorf("allowed by name: %v", err)
	}
	tx := pgtest.Tx(t)
	if _, err := tx.Exec(t.Context(), `set local synchronous_commit = on`); err != nil {
		t.Fatal(err)
	}
	if off, err := pg.Unsafe(t.Context(), tx); err != nil || len(off) != 2 {
		t.Errorf("with synchronous_commit on %v are off: %v", off, err)
	}
}
