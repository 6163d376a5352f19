package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"daubang/internal/pg"
	"daubang/internal/pgtest"
)

var (
	startsLikeSQL = regexp.MustCompile(`(?i)^\s*(select|insert|update|delete|with|merge|copy)\s`)
	named         = regexp.MustCompile(`@[a-z_]+`)
)

// TestSQLPrepares has Postgres prepare every constant statement in the source,
// as a compiler would: unknown tables, columns and types fail here, not on a
// visitor.
func TestSQLPrepares(t *testing.T) {
	t.Parallel()
	conn, err := pgtest.New(t).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	n := 0
	for _, s := range statements(t) {
		if s.begun { // continued at run time: its package tests it
			continue
		}
		n++
		if _, err := conn.Conn().Prepare(t.Context(), "", numbered(s.sql)); err != nil {
			t.Errorf("%s: %v\n%s", s.at, err, s.sql)
		}
	}
	if n < 100 {
		t.Errorf("only %d statements found: does this test still know what SQL looks like?", n)
	}
}

// owners says whose each base table is. Its package alone reads and writes it;
// everybody else reads through the schema visible, where it is decided who sees
// what.
var owners = map[string][]string{
	"people": {"internal/people"}, "sessions": {"internal/people"}, "account_tokens": {"internal/people"}, "tries": {"internal/people"}, "roles": {"internal/people"},
	"kept_forms": {"internal/kept"}, "audit_events": {"internal/audit"}, "letters": {"internal/letter"},
	"places": {"internal/place"}, "legal_documents": {"internal/legal"}, "holidays": {"internal/calendar"}, "national_targets": {"internal/legal"},
	"place_successions": {"internal/place"}, "programme_bases": {"internal/programme"}, "programmes": {"internal/programme"}, "task_groups": {"internal/programme"},
	"organisations": {"internal/organisation"}, "organisation_papers": {"internal/organisation", "internal/passport"}, "members": {"internal/organisation"}, "invitations": {"internal/organisation"},
	"co_applicants": {"internal/together"}, "passports": {"internal/passport"}, "passport_checks": {"internal/passport"}, "passport_reminders": {"internal/passport"},
	"submission_accounts": {"internal/passport"}, "submission_papers": {"internal/passport"},
	"forms": {"internal/form"}, "rubrics": {"internal/rubric"},
	"calls": {"internal/call"}, "call_task_groups": {"internal/call"},
	"eligibility_checks": {"internal/eligibility"}, "eligibility_answers": {"internal/eligibility"},
	"documents": {"internal/document"}, "submission_documents": {"internal/document", "internal/proposal"},
	"proposal_tallies": {"internal/proposal"}, "proposals": {"internal/proposal"}, "proposal_sections": {"internal/proposal"}, "section_versions": {"internal/proposal"}, "section_asides": {"internal/proposal"}, "proposal_form_changes": {"internal/proposal"}, "submissions": {"internal/proposal"},
	"unsent_changes": {"internal/proposal"}, "proposal_clones": {"internal/proposal"},
	"assignments": {"internal/review"}, "conflicts": {"internal/review"}, "reviews": {"internal/review"}, "scores": {"internal/review"}, "review_tallies": {"internal/review"},
	"decisions":           {"internal/decision"},
	"section_assignments": {"internal/together"}, "presences": {"internal/together"},
	"extensions": {"internal/deadline"}, "reminders": {"internal/deadline"},
	"inquiries": {"internal/inquiry"}, "inquiry_answers": {"internal/inquiry"}, "inquiry_times": {"internal/inquiry"}, "inquiry_notices": {"internal/inquiry"},
	"messages": {"internal/message"}, "message_threads": {"internal/message"}, "message_marks": {"internal/message"},
}

// generators fill whole tables with made-up rows, on an empty database only.
var generators = []string{"internal/demo"}

// TestTablesAreReadByTheirOwners finds who speaks of a base table, and that
// every base table has an owner.
func TestTablesAreReadByTheirOwners(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tables, err := pg.Values[string](t.Context(), db, `
		select c.relname::text from pg_class c
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname !~ '^(river_|goose_)'`)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if len(owners[table]) == 0 {
			t.Errorf("table %s has no owner: name in internal/arch the package whose it is", table)
		}
	}
	for _, s := range statements(t) {
		if slices.Contains(generators, s.dir) || slices.Contains(unhoused, s.dir) {
			continue
		}
		for _, table := range tables {
			if mentions(s.sql, table) && !slices.Contains(owners[table], s.dir) {
				t.Errorf("%s speaks of table %s, which is %s's: read visible.%s instead, or ask that package", s.at, table, strings.Join(owners[table], " and "), table)
			}
		}
	}
}

// mentions reports whether a statement takes a table, rather than a view or
// function of the schema visible, as a source or target of rows.
func mentions(sql, table string) bool {
	taken := regexp.MustCompile(`(?i)\b(?:from|join|into|update|using|only|copy|truncate)\s+(?:public\.)?` + table + `\b`)
	return taken.MatchString(sql)
}

// TestOneWriterOfStatus holds a proposal's status to the one function that
// checks the table of moves.
func TestOneWriterOfStatus(t *testing.T) {
	t.Parallel()
	sets := regexp.MustCompile(`(?is)update\s+proposals\b.*?\bset\b.*?\bstatus\s*=`)
	var found []string
	for _, s := range statements(t) {
		if sets.MatchString(s.sql) {
			found = append(found, fmt.Sprintf("%s in %s", s.at, s.function))
		}
	}
	if len(found) != 1 || !strings.HasSuffix(found[0], " in advance") {
		t.Errorf("a proposal's status is written by %v; it must be by advance alone, which asks the table of moves", found)
	}
}

