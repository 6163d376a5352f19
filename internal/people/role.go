package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
)

// GrantID names one role of one person.
type GrantID int64

func (id GrantID) String() string { return ref.Of(id) }

// Scope is what a role is for: an officer's programme, a chair's or reviewer's
// call, and for admins and auditors nothing.
type Scope struct {
	ProgrammeID int64
	CallID      int64
}

// Grant is a role that a person holds.
type Grant struct {
	ID       GrantID
	PersonID ID
	Role     Role
	Scope
	GrantedAt time.Time
}

// Scoped reports what a role is for: "programme", "call" or nothing.
func (r Role) Scoped() string {
	switch r {
	case Officer:
		return "programme"
	case Chair, Reviewer:
		return "call"
	case Admin, Auditor:
	}
	return ""
}

func (s Scope) fits(r Role) bool {
	return slices.Contains(Roles, r) && (s.ProgrammeID != 0) == (r.Scoped() == "programme") && (s.CallID != 0) == (r.Scoped() == "call")
}

// GrantRole gives a person a role. Only an admin may, and not to themself: one
// who would is not the only one who knows of it. The person must not be disabled.
func GrantRole(ctx context.Context, tx pgx.Tx, act audit.Act, to ID, role Role, scope Scope) error {
	if err := asAdmin(ctx, tx, act, to); err != nil {
		return err
	}
	return grant(ctx, tx, act, to, role, scope)
}

func grant(ctx context.Context, tx pgx.Tx, act audit.Act, to ID, role Role, scope Scope) error {
	if !scope.fits(role) {
		field := role.Scoped()
		if field == "" {
			field = "role"
		}
		return problem.Invalid{field: problem.Say("people.scope_missing")}
	}
	disabled, err := pg.Value[bool](ctx, tx, `select disabled_at is not null from people where id = $1 for update`, to)
	if err != nil {
		return fmt.Errorf("finding whom to give a role: %w", err)
	}
	if disabled {
		return problem.Because(problem.Conflict, "people.disabled")
	}
	err = pg.Exec(ctx, tx, `
		insert into roles (person_id, role, programme_id, call_id, granted_by, granted_at)
		values (@person, @role, nullif(@programme::bigint, 0), nullif(@call::bigint, 0), nullif(@by::bigint, 0), @at)
		on conflict do nothing`,
		pgx.StrictNamedArgs{"person": to, "role": role, "programme": scope.ProgrammeID, "call": scope.CallID, "by": act.By, "at": act.At})
	if errors.Is(err, problem.NotFound) {
		return problem.Because(problem.Conflict, "people.has_role")
	} else if err != nil {
		return fmt.Errorf("granting a role: %w", err)
	}
	_, err = audit.Record(ctx, tx, act, "grant", "person", to, detail(role, scope))
	return err
}

// RevokeRole takes a role from who holds it. Only an admin may, and not their own.
func RevokeRole(ctx context.Context, tx pgx.Tx, act audit.Act, from ID, id GrantID) error {
	if err := asAdmin(ctx, tx, act, from); err != nil {
		return err
	}
	if _, err := pg.Value[ID](ctx, tx, `select id from people where id = $1 for update`, from); err != nil {
		return fmt.Errorf("finding whose role it is: %w", err)
	}
	type row struct {
		Role Role
		Scope
	}
	r, err := pg.One[row](ctx, tx, `
		delete from roles where id = $1 and person_id = $2
		returning role, coalesce(programme_id, 0) as programme_id, coalesce(call_id, 0) as call_id`, id, from)
	if err != nil {
		return fmt.Errorf("revoking a role: %w", err)
	}
	_, err = audit.Record(ctx, tx, act, "revoke", "person", from, detail(r.Role, r.Scope))
	return err
}

func detail(role Role, s Scope) audit.Detail {
	d := audit.Detail{"role": role}
	if s.ProgrammeID != 0 {
		d["programme"] = ref.Of(s.ProgrammeID)
	}
	if s.CallID != 0 {
		d["call"] = ref.Of(s.CallID)
	}
	return d
}

// asAdmin refuses whoever is not an admin, and an admin about themself. It locks
// the admins' roles, so that two cannot take each other's at once.
func asAdmin(ctx context.Context, tx pgx.Tx, act audit.Act, about ID) error {
	admins, err := pg.Values[ID](ctx, tx, `select person_id from roles where role = 'admin' order by id for update`)
	if err != nil {
		return fmt.Errorf("asking who is an admin: %w", err)
	}
	if !slices.Contains(admins, ID(act.By)) {
		return problem.Because(problem.Forbidden, "people.admins_only")
	}
	if ID(act.By) == about {
		return problem.Because(problem.Forbidden, "people.not_own")
	}
	return nil
}

// Grants lists the roles of a person that the viewer may know of.
func Grants(ctx context.Context, db pg.DB, viewer, person ID) ([]Grant, error) {
	return pg.All[Grant](ctx, db, `
		select id, person_id, role, coalesce(programme_id, 0) as programme_id, coalesce(call_id, 0) as call_id, granted_at
		from visible.roles($1) where person_id = $2 order by role, granted_at, id`, viewer, person)
}

// Disable shuts a person out and ends their sessions; what they did stays theirs.
func Disable(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	if err := asAdmin(ctx, tx, act, id); err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `update people set disabled_at = coalesce(disabled_at, $2) where id = $1`, id, act.At); err != nil {
		return fmt.Errorf("disabling an account: %w", err)
	}
	if err := EndOthers(ctx, tx, act, id, 0); err != nil {
		return err
	}
	_, err := audit.Record(ctx, tx, act, "disable", "person", id, nil)
	return err
}

// Enable lets a disabled person in again.
func Enable(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	if err := asAdmin(ctx, tx, act, id); err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `update people set disabled_at = null where id = $1`, id); err != nil {
		return fmt.Errorf("enabling an account: %w", err)
	}
	_, err := audit.Record(ctx, tx, act, "enable", "person", id, nil)
	return err
}
