// Package people knows who uses the portal: persons, how they prove who they
// are, their sessions, and the roles an administrator grants them. What a role
// lets a person see is not decided here but in the SQL schema visible.
package people

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/pg"
	"daubang/internal/ref"
	"daubang/internal/words"
)

// ID names a person; 0 is nobody.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// Role is what the portal's administrators grant; what a person is within an
// organisation is another matter (package organisation).
type Role string

// The roles.
const (
	Admin    Role = "admin"    // people, roles, settings; no content
	Auditor  Role = "auditor"  // reads everything, changes nothing
	Officer  Role = "officer"  // of a programme
	Chair    Role = "chair"    // of a call's panel
	Reviewer Role = "reviewer" // of a call
)

// Roles lists them.
var Roles = []Role{Admin, Auditor, Officer, Chair, Reviewer}

// Visitor is who is asking: a person as one request needs to know them, or
// nobody (the zero value). It decides what is offered, never what is seen.
type Visitor struct {
	ID        ID
	SessionID SessionID
	Strength  Strength  // how they proved who they are
	SeenAt    time.Time // when the session's use was last noted, see [Touch]
	Name      string
	Email     string
	Locale    words.Lang
	Roles     []Role // each once, of whichever programme or call
	Member    bool   // of at least one organisation
}

// SignedIn reports whether the visitor is somebody.
func (v Visitor) SignedIn() bool { return v.ID != 0 }

// Is reports whether the visitor has one of the roles anywhere.
func (v Visitor) Is(roles ...Role) bool {
	return slices.ContainsFunc(v.Roles, func(r Role) bool { return slices.Contains(roles, r) })
}

// Notice is what one event owes to which people.
type Notice struct {
	Event int64 // an audit event
	About letter.About
	To    []ID
}

// Write queues one letter to each of ids, in that person's language, at their
// address as it is now; who is disabled gets none.
func Write(ctx context.Context, tx pgx.Tx, act audit.Act, event int64, kind letter.Kind, about letter.About, ids ...ID) error {
	return WriteAll(ctx, tx, act, kind, Notice{Event: event, About: about, To: ids})
}

// WriteAll is [Write] for many events at once, such as a call's decisions.
func WriteAll(ctx context.Context, tx pgx.Tx, act audit.Act, kind letter.Kind, notices ...Notice) error {
	var ids []ID
	for _, n := range notices {
		ids = append(ids, n.To...)
	}
	type row struct {
		ID     ID
		Email  string
		Locale words.Lang
	}
	found, err := pg.All[row](ctx, tx, `select id, email, locale from people where id = any($1) and disabled_at is null`, ids)
	if err != nil {
		return fmt.Errorf("finding whom to write: %w", err)
	}
	to := make(map[ID]letter.To, len(found))
	for _, p := range found {
		to[p.ID] = letter.To{PersonID: int64(p.ID), Address: p.Email, Lang: p.Locale}
	}
	owed := make([]letter.Notice, len(notices))
	for i, n := range notices {
		owed[i] = letter.Notice{Event: n.Event, About: n.About}
		for _, id := range n.To {
			if t, ok := to[id]; ok {
				owed[i].To = append(owed[i].To, t)
			}
		}
	}
	return letter.QueueAll(ctx, tx, act, kind, owed...)
}

// Officers lists who answers for a programme.
func Officers(ctx context.Context, db pg.DB, programmeID int64) ([]ID, error) {
	return pg.Values[ID](ctx, db, `select person_id from roles where role = 'officer' and programme_id = $1 order by person_id`, programmeID)
}
