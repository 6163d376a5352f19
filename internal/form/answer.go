package form

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/viet"
)

// Answers are what was typed in one section: question key → answer. Questions
// without an answer are absent.
type Answers map[string]Answer

// Content is what was typed in a whole form: section key → answers.
type Content map[string]Answers

// Answer is what was typed for one question, in the field its kind uses: Text
// for most, Values for Choices, Rows for tables, grids and months. Other is what
// was written beside a choice that asks for it.
type Answer struct {
	Text   string   `json:"text,omitempty"`
	Values []string `json:"values,omitempty"`
	Rows   []Row    `json:"rows,omitempty"`
	Other  string   `json:"other,omitempty"`
}

// Row is a row of a table, column key → what was typed, and its name in [RowID];
// or a line of a grid of counts, with its key in "line", such as "direct.total".
// Empty cells are absent.
type Row map[string]string

// The cells of a line of a grid of counts.
const (
	LineCell         = "line"
	NotCollectedCell = "not_collected" // "yes": nobody counted, which is not zero
)

// Sexes are the columns of a grid of counts; "other" is other or not stated.
var Sexes = []string{"female", "male", "other"}

// Yes is the answer to YesNo, Agree and Flag when it is one.
const (
	Yes = "yes"
	no  = "no"
)

// Unasked is the name under which a page says which questions of its section
// it did not ask, so that their answers are kept as they stand.
const Unasked = "unasked"

// InForm is the name under which a page says which version of the form it shows.
const InForm = "in_form"

// longest is the largest number of characters any one field keeps, whatever
// the form says; a page that sends more was not typed.
const longest = 40_000

// Empty says that nothing was typed.
func (a Answer) Empty() bool {
	return a.Text == "" && len(a.Values) == 0 && len(a.Rows) == 0 && a.Other == ""
}

// Equal compares two answers.
func (a Answer) Equal(b Answer) bool {
	return a.Text == b.Text && a.Other == b.Other && slices.Equal(a.Values, b.Values) && slices.EqualFunc(a.Rows, b.Rows, maps.Equal)
}

// Equal compares what was typed in a section.
func (a Answers) Equal(b Answers) bool { return maps.EqualFunc(a, b, Answer.Equal) }

// Has says that the option is chosen.
func (a Answer) Has(value string) bool { return a.Text == value || slices.Contains(a.Values, value) }

// Name is the name of the control for a cell of a table: budget.3.price. The
// page that shows a question and the reader of what it sends agree on it here.
func Name(question string, row int, column string) string {
	return question + "." + strconv.Itoa(row) + "." + column
}

// CountName is the name of the control for a cell of a grid of counts:
// beneficiaries.direct.total.female.
func CountName(question, line, cell string) string { return question + "." + line + "." + cell }

// Read takes the section's answers out of a sent form: all gives every value
// sent under a name. Rows with nothing in them are left out and the others move
// up. It refuses only what no page of ours sends: a choice that was not
// offered, more rows than there may be, a text beyond all bounds. Whether an
// answer is complete, or a number a number, is [Section.Check]'s business.
func (s Section) Read(all func(name string) []string, t Terms) (Answers, error) {
	answers, wrong := Answers{}, problem.Invalid{}
	twice := ""
	for _, q := range s.Questions {
		sent := func(name string) []string {
			values := all(name)
			if len(values) > 1 && (q.Kind != Choices || name != q.Key) {
				twice = name
			}
			return values
		}
		if a := q.read(sent, t, wrong); !a.Empty() {
			answers[q.Key] = a
		}
	}
	if twice != "" {
		return answers, fmt.Errorf("%w: %s", ErrTwice, twice)
	}
	return answers, wrong.OrNil()
}

// ErrTwice refuses a form in which a control that stands once was sent twice:
// which of the two would count, another program might see differently.
var ErrTwice = errors.New("a field was sent twice")

// Keep puts answers that stand back where a page did not ask for them.
func (a Answers) Keep(standing Answers, unasked []string) {
	for _, key := range unasked {
		if kept, ok := standing[key]; ok {
			a[key] = kept
		}
	}
}

func (q Question) read(all func(string) []string, t Terms, wrong problem.Invalid) Answer {
	switch q.Kind {
	case Files:
		return Answer{}
	case Choices:
		return Answer{Values: q.readChoices(all, t, wrong), Other: q.readOther(all, wrong)}
	case Choice, YesNo, Agree:
		return Answer{Text: q.readChoice(all, t, wrong), Other: q.readOther(all, wrong)}
	case Period:
		return Answer{Rows: q.readMonths(all, wrong)}
	case Table, Places, Organisations, Budget, Activities, Logframe:
		return Answer{Rows: q.readRows(all, t, wrong)}
	case Beneficiaries:
		return Answer{Rows: q.readCounts(all, wrong)}
	case Text:
		return Answer{Text: bounded(q.Key, viet.CleanText(first(all(q.Key))), wrong)}
	default:
		return Answer{Text: bounded(q.Key, viet.Clean(first(all(q.Key))), wrong)}
	}
}

