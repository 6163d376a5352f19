package site

import (
	"context"
	"errors"
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
	"daubang/internal/ref"
	"daubang/internal/words"
	"daubang/templates"
)

// showSection is a page of questions, or of answers where nothing may change.
func (s *Site) showSection(w http.ResponseWriter, r *http.Request) error {
	page, err := s.sectionPage(r, chi.URLParam(r, "section"))
	if k := requestOf(r).kept; k != nil && (err == nil && page.ReadOnly != nil || errors.Is(err, problem.NotFound) && under(k.elsewhere, "/kept")) {
		return s.to(w, r, "%s", k.elsewhere) // it can be written there no more
	}
	if err != nil {
		return err
	}
	page.Blank, page.ToCheck = r.URL.Query().Get("add"), r.URL.Query().Get("to") == "check"
	if k := requestOf(r).kept; k != nil {
		hold(&page, values{sent: k.Values})
		k.filled = true
	}
	return s.show(w, r, http.StatusOK, page)
}

// sectionPage is the section as it stands.
func (s *Site) sectionPage(r *http.Request, key string) (templates.ProposalSection, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	p, role, err := s.applying(r)
	if err != nil {
		return templates.ProposalSection{}, err
	}
	asked, err := proposal.WhatOf(ctx, s.Read, viewer, p)
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
	asked.Terms = asked.Form.Bound(asked.Terms, proposal.Written(written))
	stands := written[section.Key]
	candidates, err := section.Candidates(ctx, s.Read, stands.Answers)
	if err != nil {
		return templates.ProposalSection{}, err
	}
	others := proposal.Written(written)
	asked.Form = whole.For(others)
	if p.Status == proposal.Returned {
		p.Opens(proposal.Lacking(asked, others, documents))
	}
	page := templates.ProposalSection{
		Proposal: p, Asked: asked, Whole: whole, Others: others, Section: section, Answers: stands.Answers, Version: stands.Version, Done: stands.Done,
		SavedBy: stands.UpdatedByName, SavedAt: stands.UpdatedAt, Documents: documents, Places: candidates, Page: random(pageBytes), Now: s.Now(),
	}
	if role == organisation.Reader {
		page.ReadOnly = &problem.Words{Key: "proposal.read_only"}
	} else if refusal, ok := errors.AsType[problem.Refusal](asked.WhyNotEditable(p, section.Key, s.Now())); ok {
		page.ReadOnly = &refusal.Words
	}
	page.Team, err = s.sectionTeam(r, p, section.Key, page.ReadOnly == nil)
	return page, err
}

// saveSection stores what was typed and goes where the button says. What is
// said to be done and is not comes back with what is missing, already saved;
// what somebody else wrote in the same answer meanwhile is shown beside.
func (s *Site) saveSection(w http.ResponseWriter, r *http.Request) error {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	arranged, moved := f.arrange()
	goesOn := f.Line("act") == "stay" || f.Has("add") || arranged // on this page: what was done stays so, and nothing is asked for yet
	typed, done := f.typed(), f.Line("done") == form.Yes
	typed.Done = func(standing bool) bool { return done && (standing || !goesOn) }
	var saved proposal.Saved
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		saved, err = proposal.Write(ctx, tx, act, at, chi.URLParam(r, "section"), typed)
		return err
	})
	if stale, ok := errors.AsType[proposal.Stale](err); ok {
		return s.showStale(w, r, stale, f)
	}
	if wrong, ok := s.wrong(err); ok {
		return s.sectionAgain(w, r, f, wrong)
	}
	if err != nil {
		return err
	}
	if saved.Moved != nil {
		return s.toSaying(w, r, saidOfMove(*saved.Moved), "/proposals/%s/form-changes", at)
	}
	if len(saved.Gaps) > 0 && f.Line("act") != "leave" && !goesOn {
		page, err := s.sectionPage(r, saved.Section.Key)
		if err != nil {
			return err
		}
		page.Answers, page.Wrong, page.Version, page.Done = saved.Answers, saved.Gaps.Invalid(), saved.Version, true
		page.ToCheck = f.Line("to") == "check"
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	return s.afterSave(w, r, saved, f, moved)
}

// saidOfMove says what became of what was typed in an earlier version of the
// form.
func saidOfMove(m proposal.Moved) problem.Words {
	if m.Aside == 0 {
		return problem.Say("build.moved_kept")
	}
	return problem.Say("build.moved_aside", m.Aside)
}

// sectionAgain gives back what was typed, with what is wrong in it.
func (s *Site) sectionAgain(w http.ResponseWriter, r *http.Request, f values, wrong problem.Invalid) error {
	page, err := s.sectionPage(r, chi.URLParam(r, "section"))
	if err != nil {
		return err
	}
	hold(&page, f)
	page.Wrong, page.Done = wrong, false
	return s.show(w, r, http.StatusUnprocessableEntity, page)
}

// hold puts what was typed on a page, as what is not saved.
func hold(page *templates.ProposalSection, f values) {
	typed, _ := page.Section.Read(f.sentUnder, page.Asked.Terms) // what is wrong in it is said when it is sent
	typed.Keep(page.Answers, f.sent[form.Unasked])
	page.Answers, page.Version, page.Page, page.Unsaved = typed, f.version(), f.page(), true
	page.Done, page.ToCheck = f.Line("done") == form.Yes, f.Line("to") == "check"
}

