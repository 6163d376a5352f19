package call

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"daubang/internal/form"
	"daubang/internal/organisation"
	"daubang/internal/problem"
	"daubang/internal/programme"
	"daubang/internal/ref"
	"daubang/internal/rubric"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Entry is a call as an officer types it. Everything is text, so that what
// cannot be read is shown again as it was; the name of each control is in
// problem.Invalid beside what is wrong with it.
type Entry struct {
	Amendment
	Code           string
	TitleVi        string
	OpensOn        string
	OpensClock     string
	Envelope       string
	GrantMin       string
	GrantMax       string
	MonthsMax      string
	ApplicantKinds []string
	Provinces      []string
	TaskGroups     []string
	FormID         string
	RubricID       string
	Blind          bool
	PeersVisible   bool
	Sensitive      bool
}

// Amendment is the part of an [Entry] that may still change once a call is
// published: what nobody has relied on, or what only gains people time.
type Amendment struct {
	TitleEn            string
	SummaryVi          string
	SummaryEn          string
	TextVi             string
	TextEn             string
	ClosesOn           string // only later, and only while the call is not closed
	ClosesClock        string
	Milestones         []MilestoneEntry
	ReviewsPerProposal string // only more
	ReviewDueOn        string
	ResultsOn          string
}

// MilestoneEntry is a row of the timetable as it is typed; an empty row is none.
type MilestoneEntry struct{ On, Vi, En string }

// Limits of texts, in characters after NFC.
const (
	MaxCode    = 20
	MaxTitle   = 200
	MaxSummary = 600
	MaxText    = 20_000
	MaxMark    = 200 // the text of a milestone
	MaxMarks   = 12
)

// Blank is the entry that a new call starts from.
func Blank() Entry {
	return Entry{
		OpensClock: "08:00", MonthsMax: "12", PeersVisible: true,
		Amendment: Amendment{ClosesClock: "17:00", ReviewsPerProposal: "2"},
	}
}

// EntryOf writes a call the way an officer would have typed it.
func EntryOf(c Content) Entry {
	e := Entry{
		Code: c.Code, TitleVi: c.TitleVi,
		OpensOn: viet.Date(c.OpensAt), OpensClock: viet.Clock(c.OpensAt),
		Envelope: amount(c.Envelope), GrantMin: amount(c.GrantMin), GrantMax: amount(c.GrantMax),
		MonthsMax: strconv.Itoa(c.MonthsMax), Provinces: c.Provinces,
		FormID: c.FormID.String(), RubricID: c.RubricID.String(),
		Blind: c.Blind, PeersVisible: c.PeersVisible, Sensitive: c.Sensitive,
		Amendment: Amendment{
			TitleEn: c.TitleEn, SummaryVi: c.SummaryVi, SummaryEn: c.SummaryEn, TextVi: c.TextVi, TextEn: c.TextEn,
			ClosesOn: viet.Date(c.ClosesAt), ClosesClock: viet.Clock(c.ClosesAt),
			ReviewsPerProposal: strconv.Itoa(c.ReviewsPerProposal), ReviewDueOn: day(c.ReviewDueOn), ResultsOn: day(c.ResultsOn),
		},
	}
	for _, k := range c.ApplicantKinds {
		e.ApplicantKinds = append(e.ApplicantKinds, string(k))
	}
	for _, g := range c.TaskGroups {
		e.TaskGroups = append(e.TaskGroups, g.String())
	}
	for _, m := range c.Timetable {
		e.Milestones = append(e.Milestones, MilestoneEntry{On: viet.Date(m.On), Vi: m.Vi, En: m.En})
	}
	return e
}

// Again is the entry for a new call like c: all but its code and its dates.
func Again(c Content) Entry {
	e := EntryOf(c)
	e.Code, e.OpensOn, e.ClosesOn, e.ReviewDueOn, e.ResultsOn = "", "", "", "", ""
	for i := range e.Milestones {
		e.Milestones[i].On = ""
	}
	return e
}

