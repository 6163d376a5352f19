package arch

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"testing"

	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/proposal"
	"daubang/internal/words"
)

// told are the verbs which a package has in a variable where it records an event
// at a proposal.
var told = map[string][]string{
	"internal/deadline": {"extend", "remind"},
	"internal/proposal": moves(),
	"internal/review":   {"assign", "unassign", "accept_review", "decline_review", "declare_conflict", "send_review"},
	"internal/together": {"confirm_co_applicant", "refuse_co_applicant"},
}

func moves() []string {
	all := make([]string, len(proposal.Moves))
	for i, m := range proposal.Moves {
		all[i] = string(m)
	}
	return all
}

// TestEveryEventHasWords finds what is recorded at a proposal: auditors read all
// of it, the office and the applicant what visible.history lets them.
func TestEveryEventHasWords(t *testing.T) {
	t.Parallel()
	recorded := recordedAtProposals(t)
	if len(recorded) < 30 {
		t.Fatalf("only %d verbs found: does this test still know how an event is recorded?", len(recorded))
	}
	for verb, at := range recorded {
		if key := "officer.event." + verb; !words.Known(key) {
			t.Errorf("%s records %q, and no catalogue has %s", at, verb, key)
		}
	}
	body, err := pg.Value[string](t.Context(), pgtest.Tx(t), `select pg_get_functiondef('visible.history(bigint)'::regprocedure)`)
	if err != nil {
		t.Fatal(err)
	}
	for view, prefix := range map[string]string{"officer": "officer.event.", "applicant": "proposal.event."} {
		list := regexp.MustCompile(`p\.view = '` + view + `' and e\.verb in \(([^)]*)\)`).FindStringSubmatch(body)
		if list == nil {
			t.Fatalf("visible.history no longer lists what a view of %s reads", view)
		}
		for _, m := range regexp.MustCompile(`'(\w+)'`).FindAllStringSubmatch(list[1], -1) {
			if recorded[m[1]] == "" {
				t.Errorf("%s reads %q, which nothing records", view, m[1])
			}
			if !words.Known(prefix + m[1]) {
				t.Errorf("%s reads %q, and no catalogue has %s%s", view, m[1], prefix, m[1])
			}
		}
	}
}

// recordedAtProposals maps each verb to a place that records it.
func recordedAtProposals(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for dir, files := range sources(t) {
		each(files, func(c *ast.CallExpr) {
			f, ok := c.Fun.(*ast.SelectorExpr)
			if !ok || len(c.Args) < 6 || f.Sel.Name != "Record" && f.Sel.Name != "RecordAll" || literal(c.Args[4]) != "proposal" {
				return
			}
			verbs := told[dir]
			if verb := literal(c.Args[3]); verb != "" {
				verbs = []string{verb}
			} else if verbs == nil {
				t.Errorf("%s records verbs that a variable holds: say which in told", position(c))
			}
			for _, v := range verbs {
				found[v] = position(c)
			}
		})
	}
	return found
}

func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(l.Value) // it parses: it compiled
	return s
}
