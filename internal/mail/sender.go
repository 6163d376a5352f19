package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/mail"
	"net/textproto"
	"sync"
	"time"

	"daubang/internal/config"
)

// sendWithin is how long one message may take, from dialling to the server's
// last word, which some servers think about. The job around it is given a little
// more.
const sendWithin = 25 * time.Second

// Connections are kept a little, because letters come in swarms; not long,
// because a server counts them.
const (
	idleMost   = 8
	idleFor    = 10 * time.Second
	messagesOn = 50 // on one connection
)

// Sender hands messages to one SMTP server. It is safe for many at once.
type Sender struct {
	server config.SMTP
	from   mail.Address
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
	roots  *x509.CertPool // nil: the system's

	mu     sync.Mutex
	idle   []*session
	closed bool
}

// New returns a sender. It does not connect.
func New(server config.SMTP, from mail.Address) *Sender {
	if plain, err := address(from.Address); err == nil {
		from.Address = plain
	}
	return &Sender{server: server, from: from, dial: (&net.Dialer{}).DialContext}
}

// Send hands over one message and returns nil once the server has taken it.
// Any other outcome is a [*Failure]. When the server's last answer is lost the
// message may have been taken all the same: its ID tells the copies apart.
func (s *Sender) Send(ctx context.Context, m Message) error {
	e, err := s.compose(m)
	if err != nil {
		return failure(Refused, err)
	}
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	if c := s.reuse(); c != nil {
		err := c.send(ctx, e)
		s.keep(c, err)
		if !errors.Is(err, errStale) {
			return err
		}
	}
	c, err := s.connect(ctx)
	if err != nil {
		return failure(Unreachable, err)
	}
	err = c.send(ctx, e)
	s.keep(c, err)
	return err
}

// Check connects and signs in, and sends nothing: what `daubang doctor` asks.
func (s *Sender) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	c, err := s.connect(ctx)
	if err != nil {
		return failure(Unreachable, err)
	}
	c.quit()
	return nil
}

// Close ends the connections that are kept; those in use end with their message.
func (s *Sender) Close() {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	for _, c := range idle {
		c.quit()
	}
}

// reuse takes a kept connection, or nil.
func (s *Sender) reuse() *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.idle) > 0 {
		c := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		if c.expire.Stop() {
			return c
		}
	}
	return nil
}

// keep keeps a connection on which all went well, and ends any other.
func (s *Sender) keep(c *session, err error) {
	c.sent++
	s.mu.Lock()
	if err == nil && !s.closed && len(s.idle) < idleMost && c.sent < messagesOn {
		s.idle = append(s.idle, c)
		c.expire = time.AfterFunc(idleFor, func() { s.drop(c) })
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	if f, ok := errors.AsType[*Failure](err); err == nil || ok && f.Kind != Unreachable {
		c.quit()
		return
	}
	_ = c.close() // nobody is there to take leave of
}

// drop ends a connection that nobody has used for a while.
func (s *Sender) drop(c *session) {
	s.mu.Lock()
	for i, other := range s.idle {
		if other == c {
			s.idle = append(s.idle[:i], s.idle[i+1:]...)
			break
		}
	}
	s.mu.Unlock()
	c.quit()
}

// tlsConfig verifies the server by the name in the settings. A server on this
// machine is taken at its word: its certificate is seldom for "localhost", and
// nobody stands between.
func (s *Sender) tlsConfig() *tls.Config {
	return &tls.Config{
		ServerName: s.server.Host, RootCAs: s.roots, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: s.loopback(), //nolint:gosec // only on the loopback interface, see above
	}
}

// loopback reports whether the server is on this very machine.
func (s *Sender) loopback() bool {
	ip := net.ParseIP(s.server.Host)
	return s.server.Host == "localhost" || ip != nil && ip.IsLoopback()
}

// answered sorts an error of a command about the letter: by the first digit of
// the server's answer, or as a connection that broke.
func answered(err error) error {
	reply, ok := errors.AsType[*textproto.Error](err)
	switch {
	case !ok:
		return failure(Unreachable, err)
	case reply.Code >= 500 && reply.Code < 600:
		return failure(Refused, err)
	default:
		return failure(Deferred, err)
	}
}
