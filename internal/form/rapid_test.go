package form

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"daubang/internal/viet"
)

// made up: forms whose conditions are sound, and answers of every kind to them.

var (
	keys     = []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	picked   = []string{"x", "y", "z"}
	anyKinds = []Kind{Line, Text, Number, Money, Date, Period, Choice, Choices, YesNo, Agree, Table, Organisations, Files}
)

func drawQuestion(t *rapid.T, key string, before []Question) Question {
	q := Question{Key: key, Kind: rapid.SampledFrom(anyKinds).Draw(t, "kind"), Label: pair("Câu " + key), Required: rapid.Bool().Draw(t, "required")}
	switch q.Kind {
	case Choice, Choices:
		for _, v := range picked {
			q.Options = append(q.Options, Option{Value: v, Label: pair(v), Other: v == "z"})
		}
	case Table:
		q.Columns, q.MaxRows = []Column{{Key: "name", Kind: Line, Label: pair("Tên"), Required: true}, {Key: "sum", Kind: Money, Label: pair("Tiền")}}, 4
	case Organisations:
		q.Columns, q.MaxRows = StandardColumns(Organisations), 4
	case Files:
		q.Purposes = []Purpose{{Value: "p", Label: pair("Tệp"), Required: true}}
	default:
	}
	if len(before) > 0 && rapid.Bool().Draw(t, "conditional") {
		w := drawWhen(t, before, 1)
		q.When = &w
	}
	return q
}

// drawWhen draws a condition on questions before it; one that is not sound is
// never drawn.
func drawWhen(t *rapid.T, before []Question, depth int) When {
	if depth < deepest {
		some := func() []When { return []When{drawWhen(t, before, depth+1), drawWhen(t, before, depth+1)} }
		switch rapid.IntRange(0, 5).Draw(t, "of") {
		case 0:
			return When{All: some()}
		case 1:
			return When{Any: some()}
		case 2:
			one := drawWhen(t, before, depth+1)
			return When{Not: &one}
		}
	}
	q := rapid.SampledFrom(before).Draw(t, "on")
	if values := q.picks(); values != nil && rapid.Bool().Draw(t, "compared") {
		return When{Question: q.Key, Is: OneOf, Values: []string{rapid.SampledFrom(values).Draw(t, "value").Value}}
	}
	return When{Question: q.Key, Is: Answered}
}

func drawForm(t *rapid.T) Definition {
	d := Definition{Key: "made-up", Groups: []Group{{Key: "g"}}}
	var before []Question
	for i, key := range keys[:rapid.IntRange(1, len(keys)).Draw(t, "questions")] {
		if i%3 == 0 {
			s := Section{Key: "s" + strconv.Itoa(i), Group: "g"}
			if len(before) > 0 && rapid.Bool().Draw(t, "section conditional") {
				w := drawWhen(t, before, 1)
				s.When = &w
			}
			d.Sections = append(d.Sections, s)
		}
		q := drawQuestion(t, key, before)
		s := &d.Sections[len(d.Sections)-1]
		s.Questions = append(s.Questions, q)
		if q.Kind != Files {
			before = append(before, q)
		}
	}
	return d
}

