package site

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"daubang/internal/viet"
)

// formLimit is the most a form may weigh without its files, in bytes: thirty
// long answers of Vietnamese text and their tables fit several times over.
const formLimit = 2 << 20

// strangerLimit is the most that a form of who is not signed in may weigh: to
// sign in, to register, to ask whether one may apply.
const strangerLimit = 64 << 10

// values are what a visitor sent in a form.
type values struct{ sent url.Values }

// form reads a form. A body that is no form or too large is refused whole.
func (s *Site) form(r *http.Request) (values, error) {
	if !visitor(r).SignedIn() {
		return s.formUpTo(r, strangerLimit)
	}
	return s.formUpTo(r, formLimit)
}

func (s *Site) formUpTo(r *http.Request, most int64) (values, error) {
	if r.Body != nil && r.MultipartForm == nil {
		r.Body = http.MaxBytesReader(nil, r.Body, most)
	}
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return values{}, fmt.Errorf("%w: %w", errTooLarge, err)
		}
		return values{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	return values{sent: r.PostForm}, nil
}

// formOnce is form, for one in which none of the fields may be sent twice: which
// of the two would count, another program might see differently.
func (s *Site) formOnce(r *http.Request, names ...string) (values, error) {
	f, err := s.form(r)
	if err != nil {
		return values{}, err
	}
	return f, f.single(names...)
}

// single refuses a form in which a field that stands once was sent twice.
func (v values) single(names ...string) error {
	for _, n := range names {
		if len(v.sent[n]) > 1 {
			return fmt.Errorf("%w: %s sent %d times", errMalformed, n, len(v.sent[n]))
		}
	}
	return nil
}

// Raw is the field as it was sent, for passwords and the like.
func (v values) Raw(name string) string { return v.sent.Get(name) }

// Line is the field as one clean line.
func (v values) Line(name string) string { return viet.Clean(v.sent.Get(name)) }

// Text is the field as clean text of many lines.
func (v values) Text(name string) string { return viet.CleanText(v.sent.Get(name)) }

// All are the field's values, each a clean line: checkboxes, table rows.
func (v values) All(name string) []string {
	all := make([]string, len(v.sent[name]))
	for i, s := range v.sent[name] {
		all[i] = viet.Clean(s)
	}
	return all
}

// Has reports whether the field was sent: a button pressed, a box ticked.
func (v values) Has(name string) bool { return v.sent.Has(name) }

func queryEscape(s string) string { return url.QueryEscape(s) }

// under reports whether path is at or below the page at root.
func under(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// secrets are fields that no page ever shows again.
var secrets = []string{"password", "present"}

// typedIn is what somebody wrote in a form that is refused, in the order of its
// fields, the cells of a row as one: so that it can be taken along. What a single
// plain word says is no writing: it is how forms name what was picked.
func (s *Site) typedIn(r *http.Request) []string {
	if r.Method != http.MethodPost || streams(r) || !visitor(r).SignedIn() {
		return nil
	}
	f, err := s.form(r)
	if err != nil {
		return nil
	}
	rows, names := map[string][]string{}, slices.Sorted(maps.Keys(f.sent))
	var order []string
	for _, name := range names {
		row := name[:strings.LastIndex(name, ".")+1]
		if slices.Contains(secrets, name) {
			continue
		}
		if row == "" {
			row = name
		}
		for _, text := range f.sent[name] {
			if text = viet.CleanText(text); written(text) {
				if rows[row] == nil {
					order = append(order, row)
				}
				rows[row] = append(rows[row], text)
			}
		}
	}
	typed := make([]string, len(order))
	for i, row := range order {
		typed[i] = strings.Join(rows[row], " · ")
	}
	return typed
}

func written(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r > unicode.MaxASCII })
}
