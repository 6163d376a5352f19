package form

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/viet"
	"daubang/internal/words"
)

func defaultForm(t *testing.T) Definition {
	t.Helper()
	d, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func terms() Terms {
	opt := func(values ...string) (o []Option) {
		for _, v := range values {
			o = append(o, Option{Value: v, Label: words.Pair{Vi: v}})
		}
		return o
	}
	return Terms{GrantMin: 50_000_000, GrantMax: 500_000_000, MonthsMax: 12, Lists: map[string][]Option{
		TaskGroups: opt("comms", "capacity"), Targets: opt("1.1", "2.1"), Years: opt("2027", "2028"), Quarters: opt("2027-1", "2027-2", "2027-3"),
	}}
}

// sent is a form as a browser sends it.
func sent(pairs ...string) func(string) []string {
	values := map[string][]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = append(values[pairs[i]], pairs[i+1])
	}
	return func(name string) []string { return values[name] }
}

func TestDefaultForm(t *testing.T) {
	t.Parallel()
	d := defaultForm(t)
	if len(d.Sections) != 12 {
		t.Errorf("the form of the domain has twelve parts, this one %d", len(d.Sections))
	}
	var identity []string
	for _, s := range d.Sections {
		if s.Identity {
			identity = append(identity, s.Key)
		}
	}
	if diff := cmp.Diff([]string{"applicant", "commitments"}, identity); diff != "" {
		t.Errorf("sections that name the applicant: %s", diff)
	}
}

// Every text of the form stands in both languages, NFC, and says none of the
// words that we do not use.
func TestDefaultFormSpeaksBothLanguages(t *testing.T) {
	t.Parallel()
	var form map[string]any
	if err := json.Unmarshal(defaultJSON, &form); err != nil {
		t.Fatal(err)
	}
	pairs := 0
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			vi, isPair := v["vi"].(string)
			if !isPair {
				for k, child := range v {
					walk(path+"."+k, child)
				}
				return
			}
			pairs++
			en, _ := v["en"].(string)
			if vi == "" || en == "" {
				t.Errorf("%s: one of the languages is empty", path)
			}
			if viet.CleanText(vi) != vi || viet.CleanText(en) != en {
				t.Errorf("%s: not clean: %q %q", path, vi, en)
			}
			for _, avoid := range []string{"nạn nhân", "không hợp lệ", "quý vị", "victim"} {
				if strings.Contains(strings.ToLower(vi+en), avoid) {
					t.Errorf("%s says %q", path, avoid)
				}
			}
		case []any:
			for _, child := range v {
				walk(path, child)
			}
		}
	}
	walk("form", form)
	if pairs < 150 {
		t.Errorf("found only %d texts", pairs)
	}
}

func TestReadKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	d := defaultForm(t)
	s, _ := d.Section("identification")
	a, err := s.Read(sent("title", "  Chị em \u202e vùng cao ", "months", "mười hai", "start", "mai",
		"summary", "dòng 1\r\n\r\n• dòng 2  ", "task_groups", "capacity", "task_groups", "comms", "task_groups", "comms"), terms())
	if err != nil {
		t.Fatal(err)
	}
	want := Answers{
		"title": {Text: "Chị em vùng cao"}, "months": {Text: "mười hai"}, "start": {Text: "mai"},
		"summary": {Text: "dòng 1\n\n• dòng 2"}, "task_groups": {Values: []string{"comms", "capacity"}},
	}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	wrong := s.Check(a, nil, terms()).Invalid()
	for field, key := range map[string]string{"months": "form.not_number", "start": "form.not_date", "places": "form.missing.text"} {
		if wrong[field].Key != key {
			t.Errorf("%s: %q, want %q", field, wrong[field].Key, key)
		}
	}
}

func TestReadRefusesWhatWasNotOffered(t *testing.T) {
	t.Parallel()
	d := defaultForm(t)
	s, _ := d.Section("identification")
	if _, err := s.Read(sent("task_groups", "secret"), terms()); err == nil {
		t.Error("an option of another call was taken")
	}
	s, _ = d.Section("budget")
	if _, err := s.Read(sent("budget.0.source", "mine"), terms()); err == nil {
		t.Error("a source that does not exist was taken")
	}
	s, _ = d.Section("problem")
	if _, err := s.Read(sent("gender_analysis", strings.Repeat("ă", longest+1)), terms()); err == nil {
		t.Error("a text beyond all bounds was taken")
	}
}