func drawAnswer(t *rapid.T, q Question) Answer {
	text := func(name string) string { return viet.Clean(rapid.String().Draw(t, name)) }
	switch q.Kind {
	case Choice:
		return Answer{Text: rapid.SampledFrom(append(picked, "")).Draw(t, "choice"), Other: text("other")}
	case Choices:
		return Answer{Values: slices.Compact(slices.Sorted(slices.Values(rapid.SliceOfN(rapid.SampledFrom(picked), 0, 3).Draw(t, "choices")))), Other: text("other")}
	case YesNo:
		return Answer{Text: rapid.SampledFrom([]string{Yes, no, ""}).Draw(t, "yes or no")}
	case Agree:
		return Answer{Text: rapid.SampledFrom([]string{Yes, ""}).Draw(t, "agreed")}
	case Period:
		row := Row{}
		for _, cell := range []string{FromCell, ToCell} {
			if v := rapid.SampledFrom([]string{"", "06/2027", "12/2027", "mai"}).Draw(t, cell); v != "" {
				row[cell] = v
			}
		}
		if len(row) == 0 {
			return Answer{}
		}
		return Answer{Rows: []Row{row}}
	case Table, Organisations:
		var rows []Row
		for range rapid.IntRange(0, 3).Draw(t, "rows") {
			if name := text("name"); name != "" {
				rows = append(rows, Row{"name": name})
			}
		}
		if rows == nil {
			return Answer{}
		}
		return Answer{Rows: Named(rows)}
	case Files:
		return Answer{}
	case Text:
		return Answer{Text: viet.CleanText(rapid.String().Draw(t, "text"))}
	default:
		return Answer{Text: text("line")}
	}
}

func drawContent(t *rapid.T, d Definition) Content {
	c := Content{}
	for _, s := range d.Sections {
		c[s.Key] = Answers{}
		for _, q := range s.Questions {
			if a := drawAnswer(t, q); !a.Empty() {
				c[s.Key][q.Key] = a
			}
		}
	}
	return c
}

// asks lists the questions of a form.
func asks(d Definition) []string {
	var all []string
	for _, s := range d.Sections {
		for _, q := range s.Questions {
			all = append(all, q.Key)
		}
	}
	return all
}

func TestHiddenNeverYieldsAGap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawForm(t)
		if err := d.Sound(); err != nil {
			t.Fatal(err)
		}
		c := drawContent(t, d)
		asked := d.For(c)
		for _, g := range d.Check(c, nil, terms()) {
			if key, _, _ := strings.Cut(g.Field, "."); !asked.Asks(key) {
				t.Fatalf("%s is hidden and has a gap", g.Field)
			}
		}
		if again := asks(asked.For(c)); !slices.Equal(again, asks(asked)) {
			t.Fatalf("asked of the form as it is asked: %v, not %v", again, asks(asked))
		}
		sent := asked.Answered(c)
		if of := asks(d.For(sent)); !slices.Equal(of, asks(asked)) {
			t.Fatalf("what is sent asks %v, what is kept %v", of, asks(asked))
		}
		if !slices.Equal(asks(d.Sent(sent)), asks(asked)) {
			t.Fatal("a reader of what was sent is not shown what was asked")
		}
		// What is typed in hidden questions changes nothing.
		for _, s := range d.Sections {
			for _, q := range s.Questions {
				if !asked.Asks(q.Key) {
					c[s.Key][q.Key] = drawAnswer(t, q)
				}
			}
		}
		if of := asks(d.For(c)); !slices.Equal(of, asks(asked)) {
			t.Fatalf("an answer that is hidden shows %v instead of %v", of, asks(asked))
		}
	})
}

// The order of the parts of a condition does not matter, nor does saying it the
// other way round; a page that was told a condition decides as the form does.
func TestConditionsByAnyOtherWay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawForm(t)
		c := drawContent(t, d)
		asked := d.For(c)
		var turned func(w When) When
		turned = func(w When) When {
			all := func(list []When) []When {
				var out []When
				for _, one := range slices.Backward(list) {
					out = append(out, turned(one))
				}
				return out
			}
			w.All, w.Any = all(w.All), all(w.Any)
			if w.Not != nil {
				one := turned(*w.Not)
				w.Not = &one
			}
			return When{Not: &When{Not: &w}}
		}
		answer := func(key string) Answer {
			s, _, ok := asked.Question(key)
			if !ok {
				return Answer{}
			}
			return c[s.Key][key]
		}
		for _, s := range d.Sections {
			onPage := func(key string) bool { _, ok := s.Question(key); return ok }
			for _, q := range s.Questions {
				if q.When == nil {
					continue
				}
				holds := q.When.Holds(answer)
				if turned(*q.When).Holds(answer) != holds || q.When.within(onPage, answer).Holds(answer) != holds {
					t.Fatalf("%s: %+v holds %v, and turned round it does not", q.Key, q.When, holds)
				}
			}
		}
	})
}

