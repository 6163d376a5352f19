package rubric

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daubang/internal/words"
)

func theDefault(tb testing.TB) Definition {
	tb.Helper()
	var d struct{ Definition Definition }
	if err := json.Unmarshal(standard, &d); err != nil {
		tb.Fatal(err)
	}
	return d.Definition
}

// The default rubric is the one of the domain notes, §9.4.
func TestDefault(t *testing.T) {
	t.Parallel()
	d := theDefault(t)
	if err := d.Check(); err != nil {
		t.Fatal(err)
	}
	type line struct{ Weight, Minimum int }
	got := map[string]line{}
	for _, c := range d.Criteria {
		l := line{Weight: c.Weight}
		if c.Minimum != nil {
			l.Minimum = *c.Minimum
		}
		got[c.Key] = l
	}
	want := map[string]line{
		"fit": {15, 0}, "gender_analysis": {15, 8}, "priority": {10, 0}, "logframe": {15, 0},
		"capacity": {10, 5}, "budget": {15, 0}, "safeguarding": {10, 5}, "sustainability": {10, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("criteria (-want +got):\n%s", diff)
	}
	if d.Threshold != 60 || d.Spread != 15 {
		t.Errorf("threshold %d, spread %d; want 60 and 15", d.Threshold, d.Spread)
	}
	for mark, want := range map[int]bool{1: true, 2: true, 3: false, 4: false, 5: true} {
		if d.NeedsComment(mark) != want {
			t.Errorf("mark %d must be explained: %t, want %t", mark, !want, want)
		}
	}
}

func TestTotal(t *testing.T) {
	t.Parallel()
	d := theDefault(t)
	all := func(mark int) map[string]int {
		marks := map[string]int{}
		for _, c := range d.Criteria {
			marks[c.Key] = mark
		}
		return marks
	}
	for mark, want := range map[int]Points{1: 2000, 2: 4000, 3: 6000, 4: 8000, 5: 10000} {
		if got, whole := d.Total(all(mark)); got != want || !whole {
			t.Errorf("all %d: total %d, whole %t; want %d", mark, got, whole, want)
		}
	}
	for name, marks := range map[string]map[string]int{
		"none": {}, "a mark of 6": {"fit": 6}, "a mark of 0": {"fit": 0}, "of another rubric": {"novelty": 5},
	} {
		if got, whole := d.Total(marks); got != 0 || whole {
			t.Errorf("%s: total %d, whole %t; want nothing", name, got, whole)
		}
	}
	some := all(4)
	delete(some, "budget")
	if got, whole := d.Total(some); got != 6800 || whole {
		t.Errorf("without the budget: total %d, whole %t; want 6800, not whole", got, whole)
	}
}

// For any rubric that passes its check: a total is the exact sum of its parts,
// lies between 20 and 100 when it is whole, and grows with every mark.
func TestTotalOfAnyRubric(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyRubric(t)
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		marks, sum := map[string]int{}, 0
		for _, c := range d.Criteria {
			marks[c.Key] = rapid.IntRange(Lowest, Highest).Draw(t, "mark")
			sum += c.Weight * marks[c.Key] // fifths of a point
		}
		total, whole := d.Total(marks)
		if !whole || int(total)*Highest != sum*hundredths {
			t.Fatalf("total %d (whole %t) is not %d fifths", total, whole, sum)
		}
		if total < 20*hundredths || total > Whole*hundredths {
			t.Fatalf("total %d is out of bounds", total)
		}
		if PointsOf(total.Float()) != total {
			t.Fatalf("%d does not survive two decimals", total)
		}
		c := d.Criteria[rapid.IntRange(0, len(d.Criteria)-1).Draw(t, "criterion")]
		if marks[c.Key] < Highest {
			marks[c.Key]++
			if more, _ := d.Total(marks); more <= total {
				t.Fatalf("a better mark made %d of %d", more, total)
			}
		}
	})
}

func anyRubric(t *rapid.T) Definition {
	said := words.Pair{Vi: "có", En: "yes"}
	d, left := Definition{}, Whole
	for i := range rapid.IntRange(1, 12).Draw(t, "criteria") {
		d.Criteria = append(d.Criteria, Criterion{
			Key: strings.Repeat("k", i+1), Title: said, Weight: 1,
			Anchors: [Highest]words.Pair{said, said, said, said, said},
		})
		left--
	}
	for i := range d.Criteria {
		more := rapid.IntRange(0, left).Draw(t, "weight")
		d.Criteria[i].Weight += more
		left -= more
	}
	d.Criteria[0].Weight += left
	return d
}

func TestUnder(t *testing.T) {
	t.Parallel()
	d := theDefault(t)
	points := func(marks map[string]int) map[string]Points {
		p := map[string]Points{}
		for key, mark := range marks {
			c, _ := d.Criterion(key)
			p[key] = c.Points(mark)
		}
		return p
	}
	for _, tt := range []struct {
		marks map[string]int
		want  string
	}{
		{map[string]int{"gender_analysis": 3, "capacity": 3, "safeguarding": 3}, ""}, // 9, 6, 6
		{map[string]int{"gender_analysis": 2}, "gender_analysis"},                    // 6 < 8
		{map[string]int{"capacity": 2, "safeguarding": 1, "fit": 1}, "capacity safeguarding"},
	} {
		var got []string
		for _, c := range d.Unders(points(tt.marks)) {
			got = append(got, c.Key)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%v: under %q, want %q", tt.marks, got, tt.want)
		}
	}
	c, _ := d.Criterion("capacity")
	if c.Under(500) || !c.Under(499) {
		t.Error("the minimum itself is enough, a hundredth less is not")
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*Definition){
		"add up to 101":            func(d *Definition) { d.Criteria[0].Weight++ },
		"stands twice":             func(d *Definition) { d.Criteria[1].Key = d.Criteria[0].Key },
		"lacks its key or a title": func(d *Definition) { d.Criteria[2].Title.En = "" },
		"weighs 0":                 func(d *Definition) { d.Criteria[3].Weight = 0 },
		"never reach its minimum":  func(d *Definition) { m := 16; d.Criteria[0].Minimum = &m },
		"what mark 4 means":        func(d *Definition) { d.Criteria[0].Anchors[3].Vi = "" },
		"is no criterion":          func(d *Definition) { d.TieBreakers = []string{"novelty"} },
		"6 is no mark":             func(d *Definition) { d.CommentMarks = []int{6} },
		"threshold 101":            func(d *Definition) { d.Threshold = 101 },
	} {
		d := theDefault(t)
		spoil(&d)
		if err := d.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check says %v, want %q", err, want)
		}
	}
}

func TestPointsIn(t *testing.T) {
	t.Parallel()
	for p, want := range map[Points]words.Pair{
		7200: {Vi: "72", En: "72"}, 7250: {Vi: "72,5", En: "72.5"}, 6833: {Vi: "68,33", En: "68.33"}, 0: {Vi: "0", En: "0"}, 10000: {Vi: "100", En: "100"},
	} {
		if p.In(words.Vi) != want.Vi || p.In(words.En) != want.En {
			t.Errorf("%d is said %q and %q, want %q and %q", p, p.In(words.Vi), p.In(words.En), want.Vi, want.En)
		}
	}
}
