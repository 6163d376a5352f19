package passport

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/ref"
	"daubang/internal/viet"
)

// Line is an organisation in the office's list.
type Line struct {
	ID      organisation.ID
	NameVi  string
	NameEn  string
	Kind    organisation.Kind
	Parts   int
	Waiting int // parts that an officer has to look at
}

// Filter narrows the list.
type Filter struct {
	Text string // words of the names or the tax code, with or without accents
	All  bool   // also those of whom nothing waits
}

// pageSize is how many lines a page of the list has.
const pageSize = 25

// countCap is how far the list counts; beyond it says "more than".
const countCap = 1000

// Page is one page of the list, in the order of names.
type Page struct {
	Lines []Line
	Prev  string // the cursor of the page before; empty: there is none
	Next  string // of the page after
	Total int
	More  bool // there are more than Total
}

// listed is where the list comes from: those of whom a part waits, or all.
const listed = `
	from visible.organisations(@viewer) o
	where o.search_key like all(@words)
	  and (@all or exists (select from visible.passport_parts(@viewer) w where w.organisation_id = o.id and w.state in ('new', 'changed')))`

const lines = `
	select o.id, o.name_vi, o.name_en, o.kind,
	       (select count(*)::int from visible.passport_parts(@viewer) p where p.organisation_id = o.id) as parts,
	       (select count(*)::int from visible.passport_parts(@viewer) p where p.organisation_id = o.id and p.state in ('new', 'changed')) as waiting` + listed

const (
	after = lines + `
	  and (o.name_vi collate "vi-x-icu", o.id) > (coalesce((select c.name_vi from visible.organisations(@viewer) c where c.id = @cursor), '') collate "vi-x-icu", @cursor)
	order by o.name_vi collate "vi-x-icu", o.id limit @most`
	before = lines + `
	  and (o.name_vi collate "vi-x-icu", o.id) < (select c.name_vi collate "vi-x-icu", c.id from visible.organisations(@viewer) c where c.id = @cursor)
	order by o.name_vi collate "vi-x-icu" desc, o.id desc limit @most`
)

// List is the page of organisations under f that begins after cursor, or ends
// before it if back; a cursor that is none of ours is the beginning.
func List(ctx context.Context, db pg.DB, viewer people.ID, f Filter, cursor string, back bool) (Page, error) {
	from, err := ref.Parse[organisation.ID](cursor)
	if err != nil {
		from, back = 0, false
	}
	args := pgx.StrictNamedArgs{"viewer": viewer, "words": f.searched(), "all": f.All}
	n, err := pg.Value[int](ctx, db, `select count(*)::int from (select`+listed+` limit `+strconv.Itoa(countCap+1)+`) capped`, args)
	if err != nil {
		return Page{}, fmt.Errorf("counting organisations to verify: %w", err)
	}
	p := Page{Total: min(n, countCap), More: n > countCap}
	args["cursor"], args["most"] = from, pageSize+1
	sql := after
	if back {
		sql = before
	}
	if p.Lines, err = pg.All[Line](ctx, db, sql, args); err != nil {
		return Page{}, fmt.Errorf("listing organisations to verify: %w", err)
	}
	p.cut(from != 0, back)
	return p, nil
}

// cut takes away the line that only tells that there are others.
func (p *Page) cut(beyond, back bool) {
	more := len(p.Lines) > pageSize
	p.Lines = p.Lines[:min(len(p.Lines), pageSize)]
	if back {
		slices.Reverse(p.Lines)
	}
	if len(p.Lines) == 0 {
		return
	}
	if beyond && !back || back && more {
		p.Prev = p.Lines[0].ID.String()
	}
	if more && !back || back {
		p.Next = p.Lines[len(p.Lines)-1].ID.String()
	}
}

// searched are patterns for the words that are searched for; a key has no % and
// no _.
func (f Filter) searched() []string {
	all := []string{"%"}
	for w := range strings.FieldsSeq(viet.Key(f.Text)) {
		all = append(all, "%"+w+"%")
	}
	return all
}
