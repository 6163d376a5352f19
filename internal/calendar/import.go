package calendar

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/intake"
	"daubang/internal/pg"
)

// holiday is a row of the file, as it goes to Postgres.
type holiday struct {
	Date   time.Time `json:"date"`
	NameVi string    `json:"name_vi"`
	NameEn string    `json:"name_en"`
	Kind   string    `json:"kind"`
	Status string    `json:"status"`
}

// Import loads a file of holidays: date, name_vi, name_en, kind, status. Days
// are known by their date; none is removed. It refuses a working day in exchange
// that falls on Monday to Friday.
func Import(ctx context.Context, tx pgx.Tx, act audit.Act, name string, r io.Reader) (intake.Changes, error) {
	table, err := intake.ReadTable(name, r, []string{"date", "name_vi", "name_en", "kind", "status"}, readHoliday)
	if err != nil {
		return intake.Changes{}, err
	}
	if err := intake.Unique(table, "date", func(h holiday) time.Time { return h.Date }); err != nil {
		return intake.Changes{}, err
	}
	written, err := pg.Values[bool](ctx, tx, `
		insert into holidays as h (date, name_vi, name_en, kind, status)
		select d.date, d.name_vi, d.name_en, d.kind, d.status
		from jsonb_to_recordset($1::jsonb) as d (date date, name_vi text, name_en text, kind text, status text)
		on conflict (date) do update
		set name_vi = excluded.name_vi, name_en = excluded.name_en, kind = excluded.kind, status = excluded.status
		where (h.name_vi, h.name_en, h.kind, h.status) is distinct from (excluded.name_vi, excluded.name_en, excluded.kind, excluded.status)
		returning h.xmax = 0`, table.Rows)
	if err != nil {
		return intake.Changes{}, fmt.Errorf("merging holidays: %w", err)
	}
	return intake.Note(ctx, tx, act, "holidays", name, intake.Count(len(table.Rows), written))
}

func readHoliday(r *intake.Row) holiday {
	h := holiday{
		Date:   r.NeedDate("date"),
		NameVi: r.Need("name_vi"),
		NameEn: r.Text("name_en"),
		Kind:   r.OneOf("kind", string(Holiday), string(InLieu), string(SwapOff), string(SwapWork)),
		Status: r.OneOf("status", "statutory", "secondary_source", "pending_official_notice", "unverified"),
	}
	if h.Kind == string(SwapWork) && h.Date.Weekday() != time.Saturday && h.Date.Weekday() != time.Sunday {
		r.Refuse("kind", "calendar.works_anyway")
	}
	return h
}
