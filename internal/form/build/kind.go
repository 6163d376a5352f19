package build

import (
	"reflect"
	"slices"

	"daubang/internal/form"
)

// properties lists what each kind of question has besides what all have.
var properties = map[form.Kind][]string{
	form.Line:          {"max_words", "max_chars"},
	form.Text:          {"max_words", "max_chars"},
	form.Number:        {"min", "max", "from", "decimals", "unit"},
	form.Money:         {},
	form.Date:          {},
	form.Period:        {},
	form.Choice:        {"from", "options"},
	form.Choices:       {"from", "options"},
	form.YesNo:         {},
	form.Agree:         {},
	form.Files:         {"purposes", "max_rows"},
	form.Places:        {"columns", "min_rows", "max_rows"},
	form.Organisations: {"columns", "min_rows", "max_rows"},
	form.Table:         {"columns", "min_rows", "max_rows"},
	form.Budget:        {"columns", "min_rows", "max_rows", "overhead_max", "cofunding_min"},
	form.Activities:    {"columns", "min_rows", "max_rows"},
	form.Logframe:      {"columns", "min_rows", "max_rows"},
	form.Beneficiaries: {"reaches", "counts"},
}

// specific are the properties that not every kind has.
var specific = func() []string {
	var all []string
	for _, some := range properties {
		for _, name := range some {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all
}()

// Kinds lists what a question can be, in the order it is offered: every kind
// there is, and [form.Risks], which is a table once it has begun.
var Kinds = []form.Kind{
	form.Line, form.Text, form.Number, form.Money, form.Date, form.Period, form.Choice, form.Choices, form.YesNo, form.Agree, form.Files, form.Places,
	form.Organisations, form.Table, form.Budget, form.Activities, form.Beneficiaries, form.Logframe, form.Risks,
}

// Cells lists the kinds of column.
var Cells = []form.Kind{form.Line, form.Text, form.Number, form.Quantity, form.Measure, form.Money, form.Choice, form.Flag, form.Place, form.TaxCode}

// Has says that a kind of question has the property, by its name in JSON.
func Has(kind form.Kind, property string) bool { return slices.Contains(properties[kind], property) }

// Tidy takes away what a question's kind does not have, such as the options of
// what is now a date, or of a column that is now a line.
func Tidy(q form.Question) form.Question {
	v := reflect.ValueOf(&q).Elem()
	for i := range v.NumField() {
		if name := tag(v.Type().Field(i)); slices.Contains(specific, name) && !Has(q.Kind, name) {
			v.Field(i).SetZero()
		}
	}
	q.Columns = slices.Clone(q.Columns)
	for i := range q.Columns {
		if q.Columns[i].Kind != form.Choice {
			q.Columns[i].From, q.Columns[i].Options = "", nil
		}
	}
	return q
}
