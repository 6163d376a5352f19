package programme

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"daubang/internal/viet"
	"daubang/internal/words"
)

// Entry is the plan as a page shows it to be edited; what is not changed there
// is read back as it was.
func (p Plan) Entry() Entry {
	e := Entry{
		Title: p.Title, DocType: p.DocType, Number: p.Number, Symbol: p.Symbol, IssuedOn: written(p.IssuedOn), IssuedOnNote: p.IssuedOnNote,
		Issuer: p.Issuer, IssuerPlaceLevel: counted(int(p.IssuerPlaceLevel)), IssuerPlaceCode: p.IssuerPlaceCode,
		IssuerEndedOn: written(p.IssuerEndedOn), Successor: p.Successor, Year: counted(p.Year),
		PeriodFrom: written(p.PeriodFrom), PeriodTo: written(p.PeriodTo), Territory: p.Territory, Note: p.Note,
		SourceKind: string(p.Source.Kind), SourcePublisher: p.Source.Publisher, SourcePublished: written(p.Source.Published),
		Objectives: joined(p.Body.Objectives), PriorityGroups: joined(p.Body.PriorityGroups), PriorityPlaces: joined(p.Body.PriorityPlaces),
		Lead: joined(withNow(p.Body.Lead)), Coordinating: joined(withNow(p.Body.Coordinating)), Implementers: joined(withNow(p.Body.Implementers)),
		Inspection: joined(p.Body.Inspection),
	}
	figures := make([]words.Pair, len(p.Body.Figures))
	for i, f := range p.Body.Figures {
		figures[i] = words.Pair{Vi: f.Value + ": " + f.Meaning.Vi, En: f.Value + ": " + f.Meaning.En}
		if f.Meaning.Vi == "" {
			figures[i].Vi = f.Value
		}
		if f.Meaning.En == "" {
			figures[i].En = ""
		}
	}
	e.Figures = joined(figures)
	for _, g := range p.TaskGroups {
		e.Groups = append(e.Groups, GroupEntry{Code: g.Code, Title: g.Title()})
	}
	for _, d := range p.Body.Reporting {
		e.Duties = append(e.Duties, DutyEntry{
			What: d.What, Kind: string(d.Kind), Due: d.Due(), Included: d.Included, From: d.From, To: joined(withNow(d.To)),
		})
	}
	for _, b := range p.Bases {
		e.Bases = append(e.Bases, BasisEntry{Document: b.DocumentID.String(), Relation: string(b.Relation), BySubject: b.BySubject})
	}
	return e
}

func written(t *time.Time) string {
	if t == nil {
		return ""
	}
	return viet.Date(*t)
}

func counted(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// joined writes items one a line. Lines are paired by their number, so where
// only some have English the others get a dash.
func joined(items []words.Pair) words.Pair {
	var vi, en []string
	some := false
	for _, item := range items {
		vi, en = append(vi, item.Vi), append(en, cmp.Or(item.En, missing))
		some = some || item.En != ""
	}
	if !some {
		en = nil
	}
	return words.Pair{Vi: strings.Join(vi, "\n"), En: strings.Join(en, "\n")}
}

func withNow(parties []Party) []words.Pair {
	all := make([]words.Pair, len(parties))
	for i, p := range parties {
		all[i] = p.Pair
		if p.Now.Vi != "" {
			all[i].Vi += " (nay: " + p.Now.Vi + ")"
		}
		if p.En != "" && p.Now.En != "" {
			all[i].En += " (now: " + p.Now.En + ")"
		}
	}
	return all
}
