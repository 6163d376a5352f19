package organisation

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Entry is an organisation as somebody writes it down: everything as typed, so
// that a page can give it back with what is wrong. Field names of the refusals
// are the names of the controls.
type Entry struct {
	Kind                string
	NameVi              string
	NameEn              string
	Abbreviation        string
	TaxCode             string
	Province            string // code
	Commune             string // its name, in any spelling that tells it from others
	Address             string
	Representative      string
	RepresentativeTitle string
	ContactName         string
	ContactPhone        string
	ContactEmail        string
	WomenLed            string // yes, no or nothing
	Papers              []PaperEntry
	Shown               []string // the papers that stood on the page; only these can be taken away
}

// PaperEntry is a legal paper as typed. A row with nothing in it is none.
type PaperEntry struct {
	Kind     string
	Number   string
	IssuedOn string
	Issuer   string
}

// MostPapers is how many legal papers an organisation may list.
const MostPapers = 8

// checked is an entry that was understood.
type checked struct {
	Details
	placeID      *place.ID
	provinceCode string
	papers       []Paper
	shown        []int64
}

// lengths of the texts, in characters.
const (
	nameMost = 200
	lineMost = 200
)

// check understands an entry, or says what is wrong with each field.
func (e Entry) check(ctx context.Context, db pg.DB, at time.Time) (checked, error) {
	wrong := problem.Invalid{}
	c := checked{Details: Details{Kind: Kind(e.Kind)}}
	if !slices.Contains(Kinds, c.Kind) {
		wrong.Add("kind", "organisation.kind_missing")
	}
	c.NameVi = line(wrong, "name_vi", e.NameVi, nameMost)
	if c.NameVi == "" {
		wrong.Add("name_vi", "organisation.name_missing")
	}
	c.NameEn = line(wrong, "name_en", e.NameEn, nameMost)
	c.Abbreviation = line(wrong, "abbreviation", e.Abbreviation, 40)
	c.Address = line(wrong, "address", e.Address, lineMost)
	c.Representative = line(wrong, "representative", e.Representative, 120)
	c.RepresentativeTitle = line(wrong, "representative_title", e.RepresentativeTitle, 120)
	c.ContactName = line(wrong, "contact_name", e.ContactName, 120)
	e.checkNumbers(wrong, &c)
	switch e.WomenLed {
	case "yes", "no":
		yes := e.WomenLed == "yes"
		c.WomenLed = &yes
	}
	for i, p := range e.Papers {
		p.check(wrong, i, at, &c)
	}
	for _, s := range e.Shown {
		if id, err := ref.Parse[int64](s); err == nil { // what is no paper takes none away
			c.shown = append(c.shown, id)
		}
	}
	if err := e.resolve(ctx, db, at, wrong, &c); err != nil {
		return checked{}, err
	}
	return c, wrong.OrNil()
}

func line(wrong problem.Invalid, field, typed string, most int) string {
	s := viet.Clean(typed)
	if viet.CountChars(s) > most {
		wrong.Add(field, "organisation.too_long", most)
	}
	return s
}

// checkNumbers reads the tax code, the telephone and the address of mail.
func (e Entry) checkNumbers(wrong problem.Invalid, c *checked) {
	var ok bool
	if c.TaxCode, ok = viet.TaxCode(e.TaxCode); !ok && viet.Clean(e.TaxCode) != "" {
		wrong.Add("tax_code", "organisation.tax_code_wrong")
	}
	if c.ContactPhone, _, ok = viet.Phone(e.ContactPhone); !ok && viet.Clean(e.ContactPhone) != "" {
		wrong.Add("contact_phone", "account.phone_wrong")
	}
	if c.ContactEmail, ok = people.ParseEmail(e.ContactEmail); !ok && viet.Clean(e.ContactEmail) != "" {
		wrong.Add("contact_email", "account.email_wrong")
	}
}

// PaperField is the name of a control in the i-th row of papers.
func PaperField(i int, what string) string { return "paper-" + strconv.Itoa(i+1) + "-" + what }

func (p PaperEntry) check(wrong problem.Invalid, i int, at time.Time, c *checked) {
	number, issuer, date := viet.Clean(p.Number), viet.Clean(p.Issuer), viet.Clean(p.IssuedOn)
	if number == "" && issuer == "" && date == "" {
		return // a kind alone is what the list happened to show
	}
	if i >= MostPapers {
		wrong.Add(PaperField(MostPapers-1, "number"), "organisation.too_many_papers", MostPapers)
		return
	}
	paper := Paper{Kind: PaperKind(p.Kind), Number: line(wrong, PaperField(i, "number"), number, 80), Issuer: line(wrong, PaperField(i, "issuer"), issuer, lineMost)}
	if !slices.Contains(PaperKinds, paper.Kind) {
		wrong.Add(PaperField(i, "kind"), "organisation.paper_kind_missing")
	}
	if number == "" {
		wrong.Add(PaperField(i, "number"), "organisation.paper_number_missing")
	}
	if date != "" {
		day, ok := viet.ParseDate(date, 0)
		switch {
		case !ok:
			wrong.Add(PaperField(i, "date"), "organisation.paper_date_wrong")
		case day.After(viet.Day(at)):
			wrong.Add(PaperField(i, "date"), "organisation.paper_date_future")
		default:
			paper.IssuedOn = &day
		}
	}
	c.papers = append(c.papers, paper)
}

