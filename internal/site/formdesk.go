package site

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/form"
	"daubang/internal/form/build"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/words"
	"daubang/templates"
)

// formDesk is what the call of the address asks, for its office; those who only
// look are refused where write is asked for.
func (s *Site) formDesk(r *http.Request, write bool) (templates.FormDesk, error) {
	c, officer, err := s.officeCall(r)
	if err != nil {
		return templates.FormDesk{}, err
	}
	if write && !officer {
		return templates.FormDesk{}, problem.Because(problem.Forbidden, "call.refused.officers_only")
	}
	forms, err := call.FormsOf(r.Context(), s.Read, c)
	return templates.FormDesk{Call: c, Forms: forms, Officer: officer}, err
}

// drafted is formDesk with a draft to write in.
func (s *Site) drafted(r *http.Request) (templates.FormDesk, error) {
	v, err := s.formDesk(r, true)
	if err == nil && v.Forms.Draft == nil {
		err = problem.Because(problem.Conflict, "build.no_draft")
	}
	return v, err
}

// showFormDesk lists sections and questions.
func (s *Site) showFormDesk(w http.ResponseWriter, r *http.Request) error {
	v, err := s.formDesk(r, false)
	if err != nil {
		return err
	}
	if v.Officer && v.Forms.Draft == nil {
		if v.Others, err = call.AtDesk(r.Context(), s.Read, visitor(r).ID, s.Now()); err != nil {
			return err
		}
	}
	return s.show(w, r, http.StatusOK, v)
}

// edition is the one a page was made of; nonsense is none.
func (v values) edition() int {
	n, _ := strconv.Atoi(v.Line("edition"))
	return n
}

// changeForm begins or discards a draft, or moves and deletes in it, as the
// button says.
func (s *Site) changeForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.formDesk(r, true)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	switch do := f.Line("do"); do {
	case "begin":
		return s.beginForm(w, r, v, f)
	case "discard":
		err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return call.DiscardForm(ctx, tx, act, v.Call.ID, f.edition())
		})
		if err != nil {
			return err
		}
		return s.toSaying(w, r, problem.Say("build.discarded"), "/desk/calls/%s/form", v.Call.ID)
	default:
		return s.moveInForm(w, r, v, f, do)
	}
}

func (s *Site) beginForm(w http.ResponseWriter, r *http.Request, v templates.FormDesk, f values) error {
	source := v.Forms.Used
	if f.Line("from") != "" {
		from, err := ref.Parse[call.ID](f.Line("from"))
		if err != nil {
			return err
		}
		other, err := call.Get(r.Context(), s.Read, visitor(r).ID, from)
		if err != nil {
			return err
		}
		if source, err = form.Get(r.Context(), s.Read, other.FormID); err != nil {
			return err
		}
	}
	err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return call.DraftForm(ctx, tx, act, v.Call.ID, source.Definition)
	})
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("build.begun"), "/desk/calls/%s/form", v.Call.ID)
}

// moveInForm does what a button of the list says: "up budget" or "delete budget
// notes", an act, a section and perhaps a question.
func (s *Site) moveInForm(w http.ResponseWriter, r *http.Request, v templates.FormDesk, f values, do string) error {
	a, target, _ := strings.Cut(do, " ")
	section, question, _ := strings.Cut(target, " ")
	err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return call.EditForm(ctx, tx, act, v.Call.ID, f.edition(), func(d form.Definition) (form.Definition, error) {
			d, err := build.Do(d, build.Act(a), section, question)
			if err != nil {
				return d, err
			}
			return d, impossible(d, build.Check(d))
		})
	})
	switch {
	case errors.Is(err, problem.NotFound) && v.Officer:
		return problem.Because(problem.Conflict, "build.gone")
	case err != nil:
		return err
	case build.Act(a) == build.Delete:
		return s.toSaying(w, r, problem.Say("build.deleted"), "/desk/calls/%s/form#s-%s", v.Call.ID, section)
	case question != "":
		return s.toSaying(w, r, problem.Say("build.moved"), "/desk/calls/%s/form#q-%s", v.Call.ID, question)
	default:
		return s.toSaying(w, r, problem.Say("build.moved"), "/desk/calls/%s/form#s-%s", v.Call.ID, section)
	}
}

