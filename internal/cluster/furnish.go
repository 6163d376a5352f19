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
	"syscall"
)

// longestSocket is the longest path of a socket that every Unix takes (macOS
// has 104 bytes for it and the zero at its end).
const longestSocket = 100

// furnish makes the directory, takes its lock and gives it to the account that
// the server will run as.
func (c *Cluster) furnish(context.Context) error {
	if err := c.makeDir(); err != nil {
		return err
	}
	lock, err := take(c.dir)
	if err != nil {
		return err
	}
	c.lock = lock
	if c.account, err = serverAccount(c.data()); err != nil {
		return err
	}
	if err := os.MkdirAll(c.SocketDir(), 0o700); err != nil {
		return fmt.Errorf("making room for PostgreSQL: %w", err)
	}
	if err := os.Chmod(c.dir, 0o700); err != nil { //nolint:gosec // a directory: its owner must enter
		return fmt.Errorf("making room for PostgreSQL: %w", err)
	}
	for _, path := range []string{c.dir, c.SocketDir(), lock.Name()} {
		if err := c.account.own(path); err != nil {
			return fmt.Errorf("making room for PostgreSQL: %w", err)
		}
	}
	return c.account.mustReach(c.dir)
}

// makeDir makes the directory and settles its real and absolute name, which is
// also how the system knows the processes that work in it.
func (c *Cluster) makeDir() error {
	parents := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		parents = 0o711 // the server's account has to pass through
	}
	dir, err := filepath.Abs(c.dir)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(dir), parents)
	}
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return fmt.Errorf("making room for PostgreSQL: %w", err)
	}
	c.dir = dir
	if n := len(c.socket()); n > longestSocket {
		return fmt.Errorf("the path %s is too long for PostgreSQL's socket (%d bytes, %d at most): choose a data directory with a shorter path (DAUBANG_DATA_DIR)",
			c.socket(), n, longestSocket)
	}
	return nil
}

// take takes the lock of a cluster's directory and writes our process id into
// it. The system gives it back when we end, however we end.
func take(dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking PostgreSQL's directory: %w", err)
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		pid := readPID(lock)
		return nil, errors.Join(Taken{Dir: dir, PID: pid}, lock.Close())
	}
	if err == nil {
		err = lock.Truncate(0)
	}
	if err == nil {
		_, err = lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", lock.Name(), err), lock.Close())
	}
	return lock, nil
}

// readPID reads the number on a file's first line, 0 if there is none.
func readPID(file io.Reader) int {
	const enough = 32
	text, _ := io.ReadAll(io.LimitReader(file, enough)) // unreadable is the same as not there
	line, _, _ := strings.Cut(string(text), "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(line))
	return pid
}
