package proposal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/call"
	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/form/revision"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
)

// another is an open call of the same programme whose form is the first one's,
// changed, and which runs a year later.
func (w *world) another(t *testing.T, change func(*form.Definition)) call.ID {
	t.Helper()
	d := w.forms(t).Used.Definition
	change(&d)
	key := strings.ToUpper(ref.Of(ref.New[int64]()))
	f := insert[form.ID](t, w, `insert into forms (key, version, definition, frozen_at, created_at) values ($1, 1, $2, $3, $3) returning id`, key, d, before)
	id := insert[call.ID](t, w, `
		insert into calls (programme_id, code, title_vi, opens_at, closes_at, envelope, grant_min, grant_max, months_max, provinces, form_id, rubric_id, status, published_at, created_at, updated_at)
		select programme_id, 'N' || $2, 'Đợt 2029', opens_at, closes_at + interval '3 years', envelope, grant_min, grant_max, months_max, provinces, $3, rubric_id, status, published_at, created_at, updated_at
		from calls where id = $1 returning id`, w.call, key, f)
	insert[call.ID](t, w, `insert into call_task_groups select $1, task_group_id from call_task_groups where call_id = $2 returning call_id`, id, w.call)
	return id
}

func (w *world) clone(t *testing.T, source proposal.ID, to call.ID) proposal.ID {
	t.Helper()
	id, err := proposal.Clone(t.Context(), w.tx, by(w.writer, before.Add(time.Hour)), source, to)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// attached puts a document into the first question for files of a proposal.
func (w *world) attached(t *testing.T, id proposal.ID, name, purpose string, personal bool, state document.State) {
	t.Helper()
	insert[document.ID](t, w, `
		insert into documents (proposal_id, section_key, question, purpose, number, name, media_type, size, sha256, state, personal, uploaded_by, uploaded_at)
		select $1, 'documents', 'documents', $2, 1 + count(*), $3, 'application/pdf', 7, md5($3), $4, $5, $6, $7 from documents where proposal_id = $1 returning id`,
		id, purpose, name, state, personal, w.head, before)
}

func TestAnEarlierProposalIsUsedAgain(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	source := w.submitted(t)
	_, files, ok := w.forms(t).Used.Definition.Question("documents")
	if !ok || len(files.Purposes) == 0 {
		t.Fatal("the default form asks for no files")
	}
	open := files.Purposes[len(files.Purposes)-1]
	if open.Personal {
		t.Fatal("the last purpose is personal")
	}
	w.attached(t, source, "ke-hoach.pdf", open.Value, false, document.Clean)
	w.attached(t, source, "ly-lich.pdf", open.Value, true, document.Clean)
	w.attached(t, source, "xau.pdf", open.Value, false, document.Infected)
	w.attached(t, source, "gi-do.pdf", "no-such-purpose", false, document.Clean)
	to := w.another(t, withoutPlaces)
	was, err := proposal.Sections(ctx, w.tx, w.writer, source)
	if err != nil {
		t.Fatal(err)
	}
	id := w.clone(t, source, to)
	w.carried(t, source, id, was)
	c, err := proposal.CloneOf(ctx, w.tx, w.reader, id)
	if err != nil || c == nil || c.SourceID != source || c.Documents != 1 || c.LeftBehind != 3 || c.DismissedAt != nil || !c.SourceReadable {
		t.Fatal(c, err)
	}
	why := map[string]revision.Reason{}
	for _, a := range c.Aside {
		why[a.Question] = a.Why
	}
	if why["places"] != revision.Gone || why["budget"] != revision.Option || why["activities"] != revision.Option || len(why) > 4 {
		t.Error("put aside:", why) // years, quarters and half-years are others there
	}
	attached, err := document.Attached(ctx, w.tx, w.head, int64(id))
	if err != nil || len(attached) != 1 || attached[0].Name != "ke-hoach.pdf" || attached[0].State != document.Clean || attached[0].Number != 1 {
		t.Error(attached, err)
	}
	if again := w.clone(t, source, to); again != id {
		t.Error("twice is not once")
	}
	for _, who := range []people.ID{w.stranger, w.officer, w.reviewer, 0} {
		if c, err := proposal.CloneOf(ctx, w.tx, who, id); err != nil || c != nil {
			t.Error("who is no applicant knows from what it was begun:", c, err)
		}
	}
	for range 2 {
		if err := proposal.DismissClone(ctx, w.tx, by(w.writer, before), id); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := proposal.CloneOf(ctx, w.tx, w.writer, id); err != nil || c.DismissedAt == nil {
		t.Error(c, err)
	}
	refused(t, "a reader dismisses", proposal.DismissClone(ctx, w.tx, by(w.reader, before), id), problem.Forbidden, "proposal.only_writers")
	if n := insert[int](t, w, `select count(*)::int from audit_events where subject = 'proposal' and subject_id = $1 and verb in ('start', 'clone', 'dismiss_clone')`, id); n != 3 {
		t.Error(n, "of three acts are in the log")
	}
}

// carried checks what stands in the new proposal, and that the earlier one
// stands as it did.
func (w *world) carried(t *testing.T, source, id proposal.ID, was map[string]proposal.Section) {
	t.Helper()
	is, err := proposal.Sections(t.Context(), w.tx, w.writer, id)
	if err != nil {
		t.Fatal(err)
	}
	d := w.forms(t).Used.Definition
	first, third := d.Sections[0].Key, d.Sections[2].Key
	if got := is[third].Answers["summary"]; got.Empty() || !got.Equal(was[first].Answers["summary"]) {
		t.Error("the summary came along as", got)
	}
	for _, s := range d.Sections {
		if is[s.Key].Done {
			t.Error(s.Key, "is said to be done, and nobody has read it here")
		}
		for _, q := range s.Questions {
			if q.Kind == form.Agree && !is[s.Key].Answers[q.Key].Empty() {
				t.Error(q.Key, "was agreed to by nobody")
			}
		}
	}
	for _, r := range is["budget"].Answers["budget"].Rows {
		if r["year"] != "" || r.Typed() == 0 {
			t.Error("a line of the budget came along as", r)
		}
	}
	p, err := proposal.Get(t.Context(), w.tx, w.writer, id)
	if err != nil || p.Title == "" || p.Title != was[first].Answers["title"].Text || p.Status != proposal.Draft || p.OrganisationID != w.organisation {
		t.Error(p, err)
	}
	stands, err := proposal.Sections(t.Context(), w.tx, w.writer, source)
	if diff := cmp.Diff(was, stands); err != nil || diff != "" {
		t.Error("the earlier one was changed:", err, diff)
	}
}

func TestCloneRefuses(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	source := w.submitted(t)
	to := w.another(t, func(*form.Definition) {})
	clone := func(who people.ID, source proposal.ID, to call.ID, at time.Time) error {
		_, err := proposal.Clone(ctx, w.tx, by(who, at), source, to)
		return err
	}
	refused(t, "a stranger", clone(w.stranger, source, to, before), problem.NotFound, "")
	refused(t, "nobody", clone(0, source, to, before), problem.NotFound, "")
	refused(t, "what is not there", clone(w.writer, 4711, to, before), problem.NotFound, "")
	refused(t, "a call that is not there", clone(w.writer, source, 4711, before), problem.NotFound, "")
	refused(t, "an officer", clone(w.officer, source, to, before), problem.Forbidden, "proposal.only_members")
	refused(t, "a reader", clone(w.reader, source, to, before), problem.Forbidden, "proposal.only_writers")
	refused(t, "too late", clone(w.writer, source, to, closes.AddDate(3, 0, 1)), problem.Conflict, "proposal.start.late")
	insert[call.ID](t, w, `update calls set provinces = '{99}' where id = $1 returning id`, to)
	refused(t, "a call for others", clone(w.writer, source, to, before), problem.Forbidden, "proposal.start.not_invited")
	insert[call.ID](t, w, `update calls set provinces = '{}' where id = $1 returning id`, to)
	insert[call.ID](t, w, `update calls set status = 'draft' where id = $1 returning id`, to)
	refused(t, "a call nobody knows of", clone(w.writer, source, to, before), problem.NotFound, "")
	insert[call.ID](t, w, `update calls set status = 'published' where id = $1 returning id`, to)
	draft, err := proposal.Start(ctx, w.tx, by(w.writer, before), to, w.organisation)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "over a draft", clone(w.writer, source, to, before), problem.Conflict, "clone.draft")
	refused(t, "over itself", clone(w.writer, draft, to, before), problem.Conflict, "clone.draft")
	if err := proposal.Discard(ctx, w.tx, by(w.head, before), draft); err != nil {
		t.Fatal(err)
	}
	refused(t, "what was thrown away", clone(w.writer, draft, to, before), problem.NotFound, "")
	if id := w.clone(t, source, w.call); id == source { // under the same call, once more
		t.Error("it is the same")
	}
}
