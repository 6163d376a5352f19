// Package deadline is about time: putting a call's deadline off for everybody,
// for places or for single organisations, and reminding those who write drafts
// before it comes.
//
// When a call closes for whom is package call's to say (see [call.GetFor]); this
// one decides who may change it, and tells everybody concerned. What is to be
// reminded of is worked out from the database each time, so that it does not
// matter when or how often it is asked.
package deadline

import (
	"context"
	"fmt"
	"time"

	"daubang/internal/call"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/ref"
)

// ID names an extension.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// Scope is for whom a deadline is put off.
type Scope string

// The scopes.
const (
	Whole         Scope = "whole"         // for everybody
	Places        Scope = "places"        // for organisations in provinces or communes
	Organisations Scope = "organisations" // for those that are named
)

// Scopes lists them, the narrowest first.
var Scopes = []Scope{Organisations, Places, Whole}

// State is how far an extension has come.
type State string

// The states.
const (
	Pending State = "pending" // waits for a second officer
	Holds   State = "holds"
	Dropped State = "dropped"
)

// Extension is a deadline that was put off. Who decided stands in it for the
// office only.
type Extension struct {
	ID              ID
	CallID          call.ID
	Whole           bool
	Provinces       []string // codes
	Communes        []string // codes
	Organisations   []organisation.ID
	ClosedBefore    time.Time // when the call closed before
	ClosesAt        time.Time
	Reason          string
	Late            bool // asked for when the call had closed: two officers
	ProposedBy      people.ID
	ProposedByName  string
	ProposedAt      time.Time
	ConfirmedByName string
	ConfirmedAt     *time.Time
	DroppedByName   string
	DroppedAt       *time.Time
}

// Scope is for whom it is.
func (e Extension) Scope() Scope {
	switch {
	case e.Whole:
		return Whole
	case len(e.Organisations) > 0:
		return Organisations
	default:
		return Places
	}
}

// State is how far it has come.
func (e Extension) State() State {
	switch {
	case e.DroppedAt != nil:
		return Dropped
	case e.ConfirmedAt != nil:
		return Holds
	default:
		return Pending
	}
}

// MayConfirm says that a viewer who is an officer is the second one it waits for.
func (e Extension) MayConfirm(viewer people.ID) bool {
	return e.State() == Pending && e.ProposedBy != viewer
}

const columns = `select e.id, e.call_id, e.whole, e.provinces, e.communes, e.organisations, e.closed_before, e.closes_at, e.reason, e.late,
	coalesce(e.proposed_by, 0) as proposed_by, coalesce(e.proposed_by_name, '') as proposed_by_name, e.proposed_at,
	coalesce(e.confirmed_by_name, '') as confirmed_by_name, e.confirmed_at, coalesce(e.dropped_by_name, '') as dropped_by_name, e.dropped_at
	from visible.extensions($1) e`

// Of lists the extensions of a call that viewer may know of, the latest first:
// the office all, everybody else those of places and of the whole call.
func Of(ctx context.Context, db pg.DB, viewer people.ID, id call.ID) ([]Extension, error) {
	list, err := pg.All[Extension](ctx, db, columns+` where e.call_id = $2 order by e.proposed_at desc, e.id`, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("listing extensions of call %d: %w", id, err)
	}
	return list, nil
}

// Notice is what those concerned are told of an extension.
type Notice struct {
	ClosesAt    time.Time
	Reason      string
	ConfirmedAt time.Time
}

// Concerning is the extension that gives an organisation the most time for a
// call; nil if there is none, or viewer is neither its member nor of the office.
func Concerning(ctx context.Context, db pg.DB, viewer people.ID, id call.ID, o organisation.ID) (*Notice, error) {
	list, err := pg.All[Notice](ctx, db, `
		select closes_at, reason, confirmed_at from visible.extensions_of($1, $3) where call_id = $2
		order by closes_at desc, confirmed_at desc limit 1`, viewer, id, o)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Names are what pages call the places and organisations of extensions.
type Names struct {
	Places        map[string]string // by code, with the province of a commune
	Organisations map[organisation.ID]string
}

// NamesOf looks up whatever stands in the list.
func NamesOf(ctx context.Context, db pg.DB, viewer people.ID, list []Extension) (Names, error) {
	var codes []string
	var ids []organisation.ID
	for _, e := range list {
		codes, ids = append(append(codes, e.Provinces...), e.Communes...), append(ids, e.Organisations...)
	}
	n := Names{Places: map[string]string{}, Organisations: map[organisation.ID]string{}}
	if len(codes) > 0 {
		type row struct{ Code, Name string }
		rows, err := pg.All[row](ctx, db, `
			select l.code, l.full_name || coalesce(', ' || v.full_name, '') as name
			from visible.places l left join visible.places v on l.level = 3 and v.level = 1 and v.code = l.parent_code and v.valid_to is null
			where l.valid_to is null and l.level in (1, 3) and l.code = any($1)`, codes)
		if err != nil {
			return n, fmt.Errorf("naming places: %w", err)
		}
		for _, r := range rows {
			n.Places[r.Code] = r.Name
		}
	}
	if len(ids) > 0 {
		type row struct {
			ID   organisation.ID
			Name string
		}
		rows, err := pg.All[row](ctx, db, `select id, name_vi as name from visible.organisations($1) where id = any($2)`, viewer, ids)
		if err != nil {
			return n, fmt.Errorf("naming organisations: %w", err)
		}
		for _, r := range rows {
			n.Organisations[r.ID] = r.Name
		}
	}
	return n, nil
}

// For lists by name for whom an extension is; nobody for the whole call.
func (n Names) For(e Extension) []string {
	var all []string
	for _, code := range append(append([]string{}, e.Provinces...), e.Communes...) {
		all = append(all, n.Places[code])
	}
	for _, id := range e.Organisations {
		all = append(all, n.Organisations[id])
	}
	return all
}
