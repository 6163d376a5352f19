package letter

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/pg"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Line is a letter in a list.
type Line struct {
	ID          ID
	Kind        Kind
	Address     string
	ProposalID  int64  // 0: about none, or not the viewer's to know
	Reference   string // of that proposal
	State       State
	Subject     string // empty: not worded yet, or not the viewer's to read
	Tries       int
	LastError   string
	WithheldFor Reason
	QueuedAt    time.Time
	SentAt      *time.Time
	MaySend     bool // were it to fail, the viewer could send it again
}

// Letter is one letter, whole as far as its viewer may read it.
type Letter struct {
	Line
	Lang     words.Lang
	BodyText string
	Refs     map[string]any
	Whole    bool // the viewer may read it, not only that it was delivered
}

// Filter narrows the list; empty fields do not.
type Filter struct {
	State    State
	Kind     Kind
	Proposal int64
	Text     string // of the address, or words of the subject with or without accents
}

// PageSize is how many lines a page of the list has.
const PageSize = 25

// countCap is how far the list counts; beyond it says "more than".
const countCap = 1000

// Page is one page of the list, the newest first.
type Page struct {
	Lines    []Line
	Newer    string // cursor of the page before; empty: there is none
	Older    string // cursor of the page after
	Total    int
	More     bool // there are more than Total
	Sendable int  // failed ones under the filter that the viewer may send again, up to Total's cap
}

// List returns viewer's page of letters under f that begins after cursor, or
// ends before it if back. A cursor that is none of ours is the beginning.
func List(ctx context.Context, db pg.DB, viewer int64, f Filter, cursor string, back bool) (Page, error) {
	q := f.query(viewer)
	beyond := q.from(cursor, back)
	lines, err := pg.All[Line](ctx, db, q.lines(back), pgx.QueryExecModeCacheDescribe, q.args)
	if err != nil {
		return Page{}, fmt.Errorf("listing letters: %w", err)
	}
	p := Page{}
	p.cut(lines, beyond, back)
	return p, p.count(ctx, db, viewer, f)
}

// cut makes a page of one line more than it shows; that line only tells that
// there are others.
func (p *Page) cut(lines []Line, beyond, back bool) {
	more := len(lines) > PageSize
	p.Lines = lines[:min(len(lines), PageSize)]
	if back {
		slices.Reverse(p.Lines)
	}
	if len(p.Lines) == 0 {
		return
	}
	if beyond && !back || back && more {
		p.Newer = p.Lines[0].cursor()
	}
	if more && !back || back {
		p.Older = p.Lines[len(p.Lines)-1].cursor()
	}
}

func (p *Page) count(ctx context.Context, db pg.DB, viewer int64, f Filter) error {
	q := f.query(viewer)
	type counts struct{ N, Sendable int }
	n, err := pg.One[counts](ctx, db, `
		select count(*)::int as n, (count(*) filter (where c.state = 'failed' and c.may_send))::int as sendable
		from (select l.state, l.may_send from visible.letters(@viewer) l`+q.clauses()+` limit `+strconv.Itoa(countCap+1)+`) c`,
		pgx.QueryExecModeCacheDescribe, q.args)
	if err != nil {
		return fmt.Errorf("counting letters: %w", err)
	}
	p.Total, p.More, p.Sendable = min(n.N, countCap), n.N > countCap, n.Sendable
	return nil
}

func (l Line) cursor() string { return ref.Of(l.ID) + strconv.FormatInt(l.QueuedAt.UnixMicro(), 10) }

// query is a filter as SQL: fixed clauses of ours, values as arguments.
type query struct {
	where []string
	args  pgx.NamedArgs
}

