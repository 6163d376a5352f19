package form

import (
	"daubang/internal/organisation"
	"daubang/internal/words"
)

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
