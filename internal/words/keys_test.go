package words_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestKeys holds the catalogues and the source to each other: every key that
// the source says exists and gets its arguments, and every key is said.
func TestKeys(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for _, file := range load(t, "vi") {
		maps.Copy(texts, file)
	}
	src := newSource()
	read := 0
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" || name == "tools"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read++
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		return src.add(filepath.ToSlash(dir), path, b)
	})
	if err != nil {
		t.Fatal(err)
	}
	faults, said := src.check(texts)
	if read < 20 || len(said) < len(texts)/2 {
		t.Errorf("only %d files and %d keys were found; are we looking in the right place?", read, len(said))
	}
	report(t, faults)
	report(t, unsaid(texts, said, waiting))
}

// waiting are beginnings of keys whose page is not built yet. Each must go from
// here with its page.
var waiting = []string{}

// unsaid are the texts that nobody says and that no page is awaited for.
func unsaid(texts map[string]string, said map[string]bool, waiting []string) []string {
	var faults []string
	awaited := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		i := slices.IndexFunc(waiting, func(begin string) bool { return strings.HasPrefix(key, begin) })
		switch {
		case said[key]:
		case i >= 0:
			awaited[waiting[i]] = true
		default:
			faults = append(faults, fmt.Sprintf("%q stands in the catalogues, and nobody says it: say it, take it out, or note in waiting that its page is to come", key))
		}
	}
	for _, begin := range waiting {
		if !awaited[begin] {
			faults = append(faults, fmt.Sprintf("%q waits for nothing any more: take it out of waiting", begin))
		}
	}
	return faults
}

func TestUnsaid(t *testing.T) {
	t.Parallel()
	texts := map[string]string{"a.x": "x", "b.y": "y"}
	for _, v := range []struct {
		said    map[string]bool
		waiting []string
		faults  int
	}{
		{map[string]bool{"a.x": true, "b.y": true}, nil, 0},
		{map[string]bool{"a.x": true}, nil, 1},
		{nil, nil, 2},
		{map[string]bool{"a.x": true}, []string{"b."}, 0},
		{map[string]bool{"a.x": true, "b.y": true}, []string{"b."}, 1},
	} {
		if faults := unsaid(texts, v.said, v.waiting); len(faults) != v.faults {
			t.Errorf("%v waiting for %q: %q", v.said, v.waiting, faults)
		}
	}
}

const head = `package x
import ("context"; "daubang/internal/problem"; "daubang/internal/words"; "daubang/internal/y")
type T struct{}
`

const refuse = `type V struct{}; type W struct{}
func (V) Refuse(column, key string, args ...any) { problem.Say(key, args...) }
func (W) Refuse(i int, column, key string, args ...any) { last(column, key, args...) }
func last(column, key string, args ...any) { problem.Say(key, args...) }
`

