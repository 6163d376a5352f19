package form

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"

	"daubang/internal/viet"
)

// StateBudget is the source of a budget line that the programme is asked to
// pay; all others are what the applicant brings.
const StateBudget = "state_budget"

// Sums is a budget worked out from what was typed. Lines whose quantity or
// price is no number count as nothing and are named by the check.
type Sums struct {
	Amounts  []Amount // one for each row
	BySource []Total  // in the order of the form's sources, only those used
	ByYear   []Total  // in the order of the years, only those used
	Total    int64    // đồng
	Asked    int64    // đồng, of the programme: lines of the source StateBudget
	Overhead int64    // đồng, lines that are said to be running costs
	Overflow bool     // the sums are larger than any budget; none of them holds
}

// Brought is what comes from elsewhere than the programme, in đồng.
func (s Sums) Brought() int64 { return s.Total - s.Asked }

// Amount is quantity × price of one line in đồng, half a đồng rounded up.
type Amount struct {
	Dong  int64
	Known bool
}

// Total is a sum under a value of the form: a source, a year.
type Total struct {
	Value string
	Dong  int64
}

// Sums works out a budget: each line, the totals of each source and year, the
// whole, and what is asked of the programme.
func (q Question) Sums(a Answer, t Terms) Sums {
	s := Sums{Amounts: make([]Amount, len(a.Rows))}
	sources, years := map[string]int64{}, map[string]int64{}
	for i, r := range a.Rows {
		amount, known, fits := lineAmount(r["quantity"], r["price"])
		s.Amounts[i] = Amount{Dong: amount, Known: known && fits}
		s.Overflow = s.Overflow || !fits
		if !known || !fits {
			continue
		}
		s.Overflow = s.Overflow || !addTo(&s.Total, amount)
		if s.Overflow {
			continue
		}
		sources[r["source"]] += amount // no larger than the total, which fits
		years[r["year"]] += amount
		if r["source"] == StateBudget {
			s.Asked += amount
		}
		if r[overhead] == Yes {
			s.Overhead += amount
		}
	}
	s.BySource = totals(q.Column("source").Choices(t), sources)
	s.ByYear = totals(q.Column("year").Choices(t), years)
	return s
}

// overhead is the column of a budget that says a line is a running cost.
const overhead = "overhead"

// Percents are the shares of the sources in whole percents that add up to 100:
// what rounding leaves goes to those that lost most by it.
func (s Sums) Percents() []int {
	percents := make([]int, len(s.BySource))
	if s.Total <= 0 || s.Overflow {
		return percents
	}
	type lost struct {
		at  int
		rem uint64
	}
	left, rest := 100, make([]lost, len(percents))
	for i, of := range s.BySource {
		high, low := bits.Mul64(uint64(of.Dong), 100) //nolint:gosec // no sum is below zero
		whole, rem := bits.Div64(high, low, uint64(s.Total))
		percents[i], rest[i] = int(whole), lost{i, rem} //nolint:gosec // at most 100
		left -= percents[i]
	}
	slices.SortStableFunc(rest, func(a, b lost) int { return cmp.Compare(b.rem, a.rem) })
	for i := 0; i < left && i < len(rest) && rest[i].rem > 0; i++ {
		percents[rest[i].at]++
	}
	return percents
}

// above says that part is more than percent of whole, whatever their size.
func above(part, whole int64, percent int) bool {
	ph, pl := bits.Mul64(uint64(part), 100)              //nolint:gosec // sums of amounts are not below zero
	wh, wl := bits.Mul64(uint64(whole), uint64(percent)) //nolint:gosec // nor are percents
	return ph > wh || ph == wh && pl > wl
}

// Ceiling is the most that percent of whole may be, in đồng, rounded down.
func Ceiling(whole int64, percent int) int64 {
	high, low := bits.Mul64(uint64(whole), uint64(percent)) //nolint:gosec // neither is below zero
	if high >= 100 {
		return math.MaxInt64
	}
	n, _ := bits.Div64(high, low, 100)
	return int64(min(n, math.MaxInt64))
}

// Share is what part of the whole a sum is, 0 of nothing.
func (s Sums) Share(dong int64) float64 {
	if s.Total == 0 {
		return 0
	}
	return float64(dong) / float64(s.Total)
}

