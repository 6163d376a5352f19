package call

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

// Forms are what a call asks: the version it uses, and the one that is being
// drafted for it, nil if there is none. A draft call may use what is drafted.
type Forms struct {
	Used  form.Form
	Draft *form.Form
}

// FormsOf reads the forms of a call, which the caller may see at the desk.
func FormsOf(ctx context.Context, db pg.DB, c Call) (Forms, error) {
	used, err := form.Get(ctx, db, c.FormID)
	if err != nil {
		return Forms{}, err
	}
	draft, err := form.DraftOf(ctx, db, int64(c.ID))
	if errors.Is(err, problem.NotFound) {
		return Forms{Used: used}, nil
	}
	return Forms{Used: used, Draft: &draft}, err
}

// DraftForm begins a new version of what the call asks, as d. Of a form that was
// made for the call it is the next version, of any other a copy under the call's
// own key. A draft call asks it from now on; a published one once it is told to,
// see [UseForm].
func DraftForm(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, d form.Definition) error {
	c, err := lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	used, err := form.Get(ctx, tx, c.FormID)
	if err != nil {
		return err
	}
	d.Key = "call-" + strings.ToLower(c.Code)
	if used.CallID == int64(id) {
		d.Key = used.Key
	}
	drafted, err := form.Draft(ctx, tx, act, int64(id), d, used.ID)
	if err != nil {
		return err
	}
	if c.Status == Draft {
		return setForm(ctx, tx, act, c, drafted)
	}
	return nil
}

// EditForm changes what is being drafted for the call; see [form.Edit].
func EditForm(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, edition int, change func(form.Definition) (form.Definition, error)) error {
	draft, err := lockForm(ctx, tx, act, id)
	if err != nil {
		return err
	}
	return form.Edit(ctx, tx, act, draft.ID, edition, change)
}

// DiscardForm throws away what is being drafted for the call; a draft call asks
// again what it did before.
func DiscardForm(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, edition int) error {
	draft, err := lockForm(ctx, tx, act, id)
	if err != nil {
		return err
	}
	c, err := lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if c.FormID == draft.ID {
		if err := setForm(ctx, tx, act, c, draft.BasedOn); err != nil {
			return err
		}
	}
	return form.Discard(ctx, tx, act, draft.ID, edition)
}

// lockForm is the call's draft form, for an officer of its programme.
func lockForm(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (form.Form, error) {
	if _, err := lock(ctx, tx, act, id); err != nil {
		return form.Form{}, err
	}
	f, err := form.DraftOf(ctx, tx, int64(id))
	if errors.Is(err, problem.NotFound) {
		err = problem.Because(problem.Conflict, "build.no_draft")
	}
	return f, err
}

// UseForm makes a published call ask what was drafted for it, and freezes that;
// edition is the one that was looked at. It returns the version before and the
// one from now on. Moving what is being written is package proposal's, which
// alone calls this.
func UseForm(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, edition int) (from, to form.Form, err error) {
	c, err := lock(ctx, tx, act, id)
	if err != nil {
		return from, to, err
	}
	if c.Status != Published {
		return from, to, problem.Because(problem.Conflict, "build.used_already")
	}
	if to, err = lockForm(ctx, tx, act, id); err != nil {
		return from, to, err
	}
	if to.Edition != edition {
		return from, to, problem.Because(problem.Conflict, "build.edited_since", to.UpdatedByName)
	}
	if from, err = form.Get(ctx, tx, c.FormID); err != nil {
		return from, to, err
	}
	if err := form.Freeze(ctx, tx, act, to.ID); err != nil {
		return from, to, fmt.Errorf("freezing the form: %w", err)
	}
	return from, to, setForm(ctx, tx, act, c, to.ID)
}

// setForm makes a locked call ask another form.
func setForm(ctx context.Context, tx pgx.Tx, act audit.Act, c Call, to form.ID) error {
	if err := pg.Exec(ctx, tx, `update calls set form_id = $2, updated_at = $3 where id = $1`, c.ID, to, act.At); err != nil {
		return fmt.Errorf("changing the form of call %s: %w", c.ID, err)
	}
	after := c.Content
	after.FormID = to
	return record(ctx, tx, act, "form", c.ID, c.Content, after)
}
