package build_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daubang/internal/form"
	"daubang/internal/form/build"
	"daubang/internal/words"
)

func standard(tb testing.TB) form.Definition {
	tb.Helper()
	d, err := form.Default()
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func TestTheStandardFormIsWithoutFlaw(t *testing.T) {
	t.Parallel()
	d := standard(t)
	for _, f := range build.Check(d) {
		t.Error(f)
	}
	b, err := build.Write(d)
	if err != nil {
		t.Fatal(err)
	}
	again, flaws := build.Read(b)
	if diff := cmp.Diff(d, again); diff != "" || len(flaws) > 0 {
		t.Error(flaws, diff)
	}
}

// small is the least a form may be.
const small = `{"key":"f","version":1,"title":{"vi":"Mẫu","en":"Form"},"groups":[{"key":"g","title":{"vi":"Nhóm","en":"Group"}}],
"sections":[{"key":"s","group":"g","title":{"vi":"Phần","en":"Section"},"brief":{"vi":"","en":""},"intro":{"vi":"","en":""},
"questions":[{"key":"q","kind":"text","label":{"vi":"Câu","en":"Question"},"max_words":300},
{"key":"c","kind":"choice","label":{"vi":"Chọn","en":"Choose"},"options":[{"value":"x","label":{"vi":"X","en":"X"}}]}]}]}`

func TestBadFilesAreRefusedWithPathAndReason(t *testing.T) {
	t.Parallel()
	if _, flaws := build.Read([]byte(small)); len(flaws) > 0 {
		t.Fatal(flaws)
	}
	swap := func(old, now string) string {
		if !strings.Contains(small, old) {
			t.Fatalf("no %s in the form", old)
		}
		return strings.Replace(small, old, now, 1)
	}
	for name, c := range map[string]struct{ file, path, key string }{
		"nothing":              {``, "", "build.flaw.unfinished"},
		"no JSON":              {`<html>`, "", "build.flaw.syntax"},
		"cut off":              {small[:len(small)/2], "", "build.flaw.unfinished"},
		"something after":      {small + `{}`, "", "build.flaw.trailing"},
		"a list":               {`[]`, "", "build.flaw.type.object"},
		"null":                 {`null`, "", "build.flaw.type.object"},
		"not UTF-8":            {swap("Mẫu", "M\xff"), "", "build.flaw.utf8"},
		"half a character":     {swap("Mẫu", `M\ud800`), "title.vi", "build.flaw.utf8"},
		"too large":            {small + strings.Repeat(" ", build.MaxSize), "", "build.flaw.size"},
		"unknown":              {swap(`"max_words":300`, `"max_wrods":300`), "sections[0].questions[0].max_wrods", "build.flaw.unknown"},
		"another case":         {swap(`"max_words":300`, `"Max_Words":300`), "sections[0].questions[0].Max_Words", "build.flaw.unknown"},
		"twice":                {swap(`"kind":"text"`, `"kind":"text","kind":"line"`), "sections[0].questions[0].kind", "build.flaw.twice"},
		"a text for a number":  {swap(`300`, `"300"`), "sections[0].questions[0].max_words", "build.flaw.type.number"},
		"a fraction":           {swap(`300`, `3.5`), "sections[0].questions[0].max_words", "build.flaw.type.number"},
		"an enormous number":   {swap(`300`, `1e99`), "sections[0].questions[0].max_words", "build.flaw.type.number"},
		"below nothing":        {swap(`300`, `-1`), "sections[0].questions[0].max_words", "build.flaw.range"},
		"a list for a text":    {swap(`"Câu"`, `["Câu"]`), "sections[0].questions[0].label.vi", "build.flaw.type.text"},
		"null for a list":      {swap(`[{"value":"x","label":{"vi":"X","en":"X"}}]`, `null`), "sections[0].questions[1].options", "build.flaw.type.list"},
		"no English":           {swap(`"en":"Question"`, `"en":""`), "sections[0].questions[0].label.en", "build.flaw.empty"},
		"a kind there is not":  {swap(`"kind":"text"`, `"kind":"poem"`), "sections[0].questions[0].kind", "build.flaw.kind"},
		"a limit of a choice":  {swap(`"kind":"choice"`, `"kind":"choice","max_words":3`), "sections[0].questions[1].max_words", "build.flaw.not_of_kind"},
		"nothing to choose":    {swap(`[{"value":"x","label":{"vi":"X","en":"X"}}]`, `[]`), "sections[0].questions[1].options", "build.flaw.no_options"},
		"a list nobody has":    {swap(`"options":[{"value":"x","label":{"vi":"X","en":"X"}}]`, `"from":"stars"`), "sections[0].questions[1].from", "build.flaw.from"},
		"a key in capitals":    {swap(`"key":"q"`, `"key":"Q"`), "sections[0].questions[0].key", "build.flaw.key"},
		"a key that is a path": {swap(`"key":"q"`, `"key":"q.0"`), "sections[0].questions[0].key", "build.flaw.key"},
		"a key twice":          {swap(`"key":"q"`, `"key":"c"`), "sections[0].questions[1].key", "build.flaw.key_twice"},
		"a key of our own":     {swap(`"key":"q"`, `"key":"version"`), "sections[0].questions[0].key", "build.flaw.key_used"},
		"no such group":        {swap(`"group":"g"`, `"group":"h"`), "sections[0].group", "build.flaw.group"},
		"a condition on later": {swap(`"kind":"text"`, `"kind":"text","when":{"question":"c","is":"equals","values":["x"]}`), "sections[0].questions[0].when", "build.flaw.when"},
		"deep in conditions":   {swap(`"kind":"text"`, `"kind":"text","when":`+strings.Repeat(`{"not":`, 30)+`{}`+strings.Repeat(`}`, 30)), "sections[0].questions[0].when" + strings.Repeat(".not", 20), "build.flaw.deep"},
		"a table of nothing":   {swap(`"kind":"text","label":{"vi":"Câu","en":"Question"},"max_words":300`, `"kind":"table","label":{"vi":"Câu","en":"Question"}`), "sections[0].questions[0].columns", "build.flaw.no_columns"},
	} {
		_, flaws := build.Read([]byte(c.file))
		if len(flaws) == 0 || flaws[0].Path != c.path || flaws[0].Words.Key != c.key {
			t.Errorf("%s: %v, want %s at %q", name, flaws, c.key, c.path)
			continue
		}
		for _, l := range words.Langs {
			if said := words.Say(l, flaws[0].Words); strings.HasPrefix(said, "[") || strings.Contains(said, "{") || said == c.key {
				t.Errorf("%s says %q", name, said)
			}
		}
	}
}

// FuzzRead holds the reader to what it promises of any file: it never fails, and
// what it takes can be asked, and is the same when written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(`{"sections":[{"questions":[{"when":{"all":[]}}]}]}`))
	if b, err := build.Write(standard(f)); err == nil {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, flaws := build.Read(b)
		if len(flaws) > 0 {
			return
		}
		if err := d.Sound(); err != nil {
			t.Fatal(err)
		}
		once, err := build.Write(d)
		if err != nil {
			t.Fatal(err)
		}
		again, flaws := build.Read(once)
		if len(flaws) > 0 || !reflect.DeepEqual(d, again) {
			twice, _ := build.Write(again)
			t.Fatal(flaws, cmp.Diff(string(once), string(twice)))
		}
	})
}

