package organisation_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/ref"
	"daubang/internal/words"
)

var (
	noon = time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)
	key  = people.Key("a key of the tests, long enough")
)

func words1(err error) string {
	if refusal, ok := errors.AsType[problem.Refusal](err); ok {
		return refusal.Key
	}
	return fmt.Sprint(err)
}

// person adds somebody and is their act.
func person(t *testing.T, tx pgx.Tx, name string) (audit.Act, string) {
	t.Helper()
	email := "member." + ref.New[people.ID]().String() + "@example.org"
	id, err := people.AddHashed(t.Context(), tx, audit.Act{At: noon}, people.Newcomer{Name: name, Email: email, Locale: words.En}, "")
	if err != nil {
		t.Fatal(err)
	}
	return audit.Act{By: int64(id), At: noon}, email
}

// province adds a province with communes and returns its code.
func province(t *testing.T, tx pgx.Tx, communes ...string) string {
	t.Helper()
	code := ref.New[place.ID]().String()
	add := func(level int, code, parent, unit, name string) {
		t.Helper()
		kind := map[string]string{"tinh": "Tỉnh", "xa": "Xã", "phuong": "Phường"}[unit]
		if err := pg.Exec(t.Context(), tx, `
			insert into places (level, code, name, full_name, parent_code, unit_type, search_key) values ($1, $2, $3, $4, $5, $6, '')`,
			level, code, name, kind+" "+name, parent, unit); err != nil {
			t.Fatal(err)
		}
	}
	add(1, code, "", "tinh", "Lào Cai")
	for i, c := range communes {
		unit, name, _ := strings.Cut(c, " ")
		add(3, fmt.Sprint(code, i), code, unit, name)
	}
	return code
}

// entry is an organisation with everything said.
func entry(province string) organisation.Entry {
	return organisation.Entry{
		Kind: "cooperative", NameVi: " Hợp tác xã  Dệt Lụa ", NameEn: "Silk Weavers' Cooperative", Abbreviation: "HTX DL", TaxCode: "0100109106",
		Province: province, Commune: "cam duong", Address: "Thôn 3", Representative: "Lò Thị May", RepresentativeTitle: "Giám đốc",
		ContactName: "Lò Thị Én", ContactPhone: "0912 345 678", ContactEmail: "Lua@Example.org", WomenLed: "yes",
		Papers: []organisation.PaperEntry{
			{Kind: "founding"},
			{Kind: "registration", Number: "12/GCN", IssuedOn: "5/1/2024", Issuer: "UBND xã Cam Đường"},
		},
	}
}

