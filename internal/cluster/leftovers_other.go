//go:build unix && !linux

package cluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// processesIn finds the server that the data's own file names, if it is one of
// those data: its children cannot be told from others' here.
func processesIn(data string) ([]process, error) {
	file, err := os.Open(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return nil, nil //nolint:nilerr // no file, no server
	}
	defer func() { _ = file.Close() }() // only read
	pid := readPID(file)
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil || !strings.Contains(string(out), data) {
		return nil, nil //nolint:nilerr // ps fails if there is no such process
	}
	return []process{{pid: pid, command: string(out)}}, nil
}

// removeStaleFiles leaves them alone: here we cannot be sure that nothing runs,
// and PostgreSQL judges by itself.
func (c *Cluster) removeStaleFiles() error { return nil }
