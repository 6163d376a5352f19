package programme_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/programme"
	"daubang/internal/words"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id, err := programme.Create(ctx, w.tx, by(w.officer, noon), w.entry())
	if err != nil {
		t.Fatal(err)
	}
	got, err := programme.Get(ctx, w.tx, w.officer, id)
	if err != nil {
		t.Fatal(err)
	}
	if got.View != programme.AsOfficer || got.Status != programme.Draft || got.FullNumber() != "09/KH-UBND" || got.Year != 2027 {
		t.Errorf("got %+v, want a draft of which the creator is the officer", got)
	}
	want := programme.Body{
		Objectives:     []words.Pair{{Vi: "Nâng cao nhận thức", En: "Raise awareness"}, {Vi: "Giảm bạo lực", En: "Reduce violence"}},
		PriorityGroups: []words.Pair{{Vi: "Phụ nữ di cư", En: "Migrant women"}, {Vi: "Nữ công nhân"}},
		Lead: []programme.Party{{
			Pair: words.Pair{Vi: "Sở Lao động", En: "Labour department"},
			Now:  words.Pair{Vi: "Sở Nội vụ", En: "Department of Home Affairs"},
		}},
		Reporting: []programme.Duty{
			{
				What: words.Pair{Vi: "Báo cáo 6 tháng"}, Kind: programme.Periodic, Day: 10, Month: 6, From: words.Pair{Vi: "Sở Nội vụ"},
				To: []programme.Party{{Pair: words.Pair{Vi: "UBND tỉnh"}}, {Pair: words.Pair{Vi: "Bộ Nội vụ"}}},
			},
			{What: words.Pair{Vi: "Vụ việc đột xuất"}, Kind: programme.AdHoc},
		},
		Figures: []programme.Figure{{Value: "30", Meaning: words.Pair{Vi: "lớp tập huấn", En: "courses"}}},
	}
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Error(diff)
	}
	bases, err := programme.Bases(ctx, w.tx, w.officer, id)
	if err != nil || len(bases) != 1 || bases[0].Document.ID != w.document || !bases[0].BySubject {
		t.Errorf("got %+v, %v; want the one document, by its subject", bases, err)
	}
}

func TestEditShowsBackWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, wrong := w.entry().Plan()
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	again, wrong := plan.Entry().Plan()
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	if diff := cmp.Diff(plan, again); diff != "" {
		t.Error(diff)
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	before, err := programme.Get(ctx, w.tx, w.officer, w.id)
	if err != nil {
		t.Fatal(err)
	}
	e := w.entry()
	e.Version = before.Version()
	if err := programme.Edit(ctx, w.tx, by(w.officer, noon), w.id, e); err != nil {
		t.Fatal(err)
	}
	err = programme.Edit(ctx, w.tx, by(w.officer, noon.Add(time.Hour)), w.id, e)
	if wrong, ok := errors.AsType[problem.Invalid](err); !ok || wrong[""].Key != "programme.changed_meanwhile" {
		t.Errorf("got %v, want a stale page refused", err)
	}
	after, err := programme.Get(ctx, w.tx, 0, w.id)
	if err != nil {
		t.Fatal(err)
	}
	if after.Title.En != "Gender equality in Tre Province, 2027" || after.View != programme.AsPublic {
		t.Errorf("got %+v", after)
	}
	if after.Note != "" {
		t.Errorf("the public reads the note %q", after.Note)
	}
	e.Version = after.Version()
	if err := programme.Edit(ctx, w.tx, by(w.officer, noon.Add(time.Hour)), w.id, e); err != nil {
		t.Fatal(err)
	}
	events, err := pg.Values[string](ctx, w.tx, `select detail->>'changed' from audit_events where subject = 'programme' and subject_id = $1 and verb = 'edit'`, w.id)
	if err != nil || len(events) != 1 || !strings.Contains(events[0], `"task_groups"`) || strings.Contains(events[0], "search_key") {
		t.Errorf("got %v, %v; want one event: the second edit changed nothing", events, err)
	}
}

func TestTaskGroupsKeepTheirIds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id, err := programme.Create(ctx, w.tx, by(w.officer, noon), w.entry())
	if err != nil {
		t.Fatal(err)
	}
	before, err := programme.TaskGroups(ctx, w.tx, w.officer, id)
	if err != nil || len(before) != 2 {
		t.Fatalf("got %+v, %v", before, err)
	}
	p, err := programme.Get(ctx, w.tx, w.officer, id)
	if err != nil {
		t.Fatal(err)
	}
	e := w.entry()
	e.Version = p.Version()
	e.Groups = []programme.GroupEntry{{Code: "media", Title: words.Pair{Vi: "Báo chí"}}, {Code: "gbv", Title: words.Pair{Vi: "Chống bạo lực"}}}
	if err := programme.Edit(ctx, w.tx, by(w.officer, noon.Add(time.Hour)), id, e); err != nil {
		t.Fatal(err)
	}
	after, err := programme.TaskGroups(ctx, w.tx, w.officer, id)
	if err != nil || len(after) != 2 || after[0].Code != "media" || after[1].ID != before[1].ID || after[1].TitleVi != "Chống bạo lực" {
		t.Errorf("got %+v, %v; want media, and gbv with its id", after, err)
	}
}

func TestGroupInUseStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	group := insert[int64](t, w.tx, `insert into task_groups (programme_id, code, title_vi, position) values ($1, 'safe_city', 'Thành phố an toàn', 1) returning id`, w.id)
	form := insert[int64](t, w.tx, `insert into forms (key, version, definition, created_at) values ($1, 1, '{}', now()) returning id`, t.Name())
	rubric := insert[int64](t, w.tx, `insert into rubrics (key, version, definition, created_at) values ($1, 1, '{}', now()) returning id`, t.Name())
	call := insert[int64](t, w.tx, `
		insert into calls (programme_id, code, title_vi, opens_at, closes_at, envelope, grant_min, grant_max, months_max, form_id, rubric_id, created_at, updated_at)
		values ($1, 'GROUP-IN-USE', 'Đợt', now(), now() + interval '1 day', 1, 0, 1, 1, $2, $3, now(), now()) returning id`, w.id, form, rubric)
	insert[int64](t, w.tx, `insert into call_task_groups (call_id, task_group_id) values ($1, $2) returning call_id`, call, group)
	p, err := programme.Get(ctx, w.tx, w.officer, w.id)
	if err != nil {
		t.Fatal(err)
	}
	e := w.entry()
	e.Version = p.Version()
	err = programme.Edit(ctx, w.tx, by(w.officer, noon), w.id, e)
	if wrong, ok := errors.AsType[problem.Invalid](err); !ok || wrong["groups"].Key != "programme.group_in_use" {
		t.Errorf("got %v, want a group that a call refers to kept", err)
	}
}

func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	draft, err := programme.Create(ctx, w.tx, by(w.officer, noon), w.entry())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := programme.Create(ctx, w.tx, by(w.stranger, noon), w.entry()); !errors.Is(err, problem.Forbidden) {
		t.Errorf("stranger drafts: got %v, want forbidden", err)
	}
	if err := programme.Edit(ctx, w.tx, by(w.stranger, noon), draft, w.entry()); !errors.Is(err, problem.NotFound) {
		t.Errorf("stranger edits a draft: got %v, want not found", err)
	}
	if err := programme.Edit(ctx, w.tx, by(w.stranger, noon), w.id, w.entry()); !errors.Is(err, problem.Forbidden) {
		t.Errorf("stranger edits what is published: got %v, want forbidden", err)
	}
	if err := programme.Publish(ctx, w.tx, by(w.audits, noon), draft); !errors.Is(err, problem.Forbidden) {
		t.Errorf("auditor publishes: got %v, want forbidden", err)
	}
	if _, err := programme.Get(ctx, w.tx, 0, draft); !errors.Is(err, problem.NotFound) {
		t.Errorf("public reads a draft: got %v, want not found", err)
	}
	if groups, err := programme.TaskGroups(ctx, w.tx, w.stranger, draft); err != nil || len(groups) != 0 {
		t.Errorf("stranger lists groups of a draft: got %v, %v", groups, err)
	}
	seen, err := programme.Get(ctx, w.tx, w.audits, draft)
	if err != nil || seen.View != programme.AsAuditor || seen.Note != "chưa đối chiếu" {
		t.Errorf("auditor reads a draft: got %+v, %v", seen, err)
	}
	if err := programme.Publish(ctx, w.tx, by(w.officer, noon), draft); err != nil {
		t.Fatal(err)
	}
	if err := programme.Publish(ctx, w.tx, by(w.officer, noon), draft); !errors.Is(err, problem.Conflict) {
		t.Errorf("publishing again: got %v, want a conflict", err)
	}
	if _, err := programme.Get(ctx, w.tx, 0, draft); err != nil {
		t.Errorf("public reads what is published: %v", err)
	}
}

