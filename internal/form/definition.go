package form

import (
	"slices"

	"daubang/internal/words"
)

// Kind says how a question is asked, and what its answer is.
type Kind string

// The kinds of question. Every answer is kept as it was typed (see [Answer]).
const (
	Line          Kind = "line"          // one line of text
	Text          Kind = "text"          // many lines; line ends are kept
	Number        Kind = "number"        // a whole number, or one with decimals, see [Question.Decimals]
	Money         Kind = "money"         // whole đồng
	Date          Kind = "date"          // a calendar day
	Period        Kind = "period"        // from one month to another, see [Question.Months]
	Choice        Kind = "choice"        // one of the options
	Choices       Kind = "choices"       // any of the options
	YesNo         Kind = "yesno"         // "yes" or "no"
	Agree         Kind = "agree"         // a promise: "yes" when it is given
	Files         Kind = "files"         // documents; they live in package document
	Places        Kind = "places"        // a table of administrative units
	Organisations Kind = "organisations" // a table of partners, who need no account
	Table         Kind = "table"         // rows of the question's columns
	Budget        Kind = "budget"        // a table whose amounts are worked out, see [Question.Budget]
	Activities    Kind = "activities"    // a table over quarters
	Logframe      Kind = "logframe"      // a table of levels with indicators, see [Question.Numbers]
	Beneficiaries Kind = "beneficiaries" // a grid of counts, see [Question.Counts]
)

// Kinds of cell in a table that questions do not have.
const (
	Quantity Kind = "quantity" // a number above 0 with at most two decimals
	Measure  Kind = "measure"  // a number with at most two decimals; 0 is one
	Flag     Kind = "flag"     // a checkbox: "yes" or empty
	Place    Kind = "place"    // a name of an administrative unit, see [Locate]
	TaxCode  Kind = "tax_code" // with its check digit
)

// Definition is a whole form: what is asked, of whom, and within which limits.
type Definition struct {
	Key      string     `json:"key"`
	Version  int        `json:"version"`
	Title    words.Pair `json:"title"`
	Groups   []Group    `json:"groups"`
	Sections []Section  `json:"sections"`
}

// Group gathers sections under one heading of the task list.
type Group struct {
	Key   string     `json:"key"`
	Title words.Pair `json:"title"`
}

// Section is one page of questions. Identity marks a section that names the
// applicant: in a blind call it is kept back from those who judge.
type Section struct {
	Key       string     `json:"key"`
	Group     string     `json:"group"`
	Title     words.Pair `json:"title"`
	Brief     words.Pair `json:"brief"` // what it asks, in a line, for the task list
	Intro     words.Pair `json:"intro"`
	Tips      []Tip      `json:"tips,omitempty"`
	Criteria  []string   `json:"criteria,omitempty"` // of the default rubric: where its points come from
	Identity  bool       `json:"identity,omitempty"`
	When      *When      `json:"when,omitempty"` // asked only then; always if nil
	Questions []Question `json:"questions"`
}

// Tip is a piece of advice on writing.
type Tip = words.Pair

// Question is one thing asked. Limits of zero are no limits.
type Question struct {
	Key      string      `json:"key"`
	Kind     Kind        `json:"kind"`
	Label    words.Pair  `json:"label"`
	Hint     words.Pair  `json:"hint,omitzero"`
	Example  words.Pair  `json:"example,omitzero"`
	Looks    words.Pair  `json:"looks,omitzero"` // what reviewers look for
	When     *When       `json:"when,omitempty"` // asked only then; always if nil
	Required bool        `json:"required,omitempty"`
	MaxWords int         `json:"max_words,omitempty"`
	MaxChars int         `json:"max_chars,omitempty"`
	Decimals int         `json:"decimals,omitempty"` // of a number: how many may be written, at most 2
	Unit     words.Pair  `json:"unit,omitzero"`      // of a number: what is counted
	Min      int64       `json:"min,omitempty"`
	Max      int64       `json:"max,omitempty"`
	From     string      `json:"from,omitempty"` // the list of [Terms] its options, or its largest number, come from
	Options  []Option    `json:"options,omitempty"`
	Columns  []Column    `json:"columns,omitempty"`
	MinRows  int         `json:"min_rows,omitempty"`
	MaxRows  int         `json:"max_rows,omitempty"`
	Reaches  []Option    `json:"reaches,omitempty"` // of a grid of counts: directly, indirectly
	Counts   []CountLine `json:"counts,omitempty"`
	Purposes []Purpose   `json:"purposes,omitempty"`

	OverheadMax  int `json:"overhead_max,omitempty"`  // of a budget: percent of the whole that lines of the flag "overhead" may be
	CofundingMin int `json:"cofunding_min,omitempty"` // of a budget: percent of the whole that must come from elsewhere
}

// Option is one answer to choose.
type Option struct {
	Value string     `json:"value"`
	Label words.Pair `json:"label"`
	Hint  words.Pair `json:"hint,omitzero"`
	Other bool       `json:"other,omitempty"` // asks what else, in words: [Answer.Other]
}

