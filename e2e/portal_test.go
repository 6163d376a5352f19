//go:build e2e

// Package e2e walks through the real portal, the built binary with a PostgreSQL
// of its own and a real SMTP server to write to, in a real Chromium.
package e2e

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"daubang/internal/mail/mailtest"
)

// portal is the binary, serving its demo.
type portal struct {
	base string
	post *mailtest.Server
	log  *bytes.Buffer
}

// serve builds and starts the portal and waits until it answers.
func serve(t *testing.T) *portal {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "daubang-e2e-") //nolint:usetesting // t.TempDir lies where PostgreSQL's own user cannot pass
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL's own user must pass through
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	binary := filepath.Join(dir, "daubang")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "daubang/cmd/daubang")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	p := &portal{post: mailtest.Start(t, mailtest.Options{}), log: new(bytes.Buffer)}
	listen := "127.0.0.1:" + strconv.Itoa(freePort(t))
	p.base = "http://" + listen
	cmd := exec.Command(binary, "serve", "--demo") //nolint:noctx // it is stopped by a signal, as a person stops it
	cmd.Env = append(os.Environ(), "DAUBANG_DATA_DIR="+filepath.Join(dir, "data"), "DAUBANG_LISTEN="+listen,
		"DAUBANG_SMTP_URL=smtp://"+p.post.Address, "DAUBANG_MAIL_FROM=Dấu Bằng <cong@daubang.example>", "DAUBANG_DATABASE_URL=")
	cmd.Stdout, cmd.Stderr = p.log, p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		if err := cmd.Wait(); err != nil {
			t.Errorf("stopping the portal: %v", err)
		}
		if t.Failed() {
			t.Logf("the portal said:\n%s", p.log)
		}
	})
	p.awaitReady(t)
	return p
}

func (p *portal) awaitReady(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+"/readyz", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := http.DefaultClient.Do(r); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the portal did not come up:\n%s", p.log)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// decoded is a message's subject and text parts, as a reader sees them.
func decoded(t *testing.T, r mailtest.Received) string {
	t.Helper()
	m := r.Message(t)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		t.Fatalf("a letter of type %q: %v", kind, err)
	}
	all := subject
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(part) // NextPart undoes quoted-printable
		if err != nil {
			t.Fatal(err)
		}
		all += "\n" + string(b)
	}
}
