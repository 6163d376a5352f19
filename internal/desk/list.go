// Package desk answers questions that cross concepts, for the office of a
// programme: which proposals there are, how many stand where, what is due. It
// only reads, through visible.desk and its like, and every answer is for one
// viewer.
package desk

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/viet"
)

// Line is a proposal as lists and exports show it.
type Line struct {
	ID               proposal.ID
	CallID           call.ID
	Reference        string
	Title            string
	OrganisationName string
	OrganisationKind string
	ProvinceCode     string
	Status           proposal.Status
	AmountAsked      int64 // đồng
	Months           int
	SubmittedAt      time.Time
	ReviewsAssigned  int
	ReviewsSent      int
	ScoreMean        *float64 // of 100; nil: no review is sent
	ScoreMin         *float64
	ScoreMax         *float64
}

// Filter narrows the list; empty fields do not.
type Filter struct {
	Call     call.ID
	Status   []proposal.Status
	Province string // code
	Kind     string // of organisation
	Text     string // words of the reference, title or organisation, with or without accents
	Sort     Sort
	Up       bool // smallest first, against what the sort does by itself
}

// Sort is an order of the list. Each ends in the id, so that it is total and a
// page begins where the one before ended.
type Sort string

// The sorts.
const (
	Newest Sort = "newest"
	Score  Sort = "score"
	Amount Sort = "amount"
	Title  Sort = "title"
)

// order is the expression a sort goes by, as its indexes have it, and the type
// that a cursor holds of it; key is its value in a cursor, if it is one.
type order struct {
	by, as string
	key    func(written string) (string, bool)
}

var sorts = map[Sort]order{
	Newest: {`p.submitted_at`, `timestamptz`, instantKey},
	Score:  {`coalesce(p.score_mean, -1)`, `numeric`, scoreKey},
	Amount: {`p.amount_asked`, `bigint`, amountKey},
	Title:  {`p.title collate "vi-x-icu"`, `text`, titleKey},
}

// PageSize is how many lines a page of a list has.
const PageSize = 25

// countCap is how far a list counts what no tally holds; beyond it says "more
// than", and a search counts as one for a common word.
const countCap = 1000

// Page is one page of a list.
type Page struct {
	Lines []Line
	First int    // the number of its first line, 1 at the beginning; 0: not known
	Prev  string // cursor of the page before; empty: there is none
	Next  string // cursor of the page after
	Total int
	More  bool // there are more than Total
}

// List returns the page of what viewer's desk holds under f that begins after
// cursor, or ends before it if back.
func List(ctx context.Context, db pg.DB, viewer people.ID, f Filter, cursor string, back bool) (Page, error) {
	p := Page{}
	var err error
	if p.Total, p.More, err = count(ctx, db, viewer, f); err != nil {
		return p, err
	}
	if p.Total == 0 {
		return p, nil
	}
	q := f.query(viewer, p.More)
	beyond := q.from(f, cursor, back)
	// The statement is planned for these very values (exec mode "cache describe"):
	// which index serves depends on them.
	args := []any{pgx.QueryExecModeCacheDescribe, q.args}
	lines, err := pg.All[keyed](ctx, db, q.lines(f, back, PageSize+1), args...)
	if err != nil {
		return Page{}, fmt.Errorf("listing the desk: %w", err)
	}
	p.cut(lines, beyond, back)
	return p, nil
}

// keyed is a line with what its cursor is made of.
type keyed struct {
	Line
	SortKey string
}

// cut makes a page of one line more than it shows; that line only tells that
// there are others.
func (p *Page) cut(lines []keyed, beyond, back bool) {
	more := len(lines) > PageSize
	lines = lines[:min(len(lines), PageSize)]
	if back {
		slices.Reverse(lines)
	}
	for _, l := range lines {
		p.Lines = append(p.Lines, l.Line)
	}
	if len(lines) == 0 {
		return
	}
	if beyond && !back || back && more {
		p.Prev = lines[0].cursor()
	}
	if more && !back || back {
		p.Next = lines[len(lines)-1].cursor()
	}
	if !beyond && !back {
		p.First = 1
	}
}

func (k keyed) cursor() string { return ref.Of(k.ID) + k.SortKey }

// All yields every line under f in its order, as the database sends them, for
// exports: what the list shows, whole, without holding it.
func All(ctx context.Context, db pg.DB, viewer people.ID, f Filter) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		q := f.query(viewer, false)
		rows, err := db.Query(ctx, q.lines(f, false, 0), pgx.QueryExecModeCacheDescribe, q.args)
		if err != nil {
			yield(Line{}, fmt.Errorf("exporting the desk: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			l, err := pgx.RowToStructByName[keyed](rows)
			if !yield(l.Line, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Line{}, fmt.Errorf("exporting the desk: %w", err))
		}
	}
}

// query is a filter as SQL: fixed clauses of ours, values as arguments.
type query struct {
	where []string
	args  pgx.NamedArgs
}

