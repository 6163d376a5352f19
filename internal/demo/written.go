package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"daubang/internal/form"
	"daubang/internal/organisation"
	"daubang/internal/proposal"
	"daubang/internal/viet"
)

// written is what proposal i says to its call's form, kind of question by kind:
// enough that the form's own check finds nothing missing.
func (g *generator) written(i int, p application) proposal.Submission {
	w := &writer{r: g.random("text", i), p: p}
	name, kind := g.organisation(p.organisation)
	head := personName(g.random("person", g.reviewers+p.organisation))
	place := g.commune(p.organisation)
	w.said = map[string]string{
		"title": p.title, "title_en": "", "months": strconv.Itoa(p.months), "places": place.FullName, "start": viet.Date(p.call.closes.AddDate(0, 4, 0)),
		"representative": head, "signer": head, "representative_title": headTitle, "signer_title": headTitle,
	}
	s := proposal.Submission{Number: 1, Content: form.Content{}, Identity: &proposal.Identity{
		Organisation: proposal.Applicant{NameVi: name, Kind: organisation.Kind(kind), ProvinceCode: place.Province, Representative: head, RepresentativeTitle: headTitle},
		Sections:     form.Content{},
	}}
	for _, section := range p.call.asked.Form.Sections {
		answers := form.Answers{}
		for _, q := range section.Questions {
			if a := w.answer(q); !a.Empty() {
				answers[q.Key] = a
			}
		}
		if section.Identity {
			s.Identity.Sections[section.Key] = answers
		} else {
			s.Content[section.Key] = answers
		}
	}
	return s
}

const headTitle = "Người đứng đầu"

// writer makes up the answers of one proposal.
type writer struct {
	r    *rand.Rand
	p    application
	said map[string]string // question → answer, where it is not just any
}

func (w *writer) terms() form.Terms { return w.p.call.asked.Terms }

func (w *writer) answer(q form.Question) form.Answer {
	if said, ok := w.said[q.Key]; ok {
		return form.Answer{Text: said}
	}
	switch q.Kind {
	case form.Text:
		return form.Answer{Text: w.paragraphs(q.MaxWords)}
	case form.Line:
		return form.Answer{Text: one(w.r, groups)}
	case form.Number, form.Quantity:
		return form.Answer{Text: strconv.FormatInt(max(q.Min, 1), 10)}
	case form.Money:
		return form.Answer{Text: viet.Number(w.p.amount)}
	case form.Date:
		return form.Answer{Text: w.said["start"]}
	case form.Choice:
		return form.Answer{Text: w.option(q.Choices(w.terms()))}
	case form.Choices:
		return form.Answer{Values: []string{w.option(q.Choices(w.terms()))}}
	case form.YesNo, form.Agree:
		return form.Answer{Text: form.Yes}
	case form.Table, form.Activities, form.Logframe:
		return form.Answer{Rows: w.table(q)}
	case form.Budget:
		return form.Answer{Rows: w.budget()}
	case form.Beneficiaries:
		return form.Answer{Rows: w.counts(q)}
	case form.Files, form.Flag, form.Measure, form.Place, form.TaxCode, form.Period, form.Places, form.Organisations: // the form the portal brings along asks for none
	}
	return form.Answer{}
}

// option is any of those offered.
func (w *writer) option(from []form.Option) string {
	if len(from) == 0 {
		return ""
	}
	return from[w.r.IntN(len(from))].Value
}

// paragraphs are one or two, as far as the words allow.
func (w *writer) paragraphs(limit int) string {
	text := paragraph(w.r)
	if more := text + "\n\n" + paragraph(w.r); limit == 0 || viet.CountWords(more) <= limit {
		return more
	}
	return text
}

// table has the fewest rows allowed and up to two more.
func (w *writer) table(q form.Question) []form.Row {
	var rows []form.Row
	for n := range min(max(q.MinRows, 1)+w.r.IntN(3), q.MaxRows) {
		row := form.Row{}
		first := ""
		for _, c := range q.ColumnsIn(w.terms()) {
			v := w.cell(c, n)
			if c.From == form.Quarters { // what ends does so no earlier than it begins
				if first != "" {
					v = first
				}
				first = v
			}
			if v != "" {
				row[c.Key] = v
			}
		}
		if q.Kind == form.Logframe { // an outcome, and outputs beneath it
			row["level"] = []string{"outcome", "output"}[min(n, 1)]
		}
		rows = append(rows, row)
	}
	return rows
}

func (w *writer) cell(c form.Column, n int) string {
	switch c.Kind {
	case form.Choice:
		offered := c.Choices(w.terms())
		if c.From == "" && n < len(offered) && len(offered) == 2 { // outcome and output: one of each
			return offered[n].Value
		}
		return w.option(offered)
	case form.Money:
		return viet.Number(int64(1+w.r.IntN(90)) * 1_000_000)
	case form.Number, form.Quantity, form.Measure:
		return strconv.FormatInt(max(c.Min, 1)+int64(w.r.IntN(40)), 10)
	case form.Flag:
		return ""
	default:
		if c.MaxChars > 0 && c.MaxChars < 70 {
			return strconv.Itoa(5 + w.r.IntN(300))
		}
		return one(w.r, themes) + ", " + one(w.r, groups)
	}
}

// budget is lines whose part from the state budget is what the proposal asks
// for, to the đồng, and one that the community brings.
func (w *writer) budget() []form.Row {
	year := w.terms().Lists[form.Years][0].Value
	line := func(text, unit string, quantity, price int64, source string) form.Row {
		return form.Row{"text": text, "unit": unit, "quantity": viet.Number(quantity), "price": viet.Number(price), "source": source, "year": year}
	}
	evenings := w.p.amount / 2 / 24
	trips := w.p.amount / 5 / 10
	return []form.Row{
		line("Buổi sinh hoạt: "+one(w.r, themes), "buổi", 24, evenings, form.StateBudget),
		line("Đi lại của người hướng dẫn", "chuyến", 10, trips, form.StateBudget),
		line("Tài liệu, in ấn, theo dõi", "gói", 1, w.p.amount-24*evenings-10*trips, form.StateBudget),
		line("Nhà văn hóa thôn cho mượn", "tháng", int64(w.p.months), 1_000_000, "community"),
	}
}

// counts gives the total of the first reach; nobody counted the rest.
func (w *writer) counts(q form.Question) []form.Row {
	var rows []form.Row
	for i, reach := range q.Reaches {
		for k, line := range q.Counts {
			row := form.Row{form.LineCell: reach.Value + "." + line.Key, form.NotCollectedCell: form.Yes}
			if i == 0 && k == 0 {
				row = form.Row{form.LineCell: reach.Value + "." + line.Key, "female": strconv.Itoa(40 + w.r.IntN(900)), "male": strconv.Itoa(w.r.IntN(300)), "other": "0"}
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// reason says why the office did what it did.
func reason(r *rand.Rand) string {
	return fmt.Sprintf("Chưa rõ %s; cần số liệu của địa bàn.", one(r, themes))
}