// statement is a constant string of the source that reads as SQL.
type statement struct {
	at, dir, function, sql string
	begun                  bool // the first part of one that is put together at run time
}

var statements = func() func(t *testing.T) []statement {
	var once sync.Once
	var found []statement
	return func(t *testing.T) []statement {
		t.Helper()
		once.Do(func() { found = findStatements(t) })
		return found
	}
}()

// findStatements finds every string in the source that reads as SQL, with
// constants of the same package put in their place, and every .sql file that a
// package embeds.
func findStatements(t *testing.T) []statement {
	t.Helper()
	var found []statement
	for dir, files := range sources(t) {
		consts := map[string]string{}
		for range 3 { // constants may be made of constants
			each(files, func(v *ast.ValueSpec) {
				for i, e := range v.Values {
					if s, ok := fold(e, consts); ok && i < len(v.Names) {
						consts[v.Names[i].Name] = s
					}
				}
			})
		}
		for _, file := range files {
			for _, d := range file.Decls {
				found = append(found, inDeclaration(d, dir, consts)...)
			}
		}
	}
	root := root(t)
	_ = filepath.WalkDir(filepath.Join(root, "internal"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".sql") {
			b, _ := os.ReadFile(path)
			rel, _ := filepath.Rel(root, path)
			found = append(found, statement{at: rel, dir: filepath.Dir(rel), sql: string(b)})
		}
		return nil
	})
	return found
}

func inDeclaration(d ast.Decl, dir string, consts map[string]string) []statement {
	name := ""
	if f, ok := d.(*ast.FuncDecl); ok {
		name = f.Name.Name
	}
	var found []statement
	whole := map[ast.Expr]bool{} // parts of a sum already looked at
	for n := range ast.Preorder(d) {
		e, ok := n.(ast.Expr)
		if !ok || whole[e] {
			continue
		}
		if b, ok := e.(*ast.BinaryExpr); ok {
			sql, constant := fold(b, consts)
			for part := range ast.Preorder(b) {
				if p, ok := part.(ast.Expr); ok {
					whole[p] = true
				}
			}
			if !constant {
				sql = leftmost(b, consts)
			}
			if startsLikeSQL.MatchString(sql) {
				found = append(found, statement{at: position(e), dir: dir, function: name, sql: sql, begun: !constant})
			}
			continue
		}
		if lit, ok := e.(*ast.BasicLit); ok {
			if s, ok := fold(lit, consts); ok && startsLikeSQL.MatchString(s) && name != "" {
				found = append(found, statement{at: position(e), dir: dir, function: name, sql: s})
			}
		}
		if ident, ok := e.(*ast.Ident); ok && name != "" {
			if s, ok := consts[ident.Name]; ok && startsLikeSQL.MatchString(s) {
				found = append(found, statement{at: position(e), dir: dir, function: name, sql: s})
			}
		}
	}
	return found
}

// leftmost is the constant beginning of a sum.
func leftmost(b *ast.BinaryExpr, consts map[string]string) string {
	for {
		if s, ok := fold(b.X, consts); ok {
			return s
		}
		x, ok := b.X.(*ast.BinaryExpr)
		if !ok {
			return ""
		}
		b = x
	}
}

// fold evaluates a constant string expression.
func fold(e ast.Expr, consts map[string]string) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.Ident:
		s, ok := consts[e.Name]
		return s, ok
	case *ast.BinaryExpr:
		x, okx := fold(e.X, consts)
		y, oky := fold(e.Y, consts)
		return x + y, okx && oky && e.Op == token.ADD
	}
	return "", false
}

// numbered replaces @name by $1, $2, … as pgx does.
func numbered(sql string) string {
	var names []string
	return named.ReplaceAllStringFunc(sql, func(s string) string {
		i := slices.Index(names, s)
		if i < 0 {
			names, i = append(names, s), len(names)
		}
		return "$" + strconv.Itoa(i+1)
	})
}

var fset = token.NewFileSet()

func position(n ast.Node) string {
	p := fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", filepath.Base(filepath.Dir(p.Filename))+"/"+filepath.Base(p.Filename), p.Line)
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var sources = func() func(t *testing.T) map[string][]*ast.File {
	var once sync.Once
	var found map[string][]*ast.File
	return func(t *testing.T) map[string][]*ast.File {
		t.Helper()
		once.Do(func() { found = parse(t) })
		return found
	}
}()

// parse reads the product's source: no tests, nothing generated.
func parse(t *testing.T) map[string][]*ast.File {
	t.Helper()
	root, found := root(t), map[string][]*ast.File{}
	for _, top := range []string{"internal", "cmd", "migrations", "web"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.Name() == "node_modules" {
				return fs.SkipDir
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
				return nil
			}
			f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
			rel, _ := filepath.Rel(root, filepath.Dir(path))
			found[rel] = append(found[rel], f)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// each calls fn on every node of type N.
func each[N ast.Node](files []*ast.File, fn func(N)) {
	for _, f := range files {
		for n := range ast.Preorder(f) {
			if n, ok := n.(N); ok {
				fn(n)
			}
		}
	}
}
