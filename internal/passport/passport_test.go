package passport_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/passport"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/portaltest"
	"daubang/internal/problem"
	"daubang/internal/rubric"
	"daubang/internal/viet"
)

type world struct {
	portaltest.World
	db  *pgxpool.Pool
	org organisation.ID
}

var secret = people.Key("a secret of the tests, long enough")

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{db: pgtest.New(t)}
	err := pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error {
		if _, err := form.InstallDefault(t.Context(), tx, portaltest.Now); err != nil {
			return err
		}
		_, err := rubric.InstallDefault(t.Context(), tx, portaltest.Now)
		return err
	})
	if err == nil {
		w.World, err = portaltest.Build(t.Context(), w.db)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.org = organisation.ID(w.Organisation)
	return w
}

func (w *world) as(t *testing.T, persona string, fn func(context.Context, pgx.Tx, audit.Act) error) error {
	t.Helper()
	return pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error {
		return fn(t.Context(), tx, audit.Act{By: w.People[persona], At: portaltest.Now})
	})
}

func (w *world) parts(t *testing.T, persona string) map[string]passport.Part {
	t.Helper()
	list, err := passport.Parts(t.Context(), w.db, people.ID(w.People[persona]), w.org)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]passport.Part{}
	for _, p := range list {
		all[p.Kind] = p
	}
	return all
}

func (w *world) save(t *testing.T, persona string, d passport.Details) error {
	t.Helper()
	return w.as(t, persona, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return passport.SaveDetails(ctx, tx, act, secret, w.org, d)
	})
}

func (w *world) check(t *testing.T, persona string, p passport.Part, verdict passport.State, reason string) error {
	t.Helper()
	return w.as(t, persona, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return passport.Check(ctx, tx, act, w.org, p.Part, p.Mark, verdict, reason)
	})
}

func key(err error) string {
	r, _ := errors.AsType[problem.Refusal](err)
	return r.Key
}

var full = passport.Details{
	Signatory: "Hoàng Thị Mỷ", SignatoryTitle: "Chủ tịch", SignatoryPaper: "15/QĐ", Bank: "Agribank Mường Hoa", BankHolder: "Hội Phụ nữ", BankNumber: "8800 2051 98765",
}

// The account's number is nowhere in the database, and opens for its heads and
// for officers who are none of its people.
func TestTheAccountIsSealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for persona, want := range map[string]error{"WR": problem.Forbidden, "RD": problem.Forbidden, "OX": problem.NotFound, "PO": problem.Forbidden, "AU": problem.Forbidden} {
		if err := w.save(t, persona, full); !errors.Is(err, want) {
			t.Errorf("%s: %v", persona, err)
		}
	}
	if err := w.save(t, "HD", full); err != nil {
		t.Fatal(err)
	}
	dump, err := pg.Value[string](t.Context(), w.db, `select (select string_agg(p::text, ' ') from passports p) || ' ' || (select string_agg(e::text, ' ') from audit_events e) || encode(bank_number, 'escape') from passports`)
	if err != nil || strings.Contains(dump, "8800205198765") || strings.Contains(dump, "05198765") {
		t.Errorf("the number stands in the database: %v", err)
	}
	for _, persona := range []string{"WR", "RD", "OX", "RA", "CH", "AU", "AD", "CO"} {
		if p, ok := w.parts(t, persona)[passport.Bank]; ok {
			t.Errorf("%s sees %+v", persona, p)
		}
		if n, err := pg.Value[int](t.Context(), w.db, `select count(*)::int from visible.passport_accounts($1)`, w.People[persona]); err != nil || n != 0 {
			t.Errorf("%s reads %d numbers, %v", persona, n, err)
		}
	}
	if got := w.parts(t, "PO")[passport.Bank]; got.Number != "765" || got.Note != "Hội Phụ nữ" {
		t.Errorf("an officer sees %+v", got)
	}
	see := func(persona string) (n string, err error) {
		err = w.as(t, persona, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
			n, err = passport.SeeAccount(ctx, tx, act, secret, w.org)
			return err
		})
		return n, err
	}
	if n, err := see("PO"); err != nil || n != "8800205198765" {
		t.Errorf("%q, %v", n, err)
	}
	if n, err := pg.Value[int](t.Context(), w.db, `select count(*)::int from audit_events where verb = 'see_account' and person_id = $1`, w.People["PO"]); err != nil || n != 1 {
		t.Errorf("that they looked was noted %d times, %v", n, err)
	}
	for persona, want := range map[string]error{"OX": problem.NotFound, "OH": problem.Forbidden, "AU": problem.Forbidden, "AD": problem.Forbidden, "WR": problem.Forbidden} {
		if _, err := see(persona); !errors.Is(err, want) {
			t.Errorf("%s: %v", persona, err)
		}
	}
	if d, err := passport.Written(t.Context(), w.db, people.ID(w.People["HD"]), secret, w.org); err != nil || d.BankNumber != "8800205198765" {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := w.db.Exec(t.Context(), `insert into passports (organisation_id, bank, bank_holder, bank_number, updated_at) select $1, bank, bank_holder, bank_number, updated_at from passports`, w.Other); err != nil {
		t.Fatal(err)
	}
	if d, err := passport.Written(t.Context(), w.db, people.ID(w.People["OX"]), secret, organisation.ID(w.Other)); err != nil || d.BankNumber != "" {
		t.Error("a number that was moved to another row opens")
	}
}

