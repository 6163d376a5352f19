package form

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daubang/internal/viet"
	"daubang/internal/words"
)

// drawnLine is any line of a budget, most of them sensible.
func drawnLine(t *rapid.T) Row {
	whole := rapid.OneOf(rapid.Int64Range(0, 5000), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "whole")
	quantity := strconv.FormatInt(whole, 10)
	if rapid.Bool().Draw(t, "grouped") {
		quantity = viet.Number(whole)
	}
	quantity += rapid.SampledFrom([]string{"", "", ",5", ",05", ",25", ",", ",123", ".5", " x"}).Draw(t, "decimals")
	price := viet.Number(rapid.OneOf(rapid.Int64Range(0, 50_000_000), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "price"))
	r := Row{
		"text": "x", "quantity": quantity, "price": price, "source": rapid.SampledFrom([]string{StateBudget, "aid", "own_kind", "other"}).Draw(t, "source"),
		"year": rapid.SampledFrom([]string{"2027", "2028"}).Draw(t, "year"),
	}
	if rapid.Bool().Draw(t, "overhead") {
		r[overhead] = Yes
	}
	return r
}

// exactly works out a line's amount without any limit, nil where it is none.
func exactly(r Row) *big.Int {
	hundredths, ok := ParseQuantity(r["quantity"])
	price, ok2 := viet.ParseMoney(r["price"])
	if !ok || !ok2 {
		return nil
	}
	n := new(big.Int).Mul(big.NewInt(hundredths), big.NewInt(price))
	return n.Add(n, big.NewInt(50)).Div(n, big.NewInt(100))
}

func TestBudgetSumsAreExact(t *testing.T) {
	t.Parallel()
	_, q, _ := defaultForm(t).Question("budget")
	rapid.Check(t, func(t *rapid.T) {
		a := Answer{Rows: rapid.SliceOfN(rapid.Custom(drawnLine), 0, 30).Draw(t, "lines")}
		got := q.Sums(a, terms())
		total, asked, running := new(big.Int), new(big.Int), new(big.Int)
		bySource := map[string]*big.Int{}
		for _, r := range a.Rows {
			n := exactly(r)
			if n == nil {
				continue
			}
			total.Add(total, n)
			if bySource[r["source"]] == nil {
				bySource[r["source"]] = new(big.Int)
			}
			bySource[r["source"]].Add(bySource[r["source"]], n)
			if r["source"] == StateBudget {
				asked.Add(asked, n)
			}
			if r[overhead] == Yes {
				running.Add(running, n)
			}
		}
		if got.Overflow != !total.IsInt64() {
			t.Fatalf("the sum is %s, overflow is %v", total, got.Overflow)
		}
		if got.Overflow {
			return
		}
		if got.Total != total.Int64() || got.Asked != asked.Int64() || got.Overhead != running.Int64() {
			t.Fatalf("got %+v, want %s, %s, %s", got, total, asked, running)
		}
		for _, of := range got.BySource {
			if of.Dong != bySource[of.Value].Int64() {
				t.Fatalf("%s: %d, want %s", of.Value, of.Dong, bySource[of.Value])
			}
		}
	})
}

func TestSharesAddUp(t *testing.T) {
	t.Parallel()
	_, q, _ := defaultForm(t).Question("budget")
	rapid.Check(t, func(t *rapid.T) {
		s := q.Sums(Answer{Rows: rapid.SliceOfN(rapid.Custom(drawnLine), 0, 12).Draw(t, "lines")}, terms())
		percents, sum := s.Percents(), 0
		for i, p := range percents {
			sum += p
			if exact := 100 * s.Share(s.BySource[i].Dong); !s.Overflow && s.Total > 0 && math.Abs(float64(p)-exact) >= 1.000001 {
				t.Fatalf("%d%% is said of %f%%", p, exact)
			}
		}
		if want := 100; !s.Overflow && s.Total > 0 && sum != want {
			t.Fatalf("%v add up to %d", percents, sum)
		}
	})
}

