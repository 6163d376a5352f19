package call_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/programme"
)

// TestEntryRoundTrip: what an officer typed is what they find again, so that
// saving a page one has not touched changes nothing.
func TestEntryRoundTrip(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	e := w.entry(t)
	e.ApplicantKinds, e.Blind, e.Sensitive = []string{"womens_union", "fund"}, true, true
	e.Milestones = []call.MilestoneEntry{{On: "20/01/2027", Vi: "Buổi giải đáp", En: "Questions"}}
	id := w.draft(t, e)
	if diff := cmp.Diff(e, call.EntryOf(w.get(t, id).Content), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("typed (-), found (+):\n%s", diff)
	}
	if err := call.Edit(ctx, w.tx, w.by(w.officer, noon), id, e); err != nil {
		t.Fatal(err)
	}
	if verbs := events(t, w, id); !slices.Equal(verbs, []string{"create"}) {
		t.Errorf("an edit that changes nothing is logged: %q", verbs)
	}
}

func TestEntryIsRefusedBesideItsFields(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	taken := w.entry(t)
	w.draft(t, taken)
	for name, x := range map[string]struct {
		spoil func(*call.Entry)
		want  []string
	}{
		"code with spaces":      {func(e *call.Entry) { e.Code = "BDG 27" }, []string{"code"}},
		"code taken":            {func(e *call.Entry) { e.Code = taken.Code }, []string{"code"}},
		"code taken, small":     {func(e *call.Entry) { e.Code = "t" + taken.Code[1:] }, []string{"code"}},
		"no title":              {func(e *call.Entry) { e.TitleVi = "" }, []string{"title_vi"}},
		"no day of opening":     {func(e *call.Entry) { e.OpensOn = "" }, []string{"opens_on"}},
		"a day that is none":    {func(e *call.Entry) { e.ClosesOn = "31/02/2027" }, []string{"closes_on"}},
		"an hour that is none":  {func(e *call.Entry) { e.ClosesClock = "25:00" }, []string{"closes_clock"}},
		"closes first":          {func(e *call.Entry) { e.ClosesOn, e.ClosesClock = e.OpensOn, e.OpensClock }, []string{"closes_on"}},
		"an amount with commas": {func(e *call.Entry) { e.GrantMax = "800,5" }, []string{"grant_max", "grant_min"}},
		"least above most":      {func(e *call.Entry) { e.GrantMin = "900.000.000" }, []string{"grant_min"}},
		"most above all":        {func(e *call.Entry) { e.Envelope = "700.000.000" }, []string{"grant_max"}},
		"too many months":       {func(e *call.Entry) { e.MonthsMax = "61" }, []string{"months_max"}},
		"no reviews":            {func(e *call.Entry) { e.ReviewsPerProposal = "0" }, []string{"reviews_per_proposal"}},
		"a kind we do not know": {func(e *call.Entry) { e.ApplicantKinds = []string{"bank"} }, []string{"applicant_kinds"}},
		"a province of nowhere": {func(e *call.Entry) { e.Provinces = []string{"00"} }, []string{"provinces"}},
		"another's task group":  {func(e *call.Entry) { e.TaskGroups = []string{"000000000001"} }, []string{"task_groups"}},
		"no form, no rubric":    {func(e *call.Entry) { e.FormID, e.RubricID = "", "000000000001" }, []string{"form_id", "rubric_id"}},
		"scores too early":      {func(e *call.Entry) { e.ReviewDueOn = "25/02/2027" }, []string{"review_due_on"}},
		"results too early":     {func(e *call.Entry) { e.ResultsOn = "25/02/2027" }, []string{"results_on"}},
		"a row without its day": {func(e *call.Entry) { e.Milestones = []call.MilestoneEntry{{Vi: "Họp"}} }, []string{"milestone_1_on"}},
		"a row without words":   {func(e *call.Entry) { e.Milestones = []call.MilestoneEntry{{}, {On: "12/03/2027"}} }, []string{"milestone_2_vi"}},
		"all at once":           {func(e *call.Entry) { e.Code, e.TitleVi, e.GrantMax, e.ResultsOn = "", "", "x", "y" }, []string{"code", "grant_max", "grant_min", "results_on", "title_vi"}},
	} {
		e := w.entry(t)
		x.spoil(&e)
		_, err := call.Create(ctx, w.tx, w.by(w.officer, noon), w.programme, e)
		wrong, ok := errors.AsType[problem.Invalid](err)
		if got := slices.Sorted(maps.Keys(wrong)); !ok || !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %q", name, err, x.want)
		}
	}
}

