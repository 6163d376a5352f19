// Package organisation knows who proposes: unions, cooperatives, communes and
// other organisations, what they say of themselves, the people who act for them,
// and whom they invite. One person may belong to several.
package organisation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// ID names an organisation.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// Kind is what sort of organisation it is; calls may invite some kinds only.
type Kind string

// The kinds.
const (
	WomensUnion      Kind = "womens_union"
	MassOrganisation Kind = "mass_organisation"
	Association      Kind = "association"
	Fund             Kind = "fund"
	Cooperative      Kind = "cooperative"
	Enterprise       Kind = "enterprise"
	PublicUnit       Kind = "public_unit"
	Department       Kind = "department"
	Commune          Kind = "commune"
	ForeignNGO       Kind = "foreign_ngo"
	CommunityGroup   Kind = "community_group"
)

// Kinds lists them, in the order in which they are offered.
var Kinds = []Kind{
	WomensUnion, MassOrganisation, Association, Fund, Cooperative, Enterprise, PublicUnit, Department, Commune, ForeignNGO, CommunityGroup,
}

// Role is what a person may do for an organisation.
type Role string

// The roles: a reader reads, a writer writes proposals too, a head also submits
// them, and edits the organisation and its people.
const (
	Head   Role = "head"
	Writer Role = "writer"
	Reader Role = "reader"
)

// Roles lists them, the one with the widest powers first.
var Roles = []Role{Head, Writer, Reader}

