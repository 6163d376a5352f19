package site_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/demo/data"
	"daubang/internal/form"
	"daubang/internal/place"
	"daubang/internal/portaltest"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// naughty is what people and programs send that breaks portals.
var naughty = []string{
	"bình đẳng giới", "bi\u0300nh \u0111a\u0306\u0309ng gi\u01a1\u0301i", "Đặng Thị Ðào ðỏ", "b×nh ®¼ng", "e\u0323\u0302 e\u0302\u0323",
	"\x00", "a\x00b", "\xff\xfe", "caf\xe9", "\xed\xa0\x80\xed\xb0\x80", "\xc0\xaf", "a\uffffb\ufdd0", "\ufffd", "\U0001fffe",
	"\u202egnp.exe\u202c", "\u2066x\u2069", "\u200e\u200f\u061c", "\ufeffbom", "a\u200bb\u200dc\u2060d", "\U000e0041\U000e0042", "☎\ufe0f 👩‍🌾", "\u0301\u0301\u0301", strings.Repeat("Z\u0351\u0357\u0308", 30),
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "' onmouseover='alert(1)", "<svg/onload=alert(1)>", "</textarea><script>x</script>", "{{constructor.constructor('x')()}}", "${7*7} #{7*7} <%= 7 %>", "javascript:alert(1)", "<!--#exec cmd=\"ls\"-->", "]]>", "&lt;b&gt; &amp; &#0; &nbsp;",
	"'; drop table proposals; --", "1' or '1'='1", "%' and 1=0 union select", "$1 @id :name ?", `\'; \0 \x00 \u0000`, "Robert'); --",
	"-0", "NaN", "Infinity", "1e309", "9223372036854775808", strings.Repeat("9", 400), "1.234,56", "1,234.56", "１２３", "٣", "0x1F", "1_000", "+1", "1.5đ", "−5", "½",
	"31/02/2027", "00/00/0000", "29/02/2027", "12/31/2027", "01/01/10000", "2027-13-01", "ngày mai", "13/2027", "12/2027 – 06/2027",
	"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@sum(1)", "\t=1", "../../etc/passwd", `C:\con`, "%00%0d%0aSet-Cookie: x=1", "a\r\nB: c", "\n\n\n", " \t\u00a0\u3000 ",
	"undefined", "null", "true", "[object Object]", "yes", strings.Repeat("ă", 5000), "٠١\u0660", "𝒜𝒷𝒸 𠀀", "\u1680\u2028\u2029\u0085", "0100109107", "Ba Đình",
}

// everyKind is the demo's small form, with what it does not ask.
func everyKind(t *testing.T) form.Definition {
	t.Helper()
	file, err := data.Files.ReadFile("small.json")
	if err != nil {
		t.Fatal(err)
	}
	var d form.Definition
	if err := json.Unmarshal(file, &d); err != nil {
		t.Fatal(err)
	}
	say := func(s string) words.Pair { return words.Pair{Vi: s, En: s} }
	cells := form.Question{Key: "cells", Kind: form.Table, MaxRows: 5, Label: say("Mọi loại ô")}
	for _, k := range []form.Kind{form.Line, form.Text, form.Number, form.Quantity, form.Measure, form.Money, form.Choice, form.Flag, form.Place, form.TaxCode} {
		c := form.Column{Key: "c_" + string(k), Kind: k, Label: say(string(k))}
		if k == form.Choice {
			c.Options = []form.Option{{Value: "a", Label: say("A")}}
		}
		cells.Columns = append(cells.Columns, c)
	}
	levels := form.Question{Key: "levels", Kind: form.Logframe, MaxRows: 5, Label: say("Khung logic")}
	levels.Columns = []form.Column{
		{Key: "level", Kind: form.Choice, Label: say("Bậc"), Options: []form.Option{{Value: "outcome", Label: say("Kết quả")}, {Value: "output", Label: say("Đầu ra")}}},
		{Key: "text", Kind: form.Line, Label: say("Điều đạt được")},
		{Key: "indicator", Kind: form.Line, Label: say("Chỉ số")},
	}
	d.Sections = append(d.Sections, form.Section{Key: "rest", Group: d.Groups[0].Key, Title: say("Phần còn lại"), Questions: []form.Question{cells, levels}})
	if err := d.Sound(); err != nil {
		t.Fatal(err)
	}
	asked := map[form.Kind]bool{}
	for _, s := range d.Sections {
		for _, q := range s.Questions {
			asked[q.Kind] = true
		}
	}
	for _, k := range []form.Kind{
		form.Line, form.Text, form.Number, form.Money, form.Date, form.Period, form.Choice, form.Choices, form.YesNo, form.Agree, form.Files, form.Places,
		form.Organisations, form.Table, form.Budget, form.Activities, form.Logframe, form.Beneficiaries,
	} {
		if !asked[k] {
			t.Errorf("no question is of the kind %s", k)
		}
	}
	return d
}

