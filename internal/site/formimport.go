package site

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/form"
	"daubang/internal/form/build"
	"daubang/internal/problem"
	"daubang/templates"
)

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
