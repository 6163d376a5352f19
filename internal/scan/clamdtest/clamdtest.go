// Package clamdtest is a clamd for tests: the real protocol, with answers as one
// likes.
package clamdtest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Server is one.
type Server struct {
	Address string

	listener net.Listener
	mu       sync.Mutex
	answer   string
	find     map[string]string
	limit    int
	sleep    time.Duration
	seen     [][]byte
}

// Start runs one until the test ends; it finds nothing.
func Start(tb testing.TB) *Server {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{Address: l.Addr().String(), listener: l, answer: "stream: OK", find: map[string]string{}, limit: 25 << 20}
	tb.Cleanup(s.Stop)
	go s.serve(l)
	return s
}

// Stop closes the port.
func (s *Server) Stop() { _ = s.listener.Close() }

// Again opens the same port.
func (s *Server) Again(tb testing.TB) {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", s.Address)
	if err != nil {
		tb.Fatal(err)
	}
	s.listener = l
	go s.serve(l)
}

// Answer is what it says of every file that holds nothing it knows; empty: it
// hangs up.
func (s *Server) Answer(answer string) { s.set(func() { s.answer = answer }) }

// Find makes it find name in files that hold text.
func (s *Server) Find(text, name string) { s.set(func() { s.find[text] = name }) }

// Limit is the most it takes, in bytes.
func (s *Server) Limit(most int) { s.set(func() { s.limit = most }) }

// Sleep is how long it thinks.
func (s *Server) Sleep(d time.Duration) { s.set(func() { s.sleep = d }) }

// Seen are the files it was shown.
func (s *Server) Seen() (all [][]byte) {
	s.set(func() { all = s.seen })
	return all
}

func (s *Server) set(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn()
}

func (s *Server) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = c.Close() }()
			r := bufio.NewReader(c)
			command, err := r.ReadString(0)
			if err != nil {
				return
			}
			if answer := s.hear(command, r); answer != "" {
				_, _ = io.WriteString(c, answer+"\x00")
			}
		}()
	}
}

func (s *Server) hear(command string, r io.Reader) string {
	switch command {
	case "zPING\x00":
		return "PONG"
	case "zVERSION\x00":
		return "ClamAV 1.0.7/27500/Mon Nov 23 08:21:32 2026"
	case "zINSTREAM\x00":
		return s.scan(r)
	default:
		return "UNKNOWN COMMAND"
	}
}

func (s *Server) scan(r io.Reader) string {
	var limit int
	s.set(func() { limit = s.limit })
	var all []byte
	for {
		var n uint32
		if err := binary.Read(r, binary.BigEndian, &n); err != nil {
			return ""
		}
		if n == 0 {
			break
		}
		if len(all)+int(n) > limit {
			return "INSTREAM size limit exceeded. ERROR"
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return ""
		}
		all = append(all, b...)
	}
	var answer string
	var sleep time.Duration
	s.set(func() {
		s.seen = append(s.seen, all)
		answer, sleep = s.answer, s.sleep
		for text, name := range s.find {
			if bytes.Contains(all, []byte(text)) {
				answer = "stream: " + name + " FOUND"
			}
		}
	})
	time.Sleep(sleep)
	return answer
}