// query narrows by f. Words that are rare are looked up in the index on the
// folded text; where they are common, a page is sooner found by walking the
// index of its sort and looking at each line, so they are put in a way that
// the index on the text cannot serve: PostgreSQL takes words for independent
// of each other and would expect a handful where there are thousands.
func (f Filter) query(viewer people.ID, common bool) *query {
	q := &query{args: pgx.NamedArgs{"viewer": viewer}}
	if f.Call != 0 {
		q.and(`p.call_id = @call`, "call", f.Call)
	}
	switch len(f.Status) {
	case 0:
	case 1:
		q.and(`p.status = @status`, "status", f.Status[0])
	default:
		q.and(`p.status = any(@status)`, "status", f.Status)
	}
	if f.Province != "" {
		q.and(`p.province_code = @province`, "province", f.Province)
	}
	if f.Kind != "" {
		q.and(`p.organisation_kind = @kind`, "kind", f.Kind)
	}
	for i, word := range f.searched() {
		name := "word" + strconv.Itoa(i)
		if common || i >= lookedUp {
			q.and(`position(@`+name+` in p.search_key) > 0`, name, word)
		} else {
			q.and(`p.search_key like '%' || @`+name+` || '%'`, name, word) // a key has no % and no _
		}
	}
	return q
}

// lookedUp is how many words of a search the index is asked for. Each costs a
// walk through all that have it, and after the longest few the rest no longer
// narrow what must be read.
const lookedUp = 4

// searched is the words that are searched for, each once, the longest first:
// long words are rarer.
func (f Filter) searched() []string {
	all := strings.Fields(viet.Key(f.Text))
	slices.Sort(all)
	all = slices.Compact(all)
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

func (q *query) and(clause, name string, value any) {
	q.where = append(q.where, clause)
	q.args[name] = value
}

// from adds where the page begins, and reports whether that is not the
// beginning. A cursor that is none of ours is the beginning.
func (q *query) from(f Filter, cursor string, back bool) (beyond bool) {
	if len(cursor) < len(ref.Of(int64(0))) {
		return false
	}
	cut := len(ref.Of(int64(0)))
	id, err := ref.Parse[proposal.ID](cursor[:cut])
	if err != nil {
		return false // an address somebody cut short shows the first page
	}
	s := f.sort()
	key, ok := s.key(cursor[cut:])
	if !ok {
		return false // nor does one that somebody wrote, or took from another sort
	}
	side := `<`
	if f.rising() != back {
		side = `>`
	}
	q.and(`(`+s.by+`, p.id) `+side+` (@key::`+s.as+`, @id)`, "id", id)
	q.args["key"] = key
	return true
}

func (f Filter) sort() order {
	if s, ok := sorts[f.Sort]; ok {
		return s
	}
	return sorts[Newest]
}

// rising reports whether the order is smallest first: titles are by themselves.
func (f Filter) rising() bool { return f.Up != (f.Sort == Title) }

// lines is the statement that reads the list; limit 0 reads all of it.
func (q *query) lines(f Filter, back bool, limit int) string {
	s, way := f.sort(), ` desc`
	if f.rising() != back {
		way = ``
	}
	sql := `
		select p.id, p.call_id, p.reference, p.title, p.organisation_name, p.organisation_kind, p.province_code, p.status, p.amount_asked, p.months,
		       p.submitted_at, p.reviews_assigned, p.reviews_sent, p.score_mean::float8 as score_mean, p.score_min::float8 as score_min,
		       p.score_max::float8 as score_max, (` + s.by + `)::text as sort_key
		from visible.desk(@viewer) p` + q.clauses() + `
		order by ` + s.by + way + `, p.id` + way
	if limit > 0 {
		sql += ` limit ` + strconv.Itoa(limit)
	}
	return sql
}

func (q *query) clauses() string {
	if len(q.where) == 0 {
		return ``
	}
	return ` where ` + strings.Join(q.where, ` and `)
}

// Count is how many proposals of a call stand at a status.
type Count struct {
	CallID call.ID
	Status proposal.Status
	N      int
}

// Counts says how many proposals stand where on viewer's desk, from tallies
// that are kept as they change: it costs the same however many there are.
func Counts(ctx context.Context, db pg.DB, viewer people.ID) ([]Count, error) {
	list, err := pg.All[Count](ctx, db, `select call_id, status, n::int from visible.desk_counts($1) order by call_id, status`, viewer)
	if err != nil {
		return nil, fmt.Errorf("counting the desk: %w", err)
	}
	return list, nil
}

// count says how many lines f has: exactly where the tallies know, otherwise up
// to a cap.
func count(ctx context.Context, db pg.DB, viewer people.ID, f Filter) (n int, more bool, err error) {
	if f.Province == "" && f.Kind == "" && viet.Key(f.Text) == "" {
		all, err := Counts(ctx, db, viewer)
		for _, c := range all {
			if (f.Call == 0 || c.CallID == f.Call) && (len(f.Status) == 0 || slices.Contains(f.Status, c.Status)) {
				n += c.N
			}
		}
		return n, false, err
	}
	q := f.query(viewer, false)
	n, err = pg.Value[int](ctx, db, `select count(*)::int from (select from visible.desk(@viewer) p`+q.clauses()+` limit `+strconv.Itoa(countCap+1)+`) capped`,
		pgx.QueryExecModeCacheDescribe, q.args)
	if err != nil {
		return 0, false, fmt.Errorf("counting the desk: %w", err)
	}
	return min(n, countCap), n > countCap, nil
}
