package site

import (
	"context"
	"net/http"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/form"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/programme"
	"daubang/internal/ref"
	"daubang/internal/rubric"
	"daubang/templates"
)

// newCall begins a call: first under which programme, then its form, perhaps
// filled in like an earlier call.
func (s *Site) newCall(w http.ResponseWriter, r *http.Request) error {
	ctx, viewer, q := r.Context(), visitor(r).ID, r.URL.Query()
	own, err := programme.Own(ctx, s.Read, viewer)
	if err != nil {
		return err
	}
	if len(own) == 0 {
		return problem.Because(problem.Forbidden, "call.refused.officers_only")
	}
	if q.Get("programme") == "" {
		return s.show(w, r, http.StatusOK, templates.CallChoose{Programmes: own})
	}
	under, err := ref.Parse[programme.ID](q.Get("programme"))
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(own, func(p programme.Programme) bool { return p.ID == under }) {
		return problem.NotFound
	}
	e := call.Blank()
	if from, err := ref.Parse[call.ID](q.Get("from")); err == nil {
		earlier, err := call.Get(ctx, s.Read, viewer, from)
		if err != nil {
			return err
		}
		e = call.Again(earlier.Content)
	}
	return s.editCallPage(w, r, http.StatusOK, 0, e, nil)
}

// createCall stores a new draft.
func (s *Site) createCall(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Get("programme") == "" {
		return s.newCall(w, r) // asks under which
	}
	e, err := s.callEntry(r)
	if err != nil {
		return err
	}
	under, err := ref.Parse[programme.ID](r.URL.Query().Get("programme"))
	if err != nil {
		return err
	}
	var made call.ID
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		made, err = call.Create(ctx, tx, act, under, e)
		return err
	})
	if wrong, ok := s.wrong(err); ok {
		return s.editCallPage(w, r, http.StatusUnprocessableEntity, 0, e, wrong)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("call.saved"), "/desk/calls/%s", made)
}

// editCall shows what may be changed: of a draft everything, of a published call
// little.
func (s *Site) editCall(w http.ResponseWriter, r *http.Request) error {
	c, officer, err := s.officeCall(r)
	if err != nil {
		return err
	}
	if !officer {
		return problem.Because(problem.Forbidden, "call.refused.officers_only")
	}
	if c.Status == call.Published {
		return s.show(w, r, http.StatusOK, templates.CallAmend{Call: c, Amendment: call.EntryOf(c.Content).Amendment})
	}
	return s.editCallPage(w, r, http.StatusOK, c.ID, call.EntryOf(c.Content), nil)
}

// saveCall edits a draft or amends a published call, as its page offered.
func (s *Site) saveCall(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.officeCall(r)
	if err != nil {
		return err
	}
	e, err := s.callEntry(r)
	if err != nil {
		return err
	}
	if c.Status == call.Published { // its page says when it closes, and does not ask
		standing := call.EntryOf(c.Content)
		e.ClosesOn, e.ClosesClock = standing.ClosesOn, standing.ClosesClock
	}
	notice := problem.Say("call.saved")
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		if c.Status == call.Published {
			notice = problem.Say("call.amended")
			return call.Amend(ctx, tx, act, c.ID, e.Amendment)
		}
		return call.Edit(ctx, tx, act, c.ID, e)
	})
	if wrong, ok := s.wrong(err); ok {
		if c.Status == call.Published {
			return s.show(w, r, http.StatusUnprocessableEntity, templates.CallAmend{Call: c, Amendment: e.Amendment, Wrong: wrong})
		}
		return s.editCallPage(w, r, http.StatusUnprocessableEntity, c.ID, e, wrong)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, notice, "/desk/calls/%s", c.ID)
}

