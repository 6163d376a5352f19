package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// session is one connection to the server, ready for messages.
type session struct {
	conn   net.Conn // beneath any encryption: its deadline holds for all of it
	client *smtp.Client
	sent   int
	expire *time.Timer // while it is kept
}

// errStale says that a kept connection had ended before the message began.
var errStale = errors.New("the connection had ended")

// connect dials, encrypts and signs in.
func (s *Sender) connect(ctx context.Context) (*session, error) {
	conn, err := s.dial(ctx, "tcp", net.JoinHostPort(s.server.Host, strconv.Itoa(s.server.Port)))
	if err != nil {
		return nil, err
	}
	c := &session{conn: conn}
	defer c.within(ctx)()
	if err := s.begin(ctx, c); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (s *Sender) begin(ctx context.Context, c *session) error {
	speak := c.conn
	if s.server.TLS {
		encrypted := tls.Client(c.conn, s.tlsConfig())
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return err
		}
		speak = encrypted
	}
	client, err := smtp.NewClient(speak, s.server.Host)
	if err != nil {
		return fmt.Errorf("the server's greeting: %w", err)
	}
	c.client = client
	if err := client.Hello(s.domain()); err != nil {
		return err
	}
	if !s.server.TLS {
		if err := s.encrypt(client); err != nil {
			return err
		}
	}
	if s.server.User == "" {
		return nil
	}
	if err := client.Auth(&signIn{user: s.server.User, password: string(s.server.Password), loopback: s.loopback()}); err != nil {
		return fmt.Errorf("signing in: %w", err)
	}
	return nil
}

// encrypt turns encryption on by STARTTLS. Only a server on this machine may go
// without: anywhere else a missing offer is what an attacker would show us.
func (s *Sender) encrypt(client *smtp.Client) error {
	offered, _ := client.Extension("STARTTLS")
	if !offered && s.loopback() {
		return nil
	}
	if !offered {
		return fmt.Errorf("%s offers no encryption (STARTTLS), and letters are not sent in the clear", s.server.Host)
	}
	if err := client.StartTLS(s.tlsConfig()); err != nil {
		return fmt.Errorf("encrypting (STARTTLS): %w", err)
	}
	return nil
}

// within makes the connection heed ctx, until the function it returns is called.
func (c *session) within(ctx context.Context) func() {
	if deadline, ok := ctx.Deadline(); ok {
		_ = c.conn.SetDeadline(deadline) // a closed connection shows at the next command
	}
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) }) // long past
	return func() { stop() }
}

// send hands over one message. Its error is a *Failure, or errStale.
func (c *session) send(ctx context.Context, e envelope) error {
	defer c.within(ctx)()
	if e.utf8 {
		if ok, _ := c.client.Extension("SMTPUTF8"); !ok {
			return failure(Refused, errors.New("the mail server takes only addresses in ASCII"))
		}
	}
	c.client.SkipSMTPUTF8(!e.utf8)
	if err := c.client.Mail(e.from); err != nil {
		if reply, ok := errors.AsType[*textproto.Error](err); c.sent > 0 && ctx.Err() == nil && (!ok || reply.Code == 421) {
			return errStale
		}
		return answered(err)
	}
	if err := c.client.Rcpt(e.to); err != nil {
		return answered(err)
	}
	w, err := c.client.Data()
	if err != nil {
		return answered(err)
	}
	if _, err := w.Write(e.raw); err != nil {
		return answered(err)
	}
	if err := w.Close(); err != nil { // the final dot, and the answer to it
		if _, ok := errors.AsType[*textproto.Error](err); !ok {
			return failure(Deferred, fmt.Errorf("the server's answer to the letter was lost: %w", err))
		}
		return answered(err)
	}
	return nil
}

// quit takes leave, briefly.
func (c *session) quit() {
	const briefly = 2 * time.Second
	if c.client.UpdateDeadline(briefly) != nil || c.client.Quit() != nil {
		_ = c.close() // it is over either way
	}
}

func (c *session) close() error {
	if c.client != nil {
		return c.client.Close()
	}
	return c.conn.Close()
}

// signIn signs in by the best way that the server offers. A password goes in
// the clear only inside encryption, or to this machine.
type signIn struct {
	user, password string
	loopback       bool
	way            smtp.Auth
}

// Start chooses the way.
func (a *signIn) Start(server *smtp.ServerInfo) (string, []byte, error) {
	private := server.TLS || a.loopback
	switch offers := func(way string) bool { return slices.Contains(server.Auth, way) }; {
	case offers("SCRAM-SHA-256"):
		a.way = smtp.ScramSHA256Auth(a.user, a.password)
	case offers("PLAIN") && private:
		a.way = smtp.PlainAuth("", a.user, a.password, server.Name, true)
	case offers("LOGIN") && private:
		a.way = smtp.LoginAuth(a.user, a.password, server.Name, true)
	case offers("CRAM-MD5"):
		a.way = smtp.CRAMMD5Auth(a.user, a.password)
	default:
		return "", nil, fmt.Errorf("the server offers none of SCRAM-SHA-256, PLAIN, LOGIN and CRAM-MD5 (it offers %v)", server.Auth)
	}
	return a.way.Start(server)
}

// Next answers the server's questions.
func (a *signIn) Next(asked []byte, more bool) ([]byte, error) { return a.way.Next(asked, more) }
