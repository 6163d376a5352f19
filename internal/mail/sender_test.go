package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"daubang/internal/mail/mailtest"
)

// through sends one letter by a server, and returns what came of it.
func through(t *testing.T, s *mailtest.Server, change func(*Sender)) error {
	t.Helper()
	sender := New(s.Settings(), office)
	t.Cleanup(sender.Close)
	if change != nil {
		change(sender)
	}
	return sender.Send(t.Context(), letter())
}

// elsewhere makes the sender believe that the server is on another machine.
func elsewhere(s *mailtest.Server, name string) func(*Sender) {
	return func(sender *Sender) {
		sender.server.Host, sender.roots = name, s.Roots
		sender.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, s.Address)
		}
	}
}

func kindOf(err error) Kind {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Kind
	}
	return Kind(fmt.Sprint(err))
}

func TestWaysIn(t *testing.T) {
	t.Parallel()
	account := mailtest.Options{User: "cong@daubang.vn", Password: "mật khẩu/@:"}
	signedIn := func(o mailtest.Options) mailtest.Options {
		o.User, o.Password = account.User, account.Password
		return o
	}
	for name, test := range map[string]struct {
		options mailtest.Options
		change  func(*mailtest.Server) func(*Sender)
		kind    Kind
		words   string
	}{
		"this machine, in the clear":          {options: mailtest.Options{}},
		"this machine, signed in":             {options: account},
		"this machine, STARTTLS":              {options: signedIn(mailtest.Options{STARTTLS: true})},
		"elsewhere, STARTTLS":                 {options: signedIn(mailtest.Options{STARTTLS: true}), change: named("mail.test")},
		"elsewhere, smtps":                    {options: signedIn(mailtest.Options{TLS: true}), change: named("mail.test")},
		"elsewhere, STARTTLS taken away":      {options: account, change: named("mail.test"), kind: Unreachable, words: "offers no encryption"},
		"elsewhere, another's certificate":    {options: mailtest.Options{STARTTLS: true}, change: named("mail.other.test"), kind: Unreachable, words: "certificate"},
		"elsewhere, another's, smtps":         {options: mailtest.Options{TLS: true}, change: named("mail.other.test"), kind: Unreachable, words: "certificate"},
		"wrong password":                      {options: account, change: password("khác"), kind: Unreachable, words: "535"},
		"an account where none is needed":     {options: mailtest.Options{}, change: password("khác"), kind: Unreachable, words: "SCRAM-SHA-256"},
		"smtps against a server in the clear": {options: mailtest.Options{}, change: encrypted, kind: Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, test.options)
			var change func(*Sender)
			if test.change != nil {
				change = test.change(s)
			}
			err := through(t, s, change)
			if test.kind == "" {
				if err != nil || len(s.Received()) != 1 {
					t.Fatal(err, len(s.Received()))
				}
				return
			}
			if kindOf(err) != test.kind || !strings.Contains(err.Error(), test.words) || len(s.Received()) != 0 {
				t.Errorf("%v, %d received", err, len(s.Received()))
			}
			if strings.Contains(err.Error(), "khác") {
				t.Errorf("tells the password: %v", err)
			}
		})
	}
}

func named(host string) func(*mailtest.Server) func(*Sender) {
	return func(s *mailtest.Server) func(*Sender) { return elsewhere(s, host) }
}

func password(p string) func(*mailtest.Server) func(*Sender) {
	return func(*mailtest.Server) func(*Sender) {
		return func(sender *Sender) { sender.server.User, sender.server.Password = "cong@daubang.vn", "khác" }
	}
}

func encrypted(*mailtest.Server) func(*Sender) {
	return func(sender *Sender) { sender.server.TLS = true }
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		step  mailtest.Step
		reply error
		kind  Kind
		words string
	}{
		{mailtest.Greeting, mailtest.Reply(421, [3]int{4, 3, 2}, "Tạm nghỉ"), Unreachable, "421 4.3.2 Tạm nghỉ"},
		{mailtest.Greeting, mailtest.Reply(554, [3]int{5, 7, 1}, "Không nhận từ máy này"), Unreachable, "554 5.7.1 Không nhận từ máy này"},
		{mailtest.Mail, mailtest.Reply(451, [3]int{4, 3, 0}, "Để sau"), Deferred, "451 4.3.0 Để sau"},
		{mailtest.Mail, mailtest.Reply(421, [3]int{4, 3, 2}, "Đóng cửa"), Deferred, "421 4.3.2 Đóng cửa"},
		{mailtest.Mail, mailtest.Reply(553, [3]int{5, 7, 1}, "Người gửi không đúng"), Refused, "553 5.7.1 Người gửi không đúng"},
		{mailtest.Rcpt, mailtest.Reply(450, [3]int{4, 2, 1}, "Hộp thư bận"), Deferred, "450 4.2.1 Hộp thư bận"},
		{mailtest.Rcpt, mailtest.Reply(550, [3]int{5, 1, 1}, "Không có người này"), Refused, "550 5.1.1 Không có người này"},
		{mailtest.Data, mailtest.Reply(452, [3]int{4, 3, 1}, "Hết chỗ"), Deferred, "452 4.3.1 Hết chỗ"},
		{mailtest.Data, mailtest.Reply(552, [3]int{5, 2, 2}, "Hộp thư đầy"), Refused, "552 5.2.2 Hộp thư đầy"},
		{mailtest.Data, mailtest.Reply(554, [3]int{5, 7, 1}, "Thư rác"), Refused, "554 5.7.1 Thư rác"},
		{mailtest.Mail, mailtest.Cut, Unreachable, ""},
		{mailtest.Rcpt, mailtest.Cut, Unreachable, ""},
		{mailtest.Data, mailtest.Cut, Deferred, "was lost"},
	} {
		t.Run(fmt.Sprint(test.step, " ", test.reply), func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, mailtest.Options{})
			s.Answer(func(step mailtest.Step, _ string) error {
				if step == test.step {
					return test.reply
				}
				return nil
			})
			sender := New(s.Settings(), office)
			t.Cleanup(sender.Close)
			err := sender.Send(t.Context(), letter())
			s.Answer(nil)
			if kindOf(err) != test.kind || len(s.Received()) != 0 {
				t.Fatalf("%v, %d received", err, len(s.Received()))
			}
			f, _ := errors.AsType[*Failure](err)
			if !strings.Contains(f.Words, test.words) {
				t.Errorf("the server's words are lost: %q", f.Words)
			}
			if err := sender.Send(t.Context(), letter()); err != nil || len(s.Received()) != 1 {
				t.Error("and the next one fails too:", err)
			}
		})
	}
}

