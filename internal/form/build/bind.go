package build

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Typed is what the controls of a page hold, by their names.
type Typed map[string][]string

// At is the first value of a control.
func (t Typed) At(name string) string {
	if len(t[name]) == 0 {
		return ""
	}
	return t[name][0]
}

// Has says that a box is ticked.
func (t Typed) Has(name string) bool { return t.At(name) != "" }

// Count is how many rows of a list the controls hold: options.0, options.1 …
func (t Typed) Count(list string) int {
	n := 0
	for name := range t {
		rest, ok := strings.CutPrefix(name, list+".")
		if !ok {
			continue
		}
		at, _, _ := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(at); err == nil && i >= 0 && i < mostLike {
			n = max(n, i+1)
		}
	}
	return n
}

// yes is what a ticked box sends.
const yes = "yes"

// Fields writes a section or question as the controls of its page would hold it.
func Fields(v any) Typed {
	t := Typed{}
	t.put("", reflect.ValueOf(v))
	return t
}

func (t Typed) put(name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		t[name] = []string{v.String()}
	case reflect.Int, reflect.Int64:
		if v.Int() != 0 {
			t[name] = []string{strconv.FormatInt(v.Int(), 10)}
		}
	case reflect.Bool:
		if v.Bool() {
			t[name] = []string{yes}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); tag(f) != "" && tag(f) != "-" && tag(f) != "questions" && tag(f) != "when" {
				t.put(joined(name, tag(f)), v.Field(i))
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String {
			for i := range v.Len() {
				t[name] = append(t[name], v.Index(i).String())
			}
			return
		}
		for i := range v.Len() {
			t.put(joined(name, strconv.Itoa(i)), v.Index(i))
		}
	default: // conditions have controls of their own
	}
}

// Bind writes what the controls hold into a section or question, which to points
// to. What has no control on the page stays: of boxes and lists the page says by
// shown which it has. A row whose label is empty is none; new rows get a key made
// of their label; rows stand in the order of their "order" controls.
func Bind(to any, t Typed, shown ...string) problem.Invalid {
	b := binder{typed: t, shown: shown, wrong: problem.Invalid{}}
	b.into("", reflect.ValueOf(to).Elem())
	return b.wrong
}

type binder struct {
	typed Typed
	shown []string
	wrong problem.Invalid
}

// shows says that the page has a control or list; within a row of a list it has
// all of them.
func (b *binder) shows(name string) bool {
	var plain []string
	for part := range strings.SplitSeq(name, ".") {
		if _, err := strconv.Atoi(part); err != nil {
			plain = append(plain, part)
		}
	}
	return slices.Contains(b.shown, strings.Join(plain, "."))
}

func (b *binder) into(name string, v reflect.Value) {
	sent, there := b.typed[name]
	switch v.Kind() {
	case reflect.String:
		if there {
			v.SetString(viet.CleanText(strings.Join(sent, "")))
		}
	case reflect.Int, reflect.Int64:
		if there {
			v.SetInt(b.number(name, sent[0]))
		}
	case reflect.Bool:
		if b.shows(name) {
			v.SetBool(there)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); tag(f) != "" && tag(f) != "-" && tag(f) != "questions" && tag(f) != "when" {
				b.into(joined(name, tag(f)), v.Field(i))
			}
		}
	case reflect.Slice:
		if b.shows(name) {
			b.list(name, v)
		}
	default:
	}
}

// number reads a whole number; nothing is none.
func (b *binder) number(name, typed string) int64 {
	if viet.Clean(typed) == "" {
		return 0
	}
	n, ok := viet.ParseInt(viet.Clean(typed))
	if !ok || n < -mostNumber || n > mostNumber {
		b.wrong.Add(name, "build.flaw.type.number")
		return 0
	}
	return n
}

