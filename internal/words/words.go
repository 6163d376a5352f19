// Package words says everything a person reads, in Vietnamese or in English.
//
// The sentences are JSON files in catalogue/vi and catalogue/en, one pair of
// files per concept. A key stands in exactly one file of each language, with
// the same placeholders: {0}, {1} … are filled by the arguments in order. What
// a person typed is never a key. Money, dates and counts are written by package
// viet before they come here.
package words

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"strconv"
	"strings"

	"daubang/internal/problem"
)

// Lang is a language of the portal.
type Lang string

// The languages of the portal; Vietnamese is the original.
const (
	Vi Lang = "vi"
	En Lang = "en"
)

// Langs lists them, the original first.
var Langs = []Lang{Vi, En}

// Pick reads a language from what a visitor or a row says; anything unknown is
// Vietnamese.
func Pick(s string) Lang {
	if Lang(s) == En {
		return En
	}
	return Vi
}

//go:embed catalogue
var files embed.FS

var catalogues = map[Lang]map[string]string{Vi: load(Vi), En: load(En)}

// load reads a language's files; a key that stands twice is a fault of ours
// that must not start.
func load(l Lang) map[string]string {
	all := map[string]string{}
	names, _ := fs.Glob(files, "catalogue/"+string(l)+"/*.json") // a constant pattern cannot be wrong
	for _, name := range names {
		b, _ := files.ReadFile(name) // embedded, so it is there
		var one map[string]string
		if err := json.Unmarshal(b, &one); err != nil {
			panic(fmt.Sprintf("%s: %v", name, err))
		}
		for k := range one {
			if _, twice := all[k]; twice {
				panic(fmt.Sprintf("%s: %q stands in another file too", name, k))
			}
		}
		maps.Copy(all, one)
	}
	return all
}

// T is the sentence under key in language l, its placeholders filled. An
// unknown key comes back in brackets, so that it is seen and no page fails;
// the tests refuse it before that.
func T(l Lang, key string, args ...any) string {
	s, ok := catalogues[l][key]
	if !ok {
		return "[" + key + "]"
	}
	if len(args) == 0 {
		return s
	}
	fill := make([]string, 0, 2*len(args))
	for i, a := range args {
		fill = append(fill, "{"+strconv.Itoa(i)+"}", text(l, a))
	}
	return strings.NewReplacer(fill...).Replace(s) // one pass: a typed "{1}" stays what it is
}

// Known reports whether key is in the catalogue.
func Known(key string) bool {
	_, ok := catalogues[Vi][key]
	return ok
}

// Say is what a refusal says, in language l.
func Say(l Lang, w problem.Words) string { return T(l, w.Key, w.Args...) }

// text writes an argument; words inside words are said too.
func text(l Lang, a any) string {
	switch a := a.(type) {
	case problem.Words:
		return Say(l, a)
	case Pair:
		return a.In(l)
	default:
		return fmt.Sprint(a)
	}
}

// Pair is a text that data brings in both languages, such as a call's title.
type Pair struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

// In is the text in language l, or the Vietnamese where there is no English.
func (p Pair) In(l Lang) string {
	if l == En && p.En != "" {
		return p.En
	}
	return p.Vi
}

type langKey struct{}

// With marks ctx with the visitor's language. It is the one thing that pages
// take from their context: every sentence needs it, and no rule depends on it.
func With(ctx context.Context, l Lang) context.Context {
	return context.WithValue(ctx, langKey{}, l)
}

// Of is the language of ctx, Vietnamese where none was set.
func Of(ctx context.Context) Lang {
	if l, ok := ctx.Value(langKey{}).(Lang); ok {
		return l
	}
	return Vi
}

// Tr is T in the language of ctx; pages write { words.Tr(ctx, "call.open") }.
func Tr(ctx context.Context, key string, args ...any) string { return T(Of(ctx), key, args...) }
