package mail

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"daubang/internal/viet"
)

// envelope is a message as it goes over the wire.
type envelope struct {
	from, to string // in angle brackets
	utf8     bool   // the recipient's address is not ASCII
	raw      []byte
}

// The most a header line holds of what people wrote, in characters.
const (
	nameMost    = 120
	subjectMost = 200
)

// compose writes the message: text and HTML alternative, quoted-printable, no
// line longer than 76 characters but for an address. A recipient that cannot be
// written safely is an error.
func (s *Sender) compose(m Message) (envelope, error) {
	to, err := address(m.Address)
	if err != nil {
		return envelope{}, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	from := s.from
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderFrom, &from)
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderTo, &mail.Address{Name: name(m.Name), Address: to})
	msg.SetGenHeaderPreformatted(gomail.HeaderSubject, folded(line(m.Subject, subjectMost)))
	msg.SetDateWithValue(m.At.In(viet.Zone))
	msg.SetMessageIDWithValue(m.ID + "@" + s.domain())
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("Content-Language", m.Lang)
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return envelope{}, fmt.Errorf("writing the message: %w", err)
	}
	return envelope{from: "<" + s.from.Address + ">", to: "<" + to + ">", utf8: !ascii(to), raw: raw.Bytes()}, nil
}

// line is text for one header: a single line, not too long, and nothing in it
// that a mailbox would decode once more.
func line(s string, most int) string {
	cut := []rune(strings.ReplaceAll(viet.Clean(s), "=?", "= ?"))
	if len(cut) > most {
		cut = append(cut[:most-1], '…')
	}
	return string(cut)
}

// folded writes a subject as a header holds it: as it is if it is short and
// ASCII, or else in encoded words of one line each, the first beside "Subject:".
// (A first line with nothing on it is allowed, but looks like spam to some.)
func folded(s string) string {
	const plainMost, wordMost = 68, 39 // octets; 39 become 64 with what stands around them
	if ascii(s) && len(s) <= plainMost {
		return s
	}
	var lines []string
	for s != "" {
		n := min(wordMost, len(s))
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n--
		}
		lines = append(lines, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(lines, "\r\n ")
}

// name is a person's name for a header. A backslash has no place in one, and
// encoded it would break what reads the header (net/mail, too, writes it so).
func name(s string) string { return line(strings.ReplaceAll(s, "\\", " "), nameMost) }

// domain is the host of our own address, which is unique to us.
func (s *Sender) domain() string {
	return s.from.Address[strings.LastIndexByte(s.from.Address, '@')+1:]
}

var errAddress = errors.New("this is not an address that letters can be sent to")

// addressMost is how long an address may be, in octets (RFC 5321).
const addressMost = 254

// address checks an address and writes its domain as the network knows it. Of
// what RFC 5321 allows it takes the plain form alone: a quoted local part may
// hold spaces and brackets, and has been used to smuggle commands.
func address(s string) (string, error) {
	local, domain, found := cutLast(s, '@')
	if !found || local == "" || strings.ContainsFunc(local, forbidden) {
		return "", errAddress
	}
	host, err := idna.Lookup.ToASCII(domain)
	if err != nil || host == "" || strings.ContainsFunc(host, forbidden) {
		return "", errAddress
	}
	if a := local + "@" + host; len(a) <= addressMost {
		return a, nil
	}
	return "", errAddress
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// forbidden says that r has no place in an address as we write it.
func forbidden(r rune) bool {
	return strings.ContainsRune(`"(),:;<>@[\]`, r) || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