// TestAnswerLost is the one case in which a letter is delivered twice: the
// server has it, and we cannot know. Both copies have one Message-ID.
func TestAnswerLost(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	var once atomic.Bool
	s.Answer(func(step mailtest.Step, _ string) error {
		if step == mailtest.Kept && !once.Swap(true) {
			return mailtest.Cut
		}
		return nil
	})
	sender := New(s.Settings(), office)
	t.Cleanup(sender.Close)
	if err := sender.Send(t.Context(), letter()); kindOf(err) != Deferred {
		t.Fatal(err)
	}
	if err := sender.Send(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	got := s.Received()
	if len(got) != 2 || got[0].Message(t).Header.Get("Message-ID") != got[1].Message(t).Header.Get("Message-ID") {
		t.Error(len(got))
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	s.Stop()
	if err := through(t, s, nil); kindOf(err) != Unreachable {
		t.Error(err)
	}
}

func TestSilenceEnds(t *testing.T) {
	t.Parallel()
	for step, want := range map[mailtest.Step]Kind{mailtest.Greeting: Unreachable, mailtest.Mail: Unreachable, mailtest.Data: Deferred} {
		t.Run(string(step), func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, mailtest.Options{})
			hang := make(chan struct{})
			t.Cleanup(func() { close(hang) })
			s.Answer(func(at mailtest.Step, _ string) error {
				if at == step {
					<-hang
				}
				return nil
			})
			sender := New(s.Settings(), office)
			t.Cleanup(sender.Close)
			for name, within := range map[string]func() (context.Context, context.CancelFunc){
				"deadline": func() (context.Context, context.CancelFunc) {
					return context.WithTimeout(t.Context(), 200*time.Millisecond)
				},
				"cancelled": func() (context.Context, context.CancelFunc) {
					ctx, cancel := context.WithCancel(t.Context())
					time.AfterFunc(200*time.Millisecond, cancel)
					return ctx, cancel
				},
			} {
				ctx, cancel := within()
				begun := time.Now()
				err := sender.Send(ctx, letter())
				cancel()
				if kindOf(err) != want || time.Since(begun) > 5*time.Second {
					t.Error(name, err, time.Since(begun))
				}
			}
		})
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{STARTTLS: true, User: "u", Password: "p"})
	sender := New(s.Settings(), office)
	t.Cleanup(sender.Close)
	for range 5 {
		if err := sender.Send(t.Context(), letter()); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Connections(); n > 2 { // one hello in the clear, one encrypted
		t.Error(n, "connections for five letters")
	}
	s.Stop()
	s.Restart(t)
	if err := sender.Send(t.Context(), letter()); err != nil {
		t.Error("a kept connection that ended is a letter's failure:", err)
	}
	if n := len(s.Received()); n != 6 {
		t.Error(n)
	}
	sender.Close()
	if err := sender.Send(t.Context(), letter()); err != nil { // a last one, after closing, keeps nothing
		t.Error(err)
	}
	if len(sender.idle) != 0 {
		t.Error("a closed sender keeps connections")
	}
}

func TestForeignLetters(t *testing.T) {
	t.Parallel()
	for _, able := range []bool{true, false} {
		s := mailtest.Start(t, mailtest.Options{SMTPUTF8: able})
		sender := New(s.Settings(), office)
		t.Cleanup(sender.Close)
		m := letter()
		m.Address = "Ẩn@tỉnh.vn"
		err := sender.Send(t.Context(), m)
		switch {
		case able && (err != nil || s.Received()[0].To != "Ẩn@xn--tnh-dlz.vn"):
			t.Error(err, len(s.Received()))
		case !able && kindOf(err) != Refused:
			t.Error(err)
		}
	}
	m := letter()
	m.Address = "an@example.vn\r\nRCPT TO:<ke-xau@example.org>"
	s := mailtest.Start(t, mailtest.Options{})
	sender := New(s.Settings(), office)
	if err := sender.Send(t.Context(), m); kindOf(err) != Refused || s.Connections() != 0 {
		t.Error(err, s.Connections())
	}
}

func TestCheckSendsNothing(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{User: "u", Password: "p"})
	sender := New(s.Settings(), office)
	if err := sender.Check(t.Context()); err != nil || s.Connections() != 1 || len(s.Received()) != 0 {
		t.Error(err, s.Connections(), len(s.Received()))
	}
	s.Stop()
	if err := sender.Check(t.Context()); kindOf(err) != Unreachable {
		t.Error(err)
	}
}
