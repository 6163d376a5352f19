package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"daubang/internal/config"
	"daubang/internal/mail"
	"daubang/internal/passport"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/scan"
	"daubang/migrations"
)

// doctor says what is configured, reachable and missing, in plain words, and
// fails if something that is configured does not work.
type doctor struct{}

// finding is one thing the doctor looked at.
type finding struct {
	what, state string
	bad         bool
}

func (doctor) Run(ctx context.Context, conf config.Config, log *slog.Logger) (err error) {
	found := []finding{
		{what: "address", state: conf.Listen + ", known to people as " + conf.BaseURL},
		{what: "data directory", state: conf.DataDir},
	}
	p, openErr := open(ctx, conf, log, true)
	if openErr != nil {
		found = append(found, finding{what: "database", state: openErr.Error(), bad: true})
	} else {
		defer func() { err = errors.Join(err, p.close()) }()
		found = append(found, p.examine(ctx)...)
	}
	found = append(found, examineFiles(conf.FilesDir), examineSMTP(ctx, conf), examineClamAV(ctx, conf.ClamAV))
	bad := 0
	for _, f := range found {
		mark := "ok     "
		if f.bad {
			mark = "BROKEN "
			bad++
		}
		say("%s%-16s %s", mark, f.what, f.state)
	}
	if bad > 0 {
		return fmt.Errorf("%d things that are configured do not work", bad)
	}
	return nil
}

// examine looks at the database.
func (p *portal) examine(ctx context.Context) []finding {
	whose := "the one of DAUBANG_DATABASE_URL"
	if p.conf.DatabaseURL == "" {
		whose = "our own, in the data directory"
	}
	version, err := pg.Value[string](ctx, p.db, `select 'PostgreSQL ' || current_setting('server_version')`)
	if err != nil {
		return []finding{{what: "database", state: err.Error(), bad: true}}
	}
	found := []finding{{what: "database", state: version + ", " + whose}}
	unsafe, err := pg.Unsafe(ctx, p.db)
	switch {
	case err != nil:
		found = append(found, finding{what: "durability", state: err.Error(), bad: true})
	case len(unsafe) > 0:
		found = append(found, finding{what: "durability", state: fmt.Sprintf("%v off: what is saved can be lost when the machine stops; switch on", unsafe), bad: true})
	default:
		found = append(found, finding{what: "durability", state: "a saved word survives a crash (fsync, full_page_writes, synchronous_commit)"})
	}
	switch pending, err := migrations.Pending(ctx, p.db); {
	case err != nil:
		found = append(found, finding{what: "schema", state: err.Error(), bad: true})
	case len(pending) > 0:
		found = append(found, finding{what: "schema", state: fmt.Sprintf("%d steps behind: run daubang migrate", len(pending)), bad: true})
	default:
		found = append(found, finding{what: "schema", state: "up to date"})
	}
	return append(found, p.examineSecret(ctx))
}

// examineSecret tries the secret on what is sealed.
func (p *portal) examineSecret(ctx context.Context) finding {
	f := finding{what: "secret"}
	key, err := p.conf.SecretKey()
	if err != nil {
		return finding{what: "secret", state: err.Error(), bad: true}
	}
	unread, all, err := passport.Unread(ctx, p.db, people.Key(key))
	switch {
	case err != nil:
		f.state, f.bad = "not tried, the database does not say what is sealed: "+err.Error(), true
	case unread > 0:
		f.state, f.bad = fmt.Sprintf("does not open %d of %d account numbers: put back the one they were sealed with, or have them typed again", unread, all), true
	default:
		f.state = fmt.Sprintf("opens all %d account numbers", all)
	}
	return f
}

func examineFiles(dir string) finding {
	f := finding{what: "documents", state: dir}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return finding{what: "documents", state: err.Error(), bad: true}
	}
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return finding{what: "documents", state: "cannot be written: " + err.Error(), bad: true}
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return finding{what: "documents", state: err.Error(), bad: true}
	}
	return f
}

// examineSMTP signs in as for a letter, and sends none.
func examineSMTP(ctx context.Context, conf config.Config) finding {
	if conf.SMTP.Host == "" {
		return finding{what: "mail", state: "not set (DAUBANG_SMTP_URL): letters wait in the outbox, readable at /desk/letters"}
	}
	address := net.JoinHostPort(conf.SMTP.Host, strconv.Itoa(conf.SMTP.Port))
	if err := mail.New(conf.SMTP, conf.MailFrom).Check(ctx); err != nil {
		return finding{what: "mail", state: address + " takes no letters from us: " + err.Error(), bad: true}
	}
	return finding{what: "mail", state: address + " takes letters, from " + conf.MailFrom.String()}
}

// staleSignatures is how old what the scanner knows may be.
const staleSignatures = 7 * 24 * time.Hour

// examineClamAV asks clamd what it is and how old what it knows.
func examineClamAV(ctx context.Context, address string) finding {
	f := finding{what: "virus scanner"}
	if address == "" {
		f.state = "not set (DAUBANG_CLAMAV_ADDR): documents are marked as not scanned"
		return f
	}
	v, err := scan.Client{Address: address, Patience: 5 * time.Second}.Version(ctx)
	switch {
	case err != nil:
		f.state, f.bad = address+" does not answer as clamd does: "+err.Error(), true
	case v.Date.IsZero():
		f.state, f.bad = address+" answers, "+v.Engine+", and has no signatures: run freshclam", true
	default:
		f.state = fmt.Sprintf("%s answers, %s, signatures %d of %s", address, v.Engine, v.Signatures, v.Date.Format(time.DateOnly))
		if time.Since(v.Date) > staleSignatures {
			f.state, f.bad = f.state+", more than a week old: run freshclam", true
		}
	}
	return f
}
