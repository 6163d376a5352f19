package mail

import (
	"bytes"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/config"
	"daubang/internal/viet"
)

var office = mail.Address{Name: "Cổng Dấu Bằng", Address: "khong-tra-loi@daubang.example.vn"}

func letter() Message {
	return Message{
		ID: "k7q4m0000000", Name: "Nguyễn Thị Ẩn", Address: "an@example.vn", Lang: "vi",
		Subject: "Đã nhận đề xuất BDG-27-K7Q4M: Nước sạch Tây Nguyên",
		Text:    "Chào Ẩn,\n\nĐề xuất đã đến.\n", HTML: "<p>Chào Ẩn,</p>",
		At: time.Date(2027, 2, 14, 2, 0, 0, 0, time.UTC),
	}
}

// parsed is a message as a mailbox reads it.
type parsed struct {
	header     mail.Header
	text, html string
}

func parse(t *testing.T, raw []byte) parsed {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatal(kind, err)
	}
	p := parsed{header: m.Header}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []struct {
		kind string
		into *string
	}{{"text/plain", &p.text}, {"text/html", &p.html}} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatalf("no %s: %v", want.kind, err)
		}
		if got := part.Header.Get("Content-Type"); !strings.EqualFold(got, want.kind+"; charset=UTF-8") {
			t.Error(got)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		*want.into = strings.ReplaceAll(string(b), "\r\n", "\n")
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		t.Error("a third part, or", err)
	}
	return p
}

func decoded(t *testing.T, header string) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestComposedLetterReadsBack(t *testing.T) {
	t.Parallel()
	m := letter()
	e, err := New(config.SMTP{}, office).compose(m)
	if err != nil {
		t.Fatal(err)
	}
	p := parse(t, e.raw)
	want := map[string][]string{
		"From": {"=?utf-8?q?C=E1=BB=95ng_D=E1=BA=A5u_B=E1=BA=B1ng?= <khong-tra-loi@daubang.example.vn>"}, "To": {p.header.Get("To")},
		"Subject": {p.header.Get("Subject")}, "Date": {"Sun, 14 Feb 2027 09:00:00 +0700"}, "Message-Id": {"<k7q4m0000000@daubang.example.vn>"},
		"Auto-Submitted": {"auto-generated"}, "Content-Language": {"vi"}, "Mime-Version": {"1.0"}, "Content-Type": {p.header.Get("Content-Type")},
	}
	if diff := cmp.Diff(want, map[string][]string(p.header)); diff != "" {
		t.Error(diff)
	}
	if got := decoded(t, p.header.Get("Subject")); got != m.Subject {
		t.Errorf("%q", got)
	}
	if to, err := mail.ParseAddress(p.header.Get("To")); err != nil || *to != (mail.Address{Name: m.Name, Address: m.Address}) {
		t.Error(to, err)
	}
	if p.text != m.Text || p.html != m.HTML {
		t.Errorf("%q %q", p.text, p.html)
	}
	if e.from != "<khong-tra-loi@daubang.example.vn>" || e.to != "<an@example.vn>" || e.utf8 {
		t.Error(e.from, e.to, e.utf8)
	}
}

// hostile is text that wants to be more than text.
var hostile = []string{
	"x\r\nBcc: ke-xau@example.org", "x\nBcc: ke-xau@example.org\n\n<b>body</b>", "x\rBcc: a@b", "x\u2028Bcc: a@b", "x\x00y", "x\u202ey",
	"\"x\" <ke-xau@example.org>, y", "x>\r\nDATA\r\n.\r\n", ".\r\n.", "=?utf-8?q?=0D=0ABcc:_a@b?=", strings.Repeat("Đ", 5000), strings.Repeat("a", 5000),
	strings.Repeat("ừ ", 2500), "\r\n.\r\nMAIL FROM:<a@b>", "a\xffb", "(comment)", "\\", "қ\\5", "\"", "e\u0302\u0301", "{{.}}", "%0d%0aBcc: a@b", "",
}