// Organisation is a row of visible.organisations.
type Organisation struct {
	ID ID
	Details
	PlaceID      *place.ID // its commune, or its province where no commune is known
	ProvinceCode string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Details is what an organisation says of itself.
type Details struct {
	Kind                Kind
	NameVi              string
	NameEn              string
	Abbreviation        string
	TaxCode             string // digits
	Address             string // house, street or village
	Representative      string // legal representative
	RepresentativeTitle string
	ContactName         string
	ContactPhone        string // digits
	ContactEmail        string
	WomenLed            *bool // nil: not said
}

// Name is the organisation's name in both languages.
func (o Organisation) Name() words.Pair { return words.Pair{Vi: o.NameVi, En: o.NameEn} }

const columns = `
	select id, kind, name_vi, name_en, abbreviation, tax_code, address, representative, representative_title, contact_name, contact_phone,
	       contact_email, women_led, place_id, province_code, created_at, updated_at
	from visible.organisations($1) `

// Get returns an organisation that the viewer may see.
func Get(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Organisation, error) {
	return pg.One[Organisation](ctx, db, columns+`where id = $2`, viewer, id)
}

// Membership is an organisation and what the viewer is in it.
type Membership struct {
	Organisation
	Role Role
}

// Mine lists the organisations that the viewer belongs to, by name.
func Mine(ctx context.Context, db pg.DB, viewer people.ID) ([]Membership, error) {
	list, err := pg.All[Membership](ctx, db, `
		select o.id, o.kind, o.name_vi, o.name_en, o.abbreviation, o.tax_code, o.address, o.representative, o.representative_title, o.contact_name,
		       o.contact_phone, o.contact_email, o.women_led, o.place_id, o.province_code, o.created_at, o.updated_at, m.role
		from visible.members($1) m join visible.organisations($1) o on o.id = m.organisation_id
		where m.person_id = $1
		order by o.name_vi collate "vi-x-icu", o.id`, viewer)
	if err != nil {
		return nil, fmt.Errorf("listing one's organisations: %w", err)
	}
	return list, nil
}

// RoleOf is what the viewer is in an organisation; [problem.NotFound] if nothing.
func RoleOf(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Role, error) {
	return pg.Value[Role](ctx, db, `select role from visible.members($1) where organisation_id = $2 and person_id = $1`, viewer, id)
}

// People lists who has one of the roles in an organisation, for writing to them.
func People(ctx context.Context, db pg.DB, id ID, roles ...Role) ([]people.ID, error) {
	return pg.Values[people.ID](ctx, db, `select person_id from members where organisation_id = $1 and role = any($2) order by person_id`, id, roles)
}

// PeopleOf is [People] of several organisations at once.
func PeopleOf(ctx context.Context, db pg.DB, ids []ID, roles ...Role) (map[ID][]people.ID, error) {
	type row struct {
		OrganisationID ID
		PersonID       people.ID
	}
	list, err := pg.All[row](ctx, db, `
		select organisation_id, person_id from members where organisation_id = any($1) and role = any($2) order by organisation_id, person_id`, ids, roles)
	if err != nil {
		return nil, err
	}
	all := map[ID][]people.ID{}
	for _, r := range list {
		all[r.OrganisationID] = append(all[r.OrganisationID], r.PersonID)
	}
	return all, nil
}

// Where is the place of an organisation by the names it has: commune, province.
func Where(ctx context.Context, db pg.DB, o Organisation) (words.Pair, error) {
	if o.PlaceID == nil {
		return words.Pair{}, nil
	}
	at, err := place.Version(ctx, db, *o.PlaceID)
	if err != nil {
		return words.Pair{}, fmt.Errorf("finding where an organisation is: %w", err)
	}
	if at.Level == place.Province {
		return at.Title(), nil
	}
	province, err := place.Latest(ctx, db, place.Province, o.ProvinceCode)
	if err != nil {
		return words.Pair{}, fmt.Errorf("finding the province of an organisation: %w", err)
	}
	return words.Pair{Vi: at.Title().Vi + ", " + province.Title().Vi, En: at.Title().En + ", " + province.Title().En}, nil
}

// Placed is an organisation that the viewer may see, with [Where] it is, in one
// statement.
func Placed(ctx context.Context, db pg.DB, viewer people.ID, id ID) (Organisation, words.Pair, error) {
	type unit struct{ Name, FullName, UnitType string }
	type row struct {
		Organisation
		Units []unit // its commune and its province, or its province alone
	}
	o, err := pg.One[row](ctx, db, `
		select o.id, o.kind, o.name_vi, o.name_en, o.abbreviation, o.tax_code, o.address, o.representative, o.representative_title, o.contact_name,
		       o.contact_phone, o.contact_email, o.women_led, o.place_id, o.province_code, o.created_at, o.updated_at,
		       (select coalesce(jsonb_agg(jsonb_build_object('Name', u.name, 'FullName', u.full_name, 'UnitType', u.unit_type) order by u.level desc), '[]')
		        from visible.places u
		        where u.id = o.place_id
		           or u.id = (select v.id from visible.places v join visible.places c on c.id = o.place_id
		                      where v.level = 1 and v.code = o.province_code and c.level <> 1 order by v.valid_from desc limit 1)) as units
		from visible.organisations($1) o where o.id = $2`, viewer, id)
	if err != nil {
		return Organisation{}, words.Pair{}, fmt.Errorf("reading organisation %d and where it is: %w", id, err)
	}
	var vi, en []string
	for _, u := range o.Units {
		title := place.Place{Name: u.Name, FullName: u.FullName, UnitType: u.UnitType}.Title()
		vi, en = append(vi, title.Vi), append(en, title.En)
	}
	return o.Organisation, words.Pair{Vi: strings.Join(vi, ", "), En: strings.Join(en, ", ")}, nil
}

// mostCreated is how many organisations one person may set up in a day.
const mostCreated = 10

// Create sets up an organisation; who does so becomes its head.
func Create(ctx context.Context, tx pgx.Tx, act audit.Act, e Entry) (ID, error) {
	c, err := e.check(ctx, tx, act.At)
	if err != nil {
		return 0, err
	}
	lately, err := pg.Value[int](ctx, tx, `
		select count(*)::int from organisations where created_by = $1 and created_at > $2::timestamptz - interval '1 day'`, act.By, act.At)
	if err != nil {
		return 0, fmt.Errorf("counting new organisations: %w", err)
	}
	if lately >= mostCreated {
		return 0, problem.Because(problem.TooMany, "organisation.too_many_new", mostCreated)
	}
	id, err := pg.Value[ID](ctx, tx, `
		insert into organisations (kind, name_vi, created_by, created_at, updated_at) values ($1, $2, $3, $4, $4) returning id`,
		c.Kind, c.NameVi, act.By, act.At)
	if err != nil {
		return 0, fmt.Errorf("creating an organisation: %w", err)
	}
	if err := pg.Exec(ctx, tx, `insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, 'head', $3)`, id, act.By, act.At); err != nil {
		return 0, fmt.Errorf("making its first head: %w", err)
	}
	if err := save(ctx, tx, act, id, c); err != nil {
		return 0, err
	}
	_, err = audit.Record(ctx, tx, act, "create", "organisation", id, nil)
	return id, err
}

// Edit changes what an organisation says of itself. Heads may.
func Edit(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, e Entry) error {
	if err := lock(ctx, tx, act, id, Head); err != nil {
		return err
	}
	c, err := e.check(ctx, tx, act.At)
	if err != nil {
		return err
	}
	if err := save(ctx, tx, act, id, c); err != nil {
		return err
	}
	_, err = audit.Record(ctx, tx, act, "edit", "organisation", id, nil)
	return err
}

// checkTaken refuses a tax code that another organisation has: a copy of an
// organisation could propose twice where it may once. Two that register it at
// the same moment take turns.
func checkTaken(ctx context.Context, tx pgx.Tx, id ID, taxCode string) error {
	if taxCode == "" {
		return nil
	}
	if err := pg.Exec(ctx, tx, `select pg_advisory_xact_lock(hashtextextended('organisations.tax_code ' || $1, 0))`, taxCode); err != nil {
		return fmt.Errorf("waiting for a tax code: %w", err)
	}
	taken, err := pg.Value[bool](ctx, tx, `select exists (select from organisations where tax_code = $1 and id <> $2)`, taxCode, id)
	if err != nil {
		return fmt.Errorf("looking for a tax code: %w", err)
	}
	if taken {
		return problem.Invalid{"tax_code": problem.Say("organisation.tax_code_taken")}
	}
	return nil
}

// save writes a checked entry over what is there. It refuses a tax code that
// another organisation has.
func save(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, c checked) error {
	if err := checkTaken(ctx, tx, id, c.TaxCode); err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `
		update organisations set
		  kind = @kind, name_vi = @name_vi, name_en = @name_en, abbreviation = @abbreviation, tax_code = @tax_code, place_id = @place,
		  province_code = @province, address = @address, representative = @representative, representative_title = @representative_title,
		  contact_name = @contact_name, contact_phone = @contact_phone, contact_email = @contact_email, women_led = @women_led,
		  search_key = @search_key, updated_at = @at
		where id = @id`,
		pgx.StrictNamedArgs{
			"id": id, "kind": c.Kind, "name_vi": c.NameVi, "name_en": c.NameEn, "abbreviation": c.Abbreviation, "tax_code": c.TaxCode,
			"place": c.placeID, "province": c.provinceCode, "address": c.Address, "representative": c.Representative,
			"representative_title": c.RepresentativeTitle, "contact_name": c.ContactName, "contact_phone": c.ContactPhone,
			"contact_email": c.ContactEmail, "women_led": c.WomenLed, "at": act.At,
			"search_key": viet.Key(c.NameVi + " " + c.NameEn + " " + c.Abbreviation + " " + c.TaxCode),
		}); err != nil {
		return fmt.Errorf("saving an organisation: %w", err)
	}
	return savePapers(ctx, tx, id, c.papers, c.shown)
}

