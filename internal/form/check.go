package form

import (
	"slices"

	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Gap is one thing still missing or wrong: in which section, at which control,
// and the words that say the remedy.
type Gap struct {
	Section string
	Field   string
	Words   problem.Words
}

// Gaps are in the order in which the form asks.
type Gaps []Gap

// Invalid is the gaps by control, for the page of one section.
func (g Gaps) Invalid() problem.Invalid {
	wrong := problem.Invalid{}
	for _, gap := range g {
		wrong.Add(gap.Field, gap.Words.Key, gap.Words.Args...)
	}
	return wrong
}

// In is the gaps of one section.
func (g Gaps) In(section string) Gaps {
	var in Gaps
	for _, gap := range g {
		if gap.Section == section {
			in = append(in, gap)
		}
	}
	return in
}

// Attached counts the files attached: question key → purpose → how many.
type Attached map[string]map[string]int

// Check lists what is missing or wrong in a whole form that is to be sent. What
// is not asked (see [Definition.For]) is neither.
func (d Definition) Check(c Content, files Attached, t Terms) Gaps {
	t = d.Bound(t, c)
	var gaps Gaps
	for _, s := range d.For(c).Sections {
		gaps = append(gaps, s.Check(c[s.Key], files, t)...)
	}
	return gaps
}

// Check lists what is missing or wrong in one section, taking every question of
// it as asked.
func (s Section) Check(a Answers, files Attached, t Terms) Gaps {
	c := &checking{section: s.Key, terms: t}
	for _, q := range s.Questions {
		c.question(q, a[q.Key], files[q.Key])
	}
	return c.gaps
}

// checking collects gaps, one for each control.
type checking struct {
	section string
	terms   Terms
	gaps    Gaps
}

func (c *checking) add(field, key string, args ...any) {
	if !slices.ContainsFunc(c.gaps, func(g Gap) bool { return g.Field == field }) {
		c.gaps = append(c.gaps, Gap{Section: c.section, Field: field, Words: problem.Say(key, args...)})
	}
}

// missing names the remedy for a question that has no answer.
var missing = map[Kind]string{
	Line: "form.missing.line", Text: "form.missing.text", Number: "form.missing.number", Money: "form.missing.money",
	Date: "form.missing.date", Choice: "form.missing.choice", Choices: "form.missing.choices", YesNo: "form.missing.yesno",
	Agree: "form.missing.agree", Table: "form.missing.rows", Budget: "form.missing.budget", Activities: "form.missing.activities",
	Period: "form.missing.period", Places: "form.missing.places", Organisations: "form.missing.rows", Place: "form.missing.line", TaxCode: "form.missing.line",
	Beneficiaries: "form.missing.beneficiaries", Quantity: "form.missing.number", Measure: "form.missing.number", Logframe: "form.missing.rows",
}

func (c *checking) question(q Question, a Answer, files map[string]int) {
	if q.Kind == Files {
		c.files(q, files)
		return
	}
	if a.Empty() {
		if q.Required && q.Offers(c.terms) {
			c.add(q.Anchor(), missing[q.Kind], q.Label)
		}
		return
	}
	switch q.Kind {
	case Line, Text:
		c.length(q.Key, q.Label, a.Text, q.MaxWords, q.MaxChars)
	case Number:
		if q.Decimals > 0 {
			c.decimal(q, a.Text)
			return
		}
		c.number(q.Key, q.Label, a.Text, q.Min, q.largest(c.terms))
	case Period:
		c.period(q, a)
	case Money:
		if _, ok := viet.ParseMoney(a.Text); !ok {
			c.add(q.Key, "form.not_money", q.Label)
		}
	case Date:
		if _, ok := viet.ParseDate(a.Text, 0); !ok {
			c.add(q.Key, "form.not_date", q.Label)
		}
	case Choice, Choices:
		c.chosen(q, a)
	case Table, Places, Organisations:
		c.table(q, a)
	case Budget:
		c.table(q, a)
		c.budget(q, a)
	case Activities:
		c.table(q, a)
		c.activities(q, a)
	case Logframe:
		c.table(q, a)
		c.logframe(q, a)
	case Beneficiaries:
		c.beneficiaries(q, a)
	case YesNo, Agree, Files, Quantity, Measure, Flag, Place, TaxCode, Risks:
	}
}

// Anchor is the name of the first control of the question: where a link to it
// leads.
func (q Question) Anchor() string {
	switch q.Kind {
	case Period:
		return MonthName(q.Key, FromCell)
	case Table, Places, Organisations, Budget, Activities, Logframe:
		return Name(q.Key, 0, q.Columns[0].Key)
	case Beneficiaries:
		return CountName(q.Key, q.Reaches[0].Value+"."+q.Counts[0].Key, Sexes[0])
	default:
		return q.Key
	}
}

// FileName is where a page has the file of a question for files: of several such
// questions every control is called "file", in a form of its own.
func FileName(question string) string { return question + ".file" }

func (c *checking) files(q Question, files map[string]int) {
	n := 0
	for _, count := range files {
		n += count
	}
	if q.Required && n == 0 {
		c.add(q.Key, "form.missing.files", q.Label)
		return
	}
	for _, p := range q.Purposes {
		if p.Required && files[p.Value] == 0 {
			c.add(q.Key, "form.missing.purpose", p.Label)
		}
	}
	if q.MaxRows > 0 && n > q.MaxRows {
		c.add(q.Key, "form.too_many_files", q.Label, q.MaxRows)
	}
}

func (c *checking) length(field string, label words.Pair, text string, maxWords, maxChars int) {
	if n := viet.CountWords(text); maxWords > 0 && n > maxWords {
		c.add(field, "form.too_many_words", label, n-maxWords)
	}
	if n := viet.CountChars(text); maxChars > 0 && n > maxChars {
		c.add(field, "form.too_many_chars", label, n-maxChars)
	}
}

func (c *checking) number(field string, label words.Pair, text string, least, most int64) {
	n, ok := viet.ParseInt(text)
	switch {
	case !ok:
		c.add(field, "form.not_number", label)
	case n < least:
		c.add(field, "form.too_small", label, number(least))
	case most > 0 && n > most:
		c.add(field, "form.too_large", label, number(most))
	}
}

func (c *checking) offered(field string, label words.Pair, value string, from []Option) {
	if !slices.ContainsFunc(from, func(o Option) bool { return o.Value == value }) {
		c.add(field, "form.not_offered", label)
	}
}

// table checks each cell of each row.
func (c *checking) table(q Question, a Answer) {
	if len(a.Rows) < q.MinRows {
		c.add(Name(q.Key, len(a.Rows), q.Columns[0].Key), "form.too_few_rows", q.Label, q.MinRows)
	}
	if len(a.Rows) > q.MaxRows {
		c.add(q.Anchor(), "form.too_many_rows", q.Label, q.MaxRows)
	}
	columns := q.ColumnsIn(c.terms)
	for i, r := range a.Rows {
		row := words.Pair{Vi: " – " + words.T(words.Vi, "form.row", i+1), En: " – " + words.T(words.En, "form.row", i+1)}
		for _, col := range columns {
			c.cell(Name(q.Key, i, col.Key), words.Pair{Vi: col.Label.Vi + row.Vi, En: col.Label.En + row.En}, col, r)
		}
	}
}

func (c *checking) cell(field string, label words.Pair, col Column, r Row) {
	v := r[col.Key]
	if v == "" {
		if col.demanded(r) {
			c.add(field, missing[col.Kind], label)
		}
		return
	}
	switch col.Kind {
	case Line, Text:
		c.length(field, label, v, 0, col.MaxChars)
	case Number:
		c.number(field, label, v, col.Min, col.Max)
	case Quantity:
		if n, ok := ParseQuantity(v); !ok || n == 0 {
			c.add(field, "form.not_quantity", label)
		}
	case Measure:
		if _, ok := ParseQuantity(v); !ok {
			c.add(field, "form.not_measure", label)
		}
	case Money:
		if _, ok := viet.ParseMoney(v); !ok {
			c.add(field, "form.not_money", label)
		}
	case TaxCode:
		if _, ok := viet.TaxCode(v); !ok {
			c.add(field, "form.not_tax_code", label)
		}
	case Place:
		if r[col.Key+located] == "" {
			c.add(field, "form.not_located", v)
		}
	case Choice:
		if col.refers() && !slices.ContainsFunc(col.Choices(c.terms), func(o Option) bool { return o.Value == v }) {
			c.add(field, "form.row_gone", label)
			return
		}
		c.offered(field, label, v, col.Choices(c.terms))
	default: // a flag is set or it is not
	}
}

// activities checks that nothing ends before it begins. Quarters are options in
// the order of time.
func (c *checking) activities(q Question, a Answer) {
	order := q.Column("from").Choices(c.terms)
	at := func(v string) int { return slices.IndexFunc(order, func(o Option) bool { return o.Value == v }) }
	for i, r := range a.Rows {
		if from, to := at(r["from"]), at(r["to"]); from >= 0 && to >= 0 && to < from {
			c.add(Name(q.Key, i, "to"), "form.ends_before", r["name"])
		}
	}
}

// money and number are written in the language in which the words are said.
func money(n int64) words.Pair { return words.Pair{Vi: viet.Money(n), En: viet.MoneyEn(n)} }

func number(n int64) words.Pair { return words.Pair{Vi: viet.Number(n), En: viet.NumberEn(n)} }
