package portaltest

import (
	"strconv"
	"strings"
	"testing"

	"daubang/internal/form"
	"daubang/internal/proposal"
)

// Filled is everything a call asks, answered: nothing is missing and nothing
// wrong.
func Filled(tb testing.TB, asked proposal.Asked) form.Content {
	tb.Helper()
	c := form.Content{}
	for _, s := range asked.Form.Sections {
		c[s.Key] = form.Answers{}
		for _, q := range s.Questions {
			if a := sample(q, asked.Terms); !a.Empty() {
				c[s.Key][q.Key] = a
			}
		}
	}
	if gaps := asked.Form.Check(c, nil, asked.Terms); len(gaps) > 0 {
		tb.Fatalf("the sample is not complete: %v", gaps)
	}
	return c
}

// sample is an answer that will do.
func sample(q form.Question, t form.Terms) form.Answer {
	switch q.Kind {
	case form.Number:
		return form.Answer{Text: "12"}
	case form.Money:
		return form.Answer{Text: "5.000.000"}
	case form.Date:
		return form.Answer{Text: "01/06/2027"}
	case form.Period:
		return form.Answer{Rows: []form.Row{{form.FromCell: "06/2027", form.ToCell: "12/2027"}}}
	case form.Choice:
		if o := q.Choices(t); len(o) > 0 {
			return form.Answer{Text: o[0].Value}
		}
		return form.Answer{}
	case form.Choices:
		if o := q.Choices(t); len(o) > 0 {
			return form.Answer{Values: []string{o[0].Value}}
		}
		return form.Answer{}
	case form.YesNo, form.Agree:
		return form.Answer{Text: form.Yes}
	case form.Logframe:
		outcome, output := sampleRow(q, t), sampleRow(q, t)
		outcome["level"], output["level"] = "outcome", "output"
		return form.Answer{Rows: []form.Row{outcome, output}}
	case form.Table, form.Organisations, form.Places, form.Budget, form.Activities:
		row := sampleRow(q, t)
		return form.Answer{Rows: []form.Row{row, row}[:max(q.MinRows, 1)]}
	case form.Beneficiaries:
		a := form.Answer{Rows: []form.Row{{form.LineCell: "direct.total", "female": "120", "male": "60", "other": "0"}}}
		for _, line := range q.Counts[1:] {
			a.Rows = append(a.Rows, form.Row{form.LineCell: "direct." + line.Key, form.NotCollectedCell: form.Yes})
		}
		return a
	case form.Files:
		return form.Answer{}
	default:
		return form.Answer{Text: "Truyền thông ở thôn bản"}
	}
}

func sampleRow(q form.Question, t form.Terms) form.Row {
	row := form.Row{}
	for _, c := range q.ColumnsIn(t) {
		switch c.Kind {
		case form.Number:
			row[c.Key] = "2027"
		case form.Quantity, form.Measure:
			row[c.Key] = "2,5"
		case form.Money:
			row[c.Key] = "40.000.000"
		case form.Choice:
			if o := c.Choices(t); len(o) > 0 {
				row[c.Key] = o[0].Value
			}
		case form.Flag, form.TaxCode:
		case form.Place: // of the demo's register, which the portal must hold
			row[c.Key], row[form.LocatedCell(c.Key)] = "Phường Ba Đình, Thành phố Hà Nội", "3-00004-2025-07-01"
		default:
			row[c.Key] = "Ở thôn bản"
		}
	}
	return row
}

// FillIn types the answers of a section into its page.
func (b *Browser) FillIn(s form.Section, answers form.Answers) *Browser {
	b.tb.Helper()
	for _, q := range s.Questions {
		a := answers[q.Key]
		switch {
		case a.Text != "":
			b.Fill(q.Key, a.Text)
		case len(a.Values) > 0:
			b.Fill(q.Key, a.Values...)
		case q.Kind == form.Beneficiaries:
			for _, r := range a.Rows {
				for cell, v := range r {
					if cell != form.LineCell {
						b.Fill(form.CountName(q.Key, r[form.LineCell], cell), v)
					}
				}
			}
		default:
			for i, r := range a.Rows {
				for cell, v := range r {
					switch {
					case q.Kind == form.Period:
						b.Fill(form.MonthName(q.Key, cell), v)
					case !strings.HasSuffix(cell, form.LocatedCell("")): // which unit is meant is worked out
						b.Fill(q.Key+"."+strconv.Itoa(i)+"."+cell, v)
					}
				}
			}
		}
	}
	return b
}
