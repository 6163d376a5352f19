//go:build unix

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	glance       = 10 * time.Millisecond  // between two looks at something we wait for
	secondTry    = 200 * time.Millisecond // before the server is started again
	tries        = 20
	stillWaiting = 10 * time.Second // between two words to whoever watches the log
)

// boot starts the server and waits until it takes connections. What a killed
// predecessor left running is ended first; where that cannot be seen (another
// system than Linux) the server itself notices and leaves, and we try again.
func (c *Cluster) boot(ctx context.Context) error {
	if err := c.turnLog(); err != nil {
		return err
	}
	for try := 1; ; try++ {
		if err := c.endLeftovers(ctx.Done()); err != nil {
			return err
		}
		said := sizeOf(c.logFile())
		s, err := c.launch()
		if err != nil {
			return err
		}
		err = c.awaitReady(ctx, s)
		if err == nil {
			c.server = s
			return nil
		}
		if !s.ended() {
			return errors.Join(err, s.end(true))
		}
		if try == tries || !c.othersLeftTheirFile() {
			return fmt.Errorf("%w: %s\nIts whole log is %s", err, c.lastWords(said), c.logFile())
		}
		c.log.InfoContext(ctx, "PostgreSQL finds its data still in use, trying again", "dir", c.dir, "try", try)
		select {
		case <-time.After(secondTry):
		case <-ctx.Done():
			return fmt.Errorf("starting PostgreSQL in %s: %w", c.dir, ctx.Err())
		}
	}
}

var errEnded = errors.New("PostgreSQL ended while it was starting")

// awaitReady waits until the server takes connections, which after a crash is
// once it has gone through its log again: however long that is, the limit is
// the caller's.
func (c *Cluster) awaitReady(ctx context.Context, s *server) error {
	look, say := time.NewTicker(glance), time.NewTicker(stillWaiting)
	defer look.Stop()
	defer say.Stop()
	for {
		select {
		case <-s.done:
			return errEnded
		case <-ctx.Done():
			return fmt.Errorf("starting PostgreSQL in %s: %w", c.dir, ctx.Err())
		case <-say.C:
			c.log.InfoContext(ctx, "PostgreSQL is not ready yet", "dir", c.dir, "it says", c.lastWords(0))
		case <-look.C:
			if c.ready(s) {
				return nil
			}
		}
	}
}

// ready says whether the server takes connections, as pg_ctl finds out: the
// eighth line of postmaster.pid says so, if the first names this very process.
func (c *Cluster) ready(s *server) bool {
	const statusLine = 7
	text, err := os.ReadFile(c.pidFile())
	lines := strings.Split(string(text), "\n")
	return err == nil && len(lines) > statusLine &&
		lines[0] == strconv.Itoa(s.cmd.Process.Pid) && strings.TrimSpace(lines[statusLine]) == "ready"
}

// othersLeftTheirFile says whether there is the file by which servers keep each
// other off the data. A server removes its own when it ends by itself.
func (c *Cluster) othersLeftTheirFile() bool {
	_, err := os.Stat(c.pidFile())
	return !errors.Is(err, fs.ErrNotExist)
}

func (c *Cluster) pidFile() string { return filepath.Join(c.data(), "postmaster.pid") }

// turnLog begins a new log when the old one has grown, and keeps one old one.
func (c *Cluster) turnLog() error {
	const large = 10 << 20
	if sizeOf(c.logFile()) < large {
		return nil
	}
	if err := os.Rename(c.logFile(), c.logFile()+".old"); err != nil {
		return fmt.Errorf("putting PostgreSQL's old log aside: %w", err)
	}
	return nil
}

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// lastWords is the end of what the server has logged since the log was that
// long.
func (c *Cluster) lastWords(since int64) string {
	const enough = 2000
	log, err := os.Open(c.logFile())
	if err != nil {
		return "nothing was logged"
	}
	defer func() { _ = log.Close() }() // only read
	since = max(since, sizeOf(c.logFile())-enough)
	text, err := io.ReadAll(io.NewSectionReader(log, since, enough))
	if err != nil || len(text) == 0 {
		return "nothing was logged"
	}
	return strings.TrimSpace(string(text))
}
