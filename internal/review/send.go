package review

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/rubric"
)

// Stale says that the sheet was saved elsewhere since the page was opened, and
// carries what was saved, so that both can be shown.
type Stale struct{ Saved Review }

func (Stale) Error() string { return "the sheet was saved elsewhere" }

// Unwrap says what kind of refusal it is, and the remedy.
func (Stale) Unwrap() error { return problem.Because(problem.Conflict, "review.stale") }

// Save keeps the reviewer's own sheet, however unfinished, and returns its new
// version. The version given is the one the page showed; if another was saved
// since, [Stale] comes back, unless it says the same. A draft may be saved after
// its time; it can only be sent before.
func Save(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, s Sheet, version int) (int, error) {
	a, _, err := lockOwn(ctx, tx, act, id)
	if err != nil {
		return 0, err
	}
	if _, err := a.State.after(send); err != nil {
		return 0, err
	}
	d, err := Scale(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return 0, err
	}
	if err := s.checkDraft(d); err != nil {
		return 0, err
	}
	saved, err := stored(ctx, tx, act, a)
	if err != nil {
		return 0, err
	}
	if saved.Version > 0 && saved.Same(s) {
		return saved.Version, nil
	}
	if saved.Version != version {
		return 0, Stale{Saved: saved}
	}
	if err := write(ctx, tx, act, id, d, s, version+1); err != nil {
		return 0, err
	}
	_, err = audit.Record(ctx, tx, act, "save", "assignment", id, audit.Detail{"version": version + 1})
	return version + 1, err
}

// Send hands in the sheet as it was last saved, for good: every mark given,
// explained where the rubric wants it, and in time.
func Send(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, version int) error {
	a, locked, err := lockOwn(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if _, err := a.State.after(send); err != nil {
		return err
	}
	if !act.At.Before(a.DueAt) {
		return problem.Because(problem.Conflict, "review.too_late")
	}
	saved, err := stored(ctx, tx, act, a)
	if err != nil {
		return err
	}
	if saved.Version != version {
		return Stale{Saved: saved}
	}
	d, err := Scale(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return err
	}
	if err := saved.CheckWhole(d); err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `update reviews set sent_at = $2, updated_at = $2 where assignment_id = $1`, id, act.At); err != nil {
		return fmt.Errorf("sending review %s: %w", id, err)
	}
	event, err := a.advance(ctx, tx, act, send, "")
	if err != nil {
		return err
	}
	return settle(ctx, tx, act, locked, event)
}

// stored is the reviewer's own sheet as it is now, of version 0 if there is none.
func stored(ctx context.Context, tx pgx.Tx, act audit.Act, a Assignment) (Review, error) {
	all, err := Of(ctx, tx, people.ID(act.By), a.ProposalID)
	own, _ := Split(all, people.ID(act.By))
	return own, err
}

// write stores a sheet and what it comes to.
func write(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, d rubric.Definition, s Sheet, version int) error {
	marks := s.Marks()
	var total *float64
	if sum, whole := d.Total(marks); whole {
		f := sum.Float()
		total = &f
	}
	if err := pg.Exec(ctx, tx, `
		insert into reviews (assignment_id, feedback, note, total, marks, version, updated_at)
		values (@id, @feedback, @note, @total, @marks, @version, @at)
		on conflict (assignment_id) do update
		set feedback = excluded.feedback, note = excluded.note, total = excluded.total, marks = excluded.marks,
		    version = excluded.version, updated_at = excluded.updated_at`,
		pgx.StrictNamedArgs{
			"id": id, "feedback": s.Feedback, "note": s.Note, "total": total, "marks": len(marks), "version": version, "at": act.At,
		}); err != nil {
		return fmt.Errorf("saving review %s: %w", id, err)
	}
	var criteria, comments []string
	var given []int
	for key, score := range s.Scores {
		criteria, given, comments = append(criteria, key), append(given, score.Mark), append(comments, score.Comment)
	}
	_, err := tx.Exec(ctx, `
		insert into scores (assignment_id, criterion, mark, comment)
		select $1, t.criterion, nullif(t.mark, 0), t.comment
		from unnest($2::text[], $3::int[], $4::text[]) as t (criterion, mark, comment)
		on conflict (assignment_id, criterion) do update set mark = excluded.mark, comment = excluded.comment`,
		id, criteria, given, comments)
	if err != nil {
		return fmt.Errorf("saving the scores of review %s: %w", id, err)
	}
	return nil
}

// Scale is the rubric that the viewer's own assignment is to be scored by.
func Scale(ctx context.Context, db pg.DB, viewer people.ID, id ID) (rubric.Definition, error) {
	d, err := pg.Value[rubric.Definition](ctx, db, `
		select b.definition
		from visible.assignments($1) a
		join visible.proposals($1) p on p.id = a.proposal_id
		join visible.calls($1) c on c.id = p.call_id
		join visible.rubrics b on b.id = c.rubric_id
		where a.id = $2 and a.reviewer_id = $1`, viewer, id)
	if err != nil {
		return rubric.Definition{}, fmt.Errorf("finding the rubric of assignment %s: %w", id, err)
	}
	return d, nil
}
