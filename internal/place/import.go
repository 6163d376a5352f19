package place

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

// unitTypes by level.
var unitTypes = map[Level][]string{
	Province: {"tinh", "thanh_pho_tw"},
	District: {"quan", "huyen", "thi_xa", "thanh_pho_tinh", "thanh_pho_thuoc_tp"},
	Commune:  {"xa", "phuong", "thi_tran", "dac_khu"},
}

// unit is a row of the file, as it goes to Postgres.
type unit struct {
	Level      Level      `json:"level"`
	Code       string     `json:"code"`
	ValidFrom  time.Time  `json:"valid_from"`
	ValidTo    *time.Time `json:"valid_to"`
	Name       string     `json:"name"`
	FullName   string     `json:"full_name"`
	NameEn     string     `json:"name_en"`
	ParentCode string     `json:"parent_code"`
	UnitType   string     `json:"unit_type"`
	SearchKey  string     `json:"search_key"`
}

// Import loads a file of units: code, name, full_name, name_en, level,
// parent_code, valid_from, valid_to, unit_type, search_key. It adds versions
// and changes those it knows by level, code and valid_from; it removes none. It
// refuses versions of one code that overlap, and a unit whose parent did not
// exist on its first day. The search key is made here; the file's is not read.
func Import(ctx context.Context, tx pgx.Tx, act audit.Act, name string, r io.Reader) (intake.Changes, error) {
	columns := []string{"code", "name", "full_name", "name_en", "level", "parent_code", "valid_from", "valid_to", "unit_type", "search_key"}
	table, err := intake.ReadTable(name, r, columns, readUnit)
	if err != nil {
		return intake.Changes{}, err
	}
	type version struct {
		level Level
		code  string
		from  time.Time
	}
	if err := intake.Unique(table, "code", func(u unit) version { return version{u.Level, u.Code, u.ValidFrom} }); err != nil {
		return intake.Changes{}, err
	}
	written, err := pg.Values[bool](ctx, tx, `
		insert into places as p (level, code, valid_from, valid_to, name, full_name, name_en, parent_code, unit_type, search_key)
		select u.level, u.code, u.valid_from, u.valid_to, u.name, u.full_name, u.name_en, u.parent_code, u.unit_type, u.search_key
		from jsonb_to_recordset($1::jsonb) as u (level smallint, code text, valid_from date, valid_to date, name text, full_name text,
		     name_en text, parent_code text, unit_type text, search_key text)
		on conflict (level, code, valid_from) do update
		set valid_to = excluded.valid_to, name = excluded.name, full_name = excluded.full_name, name_en = excluded.name_en,
		    parent_code = excluded.parent_code, unit_type = excluded.unit_type, search_key = excluded.search_key
		where (p.valid_to, p.name, p.full_name, p.name_en, p.parent_code, p.unit_type, p.search_key) is distinct from
		      (excluded.valid_to, excluded.name, excluded.full_name, excluded.name_en, excluded.parent_code, excluded.unit_type, excluded.search_key)
		returning p.xmax = 0`, table.Rows) // no row before this one: it is new
	if err != nil {
		return intake.Changes{}, fmt.Errorf("merging places: %w", err)
	}
	if err := checkVersions(ctx, tx, table); err != nil {
		return intake.Changes{}, err
	}
	return intake.Note(ctx, tx, act, "places", name, intake.Count(len(table.Rows), written))
}

func readUnit(r *intake.Row) unit {
	u := unit{
		Level:      Level(r.Int("level", 1, 3)), //nolint:gosec // from 1 to 3
		Code:       r.Need("code"),
		ValidTo:    r.Date("valid_to"),
		Name:       r.Need("name"),
		FullName:   r.Need("full_name"),
		NameEn:     r.Text("name_en"),
		ParentCode: r.Text("parent_code"),
	}
	u.UnitType = r.OneOf("unit_type", unitTypes[u.Level]...)
	u.SearchKey = viet.Key(u.FullName)
	if from := r.Date("valid_from"); from != nil {
		u.ValidFrom = *from
	}
	if u.ValidTo != nil && !u.ValidTo.After(u.ValidFrom) {
		r.Refuse("valid_to", "place.ends_before_start")
	}
	if (u.Level == Province) != (u.ParentCode == "") {
		r.Refuse("parent_code", "place.parent_needed")
	}
	return u
}

