package ui

import (
	"context"
	_ "embed"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"daubang/internal/words"
)

//go:embed testdata/left.json
var leftCases []byte

// The script that counts on (web/build/js/remaining.js) is asked the same.
func TestLeft(t *testing.T) {
	t.Parallel()
	var cases []struct {
		Ms             int64
		Card, Sentence string
	}
	if err := json.Unmarshal(leftCases, &cases); err != nil || len(cases) == 0 {
		t.Fatal(err)
	}
	ctx, now := words.With(context.Background(), words.En), time.Date(2027, 2, 1, 10, 0, 0, 0, time.UTC)
	for _, c := range cases {
		at := now.Add(time.Duration(c.Ms) * time.Millisecond)
		if got := (Deadline{At: at, Now: now}).left(ctx); got != c.Card {
			t.Errorf("%d ms before a card says %q, want %q", c.Ms, got, c.Card)
		}
		if got := TimeLeft(ctx, now, at); got != c.Sentence {
			t.Errorf("%d ms before a sentence says %q, want %q", c.Ms, got, c.Sentence)
		}
	}
	var b strings.Builder
	if err := (Deadline{At: now.Add(time.Hour), Now: now}).Render(ctx, &b); err != nil || !strings.Contains(b.String(), `data-time-left="{`) || strings.Contains(b.String(), "aria-live") {
		t.Errorf("it does not count on, or is read aloud: %v\n%s", err, b.String())
	}
	b.Reset()
	if err := (Deadline{At: now, Now: now}).Render(ctx, &b); err != nil || strings.Contains(b.String(), "data-time-left") {
		t.Errorf("what has passed counts on: %v", err)
	}
}