func amount(n int64) string {
	if n == 0 {
		return ""
	}
	return viet.Number(n)
}

func day(t *time.Time) string {
	if t == nil {
		return ""
	}
	return viet.Date(*t)
}

var codeForm = regexp.MustCompile(`^[A-Z0-9]+(-[A-Z0-9]+)*$`)

// read makes content of what was typed and notes what cannot be read or cannot
// stand even in a draft.
func (e Entry) read() (Content, problem.Invalid) {
	wrong := problem.Invalid{}
	c := Content{
		Code: strings.ToUpper(e.Code), TitleVi: e.TitleVi, Provinces: e.Provinces,
		Blind: e.Blind, PeersVisible: e.PeersVisible, Sensitive: e.Sensitive,
	}
	if !codeForm.MatchString(c.Code) || len(c.Code) > MaxCode {
		wrong.Add("code", "call.wrong.code", MaxCode)
	}
	if c.TitleVi == "" {
		wrong.Add("title_vi", "call.wrong.title")
	}
	tooLong(wrong, "title_vi", c.TitleVi, MaxTitle)
	c.OpensAt = instant(wrong, "opens", e.OpensOn, e.OpensClock)
	e.Amendment.read(&c, wrong)
	if opens, closes := c.OpensAt, c.ClosesAt; !opens.IsZero() && !closes.IsZero() && !opens.Before(closes) {
		wrong.Add("closes_on", "call.wrong.closes_before_opens")
	}
	e.readGrant(&c, wrong)
	e.readChoices(&c, wrong)
	return c, wrong
}

// readGrant reads the amounts and the duration. An amount not yet known is 0.
func (e Entry) readGrant(c *Content, wrong problem.Invalid) {
	for _, a := range []struct {
		field, typed string
		to           *int64
	}{{"envelope", e.Envelope, &c.Envelope}, {"grant_min", e.GrantMin, &c.GrantMin}, {"grant_max", e.GrantMax, &c.GrantMax}} {
		if a.typed == "" {
			continue
		}
		n, ok := viet.ParseMoney(a.typed)
		if !ok {
			wrong.Add(a.field, "call.wrong.money")
		}
		*a.to = n
	}
	if c.GrantMin > c.GrantMax {
		wrong.Add("grant_min", "call.wrong.grant_min")
	}
	if c.GrantMax > c.Envelope {
		wrong.Add("grant_max", "call.wrong.grant_max")
	}
	c.MonthsMax = number(wrong, "months_max", e.MonthsMax, 1, 60)
}

// readChoices reads what was picked from lists. What is on none of them did not
// come from our page.
func (e Entry) readChoices(c *Content, wrong problem.Invalid) {
	for _, k := range e.ApplicantKinds {
		kind := organisation.Kind(k)
		if !slices.Contains(organisation.Kinds, kind) {
			wrong.Add("applicant_kinds", "call.wrong.choice")
		}
		c.ApplicantKinds = append(c.ApplicantKinds, kind)
	}
	for _, g := range e.TaskGroups {
		id, err := ref.Parse[programme.TaskGroupID](g)
		if err != nil {
			wrong.Add("task_groups", "call.wrong.choice")
		}
		c.TaskGroups = append(c.TaskGroups, id)
	}
	var err error
	if c.FormID, err = ref.Parse[form.ID](e.FormID); err != nil {
		wrong.Add("form_id", "call.wrong.form")
	}
	if c.RubricID, err = ref.Parse[rubric.ID](e.RubricID); err != nil {
		wrong.Add("rubric_id", "call.wrong.rubric")
	}
}

