package work

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/config"
	"daubang/internal/letter"
	"daubang/internal/mail"
	"daubang/internal/mail/mailtest"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
)

// asWorker tells this test binary to be a worker, on what it says.
const asWorker = "DAUBANG_TEST_WORKER"

type errand struct {
	Database string
	Host     string
	Port     int
}

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(asWorker); ok {
		os.Exit(beWorker(text))
	}
	os.Exit(m.Run())
}

// beWorker works until it is killed.
func beWorker(text string) int {
	var e errand
	err := json.Unmarshal([]byte(text), &e)
	if err == nil {
		err = e.run(context.Background())
	}
	fmt.Fprintln(os.Stderr, "worker:", err)
	return 1
}

// quick is a pace at which what a killed worker left behind is soon another's.
func quick() pace {
	p := hurried
	p.job, p.lease, p.rescue = 1500*time.Millisecond, 2*time.Second, 2500*time.Millisecond
	return p
}

func (e errand) run(ctx context.Context) error {
	db, err := pgxpool.New(ctx, e.Database)
	if err != nil {
		return err
	}
	return Run(ctx, Options{
		DB: db, Sender: mail.New(config.SMTP{Host: e.Host, Port: e.Port}, office), BaseURL: "https://daubang.example.vn", Secret: secret,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})), Now: time.Now, pace: quick(),
	})
}

// TestKilledWorkerLosesNoLetter kills worker processes with letters in every
// stage of being sent. In the end every letter is sent; more often than once
// only those that were on their way at a kill, under the same Message-ID.
func TestKilledWorkerLosesNoLetter(t *testing.T) {
	t.Parallel()
	const letters, kills = 150, 4
	url := pgtest.NewURL(t)
	db, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	w, s := build(t, db), mailtest.Start(t, mailtest.Options{})
	s.Answer(func(at mailtest.Step, _ string) error {
		if at == mailtest.Data || at == mailtest.Kept { // so that kills fall before and after a letter is taken
			time.Sleep(20 * time.Millisecond)
		}
		return nil
	})
	w.queue(t, letter.Known, letter.About{}, w.many(t, letters)...)
	settings := s.Settings()
	text, err := json.Marshal(errand{Database: url, Host: settings.Host, Port: settings.Port})
	if err != nil {
		t.Fatal(err)
	}
	inFlight := map[int64]bool{} // jobs that were running at a kill
	for kill := range kills {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), asWorker+"="+string(text))
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		before := len(s.Received())
		eventually(t, "a worker sends", func() bool { return len(s.Received()) >= before+10 || w.settled(t)() })
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		running, err := pg.Values[int64](t.Context(), db, `select id from river_job where kind = 'send_letter' and state = 'running'`)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range running {
			inFlight[id] = true
		}
		if len(running) == 0 && kill == 0 {
			t.Error("nothing was on its way when the worker was killed: this proves little")
		}
		w.exec(t, `delete from river_leader`) // its term would end by itself, in some fifteen seconds
	}
	time.Sleep(quick().rescue) // a leader looks for stuck jobs as it begins, and then every half minute
	o := w.options(t, s)
	o.pace = quick()
	start(t, o)
	eventually(t, "all are sent", w.settled(t))
	for _, l := range w.letters(t) {
		if l.State != letter.Sent || l.Leased {
			t.Error(l)
		}
	}
	seen := messageIDs(t, s.Received())
	if len(seen) != letters {
		t.Errorf("%d of %d letters were received", len(seen), letters)
	}
	if again := len(s.Received()) - len(seen); again > len(inFlight) || len(inFlight) > kills*letterWorkers {
		t.Errorf("%d letters were repeated, %d were in flight at a kill", again, len(inFlight))
	}
	t.Logf("%d kills, %d jobs in flight at them, %d letters repeated", kills, len(inFlight), len(s.Received())-len(seen))
	eventually(t, "no job is left over", func() bool { return len(w.unfinished(t)) == 0 })
}

// TestDatabaseCutOff ends every connection to the database while letters are
// being sent: what the mail server took is noted all the same, and not repeated.
func TestDatabaseCutOff(t *testing.T) {
	t.Parallel()
	const letters, cuts = 100, 4
	w, s := newWorld(t), mailtest.Start(t, mailtest.Options{})
	s.Answer(func(at mailtest.Step, _ string) error {
		if at == mailtest.Data {
			time.Sleep(20 * time.Millisecond)
		}
		return nil
	})
	conf, err := pgxpool.ParseConfig(w.db.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	conf.ConnConfig.RuntimeParams["application_name"] = "worker"
	pool, err := pgxpool.NewWithConfig(t.Context(), conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	o := w.options(t, s)
	o.DB, o.pace = pool, quick()
	stop := start(t, o)
	w.queue(t, letter.Known, letter.About{}, w.many(t, letters)...)
	for range cuts {
		before := len(s.Received())
		eventually(t, "letters are sent", func() bool { return len(s.Received()) >= before+8 || w.settled(t)() })
		w.exec(t, `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'worker'`)
	}
	time.Sleep(quick().rescue)
	stop()
	w.exec(t, `delete from river_leader`)
	start(t, o) // whatever the queue lost sight of is found by a leader as it begins
	eventually(t, "all are sent", w.settled(t))
	seen := messageIDs(t, s.Received())
	if again := len(s.Received()) - len(seen); len(seen) != letters || again > cuts {
		t.Errorf("%d letters were received, %d repeated", len(seen), again)
	}
	for _, l := range w.letters(t) {
		if l.State != letter.Sent || l.Leased {
			t.Error(l)
		}
	}
}
