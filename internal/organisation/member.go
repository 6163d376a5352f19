package organisation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

// Member is a person who acts for an organisation.
type Member struct {
	PersonID people.ID
	Name     string
	Email    string
	Role     Role
	JoinedAt time.Time
}

// Members lists the people of an organisation for who may see them: heads
// first, then by the order of joining.
func Members(ctx context.Context, db pg.DB, viewer people.ID, id ID) ([]Member, error) {
	list, err := pg.All[Member](ctx, db, `
		select person_id, name, email, role, joined_at from visible.members($1) where organisation_id = $2
		order by array_position(array['head', 'writer', 'reader'], role), joined_at, person_id`, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("listing members: %w", err)
	}
	return list, nil
}

// SetRole changes what a member may do. Heads may; the last head stays one.
func SetRole(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, person people.ID, role Role) error {
	if err := lock(ctx, tx, act, id, Head); err != nil {
		return err
	}
	if !slices.Contains(Roles, role) {
		return problem.Invalid{"role": problem.Say("organisation.role_missing")}
	}
	if role != Head {
		if err := keepsHead(ctx, tx, id, person); err != nil {
			return err
		}
	}
	if err := pg.Exec(ctx, tx, `update members set role = $3 where organisation_id = $1 and person_id = $2`, id, person, role); err != nil {
		return fmt.Errorf("changing a member's role: %w", err)
	}
	if err := takeBack(ctx, tx, act, id, person, role); err != nil {
		return err
	}
	_, err := audit.Record(ctx, tx, act, "set_role", "organisation", id, audit.Detail{"person": person.String(), "role": role})
	return err
}

// Remove takes a member out. Heads may remove anybody and members themselves;
// the last head stays.
func Remove(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, person people.ID) error {
	may, verb := []Role{Head}, "remove"
	if person == people.ID(act.By) {
		may, verb = Roles, "leave"
	}
	if err := lock(ctx, tx, act, id, may...); err != nil {
		return err
	}
	if err := keepsHead(ctx, tx, id, person); err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `delete from members where organisation_id = $1 and person_id = $2`, id, person); err != nil {
		return fmt.Errorf("removing a member: %w", err)
	}
	if err := takeBack(ctx, tx, act, id, person, Reader); err != nil {
		return err
	}
	_, err := audit.Record(ctx, tx, act, verb, "organisation", id, audit.Detail{"person": person.String()})
	return err
}

// keepsHead refuses a change that would leave an organisation without a head.
// The organisation is locked.
func keepsHead(ctx context.Context, tx pgx.Tx, id ID, without people.ID) error {
	heads, err := People(ctx, tx, id, Head)
	if err != nil {
		return fmt.Errorf("finding the heads: %w", err)
	}
	if len(heads) == 1 && heads[0] == without {
		return problem.Because(problem.Conflict, "organisation.last_head")
	}
	return nil
}

// takeBack ends the open invitations of who may not invite any more.
func takeBack(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, person people.ID, now Role) error {
	if now == Head {
		return nil
	}
	if _, err := tx.Exec(ctx, `
		update invitations set revoked_at = $3 where organisation_id = $1 and invited_by = $2 and accepted_at is null and revoked_at is null`,
		id, person, act.At); err != nil {
		return fmt.Errorf("ending invitations: %w", err)
	}
	return nil
}