// checkVersions looks at what now stands, the file and what was there before.
func checkVersions(ctx context.Context, tx pgx.Tx, table intake.Table[unit]) error {
	type fault struct {
		Row    int
		Column string
		Other  string
	}
	faults, err := pg.All[fault](ctx, tx, `
		with mine as (
		  select (n - 1)::int as row, (u->>'level')::smallint as level, u->>'code' as code, (u->>'valid_from')::date as valid_from,
		         coalesce((u->>'valid_to')::date, 'infinity') as valid_to, u->>'parent_code' as parent_code
		  from jsonb_array_elements($1::jsonb) with ordinality as e (u, n)
		)
		select m.row, 'valid_from' as column, p.full_name as other
		from mine m
		join places p on p.level = m.level and p.code = m.code and p.valid_from <> m.valid_from
		 and p.valid_from < m.valid_to and coalesce(p.valid_to, 'infinity') > m.valid_from
		union all
		select m.row, 'parent_code', m.parent_code
		from mine m
		where m.level > 1 and not exists (
		  select from places p
		  where p.code = m.parent_code and p.level < m.level
		    and p.valid_from <= m.valid_from and coalesce(p.valid_to, 'infinity') > m.valid_from)
		order by 1 limit 1`, table.Rows)
	if err != nil {
		return fmt.Errorf("checking places: %w", err)
	}
	if len(faults) == 0 {
		return nil
	}
	f, key := faults[0], "place.parent_absent"
	if f.Column == "valid_from" {
		key = "place.overlaps"
	}
	return table.Refuse(f.Row, f.Column, key, f.Other)
}

// succession is a row of the file of successions.
type succession struct {
	OldLevel Level     `json:"old_level"`
	OldCode  string    `json:"old_code"`
	NewLevel Level     `json:"new_level"`
	NewCode  string    `json:"new_code"`
	Since    time.Time `json:"since"`
	Kind     string    `json:"kind"`
}

// ImportSuccessions loads a file of what became of which unit: old_level,
// old_code, new_level, new_code, since, kind (whole, part). It refuses a new
// unit that did not exist on that day.
func ImportSuccessions(ctx context.Context, tx pgx.Tx, act audit.Act, name string, r io.Reader) (intake.Changes, error) {
	columns := []string{"old_level", "old_code", "new_level", "new_code", "since", "kind"}
	table, err := intake.ReadTable(name, r, columns, func(r *intake.Row) succession {
		return succession{
			OldLevel: Level(r.Int("old_level", 1, 3)), //nolint:gosec // from 1 to 3
			OldCode:  r.Need("old_code"),
			NewLevel: Level(r.Int("new_level", 1, 3)), //nolint:gosec // from 1 to 3
			NewCode:  r.Need("new_code"),
			Since:    r.NeedDate("since"),
			Kind:     r.OneOf("kind", "whole", "part"),
		}
	})
	if err != nil {
		return intake.Changes{}, err
	}
	if err := intake.Unique(table, "new_code", func(s succession) succession { s.Kind = ""; return s }); err != nil {
		return intake.Changes{}, err
	}
	absent, err := pg.Values[int](ctx, tx, `
		select (n - 1)::int
		from jsonb_array_elements($1::jsonb) with ordinality as e (s, n)
		where not exists (
		  select from places p
		  where p.level = (s->>'new_level')::smallint and p.code = s->>'new_code'
		    and p.valid_from <= (s->>'since')::date and coalesce(p.valid_to, 'infinity') > (s->>'since')::date)
		order by 1 limit 1`, table.Rows)
	if err != nil {
		return intake.Changes{}, fmt.Errorf("checking successions: %w", err)
	}
	if len(absent) > 0 {
		return intake.Changes{}, table.Refuse(absent[0], "new_code", "place.successor_absent", table.Rows[absent[0]].NewCode)
	}
	written, err := pg.Values[bool](ctx, tx, `
		insert into place_successions as p (old_level, old_code, new_level, new_code, since, kind)
		select s.old_level, s.old_code, s.new_level, s.new_code, s.since, s.kind
		from jsonb_to_recordset($1::jsonb) as s (old_level smallint, old_code text, new_level smallint, new_code text, since date, kind text)
		on conflict (old_level, old_code, since, new_level, new_code) do update set kind = excluded.kind where p.kind <> excluded.kind
		returning p.xmax = 0`, table.Rows)
	if err != nil {
		return intake.Changes{}, fmt.Errorf("merging successions: %w", err)
	}
	return intake.Note(ctx, tx, act, "place_successions", name, intake.Count(len(table.Rows), written))
}
