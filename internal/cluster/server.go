//go:build unix

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	superuser = "postgres" // also the name of the database that every cluster has
	port      = "5432"     // only part of the socket's name

	ordinaryEnd  = 30 * time.Second // a server with much to write may take its time
	immediateEnd = 5 * time.Second
)

// initialise makes the cluster's data if there are none. They get their name
// only once they are complete, so a killed start leaves nothing half made.
func (c *Cluster) initialise(context.Context) error {
	if _, err := os.Stat(c.data()); err == nil {
		return nil
	}
	halfMade, _ := filepath.Glob(c.data() + ".new-*") // the pattern is correct
	for _, dir := range halfMade {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("clearing away data that a killed start left: %w", err)
		}
	}
	fresh, err := os.MkdirTemp(c.dir, "data.new-*")
	if err == nil {
		err = c.account.own(fresh)
	}
	if err != nil {
		return fmt.Errorf("making room for PostgreSQL's data: %w", err)
	}
	args := []string{"-D", fresh, "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"}
	if c.throwAway() {
		args = append(args, "--no-sync")
	} else {
		args = append(args, "--data-checksums")
	}
	if out, err := c.run(syscall.SIGKILL, c.programs.initdb(), args...); err != nil {
		return fmt.Errorf("making PostgreSQL's data: %w\n%s", err, out)
	}
	if err := os.Rename(fresh, c.data()); err != nil {
		return fmt.Errorf("making PostgreSQL's data: %w", err)
	}
	return nil
}

// run runs a program to its end as the server's account and returns what it
// printed.
func (c *Cluster) run(whenOrphaned syscall.Signal, program string, args ...string) (string, error) {
	var out strings.Builder
	cmd := c.account.command(whenOrphaned, program, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	ended := make(chan error)
	go func() { // on a thread of its own: see launch
		runtime.LockOSThread()
		ended <- cmd.Run()
	}()
	if err := <-ended; err != nil {
		return out.String(), fmt.Errorf("running %s as %s: %w", program, c.account.name, err)
	}
	return out.String(), nil
}

// options are the server's settings: those that make it private, those that
// make it the same on every machine, and for a throw-away cluster those that
// trade safety for speed.
func (c *Cluster) options() []string {
	settings := []string{
		"listen_addresses=", "port=" + port, "unix_socket_directories=" + c.SocketDir(), "unix_socket_permissions=0700",
		"timezone=UTC", "log_timezone=UTC", "jit=off", "logging_collector=off",
	}
	if c.throwAway() { // tests ask much, each thing a few times: it is planned once, not five times
		settings = append(settings, "plan_cache_mode=force_generic_plan", "max_connections=300", "dynamic_shared_memory_type=mmap", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"wal_level=minimal", "max_wal_senders=0", "max_wal_size=4GB", "autovacuum=off")
	}
	args := []string{"-D", c.data()}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	return args
}

// server is a PostgreSQL process that we started.
type server struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// launch starts the server process; whether it stays is for boot to see.
func (c *Cluster) launch() (*server, error) {
	log, err := os.OpenFile(c.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening PostgreSQL's log: %w", err)
	}
	defer func() { _ = log.Close() }() // the server has its own handle
	whenOrphaned := syscall.SIGINT     // to PostgreSQL: end in order, now
	if c.throwAway() {
		whenOrphaned = syscall.SIGQUIT // end at once
	}
	s := &server{
		cmd:  c.account.command(whenOrphaned, c.programs.postgres(), c.options()...),
		done: make(chan struct{}),
	}
	s.cmd.Stdout, s.cmd.Stderr = log, log
	started := make(chan error)
	go func() {
		// To Linux a child's parent is the thread that started it. This one is
		// kept for the child's whole life, or it would be orphaned too soon.
		runtime.LockOSThread()
		err := s.cmd.Start()
		started <- err
		if err == nil {
			_ = s.cmd.Wait() // how it ended is in its log
			close(s.done)
			runtime.KeepAlive(c) // with the lock: nobody may drop those before
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting PostgreSQL as %s: %w", c.account.name, err)
	}
	return s, nil
}

func (s *server) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// end stops the server: in order, or at once if nobody will miss its data.
func (s *server) end(atOnce bool) error {
	steps := []struct {
		signal   syscall.Signal
		patience time.Duration
	}{{syscall.SIGINT, ordinaryEnd}, {syscall.SIGQUIT, immediateEnd}, {syscall.SIGKILL, immediateEnd}}
	if atOnce {
		steps = steps[1:]
	}
	pid := s.cmd.Process.Pid
	for i, step := range steps {
		if s.ended() {
			return nil
		}
		target := pid
		if step.signal == syscall.SIGKILL {
			target = -pid // no more orders given: the whole group
		}
		if err := syscall.Kill(target, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("sending %v to process %d: %w", step.signal, pid, err)
		}
		select {
		case <-s.done:
			if i > 0 {
				return fmt.Errorf("process %d did not end in order and was sent %v; no committed data are lost, the next start takes longer", pid, step.signal)
			}
			return nil
		case <-time.After(step.patience):
		}
	}
	return fmt.Errorf("process %d cannot be ended", pid)
}