func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	for _, s := range hostile {
		m := letter()
		m.Name, m.Subject, m.Text, m.HTML = s, s, s, s
		check(t, m)
	}
}

// check composes m and reads it back: nothing but what belongs there may be in
// its head, and every value is the text that went in.
func check(t *testing.T, m Message) {
	t.Helper()
	e, err := New(config.SMTP{}, office).compose(m)
	if err != nil {
		t.Fatalf("%q: %v", m.Subject, err)
	}
	p := parse(t, e.raw)
	if got := slices.Sorted(maps.Keys(p.header)); !slices.Equal(got, []string{
		"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To",
	}) {
		t.Errorf("%q makes headers %q", m.Subject, got)
	}
	if got := decoded(t, p.header.Get("Subject")); got != line(m.Subject, subjectMost) {
		t.Errorf("subject %q became %q", m.Subject, got)
	}
	to, err := mail.ParseAddressList(p.header.Get("To"))
	if err != nil || len(to) != 1 || to[0].Address != m.Address {
		t.Errorf("name %q made recipients %v, %v", m.Name, to, err)
	}
	// A mailbox shows line ends and bytes that are no text as it sees fit.
	same := func(a, b string) bool {
		return strings.ReplaceAll(strings.ReplaceAll(a, "\r\n", "\n"), "\r", "") == strings.ReplaceAll(strings.ReplaceAll(b, "\r\n", "\n"), "\r", "")
	}
	if utf8.ValidString(m.Text) && !strings.ContainsAny(m.Text, "\r") && (!same(p.text, m.Text) || !same(p.html, m.HTML)) {
		t.Errorf("body %q became %q", m.Text, p.text)
	}
	for l := range bytes.SplitSeq(e.raw, []byte("\r\n")) {
		if bytes.HasPrefix(l, []byte("Subject:")) && (len(l) < 10 && m.Subject != "" && line(m.Subject, subjectMost) != "" || len(l) > 78) {
			t.Errorf("%q: %q", m.Subject, l)
		}
		if len(l) > 998 || bytes.ContainsAny(l, "\r\n\x00") {
			t.Errorf("%q: a line of %d octets: %.100q", m.Subject, len(l), l)
		}
	}
}

func FuzzCompose(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, s, s)
	}
	f.Fuzz(func(t *testing.T, name, subject, text string) {
		m := letter()
		m.Name, m.Subject, m.Text, m.HTML = name, subject, text, text
		check(t, m)
	})
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"an@example.vn":                          "an@example.vn",
		"a.n+daubang@example.vn":                 "a.n+daubang@example.vn",
		"an@tỉnh.vn":                             "an@xn--tnh-dlz.vn",
		"Ẩn@example.vn":                          "Ẩn@example.vn",
		`"a> ORCPT=x"@example.vn`:                "",
		`"a b"@example.vn`:                       "",
		"an@example.vn\r\nRCPT TO:<":             "",
		"an@example.vn, bo@b.vn":                 "",
		"An <an@example.vn>":                     "",
		"nhóm:an@example.vn;":                    "",
		"an@[127.0.0.1]":                         "",
		"an@exa mple.vn":                         "",
		"an@":                                    "",
		"@example.vn":                            "",
		"an":                                     "",
		"":                                       "",
		"a\u202en@example.vn":                    "",
		"an@example.vn> NOTIFY=":                 "",
		strings.Repeat("a", 320) + "@example.vn": "",
	} {
		got, err := address(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q became %q, %v", in, got, err)
		}
	}
}

func TestSubjectIsOneShortLineInNFC(t *testing.T) {
	t.Parallel()
	if got := line("Đề xuất\r\n\tHo\u0300a Bi\u0300nh\u202e ", 40); got != "Đề xuất Hòa Bình" {
		t.Errorf("%q", got)
	}
	if got := line(strings.Repeat("ừ", 300), subjectMost); viet.CountChars(got) != subjectMost || !strings.HasSuffix(got, "…") {
		t.Error(viet.CountChars(got), got)
	}
}
