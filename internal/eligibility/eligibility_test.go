package eligibility_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/eligibility"
	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/portaltest"
	"daubang/internal/problem"
	"daubang/internal/rubric"
)

type world struct {
	portaltest.World

	db *pgxpool.Pool
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{db: pgtest.New(t)}
	err := pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error {
		_, err1 := form.InstallDefault(t.Context(), tx, portaltest.Now)
		_, err2 := rubric.InstallDefault(t.Context(), tx, portaltest.Now)
		return errors.Join(err1, err2)
	})
	if err == nil {
		w.World, err = portaltest.Build(t.Context(), w.db)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// as does something as a persona; id is a call of the world.
func (w *world) as(t *testing.T, who string, id int64, do func(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID) error) error {
	t.Helper()
	return pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error {
		return do(t.Context(), tx, audit.Act{By: w.People[who], At: portaltest.Now}, call.ID(id))
	})
}

func put(edition int, key string, e eligibility.Entry) func(context.Context, pgx.Tx, audit.Act, call.ID) error {
	return func(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID) error {
		return eligibility.Put(ctx, tx, act, id, edition, key, e)
	}
}

func (w *world) of(t *testing.T, who string, id int64) eligibility.Check {
	t.Helper()
	c, err := eligibility.Of(t.Context(), w.db, people.ID(w.People[who]), call.ID(id))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Two entries: one to be answered with yes or no, one with a choice.
var (
	here = eligibility.Entry{
		TextVi: "Hoạt động có ở tỉnh không?", TextEn: "Are the activities in the province?", Kind: "needs_yes",
		ReasonVi: "Đợt này chỉ cho trong tỉnh.", ReasonEn: "This call is for the province only.",
	}
	kind = eligibility.Entry{
		TextVi: "Bạn là ai?", TextEn: "Who are you?", HintVi: "Chọn một", HintEn: "Choose one", Kind: "choice",
		Options:  []eligibility.OptionEntry{{Vi: "Tổ chức", En: "An organisation"}, {}, {Vi: "Doanh nghiệp", En: "An enterprise", Bars: true}, {Vi: "Cá nhân", En: "A person", Bars: true}},
		ReasonVi: "Chỉ nhận tổ chức.", ReasonEn: "Organisations only.", InsteadVi: "Cùng đề xuất.", InsteadEn: "Apply together.",
	}
)

// TestWritingTheQuestions: officers write, move and take out questions until the
// call opens, and find out about each other.
func TestWritingTheQuestions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	draft := w.DraftCall
	for i, e := range []eligibility.Entry{here, kind} {
		if err := w.as(t, "PO", draft, put(i, "", e)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.as(t, "PO", draft, put(1, "", here)); !errors.Is(err, problem.Conflict) {
		t.Error("over what another has changed:", err)
	}
	c := w.of(t, "PO", draft)
	for i, e := range []eligibility.Entry{here, kind} {
		got := eligibility.EntryOf(c.Questions[i])
		e.Options = slices.DeleteFunc(slices.Clone(e.Options), func(o eligibility.OptionEntry) bool { return o.Vi == "" })
		if diff := cmp.Diff(e.Options, got.Options); len(e.Options) > 0 && diff != "" {
			t.Error(diff)
		}
		got.Options, e.Options = nil, nil
		if diff := cmp.Diff(e, got); diff != "" {
			t.Error(diff)
		}
	}
	move := func(edition int, key string, by int) error {
		return w.as(t, "PO", draft, func(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID) error {
			return eligibility.Move(ctx, tx, act, id, edition, key, by)
		})
	}
	if err := errors.Join(move(2, "q2", -1), move(3, "q2", -1), move(3, "q1", 1)); err != nil { // beyond the ends nothing happens
		t.Fatal(err)
	}
	changed := here
	changed.Kind = "needs_no"
	if err := w.as(t, "PO", draft, put(3, "q1", changed)); err != nil {
		t.Fatal(err)
	}
	if c := w.of(t, "PO", draft); c.Edition != 4 || c.Questions[1].Key != "q1" || c.Questions[0].Key != "q2" || !c.Questions[1].Bar(eligibility.Yes) || c.Questions[1].Bar(eligibility.No) {
		t.Error(c)
	}
	err := w.as(t, "PO", draft, func(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID) error {
		return eligibility.Remove(ctx, tx, act, id, 4, "q2")
	})
	if c := w.of(t, "PO", draft); err != nil || len(c.Questions) != 1 || c.Questions[0].Key != "q1" {
		t.Error(c, err)
	}
	if err := w.as(t, "PO", draft, put(5, "q2", here)); !errors.Is(err, problem.Conflict) {
		t.Error("a question that is gone:", err)
	}
	if n, err := pg.Value[int](t.Context(), w.db, `select count(*)::int from audit_events where subject = 'call' and subject_id = $1 and verb = 'eligibility'`, draft); err != nil || n != 5 {
		t.Error(n, "changes are in the log", err)
	}
}

func TestWhoMayWriteThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for who, want := range map[string]error{"PO": nil, "PX": problem.NotFound, "AU": problem.Forbidden, "HD": problem.NotFound, "AN": problem.NotFound} {
		if err := w.as(t, who, w.DraftCall, put(0, "", here)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", who, err, want)
		}
	}
	if err := w.as(t, "PO", w.Call, put(0, "", here)); !errors.Is(err, problem.Conflict) {
		t.Error("of a call that is open:", err)
	}
	if err := pg.Exec(t.Context(), w.db, `update calls set opens_at = $2 where id = $1`, w.Call, portaltest.Now.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	if err := w.as(t, "PO", w.Call, put(0, "", here)); err != nil {
		t.Error("of one that is published and not open yet:", err)
	}
	copied := func(edition int, from int64) error {
		return w.as(t, "PO", w.DraftCall, func(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID) error {
			return eligibility.Copy(ctx, tx, act, id, edition, call.ID(from))
		})
	}
	if err := copied(1, w.Call); !errors.Is(err, problem.Conflict) {
		t.Error("over questions of its own:", err)
	}
	if err := w.as(t, "PO", w.DraftCall, func(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID) error {
		return eligibility.Remove(ctx, tx, act, id, 1, "q1")
	}); err != nil {
		t.Fatal(err)
	}
	if wrong, _ := errors.AsType[problem.Invalid](copied(2, 4711)); wrong["from"].Key == "" {
		t.Error("a call that is none was copied")
	}
	if err := copied(2, w.Call); err != nil || len(w.of(t, "PO", w.DraftCall).Questions) != 1 {
		t.Error(err)
	}
	if c := w.of(t, "HD", w.DraftCall); len(c.Questions) != 0 {
		t.Error("a stranger sees what a draft asks")
	}
}

// TestEntriesAreChecked: each flaw stands beside its control.
func TestEntriesAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := func(e eligibility.Entry, change func(*eligibility.Entry)) eligibility.Entry {
		e.Options = slices.Clone(e.Options)
		change(&e)
		return e
	}
	for field, e := range map[string]eligibility.Entry{
		"text_vi":       with(here, func(e *eligibility.Entry) { e.TextVi = "" }),
		"text_en":       with(here, func(e *eligibility.Entry) { e.TextEn = strings.Repeat("ế", eligibility.MaxText+1) }),
		"hint_en":       with(here, func(e *eligibility.Entry) { e.HintVi = "Gợi ý" }),
		"reason_en":     with(here, func(e *eligibility.Entry) { e.ReasonEn = "" }),
		"instead_vi":    with(here, func(e *eligibility.Entry) { e.InsteadEn = "Ask" }),
		"kind":          with(here, func(e *eligibility.Entry) { e.Kind = "maybe" }),
		"option_1_en":   with(kind, func(e *eligibility.Entry) { e.Options[0].En = "" }),
		"option_1_vi":   with(kind, func(e *eligibility.Entry) { e.Options = e.Options[:1] }),
		"option_1_bars": with(kind, func(e *eligibility.Entry) { e.Options[0].Bars = true }),
	} {
		err := w.as(t, "PO", w.DraftCall, put(0, "", e))
		if wrong, _ := errors.AsType[problem.Invalid](err); wrong[field].Key == "" || len(wrong) != 1 {
			t.Errorf("%s: %v", field, err)
		}
	}
	for i := range eligibility.MaxQuestions {
		if err := w.as(t, "PO", w.DraftCall, put(i, "", here)); err != nil {
			t.Fatal(err)
		}
	}
	err := w.as(t, "PO", w.DraftCall, put(eligibility.MaxQuestions, "", here))
	if wrong, _ := errors.AsType[problem.Invalid](err); wrong["text_vi"].Key == "" {
		t.Error("there is no end to them:", err)
	}
}

// TestWhatAnswersMean: what no question offers is no answer, and half of them
// are not the whole.
func TestWhatAnswersMean(t *testing.T) {
	t.Parallel()
	c := eligibility.Check{Questions: []eligibility.Question{{Key: "q1", Bars: []string{"no"}}, {Key: "q2", Options: []eligibility.Option{{Value: "a"}, {Value: "b"}}, Bars: []string{"b"}}}}
	read := func(values eligibility.Answers) eligibility.Answers {
		return c.Read(func(name string) string { return values[name] })
	}
	if got := read(eligibility.Answers{"q1": "yes", "q2": "yes", "q3": "no"}); len(got) != 1 || c.Whole(got) || c.Missing(got)["q2"].Key == "" {
		t.Error(got)
	}
	if got := read(eligibility.Answers{"q1": "yes", "q2": "a"}); !c.Whole(got) || len(c.Barred(got)) != 0 {
		t.Error(got)
	}
	if got := c.Barred(read(eligibility.Answers{"q1": "no", "q2": "b"})); len(got) != 2 || got[0].Key != "q1" || got[0].Answer.In("en") != "No" {
		t.Error(got)
	}
	if (eligibility.Check{}).Whole(nil) {
		t.Error("nothing asked is nothing answered")
	}
}

// TestWhoSeesTheAnswers: the applicant and the office do, those who judge do not.
func TestWhoSeesTheAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.Proposal["in_review"]
	see := func(who string) string {
		r, err := eligibility.For(t.Context(), w.db, people.ID(w.People[who]), id)
		switch {
		case err != nil:
			t.Fatal(err)
		case r == nil:
			return "nothing"
		case r.AnsweredAt == nil:
			return "unanswered"
		}
		return r.Answers["q1"]
	}
	if got := see("HD"); got != "nothing" {
		t.Error("of a call that asks nothing:", got)
	}
	_, err := w.db.Exec(t.Context(), `insert into eligibility_checks (call_id, questions, updated_at) values ($1, '[{"key": "q1", "text": {"vi": "Ở tỉnh?", "en": ""}, "bars": ["no"], "reason": {"vi": "Không", "en": ""}}]', $2)`, w.Call, portaltest.Now)
	if err != nil {
		t.Fatal(err)
	}
	if got := see("HD"); got != "unanswered" {
		t.Error("before it is answered:", got)
	}
	keep := func(a eligibility.Answers) error {
		return w.as(t, "WR", w.Call, func(ctx context.Context, tx pgx.Tx, act audit.Act, _ call.ID) error {
			return eligibility.Keep(ctx, tx, act, id, a)
		})
	}
	if err := keep(eligibility.Answers{"q1": "perhaps"}); err != nil || see("HD") != "unanswered" {
		t.Error("what is not whole was kept", err)
	}
	if err := errors.Join(keep(eligibility.Answers{"q1": "yes"}), keep(eligibility.Answers{"q1": "no", "q9": "x"})); err != nil {
		t.Fatal(err)
	}
	for who, want := range map[string]string{
		"RD": "no", "WR": "no", "HD": "no", portaltest.CoApplicant: "no", "PO": "no", "AU": "no", "OH": "no",
		"RA": "nothing", "CH": "nothing", "RC": "nothing", "PX": "nothing", "OX": "nothing", "AD": "nothing", "AN": "nothing",
	} {
		if got := see(who); got != want {
			t.Errorf("%s sees %s, want %s", who, got, want)
		}
	}
}
