package revision

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"daubang/internal/form"
	"daubang/internal/words"
)

// How says what became of a section or question.
type How string

// What may become of one. A question may be moved and changed.
const (
	Added   How = "added"
	Removed How = "removed"
	Moved   How = "moved"
	Changed How = "changed"
)

// Change is one difference between two versions, of a question or, where
// Question is empty, of a section.
type Change struct {
	How      How
	Section  string // its key; in the earlier version if it was removed
	Question string
	Label    words.Pair // as it is now, or was
	In       words.Pair // the title of its section
	Parts    []Part     // what is different, if it was changed
}

// Part is one property that is different: both states in words, either empty
// for none.
type Part struct {
	Name    string // a key of the catalogue: build.part.<Name>
	Was, Is words.Pair
}

// Difference lists what is different in the later version, in its order; what
// was removed comes last. Of sections and questions that changed places it names
// the fewest that explain the order.
func Difference(from, to form.Definition) []Change {
	var all []Change
	moved := movedKeys(sectionKeys(from), sectionKeys(to))
	for _, s := range to.Sections {
		was, ok := from.Section(s.Key)
		c := Change{Section: s.Key, Label: s.Title, In: s.Title}
		switch {
		case !ok:
			all = append(all, with(c, Added, nil))
		default:
			if moved[s.Key] {
				all = append(all, with(c, Moved, nil))
			}
			if parts := sectionParts(from, to, was, s); len(parts) > 0 {
				all = append(all, with(c, Changed, parts))
			}
		}
		all = append(all, questions(from, to, s)...)
	}
	return append(all, removed(from, to)...)
}

func with(c Change, how How, parts []Part) Change {
	c.How, c.Parts = how, parts
	return c
}

// questions are the differences within a section of the later version.
func questions(from, to form.Definition, s form.Section) []Change {
	var all []Change
	was, _ := from.Section(s.Key)
	moved := movedKeys(questionKeys(was), questionKeys(s))
	for _, q := range s.Questions {
		before, old, ok := from.Question(q.Key)
		c := Change{Section: s.Key, Question: q.Key, Label: q.Label, In: s.Title}
		if !ok {
			all = append(all, with(c, Added, nil))
			continue
		}
		if before.Key != s.Key || moved[q.Key] {
			all = append(all, with(c, Moved, nil))
		}
		if parts := questionParts(from, to, old, q); len(parts) > 0 {
			all = append(all, with(c, Changed, parts))
		}
	}
	return all
}

func removed(from, to form.Definition) []Change {
	var all []Change
	for _, s := range from.Sections {
		if _, ok := to.Section(s.Key); !ok {
			all = append(all, Change{How: Removed, Section: s.Key, Label: s.Title, In: s.Title})
		}
		for _, q := range s.Questions {
			if _, _, ok := to.Question(q.Key); !ok {
				all = append(all, Change{How: Removed, Section: s.Key, Question: q.Key, Label: q.Label, In: s.Title})
			}
		}
	}
	return all
}

func sectionKeys(d form.Definition) []string {
	keys := make([]string, len(d.Sections))
	for i, s := range d.Sections {
		keys[i] = s.Key
	}
	return keys
}

func questionKeys(s form.Section) []string {
	keys := make([]string, len(s.Questions))
	for i, q := range s.Questions {
		keys[i] = q.Key
	}
	return keys
}

