package cluster

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// processesIn are the processes of PostgreSQL whose working directory is data:
// the server and every one of its children enter it and stay. Somebody's shell
// may be there too.
func processesIn(data string) ([]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var found []process
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		at := filepath.Join("/proc", entry.Name())
		if cwd, err := os.Readlink(filepath.Join(at, "cwd")); err != nil || cwd != data {
			continue // gone meanwhile, or another's
		}
		if name, err := os.ReadFile(filepath.Join(at, "comm")); err != nil || string(name) != "postgres\n" {
			continue
		}
		command, _ := os.ReadFile(filepath.Join(at, "cmdline")) // gone meanwhile
		found = append(found, process{pid: pid, command: string(bytes.ReplaceAll(command, []byte{0}, []byte{' '}))})
	}
	return found, nil
}

// removeStaleFiles removes what a server that is no more left to keep others
// off. It would keep off the next one too, if its number has gone to some other
// process of the same user, as happens after a restart of the machine, or if
// nobody has collected the dead, as in a container without an init.
func (c *Cluster) removeStaleFiles() error {
	for _, path := range []string{c.pidFile(), c.socket(), c.socket() + ".lock"} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
