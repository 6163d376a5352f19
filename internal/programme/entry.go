package programme

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"daubang/internal/legal"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Entry is a plan in the words of who writes it at the desk: dates as typed, and
// lists as texts with one item a line, Vietnamese and English side by side.
type Entry struct {
	Version string // of what was on the page: see [Programme.Version]

	Title, DocType, IssuedOnNote, Issuer, Successor, Territory words.Pair

	Number, Symbol, IssuedOn, Year, PeriodFrom, PeriodTo string
	IssuerPlaceLevel, IssuerPlaceCode, IssuerEndedOn     string
	SourceKind, SourcePublisher, SourcePublished, Note   string

	Objectives, PriorityGroups, PriorityPlaces, Lead, Coordinating, Implementers, Inspection, Figures words.Pair

	Groups []GroupEntry
	Duties []DutyEntry
	Bases  []BasisEntry
}

// GroupEntry is a row of the table of task groups.
type GroupEntry struct {
	Code  string
	Title words.Pair
}

// DutyEntry is a report that the plan asks for.
type DutyEntry struct {
	What     words.Pair
	Kind     string
	Due      string // 10/6
	Included bool
	From     words.Pair
	To       words.Pair // one a line
}

// BasisEntry is a row of the table of legal bases.
type BasisEntry struct {
	Document  string // reference of a document of the register
	Relation  string
	BySubject bool
}

// Empty reports whether a row was left blank.
func (g GroupEntry) Empty() bool { return g == GroupEntry{} }

// Empty reports whether nothing was written of a report; its kind does not count.
func (d DutyEntry) Empty() bool { d.Kind, d.Included = "", false; return d == DutyEntry{} }

// Empty reports whether no document was picked.
func (b BasisEntry) Empty() bool { return b.Document == "" }

// Version names the state of a programme, so that two officers who edit it at
// once do not undo each other's work.
func (p Programme) Version() string { return strconv.FormatInt(p.UpdatedAt.UnixMicro(), 36) }

// Plan reads what was written, and says what cannot be read or may not stand.
// Rows are counted from 0, as they stand in the entry.
func (e Entry) Plan() (Plan, problem.Invalid) {
	wrong := problem.Invalid{}
	p := Plan{Content: Content{
		Title: e.Title, DocType: e.DocType, Number: e.Number, Symbol: e.Symbol,
		IssuedOn: day(wrong, "issued_on", e.IssuedOn), IssuedOnNote: e.IssuedOnNote, Issuer: e.Issuer,
		IssuerPlaceLevel: place.Level(number(wrong, "issuer_place_level", e.IssuerPlaceLevel, 3)), //nolint:gosec // up to 3
		IssuerPlaceCode:  e.IssuerPlaceCode,
		IssuerEndedOn:    day(wrong, "issuer_ended_on", e.IssuerEndedOn), Successor: e.Successor,
		Year: number(wrong, "year", e.Year, 2100), PeriodFrom: day(wrong, "period_from", e.PeriodFrom), PeriodTo: day(wrong, "period_to", e.PeriodTo),
		Territory: e.Territory, Note: e.Note,
		Source: Source{Kind: SourceKind(e.SourceKind), Publisher: e.SourcePublisher, Published: day(wrong, "source_published", e.SourcePublished)},
		Body: Body{
			Objectives:     lines(wrong, "objectives", e.Objectives),
			PriorityGroups: lines(wrong, "priority_groups", e.PriorityGroups),
			PriorityPlaces: lines(wrong, "priority_places", e.PriorityPlaces),
			Lead:           parties(lines(wrong, "lead", e.Lead)),
			Coordinating:   parties(lines(wrong, "coordinating", e.Coordinating)),
			Implementers:   parties(lines(wrong, "implementers", e.Implementers)),
			Inspection:     lines(wrong, "inspection", e.Inspection),
			Figures:        figures(lines(wrong, "figures", e.Figures)),
		},
	}}
	for i, d := range e.Duties {
		p.Body.Reporting = append(p.Body.Reporting, d.duty(wrong, fmt.Sprintf("duties.%d.", i)))
	}
	for _, g := range e.Groups {
		p.TaskGroups = append(p.TaskGroups, TaskGroup{Code: g.Code, TitleVi: g.Title.Vi, TitleEn: g.Title.En})
	}
	for _, b := range e.Bases {
		document, _ := ref.Parse[legal.ID](b.Document) // 0 is refused by Check
		p.Bases = append(p.Bases, Basis{DocumentID: document, Relation: Relation(b.Relation), BySubject: b.BySubject})
	}
	for field, say := range p.Check() {
		wrong.Add(field, say.Key, say.Args...)
	}
	return p, wrong
}

func (d DutyEntry) duty(wrong problem.Invalid, at string) Duty {
	duty := Duty{
		What: d.What, Kind: DutyKind(d.Kind), Included: d.Included, From: d.From,
		To: parties(lines(wrong, at+"to", d.To)),
	}
	if d.Due != "" {
		t, ok := viet.ParseDate(d.Due, 2001) // a year of 365 days
		if !ok {
			wrong.Add(at+"due", "programme.due_day")
		}
		duty.Day, duty.Month = t.Day(), int(t.Month())
	}
	return duty
}

func day(wrong problem.Invalid, field, s string) *time.Time {
	if s == "" {
		return nil
	}
	t, ok := viet.ParseDate(s, 0)
	if !ok {
		wrong.Add(field, "programme.date")
		return nil
	}
	return &t
}

func number(wrong problem.Invalid, field, s string, most int) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > most {
		wrong.Add(field, "programme.whole_number", most)
		return 0
	}
	return n
}

// missing stands where a line has no English yet.
const missing = "–"

// lines pairs the lines of two texts. English may be missing altogether, or be
// a dash here and there.
func lines(wrong problem.Invalid, field string, text words.Pair) []words.Pair {
	vi, en := split(text.Vi), split(text.En)
	if len(en) > 0 && len(en) != len(vi) {
		wrong.Add(field+"_en", "programme.lines_differ", len(vi), len(en))
	}
	var all []words.Pair
	for i, line := range vi {
		item := words.Pair{Vi: line}
		if i < len(en) && en[i] != missing {
			item.En = en[i]
		}
		all = append(all, item)
	}
	return all
}

func split(text string) []string {
	var all []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = viet.Clean(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

var (
	nowVi = regexp.MustCompile(`^(.*\S)\s*\(nay:? (.+)\)$`)
	nowEn = regexp.MustCompile(`^(.*\S)\s*\(now:? (.+)\)$`)
)

// parties reads who acts now out of "Sở Lao động (nay: Sở Nội vụ)".
func parties(items []words.Pair) []Party {
	var all []Party
	for _, item := range items {
		p := Party{Pair: item}
		if m := nowVi.FindStringSubmatch(item.Vi); m != nil {
			p.Vi, p.Now.Vi = m[1], m[2]
		}
		if m := nowEn.FindStringSubmatch(item.En); m != nil {
			p.En, p.Now.En = m[1], m[2]
		}
		all = append(all, p)
	}
	return all
}

// figures reads "7: nhóm nội dung"; the Vietnamese line says the value.
func figures(items []words.Pair) []Figure {
	var all []Figure
	for _, item := range items {
		value, meaning, found := strings.Cut(item.Vi, ": ")
		if !found {
			value, meaning = item.Vi, ""
		}
		_, en, found := strings.Cut(item.En, ": ")
		if !found {
			en = item.En
		}
		all = append(all, Figure{Value: value, Meaning: words.Pair{Vi: meaning, En: en}})
	}
	return all
}
