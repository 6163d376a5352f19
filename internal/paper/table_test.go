package paper_test

import (
	"strings"
	"testing"

	"daubang/internal/form"
	"daubang/internal/portaltest"
	"daubang/internal/words"
)

// No heading of a budget breaks inside a word, however long its texts are.
func TestHeadingsBreakBetweenWords(t *testing.T) {
	t.Parallel()
	d, err := form.Default()
	if err != nil {
		t.Fatal(err)
	}
	_, q, _ := d.Question("budget")
	for _, lang := range []words.Lang{words.Vi, words.En} {
		var heads, cells strings.Builder
		for i, c := range q.Columns {
			heads.WriteString("<th>" + c.Label.In(lang) + "</th>")
			cells.WriteString("<td>" + []string{strings.Repeat("thuê hội trường ở xã ", 10), "1.200.000.000"}[min(i%4, 1)] + "</td>")
		}
		text := portaltest.ReadPDF(t, print(t, sheet, "<table><thead><tr>"+heads.String()+"<th>Thành tiền</th></tr></thead><tr>"+cells.String()+"<td>1.200.000.000</td></tr></table>"))
		for _, c := range q.Columns {
			for word := range strings.FieldsSeq(c.Label.In(lang)) {
				if !strings.Contains(text, word) {
					t.Errorf("%q is broken", word)
				}
			}
		}
	}
}
