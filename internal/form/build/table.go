package build

import (
	"slices"
	"strconv"
	"strings"

	"daubang/internal/form"
	"daubang/internal/words"
)

// worked are the kinds of the columns that a kind of table works with.
var worked = map[form.Kind]map[string]form.Kind{
	form.Places:     {"name": form.Place},
	form.Budget:     {"quantity": form.Quantity, "price": form.Money, "source": form.Choice, "year": form.Choice},
	form.Activities: {"from": form.Choice, "to": form.Choice},
	form.Logframe:   {"level": form.Choice},
}

// offers are the options without which a table could never be filled in: what is
// asked of the programme, and the levels that every log-frame has.
var offers = map[form.Kind]map[string][]string{
	form.Budget:   {"source": {form.StateBudget}},
	form.Logframe: {"level": {"outcome", "output"}},
}

// works refuses columns that a kind of table could not work with.
func (c *checking) works(at string, q form.Question) {
	for i, col := range q.Columns {
		in := at + ".columns[" + strconv.Itoa(i) + "]"
		if needs, ok := worked[q.Kind][col.Key]; ok && col.Kind != needs {
			c.flaws.add(in+".kind", "build.flaw.column_kind", both("build.kind."+string(needs)))
		}
		for _, value := range offers[q.Kind][col.Key] {
			if col.From != "" || !slices.ContainsFunc(col.Options, func(o form.Option) bool { return o.Value == value }) {
				c.flaws.add(in+".options", "build.flaw.offers", value)
			}
		}
		if col.Each != "" && (q.Kind != form.Logframe || !slices.Contains(Eaches, col.Each)) {
			c.flaws.add(in+".each", "build.flaw.each", col.Each)
		}
		for _, l := range col.Levels {
			if q.Kind != form.Logframe || !slices.ContainsFunc(q.Column("level").Options, func(o form.Option) bool { return o.Value == l }) {
				c.flaws.add(in+".levels", "build.flaw.levels", l)
			}
		}
	}
}

// Eaches are the lists of the call's for whose entries a column of a log-frame
// can be asked.
var Eaches = []string{form.HalfYears, form.Years, form.Quarters}

// Tables are the questions of a form whose rows a column of another can choose
// from.
func Tables(d form.Definition) []form.Question {
	var all []form.Question
	for _, s := range d.Sections {
		for _, q := range s.Questions {
			if q.IsTable() {
				all = append(all, q)
			}
		}
	}
	return all
}

// between names what does not hold between the tables of a form: rows of a table
// that is not there, and a second budget, which would count for nothing.
func (c *checking) between(d form.Definition) {
	tables, budget := Tables(d), ""
	for i, s := range d.Sections {
		for j, q := range s.Questions {
			at := "sections[" + strconv.Itoa(i) + "].questions[" + strconv.Itoa(j) + "]"
			if q.Kind == form.Budget && budget != "" {
				c.flaws.add(at+".kind", "build.flaw.one_budget", budget)
			} else if q.Kind == form.Budget {
				budget = q.Key
			}
			for k, col := range q.Columns {
				key, rows := strings.CutPrefix(col.From, form.RowsOf)
				if rows && !slices.ContainsFunc(tables, func(t form.Question) bool { return t.Key == key && t.Key != q.Key }) {
					c.flaws.add(at+".columns["+strconv.Itoa(k)+"].from", "build.flaw.rows", key)
				}
			}
		}
	}
}

func both(key string) words.Pair {
	return words.Pair{Vi: words.T(words.Vi, key), En: words.T(words.En, key)}
}