// Under another secret a number is typed anew, and everything else stands.
func TestAnotherSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.save(t, "HD", full); err != nil {
		t.Fatal(err)
	}
	other := people.Key("another secret of thirty-two letters")
	if unread, all, err := passport.Unread(t.Context(), w.db, secret); err != nil || unread != 0 || all != 1 {
		t.Errorf("%d of %d are not read: %v", unread, all, err)
	}
	if unread, all, err := passport.Unread(t.Context(), w.db, other); err != nil || unread != 1 || all != 1 {
		t.Errorf("%d of %d are not read: %v", unread, all, err)
	}
	d, err := passport.Written(t.Context(), w.db, people.ID(w.People["HD"]), other, w.org)
	if err != nil || d.BankNumber != "" || d.Bank != full.Bank || d.Signatory != full.Signatory {
		t.Fatalf("%+v, %v", d, err)
	}
	see := func() (n string, err error) {
		err = w.as(t, "PO", func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
			n, err = passport.SeeAccount(ctx, tx, act, other, w.org)
			return err
		})
		return n, err
	}
	if refusal, _ := errors.AsType[problem.Refusal](func() error { _, err := see(); return err }()); refusal.Key != "passport.account_unread" {
		t.Errorf("an officer is told %q", refusal.Key)
	}
	for typed, want := range map[string]bool{"": false, "0123456789": true} {
		d.BankNumber = typed
		err := w.as(t, "HD", func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return passport.SaveDetails(ctx, tx, act, other, w.org, d)
		})
		if _, wrong := errors.AsType[problem.Invalid](err); err != nil != !want || wrong == want {
			t.Errorf("%q: %v", typed, err)
		}
	}
	if n, err := see(); err != nil || n != "0123456789" {
		t.Errorf("%q, %v", n, err)
	}
}

