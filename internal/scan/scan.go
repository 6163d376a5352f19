// Package scan asks ClamAV's clamd whether a file holds malware, over TCP or a
// Unix socket, by its INSTREAM command.
//
// Only a plain OK is clean. With its defaults clamd says OK also of what it
// could not look into; docs/clamav.md says which of its settings change that.
package scan

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Verdict is what clamd found.
type Verdict string

// The verdicts.
const (
	Clean       Verdict = "clean"
	Infected    Verdict = "infected"
	Unscannable Verdict = "unscannable" // locked, or more than clamd looks into
)

// Finding is a verdict with what clamd calls it.
type Finding struct {
	Verdict Verdict
	Name    string // of the signature or the rule; empty: clean
}

// Unreachable says that nobody answers: what was asked can be asked again later.
var Unreachable = errors.New("no scanner answers")

// Client reaches one clamd.
type Client struct {
	Address  string        // host:port, or the path of a socket
	Patience time.Duration // for a whole scan; 0: a minute
}

// piece is what is sent at a time.
const piece = 64 << 10

// Scan shows r to clamd. Any error means that nothing is known.
func (c Client) Scan(ctx context.Context, r io.Reader) (Finding, error) {
	conn, done, err := c.dial(ctx)
	if err != nil {
		return Finding{}, err
	}
	defer done()
	if err := send(conn, r); err != nil {
		return Finding{}, err
	}
	answer, err := hear(conn)
	if err != nil {
		return Finding{}, err
	}
	return judge(answer)
}

// send streams r. That clamd hangs up early is no error: its answer says why.
func send(conn net.Conn, r io.Reader) error {
	if _, err := io.WriteString(conn, "zINSTREAM\x00"); err != nil {
		return fmt.Errorf("%w: %w", Unreachable, err)
	}
	b := make([]byte, 4+piece)
	for {
		n, err := io.ReadFull(r, b[4:])
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return fmt.Errorf("reading what is to be scanned: %w", err)
		}
		if n > 0 {
			binary.BigEndian.PutUint32(b, uint32(n)) //nolint:gosec // at most a piece
			if _, err := conn.Write(b[:4+n]); err != nil {
				return nil //nolint:nilerr // see above
			}
		}
		if last {
			_, _ = conn.Write([]byte{0, 0, 0, 0}) // see above
			return nil
		}
	}
}

// hear reads clamd's answer, a line that ends with a zero byte.
func hear(conn net.Conn) (string, error) {
	b, err := io.ReadAll(io.LimitReader(conn, 4096))
	if len(b) == 0 {
		return "", fmt.Errorf("%w: it hung up: %w", Unreachable, errors.Join(err, io.ErrUnexpectedEOF))
	}
	return strings.TrimRight(string(b), "\x00\r\n "), nil
}

// judge reads the answer to INSTREAM.
func judge(answer string) (Finding, error) {
	said := strings.TrimPrefix(answer, "stream: ")
	name, found := strings.CutSuffix(said, " FOUND")
	switch {
	case said == "OK":
		return Finding{Verdict: Clean}, nil
	case strings.Contains(said, "size limit exceeded"):
		return Finding{Verdict: Unscannable, Name: "INSTREAM size limit exceeded"}, nil
	case !found || name == "":
		return Finding{}, fmt.Errorf("the scanner answers %q", answer)
	case strings.HasPrefix(name, "Heuristics.Encrypted"), strings.HasPrefix(name, "Heuristics.Limits.Exceeded"), strings.HasPrefix(name, "Heuristics.OLE2.ContainsMacros"):
		return Finding{Verdict: Unscannable, Name: name}, nil
	default:
		return Finding{Verdict: Infected, Name: name}, nil
	}
}

// Version is what clamd says of itself.
type Version struct {
	Engine     string
	Signatures int
	Date       time.Time // of the signatures; zero where it does not say
}

// Version asks whether clamd is there and how old what it knows is.
func (c Client) Version(ctx context.Context) (Version, error) {
	pong, err := c.command(ctx, "PING")
	if err != nil {
		return Version{}, err
	}
	if pong != "PONG" {
		return Version{}, fmt.Errorf("the scanner answers PING with %q", pong)
	}
	said, err := c.command(ctx, "VERSION") // ClamAV 1.0.7/27500/Mon Nov 23 08:21:32 2026
	if err != nil {
		return Version{}, err
	}
	fields := strings.SplitN(said, "/", 3)
	v := Version{Engine: fields[0]}
	if len(fields) == 3 {
		v.Signatures, _ = strconv.Atoi(fields[1])     // 0: not known
		v.Date, _ = time.Parse(time.ANSIC, fields[2]) // zero: not known
	}
	return v, nil
}

func (c Client) command(ctx context.Context, name string) (string, error) {
	conn, done, err := c.dial(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	if _, err := io.WriteString(conn, "z"+name+"\x00"); err != nil {
		return "", fmt.Errorf("%w: %w", Unreachable, err)
	}
	return hear(conn)
}

func (c Client) dial(ctx context.Context) (net.Conn, func(), error) {
	patience := c.Patience
	if patience == 0 {
		patience = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	network := "tcp"
	if strings.HasPrefix(c.Address, "/") {
		network = "unix"
	}
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, network, c.Address)
	if err != nil {
		cancel()
		return nil, nil, fmt.Errorf("%w: %w", Unreachable, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // ends a read or a write that waits
	return conn, func() {
		stop()
		cancel()
		_ = conn.Close() // nothing more is asked
	}, nil
}
