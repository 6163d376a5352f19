package site

import (
	"net/http"

	"daubang/internal/form"
	"daubang/internal/form/build"
	"daubang/internal/problem"
	"daubang/templates"
)

// editFormGroups is the page of what the form is called and of its headings.
func (s *Site) editFormGroups(w http.ResponseWriter, r *http.Request) error {
	v, err := s.drafted(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.FormGroupsEdit{FormEdit: formEdit(v, "", build.Fields(build.HeadsOf(v.Forms.Draft.Definition)))})
}

// saveFormGroups stores their names and their order.
func (s *Site) saveFormGroups(w http.ResponseWriter, r *http.Request) error {
	v, err := s.drafted(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	typed := build.Typed(f.sent)
	typed.Arrange(groupLists...)
	page := templates.FormGroupsEdit{FormEdit: formEdit(v, "", typed)}
	_, stale, err := s.saveFormPart(r, v, f, func(d form.Definition) (form.Definition, string, problem.Invalid) {
		d, wrong := build.PutHeads(d, typed)
		return d, "", wrong
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
	return s.toSaying(w, r, problem.Say("build.saved"), "/desk/calls/%s/form", v.Call.ID)
}
