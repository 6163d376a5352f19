package site

import (
	"context"
	"net/http"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/programme"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/templates"
)

// people lists the people that the visitor may know of.
func (s *Site) people(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := people.Filter{Text: viet.Clean(q.Get("q")), Role: people.Role(q.Get("role")), After: q.Get("after")}
	if !slices.Contains(people.Roles, f.Role) {
		f.Role = ""
	}
	page, err := people.List(r.Context(), s.Read, visitor(r).ID, f)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.People{Filter: f, Page: page})
}

// person shows one of them, and to admins what they may do.
func (s *Site) person(w http.ResponseWriter, r *http.Request) error {
	who, err := id[people.ID](r, "person")
	if err != nil {
		return err
	}
	return s.showPerson(w, r, http.StatusOK, who, templates.Person{})
}

func (s *Site) showPerson(w http.ResponseWriter, r *http.Request, status int, who people.ID, page templates.Person) error {
	ctx, v := r.Context(), visitor(r)
	var err error
	if page.Person, err = people.Get(ctx, s.Read, v.ID, who); err != nil {
		return err
	}
	if page.Grants, err = people.Grants(ctx, s.Read, v.ID, who); err != nil {
		return err
	}
	programmes, err := programme.List(ctx, s.Read, v.ID, "")
	if err != nil {
		return err
	}
	for _, p := range programmes {
		page.Programmes = append(page.Programmes, templates.Choice{ID: int64(p.ID), Ref: p.ID.String(), Text: p.Title})
	}
	calls, err := call.List(ctx, s.Read, call.Filter{}, s.Now())
	if err != nil {
		return err
	}
	for _, c := range calls {
		page.Calls = append(page.Calls, templates.Choice{ID: int64(c.ID), Ref: c.ID.String(), Text: c.Title()})
	}
	page.MayChange = v.Is(people.Admin) && who != v.ID
	return s.show(w, r, status, page)
}

// withPerson does something to a person and shows them again.
func (s *Site) withPerson(w http.ResponseWriter, r *http.Request, who people.ID, said problem.Words, fn func(context.Context, pgx.Tx, audit.Act) error) error {
	if err := s.do(r, fn); err != nil {
		return err
	}
	return s.toSaying(w, r, said, "/desk/people/%s", who)
}

// grantRole gives a person a role; what it is for comes with it.
func (s *Site) grantRole(w http.ResponseWriter, r *http.Request) error {
	who, err := id[people.ID](r, "person")
	if err != nil {
		return err
	}
	f, err := s.formOnce(r, "role", "programme", "call")
	if err != nil {
		return err
	}
	page := templates.Person{Role: people.Role(f.Line("role")), Programme: f.Line("programme"), Call: f.Line("call")}
	var scope people.Scope
	switch page.Role.Scoped() { // a choice that the role does not need is no choice
	case "programme":
		scope.ProgrammeID, _ = ref.Parse[int64](page.Programme) // what is none is missing
	case "call":
		scope.CallID, _ = ref.Parse[int64](page.Call)
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return people.GrantRole(ctx, tx, act, who, page.Role, scope)
	})
	if wrong, ok := s.wrong(err); ok {
		page.Wrong = wrong
		return s.showPerson(w, r, http.StatusUnprocessableEntity, who, page)
	} else if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("people.granted"), "/desk/people/%s", who)
}

func (s *Site) revokeRole(w http.ResponseWriter, r *http.Request) error {
	who, err := id[people.ID](r, "person")
	if err != nil {
		return err
	}
	grant, err := id[people.GrantID](r, "grant")
	if err != nil {
		return err
	}
	return s.withPerson(w, r, who, problem.Say("people.revoked"), func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return people.RevokeRole(ctx, tx, act, who, grant)
	})
}

func (s *Site) disablePerson(w http.ResponseWriter, r *http.Request) error {
	who, err := id[people.ID](r, "person")
	if err != nil {
		return err
	}
	return s.withPerson(w, r, who, problem.Say("people.was_disabled"), func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return people.Disable(ctx, tx, act, who)
	})
}

func (s *Site) enablePerson(w http.ResponseWriter, r *http.Request) error {
	who, err := id[people.ID](r, "person")
	if err != nil {
		return err
	}
	return s.withPerson(w, r, who, problem.Say("people.was_enabled"), func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return people.Enable(ctx, tx, act, who)
	})
}
