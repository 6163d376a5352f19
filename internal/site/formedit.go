package site

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/form"
	"daubang/internal/form/build"
	"daubang/internal/form/revision"
	"daubang/internal/problem"
	"daubang/internal/rubric"
	"daubang/internal/words"
	"daubang/templates"
	"daubang/templates/ui"
)

// formEdit is a page for what is at key of a draft, filled from typed.
func formEdit(v templates.FormDesk, key string, typed build.Typed) templates.FormEdit {
	return templates.FormEdit{Call: v.Call, Form: v.Forms.Draft.Definition, Edition: v.Forms.Draft.Edition, Key: key, Typed: typed}
}

// withCondition adds the controls of a condition, or its words where the page
// cannot edit it.
func withCondition(r *http.Request, e *templates.FormEdit, when *form.When) {
	simple, ok := build.Simple(when)
	for name, values := range simple {
		if _, there := e.Typed[name]; !there {
			e.Typed[name] = values
		}
	}
	if !ok {
		e.When = e.Form.Says(*when, form.Terms{}).In(words.Of(r.Context()))
	}
}

// condition is what the page says of a condition: what stands where it has no
// controls for it.
func condition(typed build.Typed, stands *form.When) *form.When {
	switch {
	case typed.Has("when.shown"):
		return typed.When()
	case typed.Has("when.drop"):
		return nil
	default:
		return stands
	}
}

// saveFormPart writes a section or question into the draft. What is wrong comes
// back beside its controls; over what somebody else has changed since, the page
// comes back with everything typed, to be saved once more.
func (s *Site) saveFormPart(r *http.Request, v templates.FormDesk, f values, change func(form.Definition) (form.Definition, string, problem.Invalid), page *templates.FormEdit) (key string, stale bool, err error) {
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return call.EditForm(ctx, tx, act, v.Call.ID, f.edition(), func(d form.Definition) (form.Definition, error) {
			var wrong problem.Invalid
			d, key, wrong = change(d)
			return d, wrong.OrNil()
		})
	})
	if refusal, ok := errors.AsType[problem.Refusal](err); ok && refusal.Key == "build.edited_since" {
		now := v.Forms.Draft.Definition
		after, _, _ := change(now)
		page.Stale, page.Against = &refusal.Words, revision.Difference(now, after)
		return key, true, nil
	}
	return key, false, err
}

// beside gathers the flaws of a part by its controls; one that is elsewhere in
// the form stands beside the first control.
func beside(d form.Definition, what, key, first string, wrong problem.Invalid) problem.Invalid {
	found, other := build.Check(d).Beside(build.Path(d, what, key))
	for name, w := range found {
		wrong.Add(name, w.Key, w.Args...)
	}
	if other != nil {
		wrong.Add(first, "build.impossible", where(d, other.Path), other.Words)
	}
	return wrong
}

// Lists and boxes of the pages, for [build.Bind].
var (
	sectionControls  = []string{"identity", "tips", "criteria"}
	questionControls = []string{
		"required", "options", "options.other", "columns", "columns.required", "columns.wide", "columns.options", "columns.levels", "reaches", "counts", "purposes",
		"purposes.required", "purposes.personal",
	}
	questionLists = []string{"options", "columns", "reaches", "counts", "purposes"}
	groupLists    = []string{"groups"}
)

// editFormSection is the page of a section, or of a new one.
func (s *Site) editFormSection(w http.ResponseWriter, r *http.Request) error {
	v, err := s.drafted(r)
	if err != nil {
		return err
	}
	key := r.URL.Query().Get("key")
	section, ok := v.Forms.Draft.Definition.Section(key)
	if !ok && key != "" {
		return problem.Because(problem.Conflict, "build.gone")
	}
	page, err := s.sectionEdit(r, v, key, build.Fields(section))
	if err != nil {
		return err
	}
	withCondition(r, &page.FormEdit, section.When)
	return s.show(w, r, http.StatusOK, page)
}

func (s *Site) sectionEdit(r *http.Request, v templates.FormDesk, key string, typed build.Typed) (templates.FormSectionEdit, error) {
	page := templates.FormSectionEdit{FormEdit: formEdit(v, key, typed)}
	if key != "" {
		page.Earlier = build.Comparable(page.Form, key, "")
	} else {
		page.Earlier = build.Comparable(page.Form, "", "")
	}
	scale, err := rubric.Get(r.Context(), s.Read, v.Call.RubricID)
	if err != nil {
		return page, err
	}
	for _, c := range scale.Definition.Criteria {
		page.Criteria = append(page.Criteria, ui.Option{
			Value: c.Key, Text: c.Title.In(words.Of(r.Context())), Selected: slices.Contains(typed["criteria"], c.Key),
		})
	}
	return page, nil
}

// saveFormSection stores a section.
func (s *Site) saveFormSection(w http.ResponseWriter, r *http.Request) error {
	v, err := s.drafted(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	key, typed := r.URL.Query().Get("key"), build.Typed(f.sent)
	page, err := s.sectionEdit(r, v, key, typed)
	if err != nil {
		return err
	}
	if stands, ok := page.Form.Section(key); ok {
		withCondition(r, &page.FormEdit, stands.When)
	}
	if f.Line("act") == "rows" {
		return s.show(w, r, http.StatusOK, page)
	}
	saved, stale, err := s.saveFormPart(r, v, f, func(d form.Definition) (form.Definition, string, problem.Invalid) {
		section, _ := d.Section(key)
		wrong := build.Bind(&section, typed, sectionControls...)
		section.When = condition(typed, section.When)
		group := words.Pair{Vi: f.Line("new_group.vi"), En: f.Line("new_group.en")}
		if group.Vi == "" != (group.En == "") {
			wrong.Add("new_group.vi", "build.flaw.empty")
		}
		d, put := build.Put(d, key, section, group)
		return d, put, beside(d, "section", put, "title.vi", wrong)
	}, &page.FormEdit)
	if wrong, ok := s.wrong(err); ok {
		page.Wrong, page.Edition = wrong, f.edition()
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if stale {
		return s.show(w, r, http.StatusConflict, page)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("build.saved"), "/desk/calls/%s/form#s-%s", v.Call.ID, saved)
}
