package call

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/programme"
	"daubang/internal/rubric"
	"daubang/internal/viet"
)

// Create drafts a call under a programme. Only its officers may; what is wrong
// with the entry comes back beside its fields.
func Create(ctx context.Context, tx pgx.Tx, act audit.Act, under programme.ID, e Entry) (ID, error) {
	if err := officersOnly(ctx, tx, act, under); err != nil {
		return 0, err
	}
	c, wrong := e.read()
	if err := checkAgainstPortal(ctx, tx, act, 0, under, c, wrong); err != nil {
		return 0, err
	}
	id, err := pg.Value[ID](ctx, tx, `
		insert into calls (programme_id, code, title_vi, title_en, summary_vi, summary_en, text_vi, text_en, opens_at, closes_at,
			envelope, grant_min, grant_max, months_max, applicant_kinds, provinces, form_id, rubric_id, reviews_per_proposal,
			blind, peers_visible, sensitive, timetable, review_due_on, results_on, search_key, created_by, created_at, updated_at)
		values (@programme, @code, @title_vi, @title_en, @summary_vi, @summary_en, @text_vi, @text_en, @opens_at, @closes_at,
			@envelope, @grant_min, @grant_max, @months_max, @applicant_kinds, @provinces, @form_id, @rubric_id, @reviews_per_proposal,
			@blind, @peers_visible, @sensitive, @timetable, @review_due_on, @results_on, @search_key, @by, @at, @at)
		returning id`, c.args(pgx.StrictNamedArgs{"programme": under, "by": act.By, "at": act.At}))
	if err != nil {
		return 0, fmt.Errorf("creating call: %w", beside(err))
	}
	if err := setTaskGroups(ctx, tx, id, c.TaskGroups); err != nil {
		return 0, err
	}
	_, err = audit.Record(ctx, tx, act, "create", "call", id, audit.Detail{"code": c.Code})
	return id, err
}

// Edit changes a draft. A published call is a [problem.Conflict]: see [Amend].
func Edit(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, e Entry) error {
	before, err := lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if before.Status != Draft {
		return problem.Because(problem.Conflict, "call.refused.published")
	}
	c, wrong := e.read()
	if err := checkAgainstPortal(ctx, tx, act, id, before.ProgrammeID, c, wrong); err != nil {
		return err
	}
	err = pg.Exec(ctx, tx, `
		update calls set code = @code, title_vi = @title_vi, title_en = @title_en, summary_vi = @summary_vi, summary_en = @summary_en,
			text_vi = @text_vi, text_en = @text_en, opens_at = @opens_at, closes_at = @closes_at, envelope = @envelope,
			grant_min = @grant_min, grant_max = @grant_max, months_max = @months_max, applicant_kinds = @applicant_kinds,
			provinces = @provinces, form_id = @form_id, rubric_id = @rubric_id, reviews_per_proposal = @reviews_per_proposal,
			blind = @blind, peers_visible = @peers_visible, sensitive = @sensitive, timetable = @timetable,
			review_due_on = @review_due_on, results_on = @results_on, search_key = @search_key, updated_at = @at
		where id = @id`, c.args(pgx.StrictNamedArgs{"id": id, "at": act.At}))
	if err != nil {
		return fmt.Errorf("editing call: %w", beside(err))
	}
	if err := setTaskGroups(ctx, tx, id, c.TaskGroups); err != nil {
		return err
	}
	return record(ctx, tx, act, "edit", id, before.Content, c)
}

// Amend changes what may still change once a call is published. It refuses
// another closing, for which there is [Extend] and people to be told, fewer
// reviews per proposal, and emptying what the public has read.
func Amend(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, a Amendment) error {
	before, err := lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if before.Status != Published {
		return problem.Because(problem.Conflict, "call.refused.draft")
	}
	c, wrong := before.Content, problem.Invalid{}
	a.read(&c, wrong)
	if !c.ClosesAt.Equal(before.ClosesAt) && !c.ClosesAt.IsZero() {
		wrong.Add("closes_on", "call.wrong.extend_elsewhere")
	}
	if c.ReviewsPerProposal < before.ReviewsPerProposal {
		wrong.Add("reviews_per_proposal", "call.wrong.fewer_reviews", before.ReviewsPerProposal)
	}
	stated(c, wrong)
	if err := wrong.OrNil(); err != nil {
		return err
	}
	err = pg.Exec(ctx, tx, `
		update calls set title_en = @title_en, summary_vi = @summary_vi, summary_en = @summary_en, text_vi = @text_vi, text_en = @text_en,
			reviews_per_proposal = @reviews, timetable = @timetable, review_due_on = @review_due_on,
			results_on = @results_on, search_key = @search_key, updated_at = @at
		where id = @id`, pgx.StrictNamedArgs{
		"id": id, "at": act.At, "title_en": c.TitleEn, "summary_vi": c.SummaryVi, "summary_en": c.SummaryEn, "text_vi": c.TextVi,
		"text_en": c.TextEn, "reviews": c.ReviewsPerProposal, "timetable": c.Timetable,
		"review_due_on": c.ReviewDueOn, "results_on": c.ResultsOn, "search_key": c.searchKey(),
	})
	if err != nil {
		return fmt.Errorf("amending call: %w", beside(err))
	}
	return record(ctx, tx, act, "amend", id, before.Content, c)
}