func TestReadRowsMoveUp(t *testing.T) {
	t.Parallel()
	d := defaultForm(t)
	s, _ := d.Section("budget")
	a, err := s.Read(sent("budget.1.text", "Tập huấn", "budget.1.price", "hai triệu", "budget.4.id", "blank", "budget.7.text", "In tài liệu", "budget.7.id", "r7"), terms())
	if err != nil {
		t.Fatal(err)
	}
	want := Answers{"budget": {Rows: []Row{{"id": a["budget"].Rows[0][RowID], "text": "Tập huấn", "price": "hai triệu"}, {"id": "r7", "text": "In tài liệu"}}}}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
}

func TestBudgetSums(t *testing.T) {
	t.Parallel()
	d := defaultForm(t)
	_, q, _ := d.Question("budget")
	line := func(quantity, price, source, year string) Row {
		return Row{"text": "x", "unit": "buổi", "quantity": quantity, "price": price, "source": source, "year": year}
	}
	sums := q.Sums(Answer{Rows: []Row{
		line("2,5", "1.500.000", StateBudget, "2027"),
		line("10", "200000 đ", StateBudget, "2028"),
		line("1", "333", "own_kind", "2027"),
		line("0,5", "333", "own_kind", "2027"), // 166,5 is rounded up
		line("hai", "1000", "aid", "2027"),     // no number: counts as nothing
		line("1.5", "1000", "aid", "2027"),     // could mean two things: refused
	}}, terms())
	want := Sums{
		Amounts:  []Amount{{3_750_000, true}, {2_000_000, true}, {333, true}, {167, true}, {}, {}},
		BySource: []Total{{StateBudget, 5_750_000}, {"own_kind", 500}},
		ByYear:   []Total{{"2027", 3_750_500}, {"2028", 2_000_000}},
		Total:    5_750_500, Asked: 5_750_000,
	}
	if diff := cmp.Diff(want, sums); diff != "" {
		t.Error(diff)
	}
}

func TestBudgetPastInt64(t *testing.T) {
	t.Parallel()
	d := defaultForm(t)
	s, _ := d.Section("budget")
	for name, rows := range map[string][]Row{
		"one line":  {{"quantity": "9000000000000000", "price": "9.000.000.000.000.000", "source": StateBudget}},
		"two lines": {{"quantity": "1", "price": "9.000.000.000.000.000.000", "source": StateBudget}, {"quantity": "1", "price": "9.000.000.000.000.000.000", "source": StateBudget}},
		"no number": {{"quantity": "1", "price": "99.999.999.999.999.999.999", "source": StateBudget}},
	} {
		gaps := s.Check(Answers{"budget": {Rows: rows}}, nil, terms())
		wrong := gaps.Invalid()
		if wrong["budget.0.price"].Key != "form.budget.overflow" && wrong["budget.0.price"].Key != "form.not_money" {
			t.Errorf("%s: %v", name, wrong)
		}
	}
}

func TestBudgetWithinTheCall(t *testing.T) {
	t.Parallel()
	d := defaultForm(t)
	s, _ := d.Section("budget")
	for price, want := range map[string]string{
		"49.999.999": "form.budget.too_small", "50.000.000": "", "500.000.000": "", "500.000.001": "form.budget.too_large",
	} {
		row := Row{"text": "Tập huấn", "unit": "gói", "quantity": "1", "price": price, "source": StateBudget, "year": "2027"}
		own := Row{"text": "Hội trường", "unit": "ngày", "quantity": "3", "price": "900.000.000", "source": "own_kind", "year": "2027"}
		if got := s.Check(Answers{"budget": {Rows: []Row{row, own}}}, nil, terms()).Invalid()["budget.0.text"].Key; got != want {
			t.Errorf("asking %s: %q, want %q", price, got, want)
		}
	}
}

func TestActivityEndsBeforeItBegins(t *testing.T) {
	t.Parallel()
	d := defaultForm(t)
	s, _ := d.Section("activities")
	row := Row{"name": "Tập huấn", "responsible": "Ban Gia đình", "from": "2027-3", "to": "2027-1"}
	if got := s.Check(Answers{"activities": {Rows: []Row{row}}}, nil, terms()).Invalid()["activities.0.to"].Key; got != "form.ends_before" {
		t.Errorf("got %q", got)
	}
}

// counts writes a grid: "direct.total 10 5 0" or "direct.kinh nc".
func counts(lines ...string) Answer {
	var a Answer
	for _, l := range lines {
		f := strings.Fields(l)
		row := Row{LineCell: f[0]}
		if f[1] == "nc" {
			row[NotCollectedCell] = Yes
		} else {
			row["female"], row["male"], row["other"] = f[1], f[2], f[3]
		}
		a.Rows = append(a.Rows, row)
	}
	return a
}

