// Package arch holds the tests that keep the house in order: which package may
// import which, who may speak to the database about what, and that every line
// of SQL means something to it. Each says why when it fails.
package arch

import (
	"encoding/json"
	"errors"
	"go/ast"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// storeys lists the house from the ground up. A package may import only from
// storeys below its own.
var storeys = [][]string{
	{"internal/problem", "web", "migrations", "internal/demo/data"},
	{"internal/ref"},
	{"internal/words", "internal/viet"},
	{"internal/pg", "internal/config", "internal/seal"},
	{"internal/audit", "internal/jobs", "internal/cluster"},
	{"internal/mail", "internal/intake", "internal/scan"},
	{"internal/letter"},
	{"internal/place", "internal/calendar", "internal/legal"},
	{"internal/people"},
	{"internal/kept"},
	{"internal/organisation"},
	{"internal/form", "internal/rubric"},
	{"internal/form/build", "internal/form/revision"},
	{"internal/programme", "internal/spreadsheet"},
	{"internal/call"},
	{"internal/document", "internal/eligibility"},
	{"internal/passport"},
	{"internal/proposal"},
	{"internal/together"},
	{"internal/deadline", "internal/inquiry", "internal/message"},
	{"internal/review"},
	{"internal/decision"},
	{"internal/desk"},
	{"internal/export", "internal/paper"},
	{"templates/ui"},
	{"templates", "templates/letters"},
	{"internal/site", "internal/work", "internal/demo"},
	{"cmd/daubang"},
}

// unhoused are for tests only and may import anything.
var unhoused = []string{"internal/arch", "internal/pgtest", "internal/pgtest/run", "internal/mail/mailtest", "internal/scan/clamdtest", "internal/portaltest", "e2e", "bench"}

const module = "daubang/"

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg listed
		if err := dec.Decode(&pkg); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, pkg)
	}
}

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	level := map[string]int{}
	for i, s := range storeys {
		for _, p := range s {
			level[p] = i
		}
	}
	for _, pkg := range packages(t) {
		from := strings.TrimPrefix(pkg.ImportPath, module)
		if slices.Contains(unhoused, from) {
			continue
		}
		if _, ok := level[from]; !ok {
			t.Errorf("%s has no storey; give it one in internal/arch, so that everybody knows what it may lean on", from)
			continue
		}
		for _, i := range pkg.Imports {
			to, ours := strings.CutPrefix(i, module)
			if !ours {
				continue
			}
			if slices.Contains(unhoused, to) {
				t.Errorf("%s imports %s, which is for tests", from, to)
			} else if level[to] >= level[from] {
				t.Errorf("%s imports %s, which is not below it: concepts form a line so that none needs another that needs it", from, to)
			}
		}
	}
}

// outside says which of the world's packages only some of ours may import.
var outside = []struct {
	pkg    string
	only   []string
	reason string
}{
	{"net/http", []string{"internal/site", "web", "cmd/daubang"}, "only the site knows it is on the web"},
	{"github.com/go-chi/chi", []string{"internal/site"}, "only the site has a map of addresses"},
	{"github.com/riverqueue/river", []string{"internal/jobs", "internal/work", "migrations", "cmd/daubang"}, "the rest queues through package jobs"},
	{"github.com/jackc/pgx/v5/pgtype", nil, "rows are plain Go types"},
	{"github.com/xuri/excelize", []string{"internal/spreadsheet"}, "only package spreadsheet knows what an Excel file is like"},
	{"github.com/wneessen/go-mail", []string{"internal/mail"}, "only package mail knows how letters travel"},
	{"os/exec", []string{"internal/cluster", "internal/pgtest/run"}, "nothing else of ours starts programs"},
	{"html/template", nil, "pages are templ"},
	{"text/template", nil, "pages and letters are templ"},
	{"encoding/gob", nil, "nothing is deserialised but JSON"},
	{"math/rand", []string{"internal/demo"}, "what must not be guessed comes from crypto/rand"},
	{"math/rand/v2", []string{"internal/demo"}, "what must not be guessed comes from crypto/rand"},
}

func TestTheWorldComesInByItsDoor(t *testing.T) {
	t.Parallel()
	for _, pkg := range packages(t) {
		from := strings.TrimPrefix(pkg.ImportPath, module)
		if slices.Contains(unhoused, from) {
			continue
		}
		for _, o := range outside {
			for _, i := range pkg.Imports {
				if (i == o.pkg || strings.HasPrefix(i, o.pkg+"/")) && !slices.Contains(o.only, from) {
					t.Errorf("%s imports %s: %s", from, i, o.reason)
				}
			}
		}
		for _, i := range pkg.Imports {
			if strings.HasPrefix(i, "github.com/jackc/pgx") && strings.HasPrefix(from, "templates") {
				t.Errorf("%s imports %s: a page is given what it shows", from, i)
			}
		}
	}
}

// TestTimeIsAnArgument keeps clocks out of everything below cmd: a deadline and
// the log must never disagree about when something happened.
func TestTimeIsAnArgument(t *testing.T) {
	t.Parallel()
	for dir, files := range sources(t) {
		if strings.HasPrefix(dir, "cmd/") || slices.Contains(unhoused, dir) {
			continue
		}
		each(files, func(call *ast.SelectorExpr) {
			if x, ok := call.X.(*ast.Ident); ok && x.Name == "time" && (call.Sel.Name == "Now" || call.Sel.Name == "Since" || call.Sel.Name == "Until") {
				t.Errorf("%s: time.%s below cmd: take the moment from audit.Act or an argument", position(call), call.Sel.Name)
			}
		})
	}
}
