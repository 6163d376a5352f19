package form

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/words"
)

// The cases of testdata/when.json are asked of web/build/js/conditions.js too.
func TestConditionVectors(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/when.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name      string
		Questions []Question
		Answers   Answers
		Asked     []string
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		d := Definition{Sections: []Section{{Key: "s", Questions: c.Questions}}}
		var asked []string
		for _, q := range d.For(Content{"s": c.Answers}).Sections[0].Questions {
			asked = append(asked, q.Key)
		}
		if diff := cmp.Diff(c.Asked, asked); diff != "" {
			t.Errorf("%s: %s", c.Name, diff)
		}
	}
	if len(cases) < 25 {
		t.Errorf("only %d cases", len(cases))
	}
}

func pair(s string) words.Pair { return words.Pair{Vi: s, En: s} }

// conditional is a form whose second section is asked only of those who say yes
// in the first, and so is one of its questions.
func conditional() Definition {
	yes := &When{Question: "partner", Is: Equals, Values: []string{Yes}}
	return Definition{
		Key: "conditional", Groups: []Group{{Key: "g", Title: pair("Nhóm")}},
		Sections: []Section{
			{Key: "one", Group: "g", Questions: []Question{
				{Key: "partner", Kind: YesNo, Label: pair("Có đối tác không?"), Required: true},
				{Key: "who", Kind: Line, Label: pair("Đối tác là ai?"), Required: true, When: yes},
				{Key: "letter", Kind: Files, Label: pair("Thư"), Purposes: []Purpose{{Value: "letter"}}, Required: true, When: yes},
			}},
			{Key: "two", Group: "g", When: yes, Questions: []Question{
				{Key: "share", Kind: Text, Label: pair("Ai làm gì?"), Required: true},
			}},
			{Key: "three", Group: "g", Questions: []Question{
				{Key: "after", Kind: Line, Label: pair("Sau đó?"), Required: true, When: &When{Question: "share", Is: Answered}},
			}},
		},
	}
}

func TestHiddenIsNotAskedAndNotSent(t *testing.T) {
	t.Parallel()
	d := conditional()
	if err := d.Sound(); err != nil {
		t.Fatal(err)
	}
	kept := Content{"one": {"partner": {Text: no}, "who": {Text: "Hội"}}, "two": {"share": {Text: "Cùng làm"}}, "three": {"after": {Text: "x"}}}
	if gaps := d.Check(kept, nil, terms()); len(gaps) > 0 {
		t.Errorf("what is hidden is missed: %v", gaps)
	}
	asked := d.For(kept)
	want := Content{"one": {"partner": {Text: no}}, "three": {}}
	if diff := cmp.Diff(want, asked.Answered(kept)); diff != "" {
		t.Errorf("what is sent: %s", diff)
	}
	if asked.Asks("letter") || !d.Asks("letter") {
		t.Error("the files of a hidden question are asked for")
	}
	kept["one"]["partner"] = Answer{Text: Yes}
	wrong := d.Check(kept, nil, terms()).Invalid()
	if len(wrong) != 1 || wrong["letter"].Key != "form.missing.files" {
		t.Errorf("once it is shown: %v", wrong)
	}
	if diff := cmp.Diff(kept, d.For(kept).Answered(kept)); diff != "" {
		t.Errorf("what was kept is not back: %s", diff)
	}
}

// A reader from whom the answer that asked for a question is kept back still
// reads what was answered.
func TestSentShowsWhatWasAsked(t *testing.T) {
	t.Parallel()
	d := conditional()
	part := Content{"two": {"share": {Text: "Cùng làm"}}, "three": {"after": {Text: "x"}}}
	if sent := d.Sent(part); !sent.Asks("share") || !sent.Asks("after") || sent.Asks("who") {
		t.Errorf("shown: %v", sent.Sections)
	}
}

