package programme

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"daubang/internal/intake"
	"daubang/internal/legal"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// record is a programme in a file. What is marked inferred in it goes to the
// note; fields of the second kind are kept as they are where a file leaves them
// out.
type record struct {
	Seed           string        `json:"seed"` // the name of its source text, by which it is known again
	Key            string        `json:"key"`  // instead of seed
	Status         Status        `json:"status"`
	Source         recordSource  `json:"source"`
	Plan           recordPlan    `json:"plan"`
	LegalBases     []recordBasis `json:"legal_bases"`
	Objectives     []words.Pair  `json:"objectives"`
	TaskGroups     []recordGroup `json:"task_groups"`
	PriorityGroups []words.Pair  `json:"priority_groups"`
	PriorityPlaces []words.Pair  `json:"priority_places"`
	Lead           []Party       `json:"lead"`
	Coordinating   []Party       `json:"coordinating"`
	Implementers   []Party       `json:"implementers"`
	Inspection     []words.Pair  `json:"inspection"`
	Reporting      []recordDuty  `json:"reporting"`
	Figures        []struct {
		Value   string   `json:"value"`
		Meaning eitherOr `json:"meaning"`
	} `json:"figures"`
	Missing []string `json:"missing"`
}

type recordSource struct {
	Kind        string `json:"kind"`
	Publisher   string `json:"publisher"`
	Published   string `json:"published"`
	TerritoryVi string `json:"territory_vi"`
	TerritoryEn string `json:"territory_en"`
	Noise       string `json:"noise"`
}

type recordPlan struct {
	Number         string     `json:"number"`
	Symbol         string     `json:"symbol"`
	DocType        words.Pair `json:"doc_type"`
	IssueDate      string     `json:"issue_date"`
	IssueDateNote  eitherOr   `json:"issue_date_note"`
	Issuer         words.Pair `json:"issuer"`
	IssuerInferred string     `json:"issuer_inferred"`
	Subject        words.Pair `json:"subject"`
	Year           int        `json:"year"`
	YearInferred   string     `json:"year_inferred"`
	YearInference  string     `json:"year_inference"`
	YearConfidence string     `json:"year_confidence"`

	// Of the second kind.
	PeriodFrom  string `json:"period_from"`
	PeriodTo    string `json:"period_to"`
	IssuerPlace *struct {
		Level place.Level `json:"level"`
		Code  string      `json:"code"`
	} `json:"issuer_place"`
	IssuerEndedOn string      `json:"issuer_ended_on"`
	Successor     *words.Pair `json:"successor"`
}

type recordBasis struct {
	DocType  string `json:"doc_type"`
	Number   string `json:"number"`
	Date     string `json:"date"`
	Issuer   string `json:"issuer"`
	TitleVi  string `json:"title_vi"`
	TitleEn  string `json:"title_en"`
	Relation string `json:"relation"`
	InText   struct {
		Number bool `json:"number"`
		Date   bool `json:"date"`
	} `json:"in_seed_text"` // whether the plan's source prints them
	DateVerified bool   `json:"date_verified"`
	Note         string `json:"note"`
}

type recordGroup struct {
	Code string `json:"code"`
	words.Pair
}

type recordDuty struct {
	What     words.Pair `json:"what"`
	Kind     DutyKind   `json:"kind"`
	Deadline *struct {
		Day   int `json:"day"`
		Month int `json:"month"`
	} `json:"deadline"`
	DeadlineRule string     `json:"deadline_rule"` // in words: a note
	Included     bool       `json:"included"`
	From         words.Pair `json:"from"`
	To           []Party    `json:"to"`
}

// eitherOr is a text in both languages, or one string of the file's maker, which
// is a note and not for pages.
type eitherOr struct {
	Pair words.Pair
	Note string
}