// Whatever stands in a form or an answer, nothing panics.
func TestNothingPanics(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawForm(t)
		for i := range d.Sections {
			for j := range d.Sections[i].Questions {
				q := &d.Sections[i].Questions[j]
				q.Kind = rapid.SampledFrom(append([]Kind{"", "riddle"}, anyKinds...)).Draw(t, "other kind")
				if q.IsTable() && len(q.Columns) == 0 {
					q.Columns, q.MaxRows = []Column{{Key: "name", Kind: rapid.SampledFrom(append([]Kind{Place, TaxCode, Quantity}, anyKinds...)).Draw(t, "cell")}}, 1
				}
				q.When = &When{Question: rapid.SampledFrom(append([]string{"", "?"}, keys...)).Draw(t, "on"), Is: Operator(rapid.SampledFrom([]string{"", "equals", "answered"}).Draw(t, "is"))}
			}
		}
		_ = d.Sound()
		c := drawContent(t, d)
		for _, s := range d.Sections {
			for _, q := range s.Questions {
				c[s.Key][q.Key] = Answer{Text: rapid.String().Draw(t, "text"), Values: rapid.SliceOf(rapid.String()).Draw(t, "values"), Rows: []Row{{"name": rapid.String().Draw(t, "cell")}}}
			}
			_ = d.Conditions(s.Key, c, terms())
		}
		_ = d.Check(c, nil, terms())
		_ = d.Sent(c).Answered(c)
	})
}

// What a page sends is read back as it stood.
func TestReadGivesBackWhatStood(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawForm(t)
		c := drawContent(t, d)
		for _, s := range d.Sections {
			sent := sentOf(s, c[s.Key])
			got, err := s.Read(func(name string) []string { return sent[name] }, terms())
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(c[s.Key]) {
				t.Fatalf("stood %v, read %v", c[s.Key], got)
			}
		}
	})
}

// sentOf is what a browser sends for a section that shows these answers.
func sentOf(s Section, a Answers) map[string][]string {
	sent := map[string][]string{}
	for _, q := range s.Questions {
		one := a[q.Key]
		sent[q.Key] = append(slices.Clone(one.Values), one.Text)
		sent[OtherName(q.Key)] = []string{one.Other}
		for i, r := range one.Rows {
			for cell, v := range r {
				name := Name(q.Key, i, cell)
				if q.Kind == Period {
					name = MonthName(q.Key, cell)
				}
				sent[name] = []string{strings.ReplaceAll(v, "\n", "\r\n")}
			}
		}
	}
	maps.DeleteFunc(sent, func(_ string, values []string) bool { return len(values) == 1 && values[0] == "" })
	return sent
}

func FuzzQuantity(f *testing.F) {
	for _, s := range []string{"2,5", "1.200", "3", "0,01", "2,555", "2.5", "-1", "1e309", "９", ",5", "5,", "9007199254740993", "2, 5", "2,-5", "\u202e2"} {
		f.Add(s, "1.500.000")
	}
	f.Fuzz(func(t *testing.T, quantity, price string) {
		n, ok := ParseQuantity(quantity)
		if ok {
			written := viet.Number(n/100) + "," + strconv.FormatInt(n%100+100, 10)[1:]
			if again, ok := ParseQuantity(written); !ok || again != n {
				t.Errorf("%q is %d hundredths, written %q", quantity, n, written)
			}
		}
		if dong, known, fits := lineAmount(quantity, price); known && fits && dong < 0 {
			t.Errorf("%q times %q is %d", quantity, price, dong)
		}
	})
}