func totals(order []Option, of map[string]int64) []Total {
	var list []Total
	for _, o := range order {
		if dong, ok := of[o.Value]; ok {
			list = append(list, Total{Value: o.Value, Dong: dong})
		}
	}
	return list
}

// Column finds a column by its key, nothing if there is none.
func (q Question) Column(key string) Column {
	i := slices.IndexFunc(q.Columns, func(c Column) bool { return c.Key == key })
	if i < 0 {
		return Column{}
	}
	return q.Columns[i]
}

// Asked is what a whole form asks of the programme: 0 if it has no budget.
func (d Definition) Asked(c Content, t Terms) int64 {
	for _, s := range d.Sections {
		for _, q := range s.Questions {
			if q.Kind == Budget {
				return q.Sums(c[s.Key][q.Key], t).Asked
			}
		}
	}
	return 0
}

// lineAmount multiplies what was typed. known is false where either is no
// number, fits where the product is larger than a budget can hold.
func lineAmount(quantity, price string) (dong int64, known, fits bool) {
	hundredths, ok := ParseQuantity(quantity)
	p, ok2 := viet.ParseMoney(price)
	if !ok || !ok2 {
		return 0, false, true
	}
	high, low := bits.Mul64(uint64(hundredths), uint64(p)) //nolint:gosec // neither is below zero
	low, carry := bits.Add64(low, 50, 0)
	high += carry
	if high >= 100 {
		return 0, true, false
	}
	n, _ := bits.Div64(high, low, 100)
	if n > math.MaxInt64 {
		return 0, true, false
	}
	return int64(n), true, true
}

// ParseQuantity reads a quantity in hundredths: 3 or 1.200 or 2,5. More than
// two decimals are refused, and so is less than nothing.
func ParseQuantity(s string) (hundredths int64, ok bool) {
	whole, decimals, _ := strings.Cut(viet.Clean(s), ",")
	n, ok := viet.ParseInt(whole)
	if !ok || n < 0 || n > math.MaxInt64/1000 || strings.HasPrefix(whole, "-") || len(decimals) > 2 {
		return 0, false
	}
	if strings.HasSuffix(s, ",") {
		return 0, false
	}
	if decimals == "" {
		return n * 100, true
	}
	part, ok := viet.ParseInt((decimals + "0")[:2])
	if !ok || strings.ContainsAny(decimals, "-. ") {
		return 0, false
	}
	return n*100 + part, true
}

// addTo adds where the sum fits, and says whether it does.
func addTo(sum *int64, n int64) bool {
	if n > math.MaxInt64-*sum {
		return false
	}
	*sum += n
	return true
}

// budget checks the sums against what the call gives and the form allows.
func (c *checking) budget(q Question, a Answer) {
	s := q.Sums(a, c.terms)
	switch {
	case s.Overflow:
		c.add(Name(q.Key, 0, "price"), "form.budget.overflow")
		return
	case s.Asked > c.terms.GrantMax:
		c.add(q.Anchor(), "form.budget.too_large", money(s.Asked), money(c.terms.GrantMax), money(s.Asked-c.terms.GrantMax))
	case s.Asked < c.terms.GrantMin:
		c.add(q.Anchor(), "form.budget.too_small", money(s.Asked), money(c.terms.GrantMin))
	}
	if q.OverheadMax > 0 && above(s.Overhead, s.Total, q.OverheadMax) {
		at := slices.IndexFunc(a.Rows, func(r Row) bool { return r[overhead] == Yes })
		most := Ceiling(s.Total, q.OverheadMax)
		c.add(Name(q.Key, at, overhead), "form.budget.overhead", money(s.Overhead), q.OverheadMax, money(most), money(s.Overhead-most))
	}
	if q.CofundingMin > 0 && s.Total > 0 && above(s.Asked, s.Total, 100-q.CofundingMin) {
		least := s.Total - Ceiling(s.Total, 100-q.CofundingMin)
		c.add(Name(q.Key, 0, "source"), "form.budget.cofunding", money(s.Brought()), q.CofundingMin, money(least), money(least-s.Brought()))
	}
}
