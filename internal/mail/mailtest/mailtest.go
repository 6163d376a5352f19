// Package mailtest is a real SMTP server on the loopback interface for tests:
// it keeps what it was sent, and a script says how it answers, or that it does
// not.
package mailtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/mail"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"daubang/internal/config"
)

// Step is a moment at which the server asks its script.
type Step string

// The moments, in order.
const (
	Greeting Step = "greeting" // someone has connected and said hello
	Mail     Step = "mail"
	Rcpt     Step = "rcpt"
	Data     Step = "data" // the message has come but for its final dot's answer; it is not kept yet
	Kept     Step = "kept" // it is kept; the answer has not gone out
)

// Cut is an answer that ends the connection without a word.
var Cut = errors.New("cut")

// Reply is an answer of the server's.
func Reply(code int, enhanced [3]int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: words}
}

// Script answers a step; to is the recipient from Rcpt on. nil: all is well.
// It may take its time, and runs for several connections at once.
type Script func(step Step, to string) error

// Received is a message that the server took.
type Received struct {
	From, To   string
	Raw        []byte
	Connection int // the connections are counted from 1
}

// Message reads the message.
func (r Received) Message(tb testing.TB) *mail.Message {
	tb.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(r.Raw))
	if err != nil {
		tb.Fatalf("the message cannot be read: %v\n%s", err, r.Raw)
	}
	return m
}

// Options say what kind of server it is.
type Options struct {
	STARTTLS       bool // offers it
	TLS            bool // speaks it from the first byte
	User, Password string
	SMTPUTF8       bool
}

// Server is the server.
type Server struct {
	Address string // host:port, the same after a restart
	Roots   *x509.CertPool

	options Options
	tls     *tls.Config

	mu          sync.Mutex
	script      Script
	received    []Received
	connections int
	running     *smtp.Server
	listener    net.Listener
}

// Start starts a server that stops with the test.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	s := &Server{Address: "127.0.0.1:0", options: o}
	if o.TLS || o.STARTTLS {
		s.certify(tb)
	}
	s.Restart(tb)
	tb.Cleanup(s.Stop)
	return s
}

// Settings are what a sender needs to reach the server. Its host is 127.0.0.1.
func (s *Server) Settings() config.SMTP {
	host, port, _ := net.SplitHostPort(s.Address)
	n, _ := strconv.Atoi(port)
	return config.SMTP{Host: host, Port: n, TLS: s.options.TLS, User: s.options.User, Password: config.Secret(s.options.Password)}
}

// Answer sets the script; nil answers that all is well.
func (s *Server) Answer(script Script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = script
}

// Received are the messages taken so far.
func (s *Server) Received() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Received(nil), s.received...)
}

// Connections is how many connections there were so far.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Stop ends the server and all its connections; nothing answers at its address.
func (s *Server) Stop() {
	s.mu.Lock()
	running, listener := s.running, s.listener
	s.running, s.listener = nil, nil
	s.mu.Unlock()
	if running != nil {
		_ = listener.Close() // the server may not have heard of it yet
		_ = running.Close()
	}
}

// Restart lets the server listen again, at the same address.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", s.Address)
	if err != nil {
		tb.Fatal(err)
	}
	s.Address = l.Addr().String()
	srv := smtp.NewServer(smtp.BackendFunc(s.session))
	srv.Domain = "mail.test"
	srv.AllowInsecureAuth = true
	srv.EnableSMTPUTF8 = s.options.SMTPUTF8
	srv.MaxMessageBytes = 1 << 20
	srv.ReadTimeout, srv.WriteTimeout = time.Minute, time.Minute
	srv.ErrorLog = silent{}
	if s.options.STARTTLS {
		srv.TLSConfig = s.tls
	}
	if s.options.TLS {
		l = tls.NewListener(l, s.tls)
	}
	s.mu.Lock()
	s.running, s.listener = srv, l
	s.mu.Unlock()
	go func() { _ = srv.Serve(l) }() // ends with Stop
}

// silent keeps the connections that tests cut off out of their output.
type silent struct{}

func (silent) Printf(string, ...any) {}

func (silent) Println(...any) {}

func (s *Server) ask(c *smtp.Conn, step Step, to string) error {
	s.mu.Lock()
	script := s.script
	s.mu.Unlock()
	if script == nil {
		return nil
	}
	err := script(step, to)
	if errors.Is(err, Cut) {
		_ = c.Conn().Close()
	}
	return err
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	s.connections++
	n := s.connections
	s.mu.Unlock()
	if err := s.ask(c, Greeting, ""); err != nil {
		return nil, err
	}
	return &session{server: s, conn: c, number: n}, nil
}

type session struct {
	server   *Server
	conn     *smtp.Conn
	number   int
	signedIn bool
	from, to string
}

func (c *session) AuthMechanisms() []string {
	if c.server.options.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (c *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != c.server.options.User || password != c.server.options.Password {
			return smtp.ErrAuthFailed
		}
		c.signedIn = true
		return nil
	}), nil
}

func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	if c.server.options.User != "" && !c.signedIn {
		return smtp.ErrAuthRequired
	}
	c.from = from
	return c.server.ask(c.conn, Mail, "")
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if c.to != "" {
		return Reply(452, [3]int{4, 5, 3}, "one recipient a message")
	}
	if err := c.server.ask(c.conn, Rcpt, to); err != nil {
		return err
	}
	c.to = to
	return nil
}

func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := c.server.ask(c.conn, Data, c.to); err != nil {
		return err
	}
	c.server.mu.Lock()
	c.server.received = append(c.server.received, Received{From: c.from, To: c.to, Raw: raw, Connection: c.number})
	c.server.mu.Unlock()
	return c.server.ask(c.conn, Kept, c.to)
}

func (c *session) Reset() { c.from, c.to = "", "" }

func (c *session) Logout() error { return nil }

// certify makes a certificate for mail.test and 127.0.0.1.
func (s *Server) certify(tb testing.TB) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		DNSNames: []string{"mail.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	s.Roots = x509.NewCertPool()
	s.Roots.AddCert(cert)
	s.tls = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