func TestOrderChangesNoTotal(t *testing.T) {
	t.Parallel()
	_, q, _ := defaultForm(t).Question("budget")
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(drawnLine), 0, 12).Draw(t, "lines")
		moved := rapid.Permutation(rows).Draw(t, "moved")
		a, b := q.Sums(Answer{Rows: rows}, terms()), q.Sums(Answer{Rows: moved}, terms())
		if a.Overflow && b.Overflow {
			return // none of the sums holds
		}
		a.Amounts, b.Amounts = nil, nil
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Rows that were named keep their names however they are moved and changed;
// names are unique, and the same rows get the same ones again.
func TestNamesOfRowsStay(t *testing.T) {
	t.Parallel()
	s, _ := defaultForm(t).Section("budget")
	rapid.Check(t, func(t *rapid.T) {
		rows := Named(rapid.SliceOfN(rapid.Custom(drawnLine), 1, 10).Draw(t, "lines"))
		if diff := cmp.Diff(rows, Named(rows)); diff != "" {
			t.Fatal(diff)
		}
		var ids, again []string
		for _, r := range rows {
			ids = append(ids, r[RowID])
		}
		if unique := slices.Compact(slices.Sorted(slices.Values(ids))); len(unique) != len(rows) {
			t.Fatalf("names stand twice: %v", ids)
		}
		moved := rapid.Permutation(rows).Draw(t, "moved")
		values := map[string][]string{}
		for i, r := range moved {
			for key, v := range r {
				values[Name("budget", i, key)] = []string{v + map[bool]string{true: " changed"}[key == "text"]}
			}
		}
		a, err := s.Read(func(name string) []string { return values[name] }, terms())
		if err != nil {
			t.Fatal(err)
		}
		ids = nil
		for i, r := range a["budget"].Rows {
			ids, again = append(ids, moved[i][RowID]), append(again, r[RowID])
		}
		if diff := cmp.Diff(ids, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestNamesThatStandTwice(t *testing.T) {
	t.Parallel()
	rows := Named([]Row{{"id": "a1", "text": "x"}, {"id": "a1", "text": "y"}, {"text": "z"}, {"text": "z"}, {"id": "No!", "text": "q"}})
	if rows[0][RowID] != "a1" || rows[1][RowID] == "a1" || rows[2][RowID] == rows[3][RowID] || !rowID(rows[4][RowID]) {
		t.Error(rows)
	}
}

func TestOverheadAndCofunding(t *testing.T) {
	t.Parallel()
	_, q, _ := defaultForm(t).Question("budget")
	q.OverheadMax, q.CofundingMin = 10, 20
	s := Section{Key: "budget", Questions: []Question{q}}
	line := func(price, source, running string) Row {
		return Row{"text": "x", "unit": "gói", "quantity": "1", "price": price, "source": source, "year": "2027", overhead: running}
	}
	for name, c := range map[string]struct {
		rows        []Row
		field, want string
	}{
		"within":             {[]Row{line("70.000.000", StateBudget, ""), line("10.000.000", StateBudget, Yes), line("20.000.000", "aid", "")}, "", ""},
		"running costs":      {[]Row{line("70.000.000", StateBudget, ""), line("10.000.001", StateBudget, Yes), line("20.000.000", "aid", "")}, "budget.1.overhead", "form.budget.overhead"},
		"too little brought": {[]Row{line("80.000.004", StateBudget, ""), line("20.000.000", "aid", "")}, "budget.0.source", "form.budget.cofunding"},
		"of huge sums":       {[]Row{line("9.000.000.000.000.000.000", "aid", ""), line("100.000.000", StateBudget, Yes)}, "", ""},
	} {
		wrong := s.Check(Answers{"budget": {Rows: c.rows}}, nil, terms()).Invalid()
		if c.want == "" && len(wrong) > 0 || wrong[c.field].Key != c.want {
			t.Errorf("%s: %v", name, wrong)
		}
	}
	wrong := s.Check(Answers{"budget": {Rows: []Row{line("80.000.004", StateBudget, ""), line("20.000.000", "aid", "")}}}, nil, terms()).Invalid()
	if said := words.Say(words.Vi, wrong["budget.0.source"]); said != "Thêm phần đóng góp từ nguồn khác: đang là 20.000.000\u00a0₫, cần ít nhất 20% tổng ngân sách, tức là 20.000.001\u00a0₫; thiếu 1\u00a0₫" {
		t.Error(said)
	}
}

// A budget line points to an activity by the row's name: it finds it when the
// activity was renamed or moved, and says so when it is gone.
func TestBudgetLineOfAnActivity(t *testing.T) {
	t.Parallel()
	d := defaultForm(t)
	line := Row{"text": "x", "unit": "gói", "quantity": "1", "price": "60.000.000", "source": StateBudget, "year": "2027", "activity": "act1"}
	activity := func(id, name string) Row {
		return Row{RowID: id, "name": name, "responsible": "Hội", "from": "2027-1", "to": "2027-2"}
	}
	check := func(activities ...Row) string {
		c := Content{"activities": {"activities": {Rows: activities}}, "budget": {"budget": {Rows: []Row{line}}}}
		return d.Check(c, nil, terms()).In("budget").Invalid()["budget.0.activity"].Key
	}
	if got := check(activity("act2", "Họp"), activity("act1", "Tập huấn nâng cao")); got != "" {
		t.Error(got)
	}
	if got := check(activity("act2", "Họp")); got != "form.row_gone" {
		t.Errorf("got %q", got)
	}
	s, _ := d.Section("budget")
	a, err := s.Read(sent("budget.0.text", "x", "budget.0.activity", "act1"), terms())
	if err != nil || a["budget"].Rows[0]["activity"] != "act1" {
		t.Errorf("a choice that is gone was lost: %v %v", a, err)
	}
	if _, err := s.Read(sent("budget.0.activity", "<script>"), terms()); err == nil {
		t.Error("what cannot be the name of a row was taken")
	}
}

func TestRemarks(t *testing.T) {
	t.Parallel()
	d := defaultForm(t)
	with := terms()
	with.Lists[Quarters] = append(with.Lists[Quarters], Option{Value: "2027-4"}, Option{Value: "2028-1"})
	s, _ := d.Section("activities")
	for in, want := range map[[3]string]string{
		{"2027-1", "2027-3", Yes}: "form.action_month", {"2027-3", "2028-1", Yes}: "", {"2027-4", "2027-4", Yes}: "", {"2027-1", "2027-3", ""}: "", {"2028-1", "2027-4", Yes}: "",
	} {
		a := Answers{"activities": {Rows: []Row{{"name": "Diễn đàn", "from": in[0], "to": in[1], "action_month": in[2]}}}}
		said, _ := s.Remarks(a, with).RemarkAt("activities.0.action_month")
		if said.Key != want {
			t.Errorf("%v: %q", in, said.Key)
		}
	}
	s, _ = d.Section("budget")
	with.Lists["rows:activities"] = []Option{{Value: "a"}, {Value: "b"}}
	if said, _ := s.Remarks(Answers{"budget": {Rows: []Row{{"activity": "a"}, {}}}}, with).RemarkAt("budget.0.activity"); said.Key != "form.budget.unfunded" {
		t.Error(said)
	}
	if got := s.Remarks(Answers{"budget": {Rows: []Row{{"text": "x"}}}}, with); len(got) > 0 {
		t.Errorf("a budget that names no activities: %v", got)
	}
}

func TestLogframe(t *testing.T) {
	t.Parallel()
	s, q, _ := defaultForm(t).Question("results")
	s.Questions = []Question{q}
	with := terms()
	with.Lists[HalfYears] = []Option{{Value: "2027-h1"}, {Value: "2027-h2"}}
	row := func(level string, more ...string) Row {
		r := Row{"level": level, "text": "x"}
		if level == "outcome" || level == "output" {
			r["indicator"], r["unit"], r["baseline"], r["baseline_year"], r["target"], r["verification"] = "tỷ lệ", "%", "0", "2026", "12,5", "sổ"
		}
		for i := 0; i < len(more); i += 2 {
			r[more[i]] = more[i+1]
		}
		return r
	}
	for name, c := range map[string]struct {
		rows        []Row
		field, want string
	}{
		"whole":                     {[]Row{row("goal"), row("outcome"), row("output"), row("activity"), row("output"), row("outcome"), row("output")}, "", ""},
		"without a goal":            {[]Row{row("outcome"), row("output")}, "", ""},
		"an output under no result": {[]Row{row("goal"), row("output"), row("outcome")}, "results.1.level", "form.logframe.level"},
		"no output":                 {[]Row{row("outcome"), row("outcome")}, "results.2.level", "form.logframe.needs"},
		"an outcome unmeasured":     {[]Row{row("outcome", "indicator", ""), row("output")}, "results.0.indicator", "form.missing.line"},
		"baseline not a number":     {[]Row{row("outcome", "baseline", "ít"), row("output")}, "results.0.baseline", "form.not_measure"},
		"baseline unknown":          {[]Row{row("outcome", "baseline", "", "baseline_year", "", "baseline_unknown", Yes), row("output")}, "", ""},
		"unknown and a number":      {[]Row{row("outcome", "baseline_unknown", Yes), row("output")}, "results.0.baseline", "form.logframe.baseline"},
		"half-year not a number":    {[]Row{row("outcome", "by.2027-h2", "nhiều"), row("output")}, "results.0.by.2027-h2", "form.not_measure"},
	} {
		wrong := s.Check(Answers{"results": {Rows: c.rows}}, nil, with).Invalid()
		if c.want == "" && len(wrong) > 0 || wrong[c.field].Key != c.want {
			t.Errorf("%s: %v", name, wrong)
		}
	}
	a := Answer{Rows: []Row{row("goal"), row("outcome"), row("output"), row("activity"), row("output"), row(""), row("outcome"), row("output")}}
	if diff := cmp.Diff([]string{"", "1", "1.1", "1.1.1", "1.2", "", "2", "2.1"}, q.Numbers(a)); diff != "" {
		t.Error(diff)
	}
	read, err := s.Read(sent("results.0.level", "outcome", "results.0.by.2027-h1", "10", "results.0.by.2035-h1", "99"), with)
	if err != nil || read["results"].Rows[0]["by.2027-h1"] != "10" || read["results"].Rows[0].Typed() != 2 {
		t.Error(read, err)
	}
}

func TestCountsOfOneSex(t *testing.T) {
	t.Parallel()
	s, q, _ := defaultForm(t).Question("beneficiaries")
	s.Questions = []Question{q}
	rows := []Row{{LineCell: "direct.total", "female": "100"}, {LineCell: "indirect.total", NotCollectedCell: Yes}, {LineCell: "indirect.kinh", "female": "5", "male": "0"}}
	for _, line := range q.Counts[1:] {
		rows = append(rows, Row{LineCell: "direct." + line.Key, NotCollectedCell: Yes})
	}
	wrong := s.Check(Answers{"beneficiaries": {Rows: rows}}, nil, terms()).Invalid()
	if wrong["beneficiaries.direct.total.male"].Key != "form.counts.sex" || len(wrong) != 1 {
		t.Errorf("men that nobody counted passed for none, or an uncollected total for zero: %v", wrong)
	}
}

func TestPartsAddUpToTheTotal(t *testing.T) {
	t.Parallel()
	s, q, _ := defaultForm(t).Question("beneficiaries")
	s.Questions = []Question{q}
	rapid.Check(t, func(t *rapid.T) {
		ages := []string{"age_0_15", "age_16_30", "age_31_59", "age_60"}
		total, rows := map[string]int64{}, []Row(nil)
		for _, key := range ages {
			row := Row{LineCell: "direct." + key}
			for _, sex := range Sexes {
				n := rapid.Int64Range(0, 100_000_000).Draw(t, key+sex)
				total[sex] += n
				row[sex] = viet.Number(n)
			}
			rows = append(rows, row)
		}
		total["male"]++ // somebody must benefit
		rows[0]["male"] = viet.Number(1 + tally0(rows[0]["male"]))
		off := rapid.SampledFrom([]int64{0, 0, 1, 17}).Draw(t, "off")
		rows = append(rows, Row{LineCell: "direct.total", "female": viet.Number(total["female"] + off), "male": viet.Number(total["male"]), "other": viet.Number(total["other"])})
		for _, line := range q.Counts[1:] {
			if !slices.Contains(ages, line.Key) {
				rows = append(rows, Row{LineCell: "direct." + line.Key, NotCollectedCell: Yes})
			}
		}
		gaps := s.Check(Answers{"beneficiaries": {Rows: rows}}, nil, terms())
		if (len(gaps) > 0) != (off > 0) {
			t.Fatalf("off by %d: %v", off, gaps)
		}
	})
}

func tally0(s string) int64 {
	n, _ := viet.ParseInt(s)
	return n
}
