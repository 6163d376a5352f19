package site

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/organisation"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/words"
	"daubang/templates"
)

// showSection is a page of questions, or of answers where nothing may change.
func (s *Site) showSection(w http.ResponseWriter, r *http.Request) error {
	page, err := s.sectionPage(r, chi.URLParam(r, "section"))
	if err != nil {
		return err
	}
	page.Blank, page.ToCheck = r.URL.Query().Get("add"), r.URL.Query().Get("to") == "check"
	return s.show(w, r, http.StatusOK, page)
}

// sectionPage is the section as it stands.
func (s *Site) sectionPage(r *http.Request, key string) (templates.ProposalSection, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	p, role, err := s.applying(r)
	if err != nil {
		return templates.ProposalSection{}, err
	}
	asked, err := proposal.WhatIn(ctx, s.Read, viewer, p.CallID, p.FormID)
	if err != nil {
		return templates.ProposalSection{}, err
	}
	whole := asked.Form
	section, ok := whole.Section(key)
	if !ok {
		return templates.ProposalSection{}, problem.NotFound
	}
	written, err := proposal.Sections(ctx, s.Read, viewer, p.ID)
	if err != nil {
		return templates.ProposalSection{}, err
	}
	documents, err := document.Attached(ctx, s.Read, viewer, int64(p.ID))
	if err != nil {
		return templates.ProposalSection{}, err
	}
	stands := written[section.Key]
	others := proposal.Written(written)
	asked.Form = whole.For(others)
	page := templates.ProposalSection{
		Proposal: p, Asked: asked, Whole: whole, Others: others, Section: section, Answers: stands.Answers, Version: stands.Version, Done: stands.Done,
		SavedBy: stands.UpdatedByName, SavedAt: stands.UpdatedAt, Documents: documents,
	}
	if role == organisation.Reader {
		page.ReadOnly = &problem.Words{Key: "proposal.read_only"}
	} else if refusal, ok := errors.AsType[problem.Refusal](p.WhyNotEditable(section.Key, s.Now())); ok {
		page.ReadOnly = &refusal.Words
	}
	page.Team, err = s.sectionTeam(r, p, section.Key, page.ReadOnly == nil)
	return page, err
}

// saveSection stores what was typed and goes where the button says. What is
// said to be done and is not comes back with what is missing, already saved;
// what somebody else saved meanwhile is shown beside.
func (s *Site) saveSection(w http.ResponseWriter, r *http.Request) error {
	f, err := s.form(r)
	if err != nil {
		return err
	}
	page, err := s.sectionPage(r, chi.URLParam(r, "section"))
	if err != nil {
		return err
	}
	switch f.Line("keep") {
	case "theirs":
		return s.to(w, r, "/proposals/%s/sections/%s", page.Proposal.ID, page.Section.Key)
	case "edit":
		return s.editAgain(w, r, page, f)
	}
	f.dropRow(f.Line("remove"))
	typed, err := page.Section.Read(f.sentUnder, page.Asked.Terms)
	typed.Keep(page.Answers, f.sent[form.Unasked])
	page.Answers, page.ToCheck = typed, f.Line("to") == "check"
	done := f.Line("done") == form.Yes && f.Line("act") != "stay" && !f.Has("add") && !f.Has("remove")
	var saved proposal.Saved
	if err == nil {
		err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
			saved, err = proposal.SaveSection(ctx, tx, act, page.Proposal.ID, page.Section.Key, f.version(), typed, done)
			return err
		})
	}
	if stale, ok := errors.AsType[proposal.Stale](err); ok {
		return s.show(w, r, http.StatusConflict, templates.ProposalStale{
			Proposal: page.Proposal, Asked: page.Asked, Section: page.Section, Mine: typed, Theirs: stale.Theirs, Sent: f.sent,
		})
	}
	if wrong, ok := s.wrong(err); ok {
		page.Wrong, page.Version, page.Done = wrong, f.version(), false
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	if len(saved.Gaps) > 0 && f.Line("act") != "leave" {
		page.Wrong, page.Version, page.Done = saved.Gaps.Invalid(), saved.Version, true
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	return s.afterSave(w, r, page, f)
}

// editAgain gives what was typed back to go on with, over the version that
// somebody else saved.
func (s *Site) editAgain(w http.ResponseWriter, r *http.Request, page templates.ProposalSection, f values) error {
	typed, err := page.Section.Read(f.sentUnder, page.Asked.Terms)
	typed.Keep(page.Answers, f.sent[form.Unasked])
	page.Wrong, _ = s.wrong(err)
	page.Answers, page.Version, page.Done, page.ToCheck = typed, f.version(), false, f.Line("to") == "check"
	return s.show(w, r, http.StatusOK, page)
}

// afterSave goes where the button that was pressed says.
func (s *Site) afterSave(w http.ResponseWriter, r *http.Request, page templates.ProposalSection, f values) error {
	at, key := page.Proposal.ID, page.Section.Key
	said := problem.Say("proposal.section.saved", page.Section.Title.In(words.Of(r.Context())))
	switch {
	case f.Has("add"):
		q, ok := page.Section.Question(f.Line("add"))
		if !ok || !q.IsTable() {
			return problem.NotFound
		}
		return s.to(w, r, "/proposals/%s/sections/%s?add=%s#%s", at, key, q.Key, form.Name(q.Key, len(page.Answers[q.Key].Rows), q.Columns[0].Key))
	case f.Has("remove"), f.Line("act") == "stay":
		return s.toSaying(w, r, said, "/proposals/%s/sections/%s", at, key)
	case f.Line("act") == "leave":
		return s.toSaying(w, r, said, "/proposals/%s", at)
	case page.ToCheck:
		return s.toSaying(w, r, said, "/proposals/%s/check#s-%s", at, key)
	}
	others := maps.Clone(page.Others)
	others[key] = page.Answers
	if next := after(page.Whole, others, page.Proposal, key); next != "" {
		return s.toSaying(w, r, said, "/proposals/%s/sections/%s", at, next)
	}
	return s.toSaying(w, r, said, "/proposals/%s/check", at)
}

// after is the next section to write of those that are asked: of a returned
// proposal only those that were named.
func after(d form.Definition, c form.Content, p proposal.Proposal, key string) string {
	i := slices.IndexFunc(d.Sections, func(s form.Section) bool { return s.Key == key })
	asked := d.For(c)
	for _, s := range d.Sections[i+1:] {
		if _, ok := asked.Section(s.Key); !ok {
			continue
		}
		if _, named := p.ReturnedSections[s.Key]; named || p.Status == proposal.Draft {
			return s.Key
		}
	}
	return ""
}

// sentUnder is every value sent under a name, as it was sent.
func (v values) sentUnder(name string) []string { return v.sent[name] }

// version is the version that was typed over; nonsense is none.
func (v values) version() int {
	n, err := strconv.Atoi(v.Line("version"))
	if err != nil {
		return 0
	}
	return n
}

// dropRow takes a row of a table, named budget.3, out of what was sent.
func (v values) dropRow(row string) {
	if row == "" {
		return
	}
	for name := range v.sent {
		if strings.HasPrefix(name, row+".") {
			delete(v.sent, name)
		}
	}
}
