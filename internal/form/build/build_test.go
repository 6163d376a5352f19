package build_test

import (
	"encoding/json"
	"maps"
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
		"a column of rows":     {swap(`{"key":"c","kind":"choice"`, `{"key":"t","kind":"table","max_rows":3,"label":{"vi":"B","en":"T"},"columns":[{"key":"a","kind":"choice","from":"rows:q","label":{"vi":"A","en":"A"}}]},{"key":"c","kind":"choice"`), "sections[0].questions[1].columns[0].from", "build.flaw.rows"},
		"levels of a table":    {swap(`{"key":"c","kind":"choice"`, `{"key":"t","kind":"table","max_rows":3,"label":{"vi":"B","en":"T"},"columns":[{"key":"a","kind":"line","levels":["output"],"label":{"vi":"A","en":"A"}}]},{"key":"c","kind":"choice"`), "sections[0].questions[1].columns[0].levels", "build.flaw.levels"},
		"each of nothing":      {swap(`{"key":"c","kind":"choice"`, `{"key":"t","kind":"table","max_rows":3,"label":{"vi":"B","en":"T"},"columns":[{"key":"a","kind":"line","each":"stars","label":{"vi":"A","en":"A"}}]},{"key":"c","kind":"choice"`), "sections[0].questions[1].columns[0].each", "build.flaw.each"},
		"counts of nobody":     {swap(`{"key":"c","kind":"choice"`, `{"key":"t","kind":"beneficiaries","label":{"vi":"B","en":"T"}},{"key":"c","kind":"choice"`), "sections[0].questions[1].reaches", "build.flaw.no_lines"},
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
			q := &whole.Sections[i].Questions[j]
			q.When = nil
			q.Columns = slices.DeleteFunc(slices.Clone(q.Columns), func(c form.Column) bool { return strings.HasPrefix(c.From, form.RowsOf) })
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

// described is where docs/form.md and docs/form.schema.json say what each part
// of a form has.
var described = map[reflect.Type][]struct{ heading, def string }{
	reflect.TypeFor[form.Definition](): {{"The form", ""}},
	reflect.TypeFor[form.Group]():      {{"A group", "group"}},
	reflect.TypeFor[form.Section]():    {{"A section", "section"}},
	reflect.TypeFor[form.Question]():   {{"A question", "question"}},
	reflect.TypeFor[form.Option]():     {{"An option, a purpose", "option"}},
	reflect.TypeFor[form.Purpose]():    {{"An option, a purpose", "purpose"}},
	reflect.TypeFor[form.Column]():     {{"A column", "column"}},
	reflect.TypeFor[form.CountLine]():  {{"A line of counts", "count"}},
	reflect.TypeFor[form.When]():       {{"Conditions", "when"}},
	reflect.TypeFor[words.Pair]():      {{"", "pair"}},
}

// TestEveryPropertyIsDocumented holds docs/form.md and the JSON schema to what
// is read: each part of a form in its own place, with every property it has and
// every value that it takes.
func TestEveryPropertyIsDocumented(t *testing.T) {
	t.Parallel()
	page, defs := document(t, "form.md"), schema(t)
	for typ := range partsOf(reflect.TypeFor[form.Definition](), map[reflect.Type]bool{}) {
		if len(described[typ]) == 0 {
			t.Errorf("%s is described nowhere", typ)
		}
		for _, in := range described[typ] {
			names := []string{}
			for field := range typ.Fields() {
				name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				if names = append(names, name); !strings.Contains(part(page, in.heading), "`"+name+"`") {
					t.Errorf("docs/form.md, %q, says nothing of %s", in.heading, name)
				}
			}
			slices.Sort(names)
			if got := slices.Sorted(maps.Keys(defs[in.def].Properties)); !slices.Equal(got, names) {
				t.Errorf("the schema's %q has %v, a form %v", in.def, got, names)
			}
		}
	}
	kinds := slices.DeleteFunc(slices.Clone(build.Kinds), func(k form.Kind) bool { return k == form.Risks })
	for heading, values := range map[string][]string{
		"A question": append(texts(kinds), form.MonthsMax, form.TaskGroups, form.Targets, form.Years, form.Quarters),
		"A column":   append(append(texts(build.Cells), build.Eaches...), form.RowsOf+"<question>", form.TaskGroups, form.Targets, form.StateBudget),
		"Conditions": texts([]form.Operator{form.Equals, form.OneOf, form.Answered}),
	} {
		for _, value := range values {
			if !strings.Contains(part(page, heading), "`"+value+"`") {
				t.Errorf("docs/form.md, %q, says nothing of the value %s", heading, value)
			}
		}
	}
	for def, values := range map[string][]string{"question": texts(kinds), "column": texts(build.Cells)} {
		got := slices.Sorted(slices.Values(defs[def].Properties["kind"].Enum))
		if slices.Sort(values); !slices.Equal(got, values) {
			t.Errorf("the schema's kinds of %s are %v, a form's %v", def, got, values)
		}
	}
}

func texts[S ~string](all []S) []string {
	var list []string
	for _, s := range all {
		list = append(list, string(s))
	}
	return list
}

func document(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// part is what stands under a heading of the page; under none, before the first.
func part(page, heading string) string {
	if heading == "" {
		before, _, _ := strings.Cut(page, "\n## ")
		return before
	}
	_, after, _ := strings.Cut(page, "\n## "+heading+"\n")
	under, _, _ := strings.Cut(after, "\n## ")
	return under
}

// def is a part of the JSON schema.
type def struct {
	Properties map[string]struct {
		Enum []string `json:"enum"`
	} `json:"properties"`
}

// schema is what docs/form.schema.json says of each part, under no name of the
// form itself.
func schema(t *testing.T) map[string]def {
	t.Helper()
	var all struct {
		def

		Defs map[string]def `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(document(t, "form.schema.json")), &all); err != nil {
		t.Fatal(err)
	}
	all.Defs[""] = all.def
	return all.Defs
}

// partsOf are the structs a form is made of.
func partsOf(t reflect.Type, seen map[reflect.Type]bool) map[reflect.Type]bool {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct && !seen[t] {
		seen[t] = true
		for field := range t.Fields() {
			partsOf(field.Type, seen)
		}
	}
	return seen
}

// TestBegin: a question that becomes another kind takes what that kind begins
// with, and keeps what somebody wrote.
func TestBegin(t *testing.T) {
	t.Parallel()
	d := standard(t)
	for _, kind := range build.Kinds {
		q, err := form.Standard(kind)
		if err != nil {
			t.Fatal(err)
		}
		q.Label = words.Pair{Vi: "Mới", En: "New"}
		with := form.Definition{Key: "f", Version: 1, Title: d.Title, Groups: d.Groups[:1], Sections: []form.Section{{Key: "s", Group: d.Groups[0].Key, Title: d.Title}}}
		if _, err := build.Write(with); err != nil {
			t.Fatal(err)
		}
		flaws := build.Check(func() form.Definition { with, _ := build.PutQuestion(with, "s", "", q); return with }())
		asks := slices.Contains([]form.Kind{form.Choice, form.Choices, form.Table}, kind)
		if (len(flaws) > 0) != asks {
			t.Errorf("%s begins with %v", kind, flaws)
		}
	}
	line, _ := form.Standard(form.Line)
	typed := build.Fields(line)
	if err := typed.Begin(d, form.Line, form.Budget); err != nil || typed.At("overhead_max") != "10" || typed.Has("max_chars") || typed.At("columns.1.from") != "rows:activities" {
		t.Error(err, typed)
	}
	if err := typed.Begin(d, form.Budget, form.Risks); err != nil || typed.At("kind") != "table" || typed.At("columns.1.key") != "likelihood" || typed.Has("overhead_max") || typed.Count("columns") != 5 {
		t.Error(err, typed)
	}
	typed["columns.0.label.vi"], typed["label.vi"] = []string{"Điều đáng lo"}, []string{"Rủi ro của tôi"}
	if err := typed.Begin(d, form.Table, form.Activities); err != nil || typed.At("label.vi") != "Rủi ro của tôi" || typed.At("columns.0.label.vi") != "Điều đáng lo" || typed.At("columns.5.key") != "name" || typed.At("columns.7.key") != "to" {
		t.Error(err, typed)
	}
}

// TestArrange puts rows where their numbers say, empty ones last.
func TestArrange(t *testing.T) {
	t.Parallel()
	typed := build.Typed{}
	for i, label := range []string{"a", "", "b", "c"} {
		at := "options." + string(rune('0'+i))
		typed[at+".label.vi"], typed[at+".order"] = []string{label}, []string{string(rune('1' + i))}
	}
	typed["options.3.order"], typed["options.1.value"] = []string{"1"}, []string{"gone"}
	typed.Arrange("options")
	var labels []string
	for i := range 4 {
		labels = append(labels, typed.At("options."+string(rune('0'+i))+".label.vi"))
	}
	got := strings.Join(labels, "")
	if got != "cab" || typed.At("options.3.value") != "gone" || typed.Has("options.0.order") {
		t.Error(got, typed)
	}
}