// Column is one field of every row of a table.
type Column struct {
	Key      string     `json:"key"`
	Kind     Kind       `json:"kind"` // Line, Text, Number, Quantity, Measure, Money, Choice or Flag
	Label    words.Pair `json:"label"`
	Hint     words.Pair `json:"hint,omitzero"`
	Required bool       `json:"required,omitempty"`
	MaxChars int        `json:"max_chars,omitempty"`
	Min      int64      `json:"min,omitempty"`
	Max      int64      `json:"max,omitempty"`
	From     string     `json:"from,omitempty"` // a list of [Terms], or [RowsOf] another table
	Options  []Option   `json:"options,omitempty"`
	Wide     bool       `json:"wide,omitempty"`   // takes the whole width of its row
	Each     string     `json:"each,omitempty"`   // of a log-frame: asked once for each entry of this list of [Terms]
	Levels   []string   `json:"levels,omitempty"` // of a log-frame: the levels at which it is required; every one if empty
}

// CountLine is one line of a grid of counts. Lines of the same Part add up to
// the line without one that stands first, the total; a line whose Part is
// "within" is only not larger than it.
type CountLine struct {
	Key      string     `json:"key"`
	Label    words.Pair `json:"label"`
	Part     string     `json:"part,omitempty"`
	PartName words.Pair `json:"part_name,omitzero"` // a heading before the first line of a part
}

// Purpose is what an attached file is for. Personal ones (a CV, an identity
// paper) are never shown to reviewers.
type Purpose struct {
	Value    string     `json:"value"`
	Label    words.Pair `json:"label"`
	Hint     words.Pair `json:"hint,omitzero"`
	Required bool       `json:"required,omitempty"`
	Personal bool       `json:"personal,omitempty"`
}

// Terms is what a call adds to the form it uses: its sums, its longest
// duration, and the lists that some questions draw their options from.
type Terms struct {
	GrantMin, GrantMax int64 // đồng
	MonthsMax          int
	Lists              map[string][]Option // From → options
}

// The lists a question may draw its options from.
const (
	TaskGroups = "task_groups" // of the call
	Targets    = "targets"     // national targets
	Years      = "years"       // the project may run in
	Quarters   = "quarters"    // the project may run in
	MonthsMax  = "months_max"  // not a list: the largest number of months
)

// Section finds a section by its key.
func (d Definition) Section(key string) (Section, bool) {
	i := slices.IndexFunc(d.Sections, func(s Section) bool { return s.Key == key })
	if i < 0 {
		return Section{}, false
	}
	return d.Sections[i], true
}

// In lists the sections of a group, in order.
func (d Definition) In(group string) []Section {
	var in []Section
	for _, s := range d.Sections {
		if s.Group == group {
			in = append(in, s)
		}
	}
	return in
}

// Question finds a question and its section by the question's key, which is
// unique in the form.
func (d Definition) Question(key string) (Section, Question, bool) {
	for _, s := range d.Sections {
		if q, ok := s.Question(key); ok {
			return s, q, true
		}
	}
	return Section{}, Question{}, false
}

// Question finds a question of the section by its key.
func (s Section) Question(key string) (Question, bool) {
	i := slices.IndexFunc(s.Questions, func(q Question) bool { return q.Key == key })
	if i < 0 {
		return Question{}, false
	}
	return s.Questions[i], true
}

// Purpose finds what a file may be for.
func (q Question) Purpose(value string) (Purpose, bool) {
	i := slices.IndexFunc(q.Purposes, func(p Purpose) bool { return p.Value == value })
	if i < 0 {
		return Purpose{}, false
	}
	return q.Purposes[i], true
}

// IsTable says that the answer is rows of the question's columns.
func (q Question) IsTable() bool {
	return q.Kind == Places || q.Kind == Organisations || q.Kind == Table || q.Kind == Budget || q.Kind == Activities || q.Kind == Logframe
}

// options of a question or a column: its own, or those the call brings.
func options(own []Option, from string, t Terms) []Option {
	if from != "" {
		return t.Lists[from]
	}
	return own
}

// Choices lists what may be chosen under the call's terms.
func (q Question) Choices(t Terms) []Option { return options(q.Options, q.From, t) }

// Offers says that the question can be answered under the call's terms: one
// whose list is empty is not asked.
func (q Question) Offers(t Terms) bool {
	return (q.Kind != Choice && q.Kind != Choices) || len(q.Choices(t)) > 0
}

// Choices lists what may be chosen under the call's terms.
func (c Column) Choices(t Terms) []Option { return options(c.Options, c.From, t) }

// largest is the highest number allowed, 0 for none.
func (q Question) largest(t Terms) int64 {
	if q.From == MonthsMax {
		return int64(t.MonthsMax)
	}
	return q.Max
}

// Label is the words of the option with value, or value itself.
func Label(in []Option, value string) words.Pair {
	for _, o := range in {
		if o.Value == value {
			return o.Label
		}
	}
	return words.Pair{Vi: value, En: value}
}