// asking makes the scene's call ask another form.
func (s *scene) asking(t *testing.T, d form.Definition) {
	t.Helper()
	places, err := data.Files.ReadFile("places.csv")
	if err != nil {
		t.Fatal(err)
	}
	s.tx(t, func(tx pgx.Tx) error {
		id, err := form.Install(t.Context(), tx, d, s.now)
		if err != nil {
			return err
		}
		if err := form.Freeze(t.Context(), tx, audit.Act{At: s.now}, id); err != nil { // as it is once a call asks it
			return err
		}
		value[call.ID](t, tx, `update calls set form_id = $2 where id = $1 returning id`, s.call, id)
		_, err = place.Import(t.Context(), tx, audit.Act{At: s.now}, "places.csv", bytes.NewReader(places))
		return err
	})
}

// written are the controls of a section in which one writes: those that keep
// many lines say so.
func written(s form.Section) map[string]bool {
	names := map[string]bool{}
	for _, q := range s.Questions {
		switch q.Kind {
		case form.Line, form.Number, form.Money, form.Date, form.Text:
			names[q.Key] = q.Kind == form.Text
		case form.Period:
			names[form.MonthName(q.Key, form.FromCell)], names[form.MonthName(q.Key, form.ToCell)] = false, false
		case form.Beneficiaries:
			for _, line := range q.Counts {
				for _, sex := range form.Sexes {
					names[form.CountName(q.Key, q.Reaches[0].Value+"."+line.Key, sex)] = false
				}
			}
		case form.Choice, form.Choices:
			if q.AsksOther() {
				names[form.OtherName(q.Key)] = false
			}
		case form.YesNo, form.Agree, form.Files:
		default:
			for _, c := range q.Columns {
				if c.Kind != form.Choice && c.Kind != form.Flag {
					names[form.Name(q.Key, 0, c.Key)] = c.Kind == form.Text
				}
			}
		}
	}
	return names
}

// Whatever is sent to a question of any kind is stored exactly, as NFC and
// cleaned, and shown so; or it is refused beside its field. It is never a fault
// of ours.
func TestNaughtyTextInEveryField(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	d := everyKind(t)
	s.asking(t, d)
	b := s.signedIn(t, "lan@example.org")
	address := s.begin(t, b)
	for _, section := range d.Sections {
		at := address + "/sections/" + section.Key
		names := written(section)
		order := make([]string, 0, len(names))
		for name := range names {
			order = append(order, name)
		}
		slices.Sort(order)
		b.Open(at).Expect(http.StatusOK)
		for round := range naughty {
			sent, want := url.Values{"version": {b.Held("version")}, "page": {b.Held("page")}, "act": {"stay"}}, map[string]string{}
			for i, name := range order {
				text := naughty[(round+i)%len(naughty)]
				sent.Set(name, text)
				if want[name] = viet.Clean(text); names[name] {
					want[name] = viet.CleanText(text)
				}
			}
			if b.Post(at, sent); b.Status != http.StatusOK && b.Status != http.StatusUnprocessableEntity {
				t.Fatalf("%s, round %d: status %d", section.Key, round, b.Status)
			}
			compare(t, b, fmt.Sprintf("%s, round %d", section.Key, round), order, want)
			if round%20 == 0 {
				b.Open(address + "/check").Expect(http.StatusOK)
				b.Open(address).Expect(http.StatusOK)
				b.Open(at).Expect(http.StatusOK)
			}
		}
	}
}

