package rubric

import (
	"math"

	"daubang/internal/viet"
	"daubang/internal/words"
)

// Points are counted in hundredths, so that sums are exact.
type Points int

const hundredths = 100

// PointsOf is the nearest hundredth to what the database or a mean says.
func PointsOf(f float64) Points { return Points(math.Round(f * hundredths)) }

// Float is the points as a number, for columns that keep two decimals.
func (p Points) Float() float64 { return float64(p) / hundredths }

// In writes the points as language l does, without decimals that say nothing:
// 72, 72,5, 68,33.
func (p Points) In(l words.Lang) string {
	places := 2
	switch {
	case p%hundredths == 0:
		places = 0
	case p%10 == 0:
		places = 1
	}
	if l == words.En {
		return viet.DecimalEn(p.Float(), places)
	}
	return viet.Decimal(p.Float(), places)
}
