package people

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
	"daubang/internal/words"
)

func TestRolesAreGrantedByAdminsAndNotToThemselves(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	act := admin(t, tx)
	id, email := someone(t, tx, "Bùi Thẩm")
	programme, err := pg.Value[int64](ctx, tx, `
		insert into programmes (title_vi, issuer_vi, created_at, updated_at) values ('Kế hoạch', 'UBND', $1, $1) returning id`, noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := GrantRole(ctx, tx, act, id, Officer, Scope{ProgrammeID: programme}); err != nil {
		t.Fatal(err)
	}
	if err := GrantRole(ctx, tx, act, id, Officer, Scope{ProgrammeID: programme}); key(err) != "people.has_role" {
		t.Error("granted twice:", err)
	}
	for name, refused := range map[string]error{
		"to oneself":        GrantRole(ctx, tx, act, ID(act.By), Auditor, Scope{}),
		"by an officer":     GrantRole(ctx, tx, audit.Act{By: int64(id), At: noon}, ID(act.By), Auditor, Scope{}),
		"by nobody":         GrantRole(ctx, tx, audit.Act{At: noon}, id, Auditor, Scope{}),
		"to oneself, shut":  Disable(ctx, tx, act, ID(act.By)),
		"shut by officer":   Disable(ctx, tx, audit.Act{By: int64(id), At: noon}, ID(act.By)),
		"enabled by nobody": Enable(ctx, tx, audit.Act{At: noon}, id),
	} {
		if !errors.Is(refused, problem.Forbidden) {
			t.Errorf("%s: %v", name, refused)
		}
	}
	for name, wrong := range map[string]error{
		"officer of nothing": GrantRole(ctx, tx, act, id, Officer, Scope{}),
		"admin of something": GrantRole(ctx, tx, act, id, Admin, Scope{ProgrammeID: programme}),
		"reviewer of a plan": GrantRole(ctx, tx, act, id, Reviewer, Scope{ProgrammeID: programme}),
		"no such role":       GrantRole(ctx, tx, act, id, "owner", Scope{}),
	} {
		if !errors.As(wrong, new(problem.Invalid)) {
			t.Errorf("%s: %v", name, wrong)
		}
	}
	if err := GrantRole(ctx, tx, act, 12345, Auditor, Scope{}); !errors.Is(err, problem.NotFound) {
		t.Error("to nobody:", err)
	}
	grants, err := Grants(ctx, tx, ID(act.By), id)
	if err != nil || len(grants) != 1 || grants[0].Role != Officer || grants[0].ProgrammeID != programme {
		t.Fatalf("grants: %+v, %v", grants, err)
	}
	if err := RevokeRole(ctx, tx, act, ID(act.By), grants[0].ID); !errors.Is(err, problem.Forbidden) {
		t.Error("revoked through another's page:", err)
	}
	if err := RevokeRole(ctx, tx, act, id, grants[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := RevokeRole(ctx, tx, act, id, grants[0].ID); !errors.Is(err, problem.NotFound) {
		t.Error("revoked twice:", err)
	}
	if err := GrantFromShell(ctx, tx, noon, email, Auditor, Scope{}); err != nil {
		t.Fatal(err)
	}
	if err := GrantFromShell(ctx, tx, noon, email, Auditor, Scope{}); err != nil {
		t.Error("the shell minds that a role is held:", err)
	}
	if got, want := events(t, tx, id), "add grant revoke grant"; got != want {
		t.Errorf("log says %q, want %q", got, want)
	}
}

func TestDisabledPeopleAreShutOut(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	act := admin(t, tx)
	id, email := someone(t, tx, "Cao Đóng")
	token, _ := open(t, tx, id, noon)
	if err := Disable(ctx, tx, act, id); err != nil {
		t.Fatal(err)
	}
	if v, _ := Enter(ctx, tx, token, noon); v.SignedIn() {
		t.Error("their session lives on")
	}
	if err := RequestReset(ctx, tx, audit.Act{At: noon}, email, ""); err != nil {
		t.Fatal(err)
	}
	if got := written(t, tx, email); len(got) != 0 {
		t.Error("they were written", got)
	}
	if err := GrantRole(ctx, tx, act, id, Auditor, Scope{}); key(err) != "people.disabled" {
		t.Error("they were given a role:", err)
	}
	if err := Enable(ctx, tx, act, id); err != nil {
		t.Fatal(err)
	}
	if v, _ := Enter(ctx, tx, token, noon); v.SignedIn() {
		t.Error("an ended session came back")
	}
	if _, err := SignIn(ctx, tx, audit.Act{At: noon}, Try{Email: email, Password: goodPassword}); err != nil {
		t.Error(err)
	}
}

func TestListOfPeople(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	act := admin(t, tx)
	viewer := ID(act.By)
	stranger, _ := someone(t, tx, "Zyx Đường Vắng")
	for range 2 {
		for _, name := range []string{"Zyx Đường An", "Zyx Đường Ăn", "Zyx Đường Ân", "Zyx Đường Dung", "Zyx Đường Đung"} {
			for range 3 {
				someone(t, tx, name)
			}
		}
	}
	var names []string
	f := Filter{Text: "ZYX DUONG"}
	for pages := 0; ; pages++ {
		page, err := List(ctx, tx, viewer, f)
		if err != nil || pages > 1 {
			t.Fatal("page", pages, err)
		}
		for _, l := range page.Lines {
			names = append(names, l.GivenName)
		}
		if f.After = page.Next; f.After == "" {
			break
		}
	}
	var want []string
	for _, n := range []string{"An", "Ăn", "Ân", "Dung", "Đung"} {
		for range 6 {
			want = append(want, n)
		}
	}
	if diff := cmp.Diff(append(want, "Vắng"), names); diff != "" {
		t.Error(diff)
	}
	page, err := List(ctx, tx, viewer, Filter{Text: "zyx duong", Role: Admin})
	if err != nil || len(page.Lines) != 0 {
		t.Error("filtered by role:", page, err)
	}
	page, err = List(ctx, tx, stranger, Filter{})
	if err != nil || len(page.Lines) != 1 || page.Lines[0].ID != stranger {
		t.Error("who holds no role sees", page, err)
	}
	if _, err := Get(ctx, tx, stranger, viewer); !errors.Is(err, problem.NotFound) {
		t.Error("who holds no role opened another:", err)
	}
	if page, err := List(ctx, tx, viewer, Filter{After: "' or 1=1 --", Text: "100%_zyx"}); err != nil || len(page.Lines) != 0 {
		t.Error("a crooked address:", page, err)
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	id, _ := someone(t, tx, "Lâm Cũ")
	act := audit.Act{By: int64(id), At: noon}
	err := SaveProfile(ctx, tx, act, Profile{Name: "", Phone: "1234"})
	if diff := cmp.Diff(error(problem.Invalid{"name": problem.Say("account.name_missing"), "phone": problem.Say("account.phone_wrong")}), err); diff != "" {
		t.Error(diff)
	}
	if err := SaveProfile(ctx, tx, act, Profile{Name: "Lâm Mới", Phone: "+84 912 345 678", Locale: words.En}); err != nil {
		t.Fatal(err)
	}
	p, err := MyProfile(ctx, tx, id)
	if diff := cmp.Diff(Profile{Name: "Lâm Mới", Phone: "0912345678", Locale: words.En}, p); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := pg.Value[ID](ctx, tx, `select id from people where id = $1 and search_key like 'lam moi someone%'`, id); err != nil {
		t.Error("not found by the new name:", err)
	}
}

func TestAddPersonAndShell(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), doorTx(t)
	email := mailbox("shell")
	id, err := AddPerson(ctx, tx, audit.Act{At: noon}, Newcomer{Name: "Đầu Tiên", Email: email})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := AddPerson(ctx, tx, audit.Act{At: noon}, Newcomer{Name: "Thứ Hai", Email: email}); key(err) != "people.email_taken" {
		t.Error("one address, two people:", err)
	}
	if _, err := AddPerson(ctx, tx, audit.Act{At: noon}, Newcomer{Name: "Yếu", Email: mailbox("weak"), Password: "123456789012"}); !errors.As(err, new(problem.Invalid)) {
		t.Error("the shell takes a common password:", err)
	}
	token, err := ResetFromShell(ctx, tx, noon, testKey, email)
	if err != nil {
		t.Fatal(err)
	}
	if err := Reset(ctx, tx, audit.Act{At: noon.Add(59 * time.Minute)}, testKey, token, goodPassword, ""); err != nil {
		t.Fatal(err)
	}
	e, err := SignIn(ctx, tx, audit.Act{At: noon.Add(time.Hour)}, Try{Email: email, Password: goodPassword})
	if err != nil || e.Person != id {
		t.Error(e, err)
	}
	if _, err := ResetFromShell(ctx, tx, noon, testKey, mailbox("nobody")); !errors.Is(err, problem.NotFound) {
		t.Error("reset nobody:", err)
	}
}
