// Package call holds the invitations to propose: what is funded, who may ask
// for it and where, by when, by which form it is asked and by which rubric it
// is judged.
//
// A call is drafted by the officers of its programme and published once. From
// then on people rely on it: only what harms nobody may change, and each change
// is in the log (see [Amend]). How many answered a call is not known here; that
// is a reader's question, for package desk.
package call

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"daubang/internal/form"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/programme"
	"daubang/internal/ref"
	"daubang/internal/rubric"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// ID names a call.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// Status says whether the public may rely on a call.
type Status string

// The statuses. Whether a published call is open is a matter of the moment: see
// [Call.Phase].
const (
	Draft     Status = "draft"
	Published Status = "published"
)

// Call is an invitation to propose.
type Call struct {
	ID          ID
	ProgrammeID programme.ID
	Content
	Grace       time.Duration // hidden: accepts what was already on its way at ClosesAt
	Status      Status
	PublishedAt *time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Content is what an officer decides about a call. Texts stand in both
// languages; where there is no English the Vietnamese is shown.
type Content struct {
	Code               string // BDG-27: begins the reference of every proposal
	TitleVi            string
	TitleEn            string
	SummaryVi          string // a paragraph: what for, for whom
	SummaryEn          string
	TextVi             string // the call itself, paragraphs between empty lines
	TextEn             string
	OpensAt            time.Time
	ClosesAt           time.Time // the first refused instant, shown as "đến 17:00"
	Envelope           int64     // đồng, for all grants together
	GrantMin           int64     // đồng
	GrantMax           int64     // đồng
	MonthsMax          int
	ApplicantKinds     []organisation.Kind     // empty: every kind
	Provinces          []string                // codes of provinces; empty: everywhere
	TaskGroups         []programme.TaskGroupID // of the programme: those it is to advance
	FormID             form.ID
	RubricID           rubric.ID
	ReviewsPerProposal int
	Blind              bool // reviewers do not see who applies
	PeersVisible       bool // a reviewer reads the others' reviews once theirs is sent
	Sensitive          bool // about violence: neutral subject lines, a quick exit
	Timetable          []Milestone
	ReviewDueOn        *time.Time // a day: when reviews are asked for by default
	ResultsOn          *time.Time // a day
}

// Milestone is a day of a call's timetable, besides opening, closing and
// results, and what happens on it.
type Milestone struct {
	On time.Time // a day: midnight UTC, see viet.Day
	words.Pair
}

type milestoneJSON struct {
	On string `json:"on"`
	words.Pair
}

// MarshalJSON writes the day as 2027-01-05.
func (m Milestone) MarshalJSON() ([]byte, error) {
	return json.Marshal(milestoneJSON{On: m.On.Format(time.DateOnly), Pair: m.Pair})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Milestone) UnmarshalJSON(b []byte) error {
	var j milestoneJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	on, err := time.Parse(time.DateOnly, j.On)
	m.On, m.Pair = on, j.Pair
	return err
}

// Title is the call's name.
func (c Content) Title() words.Pair { return words.Pair{Vi: c.TitleVi, En: c.TitleEn} }

// Summary is what the call is about, in a paragraph.
func (c Content) Summary() words.Pair { return words.Pair{Vi: c.SummaryVi, En: c.SummaryEn} }

// Text is the call in full.
func (c Content) Text() words.Pair { return words.Pair{Vi: c.TextVi, En: c.TextEn} }

// Phase is where a call stands at a moment.
type Phase string

// The phases.
const (
	PhaseDraft  Phase = "draft"
	PhaseSoon   Phase = "soon"   // published, not open yet
	PhaseOpen   Phase = "open"   // accepts proposals
	PhaseClosed Phase = "closed" // does not any more
)

// Phases lists what the public may see, in the order it is shown.
var Phases = []Phase{PhaseOpen, PhaseSoon, PhaseClosed}

// Phase says where the call stands at t.
func (c Call) Phase(t time.Time) Phase {
	switch {
	case c.Status != Published:
		return PhaseDraft
	case t.Before(c.OpensAt):
		return PhaseSoon
	case t.Before(c.ClosesAt):
		return PhaseOpen
	default:
		return PhaseClosed
	}
}

// Accepting reports whether a proposal may be submitted at the moment t.
func (c Call) Accepting(t time.Time) bool { return c.Phase(t) == PhaseOpen }

// AcceptingWithGrace is [Call.Accepting] for what was being sent when the call
// closed. The grace is never shown: it forgives the line, not the hour.
func (c Call) AcceptingWithGrace(t time.Time) bool {
	return c.Accepting(t) || c.Status == Published && !t.Before(c.ClosesAt) && t.Before(c.ClosesAt.Add(c.Grace))
}

// Invites reports whether an organisation of this kind and province may answer
// the call. One whose province is not known is asked only where it matters.
func (c Call) Invites(kind organisation.Kind, province string) bool {
	return c.invitesKind(kind) && c.invitesFrom(province)
}

func (c Call) invitesKind(k organisation.Kind) bool {
	return len(c.ApplicantKinds) == 0 || slices.Contains(c.ApplicantKinds, k)
}

func (c Call) invitesFrom(province string) bool {
	return len(c.Provinces) == 0 || slices.Contains(c.Provinces, province)
}

// Mark is a day or an instant of a call that people wait for.
type Mark struct {
	At    time.Time
	Clock bool // an instant, to be shown with its hour; otherwise a day
	Kind  MarkKind
	Text  words.Pair // of a milestone of the officers' own
}

// MarkKind says what happens at a [Mark].
type MarkKind string

// The kinds of marks.
const (
	MarkOpens   MarkKind = "opens"
	MarkCloses  MarkKind = "closes"
	MarkResults MarkKind = "results"
	MarkOther   MarkKind = "other"
)

// Marks is the whole timetable in order of time: opening, closing, results and
// the milestones between them.
func (c Call) Marks() []Mark {
	all := []Mark{{At: c.OpensAt, Clock: true, Kind: MarkOpens}, {At: c.ClosesAt, Clock: true, Kind: MarkCloses}}
	for _, m := range c.Timetable {
		all = append(all, Mark{At: m.On, Kind: MarkOther, Text: m.Pair})
	}
	if c.ResultsOn != nil {
		all = append(all, Mark{At: *c.ResultsOn, Kind: MarkResults})
	}
	slices.SortStableFunc(all, func(a, b Mark) int { return viet.Day(a.At).Compare(viet.Day(b.At)) })
	return all
}

// columns reads a call from visible.calls, named c.
const columns = `select c.id, c.programme_id, c.code, c.title_vi, c.title_en, c.summary_vi, c.summary_en, c.text_vi, c.text_en,
	c.opens_at, c.closes_at, c.grace, c.envelope, c.grant_min, c.grant_max, c.months_max, c.applicant_kinds, c.provinces,
	array(select g.task_group_id from visible.call_task_groups g where g.call_id = c.id order by g.task_group_id) as task_groups,
	c.form_id, c.rubric_id, c.reviews_per_proposal, c.blind, c.peers_visible, c.sensitive, c.timetable, c.review_due_on, c.results_on,
	c.status, c.published_at, c.created_at, c.updated_at`

// Get returns a call if viewer may see it: a published one everybody, a draft
// the officers of its programme and the auditors.
func Get(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Call, error) {
	return pg.One[Call](ctx, db, columns+` from visible.calls($1) c where c.id = $2`, viewer, id)
}

// GetFor is [Get] as the call stands for one organisation: it closes later where
// an extension says so. Announced is the closing that holds for everybody.
// Whoever decides whether something comes in time asks this one.
func GetFor(ctx context.Context, db pg.DB, viewer people.ID, id ID, o organisation.ID) (c Call, announced time.Time, err error) {
	type standing struct {
		Call
		ExtendedTo *time.Time
	}
	s, err := pg.One[standing](ctx, db, columns+`, (select max(e.closes_at) from visible.extensions_of($1, $3) e where e.call_id = c.id) as extended_to from visible.calls($1) c where c.id = $2`, viewer, id, o)
	announced = s.ClosesAt
	if s.ExtendedTo != nil {
		s.Call = s.Until(*s.ExtendedTo)
	}
	return s.Call, announced, err
}

// Closings is until when a call accepts what each of viewer's organisations
// sends, for those for whom that was put off.
func Closings(ctx context.Context, db pg.DB, viewer people.ID, id ID) (map[organisation.ID]time.Time, error) {
	type closing struct {
		OrganisationID organisation.ID
		ClosesAt       time.Time
	}
	rows, err := pg.All[closing](ctx, db, `
		select m.organisation_id, max(e.closes_at) as closes_at
		from visible.members($1) m cross join lateral visible.extensions_of($1, m.organisation_id) e
		where m.person_id = $1 and e.call_id = $2 group by m.organisation_id`, viewer, id)
	all := map[organisation.ID]time.Time{}
	for _, r := range rows {
		all[r.OrganisationID] = r.ClosesAt
	}
	return all, err
}

// Until is the call with another closing, if that is later.
func (c Call) Until(closesAt time.Time) Call {
	if closesAt.After(c.ClosesAt) {
		c.ClosesAt = closesAt
	}
	return c
}

// Open lists the calls that accept proposals at t, the soonest deadline
// first.
func Open(ctx context.Context, db pg.DB, t time.Time) ([]Call, error) {
	return pg.All[Call](ctx, db, columns+` from visible.calls(0) c
		where c.status = 'published' and c.opens_at <= $1 and $1 < c.closes_at order by c.closes_at, c.id`, t)
}

// Listed is a call with the name of its programme.
type Listed struct {
	Call
	ProgrammeVi string
	ProgrammeEn string
}

// Programme is the name of the programme it stands under.
func (l Listed) Programme() words.Pair { return words.Pair{Vi: l.ProgrammeVi, En: l.ProgrammeEn} }

// Filter narrows a list to what somebody may answer; what is empty narrows
// nothing.
type Filter struct {
	Phase    Phase
	Kind     organisation.Kind
	Province string // a code
}

// List lists the published calls that the filter leaves at t: the soonest
// deadline first among those that are open or to come, the latest first among
// those that are over. There are never so many that the database need filter.
func List(ctx context.Context, db pg.DB, f Filter, t time.Time) ([]Listed, error) {
	all, err := pg.All[Listed](ctx, db, columns+`, coalesce(p.title_vi, '') as programme_vi, coalesce(p.title_en, '') as programme_en
		from visible.calls(0) c left join visible.programmes(0) p on p.id = c.programme_id
		where c.status = 'published' order by c.closes_at <= $1, abs(extract(epoch from c.closes_at - $1)), c.id`, t)
	return slices.DeleteFunc(all, func(l Listed) bool {
		return f.Phase != "" && l.Phase(t) != f.Phase || f.Kind != "" && !l.invitesKind(f.Kind) || f.Province != "" && !l.invitesFrom(f.Province)
	}), err
}

// OfProgramme lists the calls under a programme that viewer may see, the latest
// first.
func OfProgramme(ctx context.Context, db pg.DB, viewer people.ID, id programme.ID) ([]Call, error) {
	return pg.All[Call](ctx, db, columns+` from visible.calls($1) c where c.programme_id = $2 order by c.closes_at desc, c.id`, viewer, id)
}

// AtDesk lists the calls that viewer answers for as an officer or reads as an
// auditor, drafts included: in the order of [List], drafts first.
func AtDesk(ctx context.Context, db pg.DB, viewer people.ID, t time.Time) ([]Listed, error) {
	return pg.All[Listed](ctx, db, columns+`, coalesce(p.title_vi, '') as programme_vi, coalesce(p.title_en, '') as programme_en
		from visible.calls($1) c left join visible.programmes($1) p on p.id = c.programme_id
		where c.programme_id in (select r.programme_id from visible.roles($1) r where r.person_id = $1 and r.role = 'officer')
		   or exists (select from visible.roles($1) r where r.person_id = $1 and r.role = 'auditor')
		order by c.status = 'published', c.closes_at <= $2, abs(extract(epoch from c.closes_at - $2)), c.id`, viewer, t)
}

// Office says what viewer is to the calls of a programme at the desk: an officer
// writes, and officers and auditors read.
func Office(ctx context.Context, db pg.DB, viewer people.ID, id programme.ID) (writes, reads bool, err error) {
	type roles struct{ Writes, Reads bool }
	r, err := pg.One[roles](ctx, db, `
		select coalesce(bool_or(role = 'officer' and programme_id = $2), false) as writes,
			coalesce(bool_or(role = 'officer' and programme_id = $2 or role = 'auditor'), false) as reads
		from visible.roles($1) where person_id = $1`, viewer, id)
	return r.Writes, r.Reads, err
}

// Serves reports whether the call is to advance a task group.
func (c Content) Serves(g programme.TaskGroupID) bool { return slices.Contains(c.TaskGroups, g) }