// plan reads a record; what is wrong is a refusal with its line.
func (r record) plan(at intake.Record[record]) (Plan, error) {
	p := Plan{Content: Content{
		Title: r.Plan.Subject, Number: r.Plan.Number, Symbol: r.Plan.Symbol, Issuer: r.Plan.Issuer, Year: r.Plan.Year,
		IssuedOnNote: r.Plan.IssueDateNote.Pair,
		Source:       Source{Kind: r.Source.kind(), Publisher: r.Source.Publisher},
		Body: Body{
			Objectives: r.Objectives, PriorityGroups: r.PriorityGroups, PriorityPlaces: r.PriorityPlaces, Inspection: r.Inspection,
			Lead: acting(r.Lead), Coordinating: acting(r.Coordinating), Implementers: acting(r.Implementers),
		},
	}}
	var err error
	if p.IssuedOn, err = dated(at, "plan.issue_date", r.Plan.IssueDate); err != nil {
		return Plan{}, err
	}
	if p.PeriodFrom, err = dated(at, "plan.period_from", r.Plan.PeriodFrom); err != nil {
		return Plan{}, err
	}
	if p.PeriodTo, err = dated(at, "plan.period_to", r.Plan.PeriodTo); err != nil {
		return Plan{}, err
	}
	published, _, _ := strings.Cut(r.Source.Published, "T") // some have a time of day
	if p.Source.Published, err = dated(at, "source.published", published); err != nil {
		return Plan{}, err
	}
	if p.IssuerEndedOn, err = dated(at, "plan.issuer_ended_on", r.Plan.IssuerEndedOn); err != nil {
		return Plan{}, err
	}
	if r.Plan.IssuerPlace != nil {
		p.IssuerPlaceLevel, p.IssuerPlaceCode = r.Plan.IssuerPlace.Level, r.Plan.IssuerPlace.Code
	}
	if r.Plan.Successor != nil {
		p.Successor = *r.Plan.Successor
	}
	for _, g := range r.TaskGroups {
		p.TaskGroups = append(p.TaskGroups, TaskGroup{Code: g.Code, TitleVi: g.Vi, TitleEn: g.En})
	}
	for _, d := range r.Reporting {
		p.Body.Reporting = append(p.Body.Reporting, d.duty())
	}
	for _, f := range r.Figures {
		meaning := f.Meaning.Pair
		if meaning.Vi == "" {
			meaning.En = f.Meaning.Note // English only: shown where English is read
		}
		p.Body.Figures = append(p.Body.Figures, Figure{Value: f.Value, Meaning: meaning})
	}
	r.weigh(&p)
	return p, r.refuse(at, p)
}

// weigh parts what the record states from what its maker only supposes.
func (r record) weigh(p *Plan) {
	var notes []string
	note := func(what, text string) {
		if text != "" {
			notes = append(notes, what+": "+text)
		}
	}
	docType, guess := stated(r.Plan.DocType.Vi)
	if p.DocType = r.Plan.DocType; guess != "" {
		p.DocType = words.Pair{Vi: docType}
		note("document type", guess)
	}
	territory, guess := stated(r.Source.TerritoryVi)
	note("territory", guess)
	if m := endedOn.FindStringSubmatch(territory); m != nil {
		territory = strings.TrimSpace(strings.Replace(territory, m[0], "", 1))
		if day, ok := viet.ParseDate(m[1], 0); ok && p.IssuerEndedOn == nil {
			p.IssuerEndedOn = &day
		}
	}
	p.Territory = words.Pair{Vi: territory, En: r.Source.TerritoryEn}
	note("issuer", r.Plan.IssuerInferred)
	note("year", strings.TrimSpace(r.Plan.YearInferred+" "+r.Plan.YearInference))
	note("confidence of the year", r.Plan.YearConfidence)
	note("date of issue", r.Plan.IssueDateNote.Note)
	for _, b := range r.LegalBases {
		note(b.Number, b.Note)
	}
	for _, d := range r.Reporting {
		note("report", d.DeadlineRule)
	}
	note("not in the source", strings.Join(r.Missing, ", "))
	p.Note = strings.Join(notes, "\n")
}

// endedOn finds that a district is no more: (cấp huyện, kết thúc 01/07/2025).
var endedOn = regexp.MustCompile(`\s*\([^()]*kết thúc (\d{1,2}/\d{1,2}/\d{4})\)`)

// stated parts a text from what its maker supposes (khả năng cao: most likely)
// or says to be absent (không nêu: not stated).
func stated(text string) (fact, guess string) {
	if strings.HasPrefix(text, "không nêu") {
		return "", text
	}
	if !strings.Contains(text, "khả năng cao") {
		return text, ""
	}
	for part := range strings.SplitSeq(text, ";") {
		if strings.Contains(part, "khả năng cao") {
			guess = strings.TrimSpace(part)
		} else if fact == "" {
			fact = strings.TrimSpace(part)
		}
	}
	return fact, guess
}