// TestOnlyOfficersWrite: who may not see a draft learns nothing; who may see it
// is told that the office alone writes.
func TestOnlyOfficersWrite(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	other := insert[programme.ID](t, w.tx, `insert into programmes (title_vi, issuer_vi, created_at, updated_at) values ('Khác', 'UBND', now(), now()) returning id`)
	neighbour := person(t, w.tx, "neighbour")
	grant(t, w.tx, neighbour, "officer", &other)
	draft, public := w.draft(t, w.entry(t)), w.published(t, w.entry(t))
	for _, x := range []struct {
		who               people.ID
		onDraft, onPublic error
	}{
		{w.stranger, problem.NotFound, problem.Forbidden},
		{neighbour, problem.NotFound, problem.Forbidden},
		{0, problem.NotFound, problem.Forbidden},
		{w.auditor, problem.Forbidden, problem.Forbidden},
	} {
		act := w.by(x.who, noon)
		if _, err := call.Create(ctx, w.tx, act, w.programme, w.entry(t)); !errors.Is(err, problem.Forbidden) {
			t.Errorf("%v creates: %v", x.who, err)
		}
		for _, try := range []struct {
			name string
			err  error
			want error
		}{
			{"edits", call.Edit(ctx, w.tx, act, draft, w.entry(t)), x.onDraft},
			{"publishes", call.Publish(ctx, w.tx, act, draft), x.onDraft},
			{"amends", call.Amend(ctx, w.tx, act, public, w.entry(t).Amendment), x.onPublic},
		} {
			if !errors.Is(try.err, try.want) {
				t.Errorf("%v %s: %v, want %v", x.who, try.name, try.err, try.want)
			}
		}
	}
}

func TestPublishAsksForWhatIsMissing(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	e := w.entry(t)
	e.SummaryVi, e.TextVi, e.Envelope, e.GrantMin, e.GrantMax, e.TaskGroups, e.ReviewDueOn, e.ResultsOn = "", "", "", "", "", nil, "", ""
	id := w.draft(t, e)
	err := call.Publish(ctx, w.tx, w.by(w.officer, noon), id)
	wrong, _ := errors.AsType[problem.Invalid](err)
	want := []string{"envelope", "grant_max", "results_on", "review_due_on", "summary_vi", "task_groups", "text_vi"}
	if got := slices.Sorted(maps.Keys(wrong)); !slices.Equal(got, want) {
		t.Fatalf("missing %q, want %q (%v)", got, want, err)
	}
	if err := call.Edit(ctx, w.tx, w.by(w.officer, noon), id, w.entry(t)); err != nil {
		t.Fatal(err)
	}
	late := w.by(w.officer, w.get(t, id).ClosesAt)
	if wrong, _ := errors.AsType[problem.Invalid](call.Publish(ctx, w.tx, late, id)); len(wrong) != 1 || wrong["closes_on"].Key == "" {
		t.Errorf("published after its own closing: %v", wrong)
	}
	if err := call.Publish(ctx, w.tx, w.by(w.officer, noon), id); err != nil {
		t.Fatal(err)
	}
	c := w.get(t, id)
	if c.Status != call.Published || c.PublishedAt == nil || !c.PublishedAt.Equal(noon) {
		t.Errorf("after publishing: %s at %v", c.Status, c.PublishedAt)
	}
	for _, table := range []string{"forms", "rubrics"} {
		sql := map[string]string{
			"forms":   `select count(*) from forms where key = $1 and frozen_at is not null`,
			"rubrics": `select count(*) from rubrics where key = $1 and frozen_at is not null`,
		}[table]
		if n, err := pg.Value[int](ctx, w.tx, sql, t.Name()); err != nil || n != 1 {
			t.Errorf("%s not frozen: %d, %v", table, n, err)
		}
	}
	if err := call.Publish(ctx, w.tx, w.by(w.officer, noon), id); !errors.Is(err, problem.Conflict) {
		t.Errorf("published twice: %v", err)
	}
}

// TestPublishNeedsAPublicProgramme: a call whose plan nobody can read is no call.
func TestPublishNeedsAPublicProgramme(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.draft(t, w.entry(t))
	if err := pg.Exec(ctx, w.tx, `update programmes set status = 'draft' where id = $1`, w.programme); err != nil {
		t.Fatal(err)
	}
	if err := call.Publish(ctx, w.tx, w.by(w.officer, noon), id); !errors.Is(err, problem.Conflict) {
		t.Errorf("published under a draft programme: %v", err)
	}
}

