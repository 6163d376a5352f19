// Package place knows the administrative units of Viet Nam, each with the days
// on which it existed under that name.
//
// A code alone names nothing: the same code is one commune until 30/6/2025 and
// another one after. What must stay true later keeps the id of the version, or
// level, code and a date. Units are data (import places FILE), never code.
package place

import (
	"context"
	"fmt"
	"time"

	"daubang/internal/pg"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// ID names one version of a unit.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// Level is a tier of administration.
type Level int16

// The levels. Districts ended on 30/6/2025.
const (
	Province Level = 1
	District Level = 2
	Commune  Level = 3
)

// Place is a unit as it was from ValidFrom until the day before ValidTo.
type Place struct {
	ID         ID
	Level      Level
	Code       string
	ValidFrom  time.Time  // the zero time: since before our list begins
	ValidTo    *time.Time // the first day it was no more; nil: it exists
	Name       string     // Ba Đình
	FullName   string     // Phường Ba Đình
	ParentCode string     // of the unit above it; empty for provinces
	UnitType   string
}

// Title is the full name in both languages: Phường Ba Đình, Ba Đình Ward. The
// Vietnamese letters stay; only the kind of unit is translated.
func (p Place) Title() words.Pair {
	key := "place.full." + p.UnitType
	if p.Name != "" && p.Name[0] >= '0' && p.Name[0] <= '9' { // Quận 1, Phường 12; no other kind is numbered
		key = "place.numbered." + p.UnitType
	}
	return words.Pair{Vi: p.FullName, En: words.T(words.En, key, p.Name)}
}

// On reports whether the version is the valid one on the day of t.
func (p Place) On(t time.Time) bool {
	day := viet.Day(t)
	return !day.Before(p.ValidFrom) && (p.ValidTo == nil || day.Before(*p.ValidTo))
}

const columns = `select id, level, code, valid_from, valid_to, name, full_name, parent_code, unit_type from visible.places`

// Provinces lists those that existed on a day, in the order of the alphabet.
func Provinces(ctx context.Context, db pg.DB, on time.Time) ([]Place, error) {
	return pg.All[Place](ctx, db, columns+`
		where level = 1 and valid_from <= $1 and coalesce(valid_to, 'infinity') > $1
		order by name collate "vi-x-icu", code`, viet.Day(on))
}

// Communes lists those of a province that existed on a day; before 1/7/2025,
// those of its districts.
func Communes(ctx context.Context, db pg.DB, provinceCode string, on time.Time) ([]Place, error) {
	return pg.All[Place](ctx, db, columns+`
		where level = 3 and valid_from <= $2 and coalesce(valid_to, 'infinity') > $2
		  and (parent_code = $1 or parent_code in (
		       select d.code from visible.places d
		       where d.level = 2 and d.parent_code = $1 and d.valid_from <= $2 and coalesce(d.valid_to, 'infinity') > $2))
		order by name collate "vi-x-icu", code`, provinceCode, viet.Day(on))
}

// Get returns the unit that had the code on a day.
func Get(ctx context.Context, db pg.DB, level Level, code string, on time.Time) (Place, error) {
	return pg.One[Place](ctx, db, columns+`
		where level = $1 and code = $2 and valid_from <= $3 and coalesce(valid_to, 'infinity') > $3`, level, code, viet.Day(on))
}

// Latest returns the last version a code ever had, whether it exists or not.
func Latest(ctx context.Context, db pg.DB, level Level, code string) (Place, error) {
	return pg.One[Place](ctx, db, columns+`
		where level = $1 and code = $2 order by valid_from desc limit 1`, level, code)
}

// Version returns one version by its id.
func Version(ctx context.Context, db pg.DB, id ID) (Place, error) {
	return pg.One[Place](ctx, db, columns+` where id = $1`, id)
}

// Names maps the codes of a level to their full names on a day, for pages that
// hold codes only.
func Names(ctx context.Context, db pg.DB, level Level, codes []string, on time.Time) (map[string]words.Pair, error) {
	list, err := pg.All[Place](ctx, db, columns+`
		where level = $1 and code = any($2) and valid_from <= $3 and coalesce(valid_to, 'infinity') > $3`, level, codes, viet.Day(on))
	if err != nil {
		return nil, fmt.Errorf("naming places: %w", err)
	}
	names := make(map[string]words.Pair, len(list))
	for _, p := range list {
		names[p.Code] = p.Title()
	}
	return names, nil
}

// Today lists every province and commune there is now with its province, in the
// order in which people read them: province by province.
func Today(ctx context.Context, db pg.DB) ([]Found, error) {
	units, err := pg.All[Found](ctx, db, `
		select p.id, p.level, p.code, p.valid_from, p.valid_to, p.name, p.full_name, p.parent_code, p.unit_type,
		       coalesce(v.code, p.code) as province_code, coalesce(v.full_name, p.full_name) as province_name
		from visible.places p
		left join visible.places v on p.level = 3 and v.level = 1 and v.code = p.parent_code and v.valid_to is null
		where p.valid_to is null and p.level <> 2
		order by coalesce(v.name, p.name) collate "vi-x-icu", p.level, p.name collate "vi-x-icu", p.code`)
	if err != nil {
		return nil, fmt.Errorf("listing places: %w", err)
	}
	return units, nil
}

// Found is a unit with the province that tells it from its namesakes.
type Found struct {
	Place
	ProvinceCode string
	ProvinceName string // full name; of a province, its own
}

// Find looks for units of today by any part of their name, with or without
// marks. Those written exactly so come first, then those that begin so; at most
// limit of them. Many communes share a name: always show the province.
func Find(ctx context.Context, db pg.DB, text string, limit int) ([]Found, error) {
	key := viet.Key(text)
	if key == "" {
		return nil, nil
	}
	return pg.All[Found](ctx, db, `
		select p.id, p.level, p.code, p.valid_from, p.valid_to, p.name, p.full_name, p.parent_code, p.unit_type,
		       coalesce(v.code, p.code) as province_code, coalesce(v.full_name, p.full_name) as province_name
		from visible.places p
		left join visible.places v on p.level = 3 and v.level = 1 and v.code = p.parent_code and v.valid_to is null
		where p.valid_to is null and p.level <> 2
		  and (p.search_key like $1 || '%' or p.search_key like '% ' || $1 || '%')
		order by case when lower(p.name) = lower($2) or lower(p.full_name) = lower($2) then 0
		              when p.search_key = $1 or p.search_key like '% ' || $1 then 1
		              when p.search_key like $1 || '%' then 2
		              else 3 end,
		         p.level, p.name collate "vi-x-icu", p.full_name collate "vi-x-icu", coalesce(v.name, '') collate "vi-x-icu", p.code
		limit $3`, key, viet.Clean(text), limit)
}

// Succession is what became of a unit that ended: one row per unit that has
// its ground now.
type Succession struct {
	Since        time.Time
	Kind         string // whole or part of the old unit went there
	Level        Level
	Code         string
	Name         string
	FullName     string
	UnitType     string
	ProvinceCode string
	ProvinceName string
	ProvinceBare string // without its kind: Ninh Bình
	ProvinceType string
}

// Province is the full name of its province in both languages.
func (s Succession) Province() words.Pair {
	return Place{Name: s.ProvinceBare, FullName: s.ProvinceName, UnitType: s.ProvinceType}.Title()
}

// Title is the full name of the successor in both languages.
func (s Succession) Title() words.Pair {
	return Place{Name: s.Name, FullName: s.FullName, UnitType: s.UnitType}.Title()
}

// Successors lists the units that have the ground of one that ended, by the
// names they had on the day they took over. They succeed to the ground, not to
// the tasks of its offices.
func Successors(ctx context.Context, db pg.DB, level Level, code string) ([]Succession, error) {
	return pg.All[Succession](ctx, db, `
		select s.since, s.kind, p.level, p.code, p.name, p.full_name, p.unit_type,
		       coalesce(v.code, p.code) as province_code, coalesce(v.full_name, p.full_name) as province_name,
		       coalesce(v.name, p.name) as province_bare, coalesce(v.unit_type, p.unit_type) as province_type
		from visible.place_successions s
		join visible.places p on p.level = s.new_level and p.code = s.new_code
		 and p.valid_from <= s.since and coalesce(p.valid_to, 'infinity') > s.since
		left join visible.places v on p.level = 3 and v.level = 1 and v.code = p.parent_code
		 and v.valid_from <= s.since and coalesce(v.valid_to, 'infinity') > s.since
		where s.old_level = $1 and s.old_code = $2
		order by s.since, p.code`, level, code)
}
