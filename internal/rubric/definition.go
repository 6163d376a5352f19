package rubric

import (
	"fmt"
	"slices"

	"daubang/internal/words"
)

// Marks are given from Lowest to Highest on every criterion.
const (
	Lowest  = 1
	Highest = 5
)

// Whole is what the weights of a rubric add up to, and so the best total.
const Whole = 100

// Definition is the content of a rubric.
type Definition struct {
	Title        words.Pair  `json:"title"`
	Criteria     []Criterion `json:"criteria"`
	Threshold    int         `json:"threshold"`     // the mean of totals from which a proposal may be supported
	Spread       int         `json:"spread"`        // totals further apart than this call for another reviewer
	CommentMarks []int       `json:"comment_marks"` // a mark of these must be explained
	TieBreakers  []string    `json:"tie_breakers"`  // criteria that part equal means, in this order
}

// Criterion is one thing proposals are judged by.
type Criterion struct {
	Key     string              `json:"key"`
	Title   words.Pair          `json:"title"`
	Hint    words.Pair          `json:"hint"`
	Weight  int                 `json:"weight"`            // points a mark of 5 is worth
	Minimum *int                `json:"minimum,omitempty"` // points below which the proposal is flagged; nil: none
	Anchors [Highest]words.Pair `json:"anchors"`           // what marks 1 to 5 mean
}

// Anchor says what a mark means on this criterion.
func (c Criterion) Anchor(mark int) words.Pair { return c.Anchors[mark-Lowest] }

// Points is what a mark is worth: weight × mark ÷ 5.
func (c Criterion) Points(mark int) Points {
	return Points(c.Weight * mark * hundredths / Highest)
}

// Under reports whether points on this criterion are below its minimum.
func (c Criterion) Under(p Points) bool {
	return c.Minimum != nil && p < Points(*c.Minimum*hundredths)
}

// Criterion finds one by its key.
func (d Definition) Criterion(key string) (Criterion, bool) {
	i := slices.IndexFunc(d.Criteria, func(c Criterion) bool { return c.Key == key })
	if i < 0 {
		return Criterion{}, false
	}
	return d.Criteria[i], true
}

// NeedsComment reports whether a mark must be explained.
func (d Definition) NeedsComment(mark int) bool { return slices.Contains(d.CommentMarks, mark) }

// Total adds up marks by criterion. It is whole only when every criterion has
// one; until then it is what the marks so far are worth.
func (d Definition) Total(marks map[string]int) (total Points, whole bool) {
	whole = true
	for _, c := range d.Criteria {
		mark, given := marks[c.Key]
		if !given || mark < Lowest || mark > Highest {
			whole = false
			continue
		}
		total += c.Points(mark)
	}
	return total, whole
}

// Unders lists the criteria whose points, by key, are below their minimum; a
// criterion without points is not listed.
func (d Definition) Unders(points map[string]Points) []Criterion {
	var under []Criterion
	for _, c := range d.Criteria {
		if p, ok := points[c.Key]; ok && c.Under(p) {
			under = append(under, c)
		}
	}
	return under
}

// Check refuses a rubric that could not be marked fairly: weights that do not
// add up to 100, texts that are missing, rules about what is not there.
func (d Definition) Check() error {
	sum, seen := 0, map[string]bool{}
	for _, c := range d.Criteria {
		if err := c.check(); err != nil {
			return err
		}
		if seen[c.Key] {
			return fmt.Errorf("criterion %q stands twice", c.Key)
		}
		seen[c.Key] = true
		sum += c.Weight
	}
	if sum != Whole {
		return fmt.Errorf("the weights add up to %d, not %d", sum, Whole)
	}
	for _, key := range d.TieBreakers {
		if !seen[key] {
			return fmt.Errorf("tie breaker %q is no criterion", key)
		}
	}
	for _, mark := range d.CommentMarks {
		if mark < Lowest || mark > Highest {
			return fmt.Errorf("%d is no mark", mark)
		}
	}
	if d.Threshold < 0 || d.Threshold > Whole || d.Spread < 0 || d.Spread > Whole {
		return fmt.Errorf("threshold %d or spread %d is not between 0 and %d", d.Threshold, d.Spread, Whole)
	}
	return nil
}

func (c Criterion) check() error {
	switch {
	case c.Key == "" || c.Title.Vi == "" || c.Title.En == "":
		return fmt.Errorf("criterion %q lacks its key or a title", c.Key)
	case c.Weight < 1 || c.Weight > Whole:
		return fmt.Errorf("criterion %q weighs %d", c.Key, c.Weight)
	case c.Minimum != nil && (*c.Minimum < 0 || *c.Minimum > c.Weight):
		return fmt.Errorf("criterion %q can never reach its minimum of %d", c.Key, *c.Minimum)
	}
	for i, a := range c.Anchors {
		if a.Vi == "" || a.En == "" {
			return fmt.Errorf("criterion %q does not say what mark %d means", c.Key, i+Lowest)
		}
	}
	return nil
}
