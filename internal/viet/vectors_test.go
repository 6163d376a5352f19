package viet_test

import (
	_ "embed"
	"encoding/json"
	"slices"
	"testing"

	"daubang/internal/viet"
)

//go:embed testdata/vectors.json
var vectors []byte

// list is one of the lists of the vectors, under test.
type list struct {
	*testing.T
	raw json.RawMessage
}

// checks holds what is done with each list of the vectors, by group and name.
var checks = map[string]func(t list){
	"tax_code/check_digits": checkDigits,
	"tax_code/valid": func(t list) {
		for _, v := range rows[struct{ In, Digits, Note string }](t) {
			digits, ok := viet.TaxCode(v.In)
			same(t, v.In, digits, v.Digits)
			same(t, v.In, ok, true)
		}
	},
	"tax_code/invalid": func(t list) {
		for _, v := range rows[refused](t) {
			if digits, ok := viet.TaxCode(v.In); ok || digits != "" {
				t.Errorf("%q passed as %q: %s", v.In, digits, v.Why)
			}
		}
	},
	"amount_in_words/pairs": func(t list) {
		for _, v := range rows[struct {
			N           int64
			Words, Dong string
		}](t) {
			same(t, v.N, viet.NumberWords(v.N), v.Words)
			same(t, v.N, viet.MoneyWords(v.N), v.Dong)
		}
	},
	"search_key/pairs": func(t list) {
		for _, v := range rows[struct{ In, Key string }](t) {
			same(t, v.In, viet.Key(v.In), v.Key)
		}
	},
	"search_key/same_key": func(t list) {
		for _, v := range rows[[2]string](t) {
			same(t, v, viet.Key(v[0]), viet.Key(v[1]))
		}
	},
	"search_key/different_key": func(t list) {
		for _, v := range rows[[2]string](t) {
			if viet.Key(v[0]) == viet.Key(v[1]) {
				t.Errorf("%q have one key", v)
			}
		}
	},
	"search_key/same_key_but_different_names": func(t list) {
		for _, v := range rows[[2]string](t) {
			same(t, v, viet.Key(v[0]), viet.Key(v[1]))
			if viet.Compare(v[0], v[1]) == 0 {
				t.Errorf("%q are taken for one name", v)
			}
		}
	},
	"sort/lists": checkLists,
	"sort/not_equal_in_collation": func(t list) {
		for _, v := range rows[[2]string](t) {
			if viet.Compare(v[0], v[1]) == 0 {
				t.Errorf("%q are taken for one word", v)
			}
		}
	},
	"sort/people_by_given_name": func(t list) {
		ascending(t, rows[string](t), viet.ByGivenName)
	},
	"phone/valid": func(t list) {
		for _, v := range rows[struct{ In, Kind, E164 string }](t) {
			digits, kind, ok := viet.Phone(v.In)
			same(t, v.In, ok, true)
			same(t, v.In, kind, v.Kind)
			same(t, v.In, viet.E164(digits), v.E164)
		}
	},
	"phone/invalid": func(t list) {
		for _, v := range rows[refused](t) {
			if digits, _, ok := viet.Phone(v.In); ok || digits != "" {
				t.Errorf("%q passed as %q: %s", v.In, digits, v.Why)
			}
		}
	},
	"date/format": func(t list) {
		for _, v := range rows[struct{ ISO, Document, Screen string }](t) {
			day := iso(t, v.ISO)
			same(t, v.ISO, viet.DocumentDate(day), v.Document)
			same(t, v.ISO, viet.Date(day), v.Screen)
			back, ok := viet.ParseDate(v.Document, 0)
			same(t, v.Document, ok && back.Equal(day), true)
		}
	},
	"date/parse": func(t list) {
		for _, v := range rows[struct {
			In, ISO string
			Year    int `json:"year_from_context"`
		}](t) {
			day, ok := viet.ParseDate(v.In, v.Year)
			same(t, v.In, ok, true)
			same(t, v.In, day, iso(t, v.ISO))
		}
	},
	"date/reject": func(t list) {
		for _, v := range rows[refused](t) {
			if day, ok := viet.ParseDate(v.In, 2026); ok {
				t.Errorf("%q passed as %v: %s", v.In, day, v.Why)
			}
		}
	},
	"date/weekday": func(t list) {
		for _, v := range rows[struct{ ISO, Weekday string }](t) {
			same(t, v.ISO, viet.Weekday(iso(t, v.ISO)), v.Weekday)
		}
	},
	"deadline/cases": checkDeadlines,
	"number/integer": func(t list) {
		for _, v := range rows[struct {
			N    int64
			Text string
		}](t) {
			same(t, v.N, viet.Number(v.N), v.Text)
			back, ok := viet.ParseInt(v.Text)
			same(t, v.Text, back, v.N)
			same(t, v.Text, ok, true)
		}
	},
	"number/decimal": func(t list) {
		for _, v := range rows[written](t) {
			same(t, v.N, viet.Decimal(float(t, v.N), v.Decimals), v.Text)
		}
	},
	"number/percent": func(t list) {
		for _, v := range rows[written](t) {
			same(t, v.N, viet.Percent(float(t, v.N), v.Decimals), v.Text)
		}
	},
	"number/money": func(t list) {
		for _, v := range rows[struct {
			Dong int64
			Text string
		}](t) {
			same(t, v.Dong, viet.DocumentMoney(v.Dong), v.Text)
			back, ok := viet.ParseMoney(v.Text)
			same(t, v.Text, back, v.Dong)
			same(t, v.Text, ok, true)
		}
	},
	"number/parse": func(t list) {
		for _, v := range rows[struct{ In, N string }](t) {
			f, ok := viet.ParseDecimal(v.In)
			same(t, v.In, ok, true)
			same(t, v.In, f, float(t, v.N))
		}
	},
	"number/reject": func(t list) {
		for _, v := range rows[refused](t) {
			_, decimal := viet.ParseDecimal(v.In)
			_, whole := viet.ParseInt(v.In)
			_, money := viet.ParseMoney(v.In)
			if decimal || whole || money {
				t.Errorf("%q passed: %s", v.In, v.Why)
			}
		}
	},
	"normal_form/pairs":            checkNormalForms,
	"normal_form/no_decomposition": checkNoDecomposition,
	"personal_number/cases":        checkPersonalNumbers,
	"document_number/format": func(t list) {
		for _, v := range rows[struct {
			Number                   int
			Type, Issuer, Unit, Text string
		}](t) {
			same(t, v.Text, viet.DocumentNumber(v.Number, v.Type, v.Issuer, v.Unit), v.Text)
		}
	},
	"document_number/place_and_date": func(t list) {
		for _, v := range rows[struct{ Place, ISO, Text string }](t) {
			same(t, v.Text, viet.PlaceAndDate(v.Place, iso(t, v.ISO)), v.Text)
		}
	},
	"document_number/same_when_compared": func(t list) {
		for _, v := range rows[[2]string](t) {
			same(t, v, viet.SameDocumentNumber(v[0], v[1]), true)
		}
	},
	"document_number/different": func(t list) {
		for _, v := range rows[[2]string](t) {
			same(t, v, viet.SameDocumentNumber(v[0], v[1]), false)
		}
	},
	"document_number/point_letters": func(t list) {
		letters := rows[string](t)
		if !slices.Equal(viet.PointLetters[:len(letters)], letters) {
			t.Errorf("got %q, want them to begin with %q", viet.PointLetters, letters)
		}
	},
	"legacy_text/cases": checkLegacy,
}

// TestVectors holds the package to every list of the vectors. A list that has
// no check fails, and so does a check that has no list.
func TestVectors(t *testing.T) {
	t.Parallel()
	var groups map[string]json.RawMessage
	if err := json.Unmarshal(vectors, &groups); err != nil {
		t.Fatal(err)
	}
	delete(groups, "about")
	done := map[string]bool{}
	for group, raw := range groups {
		var lists map[string]json.RawMessage
		if err := json.Unmarshal(raw, &lists); err != nil {
			t.Fatal(err)
		}
		delete(lists, "rule")
		for key, raw := range lists {
			name := group + "/" + key
			check, ok := checks[name]
			if !ok {
				t.Errorf("nothing checks %s", name)
				continue
			}
			done[name] = true
			t.Run(name, func(t *testing.T) { t.Parallel(); check(list{t, raw}) })
		}
	}
	for name := range checks {
		if !done[name] {
			t.Errorf("%s is checked but the vectors do not have it", name)
		}
	}
}

// refused is a row that must not be read, and why.
type refused struct{ In, Why string }

// written is a number and how it is written.
type written struct {
	N        string
	Decimals int
	Text     string
}
