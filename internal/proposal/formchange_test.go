package proposal_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/call"
	"daubang/internal/form"
	"daubang/internal/form/revision"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

// draftForm begins a version of the call's form, changed by change.
func (w *world) draftForm(t *testing.T, change func(d *form.Definition)) {
	t.Helper()
	forms := w.forms(t)
	change(&forms.Used.Definition)
	if err := call.DraftForm(t.Context(), w.tx, by(w.officer, before), w.call, forms.Used.Definition); err != nil {
		t.Fatal(err)
	}
}

func (w *world) forms(t *testing.T) call.Forms {
	t.Helper()
	c, err := call.Get(t.Context(), w.tx, w.officer, w.call)
	if err != nil {
		t.Fatal(err)
	}
	forms, err := call.FormsOf(t.Context(), w.tx, c)
	if err != nil {
		t.Fatal(err)
	}
	return forms
}

// use makes the call ask what was drafted.
func (w *world) use(t *testing.T) int {
	t.Helper()
	n, err := proposal.UseForm(t.Context(), w.tx, by(w.officer, before.Add(time.Minute)), w.call, w.forms(t).Draft.Edition)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// withoutPlaces takes a question away, moves one to another section, and asks
// one more.
func withoutPlaces(d *form.Definition) {
	first, second := &d.Sections[0], &d.Sections[2]
	at := func(key string) int {
		return slices.IndexFunc(first.Questions, func(q form.Question) bool { return q.Key == key })
	}
	first.Questions = slices.Delete(slices.Clone(first.Questions), at("places"), at("places")+1)
	i := at("summary")
	summary := first.Questions[i]
	summary.MaxWords = 100
	first.Questions = slices.Delete(first.Questions, i, i+1)
	second.Questions = append(slices.Clone(second.Questions), summary, form.Question{Key: "why_now", Kind: form.Text, Label: first.Title, Required: true})
}

func TestANewFormTakesDraftsAlong(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.complete(t)
	was, err := proposal.Sections(ctx, w.tx, w.writer, id)
	if err != nil {
		t.Fatal(err)
	}
	w.draftForm(t, withoutPlaces)
	if affected, err := proposal.WhoIsAffected(ctx, w.tx, w.officer, w.call); err != nil || affected != (proposal.Affected{Drafts: 1}) {
		t.Error(affected, err)
	}
	if n := w.use(t); n != 1 {
		t.Errorf("%d drafts were moved", n)
	}
	is, err := proposal.Sections(ctx, w.tx, w.writer, id)
	if err != nil {
		t.Fatal(err)
	}
	first, third := w.forms(t).Used.Definition.Sections[0].Key, w.forms(t).Used.Definition.Sections[2].Key
	if got := is[third].Answers["summary"]; !got.Equal(was[first].Answers["summary"]) || got.Empty() {
		t.Errorf("the summary moved on as %v", got)
	}
	if is[first].Version != was[first].Version+1 || is[third].Version != was[third].Version+1 || is["budget"].Version != was["budget"].Version {
		t.Error("who has a changed section open must find out, and nobody else")
	}
	if !is[first].Done || is[third].Done {
		t.Error("a section in which something is missing now is not done, any other stays so")
	}
	changes, err := proposal.FormChanges(ctx, w.tx, w.writer, id)
	if err != nil || len(changes) != 1 {
		t.Fatal(changes, err)
	}
	places := was[first].Answers["places"]
	if a := changes[0].Aside; len(a) != 1 || a[0].Question != "places" || a[0].Why != revision.Gone || !a[0].Answer.Equal(places) || places.Empty() {
		t.Errorf("put aside: %v", a)
	}
	if diff := cmp.Diff([]people.ID{min(w.head, w.writer), max(w.head, w.writer)}, w.letters(t, id, letter.FormChanged)); diff != "" {
		t.Error(diff)
	}
	w.dismissed(t, id, changes[0].ID)
}

// Who has a section open saves it whole: what moved into it meanwhile was never on
// that page, and stays.
func TestWhatMovedInIsNoPagesOwn(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.start(t)
	write := func(section string, typed proposal.Typed, answers map[string]string) {
		t.Helper()
		typed.Page, typed.Sent = "one page", func(name string) []string {
			if text, ok := answers[name]; ok {
				return []string{text}
			}
			return nil
		}
		typed.Done = func(bool) bool { return false }
		if _, err := proposal.Write(ctx, w.tx, by(w.writer, before), id, section, typed); err != nil {
			t.Fatal(err)
		}
	}
	sections := w.forms(t).Used.Definition.Sections
	first, third := sections[0].Key, sections[2].Key
	write(first, proposal.Typed{Changed: []string{"summary"}}, map[string]string{"summary": "Mười hai tổ ở khu trọ"})
	write(third, proposal.Typed{Changed: []string{"gender_analysis"}}, map[string]string{"gender_analysis": "Ba mươi người"})
	w.draftForm(t, withoutPlaces)
	w.use(t)
	write(third, proposal.Typed{Base: 1}, map[string]string{"gender_analysis": "Ba mươi mốt người"})
	is, err := proposal.Sections(ctx, w.tx, w.writer, id)
	if err != nil {
		t.Fatal(err)
	}
	if a := is[third].Answers; a["summary"].Text != "Mười hai tổ ở khu trọ" || a["gender_analysis"].Text != "Ba mươi mốt người" {
		t.Errorf("it stands: %v", a)
	}
}

func (w *world) dismissed(t *testing.T, id proposal.ID, change proposal.FormChangeID) {
	t.Helper()
	refused(t, "a reader", proposal.DismissFormChange(t.Context(), w.tx, by(w.reader, before), id, change), problem.Forbidden, "proposal.only_writers")
	refused(t, "a stranger", proposal.DismissFormChange(t.Context(), w.tx, by(w.stranger, before), id, change), problem.NotFound, "")
	for range 2 {
		if err := proposal.DismissFormChange(t.Context(), w.tx, by(w.writer, before), id, change); err != nil {
			t.Fatal(err)
		}
	}
	all, err := proposal.FormChanges(t.Context(), w.tx, w.writer, id)
	if err != nil || len(all) != 1 || all[0].DismissedAt == nil {
		t.Error(all, err)
	}
	if others, err := proposal.FormChanges(t.Context(), w.tx, w.stranger, id); err != nil || len(others) > 0 {
		t.Error("strangers read it:", others, err)
	}
}

func TestWhatWasSentStaysAsItWasSent(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.submitted(t)
	old := w.forms(t).Used.ID
	if err := proposal.Return(ctx, w.tx, by(w.officer, before), id, map[string]string{"identification": "Ghi rõ xã"}, closes); err != nil {
		t.Fatal(err)
	}
	w.draftForm(t, withoutPlaces)
	if affected, err := proposal.WhoIsAffected(ctx, w.tx, w.officer, w.call); err != nil || affected != (proposal.Affected{Returned: 1}) {
		t.Error(affected, err)
	}
	if n := w.use(t); n != 0 {
		t.Errorf("%d were moved", n)
	}
	p, err := proposal.Get(ctx, w.tx, w.head, id)
	if err != nil || p.FormID != old {
		t.Error(p.FormID, err)
	}
	sent, err := proposal.LastSubmission(ctx, w.tx, w.officer, id)
	if err != nil || sent.FormID != old {
		t.Error(sent.FormID, err)
	}
	if _, err := proposal.Submit(ctx, w.tx, by(w.head, before), id); err != nil {
		t.Error("it is complete in the form it was written in:", err)
	}
	if to := w.letters(t, id, letter.FormChanged); len(to) > 0 {
		t.Error("told of a change that is none for them:", to)
	}
}

func TestWhoMayChangeTheForm(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	_, err := proposal.UseForm(ctx, w.tx, by(w.officer, before), w.call, 1)
	refused(t, "nothing drafted", err, problem.Conflict, "build.no_draft")
	w.draftForm(t, withoutPlaces)
	d := w.forms(t).Draft.Definition
	refused(t, "a second draft", call.DraftForm(ctx, w.tx, by(w.officer, before), w.call, d), problem.Conflict, "build.draft_exists")
	same := func(d form.Definition) (form.Definition, error) { return d, nil }
	for name, who := range map[string]people.ID{"the applicant": w.head, "another office": w.foreign} {
		refused(t, name, call.EditForm(ctx, w.tx, by(who, before), w.call, 1, same), problem.Forbidden, "call.refused.officers_only")
		refused(t, name, call.DiscardForm(ctx, w.tx, by(who, before), w.call, 1), problem.Forbidden, "call.refused.officers_only")
		_, err := proposal.UseForm(ctx, w.tx, by(who, before), w.call, 1)
		refused(t, name, err, problem.Forbidden, "call.refused.officers_only")
	}
	if err := call.EditForm(ctx, w.tx, by(w.officer, before), w.call, 1, same); err != nil {
		t.Fatal(err)
	}
	refused(t, "over another's edit", call.EditForm(ctx, w.tx, by(w.officer, before), w.call, 1, same), problem.Conflict, "build.edited_since")
	_, err = proposal.UseForm(ctx, w.tx, by(w.officer, before), w.call, 1)
	refused(t, "what was not looked at", err, problem.Conflict, "build.edited_since")
	broken := func(d form.Definition) (form.Definition, error) { d.Sections[0].Key = d.Sections[1].Key; return d, nil }
	if err := call.EditForm(ctx, w.tx, by(w.officer, before), w.call, 2, broken); err == nil {
		t.Error("a form that cannot be asked was stored")
	}
}

// TestWritingTakesTime adds up what lies between saves, but for long silences.
func TestWritingTakesTime(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.start(t)
	for i, at := range []time.Duration{2 * time.Minute, 3 * time.Minute, 50 * time.Minute, 59 * time.Minute} {
		answers := form.Answers{"goal": {Text: at.String()}}
		if _, err := proposal.SaveSection(ctx, w.tx, by(w.writer, before.Add(at)), id, "logframe", i, answers, false); err != nil {
			t.Fatal(err)
		}
	}
	took, err := pg.Value[int64](ctx, w.tx, `select worked_ms from proposals where id = $1`, id)
	if want := (3 + 9) * time.Minute; err != nil || took != want.Milliseconds() {
		t.Errorf("%d ms, want %d: %v", took, want.Milliseconds(), err)
	}
}

// TestHowLongWritingTakes: nothing is said before ten have sent theirs.
func TestHowLongWritingTakes(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	f, at := w.forms(t).Used.ID, before
	for i := 1; i <= 10; i++ {
		minutes, err := form.Effort(ctx, w.tx, f, at.Add(time.Duration(i)*time.Hour))
		if err != nil || minutes != 0 {
			t.Errorf("after %d: %d minutes, %v", i-1, minutes, err)
		}
		id := insert[proposal.ID](t, w, `
			insert into proposals (call_id, programme_id, organisation_id, reference, status, worked_ms, created_by, created_at, updated_at, submitted_at)
			values ($1, $2, $3, $4, 'submitted', $5, $6, $7, $7, $7) returning id`,
			w.call, w.programme, w.organisation, w.unique+string(rune('A'+i)), time.Duration(i*10)*time.Minute/time.Millisecond, w.head, at)
		insert[int64](t, w, `
			insert into submissions (proposal_id, number, content, identity, sha256, submitted_by, submitted_at) values ($1, 1, '{}', '{}', '', $2, $3) returning id`, id, w.head, at)
	}
	if minutes, err := form.Effort(ctx, w.tx, f, at.Add(11*time.Hour)); err != nil || minutes != 55 {
		t.Errorf("of 10, 20 … 100 minutes the middle is %d, %v", minutes, err)
	}
}