// TestKeyRules gives the checker small sources, good and bad.
func TestKeyRules(t *testing.T) {
	t.Parallel()
	texts := map[string]string{
		"a.none": "Gửi", "a.one": "Gửi {0}", "a.two": "{1}: gửi {0}", "a.s.draft": "Nháp", "a.s.sent": "Đã gửi",
		"a.full": "Đầy", "a.full_advice": "Xóa bớt", "b.hint": "Gợi ý", "b.hint_x": "Gợi ý {0}",
	}
	for _, v := range []struct{ body, says, fault string }{
		{`func f(ctx context.Context) { words.Tr(ctx, "a.none") }`, "a.none", ""},
		{`func f(ctx context.Context) { words.Tr(ctx, "a.nine") }`, "", "a.nine"},
		{`func f(ctx context.Context) { words.Tr(ctx, "a.one") }`, "a.one", "a.one"},
		{`func f(ctx context.Context) { words.Tr(ctx, "a.none", 1) }`, "a.none", "a.none"},
		{`func f(ctx context.Context, a []any) { words.Tr(ctx, "a.one", a...) }`, "a.one", ""},
		{`func f() { words.T(words.Vi, "a.two", 1, 2) }`, "a.two", ""},
		{`func f() { words.T(words.Vi, "a.two", 1) }`, "a.two", "a.two"},
		{`func f() error { return problem.Because(problem.Conflict, "a.one", 1) }`, "a.one", ""},
		{`func f() error { return problem.Because(problem.Conflict, "a.ten", 1) }`, "", "a.ten"},
		{`var w = problem.Say("a.none")`, "a.none", ""},
		{`var w = problem.Say("a.no")`, "", "a.no"},
		{`var w = problem.Words{Key: "a.no"}`, "", "a.no"},
		{`func f(v problem.Invalid) { v.Add("title", "a.one", 3) }`, "a.one", ""},
		{`func f(v problem.Invalid) { v.Add("title", "a.one") }`, "a.one", "a.one"},
		{`func f() { v := problem.Invalid{}; v.Add("title", "required") }`, "", "required"},
		{`func f() { v := make(problem.Invalid); v.Add("title", "required") }`, "", "required"},
		{`type p struct { Wrong problem.Invalid }; func f(q p) { q.Wrong.Add("title", "required") }`, "", "required"},
		{`func f(q Query) { q.Add("title", "required") }`, "", ""},
		// prefix and constant
		{`func f(ctx context.Context, s S) { words.Tr(ctx, "a.s." + string(s)) }`, "a.s.draft a.s.sent", ""},
		{`func f(ctx context.Context, s S) { words.Tr(ctx, "a.t." + string(s)) }`, "", "a.t."},
		{`func f(ctx context.Context, s S) { words.Tr(ctx, "a." + string(s), 1) }`, "a.one a.s.sent", "a.two"},
		{`func f(s S) string { return "a.s." + string(s) }`, "a.s.draft a.s.sent", ""},
		// through a variable, a parameter, a result, a constant
		{`func f(ctx context.Context, b bool) { key := "a.none"; if b { key = "a.nine" }; words.Tr(ctx, key) }`, "a.none", "a.nine"},
		{`func f() { key := "a.full"; problem.Say(key); problem.Say(key + "_advice") }`, "a.full a.full_advice", ""},
		{`type F struct{ key string }; func f(g F) { key := "b.hint"; if true { key = g.key }; problem.Say(key); problem.Say(key + "_advice") }`, "a.full_advice", "b.hint_advice"},
		{`func f() { key := "a.none"; problem.Say(key + "_advice") }`, "", "a.none_advice"},
		{`func n(ctx context.Context, n int, key string) { words.Tr(ctx, key, n) }; func f(ctx context.Context) { n(ctx, 1, "a.none") }`, "a.none", "a.none"},
		{`func n(ctx context.Context, one, key string) { if key == "" { key = one }; words.Tr(ctx, key) }; func f(ctx context.Context) { n(ctx, "a.nine", "a.none") }`, "a.none", "a.nine"},
		{`func n(ctx context.Context, key string, args ...any) { words.Tr(ctx, key, args...) }; func f(ctx context.Context) { n(ctx, "a.one") }`, "a.one", "a.one"},
		{`func (T) n(ctx context.Context, key string) { words.Tr(ctx, key + ".hint") }; func f(ctx context.Context, t T) { t.n(ctx, "a") }`, "", "a.hint"},
		{`func (T) key() string { return "a.nine" }; func f(ctx context.Context, t T) { words.Tr(ctx, t.key()) }`, "", "a.nine"},
		{`const k = "a.nine"; func f(ctx context.Context) { words.Tr(ctx, k) }`, "", "a.nine"},
		{`func f(ctx context.Context) { y.Label(ctx, "nine") }`, "", "b.nine"},
		{`func f(ctx context.Context) { y.Label(ctx, "hint") }`, "b.hint", ""},
		// two methods of one name
		{refuse + `func f(v V, w W) { v.Refuse("column", "a.one", "x"); w.Refuse(3, "column", "a.one", "x") }`, "a.one", ""},
		{refuse + `func f(v V, w W) { v.Refuse("column", "a.nine", "x") }`, "", "a.nine"},
		{refuse + `func f(v V, w W) { w.Refuse(3, "column", "a.nine", "x") }`, "", "a.nine"},
		{refuse + `func f(v V, w W) { w.Refuse(3, "column", "a.one") }`, "", "a.one"},
		{refuse + `func n(w W, column string) { w.Refuse(3, column, "a.one", "x") }; func f(w W) { n(w, "column") }`, "a.one", ""},
		{`func n[K any](key string, _ K) { problem.Say(key) }; func f() { n[int]("a.nine", 1) }`, "", "a.nine"},
		// in a list: what looks like a key of ours in such a file must be one
		{`func f(ctx context.Context) { for _, it := range []T{{"a.none"}, {"a.nine"}, {"z.txt"}} { words.Tr(ctx, it.key) } }`, "a.none", "a.nine"},
	} {
		src := newSource()
		for dir, code := range map[string]string{
			"internal/x": head + v.body,
			"internal/y": "package y\nimport (\"context\"; \"daubang/internal/words\")\nfunc Label(ctx context.Context, key string) { words.Tr(ctx, \"b.\" + key) }",
		} {
			if err := src.add(dir, dir+"/f.go", []byte(code)); err != nil {
				t.Fatalf("%s: %v", v.body, err)
			}
		}
		faults, said := src.check(texts)
		for key := range strings.FieldsSeq(v.says) {
			if !said[key] {
				t.Errorf("%s\nsays %s, and it was not heard", v.body, key)
			}
		}
		all := strings.Join(faults, "\n")
		if (v.fault == "") != (all == "") || !strings.Contains(all, v.fault) {
			t.Errorf("%s\nwant a fault about %q, got %q", v.body, v.fault, all)
		}
	}
	quiet := newSource()
	if err := quiet.add("internal/x", "f.go", []byte(head+`var w = problem.Say("a.none")`)); err != nil {
		t.Fatal(err)
	}
	if _, said := quiet.check(texts); len(said) != 1 {
		t.Errorf("keys that nobody says are taken for said: %v", said)
	}
}