func TestPublishNeedsTaskGroups(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.entry()
	e.Groups = nil
	id, err := programme.Create(t.Context(), w.tx, by(w.officer, noon), e)
	if err != nil {
		t.Fatal(err)
	}
	err = programme.Publish(t.Context(), w.tx, by(w.officer, noon), id)
	if refusal, ok := errors.AsType[problem.Refusal](err); !ok || refusal.Key != "programme.no_groups" {
		t.Errorf("got %v, want the remedy", err)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id, err := programme.Create(ctx, w.tx, by(w.officer, noon), w.entry())
	if err != nil {
		t.Fatal(err)
	}
	own, err := programme.Own(ctx, w.tx, w.officer)
	if err != nil || len(own) != 2 || own[0].ID != id || own[1].ID != w.id {
		t.Errorf("got %+v, %v; want both, the dated one first", own, err)
	}
	for text, want := range map[string]int{"BINH DANG giới tỉnh tre": 1, "09/KH-UBND": 1, "Hà Nam": 0} {
		list, err := programme.List(ctx, w.tx, w.officer, text)
		if err != nil || len(list) != want {
			t.Errorf("%q: got %d, %v; want %d", text, len(list), err, want)
		}
	}
	if list, err := programme.List(ctx, w.tx, w.stranger, "09 kh ubnd"); err != nil || len(list) != 0 {
		t.Errorf("a stranger finds a draft: %+v, %v", list, err)
	}
}

func TestWhatMayNotStand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for field, spoil := range map[string]func(*programme.Entry){
		"title_vi":           func(e *programme.Entry) { e.Title.Vi = "" },
		"title_en":           func(e *programme.Entry) { e.Title.En = strings.Repeat("a", programme.MaxTitle+1) },
		"issuer_vi":          func(e *programme.Entry) { e.Issuer = words.Pair{} },
		"issued_on":          func(e *programme.Entry) { e.IssuedOn = "31/2/2027" },
		"year":               func(e *programme.Entry) { e.Year = "27" },
		"period_to":          func(e *programme.Entry) { e.PeriodTo = "31/12/2026" },
		"issuer_place_code":  func(e *programme.Entry) { e.IssuerPlaceCode = "" },
		"issuer_place_level": func(e *programme.Entry) { e.IssuerPlaceLevel, e.IssuerPlaceCode = "4", "" },
		"source_kind":        func(e *programme.Entry) { e.SourceKind = "rumour" },
		"objectives_en":      func(e *programme.Entry) { e.Objectives.En = "Raise awareness" },
		"objectives_vi":      func(e *programme.Entry) { e.Objectives = words.Pair{Vi: strings.Repeat("a\n", programme.MaxItems+1)} },
		"lead_vi":            func(e *programme.Entry) { e.Lead = words.Pair{Vi: strings.Repeat("ế", programme.MaxItem+1)} },
		"groups.1.code":      func(e *programme.Entry) { e.Groups[1].Code = "comms" },
		"groups.0.code":      func(e *programme.Entry) { e.Groups[0].Code = "Truyền thông" },
		"groups.0.title_vi":  func(e *programme.Entry) { e.Groups[0].Title.Vi = "" },
		"duties.0.due":       func(e *programme.Entry) { e.Duties[0].Due = "29/2" },
		"duties.1.due":       func(e *programme.Entry) { e.Duties[1].Due = "10/12" },
		"duties.0.kind":      func(e *programme.Entry) { e.Duties[0].Kind = "" },
		"duties.1.what_vi":   func(e *programme.Entry) { e.Duties[1].What.Vi = "" },
		"duties.0.to_en":     func(e *programme.Entry) { e.Duties[0].To.En = "Ministry" },
		"bases.0.document":   func(e *programme.Entry) { e.Bases[0].Document = "000000000001" },
		"bases.0.relation":   func(e *programme.Entry) { e.Bases[0].Relation = "likes" },
		"bases.1.document":   func(e *programme.Entry) { e.Bases = append(e.Bases, e.Bases[0]) },
	} {
		e := w.entry()
		spoil(&e)
		_, err := programme.Create(t.Context(), w.tx, by(w.officer, noon), e)
		wrong, ok := errors.AsType[problem.Invalid](err)
		if !ok || wrong[field].Key == "" || len(wrong) != 1 {
			t.Errorf("%s: got %v", field, err)
		}
		for _, say := range wrong {
			if !words.Known(say.Key) {
				t.Errorf("%s: nobody can say %s", field, say.Key)
			}
		}
	}
}

func TestIssuerPlaceMustBeKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.entry()
	e.IssuerPlaceCode = "nowhere"
	_, err := programme.Create(t.Context(), w.tx, by(w.officer, noon), e)
	if wrong, ok := errors.AsType[problem.Invalid](err); !ok || wrong["issuer_place_code"].Key != "programme.issuer_place_unknown" {
		t.Errorf("got %v, want a code that no unit ever had refused", err)
	}
}

func TestEndedIssuer(t *testing.T) {
	t.Parallel()
	day := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)
	c := programme.Content{IssuerEndedOn: &day}
	lastEvening := time.Date(2025, 6, 30, 16, 59, 59, 0, time.UTC)
	if c.Ended(lastEvening) || !c.Ended(lastEvening.Add(time.Second)) || (programme.Content{}).Ended(noon) {
		t.Error("want the issuer gone from midnight of 1 July in Viet Nam")
	}
}