// savePapers writes an organisation's papers, and takes away those of shown that
// were not written again: what another head added meanwhile stays. One of the
// same kind and number stays the same paper: package passport knows more of it.
func savePapers(ctx context.Context, tx pgx.Tx, id ID, papers []Paper, shown []int64) error {
	kept := []int64{}
	for i, p := range papers {
		args := pgx.StrictNamedArgs{"id": id, "kind": p.Kind, "number": p.Number, "issued_on": p.IssuedOn, "issuer": p.Issuer, "position": i, "kept": kept}
		same, err := pg.Value[int64](ctx, tx, `
			update organisation_papers set issued_on = @issued_on, issuer = @issuer, position = @position
			where id = (select s.id from organisation_papers s
			            where s.organisation_id = @id and s.kind = @kind and s.number = @number and s.id <> all(@kept::bigint[]) order by s.position, s.id limit 1)
			returning id`, args)
		if errors.Is(err, problem.NotFound) {
			delete(args, "kept")
			same, err = pg.Value[int64](ctx, tx, `
				insert into organisation_papers (organisation_id, kind, number, issued_on, issuer, position)
				values (@id, @kind, @number, @issued_on, @issuer, @position) returning id`, args)
		}
		if err != nil {
			return fmt.Errorf("saving its papers: %w", err)
		}
		kept = append(kept, same)
	}
	if _, err := tx.Exec(ctx, `delete from organisation_papers where organisation_id = $1 and id = any($3::bigint[]) and id <> all($2::bigint[])`, id, kept, shown); err != nil {
		return fmt.Errorf("clearing its papers: %w", err)
	}
	n, err := pg.Value[int](ctx, tx, `select count(*)::int from organisation_papers where organisation_id = $1`, id)
	if err != nil {
		return fmt.Errorf("counting its papers: %w", err)
	}
	if n > MostPapers {
		return problem.Invalid{PaperField(max(len(papers), 1)-1, "number"): problem.Say("organisation.too_many_papers", MostPapers)}
	}
	return nil
}

// LockAsHead holds an organisation for a change by one of its heads. Whoever may
// not even see it does not find it.
func LockAsHead(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	return lock(ctx, tx, act, id, Head)
}

// Hold locks an organisation that viewer may see until tx ends; viewer 0 is the
// portal itself, which may.
func Hold(ctx context.Context, tx pgx.Tx, viewer people.ID, id ID) error {
	if _, err := pg.Value[ID](ctx, tx, `select id from organisations where id = $1 for update`, id); err != nil {
		return fmt.Errorf("locking organisation %s: %w", id, err)
	}
	if viewer == 0 {
		return nil
	}
	_, err := Get(ctx, tx, viewer, id)
	return err
}

// lock holds an organisation for a change and refuses who may not make it.
// Whoever may not even see it does not find it.
func lock(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, roles ...Role) error {
	if _, err := pg.Value[ID](ctx, tx, `select id from organisations where id = $1 for update`, id); err != nil {
		return fmt.Errorf("locking an organisation: %w", err)
	}
	type standing struct{ Sees, May bool }
	as, err := pg.One[standing](ctx, tx, `
		select exists (select from visible.organisations($2) o where o.id = $1) as sees,
		       exists (select from members m where m.organisation_id = $1 and m.person_id = $2 and m.role = any($3)) as may`, id, act.By, roles)
	switch {
	case err != nil:
		return fmt.Errorf("asking what one is in an organisation: %w", err)
	case !as.Sees:
		return problem.NotFound
	case !as.May:
		return problem.Because(problem.Forbidden, "organisation.heads_only")
	}
	return nil
}
