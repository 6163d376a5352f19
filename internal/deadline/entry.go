package deadline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"daubang/internal/call"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Entry is an extension as an officer types it: all text, so that what cannot be
// read is shown again as it was.
type Entry struct {
	Scope         string
	Provinces     []string // codes
	Communes      string   // a line each: "Xã Đồng Văn" or "Đồng Văn, Tuyên Quang"
	Organisations string   // a line each: tax code or name
	ClosesOn      string
	ClosesClock   string
	Reason        string
}

// Limits of an extension.
const (
	MaxReason = 1000 // characters
	MaxLines  = 60   // of places or organisations
	maxAhead  = 366 * 24 * time.Hour
)

// content is an entry that was understood.
type content struct {
	whole         bool
	provinces     []string
	communes      []string
	organisations []organisation.ID
	closesAt      time.Time
	reason        string
}

// read makes content of an entry for a call and notes what is wrong, by the
// controls of its page.
func (e Entry) read(ctx context.Context, db pg.DB, viewer people.ID, c call.Call, at time.Time) (content, error) {
	wrong := problem.Invalid{}
	out := content{reason: e.Reason}
	var ok bool
	switch out.closesAt, ok = viet.ParseInstant(e.ClosesOn, e.ClosesClock); {
	case !ok:
		wrong.Add("closes_on", "deadline.wrong.closes_on")
	case !out.closesAt.After(c.ClosesAt):
		wrong.Add("closes_on", "deadline.wrong.not_later", words.Pair{Vi: viet.Instant(c.ClosesAt), En: viet.InstantEn(c.ClosesAt)})
	case !out.closesAt.After(at):
		wrong.Add("closes_on", "deadline.wrong.past")
	case out.closesAt.Sub(at) > maxAhead:
		wrong.Add("closes_on", "deadline.wrong.far")
	}
	if n := viet.CountChars(e.Reason); n == 0 {
		wrong.Add("reason", "deadline.wrong.reason")
	} else if n > MaxReason {
		wrong.Add("reason", "deadline.wrong.long", MaxReason, n-MaxReason)
	}
	var err error
	switch Scope(e.Scope) {
	case Whole:
		out.whole = true
	case Places:
		err = e.readPlaces(ctx, db, at, &out, wrong)
	case Organisations:
		err = e.readOrganisations(ctx, db, viewer, &out, wrong)
	default:
		wrong.Add("scope", "deadline.wrong.scope")
	}
	if err == nil {
		err = out.checkLater(ctx, db, viewer, c, wrong)
	}
	if err != nil {
		return out, err
	}
	return out, wrong.OrNil()
}

// checkLater refuses a deadline that some of those named already have a later
// one than: it would take nothing from them, and its letter would say it did.
func (c content) checkLater(ctx context.Context, db pg.DB, viewer people.ID, of call.Call, wrong problem.Invalid) error {
	if len(wrong) > 0 || c.whole {
		return nil
	}
	inForce, err := pg.Value[*time.Time](ctx, db, `
		select greatest(
		  (select max(e.closes_at) from visible.extensions($1) e
		   where e.call_id = $2 and e.confirmed_at is not null and (e.provinces && $3 or e.communes && $4 or e.organisations && $5)),
		  (select max(visible.closing($1, $2, named)) from unnest($5::bigint[]) named))`,
		viewer, of.ID, orEmpty(c.provinces), orEmpty(c.communes), orEmpty(c.organisations))
	if err != nil {
		return fmt.Errorf("asking which deadline is in force: %w", err)
	}
	if inForce != nil && !c.closesAt.After(*inForce) {
		wrong.Add("closes_on", "deadline.wrong.later_already", words.Pair{Vi: viet.Until(*inForce), En: viet.UntilEn(*inForce)})
	}
	return nil
}

func lines(s string) []string {
	var all []string
	for line := range strings.Lines(s) {
		if line = viet.Clean(line); line != "" && !slices.Contains(all, line) {
			all = append(all, line)
		}
	}
	return all
}

