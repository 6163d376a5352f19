package people

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/pg"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Person is a row of visible.people.
type Person struct {
	ID         ID
	Name       string
	Email      string
	Phone      string
	Locale     words.Lang
	VerifiedAt *time.Time
	DisabledAt *time.Time
	CreatedAt  time.Time
}

// Get returns a person whom the viewer may know of.
func Get(ctx context.Context, db pg.DB, viewer, id ID) (Person, error) {
	return pg.One[Person](ctx, db, `
		select id, name, email, phone, locale, verified_at, disabled_at, created_at from visible.people($1) where id = $2`, viewer, id)
}

// Filter narrows the list of people.
type Filter struct {
	Text  string // of a name or an address, without marks
	Role  Role   // held anywhere; empty: any or none
	After string // where the page before ended, see [Page]
}

// Line is a person in the list.
type Line struct {
	ID         ID
	Name       string
	GivenName  string
	Email      string
	VerifiedAt *time.Time
	DisabledAt *time.Time
	CreatedAt  time.Time
	Roles      []Role
}

// Page is a page of the list, by given name as a Vietnamese list is; Next is
// empty on the last.
type Page struct {
	Lines []Line
	Next  string
}

// PageSize is how many people stand on a page.
const PageSize = 25

// List shows the people a viewer may know of.
func List(ctx context.Context, db pg.DB, viewer ID, f Filter) (Page, error) {
	after, name := cursor(f.After)
	lines, err := pg.All[Line](ctx, db, `
		select p.id, p.name, p.given_name, p.email, p.verified_at, p.disabled_at, p.created_at,
		       array(select distinct r.role from visible.roles(@viewer) r where r.person_id = p.id order by r.role) as roles
		from visible.people(@viewer) p
		where (@text = '' or p.search_key like '%' || @text || '%')
		  and (@role = '' or exists (select from visible.roles(@viewer) r where r.person_id = p.id and r.role = @role))
		  and (@after::bigint = 0 or (p.given_name, p.id) > (@name collate "vi-x-icu", @after))
		order by p.given_name, p.id
		limit @size`,
		pgx.StrictNamedArgs{"viewer": viewer, "text": viet.Key(f.Text), "role": f.Role, "after": after, "name": name, "size": PageSize + 1})
	if err != nil {
		return Page{}, fmt.Errorf("listing people: %w", err)
	}
	if len(lines) <= PageSize {
		return Page{Lines: lines}, nil
	}
	last := lines[PageSize-1]
	return Page{Lines: lines[:PageSize], Next: last.ID.String() + last.GivenName}, nil
}

// cursor reads where a page ended: a reference and the name it sorts by. What is
// none begins at the beginning.
func cursor(s string) (ID, string) {
	n := len(ref.Of(int64(0)))
	if len(s) < n {
		return 0, ""
	}
	id, err := ref.Parse[ID](s[:n])
	if err != nil || strings.ContainsRune(s, 0) {
		return 0, ""
	}
	return id, viet.Clean(s[n:])
}
