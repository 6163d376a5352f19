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
// every other line of it is counted or said not to be; parts that were all
// counted add up to the total, for each sex; no line is larger than the total.
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
		}
	}
	return sound
}

func (c *checking) parts(q Question, a Answer, reach Option) {
	total := a.Tally(reach.Value + "." + q.Counts[0].Key)
	sums, whole, last := map[string]*Tally{}, map[string]bool{}, map[string]CountLine{}
	for _, line := range q.Counts[1:] {
		t := a.Tally(reach.Value + "." + line.Key)
		for i := range Sexes {
			if t.BySex[i] > total.BySex[i] {
				c.add(CountName(q.Key, reach.Value+"."+line.Key, Sexes[i]), "form.counts.more_than_total", countLabel(reach, line), number(total.BySex[i]))
			}
		}
		if line.Part == Within {
			continue
		}
		if sums[line.Part] == nil {
			sums[line.Part], whole[line.Part] = &Tally{}, true
		}
		whole[line.Part] = whole[line.Part] && t.Collected
		for i := range Sexes {
			sums[line.Part].BySex[i] += t.BySex[i]
		}
		last[line.Part] = line
	}
	for _, line := range q.Counts[1:] {
		if last[line.Part].Key != line.Key || !whole[line.Part] || line.Part == Within {
			continue
		}
		if got := sums[line.Part]; got.BySex != total.BySex {
			c.add(CountName(q.Key, reach.Value+"."+line.Key, Sexes[0]), "form.counts.parts", partName(q, line.Part), reach.Label,
				number(got.Sum()), number(total.Sum()))
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