func (q Question) readChoices(all func(string) []string, t Terms, wrong problem.Invalid) []string {
	offered := q.Choices(t)
	var chosen []string
	for _, o := range offered { // in the order of the form, each once
		if slices.Contains(all(q.Key), o.Value) {
			chosen = append(chosen, o.Value)
		}
	}
	for _, v := range all(q.Key) {
		if v != "" && !slices.Contains(chosen, v) {
			wrong.Add(q.Key, "form.not_offered", q.Label)
		}
	}
	return chosen
}

func (q Question) readChoice(all func(string) []string, t Terms, wrong problem.Invalid) string {
	v := first(all(q.Key))
	offered := q.Choices(t)
	if q.Kind == YesNo || q.Kind == Agree {
		offered = []Option{{Value: Yes}}
	}
	if q.Kind == YesNo {
		offered = append(offered, Option{Value: no})
	}
	if v != "" && !slices.ContainsFunc(offered, func(o Option) bool { return o.Value == v }) {
		wrong.Add(q.Key, "form.not_offered", q.Label)
		return ""
	}
	return v
}

func (q Question) readRows(all func(string) []string, t Terms, wrong problem.Invalid) []Row {
	var rows []Row
	columns := q.ColumnsIn(t)
	for i, blank := 0, 0; i < 2*q.MaxRows && blank <= maxBlank; i++ {
		row := Row{}
		for _, c := range columns {
			name := Name(q.Key, i, c.Key)
			v := first(all(name))
			if c.Kind == Text {
				v = viet.CleanText(v)
			} else {
				v = viet.Clean(v)
			}
			if v = bounded(name, v, wrong); v == "" {
				continue
			}
			if c.Kind == Choice && !c.takes(v, t) {
				wrong.Add(name, "form.not_offered", c.Label)
				continue
			}
			row[c.Key] = v
			if is := first(all(name + located)); c.Kind == Place && place.Ref(is).Sound() {
				row[c.Key+located] = is
			}
		}
		if len(row) == 0 {
			blank++
			continue
		}
		blank = 0
		if id := first(all(Name(q.Key, i, RowID))); rowID(id) {
			row[RowID] = id
		}
		rows = append(rows, row)
	}
	if len(rows) > q.MaxRows {
		wrong.Add(Name(q.Key, q.MaxRows, q.Columns[0].Key), "form.too_many_rows", q.Label, q.MaxRows)
	}
	return Named(rows)
}

// takes says that a choice can be kept. One that is a row of the form may have
// been deleted meanwhile: it stays, and the check names it.
func (c Column) takes(v string, t Terms) bool {
	return c.refers() && rowID(v) || slices.ContainsFunc(c.Choices(t), func(o Option) bool { return o.Value == v })
}

// maxBlank is how many blank rows in a row end the reading of a table.
const maxBlank = 20

func (q Question) readCounts(all func(string) []string, wrong problem.Invalid) []Row {
	var rows []Row
	for _, reach := range q.Reaches {
		for _, line := range q.Counts {
			key := reach.Value + "." + line.Key
			row := Row{}
			for _, cell := range append([]string{NotCollectedCell}, Sexes...) {
				if v := short(CountName(q.Key, key, cell), all, wrong); v != "" {
					row[cell] = v
				}
			}
			if len(row) > 0 {
				row[LineCell] = key
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// Line finds a line of a grid of counts, empty if nothing was typed in it.
func (a Answer) Line(key string) Row {
	for _, r := range a.Rows {
		if r[LineCell] == key {
			return r
		}
	}
	return Row{}
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// short is one line of a control for a number or a month.
func short(name string, all func(string) []string, wrong problem.Invalid) string {
	v := viet.Clean(first(all(name)))
	if viet.CountChars(v) > longestShort {
		wrong.Add(name, "form.far_too_long", number(longestShort))
	}
	return v
}

// longestShort is far more than a number or two months take to write.
const longestShort = 100

func bounded(name, v string, wrong problem.Invalid) string {
	if viet.CountChars(v) > longest {
		wrong.Add(name, "form.far_too_long", number(longest))
	}
	return v
}

// Canonical writes v the one way its hash is taken over: keys sorted, no white
// space, nothing escaped that JSON does not demand.
func Canonical(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}
