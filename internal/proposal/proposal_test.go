package proposal_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/portaltest"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

func TestStart(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.start(t)
	again, err := proposal.Start(ctx, w.tx, by(w.head, before), w.call, w.organisation)
	if err != nil || again != id {
		t.Errorf("a second start begins %d, %v; want the draft %d", again, err, id)
	}
	p, err := proposal.Get(ctx, w.tx, w.reader, id)
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != proposal.Draft || p.View != proposal.AsApplicant || !strings.HasPrefix(p.Reference, "T"+w.unique+"-") {
		t.Errorf("%+v", p)
	}
	for who, name := range map[people.ID]string{w.officer: "officer", w.stranger: "stranger", w.reviewer: "reviewer", 0: "nobody"} {
		if _, err := proposal.Get(ctx, w.tx, who, id); !errors.Is(err, problem.NotFound) {
			t.Errorf("%s sees a draft: %v", name, err)
		}
	}
	if drafts, err := proposal.Under(ctx, w.tx, w.writer, w.call); err != nil || len(drafts) != 1 || drafts[0].ID != id {
		t.Errorf("offered %v %v", drafts, err)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	start := func(who people.ID, at time.Time) error {
		_, err := proposal.Start(ctx, w.tx, by(who, at), w.call, w.organisation)
		return err
	}
	refused(t, "who only reads", start(w.reader, before), problem.Forbidden, "proposal.start.reader")
	refused(t, "before it opens", start(w.head, before.Add(-2*time.Hour)), problem.Conflict, "proposal.start.early")
	refused(t, "in the grace", start(w.head, closes), problem.Conflict, "proposal.start.late")
	if err := start(w.stranger, before); !errors.Is(err, problem.NotFound) {
		t.Errorf("another organisation's head: %v", err)
	}
	insert[string](t, w, `update organisations set province_code = '01' where id = $1 returning province_code`, w.organisation)
	refused(t, "of another province", start(w.head, before), problem.Forbidden, "proposal.start.not_invited")
}

func TestSaveSection(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.start(t)
	save := func(who people.ID, version int, title string, done bool) (proposal.Saved, error) {
		return proposal.SaveSection(ctx, w.tx, by(who, before), id, "identification", version, form.Answers{"title": {Text: title}, "months": {Text: "một năm"}}, done)
	}
	saved, err := save(w.writer, 0, "Chị em vùng cao", true)
	if err != nil || saved.Version != 1 {
		t.Fatalf("%+v %v", saved, err)
	}
	if wrong := saved.Gaps.Invalid(); wrong["months"].Key != "form.not_number" || wrong["summary"].Key != "form.missing.text" {
		t.Errorf("done with gaps: %v", saved.Gaps)
	}
	sections, err := proposal.Sections(ctx, w.tx, w.reader, id)
	if err != nil {
		t.Fatal(err)
	}
	if s := sections["identification"]; s.Done || s.Answers["months"].Text != "một năm" || s.UpdatedByName != "writer" {
		t.Errorf("what was typed is not as it was typed: %+v", s)
	}
	p, err := proposal.Get(ctx, w.tx, w.reader, id)
	if err != nil || p.Title != "Chị em vùng cao" {
		t.Errorf("the draft is called %q, %v", p.Title, err)
	}
	if saved, err := save(w.head, 1, "Bản của chị Hoa", false); err != nil || saved.Version != 2 {
		t.Errorf("%+v %v", saved, err)
	}
	_, err = save(w.writer, 1, "Bản của em Lan", false)
	stale, ok := errors.AsType[proposal.Stale](err)
	if !ok || !errors.Is(err, problem.Conflict) || stale.Theirs.Answers["title"].Text != "Bản của chị Hoa" || stale.Theirs.UpdatedByName != "head" {
		t.Errorf("a save over somebody else's: %v", err)
	}
	if saved, err := save(w.writer, 1, "Bản của chị Hoa", false); err != nil || saved.Version != 2 {
		t.Errorf("the very same, typed over an old version: %+v %v", saved, err)
	}
}

func TestWhoMaySave(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.submitted(t)
	save := func(who people.ID, key string) error {
		_, err := proposal.SaveSection(ctx, w.tx, by(who, before), id, key, 1, form.Answers{}, false)
		return err
	}
	refused(t, "reader", save(w.reader, "problem"), problem.Forbidden, "proposal.only_writers")
	refused(t, "officer", save(w.officer, "problem"), problem.Forbidden, "proposal.only_members")
	refused(t, "after it was sent", save(w.head, "problem"), problem.Conflict, "proposal.sealed_open")
	for name, who := range map[string]people.ID{"stranger": w.stranger, "officer of another programme": w.foreign, "reviewer": w.reviewer} {
		if err := save(who, "problem"); !errors.Is(err, problem.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := save(w.head, "no_such_section"); !errors.Is(err, problem.NotFound) {
		t.Errorf("a section that is not there: %v", err)
	}
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.complete(t)
	_, err := proposal.Submit(ctx, w.tx, by(w.writer, before), id)
	refused(t, "a writer submits", err, problem.Forbidden, "proposal.only_head")
	receipt, err := proposal.Submit(ctx, w.tx, by(w.head, before), id)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := proposal.LastSubmission(ctx, w.tx, w.head, id)
	if err != nil || receipt != (proposal.Receipt{Number: sent.Number, SHA256: sent.SHA256}) {
		t.Fatalf("the receipt says %+v of %+v: %v", receipt, sent, err)
	}
	if sent.Number != 1 || len(sent.SHA256) != 64 || !sent.SubmittedAt.Equal(before) || sent.SubmittedByName != "head" {
		t.Errorf("%+v", sent)
	}
	p, err := proposal.Get(ctx, w.tx, w.officer, id)
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != proposal.Submitted || p.View != proposal.AsOfficer || p.AmountAsked != 100_000_000 || p.Months != 12 || p.ProvinceCode != "08" ||
		p.Title != "Truyền thông ở thôn bản" || p.OrganisationName != "Hội Liên hiệp Phụ nữ xã Đồng Văn" || p.OrganisationKind != "womens_union" {
		t.Errorf("%+v", p)
	}
	key := insert[string](t, w, `select search_key from proposals where id = $1`, id)
	for _, part := range []string{strings.ToLower(strings.ReplaceAll(p.Reference, "-", " ")), "truyen thong o thon ban", "hoi lien hiep phu nu xa dong van"} {
		if !strings.Contains(key, part) {
			t.Errorf("search key %q lacks %q", key, part)
		}
	}
	want := []people.ID{w.head, w.writer}
	slices.Sort(want)
	if diff := cmp.Diff(want, w.letters(t, id, letter.Receipt)); diff != "" {
		t.Errorf("receipts: %s", diff)
	}
	again, err := proposal.Submit(ctx, w.tx, by(w.head, closes.Add(time.Hour)), id)
	if err != nil || again != receipt {
		t.Errorf("submitting twice: %+v %v", again, err)
	}
	if n := len(w.letters(t, id, letter.Receipt)); n != 2 {
		t.Errorf("%d receipts after submitting twice", n)
	}
}

func TestSubmitRefusesWhatIsNotComplete(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.complete(t)
	asked, err := proposal.What(ctx, w.tx, w.head, w.call)
	if err != nil {
		t.Fatal(err)
	}
	risk := portaltest.Filled(t, asked)["risk"]
	delete(risk, "safeguarding")
	if _, err := proposal.SaveSection(ctx, w.tx, by(w.writer, before), id, "risk", 1, risk, true); err != nil {
		t.Fatal(err)
	}
	_, err = proposal.Submit(ctx, w.tx, by(w.head, before), id)
	incomplete, ok := errors.AsType[proposal.Incomplete](err)
	if !ok || len(incomplete.Gaps) != 1 || incomplete.Gaps[0].Section != "risk" || incomplete.Gaps[0].Field != "safeguarding" {
		t.Fatalf("%v", err)
	}
	if _, ok := errors.AsType[problem.Invalid](err); !ok {
		t.Error("what is missing is not said by control")
	}
	if w.status(t, id) != proposal.Draft || len(w.letters(t, id, letter.Receipt)) > 0 {
		t.Error("a refused submission left something behind")
	}
}

// The deadline is an instant; a grace of two minutes forgives the line.
func TestSubmitAtTheDeadline(t *testing.T) {
	t.Parallel()
	for at, want := range map[time.Duration]string{
		-time.Second: "", 0: "", 2*time.Minute - time.Second: "", 2 * time.Minute: "proposal.submit.late", 2*time.Minute + time.Second: "proposal.submit.late",
	} {
		ctx, w := newWorld(t)
		_, err := proposal.Submit(ctx, w.tx, by(w.head, closes.Add(at)), w.complete(t))
		if words(err) != want || (err == nil) != (want == "") {
			t.Errorf("%v from closing: %v, want %q", at, err, want)
		}
	}
}

// What was sent can be proved from what is stored.
func TestSubmissionProvesItself(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.complete(t)
	for purpose, name := range map[string]string{"support": "Thư ủng hộ <xã>.pdf", "cv": "Lý lịch.pdf"} {
		if _, err := proposal.Attach(ctx, w.tx, by(w.writer, before), id, "documents", "documents", purpose,
			document.File{Name: name, MediaType: "application/pdf", Size: 10, SHA256: strings.Repeat("ab", 31) + purpose[:2]}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := proposal.Submit(ctx, w.tx, by(w.head, before), id); err != nil {
		t.Fatal(err)
	}
	prove := func(who people.ID) (string, proposal.Submission, []document.Document) {
		s, err := proposal.LastSubmission(ctx, w.tx, who, id)
		if err != nil {
			t.Fatal(err)
		}
		documents, err := document.Some(ctx, w.tx, who, s.Documents)
		if err != nil {
			t.Fatal(err)
		}
		p, err := proposal.Get(ctx, w.tx, who, id)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := proposal.Sum(p.Reference, s, documents)
		if err != nil {
			t.Fatal(err)
		}
		return sum, s, documents
	}
	sum, s, documents := prove(w.officer)
	if sum != s.SHA256 || len(documents) != 2 {
		t.Errorf("%s of %d documents, want %s", sum, len(documents), s.SHA256)
	}
	s.Content["budget"]["budget"].Rows[0]["price"] = "40.000.001"
	if changed, err := proposal.Sum("x", s, documents); err != nil || changed == sum {
		t.Errorf("a changed price is not noticed: %v", err)
	}
	if _, ok := s.Content["applicant"]; ok || s.Identity.Organisation.NameVi == "" || s.Identity.Sections["commitments"] == nil {
		t.Error("what names the applicant does not stand apart")
	}
}

func TestDocumentsOfAProposal(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.complete(t)
	file := func(n int) document.File {
		return document.File{Name: "a.pdf", MediaType: "application/pdf", Size: 19 << 20, SHA256: strings.Repeat("0", 62) + string(rune('a'+n/10)) + string(rune('a'+n%10))}
	}
	attach := func(who people.ID, question, purpose string, n int) (document.ID, error) {
		return proposal.Attach(ctx, w.tx, by(who, before), id, "documents", question, purpose, file(n))
	}
	first, err := attach(w.writer, "documents", "support", 0)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := attach(w.head, "documents", "support", 0); err != nil || again != first {
		t.Errorf("the same file twice: %v %v", again, err)
	}
	cv, err := attach(w.writer, "documents", "cv", 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = attach(w.reader, "documents", "support", 2)
	refused(t, "reader attaches", err, problem.Forbidden, "proposal.only_writers")
	if _, err := attach(w.writer, "title", "support", 2); !errors.Is(err, problem.NotFound) {
		t.Errorf("a file for a question that takes none: %v", err)
	}
	if _, err := attach(w.writer, "documents", "nonsense", 2); err == nil {
		t.Error("a purpose that is not named was taken")
	}
	for n := 2; n < 10; n++ {
		if _, err := attach(w.writer, "documents", "support", n); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := attach(w.writer, "documents", "support", 10); err == nil { // 11 × 19 MB
		t.Error("more than 200 MB were taken")
	}
	if _, err := document.Get(ctx, w.tx, w.reader, int64(id), cv); !errors.Is(err, problem.NotFound) {
		t.Errorf("a colleague reads a CV: %v", err)
	}
	if _, err := proposal.Submit(ctx, w.tx, by(w.head, before), id); err != nil {
		t.Fatal(err)
	}
	refused(t, "removing what was sent", proposal.Detach(ctx, w.tx, by(w.head, before), id, first), problem.Conflict, "proposal.sealed_open")
	returned(t, w, id, map[string]string{"documents": "Bổ sung"})
	if err := proposal.Detach(ctx, w.tx, by(w.writer, before), id, first); err != nil {
		t.Error(err)
	}
	now, err := document.Attached(ctx, w.tx, w.head, int64(id))
	if err != nil || len(now) != 9 {
		t.Errorf("%d documents stand, %v", len(now), err)
	}
	s, err := proposal.LastSubmission(ctx, w.tx, w.officer, id)
	if err != nil {
		t.Fatal(err)
	}
	if sent, err := document.Some(ctx, w.tx, w.officer, s.Documents); err != nil || len(sent) != 10 {
		t.Errorf("the submission keeps %d documents, %v; want 10", len(sent), err)
	}
}

func returned(t *testing.T, w *world, id proposal.ID, sections map[string]string) {
	t.Helper()
	if err := proposal.Return(t.Context(), w.tx, by(w.officer, before), id, sections, before.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
}

func TestReturnAndComplete(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.submitted(t)
	returned(t, w, id, map[string]string{"risk": "Nói rõ ai giữ danh sách"})
	want := []people.ID{w.head, w.writer}
	slices.Sort(want)
	if diff := cmp.Diff(want, w.letters(t, id, letter.Returned)); diff != "" {
		t.Errorf("letters: %s", diff)
	}
	p, err := proposal.Get(ctx, w.tx, w.writer, id)
	if err != nil || p.ReturnedSections["risk"] == "" || p.Status != proposal.Returned {
		t.Fatalf("%+v %v", p, err)
	}
	sections, err := proposal.Sections(ctx, w.tx, w.writer, id)
	if err != nil || sections["risk"].Done || !sections["problem"].Done {
		t.Errorf("which sections are done: %v %v, %v", sections["risk"].Done, sections["problem"].Done, err)
	}
	save := func(key string, at time.Time) error {
		a := sections[key].Answers
		a["scaling"] = form.Answer{Text: at.String()}
		_, err := proposal.SaveSection(ctx, w.tx, by(w.writer, at), id, key, sections[key].Version, a, true)
		return err
	}
	last := before.Add(24 * time.Hour)
	refused(t, "a section that was not named", save("problem", before), problem.Conflict, "proposal.returned_elsewhere")
	refused(t, "after its day", save("risk", last), problem.Conflict, "proposal.returned_late")
	if err := save("risk", last.Add(-time.Second)); err != nil {
		t.Error(err)
	}
	_, err = proposal.Submit(ctx, w.tx, by(w.head, last), id)
	refused(t, "sent after its day", err, problem.Conflict, "proposal.returned_late")
	sent, err := proposal.Submit(ctx, w.tx, by(w.head, last.Add(-time.Second)), id)
	if err != nil || sent.Number != 2 {
		t.Errorf("%+v %v", sent, err)
	}
	if all, err := proposal.Submissions(ctx, w.tx, w.officer, id); err != nil || len(all) != 2 {
		t.Errorf("%d submissions, %v", len(all), err)
	}
	if n := len(w.letters(t, id, letter.Receipt)); n != 4 {
		t.Errorf("%d receipts for two submissions to two people", n)
	}
}

func TestReturnRefuses(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.submitted(t)
	for name, c := range map[string]struct {
		sections map[string]string
		until    time.Time
		field    string
	}{
		"nothing":        {nil, closes, "sections"},
		"no such part":   {map[string]string{"x": "y"}, closes, "sections"},
		"no reason":      {map[string]string{"risk": ""}, closes, proposal.ReturnField("risk")},
		"a long reason":  {map[string]string{"risk": strings.Repeat("á", 2001)}, closes, proposal.ReturnField("risk")},
		"a day gone by":  {map[string]string{"risk": "x"}, before, "until"},
		"no day":         {map[string]string{"risk": "x"}, time.Time{}, "until"},
		"both are wrong": {nil, before, "until"},
	} {
		err := proposal.Return(ctx, w.tx, by(w.officer, before), id, c.sections, c.until)
		wrong, _ := errors.AsType[problem.Invalid](err)
		if _, ok := wrong[c.field]; !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
