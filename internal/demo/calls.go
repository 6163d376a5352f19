package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/demo/data"
	"daubang/internal/eligibility"
	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/programme"
	"daubang/internal/rubric"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// callRecord is a call of the demo. Its days count from today, so that the demo
// always has calls to come, open, in review and decided.
type callRecord struct {
	Programme  string     `json:"programme"` // the programme's import key
	Code       string     `json:"code"`
	Draft      bool       `json:"draft"`
	Form       string     `json:"form"` // a file of ours; the portal's own form if empty
	Title      words.Pair `json:"title"`
	Summary    words.Pair `json:"summary"`
	Text       words.Pair `json:"text"`
	Opens      dayClock   `json:"opens"`
	Closes     dayClock   `json:"closes"`
	Envelope   int64      `json:"envelope"`
	GrantMin   int64      `json:"grant_min"`
	GrantMax   int64      `json:"grant_max"`
	MonthsMax  int        `json:"months_max"`
	Kinds      []string   `json:"kinds"`
	Provinces  []string   `json:"provinces"`
	TaskGroups []string   `json:"task_groups"` // codes
	// Eligibility is what it asks of who thinks of proposing; the keys are made.
	Eligibility []eligibility.Question `json:"eligibility"`
	Reviews     int                    `json:"reviews"`
	Blind       bool                   `json:"blind"`
	Sensitive   bool                   `json:"sensitive"`
	Timetable   []struct {
		Days int `json:"days"`
		words.Pair
	} `json:"timetable"`
	ReviewDue *int `json:"review_due"`
	Results   *int `json:"results"`
}

type dayClock struct {
	Days  int    `json:"days"`
	Clock string `json:"clock"`
}

// on writes the day so many days from now, as an officer types it.
func on(now time.Time, days int) string { return viet.Date(now.AddDate(0, 0, days)) }

func onMaybe(now time.Time, days *int) string {
	if days == nil {
		return ""
	}
	return on(now, *days)
}

// Calls drafts and publishes the demo's calls, each by the officer of its
// programme (keyed as imported) and as of three days before it opens. Calls that
// are there already are left as they are. It returns all of them by their codes.
func Calls(ctx context.Context, tx pgx.Tx, now time.Time, officers map[string]people.ID, formID form.ID, rubricID rubric.ID) (map[string]call.ID, error) {
	file, err := data.Files.ReadFile("calls.json")
	if err != nil {
		return nil, err
	}
	var records []callRecord
	if err := json.Unmarshal(file, &records); err != nil {
		return nil, fmt.Errorf("reading calls.json: %w", err)
	}
	made := map[string]call.ID{}
	for _, r := range records {
		officer := officers[r.Programme]
		id, err := pg.Value[call.ID](ctx, tx, `select id from visible.calls($1) where code = $2`, officer, r.Code)
		if errors.Is(err, problem.NotFound) {
			id, err = r.make(ctx, tx, now, officer, formID, rubricID)
		}
		if err != nil {
			return nil, fmt.Errorf("call %s: %w", r.Code, err)
		}
		made[r.Code] = id
	}
	return made, nil
}

func (r callRecord) make(ctx context.Context, tx pgx.Tx, now time.Time, officer people.ID, formID form.ID, rubricID rubric.ID) (call.ID, error) {
	type group struct {
		ID          programme.TaskGroupID
		ProgrammeID programme.ID
	}
	groups, err := pg.All[group](ctx, tx, `
		select g.id, g.programme_id from visible.task_groups($1) g join visible.programmes($1) p on p.id = g.programme_id
		where p.key = $2 and g.code = any($3) order by array_position($3, g.code)`, officer, r.Programme, r.TaskGroups)
	if err != nil {
		return 0, err
	}
	if len(groups) != len(r.TaskGroups) {
		return 0, fmt.Errorf("%w: a task group of programme %s", problem.NotFound, r.Programme)
	}
	if r.Form != "" {
		if formID, err = install(ctx, tx, r.Form, now.AddDate(-1, 0, 0)); err != nil {
			return 0, err
		}
	}
	e := r.entry(now)
	for _, g := range groups {
		e.TaskGroups = append(e.TaskGroups, g.ID.String())
	}
	e.FormID, e.RubricID = formID.String(), rubricID.String()
	act := audit.Act{By: int64(officer), At: now.AddDate(0, 0, min(r.Opens.Days, 0)-3)}
	id, err := call.Create(ctx, tx, act, groups[0].ProgrammeID, e)
	if err != nil {
		return id, err
	}
	for i, q := range r.Eligibility {
		if err := eligibility.Put(ctx, tx, act, id, i, "", eligibility.EntryOf(q)); err != nil {
			return id, fmt.Errorf("question %d of the eligibility check: %w", i+1, err)
		}
	}
	if r.Draft {
		return id, nil
	}
	act.At = act.At.Add(time.Hour)
	return id, call.Publish(ctx, tx, act, id)
}

func (r callRecord) entry(now time.Time) call.Entry {
	e := call.Entry{
		Code: r.Code, TitleVi: r.Title.Vi, OpensOn: on(now, r.Opens.Days), OpensClock: r.Opens.Clock,
		Envelope: viet.Number(r.Envelope), GrantMin: viet.Number(r.GrantMin), GrantMax: viet.Number(r.GrantMax),
		MonthsMax: strconv.Itoa(r.MonthsMax), ApplicantKinds: r.Kinds, Provinces: r.Provinces,
		Blind: r.Blind, PeersVisible: true, Sensitive: r.Sensitive,
		Amendment: call.Amendment{
			TitleEn: r.Title.En, SummaryVi: r.Summary.Vi, SummaryEn: r.Summary.En, TextVi: r.Text.Vi, TextEn: r.Text.En,
			ClosesOn: on(now, r.Closes.Days), ClosesClock: r.Closes.Clock, ReviewsPerProposal: strconv.Itoa(r.Reviews),
			ReviewDueOn: onMaybe(now, r.ReviewDue), ResultsOn: onMaybe(now, r.Results),
		},
	}
	for _, m := range r.Timetable {
		e.Milestones = append(e.Milestones, call.MilestoneEntry{On: on(now, m.Days), Vi: m.Vi, En: m.En})
	}
	return e
}

// install stores a form of the demo.
func install(ctx context.Context, tx pgx.Tx, name string, at time.Time) (form.ID, error) {
	file, err := data.Files.ReadFile(name + ".json")
	if err != nil {
		return 0, err
	}
	var d form.Definition
	if err := json.Unmarshal(file, &d); err != nil {
		return 0, fmt.Errorf("reading %s.json: %w", name, err)
	}
	return form.Install(ctx, tx, d, at)
}
