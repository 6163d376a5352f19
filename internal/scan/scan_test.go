package scan_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"daubang/internal/scan"
	"daubang/internal/scan/clamdtest"
)

func TestScan(t *testing.T) {
	t.Parallel()
	large := bytes.Repeat([]byte("a"), 3<<20)
	for name, c := range map[string]struct {
		answer string
		data   []byte
		want   scan.Finding
	}{
		"clean":        {"stream: OK", large, scan.Finding{Verdict: scan.Clean}},
		"nothing":      {"stream: OK", nil, scan.Finding{Verdict: scan.Clean}},
		"malware":      {"stream: Win.Test.EICAR_HDB-1 FOUND", []byte("x"), scan.Finding{Verdict: scan.Infected, Name: "Win.Test.EICAR_HDB-1"}},
		"locked":       {"stream: Heuristics.Encrypted.PDF FOUND", []byte("x"), scan.Finding{Verdict: scan.Unscannable, Name: "Heuristics.Encrypted.PDF"}},
		"over a limit": {"stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND", []byte("x"), scan.Finding{Verdict: scan.Unscannable, Name: "Heuristics.Limits.Exceeded.MaxScanSize"}},
	} {
		s := clamdtest.Start(t)
		s.Answer(c.answer)
		got, err := scan.Client{Address: s.Address}.Scan(t.Context(), bytes.NewReader(c.data))
		if err != nil || got != c.want {
			t.Errorf("%s: %+v %v, want %+v", name, got, err, c.want)
		}
		if seen := s.Seen(); len(seen) != 1 || !bytes.Equal(seen[0], c.data) {
			t.Errorf("%s: the scanner saw %d files", name, len(seen))
		}
	}
}

// More than clamd takes: it says so and hangs up in the middle.
func TestScanOfTooMuch(t *testing.T) {
	t.Parallel()
	s := clamdtest.Start(t)
	s.Limit(1 << 20)
	got, err := scan.Client{Address: s.Address}.Scan(t.Context(), bytes.NewReader(make([]byte, 20<<20)))
	if err != nil && !errors.Is(err, scan.Unreachable) { // its words may be lost when it hangs up
		t.Error(err)
	}
	if err == nil && got.Verdict != scan.Unscannable {
		t.Errorf("%+v", got)
	}
}

// Whatever is not an answer is an error, never clean.
func TestWhatIsNoAnswer(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"", "OKAY", "stream: ", " FOUND", "stream: OK FOUND?", "UNKNOWN COMMAND", "stream: Can't allocate memory ERROR", strings.Repeat("x", 9000)} {
		s := clamdtest.Start(t)
		s.Answer(answer)
		if got, err := (scan.Client{Address: s.Address}).Scan(t.Context(), strings.NewReader("x")); err == nil {
			t.Errorf("%.20q was taken for %+v", answer, got)
		}
	}
	s := clamdtest.Start(t)
	s.Sleep(10 * time.Second)
	began := time.Now()
	if _, err := (scan.Client{Address: s.Address, Patience: 200 * time.Millisecond}).Scan(t.Context(), strings.NewReader("x")); !errors.Is(err, scan.Unreachable) || time.Since(began) > 5*time.Second {
		t.Errorf("one that sleeps: %v after %s", err, time.Since(began))
	}
	s.Stop()
	if _, err := (scan.Client{Address: s.Address}).Scan(t.Context(), strings.NewReader("x")); !errors.Is(err, scan.Unreachable) {
		t.Errorf("one that is down: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (scan.Client{Address: s.Address}).Version(ctx); err == nil {
		t.Error("it answers when nobody asks")
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	s := clamdtest.Start(t)
	v, err := scan.Client{Address: s.Address}.Version(t.Context())
	if want := time.Date(2026, 11, 23, 8, 21, 32, 0, time.UTC); err != nil || v.Engine != "ClamAV 1.0.7" || v.Signatures != 27500 || !v.Date.Equal(want) {
		t.Errorf("%+v %v", v, err)
	}
}
