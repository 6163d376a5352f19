package words_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// said is a key as it was found: where, and with how many arguments.
type said struct {
	pos  token.Pos
	key  string // perhaps with holes
	args int
	of   *ast.FuncDecl // whose parameter took it
}

// check says what is wrong with the keys of the source, and which of the texts
// it says.
func (s *source) check(texts map[string]string) (faults []string, used map[string]bool) {
	var found [][]said
	open := map[*file]bool{} // files that take keys from where we cannot follow
	for before := -1; before != s.countTakers(); {
		before, found = s.countTakers(), nil
		for _, f := range s.files {
			s.inspect(f, func(fn *function, n ast.Node) {
				found = append(found, s.at(f, fn, n, open))
			})
		}
	}
	used = map[string]bool{}
	areas := map[string]bool{}
	for key := range texts {
		area, _, _ := strings.Cut(key, ".")
		areas[area] = true
	}
	for _, call := range found {
		faults = append(faults, s.judgeCall(call, texts, used)...)
	}
	for _, f := range s.files {
		s.inspect(f, func(_ *function, n ast.Node) {
			key, ok := literal(n)
			area, _, _ := strings.Cut(key, ".")
			if _, is := texts[key]; is {
				used[key] = true
			} else if ok && open[f] && areas[area] && keyShape.MatchString(key) {
				faults = append(faults, fmt.Sprintf("%s: %q looks like a key, and stands in no catalogue", s.fset.Position(n.Pos()), key))
			}
			if sum, ok := n.(*ast.BinaryExpr); ok { // "prefix." + constant, also where no taker is near
				if prefix, ok := literal(sum.X); ok && strings.HasSuffix(prefix, ".") {
					judge(said{key: prefix + hole, args: unknown}, texts, used)
				}
			}
		})
	}
	slices.Sort(faults)
	return slices.Compact(faults), used
}

// judgeCall judges the keys of one call. Methods of one name may take their
// keys in different places; the call is of the one that it is right for.
func (s *source) judgeCall(call []said, texts map[string]string, used map[string]bool) []string {
	var first []string
	for i, one := range call {
		if i > 0 && slices.ContainsFunc(call[:i], func(before said) bool { return before.of == one.of }) {
			continue
		}
		var faults []string
		says := map[string]bool{}
		for _, each := range call {
			if each.of != one.of {
				continue
			}
			for _, fault := range judge(each, texts, says) {
				faults = append(faults, fmt.Sprintf("%s: %s", s.fset.Position(each.pos), fault))
			}
		}
		maps.Copy(used, says)
		if len(faults) == 0 {
			return nil
		}
		if first == nil || keyShape.MatchString(one.key) {
			first = faults
		}
	}
	return first
}

// judge compares a found key with the texts and notes what it says.
func judge(one said, texts map[string]string, used map[string]bool) []string {
	if !strings.Contains(one.key, hole) {
		text, ok := texts[one.key]
		if !ok {
			return []string{fmt.Sprintf("%q stands in no catalogue", one.key)}
		}
		used[one.key] = true
		if n := len(placeholders(text)); one.args >= 0 && n != one.args {
			return []string{fmt.Sprintf("%q has %d placeholders and gets %d arguments", one.key, n, one.args)}
		}
		return nil
	}
	if strings.Trim(one.key, hole) == "" {
		return nil
	}
	parts := strings.Split(one.key, hole)
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	pattern := regexp.MustCompile("^" + strings.Join(parts, "[a-z0-9_.]+") + "$")
	var faults []string
	fits := false
	for key, text := range texts {
		if !pattern.MatchString(key) {
			continue
		}
		fits, used[key] = true, true
		if n := len(placeholders(text)); one.args >= 0 && n > one.args && parts[0] != "" { // … + "_hint" may fit others' keys
			faults = append(faults, fmt.Sprintf("%q has %d placeholders and gets %d arguments", key, n, one.args))
		}
	}
	if !fits {
		faults = append(faults, fmt.Sprintf("%q fits no key of the catalogues", strings.ReplaceAll(one.key, hole, "…")))
	}
	return faults
}