// showStale shows both texts of what two people changed.
func (s *Site) showStale(w http.ResponseWriter, r *http.Request, stale proposal.Stale, f values) error {
	page, err := s.sectionPage(r, stale.Section.Key)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusConflict, templates.ProposalStale{Proposal: page.Proposal, Asked: page.Asked, Stale: stale, Sent: f.sent})
}

// afterSave goes where the button that was pressed says; moved is the row that
// one moved, if it did.
func (s *Site) afterSave(w http.ResponseWriter, r *http.Request, saved proposal.Saved, f values, moved string) error {
	at, key := saved.Of.ID, saved.Section.Key
	said := problem.Say("proposal.section.saved", saved.Section.Title.In(words.Of(r.Context())))
	switch {
	case f.Has("add"):
		q, ok := saved.Section.Question(f.Line("add"))
		if !ok || !q.IsTable() {
			return problem.NotFound
		}
		return s.to(w, r, "/proposals/%s/sections/%s?add=%s#%s", at, key, q.Key, form.Name(q.Key, len(saved.Answers[q.Key].Rows), q.Columns[0].Key))
	case moved != "":
		return s.toSaying(w, r, problem.Say("table.saved_move"), "/proposals/%s/sections/%s#row-%s", at, key, moved)
	case f.Has("remove"), f.Has("up"), f.Has("down"), f.Line("act") == "stay":
		return s.toSaying(w, r, said, "/proposals/%s/sections/%s", at, key)
	case f.Line("act") == "leave":
		return s.toSaying(w, r, said, "/proposals/%s", at)
	case f.Line("to") == "check":
		return s.toSaying(w, r, said, "/proposals/%s/check#s-%s", at, key)
	}
	written, err := proposal.Sections(r.Context(), s.Read, visitor(r).ID, at)
	if err != nil {
		return err
	}
	if next := after(saved.Form, proposal.Written(written), saved.Of, key); next != "" {
		return s.toSaying(w, r, said, "/proposals/%s/sections/%s", at, next)
	}
	return s.toSaying(w, r, said, "/proposals/%s/check", at)
}

// after is the next section to write of those that are asked: of a returned
// proposal only those that were named.
func after(d form.Definition, c form.Content, p proposal.Locked, key string) string {
	i := slices.IndexFunc(d.Sections, func(s form.Section) bool { return s.Key == key })
	asked := d.For(c)
	for _, s := range d.Sections[i+1:] {
		if _, ok := asked.Section(s.Key); !ok {
			continue
		}
		if _, named := p.ReturnedSections[s.Key]; named || p.Status != proposal.Returned {
			return s.Key
		}
	}
	return ""
}

// shownVersions is how many versions of a section one page shows.
const shownVersions = 100

// showVersions is how a section came about, for those who write it.
func (s *Site) showVersions(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.applying(r)
	if err != nil {
		return err
	}
	asked, err := proposal.WhatOf(r.Context(), s.Read, visitor(r).ID, p)
	if err != nil {
		return err
	}
	section, ok := asked.Form.Section(chi.URLParam(r, "section"))
	if !ok {
		return problem.NotFound
	}
	versions, err := proposal.Versions(r.Context(), s.Read, visitor(r).ID, p.ID, section.Key, shownVersions+1)
	if err != nil {
		return err
	}
	page := templates.SectionVersions{Proposal: p, Asked: asked, Section: section, Versions: versions[:min(len(versions), shownVersions)], More: len(versions) > shownVersions}
	return s.show(w, r, http.StatusOK, page)
}

// pageBytes is the length of the name of an opened page: what it saved itself is
// told from what others did by it.
const pageBytes = 9

// typed is what a whole page of questions sends. keep.<question> is what was
// chosen where two had changed the same: mine, theirs or both, @ the version
// that was shown.
func (v values) typed() proposal.Typed {
	t := proposal.Typed{Form: v.inForm(), Page: v.page(), Base: v.version(), Over: map[string]int{}, Unasked: v.sent[form.Unasked], Sent: v.sentUnder}
	for name := range v.sent {
		key, ok := strings.CutPrefix(name, "keep.")
		if !ok {
			continue
		}
		what, version, _ := strings.Cut(v.Line(name), "@")
		n, err := strconv.Atoi(version)
		if err != nil {
			continue
		}
		switch t.Over[key] = n; what {
		case "theirs":
			t.Aside = append(t.Aside, key)
		case "both":
			t.Both = append(t.Both, key)
		}
	}
	return t
}

// page names the opened page that sends this; nonsense is none.
func (v values) page() string {
	if p := v.Line("page"); len(p) <= 2*pageBytes {
		return p
	}
	return ""
}

// inForm is the version of the form that the page shows; nonsense is none.
func (v values) inForm() form.ID {
	id, err := ref.Parse[form.ID](v.Line(form.InForm))
	if err != nil {
		return 0
	}
	return id
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
