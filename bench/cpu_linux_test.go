package bench

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// meter reads how much CPU the portal and its PostgreSQL have used: of this
// process, user and system; of the server, every session of the world's database
// and the helpers that its queries started and that have ended. Wall time says
// little on a shared machine; this does not care who else is running.
type meter struct {
	sessions []int
	server   int
}

// meterOf finds the sessions of the world's portal: open them all before.
func meterOf(tb testing.TB, db *pgxpool.Pool) meter {
	tb.Helper()
	m := meter{sessions: values[int](tb, db, `select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend' order by pid`)}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.sessions[0]))
	if err != nil {
		tb.Fatal(err)
	}
	m.server, _ = strconv.Atoi(fields(stat)[1]) // the parent
	return m
}

// fields of a stat file from the state on: the name before may hold anything.
func fields(stat []byte) []string {
	s := string(stat)
	return strings.Fields(s[strings.LastIndexByte(s, ')')+1:])
}

// used is the CPU so far of the portal and of PostgreSQL.
type used struct{ web, pg time.Duration }

func (u used) sum() time.Duration { return u.web + u.pg }

func (u used) plus(after, before used) used {
	return used{u.web + after.web - before.web, u.pg + after.pg - before.pg}
}

func (m meter) read(tb testing.TB) used {
	tb.Helper()
	var self syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &self)
	u := used{web: time.Duration(self.Utime.Nano() + self.Stime.Nano())}
	for _, pid := range m.sessions {
		b, readErr := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
		ns, _ := strconv.ParseInt(strings.Fields(string(b) + " 0")[0], 10, 64)
		u.pg += time.Duration(ns)
		err = errors.Join(err, readErr)
	}
	stat, statErr := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.server))
	if err := errors.Join(err, statErr); err != nil {
		tb.Fatal(err)
	}
	const tick = 10 * time.Millisecond // of the kernel's accounts of ended children
	for _, ticks := range fields(stat)[13:15] {
		n, _ := strconv.ParseInt(ticks, 10, 64)
		u.pg += time.Duration(n) * tick
	}
	return u
}

// memory is the process's resident memory and its high-water mark since the last
// call, in bytes.
func memory(tb testing.TB) (resident, peak int64) {
	tb.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		tb.Fatal(err)
	}
	kilobytes := func(name string) int64 {
		_, rest, _ := strings.Cut(string(b), name+":")
		n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		return n << 10
	}
	resident, peak = kilobytes("VmRSS"), kilobytes("VmHWM")
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // begins a new high-water mark
		tb.Fatal(err)
	}
	return resident, peak
}
