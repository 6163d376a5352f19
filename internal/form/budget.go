package form

import (
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
	Overflow bool     // the sums are larger than any budget; none of them holds
}

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
	}
	s.BySource = totals(q.column("source").Choices(t), sources)
	s.ByYear = totals(q.column("year").Choices(t), years)
	return s
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

func (q Question) column(key string) Column {
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
	hundredths, ok := parseQuantity(quantity)
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

// parseQuantity reads a quantity in hundredths: 3 or 1.200 or 2,5. More than
// two decimals are refused, and so is less than nothing.
func parseQuantity(s string) (hundredths int64, ok bool) {
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
