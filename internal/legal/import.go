package legal

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/intake"
	"daubang/internal/pg"
	"daubang/internal/viet"
)

// entry is a row of the file, as it goes to Postgres.
type entry struct {
	DocType    string     `json:"doc_type"`
	Number     string     `json:"number"`
	NumberKey  string     `json:"number_key"`
	Date       *time.Time `json:"date"`
	Issuer     string     `json:"issuer"`
	IssuerKey  string     `json:"issuer_key"`
	TitleVi    string     `json:"title_vi"`
	TitleEn    string     `json:"title_en"`
	Status     string     `json:"status"`
	StatusNote string     `json:"status_note"`
	Verified   string     `json:"verified"`
	Source     string     `json:"source"`
	SearchKey  string     `json:"search_key"`
}

// identity is what tells documents apart.
type identity struct {
	number, issuer string
	date           time.Time
}

func (e entry) identity() identity {
	id := identity{number: e.NumberKey, issuer: e.IssuerKey}
	if e.Date != nil {
		id.date = *e.Date
	}
	return id
}

func (e entry) keyed() entry {
	e.NumberKey = viet.DocumentKey(e.Number)
	e.IssuerKey = viet.Key(e.Issuer)
	e.SearchKey = viet.Key(e.DocType + " " + e.Number + " " + e.Issuer + " " + e.TitleVi + " " + e.TitleEn)
	return e
}

// Import loads a file of documents: doc_type, number, date, issuer,
// title_vi_short, title_en, status, status_note, verified, source. A document is
// known by its number, issuer and date; none is removed. It refuses one that is
// said to be verified and has no date.
func Import(ctx context.Context, tx pgx.Tx, act audit.Act, name string, r io.Reader) (intake.Changes, error) {
	columns := []string{"doc_type", "number", "date", "issuer", "title_vi_short", "title_en", "status", "status_note", "verified", "source"}
	table, err := intake.ReadTable(name, r, columns, readEntry)
	if err != nil {
		return intake.Changes{}, err
	}
	if err := intake.Unique(table, "number", entry.identity); err != nil {
		return intake.Changes{}, err
	}
	written, err := pg.Values[bool](ctx, tx, `
		insert into legal_documents as d (doc_type, number, number_key, date, issuer, issuer_key, title_vi, title_en, status, status_note,
		       verified, source, search_key)
		select e.doc_type, e.number, e.number_key, e.date, e.issuer, e.issuer_key, e.title_vi, e.title_en, e.status, e.status_note,
		       e.verified, e.source, e.search_key
		from jsonb_to_recordset($1::jsonb) as e (doc_type text, number text, number_key text, date date, issuer text, issuer_key text,
		     title_vi text, title_en text, status text, status_note text, verified text, source text, search_key text)
		on conflict (number_key, issuer_key, date) do update
		set doc_type = excluded.doc_type, number = excluded.number, issuer = excluded.issuer, title_vi = excluded.title_vi,
		    title_en = excluded.title_en, status = excluded.status, status_note = excluded.status_note, verified = excluded.verified,
		    source = excluded.source, search_key = excluded.search_key
		where (d.doc_type, d.number, d.issuer, d.title_vi, d.title_en, d.status, d.status_note, d.verified, d.source, d.search_key)
		      is distinct from (excluded.doc_type, excluded.number, excluded.issuer, excluded.title_vi, excluded.title_en, excluded.status,
		      excluded.status_note, excluded.verified, excluded.source, excluded.search_key)
		returning d.xmax = 0`, table.Rows)
	if err != nil {
		return intake.Changes{}, fmt.Errorf("merging legal documents: %w", err)
	}
	return intake.Note(ctx, tx, act, "legal_documents", name, intake.Count(len(table.Rows), written))
}

func readEntry(r *intake.Row) entry {
	e := entry{
		DocType:    r.Need("doc_type"),
		Number:     r.Need("number"),
		Date:       r.Date("date"),
		Issuer:     r.Need("issuer"),
		TitleVi:    r.Need("title_vi_short"),
		TitleEn:    r.Text("title_en"),
		Status:     r.OneOf("status", string(InForce), string(Ended), string(Replaced), string(Unknown)),
		StatusNote: r.Text("status_note"),
		Verified:   r.OneOf("verified", "yes", "number_only", "no"),
		Source:     r.Text("source"),
	}.keyed()
	if e.NumberKey == "" {
		r.Refuse("number", "legal.number_empty")
	}
	if e.Verified == "yes" && e.Date == nil {
		r.Refuse("date", "legal.date_needed")
	}
	return e
}

// Citation is a document as somebody cites it.
type Citation struct {
	DocType string
	Number  string
	Date    *time.Time
	Seen    bool // number and date were seen in a source
	Issuer  string
	TitleVi string
	TitleEn string
}

// Register finds the document that is cited, or adds it with its status
// unknown. One that is there stays as the register has it: a date that either
// side does not know is no difference, the hyphens of the number are none.
func Register(ctx context.Context, tx pgx.Tx, c Citation) (ID, error) {
	e := entry{
		DocType: c.DocType, Number: c.Number, Date: c.Date, Issuer: c.Issuer, TitleVi: c.TitleVi, TitleEn: c.TitleEn,
		Status: string(Unknown), Verified: "number_only",
	}.keyed()
	if c.Seen && c.Date != nil {
		e.Verified = "yes"
	}
	known, err := pg.Values[ID](ctx, tx, `
		select id from legal_documents
		where number_key = $1 and issuer_key = $2 and (date = $3 or date is null or $3::date is null)
		order by date is null, id limit 1`, e.NumberKey, e.IssuerKey, e.Date)
	if err != nil {
		return 0, fmt.Errorf("looking for %s: %w", c.Number, err)
	}
	if len(known) > 0 {
		return known[0], nil
	}
	id, err := pg.Value[ID](ctx, tx, `
		insert into legal_documents (doc_type, number, number_key, date, issuer, issuer_key, title_vi, title_en, status, verified, search_key)
		select e.doc_type, e.number, e.number_key, e.date, e.issuer, e.issuer_key, e.title_vi, e.title_en, e.status, e.verified, e.search_key
		from jsonb_to_record($1::jsonb) as e (doc_type text, number text, number_key text, date date, issuer text, issuer_key text,
		     title_vi text, title_en text, status text, verified text, search_key text)
		returning id`, e)
	if err != nil {
		return 0, fmt.Errorf("registering %s: %w", c.Number, err)
	}
	return id, nil
}