func create(t *testing.T, tx pgx.Tx, act audit.Act) organisation.ID {
	t.Helper()
	e := entry(province(t, tx, "phuong Cam Đường"))
	e.TaxCode = "" // one organisation has it, also of those that other tests make meanwhile
	id, err := organisation.Create(t.Context(), tx, act, e)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestCreateAndEdit(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	act, _ := person(t, tx, "Lò Thị Én")
	me := people.ID(act.By)
	e := entry(province(t, tx, "phuong Cam Đường"))
	id, err := organisation.Create(ctx, tx, act, e)
	if err != nil {
		t.Fatal(err)
	}
	got, err := organisation.Written(ctx, tx, me, id)
	if err != nil {
		t.Fatal(err)
	}
	want := e
	want.NameVi, want.Commune, want.ContactPhone, want.ContactEmail = "Hợp tác xã Dệt Lụa", "Phường Cam Đường", "0912345678", "Lua@example.org"
	want.Papers = []organisation.PaperEntry{{Kind: "registration", Number: "12/GCN", IssuedOn: "05/01/2024", Issuer: "UBND xã Cam Đường"}}
	want.Shown = got.Shown
	if diff := cmp.Diff(want, got); diff != "" || len(got.Shown) != 1 {
		t.Error(diff, got.Shown)
	}
	older := got // a form that another head has open
	got.NameVi, got.WomenLed, got.Commune, got.Papers = "Hợp tác xã Lụa", "", "", nil
	if err := organisation.Edit(ctx, tx, act, id, got); err != nil {
		t.Fatal(err)
	}
	got.Shown = nil
	again, err := organisation.Written(ctx, tx, me, id)
	if diff := cmp.Diff(got, again); diff != "" || err != nil {
		t.Error(diff, err)
	}
	added := pg.Exec(ctx, tx, `insert into organisation_papers (organisation_id, kind, number, issuer, position) values ($1, 'charter', '7/DL', '', 0)`, id)
	older.Papers, older.NameVi, older.WomenLed = []organisation.PaperEntry{{Kind: "tax", Number: "8"}}, got.NameVi, ""
	if err := errors.Join(added, organisation.Edit(ctx, tx, act, id, older)); err != nil {
		t.Fatal(err)
	}
	if papers, err := organisation.Papers(ctx, tx, me, id); err != nil || len(papers) != 2 {
		t.Errorf("what another head added meanwhile is gone: %+v, %v", papers, err)
	}
	mine, err := organisation.Mine(ctx, tx, me)
	if err != nil || len(mine) != 1 || mine[0].ID != id || mine[0].Role != organisation.Head || mine[0].WomenLed != nil {
		t.Errorf("mine: %+v, %v", mine, err)
	}
	verbs, err := pg.Values[string](ctx, tx, `select verb from audit_events where subject = 'organisation' and subject_id = $1 order by seq`, id)
	if diff := cmp.Diff([]string{"create", "edit", "edit"}, verbs); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// A tax code is one organisation's, also of two that register at once; its own
// organisation keeps it when it is edited.
func TestTaxCodeIsTaken(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.New(t)
	made := make(chan error, 2)
	for _, name := range []string{"Én", "Chu"} {
		var act audit.Act
		var e organisation.Entry
		if err := pg.Tx(ctx, db, func(tx pgx.Tx) error {
			act, _ = person(t, tx, name)
			e = entry(province(t, tx))
			e.Commune = ""
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		go func() {
			made <- pg.Tx(ctx, db, func(tx pgx.Tx) error {
				id, err := organisation.Create(ctx, tx, act, e)
				if err == nil {
					err = organisation.Edit(ctx, tx, act, id, e)
				}
				return err
			})
		}()
	}
	one, other := <-made, <-made
	if one == nil {
		one, other = other, one
	}
	want := problem.Invalid{"tax_code": problem.Say("organisation.tax_code_taken")}
	got, _ := errors.AsType[problem.Invalid](one)
	if diff := cmp.Diff(want, got); diff != "" || other != nil {
		t.Errorf("%v, %v\n%s", one, other, diff)
	}
}

func TestWhatIsWrongWithAnEntry(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	act, _ := person(t, tx, "Ai Đó")
	code := province(t, tx, "xa Tân An", "phuong Tân An", "xa Tân Hà", "xa Tần Hà")
	for name, c := range map[string]struct {
		change func(*organisation.Entry)
		want   problem.Invalid
	}{
		"nothing": {func(e *organisation.Entry) { *e = organisation.Entry{} }, problem.Invalid{
			"kind": problem.Say("organisation.kind_missing"), "name_vi": problem.Say("organisation.name_missing"), "province": problem.Say("organisation.province_missing"),
		}},
		"numbers": {func(e *organisation.Entry) { e.TaxCode, e.ContactPhone, e.ContactEmail = "0100109107", "113", "lua" }, problem.Invalid{
			"tax_code": problem.Say("organisation.tax_code_wrong"), "contact_phone": problem.Say("account.phone_wrong"), "contact_email": problem.Say("account.email_wrong"),
		}},
		"too long": {func(e *organisation.Entry) { e.NameVi = strings.Repeat("ạ", 201) }, problem.Invalid{"name_vi": problem.Say("organisation.too_long", 200)}},
		"papers": {func(e *organisation.Entry) {
			e.Papers = []organisation.PaperEntry{{Kind: "charter", IssuedOn: "31/2/2024"}, {Kind: "", Number: "7", IssuedOn: "3/3/2026"}}
		}, problem.Invalid{
			"paper-1-number": problem.Say("organisation.paper_number_missing"), "paper-1-date": problem.Say("organisation.paper_date_wrong"),
			"paper-2-kind": problem.Say("organisation.paper_kind_missing"), "paper-2-date": problem.Say("organisation.paper_date_future"),
		}},
		"several communes": {func(e *organisation.Entry) { e.Commune = "tan an" }, problem.Invalid{
			"commune": problem.Say("organisation.commune_several", words.Pair{Vi: "Xã Tân An, Phường Tân An", En: "Tân An Commune, Tân An Ward"}),
		}},
		"the beginning of a name": {func(e *organisation.Entry) { e.Commune = "Xã Tân H" }, problem.Invalid{
			"commune": problem.Say("organisation.commune_like", words.Pair{Vi: "Tỉnh Lào Cai", En: "Lào Cai Province"}, words.Pair{Vi: "Xã Tân Hà, Xã Tần Hà", En: "Tân Hà Commune, Tần Hà Commune"}),
		}},
		"no such commune": {func(e *organisation.Entry) { e.Commune = "Paris" }, problem.Invalid{
			"commune": problem.Say("organisation.commune_unknown", words.Pair{Vi: "Tỉnh Lào Cai", En: "Lào Cai Province"}),
		}},
		"told by its marks": {func(e *organisation.Entry) { e.Commune = "TÂN HÀ" }, nil},
		"told by its kind":  {func(e *organisation.Entry) { e.Commune = "phuong tan an" }, nil},
		"none":              {func(e *organisation.Entry) { e.Commune = " " }, nil},
	} {
		e := entry(code)
		e.Commune, e.TaxCode = "", ""
		c.change(&e)
		_, err := organisation.Create(t.Context(), tx, act, e)
		var want error
		if c.want != nil {
			want = c.want
		}
		if diff := cmp.Diff(want, err, cmp.Comparer(func(a, b error) bool { return cmp.Equal(fmt.Sprintf("%#v", a), fmt.Sprintf("%#v", b)) })); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	head, _ := person(t, tx, "Trưởng Một")
	second, secondMail := person(t, tx, "Trưởng Hai")
	writer, writerMail := person(t, tx, "Người Viết")
	outsider, _ := person(t, tx, "Người Ngoài")
	id := create(t, tx, head)
	join(t, tx, head, id, second, secondMail, organisation.Head)
	join(t, tx, head, id, writer, writerMail, organisation.Writer)

	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"writer edits":           {organisation.Edit(ctx, tx, writer, id, entry("")), problem.Forbidden},
		"writer removes":         {organisation.Remove(ctx, tx, writer, id, people.ID(head.By)), problem.Forbidden},
		"writer rises":           {organisation.SetRole(ctx, tx, writer, id, people.ID(writer.By), organisation.Head), problem.Forbidden},
		"writer invites":         {organisation.Invite(ctx, tx, writer, id, "a@example.org", organisation.Reader), problem.Forbidden},
		"outsider edits":         {organisation.Edit(ctx, tx, outsider, id, entry("")), problem.NotFound},
		"outsider removes":       {organisation.Remove(ctx, tx, outsider, id, people.ID(head.By)), problem.NotFound},
		"outsider leaves":        {organisation.Remove(ctx, tx, outsider, id, people.ID(outsider.By)), problem.NotFound},
		"outsider invites":       {organisation.Invite(ctx, tx, outsider, id, "a@example.org", organisation.Reader), problem.NotFound},
		"of nothing":             {organisation.Edit(ctx, tx, head, 12345, entry("")), problem.NotFound},
		"nobody":                 {organisation.Edit(ctx, tx, audit.Act{At: noon}, id, entry("")), problem.NotFound},
		"a role of nobody":       {organisation.SetRole(ctx, tx, head, id, people.ID(outsider.By), organisation.Reader), problem.NotFound},
		"removing who is no one": {organisation.Remove(ctx, tx, head, id, people.ID(outsider.By)), problem.NotFound},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	if err := organisation.SetRole(ctx, tx, head, id, people.ID(writer.By), "owner"); !errors.As(err, new(problem.Invalid)) {
		t.Error("no such role:", err)
	}
	if err := organisation.Remove(ctx, tx, head, id, people.ID(head.By)); err != nil {
		t.Error("one of two heads cannot leave:", err)
	}
	if err := organisation.Remove(ctx, tx, second, id, people.ID(second.By)); words1(err) != "organisation.last_head" {
		t.Error("the last head left:", err)
	}
	if err := organisation.SetRole(ctx, tx, second, id, people.ID(second.By), organisation.Writer); words1(err) != "organisation.last_head" {
		t.Error("the last head stepped down:", err)
	}
	if err := organisation.Remove(ctx, tx, writer, id, people.ID(writer.By)); err != nil {
		t.Error("a writer cannot leave:", err)
	}
	list, err := organisation.Members(ctx, tx, people.ID(second.By), id)
	if err != nil || len(list) != 1 || list[0].Name != "Trưởng Hai" {
		t.Errorf("members: %+v, %v", list, err)
	}
	for name, who := range map[string]audit.Act{"outsider": outsider, "who left": head, "nobody": {}} {
		viewer := people.ID(who.By)
		if _, err := organisation.Get(ctx, tx, viewer, id); !errors.Is(err, problem.NotFound) {
			t.Errorf("%s sees the organisation: %v", name, err)
		}
		if _, err := organisation.RoleOf(ctx, tx, viewer, id); !errors.Is(err, problem.NotFound) {
			t.Errorf("%s has a role: %v", name, err)
		}
		members, _ := organisation.Members(ctx, tx, viewer, id)
		papers, _ := organisation.Papers(ctx, tx, viewer, id)
		if len(members)+len(papers) != 0 {
			t.Errorf("%s sees %d members and %d papers", name, len(members), len(papers))
		}
	}
}

func TestOneInvitationTwoPeople(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	var head, a, b audit.Act
	var token string
	var id organisation.ID
	if err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		head, _ = person(t, tx, "Trưởng")
		a, _ = person(t, tx, "Một")
		b, _ = person(t, tx, "Hai")
		id = create(t, tx, head)
		token = invite(t, tx, head, id, "new@example.org", organisation.Reader)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	answers := make(chan error, 2)
	for _, act := range []audit.Act{a, b} {
		go func() {
			answers <- pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				_, err := organisation.Accept(ctx, tx, act, key, token)
				return err
			})
		}()
	}
	first, second := <-answers, <-answers
	if (first == nil) == (second == nil) {
		t.Errorf("two answers: %v and %v", first, second)
	}
	members, err := organisation.People(ctx, pool, id, organisation.Roles...)
	if err != nil || len(members) != 2 {
		t.Error("members:", members, err)
	}
}
