//go:build unix

package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is the user that the server runs as: ourselves, or, as PostgreSQL
// refuses to be root, somebody without privileges.
type account struct {
	name     string
	uid, gid int
	other    bool // not ourselves
}

// serverAccount is whoever owns the data; before there is any, ourselves, and
// for root the user postgres if there is one, else nobody.
func serverAccount(data string) (account, error) {
	us := os.Geteuid()
	owner, err := ownerOf(data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return account{}, fmt.Errorf("asking whose PostgreSQL data this is: %w", err)
	}
	switch hasData := err == nil; {
	case us != 0 && hasData && owner.uid != us:
		return account{}, fmt.Errorf("the PostgreSQL data in %s belong to user %s: run as that user, or choose another data directory (DAUBANG_DATA_DIR)", data, owner.name)
	case us != 0:
		return account{name: accountName(us), uid: us, gid: os.Getegid()}, nil
	case hasData && owner.uid == 0:
		return account{}, fmt.Errorf("the PostgreSQL data in %s belong to root, and PostgreSQL refuses to run as root: chown -R them to the user postgres or nobody", data)
	case hasData:
		owner.other = true
		return owner, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if somebody, err := lookUp(name); err == nil && somebody.uid != 0 {
			return somebody, nil
		}
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and this machine has neither a user postgres nor nobody to run it as: run as another user")
}

func lookUp(name string) (account, error) {
	entry, err := user.Lookup(name)
	if err != nil {
		return account{}, err
	}
	uid, err := strconv.Atoi(entry.Uid)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.Atoi(entry.Gid)
	return account{name: name, uid: uid, gid: gid, other: true}, err
}

func ownerOf(path string) (account, error) {
	info, err := os.Stat(path)
	if err != nil {
		return account{}, err
	}
	uid, gid := owners(info)
	return account{name: accountName(uid), uid: uid, gid: gid}, nil
}

func owners(info fs.FileInfo) (uid, gid int) {
	stat, _ := info.Sys().(*syscall.Stat_t) // always so on Unix
	return int(stat.Uid), int(stat.Gid)
}

func accountName(uid int) string {
	if entry, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return entry.Username
	}
	return strconv.Itoa(uid)
}

// own gives a file or directory to the account.
func (a account) own(path string) error {
	if !a.other {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// mustReach refuses, naming the culprit, if a directory above path is closed to
// the account.
func (a account) mustReach(path string) error {
	if !a.other {
		return nil
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if !a.maySearch(info) {
			return fmt.Errorf("PostgreSQL refuses to run as root, and the user %s, whom it would run as, may not pass through %s to %s: chmod o+x %s, or choose a data directory elsewhere (DAUBANG_DATA_DIR=/var/lib/daubang)",
				a.name, dir, path, dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

func (a account) maySearch(dir fs.FileInfo) bool {
	uid, gid := owners(dir)
	mode := dir.Mode().Perm()
	switch {
	case uid == a.uid:
		return mode&0o100 != 0
	case gid == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// command prepares a program to be run as the account, in a process group of
// its own so that a Ctrl-C reaches us first and we can end things in order.
// When we die, whenOrphaned is sent to it where the system can do that.
func (a account) command(whenOrphaned syscall.Signal, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = "/"
	cmd.Env = cleanEnv()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	signalWhenOrphaned(cmd.SysProcAttr, whenOrphaned)
	if a.other {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)} //nolint:gosec // ids of the system fit
	}
	return cmd
}

// cleanEnv is our environment without what would steer PostgreSQL behind our
// back (PGPORT, PGDATA, PGOPTIONS …) and without our own settings, which hold
// secrets that the server has no use for.
func cleanEnv() []string {
	var env []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "PG") && !strings.HasPrefix(entry, "DAUBANG_") {
			env = append(env, entry)
		}
	}
	return env
}