// TestWhatAPageHoldsIsWhatIsStored writes every question and section into the
// controls of a page and reads them back.
func TestWhatAPageHoldsIsWhatIsStored(t *testing.T) {
	t.Parallel()
	d := standard(t)
	shown := []string{
		"required", "options", "columns", "columns.required", "columns.wide", "columns.options", "columns.levels", "reaches", "counts", "purposes", "purposes.required", "purposes.personal",
		"identity", "tips", "criteria",
	}
	for _, s := range d.Sections {
		got := form.Section{Questions: s.Questions, When: s.When}
		if wrong := build.Bind(&got, build.Fields(s), shown...); len(wrong) > 0 {
			t.Error(s.Key, wrong)
		}
		if diff := cmp.Diff(s, got); diff != "" {
			t.Error(diff)
		}
		for _, q := range s.Questions {
			got := form.Question{When: q.When}
			if wrong := build.Bind(&got, build.Fields(q), shown...); len(wrong) > 0 {
				t.Error(q.Key, wrong)
			}
			if diff := cmp.Diff(q, got); diff != "" {
				t.Error(diff)
			}
		}
	}
}

func TestRowsOfAPage(t *testing.T) {
	t.Parallel()
	q := form.Question{Key: "q", Kind: form.Choice, Required: true, Options: []form.Option{{Value: "old", Label: words.Pair{Vi: "Cũ", En: "Old"}, Hint: words.Pair{Vi: "giữ"}}}}
	wrong := build.Bind(&q, build.Typed{
		"max_words": {"ba trăm"}, "min": {" 1.200 "},
		"options.0.value": {"old"}, "options.0.label.vi": {"Cũ hơn"}, "options.0.label.en": {"Older"}, "options.0.order": {"3"},
		"options.1.label.vi": {"Đồng bằng"}, "options.1.order": {"1"},
		"options.2.label.vi": {"Đồng bằng"}, "options.2.order": {"2"},
		"options.3.label.vi": {" "}, "options.3.label.en": {""},
	}, "required", "options")
	if len(wrong) != 1 || wrong["max_words"].Key != "build.flaw.type.number" {
		t.Error(wrong)
	}
	want := form.Question{Key: "q", Kind: form.Choice, Min: 1200, Options: []form.Option{
		{Value: "dong_bang", Label: words.Pair{Vi: "Đồng bằng"}},
		{Value: "dong_bang_2", Label: words.Pair{Vi: "Đồng bằng"}},
		{Value: "old", Label: words.Pair{Vi: "Cũ hơn", En: "Older"}, Hint: words.Pair{Vi: "giữ"}},
	}}
	if diff := cmp.Diff(want, q); diff != "" {
		t.Error(diff)
	}
}