// resolve finds the province by its code and the commune by what was typed. A
// name that fits several is answered with their full names, one that fits none
// with those that begin like it.
func (e Entry) resolve(ctx context.Context, db pg.DB, at time.Time, wrong problem.Invalid, c *checked) error {
	provinces, err := place.Provinces(ctx, db, at)
	if err != nil {
		return fmt.Errorf("listing provinces: %w", err)
	}
	i := slices.IndexFunc(provinces, func(p place.Place) bool { return p.Code == e.Province })
	if i < 0 {
		wrong.Add("province", "organisation.province_missing")
		return nil
	}
	c.provinceCode, c.placeID = e.Province, &provinces[i].ID
	typed := line(wrong, "commune", e.Commune, 80)
	if typed == "" {
		return nil
	}
	communes, err := place.Communes(ctx, db, e.Province, at)
	if err != nil {
		return fmt.Errorf("listing communes: %w", err)
	}
	switch fits, like := named(communes, typed); {
	case len(fits) == 1:
		c.placeID = &fits[0].ID
	case len(fits) > 1:
		wrong.Add("commune", "organisation.commune_several", listed(fits))
	case len(like) > 0:
		wrong.Add("commune", "organisation.commune_like", provinces[i].Title(), listed(like))
	default:
		wrong.Add("commune", "organisation.commune_unknown", provinces[i].Title())
	}
	return nil
}

// named finds the units that a person may mean: those written exactly so before
// those with the same letters without marks; and a few that begin or end so.
func named(units []place.Place, typed string) (fits, like []place.Place) {
	lower, key := strings.ToLower(typed), viet.Key(typed)
	var loose []place.Place
	for _, u := range units {
		name, full := viet.Key(u.Name), viet.Key(u.FullName)
		switch {
		case strings.ToLower(u.Name) == lower || strings.ToLower(u.FullName) == lower:
			fits = append(fits, u)
		case name == key || full == key:
			loose = append(loose, u)
		case key != "" && (strings.HasPrefix(name, key) || strings.HasPrefix(full, key) || strings.HasSuffix(name, " "+key)) && len(like) < 6:
			like = append(like, u)
		}
	}
	if len(fits) == 0 {
		fits = loose
	}
	return fits, like
}

// listed is several names in one sentence.
func listed(units []place.Place) words.Pair {
	var vi, en []string
	for _, u := range units {
		vi, en = append(vi, u.Title().Vi), append(en, u.Title().En)
	}
	return words.Pair{Vi: strings.Join(vi, ", "), En: strings.Join(en, ", ")}
}

// Written is an organisation's entry as it stands, to be edited.
func Written(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Entry, error) {
	o, err := Get(ctx, db, viewer, id)
	if err != nil {
		return Entry{}, err
	}
	papers, err := Papers(ctx, db, viewer, id)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{
		Kind: string(o.Kind), NameVi: o.NameVi, NameEn: o.NameEn, Abbreviation: o.Abbreviation, TaxCode: viet.FormatTaxCode(o.TaxCode),
		Province: o.ProvinceCode, Address: o.Address, Representative: o.Representative, RepresentativeTitle: o.RepresentativeTitle,
		ContactName: o.ContactName, ContactPhone: o.ContactPhone, ContactEmail: o.ContactEmail,
	}
	if o.WomenLed != nil {
		e.WomenLed = map[bool]string{true: "yes", false: "no"}[*o.WomenLed]
	}
	for _, p := range papers {
		e.Shown = append(e.Shown, ref.Of(p.ID))
		row := PaperEntry{Kind: string(p.Kind), Number: p.Number, Issuer: p.Issuer}
		if p.IssuedOn != nil {
			row.IssuedOn = viet.Date(*p.IssuedOn)
		}
		e.Papers = append(e.Papers, row)
	}
	if o.PlaceID == nil {
		return e, nil
	}
	at, err := place.Version(ctx, db, *o.PlaceID)
	if err != nil {
		return Entry{}, fmt.Errorf("finding where an organisation is: %w", err)
	}
	if at.Level == place.Commune {
		e.Commune = at.FullName
	}
	return e, nil
}