func (f Filter) query(viewer int64) *query {
	q := &query{args: pgx.NamedArgs{"viewer": viewer}}
	if f.State != "" {
		q.and(`l.state = @state`, "state", f.State)
	}
	if f.Kind != "" {
		q.and(`l.kind = @kind`, "kind", f.Kind)
	}
	if f.Proposal != 0 {
		q.and(`l.proposal_id = @proposal`, "proposal", f.Proposal)
	}
	if key := viet.Key(f.Text); key != "" {
		// A key has no % and no _; an address is looked for as it is typed.
		q.and(`l.id in (
			select a.id from visible.letters(@viewer) a where lower(a.address) like '%' || @address || '%'
			union all
			select w.id from visible.letter_words(@viewer) w where w.search_key like '%' || @key || '%')`, "key", key)
		q.args["address"] = literal(strings.ToLower(strings.TrimSpace(f.Text)))
	}
	return q
}

// literal makes what stands for itself of text in a pattern.
func literal(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

func (q *query) and(clause, name string, value any) {
	q.where = append(q.where, clause)
	q.args[name] = value
}

// from adds where the page begins, and reports whether that is not the
// beginning.
func (q *query) from(cursor string, back bool) (beyond bool) {
	cut := len(ref.Of(ID(0)))
	if len(cursor) <= cut {
		return false
	}
	id, err := ref.Parse[ID](cursor[:cut])
	micro, numErr := strconv.ParseInt(cursor[cut:], 10, 64)
	if err != nil || numErr != nil || micro < 0 {
		return false
	}
	side := `<`
	if back {
		side = `>`
	}
	q.and(`(l.queued_at, l.id) `+side+` (@at, @id)`, "id", id)
	q.args["at"] = time.UnixMicro(micro)
	return true
}

func (q *query) clauses() string {
	if len(q.where) == 0 {
		return ``
	}
	return ` where ` + strings.Join(q.where, ` and `)
}

// lines is the statement that reads one page, and one line more. The proposals'
// references are looked up for these lines alone.
func (q *query) lines(back bool) string {
	way := ` desc`
	if back {
		way = ``
	}
	return `
		select l.id, l.kind, l.address, coalesce(l.proposal_id, 0) as proposal_id, coalesce(p.reference, '') as reference, l.state, l.subject, l.tries,
		       l.last_error, l.withheld_for, l.queued_at, l.sent_at, l.may_send
		from (select l.id, l.kind, l.address, l.proposal_id, l.state, l.subject, l.tries, l.last_error, l.withheld_for, l.queued_at, l.sent_at, l.may_send
		      from visible.letters(@viewer) l` + q.clauses() + `
		      order by l.queued_at` + way + `, l.id` + way + ` limit ` + strconv.Itoa(PageSize+1) + `) l
		left join visible.proposals(@viewer) p on p.id = l.proposal_id
		order by l.queued_at` + way + `, l.id` + way
}

// Get returns a letter as viewer may read it.
func Get(ctx context.Context, db pg.DB, viewer int64, id ID) (Letter, error) {
	l, err := pg.One[Letter](ctx, db, `
		select l.id, l.kind, l.address, coalesce(l.proposal_id, 0) as proposal_id, coalesce(p.reference, '') as reference, l.state, l.subject, l.tries,
		       l.last_error, l.withheld_for, l.queued_at, l.sent_at, l.may_send, l.locale as lang, l.body_text, l.refs, l.whole
		from visible.letters($1) l left join visible.proposals($1) p on p.id = l.proposal_id
		where l.id = $2`, viewer, id)
	if err != nil {
		return Letter{}, fmt.Errorf("finding letter %s: %w", id, err)
	}
	return l, nil
}

// LinkRef is the reference of the one-time link that a letter carries, for a
// demonstration without a mail server: whoever sees that there is such a letter
// may then follow it. Empty: it carries none.
func LinkRef(ctx context.Context, db pg.DB, viewer int64, id ID) (string, error) {
	name, err := pg.Value[string](ctx, db, `
		select coalesce(l.refs ->> 'token', l.refs ->> 'invitation', '') from letters l
		where l.id = $2 and l.id in (select v.id from visible.letters($1) v where v.id = $2)`, viewer, id)
	if err != nil {
		return "", fmt.Errorf("finding the link of letter %s: %w", id, err)
	}
	return name, nil
}
