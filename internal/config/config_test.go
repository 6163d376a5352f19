package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// read reads the settings given, as an ordinary user would have them read.
func read(settings map[string]string) (Config, error) {
	e := env{
		look: func(name string) (string, bool) {
			value, ok := settings[name]
			return value, ok
		},
		all: func() (list []string) {
			for name, value := range settings {
				list = append(list, name+"="+value)
			}
			return list
		},
	}
	return e.config(false)
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	got, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := filepath.Abs(".daubang")
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Listen: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080",
		DataDir: data, FilesDir: filepath.Join(data, "files"),
		MailFrom: mail.Address{Name: "Dấu Bằng", Address: "no-reply@localhost"},
		Log:      Log{Level: slog.LevelInfo},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRootKeepsItsDataWhereOthersCanReach(t *testing.T) {
	t.Parallel()
	e := env{look: func(string) (string, bool) { return "", false }, all: func() []string { return nil }}
	if got, _ := e.config(true); got.DataDir != "/var/lib/daubang" {
		t.Error(got.DataDir)
	}
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings map[string]string
		check    func(Config) any
		want     any
	}{
		"every network": {
			map[string]string{"DAUBANG_LISTEN": ":9000"},
			func(c Config) any { return c.BaseURL }, "http://localhost:9000",
		},
		"every network, version 6": {
			map[string]string{"DAUBANG_LISTEN": "[::]:9000"},
			func(c Config) any { return c.BaseURL }, "http://localhost:9000",
		},
		"base with a slash": {
			map[string]string{"DAUBANG_BASE_URL": "https://daubang.example.vn/"},
			func(c Config) any { return c.BaseURL }, "https://daubang.example.vn",
		},
		"spaces around": {
			map[string]string{"DAUBANG_BASE_URL": " https://daubang.example.vn:8443 "},
			func(c Config) any { return c.BaseURL }, "https://daubang.example.vn:8443",
		},
		"empty is unset": {
			map[string]string{"DAUBANG_LISTEN": "", "DAUBANG_SECRET": "", "DAUBANG_OIDC_ISSUER": ""},
			func(c Config) any { return c.Listen }, "127.0.0.1:8080",
		},
		"database": {
			map[string]string{"DAUBANG_DATABASE_URL": "postgres://u:p@db/d"},
			func(c Config) any { return string(c.DatabaseURL) }, "postgres://u:p@db/d",
		},
		"files elsewhere": {
			map[string]string{"DAUBANG_FILES_URL": "file:///srv/files/"},
			func(c Config) any { return c.FilesDir }, "/srv/files",
		},
		"STARTTLS": {
			map[string]string{"DAUBANG_SMTP_URL": "smtp://ana:p%40ss@mail.vn", "DAUBANG_MAIL_FROM": "a@b.vn"},
			func(c Config) any { return c.SMTP },
			SMTP{Host: "mail.vn", Port: 587, User: "ana", Password: "p@ss"},
		},
		"TLS at once": {
			map[string]string{"DAUBANG_SMTP_URL": "smtps://mail.vn", "DAUBANG_MAIL_FROM": "a@b.vn"},
			func(c Config) any { return c.SMTP },
			SMTP{Host: "mail.vn", Port: 465, TLS: true},
		},
		"without sign-in": {
			map[string]string{"DAUBANG_SMTP_URL": "smtp://127.0.0.1:2525", "DAUBANG_MAIL_FROM": "a@b.vn"},
			func(c Config) any { return c.SMTP },
			SMTP{Host: "127.0.0.1", Port: 2525},
		},
		"sender's name": {
			map[string]string{"DAUBANG_MAIL_FROM": "Sở Nội vụ <snv@example.vn>"},
			func(c Config) any { return c.MailFrom },
			mail.Address{Name: "Sở Nội vụ", Address: "snv@example.vn"},
		},
		"scanner's socket": {
			map[string]string{"DAUBANG_CLAMAV_ADDR": "/run/clamav/clamd.ctl"},
			func(c Config) any { return c.ClamAV }, "/run/clamav/clamd.ctl",
		},
		"log": {
			map[string]string{"DAUBANG_LOG": "JSON, warn"},
			func(c Config) any { return c.Log },
			Log{JSON: true, Level: slog.LevelWarn},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(test.settings)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, test.check(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, value, words string }{
		{"DAUBANG_LISTEN", "8080", "write host:port"},
		{"DAUBANG_LISTEN", "localhost:70000", "write host:port"},
		{"DAUBANG_BASE_URL", "daubang.example.vn", "write one like https://"},
		{"DAUBANG_BASE_URL", "ftp://daubang.example.vn", "write one like https://"},
		{"DAUBANG_BASE_URL", "https://example.vn/portal", "lives at the root of a host"},
		{"DAUBANG_DATABASE_URL", "mysql://u:hunter2@h/d", "write one like postgres://"},
		{"DAUBANG_DATABASE_URL", "postgres://u:hunter2@h:port/d", "write one like postgres://"},
		{"DAUBANG_DATABASE_URL", " ", "nothing but spaces"},
		{"DAUBANG_REPLICA_URL", "postgres://u@h/d", "set DAUBANG_DATABASE_URL too"},
		{"DAUBANG_FILES_URL", "s3://bucket", "come in a later version"},
		{"DAUBANG_FILES_URL", "file://relative/path", "must be absolute"},
		{"DAUBANG_FILES_URL", "/srv/files", "write file://"},
		{"DAUBANG_SMTP_URL", "mail.vn:587", "write smtp://"},
		{"DAUBANG_SMTP_URL", "smtp://ana:hunter2/@mail.vn:587", "write smtp://"},
		{"DAUBANG_SMTP_URL", "smtp://ana@mail.vn", "no password"},
		{"DAUBANG_SMTP_URL", "smtp://ana:%20@mail.vn", "no password"},
		{"DAUBANG_SMTP_URL", "smtp://ana:x@mail.vn/?hunter2", "nothing may follow"},
		{"DAUBANG_SMTP_URL", "smtp://mail.vn", "DAUBANG_MAIL_FROM: letters that are sent need a sender"},
		{"DAUBANG_MAIL_FROM", "nobody", "is not a mail address"},
		{"DAUBANG_SECRET", "hunter2", "needs 32"},
		{"DAUBANG_SECRET", "\t \n", "nothing but spaces"},
		{"DAUBANG_CLAMAV_ADDR", "localhost", "write host:port"},
		{"DAUBANG_OIDC_CLIENT_SECRET", "hunter2", "comes in a later version"},
		{"DAUBANG_LOG", "loud", "say text or json"},
	} {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			t.Parallel()
			_, err := read(map[string]string{test.name: test.value})
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), test.words) {
				t.Errorf("no %q in: %v", test.words, err)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("tells the secret: %v", err)
			}
		})
	}
}

