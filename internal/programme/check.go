package programme

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Plan is all that is written of a programme at once: its content, its groups of
// tasks in order (their ids are not read; groups are known by their code) and
// its legal bases (of which the document itself is not read).
type Plan struct {
	Content
	TaskGroups []TaskGroup
	Bases      []Basis
}

// Limits of a plan, in characters and items.
const (
	MaxTitle = 300
	MaxItem  = 500
	MaxText  = 2000
	MaxItems = 40
)

var codePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// Check says what is wrong with a plan, by the names of the controls on its page.
func (p Plan) Check() problem.Invalid {
	wrong := problem.Invalid{}
	if p.Title.Vi == "" {
		wrong.Add("title_vi", "programme.title_needed")
	}
	if p.Issuer.Vi == "" {
		wrong.Add("issuer_vi", "programme.issuer_needed")
	}
	pair(wrong, "title", p.Title, MaxTitle)
	pair(wrong, "doc_type", p.DocType, 100)
	pair(wrong, "issuer", p.Issuer, MaxTitle)
	pair(wrong, "issued_on_note", p.IssuedOnNote, MaxItem)
	pair(wrong, "successor", p.Successor, MaxText)
	pair(wrong, "territory", p.Territory, MaxTitle)
	long(wrong, "number", p.Number, 20)
	long(wrong, "symbol", p.Symbol, 40)
	long(wrong, "source_publisher", p.Source.Publisher, MaxTitle)
	long(wrong, "note", p.Note, MaxText)
	if p.Year != 0 && (p.Year < 1945 || p.Year > 2100) {
		wrong.Add("year", "programme.year_range")
	}
	if p.PeriodFrom != nil && p.PeriodTo != nil && p.PeriodTo.Before(*p.PeriodFrom) {
		wrong.Add("period_to", "programme.period_order")
	}
	if (p.IssuerPlaceLevel == 0) != (p.IssuerPlaceCode == "") {
		wrong.Add("issuer_place_code", "programme.issuer_place_both")
	}
	if !slices.Contains([]SourceKind{OwnDocument, News, Portal}, p.Source.Kind) {
		wrong.Add("source_kind", "programme.pick_one")
	}
	p.Body.check(wrong)
	p.checkGroups(wrong)
	p.checkBases(wrong)
	return wrong
}

func (b Body) check(wrong problem.Invalid) {
	pairs(wrong, "objectives", b.Objectives)
	pairs(wrong, "priority_groups", b.PriorityGroups)
	pairs(wrong, "priority_places", b.PriorityPlaces)
	pairs(wrong, "inspection", b.Inspection)
	pairs(wrong, "lead", named(b.Lead))
	pairs(wrong, "coordinating", named(b.Coordinating))
	pairs(wrong, "implementers", named(b.Implementers))
	figures := make([]words.Pair, len(b.Figures))
	for i, f := range b.Figures {
		figures[i] = words.Pair{Vi: f.Value + f.Meaning.Vi, En: f.Meaning.En}
	}
	pairs(wrong, "figures", figures)
	if len(b.Reporting) > MaxItems {
		wrong.Add("duties", "programme.too_many", MaxItems)
	}
	for i, d := range b.Reporting {
		d.check(wrong, fmt.Sprintf("duties.%d.", i))
	}
}

func (d Duty) check(wrong problem.Invalid, at string) {
	if d.What.Vi == "" {
		wrong.Add(at+"what_vi", "programme.duty_needed")
	}
	pair(wrong, at+"what", d.What, MaxItem)
	pair(wrong, at+"from", d.From, MaxItem)
	pairs(wrong, at+"to", named(d.To))
	if d.Kind != Periodic && d.Kind != AdHoc {
		wrong.Add(at+"kind", "programme.pick_one")
	}
	// 2001 had no 29 February: a date that comes every year must be in each.
	day := time.Date(2001, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
	if (d.Day != 0 || d.Month != 0) && (day.Day() != d.Day || int(day.Month()) != d.Month) {
		wrong.Add(at+"due", "programme.due_day")
	}
	if d.Kind == AdHoc && d.Day != 0 {
		wrong.Add(at+"due", "programme.due_ad_hoc")
	}
}

func (p Plan) checkGroups(wrong problem.Invalid) {
	if len(p.TaskGroups) > MaxItems {
		wrong.Add("groups", "programme.too_many", MaxItems)
	}
	first := map[string]bool{}
	for i, g := range p.TaskGroups {
		at := fmt.Sprintf("groups.%d.", i)
		if !codePattern.MatchString(g.Code) {
			wrong.Add(at+"code", "programme.group_code")
		} else if first[g.Code] {
			wrong.Add(at+"code", "programme.group_twice")
		}
		first[g.Code] = true
		if g.TitleVi == "" {
			wrong.Add(at+"title_vi", "programme.group_title")
		}
		pair(wrong, at+"title", g.Title(), MaxItem)
	}
}

func (p Plan) checkBases(wrong problem.Invalid) {
	if len(p.Bases) > MaxItems {
		wrong.Add("bases", "programme.too_many", MaxItems)
	}
	type key struct {
		document int64
		relation Relation
	}
	first := map[key]bool{}
	for i, b := range p.Bases {
		at, k := fmt.Sprintf("bases.%d.", i), key{int64(b.DocumentID), b.Relation}
		if b.DocumentID == 0 {
			wrong.Add(at+"document", "programme.pick_one")
		} else if first[k] {
			wrong.Add(at+"document", "programme.basis_twice")
		}
		first[k] = true
		if !slices.Contains(Relations, b.Relation) {
			wrong.Add(at+"relation", "programme.pick_one")
		}
	}
}

// named are the names of parties and, where they fit nowhere else, of those who
// act for them now.
func named(parties []Party) []words.Pair {
	var all []words.Pair
	for _, p := range parties {
		all = append(all, words.Pair{Vi: p.Vi + p.Now.Vi, En: p.En + p.Now.En})
	}
	return all
}

func pairs(wrong problem.Invalid, field string, items []words.Pair) {
	if len(items) > MaxItems {
		wrong.Add(field+"_vi", "programme.too_many", MaxItems)
	}
	for _, item := range items {
		if item.Vi == "" {
			wrong.Add(field+"_vi", "programme.line_needed")
		}
		pair(wrong, field, item, MaxItem)
	}
}

func pair(wrong problem.Invalid, field string, p words.Pair, limit int) {
	long(wrong, field+"_vi", p.Vi, limit)
	long(wrong, field+"_en", p.En, limit)
}

func long(wrong problem.Invalid, field, s string, limit int) {
	if over := viet.CountChars(s) - limit; over > 0 {
		wrong.Add(field, "programme.shorten", over)
	}
}