func (e Entry) readPlaces(ctx context.Context, db pg.DB, at time.Time, out *content, wrong problem.Invalid) error {
	provinces, err := place.Provinces(ctx, db, at)
	if err != nil {
		return err
	}
	for _, code := range e.Provinces {
		if !slices.ContainsFunc(provinces, func(p place.Place) bool { return p.Code == code }) {
			wrong.Add("provinces", "deadline.wrong.choice")
		} else if !slices.Contains(out.provinces, code) {
			out.provinces = append(out.provinces, code)
		}
	}
	typed := lines(e.Communes)
	if len(typed) > MaxLines {
		wrong.Add("communes", "deadline.wrong.lines", MaxLines)
		return nil
	}
	for _, line := range typed {
		if err := readCommune(ctx, db, line, out, wrong); err != nil {
			return err
		}
	}
	if len(out.provinces)+len(out.communes) == 0 {
		wrong.Add("provinces", "deadline.wrong.places")
	}
	return nil
}

// readCommune finds the commune that a line means: its name, and the province
// after a comma where several share it.
func readCommune(ctx context.Context, db pg.DB, line string, out *content, wrong problem.Invalid) error {
	name, province, _ := strings.Cut(line, ",")
	found, err := place.Find(ctx, db, name, 40)
	if err != nil {
		return fmt.Errorf("finding %q: %w", line, err)
	}
	key, in := viet.Key(name), viet.Key(province)
	var fits []place.Found
	for _, f := range found {
		if f.Level == place.Commune && (viet.Key(f.Name) == key || viet.Key(f.FullName) == key) && strings.Contains(" "+viet.Key(f.ProvinceName), in) {
			fits = append(fits, f)
		}
	}
	switch len(fits) {
	case 0:
		wrong.Add("communes", "deadline.wrong.commune", line)
	case 1:
		if !slices.Contains(out.communes, fits[0].Code) {
			out.communes = append(out.communes, fits[0].Code)
		}
	default:
		var names []string
		for _, f := range fits[:min(len(fits), 6)] {
			names = append(names, f.FullName+", "+f.ProvinceName)
		}
		wrong.Add("communes", "deadline.wrong.commune_several", line, strings.Join(names, "; "))
	}
	return nil
}

func (e Entry) readOrganisations(ctx context.Context, db pg.DB, viewer people.ID, out *content, wrong problem.Invalid) error {
	typed := lines(e.Organisations)
	switch {
	case len(typed) == 0:
		wrong.Add("organisations", "deadline.wrong.organisations")
	case len(typed) > MaxLines:
		wrong.Add("organisations", "deadline.wrong.lines", MaxLines)
		return nil
	}
	for _, line := range typed {
		fits, err := organisationsNamed(ctx, db, viewer, line)
		if err != nil {
			return err
		}
		switch len(fits) {
		case 0:
			wrong.Add("organisations", "deadline.wrong.organisation", line)
		case 1:
			if !slices.Contains(out.organisations, fits[0].ID) {
				out.organisations = append(out.organisations, fits[0].ID)
			}
		default:
			var names []string
			for _, f := range fits[:min(len(fits), 6)] {
				names = append(names, f.said())
			}
			wrong.Add("organisations", "deadline.wrong.organisation_several", line, strings.Join(names, "; "))
		}
	}
	return nil
}

type named struct {
	ID      organisation.ID
	NameVi  string
	TaxCode string
	Exact   bool
}

func (n named) said() string {
	if n.TaxCode == "" {
		return n.NameVi
	}
	return n.NameVi + " (" + viet.FormatTaxCode(n.TaxCode) + ")"
}

// organisationsNamed are those that a line may mean: by tax code, by their whole
// name, or where none has it, by a part of what they are found by.
func organisationsNamed(ctx context.Context, db pg.DB, viewer people.ID, line string) ([]named, error) {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, line)
	rows, err := pg.All[named](ctx, db, `
		select o.id, o.name_vi, o.tax_code, coalesce(o.tax_code = nullif($3, '') or lower(o.name_vi) = lower($4), false) as exact
		from visible.organisations($1) o
		where o.tax_code = nullif($3, '') or lower(o.name_vi) = lower($4) or ($2 <> '' and o.search_key like '%' || $2 || '%')
		order by 4 desc, o.name_vi collate "vi-x-icu", o.id limit 20`, viewer, viet.Key(line), digits, line)
	if err != nil {
		return nil, fmt.Errorf("finding organisation %q: %w", line, err)
	}
	if i := slices.IndexFunc(rows, func(n named) bool { return !n.Exact }); i > 0 {
		rows = rows[:i]
	}
	return rows, nil
}
