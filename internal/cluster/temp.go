//go:build unix

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const tempPrefix = "daubang-pg-"

// Temp starts a throw-away cluster for tests: in memory where there is room, and
// without the care for its data that a real one takes. It is gone, server and
// files, soon after this process ends, however it ends.
func Temp(ctx context.Context) (*Cluster, error) {
	root := scratch()
	sweep(root)
	dir, err := os.MkdirTemp(root, fmt.Sprintf("%s%d-*", tempPrefix, os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("making room for a throw-away PostgreSQL: %w", err)
	}
	after, err := cleanUpAfterUs(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return start(ctx, &Cluster{dir: dir, cleaner: after, log: slog.New(slog.DiscardHandler)})
}

// scratch is where throw-away clusters are made: in memory if half a suite's
// databases fit there (containers are often given 64 MB).
func scratch() string {
	const memory, room = "/dev/shm", 1 << 30
	if free(memory) > room {
		return memory
	}
	return "/tmp" // os.TempDir may be too long for a socket, or closed to others
}

// free is the room on a file system in bytes, 0 if there is no such place.
func free(path string) uint64 {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(path, &stat); err != nil {
		return 0
	}
	return uint64(stat.Bavail) * uint64(stat.Bsize) //nolint:gosec,unconvert // types differ between systems; neither is negative
}

// sweep removes clusters whose process was killed together with its cleaner.
func sweep(root string) {
	dirs, _ := filepath.Glob(filepath.Join(root, tempPrefix+"*")) // the pattern is correct
	for _, dir := range dirs {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), tempPrefix), "-")
		pid, err := strconv.Atoi(number)
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue // alive
		}
		if lock, err := take(dir); err == nil || errors.Is(err, fs.ErrNotExist) {
			_ = os.RemoveAll(dir) // another user's stays
			if lock != nil {
				_ = lock.Close()
			}
		}
	}
}

// cleaner removes a directory when this process is gone. Tests end in too many
// ways (os.Exit, a panic, a time limit) to do it ourselves.
type cleaner struct {
	cmd *exec.Cmd
	us  *os.File // closed by the system when we die, which is what the cleaner waits for
}

const cleanerScript = `
cat >/dev/null
for try in 1 2 3 4 5 6 7 8 9 10; do
	pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) || break
	kill -QUIT "$pid" 2>/dev/null || break
	sleep 0.1
done
rm -rf "$1"`

func cleanUpAfterUs(dir string) (*cleaner, error) {
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("preparing to clean up: %w", err)
	}
	cmd := exec.Command("/bin/sh", "-c", cleanerScript, "sh", dir)
	cmd.Dir = "/"
	cmd.Stdin = theirs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // out of reach of what ends us
	if err := errors.Join(cmd.Start(), theirs.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing to clean up: %w", err), ours.Close())
	}
	return &cleaner{cmd: cmd, us: ours}, nil
}

// work has the cleaner do its work now.
func (c *cleaner) work() error { return errors.Join(c.us.Close(), c.cmd.Wait()) }
