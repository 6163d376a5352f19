package form

import (
	"slices"

	"daubang/internal/organisation"
	"daubang/internal/words"
)

// Risks is what a question may begin as besides the kinds there are: a table
// with the columns in which programmes ask for risks.
const Risks = "risks"

// standards are the questions of the form the portal brings along that others of
// their kind begin like.
var standards = map[Kind]string{Budget: "budget", Activities: "activities", Logframe: "results", Beneficiaries: "beneficiaries", Files: "documents", Risks: "risks"}

// Standard is a question of a kind as it may begin: with the columns, lines and
// limits that programmes have used before, and without a key. A column whose
// choices are the rows of another table is left for whoever knows the form.
func Standard(k Kind) (Question, error) {
	q := Question{Kind: k}
	switch k {
	case Line:
		q.MaxChars = 200
	case Text:
		q.MaxWords = 300
	case Table:
		q.MaxRows = 20
	case Places, Organisations:
		q.MaxRows, q.Columns = 10, StandardColumns(k)
	default:
		d, err := Default()
		if err != nil {
			return q, err
		}
		if _, like, ok := d.Question(standards[k]); ok {
			q = like
			q.Key, q.When = "", nil
			q.Columns = slices.DeleteFunc(q.Columns, Column.refers)
		}
	}
	return q, nil
}

// StandardColumns are the columns of a new question of a kind that always asks
// the same: places and organisations. Of the other kinds there are none.
func StandardColumns(k Kind) []Column {
	switch k {
	case Places:
		return []Column{{Key: "name", Kind: Place, Label: both("form.column.place"), Hint: both("form.column.place_hint"), Required: true, Wide: true}}
	case Organisations:
		return []Column{
			{Key: "name", Kind: Line, Label: both("form.column.organisation"), Required: true, MaxChars: 200, Wide: true},
			{Key: "kind", Kind: Choice, Label: both("form.column.organisation_kind"), Required: true, Options: organisationKinds()},
			{Key: "tax_code", Kind: TaxCode, Label: both("form.column.tax_code"), Hint: both("form.column.tax_code_hint")},
			{Key: "role", Kind: Line, Label: both("form.column.organisation_role"), Required: true, MaxChars: 250, Wide: true},
		}
	default:
		return nil
	}
}

func organisationKinds() []Option {
	var all []Option
	for _, k := range organisation.Kinds {
		key := "organisation.kind." + string(k)
		all = append(all, Option{Value: string(k), Label: words.Pair{Vi: words.T(words.Vi, key), En: words.T(words.En, key)}})
	}
	return all
}
