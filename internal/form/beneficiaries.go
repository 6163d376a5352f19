package form

import (
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Within is the Part of lines that are some of the total, not a share of it.
const Within = "within"

// largestCount is more people than live anywhere.
const largestCount = 1_000_000_000

// Tally is one line of a grid of counts as numbers. Collected is false where
// nobody counted: that is not zero.
type Tally struct {
	BySex     [3]int64 // in the order of Sexes
	Collected bool
}

// PartSum is what the lines of a part add up to, beside the total they should.
type PartSum struct {
	Sum, Total Tally
	Whole      bool // every line of the part and the total are counted: they can be compared
}

// Fits says that the part adds up to the total, for each sex.
func (s PartSum) Fits() bool { return s.Sum.BySex == s.Total.BySex }

// PartSum adds up the lines of a part of a reach: PartSum(q, "direct", "age").
func (a Answer) PartSum(q Question, reach, part string) PartSum {
	s := PartSum{Total: a.Tally(reach + "." + q.Counts[0].Key)}
	s.Whole = s.Total.Collected
	for _, line := range q.Counts {
		if line.Part != part {
			continue
		}
		t := a.Tally(reach + "." + line.Key)
		s.Whole = s.Whole && t.Collected
		for i := range Sexes {
			s.Sum.BySex[i] += t.BySex[i]
		}
	}
	return s
}

// Sum is all sexes together.
func (t Tally) Sum() int64 { return t.BySex[0] + t.BySex[1] + t.BySex[2] }

// tally reads a line; ok is false where a cell is no count.
func tally(r Row) (t Tally, ok bool) {
	if r[NotCollectedCell] == Yes {
		return Tally{}, true
	}
	ok = true
	for i, sex := range Sexes {
		if r[sex] == "" {
			continue
		}
		n, whole := viet.ParseInt(r[sex])
		if !whole || n < 0 || n > largestCount {
			ok = false
			continue
		}
		t.BySex[i], t.Collected = n, true
	}
	return t, ok
}

// Tally is a line as numbers: Tally(a, "direct.total").
func (a Answer) Tally(key string) Tally {
	t, _ := tally(a.Line(key))
	return t
}

// beneficiaries checks a grid of counts: the total of the first reach is there;
// every other line of it is counted or said not to be; a line that is counted
// says how many women and how many men; parts that were all counted add up to
// the total, for each sex; no line is larger than the total.
func (c *checking) beneficiaries(q Question, a Answer) {
	for i, reach := range q.Reaches {
		if c.counts(q, a, reach, i == 0) {
			c.parts(q, a, reach)
		}
	}
}

// counts checks that each line is counted or not; it says whether the numbers
// can be compared.
func (c *checking) counts(q Question, a Answer, reach Option, required bool) bool {
	sound := true
	for i, line := range q.Counts {
		key := reach.Value + "." + line.Key
		field := CountName(q.Key, key, Sexes[0])
		label := countLabel(reach, line)
		row := a.Line(key)
		t, ok := tally(row)
		switch {
		case !ok:
			c.add(field, "form.counts.not_number", label)
			sound = false
		case row[NotCollectedCell] == Yes && (row["female"] != "" || row["male"] != "" || row["other"] != ""):
			c.add(field, "form.counts.both", label)
			sound = false
		case i == 0 && required && t.Sum() == 0:
			c.add(field, "form.counts.total", label)
			sound = false
		case i > 0 && required && !t.Collected && row[NotCollectedCell] != Yes:
			c.add(field, "form.counts.missing", label)
		case t.Collected: // an empty cell beside a number is not zero: women or men that nobody counted
			for _, sex := range Sexes[:2] {
				if row[sex] == "" {
					c.add(CountName(q.Key, key, sex), "form.counts.sex", label)
				}
			}
		}
	}
	return sound
}

// parts compares with the total, which may not be collected: then there is
// nothing to compare with.
func (c *checking) parts(q Question, a Answer, reach Option) {
	total := a.Tally(reach.Value + "." + q.Counts[0].Key)
	if !total.Collected {
		return
	}
	for i, line := range q.Counts[1:] {
		t := a.Tally(reach.Value + "." + line.Key)
		for sex := range Sexes {
			if t.BySex[sex] > total.BySex[sex] {
				c.add(CountName(q.Key, reach.Value+"."+line.Key, Sexes[sex]), "form.counts.more_than_total", countLabel(reach, line), number(total.BySex[sex]))
			}
		}
		last := i+2 == len(q.Counts) || q.Counts[i+2].Part != line.Part
		if !last || line.Part == Within {
			continue
		}
		if s := a.PartSum(q, reach.Value, line.Part); s.Whole && !s.Fits() {
			c.add(CountName(q.Key, reach.Value+"."+line.Key, Sexes[0]), "form.counts.parts", partName(q, line.Part), reach.Label,
				number(s.Sum.Sum()), number(total.Sum()))
		}
	}
}

func countLabel(reach Option, line CountLine) words.Pair {
	return words.Pair{Vi: reach.Label.Vi + ", " + line.Label.Vi, En: reach.Label.En + ", " + line.Label.En}
}

// partName is the heading of a part: it stands at its first line.
func partName(q Question, part string) words.Pair {
	for _, line := range q.Counts {
		if line.Part == part && line.PartName.Vi != "" {
			return line.PartName
		}
	}
	return words.Pair{Vi: part, En: part}
}