// movedKeys are the keys of both lists that are not in the longest common
// order of the two.
func movedKeys(was, now []string) map[string]bool {
	common := func(list, other []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(k string) bool { return !slices.Contains(other, k) })
	}
	a, b := common(was, now), common(now, was)
	longest := make([][]int, len(a)+1)
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i, v := range slices.Backward(a) {
		for j := len(b) - 1; j >= 0; j-- {
			if v == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	moved := map[string]bool{}
	for i, j := 0, 0; j < len(b); {
		switch {
		case i < len(a) && a[i] == b[j]:
			i, j = i+1, j+1
		case i < len(a) && longest[i+1][j] >= longest[i][j+1]:
			i++
		default:
			moved[b[j]] = true
			j++
		}
	}
	return moved
}

// parts collects what is different.
type parts []Part

func (p *parts) pair(name string, was, is words.Pair) {
	if was != is {
		*p = append(*p, Part{Name: name, Was: was, Is: is})
	}
}

func (p *parts) yes(name string, was, is bool) {
	p.pair(name, yesNo(was), yesNo(is))
}

func (p *parts) number(name string, was, is int64) {
	p.pair(name, digits(was), digits(is))
}

func yesNo(b bool) words.Pair {
	if b {
		return say("build.yes")
	}
	return say("build.no")
}

func digits(n int64) words.Pair {
	if n == 0 {
		return words.Pair{}
	}
	s := strconv.FormatInt(n, 10)
	return words.Pair{Vi: s, En: s}
}

func say(key string) words.Pair {
	return words.Pair{Vi: words.T(words.Vi, key), En: words.T(words.En, key)}
}

func sectionParts(from, to form.Definition, was, is form.Section) []Part {
	var p parts
	p.pair("title", was.Title, is.Title)
	p.pair("group", groupTitle(from, was.Group), groupTitle(to, is.Group))
	p.pair("brief", was.Brief, is.Brief)
	p.pair("intro", was.Intro, is.Intro)
	p.yes("identity", was.Identity, is.Identity)
	p.pair("tips", list(was.Tips, self), list(is.Tips, self))
	if !slices.Equal(was.Criteria, is.Criteria) {
		p = append(p, Part{Name: "criteria"})
	}
	p.when(from, to, was.When, is.When)
	return p
}

// when compares conditions by what they say.
func (p *parts) when(from, to form.Definition, was, is *form.When) {
	if !reflect.DeepEqual(was, is) {
		*p = append(*p, Part{Name: "when", Was: says(from, was), Is: says(to, is)})
	}
}

func says(d form.Definition, w *form.When) words.Pair {
	if w == nil {
		return words.Pair{}
	}
	return d.Says(*w, form.Terms{})
}

func groupTitle(d form.Definition, key string) words.Pair {
	i := slices.IndexFunc(d.Groups, func(g form.Group) bool { return g.Key == key })
	if i < 0 {
		return words.Pair{}
	}
	return d.Groups[i].Title
}

func self(p words.Pair) words.Pair { return p }

func optionLabel(o form.Option) words.Pair { return o.Label }

// list writes labels one after the other.
func list[T any](all []T, label func(T) words.Pair) words.Pair {
	vi, en := make([]string, len(all)), make([]string, len(all))
	for i, o := range all {
		vi[i], en[i] = label(o).In(words.Vi), label(o).In(words.En)
	}
	return words.Pair{Vi: strings.Join(vi, "; "), En: strings.Join(en, "; ")}
}

func questionParts(from, to form.Definition, was, is form.Question) []Part {
	var p parts
	p.pair("label", was.Label, is.Label)
	p.pair("kind", kind(was.Kind), kind(is.Kind))
	p.yes("required", was.Required, is.Required)
	p.number("max_words", int64(was.MaxWords), int64(is.MaxWords))
	p.number("max_chars", int64(was.MaxChars), int64(is.MaxChars))
	p.number("decimals", int64(was.Decimals), int64(is.Decimals))
	p.pair("unit", was.Unit, is.Unit)
	p.number("min", was.Min, is.Min)
	p.number("max", was.Max, is.Max)
	p.number("min_rows", int64(was.MinRows), int64(is.MinRows))
	p.number("max_rows", int64(was.MaxRows), int64(is.MaxRows))
	p.pair("from", callsList(was.From), callsList(is.From))
	p.when(from, to, was.When, is.When)
	p.number("overhead_max", int64(was.OverheadMax), int64(is.OverheadMax))
	p.number("cofunding_min", int64(was.CofundingMin), int64(is.CofundingMin))
	p.pair("hint", was.Hint, is.Hint)
	p.pair("example", was.Example, is.Example)
	p.pair("looks", was.Looks, is.Looks)
	p.lists(was, is)
	return p
}

// lists compares what a question offers. Where only words within changed, the
// lists read alike or differ by them.
func (p *parts) lists(was, is form.Question) {
	differ := func(name string, was, is any, said, now words.Pair) {
		if !reflect.DeepEqual(was, is) {
			*p = append(*p, Part{Name: name, Was: said, Is: now})
		}
	}
	columnLabel := func(c form.Column) words.Pair { return c.Label }
	lineLabel := func(l form.CountLine) words.Pair { return l.Label }
	purposeLabel := func(u form.Purpose) words.Pair { return u.Label }
	differ("options", none(was.Options), none(is.Options), list(was.Options, optionLabel), list(is.Options, optionLabel))
	differ("columns", none(was.Columns), none(is.Columns), list(was.Columns, columnLabel), list(is.Columns, columnLabel))
	differ("reaches", none(was.Reaches), none(is.Reaches), list(was.Reaches, optionLabel), list(is.Reaches, optionLabel))
	differ("counts", none(was.Counts), none(is.Counts), list(was.Counts, lineLabel), list(is.Counts, lineLabel))
	differ("purposes", none(was.Purposes), none(is.Purposes), list(was.Purposes, purposeLabel), list(is.Purposes, purposeLabel))
}

// none makes an empty list and a missing one the same.
func none[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}

// callsList names a list of the call's that options are taken from.
func callsList(from string) words.Pair {
	if from == "" || !words.Known("build.from."+from) {
		return words.Pair{}
	}
	return say("build.from." + from)
}

func kind(k form.Kind) words.Pair { return say("build.kind." + string(k)) }