// What is verified stays so until that very part is changed.
func TestVerifiedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.save(t, "HD", full); err != nil {
		t.Fatal(err)
	}
	paper := w.parts(t, "HD")["operation"]
	for persona, want := range map[string]error{"HD": problem.Forbidden, "OH": problem.Forbidden, "AU": problem.Forbidden, "AD": problem.Forbidden, "OX": problem.NotFound, "RA": problem.NotFound} {
		if err := w.check(t, persona, paper, passport.Verified, ""); !errors.Is(err, want) {
			t.Errorf("%s: %v", persona, err)
		}
	}
	if err := w.check(t, "PO", paper, passport.Change, " "); !errors.As(err, new(problem.Invalid)) {
		t.Errorf("without a reason: %v", err)
	}
	all := w.parts(t, "PO")
	for _, kind := range []string{"operation", passport.Signatory, passport.Bank} {
		for range 2 { // a click twice
			if err := w.check(t, "PO", all[kind], passport.Verified, ""); err != nil {
				t.Fatal(kind, err)
			}
		}
	}
	if n, err := pg.Value[int](t.Context(), w.db, `select count(*)::int from letters where kind = $1`, letter.PassportChecked); err != nil || n != 6 { // three parts, two heads
		t.Errorf("%d letters, %v", n, err)
	}
	changed := full
	changed.SignatoryTitle = "Phó Chủ tịch"
	if err := errors.Join(w.save(t, "HD", full), w.save(t, "HD", changed)); err != nil {
		t.Fatal(err)
	}
	got := w.parts(t, "HD")
	if got[passport.Bank].State != passport.Verified || got["operation"].State != passport.Verified || got[passport.Signatory].State != passport.Changed {
		t.Errorf("%+v", got)
	}
	if err := w.check(t, "PO", all[passport.Signatory], passport.Verified, ""); key(err) != "passport.changed_meanwhile" {
		t.Errorf("of what was looked at before the change: %v", err)
	}
	if err := w.as(t, "HD", func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return passport.SavePaper(ctx, tx, act, w.org, paper.Paper(), passport.PaperEntry{Kind: "operation", Number: "12/GP", ExpiresOn: "1/3/2028"})
	}); err != nil {
		t.Fatal(err)
	}
	if got := w.parts(t, "HD")["operation"]; got.State != passport.Changed || got.ExpiresOn == nil {
		t.Errorf("%+v", got)
	}
	frozen := passport.Freeze([]passport.Part{w.parts(t, "HD")["operation"], got[passport.Bank], got[passport.Signatory]})
	if frozen == nil || len(frozen.Papers) != 1 || frozen.Papers[0].ExpiresOn != "2028-03-01" || frozen.Papers[0].Verified || frozen.Signatory.Issuer != "Phó Chủ tịch" {
		t.Errorf("%+v", frozen)
	}
	page, err := passport.List(t.Context(), w.db, people.ID(w.People["PO"]), passport.Filter{Text: "hoi"}, "", false)
	if err != nil || len(page.Lines) != 1 || page.Lines[0].Waiting != 2 || page.Lines[0].Parts != 3 || page.Total != 1 {
		t.Errorf("%+v, %v", page, err)
	}
	if page, err := passport.List(t.Context(), w.db, people.ID(w.People["OX"]), passport.Filter{Text: "hoi", All: true}, "", false); err != nil || len(page.Lines) > 1 {
		t.Errorf("another organisation lists %+v, %v", page, err)
	}
}

