package viet_test

import (
	"encoding/json"
	"slices"
	"testing"

	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/viet"
)

// TestPostgresAgrees: pages sort with viet.Compare, queries with the collation
// vi-x-icu, and a list must not jump when it moves from one to the other.
func TestPostgresAgrees(t *testing.T) {
	t.Parallel()
	var v struct {
		Sort struct{ Lists map[string][]string }
	}
	if err := json.Unmarshal(vectors, &v); err != nil {
		t.Fatal(err)
	}
	tx := pgtest.Tx(t)
	for name, list := range v.Sort.Lists {
		if name == "numeric" {
			continue // no query sorts so
		}
		mixed := slices.SortedFunc(slices.Values(list), func(a, b string) int { return -viet.Compare(a, b) })
		sorted, err := pg.Values[string](t.Context(), tx, `select x from unnest($1::text[]) as x order by x collate "vi-x-icu"`, mixed)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(sorted, list) {
			t.Errorf("%s: PostgreSQL sorts %q", name, sorted)
		}
	}
}
