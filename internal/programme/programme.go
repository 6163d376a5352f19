// Package programme knows the plans under which projects are proposed: what a
// plan document says, who issued it and who answers for it now, and the groups
// of tasks that calls and proposals refer to.
//
// What a plan's source does not say stays empty, and pages say so; what somebody
// inferred stands in a note for the desk and is never shown as fact. A programme
// keeps the name of its issuer as issued, also when the issuer is no more.
package programme

import (
	"context"
	"fmt"
	"time"

	"daubang/internal/legal"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/place"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// ID names a programme.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// Status is whether everybody may see a programme.
type Status string

// The statuses. A published programme stays published: calls refer to it.
const (
	Draft     Status = "draft"
	Published Status = "published"
)

// View is as whom one sees a programme.
type View string

// The views. Officers may edit; auditors see drafts and notes and change nothing.
const (
	AsOfficer View = "officer"
	AsAuditor View = "auditor"
	AsPublic  View = "public"
)

// Programme is a plan document as the portal runs it.
type Programme struct {
	ID     ID
	View   View // of who asked
	Status Status
	Content
	UpdatedAt time.Time
}

// Content is what a plan says, and what became of its issuer.
type Content struct {
	Title            words.Pair // the subject of the document
	DocType          words.Pair // empty: the source does not say
	Number           string     // keeps its zero: 08
	Symbol           string     // KH-UBND
	IssuedOn         *time.Time
	IssuedOnNote     words.Pair
	Issuer           words.Pair  // as issued
	IssuerPlaceLevel place.Level // of the unit it governs; 0: none is known
	IssuerPlaceCode  string
	IssuerEndedOn    *time.Time // the first day it was no more
	Successor        words.Pair // who answers for its tasks now
	Year             int        // 0: not stated
	PeriodFrom       *time.Time
	PeriodTo         *time.Time // inclusive
	Territory        words.Pair
	Source           Source
	Body             Body
	Note             string // inferred or unverified; empty for the public
}

// FullNumber is number and symbol as they are written: 59/KH-UBND; empty where
// the source gives none.
func (c Content) FullNumber() string {
	if c.Number == "" || c.Symbol == "" {
		return c.Number + c.Symbol
	}
	return c.Number + "/" + c.Symbol
}

// Ended reports whether the issuer was no more on the day of t.
func (c Content) Ended(t time.Time) bool {
	return c.IssuerEndedOn != nil && !viet.Day(t).Before(*c.IssuerEndedOn)
}

// Source is where the portal's knowledge of a plan comes from.
type Source struct {
	Kind      SourceKind `json:"kind,omitempty"`
	Publisher string     `json:"publisher,omitempty"`
	Published *time.Time `json:"published,omitempty"`
}

// SourceKind is what kind of text a source is.
type SourceKind string

// The kinds of sources.
const (
	OwnDocument SourceKind = ""       // the document itself, at the desk
	News        SourceKind = "news"   // an article in the press
	Portal      SourceKind = "portal" // an item on an authority's own pages
)

// Body is the rest of what a plan says.
type Body struct {
	Objectives     []words.Pair `json:"objectives,omitempty"`
	PriorityGroups []words.Pair `json:"priority_groups,omitempty"`
	PriorityPlaces []words.Pair `json:"priority_places,omitempty"`
	Lead           []Party      `json:"lead,omitempty"`
	Coordinating   []Party      `json:"coordinating,omitempty"`
	Implementers   []Party      `json:"implementers,omitempty"`
	Inspection     []words.Pair `json:"inspection,omitempty"`
	Reporting      []Duty       `json:"reporting,omitempty"`
	Figures        []Figure     `json:"figures,omitempty"`
}

// Party is a body that a plan gives a task, and who has that task now where that
// is somebody else.
type Party struct {
	words.Pair
	Now words.Pair `json:"now,omitzero"`
}

// DutyKind is when a report is due.
type DutyKind string

// The kinds of duties.
const (
	Periodic DutyKind = "periodic"
	AdHoc    DutyKind = "ad_hoc" // when something happens
)

// Duty is a report that the plan asks for.
type Duty struct {
	What     words.Pair `json:"what"`
	Kind     DutyKind   `json:"kind"`
	Day      int        `json:"day,omitempty"` // 0: the plan gives no date
	Month    int        `json:"month,omitempty"`
	Included bool       `json:"included,omitempty"` // that day is still in time; else it is due before it
	From     words.Pair `json:"from,omitzero"`
	To       []Party    `json:"to,omitempty"` // in order
}

// Due writes the day as plans do: 10/6.
func (d Duty) Due() string {
	if d.Day == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", d.Day, d.Month)
}

// Figure is a number the plan names, and what it means.
type Figure struct {
	Value   string     `json:"value"`
	Meaning words.Pair `json:"meaning"`
}

// TaskGroupID names a task group.
type TaskGroupID int64

func (id TaskGroupID) String() string { return ref.Of(id) }

// TaskGroup is a group of tasks of a plan; calls and proposals refer to it.
type TaskGroup struct {
	ID          TaskGroupID
	ProgrammeID ID
	Code        string
	TitleVi     string
	TitleEn     string
}

// Title is what the group is called, in both languages.
func (g TaskGroup) Title() words.Pair { return words.Pair{Vi: g.TitleVi, En: g.TitleEn} }

// Relation is how a plan stands to a document it cites.
type Relation string

// The relations.
const (
	Implements   Relation = "implements"
	Communicates Relation = "communicates" // makes it known
	ParentPlan   Relation = "parent_plan"
	Succession   Relation = "succession" // not of the plan: why somebody else answers for it now
)

// Relations lists them.
var Relations = []Relation{Implements, Communicates, ParentPlan, Succession}

// Basis is a document of the register that a plan rests on.
type Basis struct {
	DocumentID legal.ID
	Relation   Relation
	BySubject  bool // the plan names its subject only; the number is the register's
	Document   legal.Document
}

const fields = `status, jsonb_build_object('vi', title_vi, 'en', title_en) as title,
	jsonb_build_object('vi', doc_type_vi, 'en', doc_type_en) as doc_type, number, symbol, issued_on,
	jsonb_build_object('vi', issued_on_note_vi, 'en', issued_on_note_en) as issued_on_note,
	jsonb_build_object('vi', issuer_vi, 'en', issuer_en) as issuer,
	coalesce(issuer_place_level, 0) as issuer_place_level, coalesce(issuer_place_code, '') as issuer_place_code, issuer_ended_on,
	jsonb_build_object('vi', successor_vi, 'en', successor_en) as successor, coalesce(year, 0) as year, period_from, period_to,
	jsonb_build_object('vi', territory_vi, 'en', territory_en) as territory, source, body, note, updated_at`

const columns = `select id, view, ` + fields + ` from visible.programmes($1)`

// Get returns a programme if viewer may see it.
func Get(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Programme, error) {
	return pg.One[Programme](ctx, db, columns+` where id = $2`, viewer, id)
}

// List returns the programmes viewer may see whose title, number, issuer or
// territory contain text, newest first; those without a date come last.
func List(ctx context.Context, db pg.DB, viewer people.ID, text string) ([]Programme, error) {
	return pg.All[Programme](ctx, db, columns+`
		where search_key like '%' || $2 || '%'
		order by coalesce(issued_on, make_date(year, 12, 31)) desc nulls last, title_vi collate "vi-x-icu", id`, viewer, viet.Key(text))
}

// Own returns the programmes viewer is an officer of, the same order.
func Own(ctx context.Context, db pg.DB, viewer people.ID) ([]Programme, error) {
	return pg.All[Programme](ctx, db, columns+`
		where view = 'officer'
		order by coalesce(issued_on, make_date(year, 12, 31)) desc nulls last, title_vi collate "vi-x-icu", id`, viewer)
}

// TaskGroups lists those of a programme in its order; none if viewer may not see it.
func TaskGroups(ctx context.Context, db pg.DB, viewer people.ID, id ID) ([]TaskGroup, error) {
	return pg.All[TaskGroup](ctx, db, `
		select id, programme_id, code, title_vi, title_en from visible.task_groups($1)
		where programme_id = $2 order by position`, viewer, id)
}

// basisRow is a legal basis without what the register says of it.
type basisRow struct {
	DocumentID legal.ID
	Relation   Relation
	BySubject  bool
}

// Bases lists the documents a programme rests on, in its order, with what the
// register says of each.
func Bases(ctx context.Context, db pg.DB, viewer people.ID, id ID) ([]Basis, error) {
	rows, err := pg.All[basisRow](ctx, db, `
		select document_id, relation, by_subject from visible.programme_bases($1)
		where programme_id = $2 order by position`, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("listing legal bases: %w", err)
	}
	ids := make([]legal.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.DocumentID
	}
	documents, err := legal.These(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	bases := make([]Basis, len(rows))
	for i, r := range rows {
		bases[i] = Basis{DocumentID: r.DocumentID, Relation: r.Relation, BySubject: r.BySubject, Document: documents[r.DocumentID]}
	}
	return bases, nil
}

// MayCreate reports whether viewer may draft a new programme: whoever is an
// officer of one already.
func MayCreate(ctx context.Context, db pg.DB, viewer people.ID) (bool, error) {
	return pg.Value[bool](ctx, db, `select exists (select from visible.roles($1) where person_id = $1 and role = 'officer')`, viewer)
}
