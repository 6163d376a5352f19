package site

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/legal"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/programme"
	"daubang/internal/words"
	"daubang/templates"
)

// deskProgrammes lists those an officer answers for, all of them to an auditor.
func (s *Site) deskProgrammes(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), visitor(r)
	list, err := programme.Own(ctx, s.Read, v.ID)
	if v.Is(people.Auditor) {
		list, err = programme.List(ctx, s.Read, v.ID, "")
	}
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.DeskProgrammes{Programmes: list, MayCreate: v.Is(people.Officer), Now: s.Now()})
}

// newProgramme is a blank form for who may draft one.
func (s *Site) newProgramme(w http.ResponseWriter, r *http.Request) error {
	may, err := programme.MayCreate(r.Context(), s.Read, visitor(r).ID)
	if err != nil {
		return err
	}
	if !may {
		return problem.Because(problem.Forbidden, "programme.officers_only")
	}
	return s.showProgrammeForm(w, r, http.StatusOK, templates.ProgrammeEdit{})
}

// createProgramme keeps a draft, or gives the form back with another row.
func (s *Site) createProgramme(w http.ResponseWriter, r *http.Request) error {
	f, err := s.form(r)
	if err != nil {
		return err
	}
	page := templates.ProgrammeEdit{Entry: programmeEntry(f)}
	if changedRows(f, &page.Entry) {
		return s.showProgrammeForm(w, r, http.StatusOK, page)
	}
	var made programme.ID
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		made, err = programme.Create(ctx, tx, act, page.Entry)
		return err
	})
	if wrong, ok := s.wrong(err); ok {
		page.Wrong = wrong
		return s.showProgrammeForm(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("programme.edit.drafted"), "/desk/programmes/%s", made)
}

// editProgramme shows its officers what stands in a programme, to change it.
// Auditors read it on its own page.
func (s *Site) editProgramme(w http.ResponseWriter, r *http.Request) error {
	p, err := s.programme(r)
	if err != nil {
		return err
	}
	if p.View != programme.AsOfficer {
		return s.to(w, r, "/programmes/%s", p.ID)
	}
	ctx, viewer := r.Context(), visitor(r).ID
	plan := programme.Plan{Content: p.Content}
	if plan.TaskGroups, err = programme.TaskGroups(ctx, s.Read, viewer, p.ID); err != nil {
		return err
	}
	if plan.Bases, err = programme.Bases(ctx, s.Read, viewer, p.ID); err != nil {
		return err
	}
	page := templates.ProgrammeEdit{ID: p.ID, Status: p.Status, Entry: plan.Entry()}
	page.Entry.Version = p.Version()
	return s.showProgrammeForm(w, r, http.StatusOK, page)
}

// saveProgramme changes a programme, or gives the form back with another row.
func (s *Site) saveProgramme(w http.ResponseWriter, r *http.Request) error {
	p, err := s.programme(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	page := templates.ProgrammeEdit{ID: p.ID, Status: p.Status, Entry: programmeEntry(f)}
	if p.View == programme.AsOfficer && changedRows(f, &page.Entry) {
		return s.showProgrammeForm(w, r, http.StatusOK, page)
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return programme.Edit(ctx, tx, act, p.ID, page.Entry)
	})
	if wrong, ok := s.wrong(err); ok {
		page.Wrong = wrong
		page.Entry.Version = p.Version() // told of the other's change, one may save over it
		return s.showProgrammeForm(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("programme.edit.saved"), "/desk/programmes/%s", p.ID)
}

// publishProgramme shows a draft to everybody.
func (s *Site) publishProgramme(w http.ResponseWriter, r *http.Request) error {
	p, err := s.programme(r)
	if err != nil {
		return err
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return programme.Publish(ctx, tx, act, p.ID)
	})
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("programme.edit.is_published"), "/programmes/%s", p.ID)
}

// programme is the one the address names, if the visitor may see it.
func (s *Site) programme(r *http.Request) (programme.Programme, error) {
	at, err := id[programme.ID](r, "programme")
	if err != nil {
		return programme.Programme{}, err
	}
	return programme.Get(r.Context(), s.Read, visitor(r).ID, at)
}