// Lock holds a call until tx ends, for an officer of its programme; it refuses
// others as [Edit] does.
func Lock(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (Call, error) {
	return lock(ctx, tx, act, id)
}

// Extend moves the closing of a published call, for everybody. Package deadline
// calls it: it decides who may, and tells those who are writing. An earlier
// closing is refused.
func Extend(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, until time.Time) error {
	before, err := lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if before.Status != Published || !until.After(before.ClosesAt) {
		return fmt.Errorf("extending call %s to %s: %w", before.Code, until, problem.Conflict)
	}
	if err := pg.Exec(ctx, tx, `update calls set closes_at = $2, updated_at = $3 where id = $1`, id, until, act.At); err != nil {
		return fmt.Errorf("extending call %s: %w", before.Code, err)
	}
	after := before.Content
	after.ClosesAt = until
	return record(ctx, tx, act, "extend", id, before.Content, after)
}

// Publish opens a call to the public and freezes its form and rubric. It
// refuses a call that [Content.Missing] finds something missing in.
func Publish(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	c, err := lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if c.Status != Draft {
		return problem.Because(problem.Conflict, "call.refused.already")
	}
	if err := c.Missing(act.At).OrNil(); err != nil {
		return err
	}
	public, err := pg.Value[bool](ctx, tx, `select exists (select from visible.programmes(0) where id = $1)`, c.ProgrammeID)
	if err != nil {
		return err
	}
	if !public {
		return problem.Because(problem.Conflict, "call.refused.programme_draft")
	}
	if err := form.Freeze(ctx, tx, act, c.FormID); err != nil {
		return fmt.Errorf("freezing the form: %w", err)
	}
	if err := rubric.Freeze(ctx, tx, act, c.RubricID); err != nil {
		return fmt.Errorf("freezing the rubric: %w", err)
	}
	if err := pg.Exec(ctx, tx, `update calls set status = 'published', published_at = $2, updated_at = $2 where id = $1`, id, act.At); err != nil {
		return fmt.Errorf("publishing call: %w", err)
	}
	_, err = audit.Record(ctx, tx, act, "publish", "call", id, audit.Detail{"code": c.Code, "closes_at": moment(c.ClosesAt)})
	return err
}

// Missing says what a draft still needs before it can be published at t, by the
// controls of its page. Form and rubric are whole by their own packages' rules.
func (c Content) Missing(t time.Time) problem.Invalid {
	wrong := problem.Invalid{}
	stated(c, wrong)
	if c.Envelope == 0 {
		wrong.Add("envelope", "call.missing.envelope")
	}
	if c.GrantMax == 0 {
		wrong.Add("grant_max", "call.missing.grant_max")
	}
	if len(c.TaskGroups) == 0 {
		wrong.Add("task_groups", "call.missing.task_groups")
	}
	if !t.Before(c.ClosesAt) {
		wrong.Add("closes_on", "call.missing.closing_past")
	}
	return wrong
}

// stated notes what the public of a call must be told.
func stated(c Content, wrong problem.Invalid) {
	if c.SummaryVi == "" {
		wrong.Add("summary_vi", "call.missing.summary")
	}
	if c.TextVi == "" {
		wrong.Add("text_vi", "call.missing.text")
	}
	if c.ReviewDueOn == nil {
		wrong.Add("review_due_on", "call.missing.review_due_on")
	}
	if c.ResultsOn == nil {
		wrong.Add("results_on", "call.missing.results_on")
	}
}

// lock returns the call for writing if who acts is an officer of its programme.
// Others are told so where they may see the call, and that there is none where
// they may not.
func lock(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (Call, error) {
	c, err := pg.One[Call](ctx, tx, columns+` from calls c where c.id = $1 for update of c`, id)
	if err != nil {
		return c, err
	}
	if err := officersOnly(ctx, tx, act, c.ProgrammeID); err != nil {
		if _, unseen := Get(ctx, tx, people.ID(act.By), id); unseen != nil {
			return Call{}, unseen
		}
		return Call{}, err
	}
	return c, nil
}

func officersOnly(ctx context.Context, tx pgx.Tx, act audit.Act, id programme.ID) error {
	officers, err := people.Officers(ctx, tx, int64(id))
	if err != nil {
		return err
	}
	if !slices.Contains(officers, people.ID(act.By)) {
		return problem.Because(problem.Forbidden, "call.refused.officers_only")
	}
	return nil
}

// checkAgainstPortal adds what only the rest of the portal can tell: a code that
// is taken, task groups of another programme, a form, rubric or province that
// does not exist. It returns all that is wrong.
func checkAgainstPortal(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, under programme.ID, c Content, wrong problem.Invalid) error {
	type found struct{ Taken, Groups, Form, Rubric, Provinces bool }
	f, err := pg.One[found](ctx, tx, `
		select exists (select from calls where code = @code and id <> @id) as taken,
			not exists (select from unnest(@groups::bigint[]) g (id) where g.id not in (select t.id from visible.task_groups(@by) t where t.programme_id = @programme)) as groups,
			exists (select from visible.forms where id = @form and (frozen_at is not null or call_id is null or call_id = @id)) as form,
			exists (select from visible.rubrics where id = @rubric) as rubric,
			not exists (select from unnest(@provinces::text[]) p (code) where p.code not in (select l.code from visible.places l where l.level = 1 and l.valid_to is null)) as provinces`,
		pgx.StrictNamedArgs{
			"by": act.By, "code": c.Code, "id": id, "groups": orEmpty(c.TaskGroups), "programme": under, "form": c.FormID, "rubric": c.RubricID,
			"provinces": orEmpty(c.Provinces),
		})
	if err != nil {
		return fmt.Errorf("checking call: %w", err)
	}
	for _, w := range []struct {
		is         bool
		field, key string
	}{
		{f.Taken, "code", "call.wrong.code_taken"},
		{!f.Groups, "task_groups", "call.wrong.choice"},
		{!f.Form, "form_id", "call.wrong.form"},
		{!f.Rubric, "rubric_id", "call.wrong.rubric"},
		{!f.Provinces, "provinces", "call.wrong.choice"},
	} {
		if w.is {
			wrong.Add(w.field, w.key)
		}
	}
	return wrong.OrNil()
}

func setTaskGroups(ctx context.Context, tx pgx.Tx, id ID, groups []programme.TaskGroupID) error {
	_, err := tx.Exec(ctx, `delete from call_task_groups where call_id = $1 and task_group_id <> all($2::bigint[])`, id, orEmpty(groups))
	if err == nil {
		_, err = tx.Exec(ctx, `insert into call_task_groups (call_id, task_group_id) select $1, unnest($2::bigint[]) on conflict do nothing`, id, orEmpty(groups))
	}
	if err != nil {
		return fmt.Errorf("setting the task groups of a call: %w", err)
	}
	return nil
}

// args adds the content's columns to others.
func (c Content) args(others pgx.StrictNamedArgs) pgx.StrictNamedArgs {
	maps.Copy(others, map[string]any{
		"code": c.Code, "title_vi": c.TitleVi, "title_en": c.TitleEn, "summary_vi": c.SummaryVi, "summary_en": c.SummaryEn,
		"text_vi": c.TextVi, "text_en": c.TextEn, "opens_at": c.OpensAt, "closes_at": c.ClosesAt, "envelope": c.Envelope,
		"grant_min": c.GrantMin, "grant_max": c.GrantMax, "months_max": c.MonthsMax, "applicant_kinds": orEmpty(c.ApplicantKinds),
		"provinces": orEmpty(c.Provinces), "form_id": c.FormID, "rubric_id": c.RubricID, "reviews_per_proposal": c.ReviewsPerProposal,
		"blind": c.Blind, "peers_visible": c.PeersVisible, "sensitive": c.Sensitive, "timetable": c.Timetable,
		"review_due_on": c.ReviewDueOn, "results_on": c.ResultsOn, "search_key": c.searchKey(),
	})
	return others
}

func (c Content) searchKey() string { return viet.Key(c.Code + " " + c.TitleVi + " " + c.TitleEn) }

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// guards are the schema's own refusals, by the control they stand beside. They
// speak only where two officers were faster than our checks.
var guards = map[string]struct{ field, key string }{
	"calls_code_key":                   {"code", "call.wrong.code_taken"},
	"calls_code_check":                 {"code", "call.wrong.code"},
	"calls_title_vi_check":             {"title_vi", "call.wrong.title"},
	"calls_check":                      {"closes_on", "call.wrong.closes_before_opens"},
	"calls_check1":                     {"grant_max", "call.wrong.grant_max"},
	"calls_months_max_check":           {"months_max", "call.wrong.choice"},
	"calls_reviews_per_proposal_check": {"reviews_per_proposal", "call.wrong.choice"},
	"calls_form_id_fkey":               {"form_id", "call.wrong.form"},
	"calls_rubric_id_fkey":             {"rubric_id", "call.wrong.rubric"},
}

func beside(err error) error {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		if g, ok := guards[pgErr.ConstraintName]; ok {
			wrong := problem.Invalid{}
			wrong.Add(g.field, g.key)
			return wrong
		}
	}
	return err
}
