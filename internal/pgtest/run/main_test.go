package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheCommandHasAServerWhileItRuns(t *testing.T) {
	t.Parallel()
	told := filepath.Join(t.TempDir(), "told")
	err := run(t.Context(), "/bin/sh", []string{
		"-c", `test -S "$DAUBANG_TEST_PG/.s.PGSQL.5432" && printf %s "$DAUBANG_TEST_PG" >"$0"; exit 7`, told,
	})
	if ended, ok := errors.AsType[*exec.ExitError](err); !ok || ended.ExitCode() != 7 {
		t.Errorf("it ended with %v, the command with 7", err)
	}
	socketDir, err := os.ReadFile(told)
	if err != nil || !strings.HasSuffix(string(socketDir), "/sock") {
		t.Fatalf("no server while it ran: %q, %v", socketDir, err)
	}
	if _, err := os.Stat(filepath.Dir(string(socketDir))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the server's directory was left: %v", err)
	}
}
