// Package build is how officers make forms: reading them from JSON or from the
// controls of a page, naming what is wrong by its path, and moving sections and
// questions about.
//
// A path such as sections[2].questions[1].max_words says where in the JSON
// something stands; the name of a control is the end of it with points,
// options.0.label.vi. Whether a form may change at all, and what becomes of
// drafts, is decided elsewhere.
package build

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"daubang/internal/form"
	"daubang/internal/problem"
	"daubang/internal/viet"
)

// MaxSize is the most a form's JSON may weigh, in bytes.
const MaxSize = 1 << 20

// Bounds of what is read, beyond what a form may hold.
const (
	deepest  = 24
	mostLike = 1000 // entries of one list
	mostSaid = 30   // flaws that are named; nobody reads more at once
)

// Flaw is one thing wrong with a form: where, and the words that say why and
// what to do.
type Flaw struct {
	Path  string
	Words problem.Words
}

// Flaws are in the order of the form.
type Flaws []Flaw

func (f *Flaws) add(path, key string, args ...any) {
	if len(*f) < mostSaid {
		*f = append(*f, Flaw{Path: path, Words: problem.Say(key, args...)})
	}
}

// Error lists paths: Flaws is what a refused form is an error of.
func (f Flaws) Error() string {
	paths := make([]string, len(f))
	for i, one := range f {
		paths[i] = one.Path
	}
	return "flaws at " + strings.Join(paths, ", ")
}

// Read reads a form strictly: what is unknown, stands twice, has the wrong type
// or follows the end is a flaw, and so is whatever [Check] finds. Texts are
// cleaned as everything typed is.
func Read(b []byte) (form.Definition, Flaws) {
	var d form.Definition
	var flaws Flaws
	switch {
	case len(b) > MaxSize:
		flaws.add("", "build.flaw.size", MaxSize>>20)
		return d, flaws
	case !utf8.Valid(b):
		flaws.add("", "build.flaw.utf8")
		return d, flaws
	}
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	r := reader{dec: json.NewDecoder(bytes.NewReader(b)), all: b}
	r.dec.UseNumber()
	if err := r.value(reflect.TypeFor[form.Definition](), "", 0); err != nil {
		r.syntax(err)
	} else if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		r.flaws.add("", "build.flaw.trailing", r.line())
	}
	if len(r.flaws) > 0 {
		return d, r.flaws
	}
	if err := json.Unmarshal(b, &d); err != nil { // all that could go wrong was named above
		flaws.add("", "build.flaw.syntax", 1)
		return d, flaws
	}
	cleaned(reflect.ValueOf(&d).Elem())
	return d, Check(d)
}

// Write writes a form as Read reads it, to be kept as a file.
func Write(d form.Definition) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("writing form %s: %w", d.Key, err)
	}
	return b.Bytes(), nil
}

// reader compares JSON with the type it is to become, token by token.
type reader struct {
	dec   *json.Decoder
	all   []byte
	flaws Flaws
}

// line is where the reader stands, from 1.
func (r *reader) line() int {
	return 1 + bytes.Count(r.all[:min(int(r.dec.InputOffset()), len(r.all))], []byte("\n"))
}

func (r *reader) syntax(err error) {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		r.flaws.add("", "build.flaw.unfinished")
		return
	}
	r.flaws.add("", "build.flaw.syntax", r.line())
}

// value reads one value that is to be a t. Its error is of the JSON itself:
// nothing after it can be read.
func (r *reader) value(t reflect.Type, path string, depth int) error {
	if depth > deepest {
		r.flaws.add(path, "build.flaw.deep")
		return r.skip()
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	token, err := r.dec.Token()
	if err != nil {
		return err
	}
	switch token := token.(type) {
	case json.Delim:
		switch {
		case token == '{' && t.Kind() == reflect.Struct:
			return r.object(t, path, depth)
		case token == '[' && t.Kind() == reflect.Slice:
			return r.list(t, path, depth)
		}
		r.flaws.add(path, "build.flaw.type."+kindOf(t))
		return r.rest()
	case string:
		if t.Kind() != reflect.String {
			r.flaws.add(path, "build.flaw.type."+kindOf(t))
		} else if strings.ContainsRune(token, utf8.RuneError) {
			r.flaws.add(path, "build.flaw.utf8")
		}
	case json.Number:
		if n, err := strconv.ParseInt(token.String(), 10, 64); !number(t) || err != nil || n < -mostNumber || n > mostNumber {
			r.flaws.add(path, "build.flaw.type."+kindOf(t))
		}
	case bool:
		if t.Kind() != reflect.Bool {
			r.flaws.add(path, "build.flaw.type."+kindOf(t))
		}
	default: // null
		r.flaws.add(path, "build.flaw.type."+kindOf(t))
	}
	return nil
}

// mostNumber is larger than any number a form needs.
const mostNumber = 1_000_000_000_000_000

func number(t reflect.Type) bool { return t.Kind() == reflect.Int || t.Kind() == reflect.Int64 }

// kindOf names the type that was expected, as the end of a catalogue's key.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct:
		return "object"
	case reflect.Slice:
		return "list"
	case reflect.Bool:
		return "bool"
	case reflect.Int, reflect.Int64:
		return "number"
	default:
		return "text"
	}
}

func (r *reader) object(t reflect.Type, path string, depth int) error {
	var seen []string
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string) // the decoder lets nothing else stand here
		at := joined(path, key)
		f, known := field(t, key)
		switch {
		case slices.Contains(seen, key):
			r.flaws.add(at, "build.flaw.twice")
			err = r.skip()
		case !known:
			r.flaws.add(short(at), "build.flaw.unknown")
			err = r.skip()
		default:
			seen = append(seen, key)
			err = r.value(f.Type, at, depth+1)
		}
		if err != nil {
			return err
		}
	}
	_, err := r.dec.Token() // the closing brace
	return err
}

// short keeps a path that a stranger chose readable.
func short(path string) string {
	if r := []rune(path); len(r) > 120 {
		return string(r[:120]) + "…"
	}
	return path
}

func (r *reader) list(t reflect.Type, path string, depth int) error {
	for i := 0; r.dec.More(); i++ {
		at := path + "[" + strconv.Itoa(i) + "]"
		if i == mostLike {
			r.flaws.add(at, "build.flaw.many", mostLike)
		}
		if i >= mostLike {
			if err := r.skip(); err != nil {
				return err
			}
			continue
		}
		if err := r.value(t.Elem(), at, depth+1); err != nil {
			return err
		}
	}
	_, err := r.dec.Token() // the closing bracket
	return err
}

// skip reads a value and forgets it.
func (r *reader) skip() error {
	var whatever json.RawMessage
	return r.dec.Decode(&whatever)
}

// rest reads on to the end of the object or list that has just begun.
func (r *reader) rest() error {
	for depth := 1; depth > 0; {
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		if d, ok := token.(json.Delim); ok {
			if d == '{' || d == '[' {
				depth++
			} else {
				depth--
			}
		}
	}
	return nil
}

func joined(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// field finds the field of a struct that JSON calls name.
func field(t reflect.Type, name string) (reflect.StructField, bool) {
	for f := range t.Fields() {
		if f.IsExported() && tag(f) == name && name != "-" {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// tag is what JSON calls a field.
func tag(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// cleaned cleans every text in v, as what is typed on a page is.
func cleaned(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(viet.CleanText(v.String()))
	case reflect.Struct:
		for _, field := range v.Fields() {
			cleaned(field)
		}
	case reflect.Slice:
		for i := range v.Len() {
			cleaned(v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			cleaned(v.Elem())
		}
	default:
	}
}