func TestBeneficiaries(t *testing.T) {
	t.Parallel()
	d := defaultForm(t)
	s, _ := d.Section("beneficiaries")
	full := []string{
		"direct.total 100 40 1", "direct.age_0_15 0 0 0", "direct.age_16_30 60 20 1", "direct.age_31_59 40 20 0", "direct.age_60 0 0 0",
		"direct.kinh 30 10 0", "direct.minority 70 30 1", "direct.disability 5 0 0", "direct.migrant nc", "direct.industrial nc", "direct.poor 50 20 0", "direct.violence nc",
	}
	with := func(lines ...string) Answer {
		all := append([]string{}, full...)
		for _, l := range lines {
			key := strings.Fields(l)[0]
			for i := range all {
				if strings.HasPrefix(all[i], key+" ") {
					all[i] = l
				}
			}
		}
		return counts(all...)
	}
	for name, c := range map[string]struct {
		a           Answer
		field, want string
	}{
		"agrees":                     {with(), "", ""},
		"not collected is no zero":   {with("direct.kinh nc", "direct.minority nc"), "", ""},
		"one part not collected":     {with("direct.kinh nc"), "", ""},
		"ages do not add up":         {with("direct.age_60 1 0 0"), "beneficiaries.direct.age_60.female", "form.counts.parts"},
		"sexes do not agree":         {with("direct.age_16_30 59 21 1"), "beneficiaries.direct.age_60.female", "form.counts.parts"},
		"more than the total":        {with("direct.poor 101 0 0"), "beneficiaries.direct.poor.female", "form.counts.more_than_total"},
		"no number":                  {with("direct.poor ba 0 0"), "beneficiaries.direct.poor.female", "form.counts.not_number"},
		"below zero":                 {with("direct.poor -1 0 0"), "beneficiaries.direct.poor.female", "form.counts.not_number"},
		"nobody":                     {with("direct.total 0 0 0"), "beneficiaries.direct.total.female", "form.counts.total"},
		"neither counted nor marked": {counts("direct.total 1 0 0"), "beneficiaries.direct.kinh.female", "form.counts.missing"},
		"indirect parts are checked": {counts(append(full, "indirect.total 10 0 0", "indirect.kinh 4 0 0", "indirect.minority 5 0 0")...), "beneficiaries.indirect.minority.female", "form.counts.parts"},
	} {
		wrong := s.Check(Answers{"priority_groups": {Values: []string{"poor"}}, "counting": {Text: "x"}, "beneficiaries": c.a}, nil, terms()).Invalid()
		if c.want == "" && len(wrong) > 0 {
			t.Errorf("%s: %v", name, wrong)
		}
		if c.want != "" && wrong[c.field].Key != c.want {
			t.Errorf("%s: %q at %s, want %q; all: %v", name, wrong[c.field].Key, c.field, c.want, wrong)
		}
	}
}

func TestFilesForAPurpose(t *testing.T) {
	t.Parallel()
	q := Question{
		Key: "papers", Kind: Files, Required: true, MaxRows: 2, Label: words.Pair{Vi: "Giấy tờ"},
		Purposes: []Purpose{{Value: "legal", Required: true}, {Value: "cv", Personal: true}},
	}
	s := Section{Key: "documents", Questions: []Question{q}}
	for want, files := range map[string]map[string]int{
		"form.missing.files": nil, "form.missing.purpose": {"cv": 1}, "form.too_many_files": {"legal": 3}, "": {"legal": 1},
	} {
		if got := s.Check(nil, Attached{"papers": files}, terms()).Invalid()["papers"].Key; got != want {
			t.Errorf("%v: %q, want %q", files, got, want)
		}
	}
}

func TestWordLimitCountsSyllables(t *testing.T) {
	t.Parallel()
	s := Section{Key: "s", Questions: []Question{{Key: "q", Kind: Text, MaxWords: 3, Label: words.Pair{Vi: "Câu"}}}}
	if gaps := s.Check(Answers{"q": {Text: "• bình đẳng\ngiới"}}, nil, terms()); len(gaps) > 0 {
		t.Error(gaps)
	}
	gaps := s.Check(Answers{"q": {Text: "vì bình đẳng giới"}}, nil, terms())
	if len(gaps) != 1 || words.Say(words.Vi, gaps[0].Words) != "Viết ngắn lại “Câu”: đang thừa 1 từ" {
		t.Error(gaps)
	}
}

func TestCanonicalIsStable(t *testing.T) {
	t.Parallel()
	a := Content{"b": {"q2": {Text: "<b> & “Đ”"}, "q1": {Rows: []Row{{"z": "1", "a": "2"}}}}, "a": {}}
	got, err := Canonical(a)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"a":{},"b":{"q1":{"rows":[{"a":"2","z":"1"}]},"q2":{"text":"<b> & “Đ”"}}}`; string(got) != want {
		t.Errorf("got %s", got)
	}
}