// TestAfterPublishingOnlyTheHarmlessChanges: an edit is refused whole, and an
// amendment takes time from nobody.
func TestAfterPublishingOnlyTheHarmlessChanges(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	id := w.published(t, w.entry(t))
	before := w.get(t, id)
	during := w.by(w.officer, before.OpensAt.Add(time.Hour))
	if err := call.Edit(ctx, w.tx, during, id, w.entry(t)); !errors.Is(err, problem.Conflict) {
		t.Errorf("a published call was edited: %v", err)
	}
	for name, x := range map[string]struct {
		act   time.Time
		spoil func(*call.Amendment)
		want  string
	}{
		"closes earlier":       {during.At, func(a *call.Amendment) { a.ClosesClock = "16:59" }, "closes_on"},
		"closes later":         {during.At, func(a *call.Amendment) { a.ClosesOn = "05/03/2027" }, "closes_on"},
		"extended when closed": {before.ClosesAt, func(a *call.Amendment) { a.ClosesOn = "05/03/2027" }, "closes_on"},
		"fewer reviews":        {during.At, func(a *call.Amendment) { a.ReviewsPerProposal = "1" }, "reviews_per_proposal"},
		"no more text":         {during.At, func(a *call.Amendment) { a.TextVi = "" }, "text_vi"},
		"no results":           {during.At, func(a *call.Amendment) { a.ResultsOn = "" }, "results_on"},
	} {
		a := call.EntryOf(before.Content).Amendment
		x.spoil(&a)
		wrong, _ := errors.AsType[problem.Invalid](call.Amend(ctx, w.tx, w.by(w.officer, x.act), id, a))
		if len(wrong) != 1 || wrong[x.want].Key == "" {
			t.Errorf("%s: %v", name, wrong)
		}
	}
	a := call.EntryOf(before.Content).Amendment
	a.ReviewsPerProposal, a.TextVi, a.ResultsOn = "3", "Toàn văn đã sửa.", "10/05/2027"
	if err := call.Amend(ctx, w.tx, during, id, a); err != nil {
		t.Fatal(err)
	}
	want := before
	want.ReviewsPerProposal, want.TextVi, want.UpdatedAt = 3, "Toàn văn đã sửa.", during.At
	results := time.Date(2027, 5, 10, 0, 0, 0, 0, time.UTC)
	want.ResultsOn = &results
	if diff := cmp.Diff(want, w.get(t, id)); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

// TestAmendmentsAreLogged: the log says of each field what it was and became; of
// a long text, only where it differs.
func TestAmendmentsAreLogged(t *testing.T) {
	t.Parallel()
	ctx, w := newWorld(t)
	e := w.entry(t)
	e.TextVi = "Hồ sơ gồm mười một mục ngắn, viết được trên điện thoại. Hạn nộp là ngày hai mươi sáu. Kết quả được công bố cho mọi tổ chức."
	id := w.published(t, e)
	a := e.Amendment
	a.TextVi = "Hồ sơ gồm mười một mục ngắn, viết được trên điện thoại. Hạn nộp là ngày hai mươi bảy. Kết quả được công bố cho mọi tổ chức."
	a.ReviewsPerProposal = "3"
	if err := call.Amend(ctx, w.tx, w.by(w.officer, noon), id, a); err != nil {
		t.Fatal(err)
	}
	type changed struct{ Field, From, To string }
	got, err := pg.All[changed](ctx, w.tx, `
		select d.key as field, d.value ->> 'from' as "from", d.value ->> 'to' as "to"
		from audit_events e cross join jsonb_each(e.detail) d where e.subject = 'call' and e.subject_id = $1 and e.verb = 'amend' order by 1`, id)
	if err != nil {
		t.Fatal(err)
	}
	want := []changed{
		{"reviews_per_proposal", "2", "3"},
		{"text_vi", "…nộp là ngày hai mươi sáu. Kết quả được công bố…", "…nộp là ngày hai mươi bảy. Kết quả được công bố…"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
	if verbs := events(t, w, id); !slices.Equal(verbs, []string{"create", "publish", "amend"}) {
		t.Errorf("logged %q", verbs)
	}
}

func events(t *testing.T, w world, id call.ID) []string {
	t.Helper()
	verbs, err := pg.Values[string](t.Context(), w.tx, `select verb from audit_events where subject = 'call' and subject_id = $1 order by seq`, id)
	if err != nil {
		t.Fatal(err)
	}
	return verbs
}
