package site

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

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
		"required", "options", "options.other", "columns", "columns.required", "columns.wide", "columns.options", "reaches", "counts", "purposes",
		"purposes.required", "purposes.personal",
	}
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

// editFormQuestion is the page of a question, or of a new one.
func (s *Site) editFormQuestion(w http.ResponseWriter, r *http.Request) error {
	v, err := s.drafted(r)
	if err != nil {
		return err
	}
	key, in := r.URL.Query().Get("key"), r.URL.Query().Get("section")
	section, question, ok := v.Forms.Draft.Definition.Question(key)
	if !ok {
		if section, ok = v.Forms.Draft.Definition.Section(in); !ok || key != "" {
			return problem.Because(problem.Conflict, "build.gone")
		}
		question = form.Question{Kind: form.Text}
	}
	page := questionEdit(v, key, build.Fields(question), section.Key)
	withCondition(r, &page.FormEdit, question.When)
	return s.show(w, r, http.StatusOK, page)
}

func questionEdit(v templates.FormDesk, key string, typed build.Typed, in string) templates.FormQuestionEdit {
	page := templates.FormQuestionEdit{FormEdit: formEdit(v, key, typed), Kind: form.Kind(typed.At("kind")), Section: in, Was: in}
	if at, _, ok := page.Form.Question(key); ok {
		page.Was = at.Key
	}
	page.Earlier = build.Comparable(page.Form, page.Was, key)
	if key == "" { // it will be the last of its section
		if s, ok := page.Form.Section(in); ok && len(s.Questions) > 0 {
			last := s.Questions[len(s.Questions)-1]
			page.Earlier = append(build.Comparable(page.Form, in, last.Key), last)
		}
	}
	return page
}

// saveFormQuestion stores a question, or shows its page again with more rows or
// for another kind.
func (s *Site) saveFormQuestion(w http.ResponseWriter, r *http.Request) error {
	v, err := s.drafted(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	key, typed := r.URL.Query().Get("key"), build.Typed(f.sent)
	page := questionEdit(v, key, typed, f.Line("section"))
	if _, stands, ok := page.Form.Question(key); ok {
		withCondition(r, &page.FormEdit, stands.When)
	}
	if act := f.Line("act"); act == "rows" || act == "kind" {
		standardColumns(typed, page.Kind)
		return s.show(w, r, http.StatusOK, page)
	}
	_, stale, err := s.saveFormPart(r, v, f, func(d form.Definition) (form.Definition, string, problem.Invalid) {
		_, question, _ := d.Question(key)
		wrong := build.Bind(&question, typed, questionControls...)
		question.When = condition(typed, question.When)
		if len(question.Columns) == 0 {
			question.Columns = form.StandardColumns(question.Kind)
		}
		d, put := build.PutQuestion(d, page.Section, key, question)
		if build.Path(d, "question", put) == "" {
			wrong.Add("section", "build.gone")
			return d, put, wrong
		}
		return d, put, beside(d, "question", put, "label.vi", wrong)
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
	return s.toSaying(w, r, problem.Say("build.saved"), "/desk/calls/%s/form#s-%s", v.Call.ID, page.Section)
}

// standardColumns fills the page of a kind that always asks the same.
func standardColumns(typed build.Typed, kind form.Kind) {
	if typed.Count("columns") > 0 {
		return
	}
	for name, values := range build.Fields(form.Question{Columns: form.StandardColumns(kind)}) {
		if strings.HasPrefix(name, "columns.") {
			typed[name] = values
		}
	}
}

// askImport asks for a file.
func (s *Site) askImport(w http.ResponseWriter, r *http.Request) error {
	v, err := s.formDesk(r, true)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, importPage(v))
}

func importPage(v templates.FormDesk) templates.FormImport {
	page := templates.FormImport{Call: v.Call}
	if v.Forms.Draft != nil {
		page.Edition = v.Forms.Draft.Edition
	}
	return page
}

// importForm makes a file the draft, all of it or nothing.
func (s *Site) importForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.formDesk(r, true)
	if err != nil {
		return err
	}
	f, file, err := s.importedFile(r)
	if err != nil {
		return err
	}
	page := importPage(v)
	if page.JSON = f.Raw("json"); len(file) == 0 {
		file = []byte(page.JSON)
	}
	if len(strings.TrimSpace(string(file))) == 0 {
		page.Wrong = problem.Invalid{"file": problem.Say("build.import_nothing")}
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	d, flaws := build.Read(file)
	if len(flaws) > 0 {
		page.Flaws = flaws
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		if f.edition() == 0 {
			return call.DraftForm(ctx, tx, act, v.Call.ID, d)
		}
		return call.EditForm(ctx, tx, act, v.Call.ID, f.edition(), func(form.Definition) (form.Definition, error) { return d, nil })
	})
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("build.imported"), "/desk/calls/%s/form", v.Call.ID)
}

// importedFile is the form that was sent and the file in it, if there is one.
func (s *Site) importedFile(r *http.Request) (values, []byte, error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		f, err := s.form(r)
		return f, nil, err
	}
	r.Body = http.MaxBytesReader(nil, r.Body, formLimit+build.MaxSize)
	if err := r.ParseMultipartForm(formLimit + build.MaxSize); err != nil { //nolint:gosec // bounded in the line before
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return values{}, nil, errTooLarge
		}
		return values{}, nil, errMalformed
	}
	f := values{sent: r.MultipartForm.Value}
	if len(r.MultipartForm.File["file"]) == 0 {
		return f, nil, nil
	}
	sent, err := r.MultipartForm.File["file"][0].Open()
	if err != nil {
		return f, nil, errMalformed
	}
	defer sent.Close() //nolint:errcheck // it was only read
	b, err := io.ReadAll(io.LimitReader(sent, build.MaxSize+1))
	return f, b, err
}
