package build

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"daubang/internal/form"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Bounds of a form, so that it can be asked on a phone and read by a person.
const (
	MaxSections  = 60
	MaxQuestions = 80 // of a section
	MaxAll       = 400
	MaxOptions   = 300
	MaxColumns   = 24
	MaxRows      = 300
	MaxLabel     = 400  // characters
	MaxProse     = 4000 // characters
	MaxWords     = 20_000
	MaxChars     = 40_000
)

var (
	keyed  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	valued = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$`)
)

// Check names everything that is wrong with a form, in its order. What it lets
// through is [form.Definition.Sound].
func Check(d form.Definition) Flaws {
	c := &checking{seen: map[string]bool{}}
	c.text("title.vi", d.Title.Vi, MaxLabel, true)
	c.text("title.en", d.Title.En, MaxLabel, true)
	groups := map[string]bool{}
	for i, g := range d.Groups {
		at := "groups[" + strconv.Itoa(i) + "]"
		c.key(at+".key", g.Key, groups)
		c.label(at+".title", g.Title)
	}
	switch {
	case len(d.Sections) == 0:
		c.flaws.add("sections", "build.flaw.no_sections")
	case len(d.Sections) > MaxSections:
		c.flaws.add("sections", "build.flaw.many", MaxSections)
	}
	sections, all := map[string]bool{}, 0
	for i, s := range d.Sections {
		at := "sections[" + strconv.Itoa(i) + "]"
		c.key(at+".key", s.Key, sections)
		if !groups[s.Group] {
			c.flaws.add(at+".group", "build.flaw.group", s.Group)
		}
		c.section(at, s)
		all += len(s.Questions)
	}
	if all > MaxAll {
		c.flaws.add("sections", "build.flaw.many", MaxAll)
	}
	c.between(d)
	if len(c.flaws) == 0 {
		c.sound(d)
	}
	return c.flaws
}

type checking struct {
	flaws Flaws
	seen  map[string]bool // keys of questions
}

func (c *checking) text(path, s string, most int, required bool) {
	switch n := viet.CountChars(s); {
	case required && s == "":
		c.flaws.add(path, "build.flaw.empty")
	case n > most:
		c.flaws.add(path, "build.flaw.long", most, n-most)
	}
}

func (c *checking) label(path string, p words.Pair) {
	c.text(path+".vi", p.Vi, MaxLabel, true)
	c.text(path+".en", p.En, MaxLabel, true)
}

func (c *checking) prose(path string, p words.Pair) {
	c.text(path+".vi", p.Vi, MaxProse, false)
	c.text(path+".en", p.En, MaxProse, false)
}

func (c *checking) key(path, key string, seen map[string]bool) {
	switch {
	case !keyed.MatchString(key):
		c.flaws.add(path, "build.flaw.key")
	case seen[key]:
		c.flaws.add(path, "build.flaw.key_twice", key)
	}
	seen[key] = true
}

func (c *checking) value(path, v string, seen map[string]bool) {
	switch {
	case !valued.MatchString(v):
		c.flaws.add(path, "build.flaw.value")
	case seen[v]:
		c.flaws.add(path, "build.flaw.key_twice", v)
	}
	seen[v] = true
}

func (c *checking) number(path string, n, most int64) {
	if n < 0 || n > most {
		c.flaws.add(path, "build.flaw.range", most)
	}
}

func (c *checking) section(at string, s form.Section) {
	c.label(at+".title", s.Title)
	c.prose(at+".brief", s.Brief)
	c.prose(at+".intro", s.Intro)
	for i, t := range s.Tips {
		c.prose(at+".tips["+strconv.Itoa(i)+"]", t)
	}
	if len(s.Questions) > MaxQuestions {
		c.flaws.add(at+".questions", "build.flaw.many", MaxQuestions)
	}
	for i, q := range s.Questions {
		c.question(at+".questions["+strconv.Itoa(i)+"]", q)
	}
}

func (c *checking) question(at string, q form.Question) {
	c.key(at+".key", q.Key, c.seen)
	c.label(at+".label", q.Label)
	c.prose(at+".hint", q.Hint)
	c.prose(at+".example", q.Example)
	c.prose(at+".looks", q.Looks)
	c.number(at+".max_words", int64(q.MaxWords), MaxWords)
	c.number(at+".max_chars", int64(q.MaxChars), MaxChars)
	c.number(at+".min_rows", int64(q.MinRows), MaxRows)
	c.number(at+".max_rows", int64(q.MaxRows), MaxRows)
	c.number(at+".overhead_max", int64(q.OverheadMax), 100)
	c.number(at+".cofunding_min", int64(q.CofundingMin), 100)
	if q.Max != 0 && q.Max < q.Min {
		c.flaws.add(at+".max", "build.flaw.max_below_min")
	}
	if q.MaxRows != 0 && q.MaxRows < q.MinRows {
		c.flaws.add(at+".max_rows", "build.flaw.max_below_min")
	}
	c.own(at, q)
	c.from(at+".from", q.Kind, q.From)
	if (q.Kind == form.Choice || q.Kind == form.Choices) && q.From == "" && len(q.Options) == 0 {
		c.flaws.add(at+".options", "build.flaw.no_options")
	}
	c.options(at+".options", q.Options)
	c.options(at+".reaches", q.Reaches)
	c.columns(at, q)
	c.works(at, q)
	if q.Kind == form.Beneficiaries {
		c.listed(at+".reaches", len(q.Reaches))
		c.listed(at+".counts", len(q.Counts))
	}
	c.countLines(at+".counts", q.Counts)
	c.purposes(at, q)
}

// listed refuses a list with nothing in it.
func (c *checking) listed(path string, n int) {
	if n == 0 {
		c.flaws.add(path, "build.flaw.no_lines")
	}
}

// own refuses properties that a kind of question does not have: they would do
// nothing, and who wrote them meant something.
func (c *checking) own(at string, q form.Question) {
	if _, known := properties[q.Kind]; !known {
		c.flaws.add(at+".kind", "build.flaw.kind", q.Kind)
		return
	}
	v := reflect.ValueOf(q)
	for i := range v.NumField() {
		name := tag(v.Type().Field(i))
		if !v.Field(i).IsZero() && slices.Contains(specific, name) && !Has(q.Kind, name) {
			c.flaws.add(at+"."+name, "build.flaw.not_of_kind", both("build.kind."+string(q.Kind)))
		}
	}
}

// lists are where options may come from, besides rows of another table.
var lists = []string{form.TaskGroups, form.Targets, form.Years, form.Quarters}

func (c *checking) from(path string, kind form.Kind, from string) {
	if from == "" || strings.HasPrefix(from, form.RowsOf) {
		return
	}
	if kind == form.Number && from == form.MonthsMax || kind != form.Number && slices.Contains(lists, from) {
		return
	}
	c.flaws.add(path, "build.flaw.from", from)
}

func (c *checking) options(path string, all []form.Option) {
	if len(all) > MaxOptions {
		c.flaws.add(path, "build.flaw.many", MaxOptions)
		return
	}
	seen := map[string]bool{}
	for i, o := range all {
		at := path + "[" + strconv.Itoa(i) + "]"
		c.value(at+".value", o.Value, seen)
		c.label(at+".label", o.Label)
		c.prose(at+".hint", o.Hint)
	}
}

func (c *checking) columns(at string, q form.Question) {
	if len(q.Columns) > MaxColumns {
		c.flaws.add(at+".columns", "build.flaw.many", MaxColumns)
		return
	}
	if Has(q.Kind, "columns") {
		if len(q.Columns) == 0 {
			c.flaws.add(at+".columns", "build.flaw.no_columns")
		}
		if q.MaxRows == 0 {
			c.flaws.add(at+".max_rows", "build.flaw.no_max_rows")
		}
	}
	seen := map[string]bool{}
	for i, col := range q.Columns {
		in := at + ".columns[" + strconv.Itoa(i) + "]"
		c.key(in+".key", col.Key, seen)
		c.label(in+".label", col.Label)
		c.prose(in+".hint", col.Hint)
		c.number(in+".max_chars", int64(col.MaxChars), MaxChars)
		if !slices.Contains(Cells, col.Kind) {
			c.flaws.add(in+".kind", "build.flaw.kind", col.Kind)
		}
		if col.Max != 0 && col.Max < col.Min {
			c.flaws.add(in+".max", "build.flaw.max_below_min")
		}
		c.from(in+".from", col.Kind, col.From)
		if col.Kind == form.Choice && col.From == "" && len(col.Options) == 0 {
			c.flaws.add(in+".options", "build.flaw.no_options")
		}
		c.options(in+".options", col.Options)
	}
}

func (c *checking) countLines(path string, all []form.CountLine) {
	seen := map[string]bool{}
	for i, l := range all {
		at := path + "[" + strconv.Itoa(i) + "]"
		c.key(at+".key", l.Key, seen)
		c.label(at+".label", l.Label)
		if i == 0 && l.Part != "" {
			c.flaws.add(at+".part", "build.flaw.total_first")
		}
	}
}

func (c *checking) purposes(at string, q form.Question) {
	if q.Kind == form.Files && len(q.Purposes) == 0 {
		c.flaws.add(at+".purposes", "build.flaw.no_purposes")
	}
	seen := map[string]bool{}
	for i, p := range q.Purposes {
		in := at + ".purposes[" + strconv.Itoa(i) + "]"
		c.value(in+".value", p.Value, seen)
		c.label(in+".label", p.Label)
		c.prose(in+".hint", p.Hint)
	}
}

var named = regexp.MustCompile(`(section|question) "([a-z0-9_]+)" (.*)$`)

// sound names what only the form as a whole can tell: conditions, and columns
// that a kind of table works with.
func (c *checking) sound(d form.Definition) {
	err := d.Sound()
	if err == nil {
		return
	}
	found := named.FindStringSubmatch(err.Error())
	if found == nil {
		c.flaws.add("", "build.flaw.unsound", err.Error())
		return
	}
	path, why := Path(d, found[1], found[2]), found[3]
	switch column, lacks := strings.CutPrefix(why, "lacks the column "); {
	case lacks:
		c.flaws.add(path+".columns", "build.flaw.lacks", column)
	case strings.Contains(why, "condition"):
		c.flaws.add(path+".when", "build.flaw.when")
	case strings.Contains(why, "one that pages use"):
		c.flaws.add(path+".key", "build.flaw.key_used")
	default:
		c.flaws.add(path, "build.flaw.unsound", why)
	}
}

// Path is where a section or question stands, by its key.
func Path(d form.Definition, what, key string) string {
	for i, s := range d.Sections {
		if what == "section" && s.Key == key {
			return fmt.Sprintf("sections[%d]", i)
		}
		for j, q := range s.Questions {
			if what == "question" && q.Key == key {
				return fmt.Sprintf("sections[%d].questions[%d]", i, j)
			}
		}
	}
	return ""
}
