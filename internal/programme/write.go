package programme

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/legal"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/place"
	"daubang/internal/problem"
)

// Create drafts a programme; who acts becomes its first officer. Only who is an
// officer of some programme already may. What is wrong comes back as
// [problem.Invalid].
func Create(ctx context.Context, tx pgx.Tx, act audit.Act, e Entry) (ID, error) {
	may, err := MayCreate(ctx, tx, people.ID(act.By))
	if err != nil {
		return 0, fmt.Errorf("asking who may draft a programme: %w", err)
	}
	if !may {
		return 0, problem.Because(problem.Forbidden, "programme.officers_only")
	}
	plan, wrong := e.Plan()
	if err := known(ctx, tx, plan, wrong); err != nil {
		return 0, err
	}
	if err := wrong.OrNil(); err != nil {
		return 0, err
	}
	id, err := add(ctx, tx, act, plan, "", Draft)
	if err != nil {
		return 0, err
	}
	if err := people.FirstOfficer(ctx, tx, act, int64(id)); err != nil {
		return 0, err
	}
	_, err = audit.Record(ctx, tx, act, "draft", "programme", id, nil)
	return id, err
}

// Edit changes what stands in a programme; only its officers may. Another
// officer's change since the entry was shown refuses it, without a field.
// An edit that changes nothing leaves no trace.
func Edit(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, e Entry) error {
	now, before, err := lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	plan, wrong := e.Plan()
	if e.Version != now.Version() {
		wrong.Add("", "programme.changed_meanwhile")
	}
	if err := known(ctx, tx, plan, wrong); err != nil {
		return err
	}
	if err := wrong.OrNil(); err != nil {
		return err
	}
	changed, err := replace(ctx, tx, act, now, before, plan)
	if err != nil || len(changed) == 0 {
		return err
	}
	_, err = audit.Record(ctx, tx, act, "edit", "programme", id, audit.Detail{"changed": changed})
	return err
}

// Publish shows a programme to everybody, for good. It refuses one without a
// group of tasks: there would be nothing to propose under it.
func Publish(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	now, plan, err := lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if now.Status == Published {
		return problem.Because(problem.Conflict, "programme.published_already")
	}
	if len(plan.TaskGroups) == 0 {
		return problem.Because(problem.Conflict, "programme.no_groups")
	}
	if err := pg.Exec(ctx, tx, `update programmes set status = 'published', updated_at = $2 where id = $1`, id, act.At); err != nil {
		return fmt.Errorf("publishing programme: %w", err)
	}
	_, err = audit.Record(ctx, tx, act, "publish", "programme", id, nil)
	return err
}

// lock returns a programme, whole and for writing, if who acts is one of its
// officers.
func lock(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (Programme, Plan, error) {
	view, err := pg.Value[View](ctx, tx, `select view from visible.programmes($1) where id = $2`, act.By, id)
	if err != nil {
		return Programme{}, Plan{}, fmt.Errorf("finding programme: %w", err)
	}
	if view != AsOfficer {
		return Programme{}, Plan{}, problem.Because(problem.Forbidden, "programme.officers_only")
	}
	return standing(ctx, tx, id)
}

// known refuses legal bases that are not of the register and a place that never
// was.
func known(ctx context.Context, db pg.DB, p Plan, wrong problem.Invalid) error {
	ids := make([]legal.ID, len(p.Bases))
	for i, b := range p.Bases {
		ids[i] = b.DocumentID
	}
	documents, err := legal.These(ctx, db, ids)
	if err != nil {
		return err
	}
	for i, id := range ids {
		if _, ok := documents[id]; !ok {
			wrong.Add(fmt.Sprintf("bases.%d.document", i), "programme.pick_one")
		}
	}
	if p.IssuerPlaceLevel != 0 {
		_, err := place.Latest(ctx, db, p.IssuerPlaceLevel, p.IssuerPlaceCode)
		if errors.Is(err, problem.NotFound) {
			wrong.Add("issuer_place_code", "programme.issuer_place_unknown")
		} else if err != nil {
			return fmt.Errorf("finding the issuer's place: %w", err)
		}
	}
	return nil
}