func (s recordSource) kind() SourceKind {
	if strings.Contains(s.Kind, "portal") {
		return Portal
	}
	return News
}

func (d recordDuty) duty() Duty {
	duty := Duty{What: d.What, Kind: d.Kind, Included: d.Included, From: d.From, To: acting(d.To)}
	if d.Deadline != nil {
		duty.Day, duty.Month = d.Deadline.Day, d.Deadline.Month
	}
	return duty
}

// acting reads "(nay: …)" in the names of parties that say it there.
func acting(list []Party) []Party {
	var all []Party
	for _, p := range list {
		if p.Now == (words.Pair{}) {
			p = parties([]words.Pair{p.Pair})[0]
		}
		all = append(all, p)
	}
	return all
}

func (b recordBasis) citation(at intake.Record[record], path string) (legal.Citation, Relation, error) {
	date, err := dated(at, path+"date", b.Date)
	if err != nil {
		return legal.Citation{}, "", err
	}
	for field, text := range map[string]string{"doc_type": b.DocType, "number": viet.DocumentKey(b.Number), "issuer": b.Issuer, "title_vi": b.TitleVi} {
		if text == "" {
			return legal.Citation{}, "", at.Refuse(path+field, "intake.needed")
		}
	}
	relations := map[string]Relation{
		"implements": Implements, "communicates": Communicates, "parent_plan": ParentPlan, "implements (parent plan)": ParentPlan, "succession": Succession,
	}
	relation, ok := relations[b.Relation]
	if !ok {
		return legal.Citation{}, "", at.Refuse(path+"relation", "intake.one_of", b.Relation, "implements, communicates, parent_plan, succession")
	}
	return legal.Citation{
		DocType: b.DocType, Number: b.Number, Date: date, Seen: b.DateVerified, Issuer: b.Issuer, TitleVi: b.TitleVi, TitleEn: b.TitleEn,
	}, relation, nil
}

func dated(at intake.Record[record], path, s string) (*time.Time, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no date is an answer: the source has none
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return nil, at.Refuse(path, "intake.date", s)
	}
	return &t, nil
}

// refuse tells the first thing that is wrong with a plan where it stands in the
// record.
func (r record) refuse(at intake.Record[record], p Plan) error {
	if r.key() == "" {
		return at.Refuse("key", "intake.needed")
	}
	if r.Status != "" && r.Status != Draft && r.Status != Published {
		return at.Refuse("status", "intake.one_of", string(r.Status), "draft, published")
	}
	return refusal(at, p.Check())
}

// key is what a record is known by.
func (r record) key() string {
	if r.Key != "" {
		return r.Key
	}
	return strings.TrimSuffix(r.Seed, ".txt")
}

// paths are where in a record stands what controls of the page show; others
// have one name in both.
var paths = map[string]string{
	"title": "plan.subject", "doc_type": "plan.doc_type", "number": "plan.number", "symbol": "plan.symbol", "issuer": "plan.issuer",
	"issuer_place_code": "plan.issuer_place", "successor": "plan.successor", "year": "plan.year", "period_to": "plan.period_to",
	"territory": "source.territory_vi", "groups": "task_groups", "duties": "reporting",
}

func pathOf(field string) string {
	if rest, ok := strings.CutPrefix(field, "groups."); ok {
		return "task_groups." + strings.Replace(rest, "title_", "", 1)
	}
	if rest, ok := strings.CutPrefix(field, "duties."); ok {
		return "reporting." + strings.NewReplacer("_vi", ".vi", "_en", ".en", "due", "deadline").Replace(rest)
	}
	field = strings.TrimSuffix(strings.TrimSuffix(field, "_vi"), "_en")
	return cmp.Or(paths[field], field)
}

// refusal is the first thing that is wrong, told where it stands in the record.
func refusal(at intake.Record[record], wrong problem.Invalid) error {
	for _, field := range slices.Sorted(maps.Keys(wrong)) {
		return at.Refuse(pathOf(field), wrong[field].Key, wrong[field].Args...)
	}
	return nil
}