// TestChangesKeepEveryQuestion does anything in any order: nothing but a delete
// takes a question away, and the form stays whole but for conditions.
func TestChangesKeepEveryQuestion(t *testing.T) {
	t.Parallel()
	whole := standard(t)
	for i := range whole.Sections { // conditions hold an order; what breaks them is refused elsewhere
		whole.Sections[i].When = nil
		for j := range whole.Sections[i].Questions {
			whole.Sections[i].Questions[j].When = nil
		}
	}
	before, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		d, n := whole, count(whole)
		for range rapid.IntRange(1, 20).Draw(rt, "changes") {
			s := rapid.SampledFrom(d.Sections).Draw(rt, "section")
			act := rapid.SampledFrom([]build.Act{build.Up, build.Down, build.Delete}).Draw(rt, "act")
			question := ""
			if len(s.Questions) > 0 && rapid.Bool().Draw(rt, "a question") {
				question = rapid.SampledFrom(s.Questions).Draw(rt, "question").Key
			}
			next, err := build.Do(d, act, s.Key, question)
			if err != nil {
				continue
			}
			if act == build.Delete && question != "" {
				n--
			} else if act == build.Delete {
				n -= len(s.Questions)
			}
			d = next
			if count(d) != n {
				rt.Fatalf("%s of %s/%s left %d questions, want %d", act, s.Key, question, count(d), n)
			}
			if flaws := build.Check(d); len(flaws) > 0 {
				rt.Fatal(flaws)
			}
		}
	})
	if after, _ := json.Marshal(whole); string(after) != string(before) {
		t.Error("the form that was changed was not the copy")
	}
}

func count(d form.Definition) int {
	n := 0
	for _, s := range d.Sections {
		n += len(s.Questions)
	}
	return n
}

func TestPut(t *testing.T) {
	t.Parallel()
	d := standard(t)
	d, key := build.Put(d, "", form.Section{Title: words.Pair{Vi: "Truyền thông", En: "Budget"}}, words.Pair{Vi: "Nhóm mới", En: "New group"})
	s, ok := d.Section(key)
	if !ok || key == "budget" || s.Group != "new_group" {
		t.Error(key, s)
	}
	d, q := build.PutQuestion(d, key, "", form.Question{Kind: form.Date, Label: words.Pair{Vi: "Ngày", En: "Version"}, Options: []form.Option{{Value: "x"}}})
	if _, got, ok := d.Question(q); !ok || q == "version" || got.Options != nil {
		t.Error(q, got)
	}
	_, summary, _ := d.Question("summary")
	d, _ = build.PutQuestion(d, key, "summary", summary)
	if at, _, _ := d.Question("summary"); at.Key != key {
		t.Error("the question stands in", at.Key)
	}
}

func TestConditionsOfAPage(t *testing.T) {
	t.Parallel()
	equals := func(q, v string) form.When { return form.When{Question: q, Is: form.Equals, Values: []string{v}} }
	for _, w := range []*form.When{
		nil, {Question: "a", Is: form.Answered}, {All: []form.When{equals("a", "x"), {Question: "b", Is: form.Answered}}}, {Any: []form.When{equals("a", "x"), equals("a", "y")}},
	} {
		typed, ok := build.Simple(w)
		if diff := cmp.Diff(w, typed.When()); diff != "" || !ok {
			t.Error(diff, ok)
		}
	}
	for _, w := range []*form.When{{Not: &form.When{Question: "a", Is: form.Answered}}, {All: []form.When{{Any: []form.When{equals("a", "x")}}}}} {
		if _, ok := build.Simple(w); ok {
			t.Errorf("%v is not simple", w)
		}
	}
	keys := func(all []form.Question) []string {
		var k []string
		for _, q := range all {
			k = append(k, q.Key)
		}
		return k
	}
	d := standard(t)
	if got := keys(build.Comparable(d, "identification", "summary")); !slices.Equal(got, []string{"title", "title_en"}) {
		t.Error(got)
	}
}

// TestEveryPropertyIsDocumented holds docs/form.md and the JSON schema to what
// is read.
func TestEveryPropertyIsDocumented(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"form.md", "form.schema.json"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		mark := "`"
		if strings.HasSuffix(name, ".json") {
			mark = `"`
		}
		for _, property := range propertiesOf(reflect.TypeFor[form.Definition](), map[reflect.Type]bool{}) {
			if !strings.Contains(string(b), mark+property+mark) {
				t.Errorf("%s says nothing of %s", name, property)
			}
		}
	}
}

func propertiesOf(t reflect.Type, seen map[reflect.Type]bool) []string {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return nil
	}
	seen[t] = true
	var all []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		all = append(append(all, name), propertiesOf(field.Type, seen)...)
	}
	return all
}