func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	wrong := map[string]string{
		"DAUBANG_LISTEN": "x", "DAUBANG_BASE_URL": "x", "DAUBANG_DATABASE_URL": "x", "DAUBANG_REPLICA_URL": "x",
		"DAUBANG_FILES_URL": "x", "DAUBANG_SMTP_URL": "x", "DAUBANG_MAIL_FROM": "x", "DAUBANG_SECRET": "x",
		"DAUBANG_CLAMAV_ADDR": "x", "DAUBANG_OIDC_ISSUER": "x", "DAUBANG_LOG": "x",
	}
	_, err := read(wrong)
	if err == nil {
		t.Fatal("accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	for name := range wrong {
		said := 0
		for _, line := range lines {
			if strings.HasPrefix(line, name+": ") {
				said++
			}
		}
		if said == 0 {
			t.Errorf("nothing about %s in: %v", name, err)
		}
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef0123456789abcdef"
	c, err := read(map[string]string{
		"DAUBANG_SECRET": secret, "DAUBANG_DATABASE_URL": "postgres://u:" + secret + "@h/d",
		"DAUBANG_SMTP_URL": "smtp://u:" + secret + "@h", "DAUBANG_MAIL_FROM": "a@b.vn",
	})
	if err != nil {
		t.Fatal(err)
	}
	printed := &strings.Builder{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(printed, verb+verb+verb+"\n", c, c.SMTP, c.Secret)
	}
	slog.New(slog.NewTextHandler(printed, nil)).Info("", "config", c, "secret", c.Secret)
	slog.New(slog.NewJSONHandler(printed, nil)).Info("", "config", c, "secret", c.Secret)
	if err := json.NewEncoder(printed).Encode(c); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(printed.String(), secret) || strings.Contains(printed.String(), fmt.Sprintf("%x", secret)) {
		t.Error(printed)
	}
	if string(c.Secret) != secret || string(c.SMTP.Password) != secret {
		t.Error("and it is lost to us too")
	}
}

func TestSecretKeyIsTheOneThatWasSet(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef0123456789abcdef"
	c, err := read(map[string]string{"DAUBANG_SECRET": secret, "DAUBANG_DATA_DIR": t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if key, err := c.SecretKey(); err != nil || string(key) != secret {
		t.Error(string(key), err)
	}
	if left, _ := os.ReadDir(c.DataDir); len(left) != 0 {
		t.Error("made a file of it")
	}
}

func TestSecretKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	c := Config{DataDir: filepath.Join(t.TempDir(), "not", "there")}
	keys := make([]Secret, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			var err error
			if keys[i], err = c.SecretKey(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, key := range keys {
		if key != keys[0] || len(key) < 64 {
			t.Errorf("%q beside %q", string(key), string(keys[0]))
		}
	}
	files, err := os.ReadDir(c.DataDir)
	if err != nil || len(files) != 1 {
		t.Fatal("drafts were left:", files, err)
	}
	info, err := files[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

func TestDamagedSecretIsRefused(t *testing.T) {
	t.Parallel()
	c := Config{DataDir: t.TempDir()}
	if err := os.WriteFile(filepath.Join(c.DataDir, "secret"), []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := c.SecretKey(); err == nil || !strings.Contains(err.Error(), "restore it from a backup") {
		t.Error(string(key), err)
	}
}

func TestFromEnvReadsTheEnvironment(t *testing.T) {
	t.Setenv("DAUBANG_LISTEN", "127.0.0.1:1")
	if c, err := FromEnv(); err != nil || c.Listen != "127.0.0.1:1" {
		t.Error(c.Listen, err)
	}
}