// read reads what may change at any time into c.
func (a Amendment) read(c *Content, wrong problem.Invalid) {
	c.TitleEn, c.SummaryVi, c.SummaryEn, c.TextVi, c.TextEn = a.TitleEn, a.SummaryVi, a.SummaryEn, a.TextVi, a.TextEn
	tooLong(wrong, "title_en", a.TitleEn, MaxTitle)
	tooLong(wrong, "summary_vi", a.SummaryVi, MaxSummary)
	tooLong(wrong, "summary_en", a.SummaryEn, MaxSummary)
	tooLong(wrong, "text_vi", a.TextVi, MaxText)
	tooLong(wrong, "text_en", a.TextEn, MaxText)
	c.ClosesAt = instant(wrong, "closes", a.ClosesOn, a.ClosesClock)
	c.ReviewsPerProposal = number(wrong, "reviews_per_proposal", a.ReviewsPerProposal, 1, 9)
	c.ReviewDueOn = date(wrong, "review_due_on", a.ReviewDueOn)
	c.ResultsOn = date(wrong, "results_on", a.ResultsOn)
	c.Timetable = a.timetable(wrong)
	if c.ReviewDueOn != nil && !c.ClosesAt.IsZero() && c.ReviewDueOn.Before(viet.Day(c.ClosesAt)) {
		wrong.Add("review_due_on", "call.wrong.review_before_closing")
	}
	if c.ResultsOn != nil && !c.ClosesAt.IsZero() && c.ResultsOn.Before(viet.Day(c.ClosesAt)) {
		wrong.Add("results_on", "call.wrong.results_before_closing")
	}
}

func (a Amendment) timetable(wrong problem.Invalid) []Milestone {
	all := []Milestone{} // never null in the row
	for i, m := range a.Milestones {
		if m == (MilestoneEntry{}) {
			continue
		}
		on := date(wrong, MilestoneField(i, "on"), m.On)
		if on == nil {
			wrong.Add(MilestoneField(i, "on"), "call.wrong.milestone_date")
			continue
		}
		if m.Vi == "" {
			wrong.Add(MilestoneField(i, "vi"), "call.wrong.milestone_text")
		}
		tooLong(wrong, MilestoneField(i, "vi"), m.Vi, MaxMark)
		tooLong(wrong, MilestoneField(i, "en"), m.En, MaxMark)
		all = append(all, Milestone{On: *on, Pair: words.Pair{Vi: m.Vi, En: m.En}})
	}
	if len(all) > MaxMarks {
		wrong.Add(MilestoneField(MaxMarks, "on"), "call.wrong.milestones", MaxMarks)
	}
	slices.SortStableFunc(all, func(x, y Milestone) int { return x.On.Compare(y.On) })
	return all
}

// MilestoneField names a control of the i-th row of the timetable, from 0.
func MilestoneField(i int, part string) string { return "milestone_" + strconv.Itoa(i+1) + "_" + part }

func tooLong(wrong problem.Invalid, field, s string, most int) {
	if n := viet.CountChars(s); n > most {
		wrong.Add(field, "call.wrong.long", most, n-most)
	}
}

// instant reads the controls name_on and name_clock; a call has both.
func instant(wrong problem.Invalid, name, on, clock string) time.Time {
	if _, ok := viet.ParseDate(on, 0); !ok {
		wrong.Add(name+"_on", "call.wrong."+name+"_on")
		return time.Time{}
	}
	t, ok := viet.ParseInstant(on, clock)
	if !ok {
		wrong.Add(name+"_clock", "call.wrong.clock")
		return time.Time{}
	}
	return t
}

// date reads a day that may be left out.
func date(wrong problem.Invalid, field, typed string) *time.Time {
	if typed == "" {
		return nil
	}
	t, ok := viet.ParseDate(typed, 0)
	if !ok {
		wrong.Add(field, "call.wrong.date")
		return nil
	}
	return &t
}

func number(wrong problem.Invalid, field, typed string, least, most int) int {
	n, ok := viet.ParseInt(typed)
	if !ok || n < int64(least) || n > int64(most) {
		wrong.Add(field, "call.wrong.number", least, most)
		return least
	}
	return int(n)
}
