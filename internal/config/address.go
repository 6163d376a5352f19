package config

import (
	"net"
	"net/mail"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

func (e *env) listen() string {
	const name, byDefault = "DAUBANG_LISTEN", "127.0.0.1:8080"
	addr := e.get(name)
	if addr == "" {
		return byDefault
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil || !isPort(port) {
		e.refuse(name, "%q is not an address to listen on: write host:port, as in %s, or :8080 for every network", addr, byDefault)
		return byDefault
	}
	return addr
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// baseURL is how the portal is called in letters; by default, how one reaches
// it from this machine.
func (e *env) baseURL(listen string) string {
	const name = "DAUBANG_BASE_URL"
	text := e.get(name)
	if text == "" {
		host, port, _ := net.SplitHostPort(listen) // checked
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "localhost"
		}
		return "http://" + net.JoinHostPort(host, port)
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		e.refuse(name, "it is not an address of a web site: write one like https://daubang.example.vn")
	case u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		e.refuse(name, "the portal lives at the root of a host: leave out all but scheme, host and port, as in %s://%s", u.Scheme, u.Host)
	default:
		return u.Scheme + "://" + u.Host
	}
	return ""
}

func (e *env) database(name string) Secret {
	text := e.get(name)
	if text == "" {
		return ""
	}
	if _, err := pgxpool.ParseConfig(text); err != nil { // its words may repeat the password
		e.refuse(name, "it is not the address of a PostgreSQL: write one like postgres://user:password@host:5432/database")
		return ""
	}
	return Secret(text)
}

// dataLoss is said in one word, so that nobody sets it by accident.
func (e *env) dataLoss() bool {
	const name = "DAUBANG_ALLOW_DATA_LOSS"
	text := e.get(name)
	if text != "" && text != "yes" {
		e.refuse(name, "say yes to serve on a database that can lose what people saved, as tests do; for people's work unset it")
	}
	return text == "yes"
}

func (e *env) files(dataDir string) string {
	const name = "DAUBANG_FILES_URL"
	text := e.get(name)
	if text == "" {
		return filepath.Join(dataDir, "files")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "file" && u.Scheme != "s3":
		e.refuse(name, "it is not a place for documents: write file:// and an absolute path, as in file:///srv/daubang/files")
	case u.Scheme == "s3":
		e.refuse(name, "documents in S3 come in a later version: use file:// and an absolute path, or unset it")
	case u.Host != "" || !strings.HasPrefix(u.Path, "/"):
		e.refuse(name, "the path must be absolute, with three slashes before it: file:///srv/daubang/files")
	default:
		return filepath.Clean(u.Path)
	}
	return ""
}

func (e *env) smtp() SMTP {
	const name = "DAUBANG_SMTP_URL"
	text := e.get(name)
	if text == "" {
		return SMTP{}
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		e.refuse(name, "it is not the address of a mail server: write smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465, with %%40 for an @ and %%2F for a / in the password")
		return SMTP{}
	}
	server := SMTP{Host: u.Hostname(), Port: 587, TLS: u.Scheme == "smtps", User: u.User.Username()}
	if server.TLS {
		server.Port = 465
	}
	if p := u.Port(); p != "" {
		number, err := strconv.ParseUint(p, 10, 16)
		if err != nil || number == 0 {
			e.refuse(name, "%s is not a port: write 587 for smtp or 465 for smtps", p)
		}
		server.Port = int(number)
	}
	password, _ := u.User.Password()
	server.Password = Secret(password)
	if server.User != "" && strings.TrimSpace(password) == "" {
		e.refuse(name, "there is a user but no password: write both, as in smtp://user:password@host:587, or neither")
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		e.refuse(name, "nothing may follow host and port: leave it out (a /, ? or # in the password is written %%2F, %%3F or %%23)")
	}
	return server
}

func (e *env) mailFrom(sends bool) mail.Address {
	const name = "DAUBANG_MAIL_FROM"
	nobody := mail.Address{Name: "Dấu Bằng", Address: "no-reply@localhost"}
	text := e.get(name)
	if text == "" {
		if sends {
			e.refuse(name, "letters that are sent need a sender: write one like Dấu Bằng <daubang@example.vn>")
		}
		return nobody
	}
	from, err := mail.ParseAddress(text)
	if err != nil {
		e.refuse(name, "%q is not a mail address: write one like Dấu Bằng <daubang@example.vn>", text)
		return nobody
	}
	if from.Name == "" {
		from.Name = nobody.Name
	}
	return *from
}

func (e *env) clamAV() string {
	const name = "DAUBANG_CLAMAV_ADDR"
	addr := e.get(name)
	if addr == "" || strings.HasPrefix(addr, "/") {
		return addr
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host == "" || !isPort(port) {
		e.refuse(name, "%q is not where clamd listens: write host:port, as in 127.0.0.1:3310, or the path of its socket", addr)
		return ""
	}
	return addr
}