// impossible refuses a change that would leave the form with a flaw somewhere
// else than on the page.
func impossible(d form.Definition, flaws build.Flaws) error {
	if len(flaws) == 0 {
		return nil
	}
	return problem.Because(problem.Conflict, "build.impossible", where(d, flaws[0].Path), flaws[0].Words)
}

// where is the question or section of a path by its own words.
func where(d form.Definition, path string) words.Pair {
	for _, s := range d.Sections {
		for _, q := range s.Questions {
			if at := build.Path(d, "question", q.Key); path == at || strings.HasPrefix(path, at+".") {
				return q.Label
			}
		}
		if at := build.Path(d, "section", s.Key); path == at || strings.HasPrefix(path, at+".") {
			return s.Title
		}
	}
	return words.Pair{Vi: path, En: path}
}

// previewForm shows a section as an applicant sees it on a phone, in a frame as
// wide as one.
func (s *Site) previewForm(w http.ResponseWriter, r *http.Request) error {
	page, err := s.formPreview(r)
	if err != nil {
		return err
	}
	framing(w)
	return s.show(w, r, http.StatusOK, page)
}

// previewFormPage is what stands in that frame, and can be opened by itself.
func (s *Site) previewFormPage(w http.ResponseWriter, r *http.Request) error {
	page, err := s.formPreview(r)
	if err != nil {
		return err
	}
	framed(w)
	return s.show(w, r, http.StatusOK, templates.FormPreviewPage(page))
}

// formPreview is the section of the address, the first where it names none.
func (s *Site) formPreview(r *http.Request) (page templates.FormPreview, err error) {
	v, err := s.formDesk(r, false)
	if err != nil {
		return page, err
	}
	shown := v.Forms.Used
	if v.Forms.Draft != nil {
		shown = *v.Forms.Draft
	}
	asked, err := proposal.WhatIn(r.Context(), s.Read, visitor(r).ID, v.Call.ID, shown.ID)
	if err != nil {
		return page, err
	}
	section := asked.Form.Sections[0]
	if key := r.URL.Query().Get("section"); key != "" {
		var ok bool
		if section, ok = asked.Form.Section(key); !ok {
			return page, problem.NotFound
		}
	}
	return templates.FormPreview{Call: v.Call, Section: templates.ProposalSection{Asked: asked, Section: section, Now: s.Now()}}, nil
}

// exportForm is the form as a file.
func (s *Site) exportForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.formDesk(r, false)
	if err != nil {
		return err
	}
	shown := v.Forms.Used
	if v.Forms.Draft != nil {
		shown = *v.Forms.Draft
	}
	b, err := build.Write(shown.Definition)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+shown.Key+"-"+strconv.Itoa(shown.Version)+`.json"`)
	_, _ = w.Write(b) // who asked has gone
	return nil
}

// askUseForm shows what is different and whom it concerns.
func (s *Site) askUseForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.formDesk(r, false)
	if err != nil {
		return err
	}
	if v.Forms.Draft == nil {
		return s.to(w, r, "/desk/calls/%s/form", v.Call.ID)
	}
	affected, err := proposal.WhoIsAffected(r.Context(), s.Read, visitor(r).ID, v.Call.ID)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.FormUse{Call: v.Call, Forms: v.Forms, Affected: affected, Officer: v.Officer})
}

// useForm makes the call ask its draft, and moves what is being written.
func (s *Site) useForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.formDesk(r, true)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	moved := 0
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		moved, err = proposal.UseForm(ctx, tx, act, v.Call.ID, f.edition())
		return err
	})
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("build.use.said", moved), "/desk/calls/%s/form", v.Call.ID)
}