func TestConditionsOfAPage(t *testing.T) {
	t.Parallel()
	d := conditional()
	c := Content{"one": {"partner": {Text: Yes}}}
	on := d.Conditions("one", c, terms())
	if !on["who"].Met || on["who"].Live != `{"question":"partner","is":"equals","values":["yes"]}` {
		t.Errorf("on its page: %+v", on["who"])
	}
	elsewhere := d.Conditions("three", c, terms())["after"]
	if elsewhere.Met || elsewhere.Live != "" || elsewhere.Said.Vi != "bạn đã trả lời câu “Ai làm gì?”" {
		t.Errorf("on another page: %+v", elsewhere)
	}
	mixed := &d.Sections[2].Questions[0]
	mixed.When = &When{All: []When{{Question: "partner", Is: Equals, Values: []string{Yes}}, {Not: &When{Question: "here", Is: Answered}}}}
	d.Sections[2].Questions = append([]Question{{Key: "here", Kind: Line, Label: pair("Ở đây")}}, *mixed)
	if got := d.Conditions("three", c, terms())["after"].Live; got != `{"all":[{},{"not":{"question":"here","is":"answered"}}]}` {
		t.Errorf("half of it decided: %s", got)
	}
}

func TestConditionSaid(t *testing.T) {
	t.Parallel()
	d := conditional()
	partner := When{Question: "partner", Is: Equals, Values: []string{Yes}}
	who := When{Question: "who", Is: Answered}
	for want, w := range map[string]When{
		"ở câu “Có đối tác không?” bạn chọn “Có”":                                                  partner,
		"ở câu “Có đối tác không?” bạn không chọn “Có”":                                            {Not: &partner},
		"ở câu “Có đối tác không?” bạn chọn “Có” và bạn chưa trả lời câu “Đối tác là ai?”":         {All: []When{partner, {Not: &who}}},
		"ở câu “Có đối tác không?” bạn không chọn “Có” hoặc bạn chưa trả lời câu “Đối tác là ai?”": {Not: &When{All: []When{partner, who}}},
		"bạn đã trả lời câu “Đối tác là ai?” và (ở câu “Có đối tác không?” bạn chọn “Có” hoặc bạn chưa trả lời câu “Đối tác là ai?”)": {
			All: []When{who, {Any: []When{partner, {Not: &who}}}},
		},
	} {
		if got := d.Says(w, terms()); got.Vi != want || strings.Contains(got.En, "[") {
			t.Errorf("got %q, want %q; in English %q", got.Vi, want, got.En)
		}
	}
}

func TestSoundRefusesConditions(t *testing.T) {
	t.Parallel()
	yes := []string{Yes}
	for why, w := range map[string]When{
		"not asked before":   {Question: "share", Is: Answered},
		"itself":             {Question: "who", Is: Answered},
		"unknown":            {Question: "nobody", Is: Answered},
		"no operator":        {Question: "partner"},
		"unknown operator":   {Question: "partner", Is: "like", Values: yes},
		"no value":           {Question: "partner", Is: Equals},
		"two values":         {Question: "partner", Is: Equals, Values: []string{Yes, no}},
		"not offered":        {Question: "partner", Is: Equals, Values: []string{"maybe"}},
		"not offered either": {Question: "partner", Is: OneOf, Values: []string{Yes, "maybe"}},
		"compared answered":  {Question: "partner", Is: Answered, Values: yes},
		"two at once":        {Question: "partner", Is: Answered, All: []When{{Question: "partner", Is: Answered}}},
		"nothing":            {},
		"never":              {Never: true},
		"all of nothing":     {All: []When{}},
		"any of nothing":     {Any: []When{}},
		"too wide":           {All: make([]When, 13)},
		"too deep":           {Not: &When{Not: &When{Not: &When{Not: &When{Question: "partner", Is: Answered}}}}},
		"text compared":      {Not: &When{Question: "title", Is: Equals, Values: []string{"x"}}},
		"files":              {Question: "papers", Is: Answered},
	} {
		d := conditional()
		d.Sections[0].Questions[1].When = &w
		d.Sections[0].Questions = append([]Question{
			{Key: "title", Kind: Line, Label: pair("Tên")}, {Key: "papers", Kind: Files, Label: pair("Giấy"), Purposes: []Purpose{{Value: "x"}}},
		}, d.Sections[0].Questions...)
		if err := d.Sound(); err == nil {
			t.Errorf("%s: taken", why)
		}
	}
	d := conditional()
	d.Sections[0].Identity = true
	if err := d.Sound(); err == nil || !strings.Contains(err.Error(), "names the applicant") {
		t.Errorf("a part that is judged depends on who applies: %v", err)
	}
	for _, key := range []string{"act", "a.b", "", "Tên", "x y", Unasked} {
		d := conditional()
		d.Sections[2].Questions[0].Key = key
		if d.Sound() == nil {
			t.Errorf("the key %q was taken", key)
		}
	}
}
