package site

import (
	"net/http"

	"daubang/internal/form"
	"daubang/internal/form/build"
	"daubang/internal/problem"
	"daubang/templates"
)

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
		if question, err = form.Standard(form.Text); err != nil {
			return err
		}
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
	typed.Arrange(questionLists...)
	if shown := typed.At("shown"); shown != typed.At("kind") {
		if err := typed.Begin(v.Forms.Draft.Definition, form.Kind(shown), form.Kind(typed.At("kind"))); err != nil {
			return err
		}
	}
	page := questionEdit(v, key, typed, f.Line("section"))
	if _, stands, ok := page.Form.Question(key); ok {
		withCondition(r, &page.FormEdit, stands.When)
	}
	if act := f.Line("act"); act == "rows" || act == "kind" {
		return s.show(w, r, http.StatusOK, page)
	}
	_, stale, err := s.saveFormPart(r, v, f, func(d form.Definition) (form.Definition, string, problem.Invalid) {
		_, question, _ := d.Question(key)
		wrong := build.Bind(&question, typed, questionControls...)
		question.When = condition(typed, question.When)
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
