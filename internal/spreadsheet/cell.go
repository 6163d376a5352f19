package spreadsheet

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"daubang/internal/form"
	"daubang/internal/problem"
	"daubang/internal/viet"
)

// state is what kind of thing stands in a cell.
type state int

const (
	asText    state = iota // as somebody typed it
	asNumber               // as Excel keeps it: 1500000, 1.5e6
	asDate                 // a number that is shown as a day
	uncounted              // a formula whose result is not in the file
	broken                 // #REF!, #N/A …
)

// cell is what stands in one.
type cell struct {
	text  string // of a day dd/mm/yyyy
	state state
}

func (c cell) blank() bool { return c.state != uncounted && strings.TrimSpace(c.text) == "" }

// as reads the cell for a column: what a page would have sent, or why not.
func (c cell) as(col form.Column, t form.Terms) (string, *problem.Words) {
	switch c.state {
	case uncounted:
		return "", say("sheet.formula")
	case broken:
		return "", say("sheet.error_value", c.text)
	case asText, asNumber, asDate:
	}
	switch col.Kind {
	case form.Choice:
		return c.choice(col, t)
	case form.Flag:
		return c.flag()
	case form.Money:
		return c.money()
	case form.Quantity, form.Measure:
		return c.decimal(col.Kind)
	case form.Number:
		return c.whole()
	case count:
		return c.people()
	case form.Text:
		return c.sentence(viet.CleanText(c.text), col)
	default:
		return c.sentence(viet.Clean(c.text), col)
	}
}

func say(key string, args ...any) *problem.Words {
	w := problem.Say(key, args...)
	return &w
}

// sentence is text as it stands; a number is written as people here write it.
func (c cell) sentence(text string, col form.Column) (string, *problem.Words) {
	if r, ok := c.rat(); ok {
		text = decimals(r, 10)
	}
	most := longest
	if col.MaxChars > 0 {
		most = col.MaxChars
	}
	if n := viet.CountChars(text); n > most {
		return "", say("sheet.too_long", most, n)
	}
	return text, nil
}

// longest is the most characters a cell without a limit of its own may hold.
const longest = 5000

// rat is the exact number that Excel keeps, rid of what its binary fractions
// leave behind the twelfth decimal.
func (c cell) rat() (*big.Rat, bool) {
	if c.state != asNumber || !numeral.MatchString(c.text) {
		return nil, false
	}
	r, ok := new(big.Rat).SetString(c.text)
	if !ok {
		return nil, false
	}
	rounded, ok := new(big.Rat).SetString(r.FloatString(9))
	return rounded, ok
}

// numeral is a number as XML spells it, of a size that money and people have:
// the exponent is bounded, or 1e999999999 would be worked out.
var numeral = regexp.MustCompile(`^-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?$`)

// decimals writes r with at most places decimals: 1234,5.
func decimals(r *big.Rat, places int) string {
	s := r.FloatString(places)
	whole, rest, _ := strings.Cut(s, ".")
	if rest = strings.TrimRight(rest, "0"); rest != "" {
		return whole + "," + rest
	}
	if whole == "-0" {
		return "0"
	}
	return whole
}

// choice finds an option by its words in either language, or by its value.
func (c cell) choice(col form.Column, t form.Terms) (string, *problem.Words) {
	typed := viet.Clean(c.text)
	if r, ok := c.rat(); ok {
		typed = decimals(r, 2)
	}
	offered := col.Choices(t)
	for _, same := range []func(o form.Option) bool{
		func(o form.Option) bool { return o.Value == typed || o.Label.Vi == typed || o.Label.En == typed },
		func(o form.Option) bool {
			k := viet.Key(typed)
			return k != "" && (viet.Key(o.Label.Vi) == k || viet.Key(o.Label.En) == k)
		},
	} {
		i := slices.IndexFunc(offered, same)
		if i >= 0 && !slices.ContainsFunc(offered[i+1:], same) {
			return offered[i].Value, nil
		}
	}
	return "", say("sheet.not_in_list", typed)
}

var (
	yes = []string{"co", "x", "yes", "true", "dung", "1", "y"}
	not = []string{"", "khong", "no", "false", "sai", "0", "n"}
)

func (c cell) flag() (string, *problem.Words) {
	k := viet.Key(c.text)
	switch {
	case slices.Contains(yes, k) || strings.ContainsAny(c.text, "✓✔☑"):
		return form.Yes, nil
	case slices.Contains(not, k):
		return "", nil
	}
	return "", say("sheet.not_flag", viet.Clean(c.text))
}

// groups are thousands set apart by commas, as an English Excel pastes them;
// whole amounts have no decimals that they could be.
var groups = regexp.MustCompile(`^\d{1,3}(,\d{3})+$`)

func (c cell) money() (string, *problem.Words) {
	if r, ok := c.rat(); ok {
		if !r.IsInt() || r.Sign() < 0 || !r.Num().IsInt64() {
			return "", say("sheet.not_money", c.text)
		}
		return viet.Number(r.Num().Int64()), nil
	}
	typed := viet.Clean(c.text)
	if groups.MatchString(typed) {
		typed = strings.ReplaceAll(typed, ",", ".")
	}
	if _, ok := viet.ParseMoney(typed); !ok || c.state != asText {
		return "", say("sheet.not_money", c.text)
	}
	return typed, nil
}

// point is a decimal written with a point that can be nothing else: thousands
// come in groups of three.
var point = regexp.MustCompile(`^\d+\.\d{1,2}$`)

func (c cell) decimal(kind form.Kind) (string, *problem.Words) {
	typed := viet.Clean(c.text)
	if r, ok := c.rat(); ok {
		typed = decimals(r, 9)
	} else if point.MatchString(typed) {
		typed = strings.Replace(typed, ".", ",", 1)
	}
	n, ok := form.ParseQuantity(typed)
	if !ok || c.state == asDate || kind == form.Quantity && n == 0 {
		return "", say("sheet.not_quantity", c.text)
	}
	return typed, nil
}

func (c cell) whole() (string, *problem.Words) {
	typed := viet.Clean(c.text)
	if r, ok := c.rat(); ok {
		typed = decimals(r, 9)
	}
	if _, ok := viet.ParseInt(typed); !ok || c.state == asDate {
		return "", say("sheet.not_number", c.text)
	}
	return typed, nil
}

// serial is the day that Excel means by a number: days since 30/12/1899, or
// since 1/1/1904 in a workbook that counts so. The day that never was,
// 29/02/1900, and what is before it are no days.
func serial(n float64, since1904 bool) (time.Time, bool) {
	days := int(n)
	if n != n || n > 2_958_465 || since1904 && days < 0 || !since1904 && days < 61 {
		return time.Time{}, false
	}
	if since1904 {
		return time.Date(1904, 1, 1+days, 0, 0, 0, 0, viet.Zone), true
	}
	return time.Date(1899, 12, 30+days, 0, 0, 0, 0, viet.Zone), true
}
