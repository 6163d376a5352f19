//go:build unix

package cluster

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

// endLeftovers ends the processes that a killed portal, or a killed server, left
// at work on our data: while one of them lives, no new server starts. We hold
// the directory's lock, so they belong to nobody any more. Nothing committed is
// lost by this; the next server goes through the log.
//
// A server with its wits about it is asked to end in order. The orphans of one
// that was killed mostly notice by themselves; those that are too busy are told.
func (c *Cluster) endLeftovers(cancelled <-chan struct{}) error {
	const patience = 60 * time.Second
	look := time.NewTicker(glance)
	defer look.Stop()
	var waited time.Duration
	for ; waited < patience; waited += glance {
		left, err := processesIn(c.data())
		if err != nil {
			return fmt.Errorf("looking for what still runs in %s: %w", c.data(), err)
		}
		if len(left) == 0 {
			return c.removeStaleFiles()
		}
		if err := c.tellToEnd(left, waited); err != nil {
			return err
		}
		select {
		case <-look.C:
		case <-cancelled:
			return fmt.Errorf("waiting for the previous PostgreSQL in %s to end: cancelled", c.dir)
		}
	}
	return fmt.Errorf("the previous PostgreSQL in %s does not end after %v: see %s", c.dir, patience, c.logFile())
}

// tellToEnd sends the signals that are due after having waited so long.
func (c *Cluster) tellToEnd(left []process, waited time.Duration) error {
	const grace, stubborn = 200 * time.Millisecond, 3 * time.Second
	at := func(moment time.Duration) bool { return waited == moment }
	if i := slices.IndexFunc(left, func(p process) bool { return p.pid == c.pidInFile() }); i >= 0 {
		head := left[i]
		if !strings.Contains(head.command, c.SocketDir()) {
			return Taken{Dir: c.dir, PID: head.pid} // started by hand: not ours to end
		}
		switch {
		case at(0):
			return signal(head, syscall.SIGINT)
		case at(ordinaryEnd):
			return signal(head, syscall.SIGQUIT)
		}
		return nil
	}
	var err error
	for _, orphan := range left {
		switch {
		case at(grace):
			err = errors.Join(err, signal(orphan, syscall.SIGQUIT))
		case at(stubborn):
			err = errors.Join(err, signal(orphan, syscall.SIGKILL))
		}
	}
	return err
}

// process is one that works in the data directory.
type process struct {
	pid     int
	command string
}

func signal(p process, sig syscall.Signal) error {
	if err := syscall.Kill(p.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("sending %v to process %d: %w", sig, p.pid, err)
	}
	return nil
}

// pidInFile is the server that says it owns the data, 0 if none does.
func (c *Cluster) pidInFile() int {
	file, err := os.Open(c.pidFile())
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }() // only read
	return readPID(file)
}