// showProgrammeForm adds what the form offers to pick from, and at least one
// row to each of its tables.
func (s *Site) showProgrammeForm(w http.ResponseWriter, r *http.Request, status int, page templates.ProgrammeEdit) error {
	documents, err := legal.List(r.Context(), s.Read, "")
	if err != nil {
		return err
	}
	page.Documents = documents
	if len(page.Entry.Groups) == 0 {
		page.Entry.Groups = []programme.GroupEntry{{}}
	}
	if len(page.Entry.Bases) == 0 {
		page.Entry.Bases = []programme.BasisEntry{{}}
	}
	return s.show(w, r, status, page)
}

// changedRows does what the buttons of a table ask for: one more row, or one
// less. It reports whether one was pressed; then nothing is to be saved.
func changedRows(f values, e *programme.Entry) bool {
	switch f.Line("add") {
	case "groups":
		e.Groups = append(e.Groups, programme.GroupEntry{})
	case "bases":
		e.Bases = append(e.Bases, programme.BasisEntry{})
	case "duties":
		e.Duties = append(e.Duties, programme.DutyEntry{Kind: string(programme.Periodic)})
	default:
		return f.Has("remove") // the entry was read without it
	}
	return true
}

// programmeEntry reads the form, without blank rows and the one that is removed.
func programmeEntry(f values) programme.Entry {
	line := func(name string) words.Pair { return words.Pair{Vi: f.Line(name + "_vi"), En: f.Line(name + "_en")} }
	text := func(name string) words.Pair { return words.Pair{Vi: f.Text(name + "_vi"), En: f.Text(name + "_en")} }
	e := programme.Entry{
		Version: f.Line("version"),
		Title:   line("title"), DocType: line("doc_type"), IssuedOnNote: line("issued_on_note"), Issuer: line("issuer"),
		Successor: text("successor"), Territory: line("territory"),
		Number: f.Line("number"), Symbol: f.Line("symbol"), IssuedOn: f.Line("issued_on"), Year: f.Line("year"),
		PeriodFrom: f.Line("period_from"), PeriodTo: f.Line("period_to"),
		IssuerPlaceLevel: f.Line("issuer_place_level"), IssuerPlaceCode: f.Line("issuer_place_code"), IssuerEndedOn: f.Line("issuer_ended_on"),
		SourceKind: f.Line("source_kind"), SourcePublisher: f.Line("source_publisher"), SourcePublished: f.Line("source_published"), Note: f.Text("note"),
		Objectives: text("objectives"), PriorityGroups: text("priority_groups"), PriorityPlaces: text("priority_places"),
		Lead: text("lead"), Coordinating: text("coordinating"), Implementers: text("implementers"), Inspection: text("inspection"), Figures: text("figures"),
	}
	for _, at := range rowsOf(f, "groups") {
		if g := (programme.GroupEntry{Code: f.Line(at + "code"), Title: line(at + "title")}); !g.Empty() {
			e.Groups = append(e.Groups, g)
		}
	}
	for _, at := range rowsOf(f, "duties") {
		d := programme.DutyEntry{
			What: line(at + "what"), Kind: f.Line(at + "kind"), Due: f.Line(at + "due"), Included: f.Has(at + "included"),
			From: line(at + "from"), To: text(at + "to"),
		}
		if !d.Empty() {
			e.Duties = append(e.Duties, d)
		}
	}
	for _, at := range rowsOf(f, "bases") {
		b := programme.BasisEntry{Document: f.Line(at + "document"), Relation: f.Line(at + "relation"), BySubject: f.Has(at + "by_subject")}
		if !b.Empty() {
			e.Bases = append(e.Bases, b)
		}
	}
	return e
}

// rowsOf lists the rows of a table in a form, in order, as their names begin
// ("groups.3."), less the one whose button to remove it was pressed. Numbers may
// have gaps: rows come and go on the page.
func rowsOf(f values, table string) []string {
	found := map[int]bool{}
	for name := range f.sent {
		rest, ok := strings.CutPrefix(name, table+".")
		number, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.Atoi(number); ok && err == nil && n >= 0 {
			found[n] = true
		}
	}
	var rows []string
	for _, n := range slices.Sorted(maps.Keys(found)) {
		if at := table + "." + strconv.Itoa(n) + "."; f.Line("remove") != at {
			rows = append(rows, at)
		}
	}
	return rows
}
