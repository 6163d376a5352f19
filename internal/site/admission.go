package site

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync/atomic"

	"daubang/internal/problem"
)

// What requests may hold of their bodies. A limit for each request alone does
// not save the process when hundreds come at once.
const (
	mostHeld   = 32 << 20 // bytes of all requests of this process
	streamCost = 64 << 10 // bytes that a file on its way to the disk takes, however large it is
)

// held is how many bytes the requests of this process hold just now.
type held struct{ bytes atomic.Int64 }

// take adds n unless that is more than most.
func (h *held) take(n, most int64) bool {
	if h.bytes.Add(n) > most {
		h.bytes.Add(-n)
		return false
	}
	return true
}

// admitted lets in what there is memory for: forms count as they arrive, so that
// a slow sender holds no more than was sent. Who comes when all is taken is told
// so, and when to try again.
func (s *Site) admitted(next http.Handler) http.Handler {
	most := s.InFlight
	if most == 0 {
		most = mostHeld
	}
	h := new(held)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		body := &heldBody{ReadCloser: r.Body, of: h, most: most}
		if streams(r) {
			body.read, body.streams = streamCost, true
			if !h.take(streamCost, most) {
				s.fail(w, r, tooBusy())
				return
			}
		}
		defer func() { h.bytes.Add(-body.read) }()
		r.Body = body
		next.ServeHTTP(w, r)
	})
}

func tooBusy() error { return problem.Because(problem.Busy, "failure.in_flight") }

// streams says that a body goes to the disk as it comes.
func streams(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // none: it is counted
	return kind == "application/offset+octet-stream" || kind == "multipart/form-data" && strings.HasSuffix(r.URL.Path, "/documents")
}

// heldBody counts what is read of a body until its request is done.
type heldBody struct {
	io.ReadCloser
	of      *held
	most    int64
	read    int64 // counted so far
	streams bool
}

func (b *heldBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.streams || n == 0 {
		return n, err
	}
	if !b.of.take(int64(n), b.most) {
		return 0, fmt.Errorf("reading a form: %w", tooBusy())
	}
	b.read += int64(n)
	return n, err
}
