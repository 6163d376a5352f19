package bench

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"daubang/internal/demo"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
)

// plan is a node of what PostgreSQL means to do.
type plan struct {
	NodeType     string `json:"Node Type"`
	RelationName string `json:"Relation Name"`
	IndexName    string `json:"Index Name"`
	Plans        []plan
}

func (p plan) each(do func(plan)) {
	do(p)
	for _, below := range p.Plans {
		below.each(do)
	}
}

// grown are the tables that grow with the proposals.
var grown = []string{"proposals", "assignments", "reviews", "scores", "submissions", "audit_events", "documents", "organisations", "members", "people"}

// TestListsUseIndexes explains every statement that the long lists send, over
// enough rows that reading a whole table would be cheaper never: none may.
func TestListsUseIndexes(t *testing.T) {
	t.Parallel()
	w := build(t, pgtest.New(t), demo.Volume{Proposals: 20_000, Reviews: 20_000, Seed: 5, ListsOnly: true})
	plansAsServed(t, w.db)
	want := map[string]string{ // page → an index that must serve it
		"desk: list":                    "proposals_newest",
		"desk: list by score":           "proposals_score",
		"desk: list by amount":          "proposals_amount",
		"desk: list by title":           "proposals_title",
		"desk: list of a call":          "proposals_call_newest",
		"desk: list of a call by score": "proposals_call_score",
		"desk: list of a status":        "proposals_status_newest",
		"desk: search: a reference":     "proposals_search",
		"reviews: to do":                "assignments_reviewer",
	}
	for _, p := range pages {
		if !p.list {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			sent := w.watch.statements(func() { w.mustGet(t, p.of(w)) })
			var used []string
			for _, s := range sent {
				root := explain(t, w.db, s)
				root.each(func(n plan) {
					used = append(used, n.IndexName)
					if n.NodeType == "Seq Scan" && slices.Contains(grown, n.RelationName) {
						t.Errorf("the whole of %s is read for %s", n.RelationName, s.sql)
					}
				})
			}
			if index := want[p.name]; index != "" && !slices.Contains(used, index) {
				t.Errorf("index %s does not serve; used are %s", index, strings.Join(slices.Compact(used), " "))
			}
			delete(want, p.name)
		})
	}
	for name := range want {
		t.Errorf("there is no page %q", name)
	}
}

func explain(t *testing.T, db pg.DB, s statement) plan {
	t.Helper()
	text, err := pg.Value[json.RawMessage](t.Context(), db, "explain (format json) "+s.sql, s.args...)
	if err != nil {
		t.Fatal(fmt.Errorf("%w: %s", err, s.sql))
	}
	var root []struct{ Plan plan }
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	return root[0].Plan
}
