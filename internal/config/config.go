// Package config reads the portal's settings from the environment, once, and
// says everything that is wrong with them at once.
//
// Every setting has a default: with none the portal serves this machine alone,
// with a PostgreSQL of its own. Passwords and keys are [Secret]: they cannot be
// printed by accident. What a setting leads to (a server that does not answer, a
// disk that is full) is for `daubang doctor` and the packages that use it.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
)

// Config is everything that differs between one installation and another.
type Config struct {
	Listen  string // host:port
	BaseURL string // scheme and host as people type them, without a slash at the end
	DataDir string // absolute

	DatabaseURL Secret // empty: a PostgreSQL of our own in DataDir
	ReplicaURL  Secret // for reads that may lag; empty: DatabaseURL
	DataLoss    bool   // serve on a database that may lose what it acknowledged; for tests
	FilesDir    string // where documents are kept, absolute

	SMTP     SMTP // without a host: letters stay in the outbox
	MailFrom mail.Address
	ClamAV   string // host:port or the path of a socket; empty: files are not scanned

	Log Log

	Secret Secret // DAUBANG_SECRET as it is set; what signs tokens is [Config.SecretKey]
}

// SMTP is the server that takes our letters. It is never a pointer, through
// which package fmt would print the password.
type SMTP struct {
	Host     string
	Port     int
	TLS      bool   // from the first byte (smtps); otherwise by STARTTLS
	User     string // empty: no sign-in
	Password Secret
}

// Log is how the portal logs.
type Log struct {
	JSON  bool
	Level slog.Level
}

// FromEnv reads every setting. If any is wrong it returns all their errors
// joined, each of them one sentence that names the setting and the remedy.
func FromEnv() (Config, error) {
	e := env{look: os.LookupEnv, all: os.Environ}
	return e.config(os.Geteuid() == 0)
}

// env is where settings come from, and what was wrong with them.
type env struct {
	look  func(name string) (string, bool)
	all   func() []string
	wrong []error
}

func (e *env) config(root bool) (Config, error) {
	c := Config{DataDir: e.dataDir(root), Listen: e.listen()}
	c.BaseURL = e.baseURL(c.Listen)
	c.DatabaseURL = e.database("DAUBANG_DATABASE_URL")
	c.ReplicaURL = e.database("DAUBANG_REPLICA_URL")
	if c.ReplicaURL != "" && c.DatabaseURL == "" {
		e.refuse("DAUBANG_REPLICA_URL", "a replica needs the database it follows: set DAUBANG_DATABASE_URL too")
	}
	c.DataLoss = e.dataLoss()
	c.FilesDir = e.files(c.DataDir)
	c.SMTP = e.smtp()
	c.MailFrom = e.mailFrom(c.SMTP.Host != "")
	c.Secret = e.secret()
	c.ClamAV = e.clamAV()
	c.Log = e.log()
	e.notYet()
	return c, errors.Join(e.wrong...)
}

// get is a setting without the spaces around it. One that is empty is not set;
// one of nothing but spaces was meant to be something, and is refused.
func (e *env) get(name string) string {
	value, _ := e.look(name)
	trimmed := strings.TrimSpace(value)
	if value != "" && trimmed == "" {
		e.refuse(name, "it holds nothing but spaces: give it a value, or unset it")
	}
	return trimmed
}

// refuse notes what is wrong with a setting. Its value must not be in the words
// if it may hold a secret.
func (e *env) refuse(name, words string, args ...any) {
	e.wrong = append(e.wrong, fmt.Errorf("%s: "+words, append([]any{name}, args...)...))
}

func (e *env) dataDir(root bool) string {
	dir := e.get("DAUBANG_DATA_DIR")
	switch {
	case dir == "" && root:
		dir = "/var/lib/daubang" // PostgreSQL's own user must be able to pass through
	case dir == "":
		dir = ".daubang"
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		e.refuse("DAUBANG_DATA_DIR", "%s has no absolute path (%w): give one that begins with /", dir, err)
	}
	return abs
}

// notYet refuses what is planned, so that nobody believes it works.
func (e *env) notYet() {
	for _, entry := range e.all() {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "DAUBANG_OIDC_") && strings.TrimSpace(value) != "" {
			e.refuse(name, "signing in through OpenID Connect comes in a later version: unset it")
		}
	}
}

func (e *env) log() Log {
	l := Log{Level: slog.LevelInfo}
	for word := range strings.SplitSeq(e.get("DAUBANG_LOG"), ",") {
		switch word = strings.ToLower(strings.TrimSpace(word)); word {
		case "", "text":
		case "json":
			l.JSON = true
		case "debug", "info", "warn", "error":
			_ = l.Level.UnmarshalText([]byte(word)) // these four are known to it
		default:
			e.refuse("DAUBANG_LOG", "%q is not a way to log: say text or json, and debug, info, warn or error, as in json,warn", word)
		}
	}
	return l
}