// list reads the rows of a list.
func (b *binder) list(name string, v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.String {
		all := []string(nil)
		for _, s := range b.typed[name] {
			if s = viet.Clean(s); s != "" {
				all = append(all, s)
			}
		}
		v.Set(reflect.ValueOf(all))
		return
	}
	type row struct {
		reflect.Value
		order float64
	}
	var rows []row
	for i := range b.typed.Count(name) {
		at := joined(name, strconv.Itoa(i))
		one := reflect.New(v.Type().Elem()).Elem()
		if old := b.old(at, v); old.IsValid() {
			one.Set(old)
		}
		b.into(at, one)
		if !blank(one) {
			rows = append(rows, row{one, b.order(at, i)})
		}
	}
	slices.SortStableFunc(rows, func(x, y row) int { return cmp.Compare(x.order, y.order) })
	all := reflect.MakeSlice(v.Type(), 0, len(rows))
	for _, r := range rows {
		nameRow(r.Value, all)
		all = reflect.Append(all, r.Value)
	}
	if all.Len() == 0 {
		v.SetZero()
		return
	}
	v.Set(all)
}

// order is where a row is to stand: its number, else where it stands.
func (b *binder) order(at string, i int) float64 {
	n, ok := viet.ParseInt(viet.Clean(b.typed.At(at + ".order")))
	if !ok {
		return float64(i + 1)
	}
	if n == int64(i+1) { // untouched: one that was moved to this number comes before
		return float64(n)
	}
	if n < int64(i+1) {
		return math.Max(0, float64(n)) - 0.5
	}
	return float64(min(n, mostLike)) + 0.5
}

// id is the field that names a row among its like.
func id(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	for i := range v.NumField() {
		if name := tag(v.Type().Field(i)); name == "key" || name == "value" {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// old is the row that was there under the key the page sends along.
func (b *binder) old(at string, list reflect.Value) reflect.Value {
	for i := range list.Len() {
		if key := id(list.Index(i)); key.IsValid() && key.String() != "" &&
			(key.String() == b.typed.At(at+".key") || key.String() == b.typed.At(at+".value")) {
			return list.Index(i)
		}
	}
	return reflect.Value{}
}

// label is the pair that says what a row is: its label, or itself.
func label(v reflect.Value) (words.Pair, bool) {
	if p, ok := reflect.TypeAssert[words.Pair](v); ok {
		return p, true
	}
	if v.Kind() == reflect.Struct {
		if f := v.FieldByName("Label"); f.IsValid() {
			p, ok := reflect.TypeAssert[words.Pair](f)
			return p, ok
		}
	}
	return words.Pair{}, false
}

func blank(v reflect.Value) bool {
	p, ok := label(v)
	return ok && p == words.Pair{}
}

// nameRow gives a new row a key that none before it has.
func nameRow(v, before reflect.Value) {
	key := id(v)
	if !key.IsValid() || key.String() != "" {
		return
	}
	p, _ := label(v)
	key.SetString(Unique(p, func(k string) bool {
		for i := range before.Len() {
			if id(before.Index(i)).String() == k {
				return true
			}
		}
		return false
	}))
}

// longestKey is how much of a label becomes a key; a number may follow.
const longestKey = 32

// Unique makes a key of a label: its first words without marks, and a number
// where that is taken.
func Unique(label words.Pair, taken func(string) bool) string {
	base := ""
	for word := range strings.FieldsSeq(viet.Key(cmp.Or(label.En, label.Vi))) {
		word = strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, word)
		if next := strings.Trim(base+"_"+word, "_"); len(next) <= longestKey && word != "" {
			base = next
		}
	}
	if base == "" || base[0] < 'a' || base[0] > 'z' {
		base = strings.TrimRight("q_"+base, "_")
	}
	key := base
	for n := 2; taken(key); n++ {
		key = base + "_" + strconv.Itoa(n)
	}
	return key
}

// Control is the name of the control for a path beneath a section or question.
func Control(path, under string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(path, under), ".")
	return strings.NewReplacer("[", ".", "]", "").Replace(rest)
}

// Beside gathers the flaws beneath a section or question by the controls of its
// page; other is the first that stands elsewhere.
func (f Flaws) Beside(under string) (wrong problem.Invalid, other *Flaw) {
	wrong = problem.Invalid{}
	for i, one := range f {
		if one.Path == under || strings.HasPrefix(one.Path, under+".") && !strings.HasPrefix(one.Path, under+".questions[") {
			wrong.Add(cmp.Or(Control(one.Path, under), "key"), one.Words.Key, one.Words.Args...)
		} else if other == nil {
			other = &f[i]
		}
	}
	return wrong, other
}