// However many there are, each stands on one page, in the order of names, and
// the way back leads over the same pages.
func TestPagesOfOrganisations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.db.Exec(t.Context(), `
		insert into organisations (kind, name_vi, province_code, search_key, created_by, created_at, updated_at)
		select 'cooperative', 'Hợp tác xã số ' || n % 50, '10', 'hop tac xa so ' || n, $1, now(), now() from generate_series(1, 120) n`, w.People["OX"]); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Exec(t.Context(), `
		insert into organisation_papers (organisation_id, kind, number, position) select id, 'tax', '1', 0 from organisations where search_key like 'hop tac xa so 1%'`); err != nil {
		t.Fatal(err)
	}
	list := func(f passport.Filter, cursor string, back bool) passport.Page {
		t.Helper()
		p, err := passport.List(t.Context(), w.db, people.ID(w.People["PO"]), f, cursor, back)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, x := range []struct {
		f    passport.Filter
		want int
	}{{passport.Filter{Text: "số hợp", All: true}, 120}, {passport.Filter{Text: "so"}, 32}, {passport.Filter{Text: "khong co"}, 0}} {
		var pages []passport.Page
		seen := map[organisation.ID]bool{}
		for p := list(x.f, "", false); ; p = list(x.f, p.Next, false) {
			pages = append(pages, p)
			for _, l := range p.Lines {
				seen[l.ID] = true
			}
			if p.Next == "" {
				break
			}
		}
		if len(seen) != x.want || pages[0].Total != x.want || pages[0].Prev != "" {
			t.Errorf("%+v: %d of %d, first %+v", x.f, len(seen), pages[0].Total, pages[0].Prev)
		}
		for i := len(pages) - 1; i > 0; i-- {
			if back := list(x.f, pages[i].Prev, true); !slices.Equal(back.Lines, pages[i-1].Lines) || back.Next == "" || (back.Prev == "") != (i == 1) {
				t.Errorf("%+v: the way back from page %d", x.f, i+1)
			}
		}
	}
	if p := list(passport.Filter{All: true}, "no cursor of ours", true); len(p.Lines) != 25 || p.Prev != "" {
		t.Errorf("%+v", p)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for field, change := range map[string]func(*passport.Details){
		"signatory":   func(d *passport.Details) { d.Signatory = "" },
		"bank":        func(d *passport.Details) { d.Bank = "" },
		"bank_number": func(d *passport.Details) { d.BankNumber = "12 34<5" },
		"bank_holder": func(d *passport.Details) { d.BankHolder = strings.Repeat("a", 201) },
	} {
		d := full
		change(&d)
		if wrong, _ := errors.AsType[problem.Invalid](w.save(t, "HD", d)); wrong[field].Key == "" {
			t.Errorf("%s: %v", field, wrong)
		}
	}
	for field, e := range map[string]passport.PaperEntry{
		"kind": {Number: "1"}, "number": {Kind: "tax"}, "issued": {Kind: "tax", Number: "1", IssuedOn: "1/1/2030"},
		"expires": {Kind: "tax", Number: "1", IssuedOn: "1/1/2027", ExpiresOn: "1/1/2026"},
	} {
		err := w.as(t, "HD", func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return passport.SavePaper(ctx, tx, act, w.org, 0, e)
		})
		if wrong, _ := errors.AsType[problem.Invalid](err); wrong[field].Key == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	err := w.as(t, "OX", func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return passport.SavePaper(ctx, tx, act, organisation.ID(w.Other), passport.PaperID(w.Paper), passport.PaperEntry{Kind: "tax", Number: "1"})
	})
	if !errors.Is(err, problem.NotFound) {
		t.Errorf("a paper of another organisation: %v", err)
	}
}

// Each end is told of at sixty, thirty and seven days, once, however often the
// clock asks.
func TestRemindersOfPapers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ends := viet.Day(portaltest.Now.AddDate(0, 0, 61))
	if _, err := w.db.Exec(t.Context(), `update organisation_papers set expires_on = $2 where id = $1`, w.Paper, ends); err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, x := range []struct {
		days, want int // before the end; letters so far
	}{{61, 0}, {60, 2}, {60, 2}, {45, 2}, {30, 4}, {8, 4}, {7, 6}, {0, 6}, {-1, 6}} {
		at := portaltest.Now.AddDate(0, 0, 61-x.days)
		due, err := passport.ToRemind(t.Context(), w.db, at)
		if err != nil {
			t.Fatal(err)
		}
		if x.want > told != slices.Equal(due, []organisation.ID{w.org}) {
			t.Errorf("%d days before, %v are to be reminded", x.days, due)
		}
		told = x.want
		if err := pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error {
			_, err := passport.Remind(t.Context(), tx, at, w.org)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if n, err := pg.Value[int](t.Context(), w.db, `select count(*)::int from letters where kind = $1`, letter.PaperExpires); err != nil || n != x.want {
			t.Errorf("%d days before: %d letters, want %d, %v", x.days, n, x.want, err)
		}
	}
	if _, err := w.db.Exec(t.Context(), `update organisation_papers set expires_on = $2 where id = $1`, w.Paper, ends.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if err := pg.Tx(t.Context(), w.db, func(tx pgx.Tx) error {
		n, err := passport.Remind(t.Context(), tx, portaltest.Now.AddDate(1, 0, 58).Add(time.Hour), w.org)
		if n != 1 {
			t.Errorf("of the new end %d", n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