// compare holds what the page shows against what was typed. A row of a table in
// which nothing stands is not kept, and the name of a unit that is plain is
// written in full.
func compare(t *testing.T, b *portaltest.Browser, where string, order []string, want map[string]string) {
	t.Helper()
	for _, live := range []string{"<script>alert", "<img src=x", "<svg/onload", "<!--#exec"} {
		if strings.Contains(b.Body, live) {
			t.Errorf("%s: the page holds %s as it was typed", where, live)
		}
	}
	rows := map[string]bool{}
	for name, v := range want {
		if row, _, ok := strings.Cut(name, ".0."); ok && v != "" {
			rows[row] = true
		}
	}
	for _, name := range order {
		row, _, inTable := strings.Cut(name, ".0.")
		if inTable && !rows[row] {
			continue
		}
		got := b.Held(name)
		if got != want[name] && !strings.HasPrefix(got, "Phường Ba Đình, ") {
			t.Errorf("%s: %s shows %+q, want %+q", where, name, got, want[name])
		}
	}
}

// What is picked from a list and was not offered is refused beside it, and the
// words beside it are still there.
func TestNaughtyChoices(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.asking(t, everyKind(t))
	b := s.signedIn(t, "lan@example.org")
	at := s.begin(t, b) + "/sections/idea"
	for _, text := range naughty {
		if text == "yes" {
			continue
		}
		b.Post(at, url.Values{
			"version": {"0"}, "title": {"Chữ còn nguyên"}, "theme": {text}, "targets": {text}, "survivors": {text}, "act": {"stay"},
		}).Expect(http.StatusUnprocessableEntity)
		for _, name := range []string{"theme", "targets", "survivors"} {
			if !strings.Contains(b.Body, `href="#`+name) {
				t.Errorf("%s=%q: nothing leads to the refusal", name, text)
			}
		}
		if b.Held("title") != "Chữ còn nguyên" {
			t.Errorf("%q: the words beside it are gone", text)
		}
		b.Post(at, url.Values{"version": {text}, "to": {text}, "page": {text}, "unasked": {text}, "remove": {text}, "done": {text}, "title": {"Chữ"}})
		if b.Status >= 500 {
			t.Errorf("hidden fields of %q: status %d", text, b.Status)
		}
		b.Post(at, url.Values{"version": {"0"}, "add": {text}})
		b.Open("/places?q=" + url.QueryEscape(text)).Expect(http.StatusOK)
	}
}

// Forms no browser sends are refused whole.
func TestMonstrousForms(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.asking(t, everyKind(t))
	b := s.signedIn(t, "lan@example.org")
	at := s.begin(t, b) + "/sections/idea"
	many := url.Values{}
	for i := range 100_000 {
		many.Set("f"+strconv.Itoa(i), "1")
	}
	b.Post(at, many).Expect(http.StatusBadRequest)
	b.Post(at, url.Values{"title": {"một", "hai"}}).Expect(http.StatusBadRequest)
	b.Post(at, url.Values{"places.0.name": {"một", "hai"}}).Expect(http.StatusBadRequest)
	b.Post(at, url.Values{"targets": {"1.1", "1.1"}, "act": {"stay"}})
	if b.Status >= 500 || b.Status == http.StatusBadRequest {
		t.Errorf("a box that is ticked twice: %d", b.Status)
	}
	b.Post(at, url.Values{"title": {strings.Repeat("ă", 3<<20)}}).Expect(http.StatusRequestEntityTooLarge)
	b.Post(at, url.Values{"title": {strings.Repeat("ă", 50_000)}}).Expect(http.StatusUnprocessableEntity)
	b.Post(at, url.Values{strings.Repeat("[", 10_000): {"x"}, "places.999999999.name": {"x"}, "places.-1.name": {"x"}, "act": {"stay"}}).Expect(http.StatusOK)
}
