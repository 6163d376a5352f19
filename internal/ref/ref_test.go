package ref_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"daubang/internal/problem"
	"daubang/internal/ref"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Int64Range(0, 1<<60-1).Draw(t, "id")
		back, err := ref.Parse[int64](ref.Of(id))
		if err != nil || back != id {
			t.Fatalf("%d became %q became %d, %v", id, ref.Of(id), back, err)
		}
	})
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "1", "0123456789ab0", "0123456789aI", "0123456789a\x00", "01234567 9ab"} {
		if _, err := ref.Parse[int64](s); !errors.Is(err, problem.NotFound) {
			t.Errorf("%q: %v", s, err)
		}
	}
}
