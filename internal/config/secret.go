package config

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Secret is a text that must not be read by accident: however it is printed,
// logged or encoded, only "[hidden]" comes out. string(s) is the text itself.
type Secret string

const hidden = "[hidden]"

// Format answers every verb of package fmt alike.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.shown())) }

// LogValue is what a log shows.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.shown()) }

// MarshalText is what JSON and others show.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.shown()), nil }

func (s Secret) shown() string {
	if s == "" {
		return "" // that there is none may be known
	}
	return hidden
}

// shortestSecret is the fewest characters that nobody tries one by one.
const shortestSecret = 32

func (e *env) secret() Secret {
	const name = "DAUBANG_SECRET"
	value := e.get(name)
	if value != "" && len(value) < shortestSecret {
		e.refuse(name, "it has %d characters and needs %d: take the output of `openssl rand -hex 32`, or unset it to have one made in the data directory", len(value), shortestSecret)
	}
	return Secret(value)
}

// SecretKey is the key with which tokens are signed: DAUBANG_SECRET, or else one
// that is made at random, once, and kept in the data directory. Processes on
// several machines must be given the same by DAUBANG_SECRET.
func (c Config) SecretKey() (Secret, error) {
	if c.Secret != "" {
		return c.Secret, nil
	}
	path := filepath.Join(c.DataDir, "secret")
	key, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeSecret(path); err == nil {
			key, err = readSecret(path)
		}
	}
	if err != nil {
		return "", fmt.Errorf("the portal's secret: %w", err)
	}
	return key, nil
}

func readSecret(path string) (Secret, error) {
	text, err := os.ReadFile(path) //nolint:gosec // in our own data directory
	if err != nil {
		return "", err
	}
	key := strings.TrimSpace(string(text))
	if len(key) < shortestSecret {
		return "", fmt.Errorf("%s is damaged: restore it from a backup, or remove it (links in letters already sent and account numbers already typed will then no longer work)", path)
	}
	return Secret(key), nil
}

// makeSecret writes a new secret under path unless another process was quicker;
// never is there half of one.
func makeSecret(path string) error {
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711 // the user that PostgreSQL then runs as must pass through
	}
	if err := os.MkdirAll(filepath.Dir(path), mode); err != nil {
		return err
	}
	const bytes = 32
	random := make([]byte, bytes)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), "secret.new-*") // for our eyes only: 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }() // nothing but a second name by now
	_, err = draft.WriteString(hex.EncodeToString(random) + "\n")
	if err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
