// Package kept holds forms that were sent after their session had ended, until
// their sender has signed in again.
//
// What was typed lies sealed in the database, for a day at most. It is given back
// only to the browser that sent it, which holds a cookie of its own for that, and
// only to the person whose session it was. Where the browser had lost even that,
// nobody knows who typed it: such a form waits two hours, and package site shows
// it only on a page whose form the person who signed in may fill in themself.
// No word of it is logged, and keeping one is nobody's act: it is not audited.
package kept

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
	"daubang/internal/seal"
)

// ID names a kept form; it opens nothing by itself.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// How long a form waits.
const (
	forOwner  = 24 * time.Hour
	forNobody = 2 * time.Hour
)

// Most is how much a kept form may weigh, in bytes: every answer of a long form
// at its limit, twice over.
const Most = 512 << 10

// How many may wait at once. Beyond a browser's and a person's the oldest go;
// what is nobody's anybody may send, so beyond those no more is taken.
const (
	mostOfBrowser = 10
	mostOfPerson  = 20
	mostOfOrigin  = 20
	mostNobodys   = 500
)

// Form is what was sent: where to, on which page it stood, and its values by the
// names of its controls.
type Form struct {
	Action string
	Page   string // empty: nobody knows
	Values map[string][]string
}

// Sender is who sent it, as far as one can tell.
type Sender struct {
	Person  people.ID // whose session it was; 0: nobody knows
	Browser string    // the value of the browser's cookie
	From    string    // network address
}

// Keep keeps a form. It refuses what is too large and, of nobody's, too many.
func Keep(ctx context.Context, tx pgx.Tx, at time.Time, secret []byte, by Sender, f Form) (ID, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return 0, fmt.Errorf("keeping a form: %w", err)
	}
	if len(b) > Most {
		return 0, problem.Because(problem.TooMany, "kept.too_large")
	}
	if by.Person == 0 {
		if err := room(ctx, tx, at, by.From); err != nil {
			return 0, err
		}
	}
	id, err := pg.Value[ID](ctx, tx, `select new_id()`)
	if err != nil {
		return 0, fmt.Errorf("naming a kept form: %w", err)
	}
	sealed, err := seal.Seal(secret, place(id), string(b))
	if err != nil {
		return 0, fmt.Errorf("sealing a kept form: %w", err)
	}
	life := forNobody
	if by.Person != 0 {
		life = forOwner
	}
	if err := pg.Exec(ctx, tx, `
		insert into kept_forms (id, person_id, browser_hash, origin_hash, form, kept_at, expires_at)
		values (@id, nullif(@person::bigint, 0), @browser, @origin, @form, @at, @until)`,
		pgx.StrictNamedArgs{"id": id, "person": int64(by.Person), "browser": hash(by.Browser), "origin": hash(by.From), "form": sealed, "at": at, "until": at.Add(life)}); err != nil {
		return 0, fmt.Errorf("keeping a form: %w", err)
	}
	if _, err := tx.Exec(ctx, `
		delete from kept_forms k using (
		  select id, row_number() over (order by kept_at desc, id) as of_browser, null::bigint as of_person from kept_forms where browser_hash = @browser
		  union all
		  select id, null, row_number() over (order by kept_at desc, id) from kept_forms where person_id = @person) old
		where k.id = old.id and k.id <> @id and (old.of_browser > @most_browser or old.of_person > @most_person)`,
		pgx.StrictNamedArgs{"id": id, "browser": hash(by.Browser), "person": int64(by.Person), "most_browser": mostOfBrowser, "most_person": mostOfPerson}); err != nil {
		return 0, fmt.Errorf("letting the oldest kept forms go: %w", err)
	}
	return id, nil
}

// room refuses when what is nobody's takes all the room there is for that.
func room(ctx context.Context, tx pgx.Tx, at time.Time, from string) error {
	full, err := pg.Value[bool](ctx, tx, `
		select count(*) >= @all or count(*) filter (where origin_hash = @origin) >= @of_origin
		from (select origin_hash from kept_forms where person_id is null and expires_at > @at limit @all) k`,
		pgx.StrictNamedArgs{"all": mostNobodys, "origin": hash(from), "of_origin": mostOfOrigin, "at": at})
	if err != nil {
		return fmt.Errorf("counting kept forms: %w", err)
	}
	if full {
		return problem.Because(problem.TooMany, "kept.too_many")
	}
	return nil
}

// Get is a kept form of that browser, and whose it is; 0: nobody knows. One that
// was given back, has expired or is another browser's is [problem.NotFound].
func Get(ctx context.Context, db pg.DB, at time.Time, secret []byte, id ID, browser string) (Form, people.ID, error) {
	type row struct {
		Person people.ID
		Form   []byte
	}
	found, err := pg.One[row](ctx, db, `
		select coalesce(person_id, 0) as person, form from kept_forms where id = $1 and browser_hash = $2 and expires_at > $3`, id, hash(browser), at)
	if err != nil {
		return Form{}, 0, fmt.Errorf("reading a kept form: %w", err)
	}
	text, err := seal.Open(secret, place(id), found.Form)
	if err != nil { // sealed under another secret: nobody can read it any more
		return Form{}, 0, fmt.Errorf("%w: %w", problem.NotFound, err)
	}
	var f Form
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return Form{}, 0, fmt.Errorf("reading a kept form: %w", err)
	}
	return f, found.Person, nil
}

// Settle forgets a form that has been sent by who may have it.
func Settle(ctx context.Context, db pg.DB, id ID, browser string, by people.ID) error {
	if _, err := db.Exec(ctx, `
		delete from kept_forms where id = $1 and browser_hash = $2 and coalesce(person_id, $3) = $3`, id, hash(browser), by); err != nil {
		return fmt.Errorf("forgetting a kept form: %w", err)
	}
	return nil
}

// Leave forgets what a browser sent of a person's, and of nobody's: they sign
// out there.
func Leave(ctx context.Context, db pg.DB, browser string, by people.ID) error {
	if _, err := db.Exec(ctx, `delete from kept_forms where browser_hash = $1 and coalesce(person_id, $2) = $2`, hash(browser), by); err != nil {
		return fmt.Errorf("forgetting what a browser kept: %w", err)
	}
	return nil
}

// Expire forgets what has waited long enough.
func Expire(ctx context.Context, db pg.DB, at time.Time) error {
	if _, err := db.Exec(ctx, `delete from kept_forms where expires_at <= $1`, at); err != nil {
		return fmt.Errorf("forgetting old kept forms: %w", err)
	}
	return nil
}

func place(id ID) seal.Place { return seal.Place{Table: "kept_forms", Column: "form", Row: int64(id)} }

func hash(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}