// editCallPage is the form of a draft; at 0 of one not yet stored.
func (s *Site) editCallPage(w http.ResponseWriter, r *http.Request, status int, at call.ID, e call.Entry, wrong problem.Invalid) error {
	ctx, viewer := r.Context(), visitor(r).ID
	page := templates.CallEdit{ID: at, Entry: e, Wrong: wrong}
	var err error
	if at == 0 {
		if page.ProgrammeID, err = ref.Parse[programme.ID](r.URL.Query().Get("programme")); err != nil {
			return err
		}
	} else {
		c, err := call.Get(ctx, s.Read, viewer, at)
		if err != nil {
			return err
		}
		page.ProgrammeID = c.ProgrammeID
	}
	p, err := programme.Get(ctx, s.Read, viewer, page.ProgrammeID)
	if err != nil {
		return err
	}
	page.ProgrammeTitle = p.Title
	if page.TaskGroups, err = programme.TaskGroups(ctx, s.Read, viewer, page.ProgrammeID); err != nil {
		return err
	}
	if page.Provinces, err = place.Provinces(ctx, s.Read, s.Now()); err != nil {
		return err
	}
	if page.Forms, err = form.List(ctx, s.Read); err != nil {
		return err
	}
	page.Forms = slices.DeleteFunc(page.Forms, func(f form.Form) bool { return f.FrozenAt == nil && f.CallID != 0 && f.CallID != int64(at) }) // others' drafts
	if page.Rubrics, err = rubric.List(ctx, s.Read); err != nil {
		return err
	}
	return s.show(w, r, status, page)
}

// callEntry reads a call from its form.
func (s *Site) callEntry(r *http.Request) (call.Entry, error) {
	f, err := s.form(r)
	if err != nil {
		return call.Entry{}, err
	}
	e := call.Entry{
		Code: f.Line("code"), TitleVi: f.Line("title_vi"), OpensOn: f.Line("opens_on"), OpensClock: f.Line("opens_clock"),
		Envelope: f.Line("envelope"), GrantMin: f.Line("grant_min"), GrantMax: f.Line("grant_max"), MonthsMax: f.Line("months_max"),
		ApplicantKinds: f.All("applicant_kinds"), Provinces: f.All("provinces"), TaskGroups: f.All("task_groups"),
		FormID: f.Line("form_id"), RubricID: f.Line("rubric_id"),
		Blind: f.Has("blind"), PeersVisible: f.Has("peers_visible"), Sensitive: f.Has("sensitive"),
		Amendment: call.Amendment{
			TitleEn: f.Line("title_en"), SummaryVi: f.Text("summary_vi"), SummaryEn: f.Text("summary_en"), TextVi: f.Text("text_vi"), TextEn: f.Text("text_en"),
			ClosesOn: f.Line("closes_on"), ClosesClock: f.Line("closes_clock"), ReviewsPerProposal: f.Line("reviews_per_proposal"),
			ReviewDueOn: f.Line("review_due_on"), ResultsOn: f.Line("results_on"),
		},
	}
	for i := 0; f.Has(call.MilestoneField(i, "on")) && i < 2*call.MaxMarks; i++ {
		e.Milestones = append(e.Milestones, call.MilestoneEntry{
			On: f.Line(call.MilestoneField(i, "on")), Vi: f.Line(call.MilestoneField(i, "vi")), En: f.Line(call.MilestoneField(i, "en")),
		})
	}
	return e, f.single(callLines...)
}

// callLines are the fields that stand once in a call's form.
var callLines = []string{
	"code", "title_vi", "title_en", "summary_vi", "summary_en", "text_vi", "text_en", "opens_on", "opens_clock", "closes_on", "closes_clock",
	"envelope", "grant_min", "grant_max", "months_max", "form_id", "rubric_id", "reviews_per_proposal", "review_due_on", "results_on",
}

// confirmPublish asks once more.
func (s *Site) confirmPublish(w http.ResponseWriter, r *http.Request) error {
	c, officer, err := s.officeCall(r)
	if err != nil {
		return err
	}
	if !officer {
		return problem.Because(problem.Forbidden, "call.refused.officers_only")
	}
	if c.Status != call.Draft {
		return problem.Because(problem.Conflict, "call.refused.already")
	}
	if len(c.Missing(s.Now())) > 0 {
		return s.to(w, r, "/desk/calls/%s", c.ID) // which says what
	}
	return s.show(w, r, http.StatusOK, templates.CallPublish{Call: c, Now: s.Now()})
}

// publishCall makes a draft public.
func (s *Site) publishCall(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.officeCall(r)
	if err != nil {
		return err
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error { return call.Publish(ctx, tx, act, c.ID) })
	if _, incomplete := s.wrong(err); incomplete {
		return s.to(w, r, "/desk/calls/%s", c.ID)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("call.published", c.Code), "/desk/calls/%s", c.ID)
}
