package place

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"daubang/internal/pg"
	"daubang/internal/viet"
)

// Ref names one version of a unit for as long as anyone may read it, whatever
// database it stands in: level, code, and the first day of that version.
// "3-02860-2025-07-01".
type Ref string

// Ref is the unit's.
func (p Place) Ref() Ref {
	return Ref(strconv.Itoa(int(p.Level)) + "-" + p.Code + "-" + p.ValidFrom.Format(time.DateOnly))
}

// longestRef is more characters than any has.
const longestRef = 32

// Sound says that r can be one; whether there is such a unit it does not know.
func (r Ref) Sound() bool {
	level, rest, _ := strings.Cut(string(r), "-")
	code, day, ok := strings.Cut(rest, "-")
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return false
	}
	return ok && len(r) <= longestRef && (level == "1" || level == "3") && code != "" && !strings.ContainsFunc(code, func(r rune) bool { return !unicode.IsDigit(r) && !unicode.IsUpper(r) })
}

// Address is a unit with its province, by which people tell namesakes apart:
// Xã Tân Lập, Tỉnh Lào Cai.
func (f Found) Address() string {
	if f.Level == Province {
		return f.FullName
	}
	return f.FullName + ", " + f.ProvinceName
}

// Match looks up names that people typed, each the name of a unit of today with
// or without its kind and its province ("Tân Lập", "xã Tân Lập, Lào Cai"), with
// or without marks, or the unit's code ("02860", "15"; a spreadsheet may have
// taken the zeros before it away). For each it answers the units it can mean: one if it is
// plain, several if it is not, none if nothing is called so. Those that are
// spelt as typed come before those that only sound so; if there are any, they
// are the only ones.
func Match(ctx context.Context, db pg.DB, typed []string) (map[string][]Found, error) {
	keys, numbers := []string{}, []string{}
	for _, t := range typed {
		name, _ := parts(t)
		if c := codes(t); c != nil {
			numbers = append(numbers, c...)
		} else if k := viet.Key(name); k != "" {
			keys = append(keys, k)
		}
	}
	found := map[string][]Found{}
	if len(keys)+len(numbers) == 0 {
		return found, nil
	}
	units, err := pg.All[Found](ctx, db, `
		select p.id, p.level, p.code, p.valid_from, p.valid_to, p.name, p.full_name, p.parent_code, p.unit_type,
		       coalesce(v.code, p.code) as province_code, coalesce(v.full_name, p.full_name) as province_name
		from visible.places p
		left join visible.places v on p.level = 3 and v.level = 1 and v.code = p.parent_code and v.valid_to is null
		where p.valid_to is null and p.level <> 2
		  and (p.code = any($2) or exists (select from unnest($1::text[]) k where p.search_key = k or p.search_key like '% ' || k))
		order by p.level, coalesce(v.name, p.name) collate "vi-x-icu", p.full_name collate "vi-x-icu", p.code`, keys, numbers)
	if err != nil {
		return nil, fmt.Errorf("matching %d places: %w", len(keys), err)
	}
	for _, t := range typed {
		found[t] = meant(t, units)
	}
	return found, nil
}

// The digits of a code: two of a province, five of a commune.
const (
	provinceDigits = 2
	communeDigits  = 5
)

// codes are what was typed as the code of a unit: itself, or where a spreadsheet
// has taken the zeros before it away, what it can have been. It is empty for a
// name.
func codes(typed string) []string {
	c := viet.Clean(typed)
	if c == "" || len(c) > communeDigits || strings.Trim(c, "0123456789") != "" {
		return nil
	}
	if c[0] == '0' {
		return []string{c}
	}
	all := []string{strings.Repeat("0", communeDigits-len(c)) + c}
	if len(c) <= provinceDigits {
		all = append(all, strings.Repeat("0", provinceDigits-len(c))+c)
	}
	return all
}

// parts are the name of a unit and of what it lies in, as typed.
func parts(typed string) (name, in string) {
	name, in, _ = strings.Cut(viet.Clean(typed), ",")
	return strings.TrimSpace(name), strings.TrimSpace(in)
}

// meant are the units among all that a typed name can mean.
func meant(typed string, all []Found) []Found {
	if c := codes(typed); c != nil {
		return slices.DeleteFunc(slices.Clone(all), func(u Found) bool { return !slices.Contains(c, u.Code) })
	}
	name, in := parts(typed)
	is := func(said, name, full string) bool {
		key := viet.Key(said)
		return key == viet.Key(name) || key == viet.Key(full)
	}
	var list, spelt []Found
	for _, u := range all {
		if !is(name, u.Name, u.FullName) {
			continue
		}
		if in != "" && (u.Level == Province || !is(in, bare(u.ProvinceName), u.ProvinceName)) {
			continue
		}
		list = append(list, u)
		if low := strings.ToLower(name); low == strings.ToLower(u.Name) || low == strings.ToLower(u.FullName) {
			spelt = append(spelt, u)
		}
	}
	if len(spelt) > 0 {
		return spelt
	}
	return list
}

// bare is the full name of a province without its kind.
func bare(province string) string {
	for _, kind := range []string{"Tỉnh ", "Thành phố "} {
		if rest, ok := strings.CutPrefix(province, kind); ok {
			return rest
		}
	}
	return province
}

// ByRef finds the one that a ref names among units.
func ByRef(units []Found, r Ref) (Found, bool) {
	i := slices.IndexFunc(units, func(u Found) bool { return u.Ref() == r })
	if i < 0 {
		return Found{}, false
	}
	return units[i], true
}
