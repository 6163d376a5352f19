package organisation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/problem"
	"daubang/internal/ref"
)

// letterTo is the token that the last letter to an address carries.
func letterTo(t *testing.T, tx pgx.Tx, email string) string {
	t.Helper()
	reference, err := pg.Value[string](t.Context(), tx, `
		select refs ->> 'invitation' from letters where address = $1 and kind = 'invitation'
		order by (select seq from audit_events e where e.id = event_id) desc limit 1`, email)
	if err != nil {
		t.Fatal("no letter:", err)
	}
	token, err := organisation.InvitationToken(t.Context(), tx, key, reference)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func invite(t *testing.T, tx pgx.Tx, head audit.Act, id organisation.ID, email string, role organisation.Role) string {
	t.Helper()
	if err := organisation.Invite(t.Context(), tx, head, id, email, role); err != nil {
		t.Fatal(err)
	}
	return letterTo(t, tx, email)
}

func join(t *testing.T, tx pgx.Tx, head audit.Act, id organisation.ID, who audit.Act, email string, role organisation.Role) {
	t.Helper()
	got, err := organisation.Accept(t.Context(), tx, who, key, invite(t, tx, head, id, email, role))
	if err != nil || got != id {
		t.Fatal("joining:", got, err)
	}
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	head, _ := person(t, tx, "Trưởng")
	guest, guestMail := person(t, tx, "Khách")
	id := create(t, tx, head)
	older := invite(t, tx, head, id, guestMail, organisation.Head)
	token := invite(t, tx, head, id, guestMail, organisation.Writer)
	if _, err := organisation.Offered(ctx, tx, key, 0, older, noon); words1(err) != "organisation.invitation_ended" {
		t.Error("the older letter still works:", err)
	}
	offer, err := organisation.Offered(ctx, tx, key, 0, token, noon)
	if err != nil || offer.OrganisationName.Vi != "Hợp tác xã Dệt Lụa" || offer.InvitedBy != "Trưởng" || offer.Role != organisation.Writer {
		t.Errorf("the offer is %+v, %v", offer, err)
	}
	waiting, err := organisation.Waiting(ctx, tx, people.ID(guest.By), noon)
	if err != nil || len(waiting) != 1 || waiting[0].ID != offer.ID {
		t.Fatalf("waiting: %+v, %v", waiting, err)
	}
	if _, err := organisation.Accept(ctx, tx, audit.Act{At: noon}, key, token); words1(err) != "organisation.invitation_ended" {
		t.Error("nobody accepted:", err)
	}
	if _, err := organisation.Accept(ctx, tx, guest, key, offer.ID.String()); err != nil {
		t.Error("the holder of the address, without the letter:", err)
	}
	if _, err := organisation.Accept(ctx, tx, guest, key, token); words1(err) != "organisation.invitation_ended" {
		t.Error("accepted twice:", err)
	}
	role, err := organisation.RoleOf(ctx, tx, people.ID(guest.By), id)
	if err != nil || role != organisation.Writer {
		t.Error("joined as", role, err)
	}
	if err := organisation.Invite(ctx, tx, head, id, strings.ToUpper(guestMail), organisation.Reader); !errors.As(err, new(problem.Invalid)) {
		t.Error("a member was invited:", err)
	}
	lang, err := pg.Values[string](ctx, tx, `select distinct locale from letters where address = $1`, guestMail)
	if err != nil || !slices.Equal(lang, []string{"en"}) {
		t.Error("the letters are in", lang, err)
	}
}

func TestInvitationsThatAreOver(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	head, _ := person(t, tx, "Trưởng")
	second, secondMail := person(t, tx, "Trưởng Hai")
	other, otherMail := person(t, tx, "Người Khác")
	id := create(t, tx, head)
	join(t, tx, head, id, second, secondMail, organisation.Head)
	email := "new." + ref.New[people.ID]().String() + "@example.org"
	token := invite(t, tx, second, id, email, organisation.Reader)
	yours := invite(t, tx, head, id, otherMail, organisation.Reader)
	reference := token[:12]
	for name, proof := range map[string]string{
		"empty": "", "blank": " ", "cut": token[:len(token)-1], "longer": token + "0", "another's signature": token[:12] + yours[12:],
		"the mere reference": reference, "unknown": ref.New[organisation.ID]().String(), "NUL": token[:20] + "\x00",
	} {
		if _, err := organisation.Offered(ctx, tx, key, people.ID(other.By), proof, noon); words1(err) != "organisation.invitation_ended" {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := organisation.Accept(ctx, tx, other, key, proof); words1(err) != "organisation.invitation_ended" {
			t.Errorf("%s was accepted: %v", name, err)
		}
	}
	if _, err := organisation.Offered(ctx, tx, nil, 0, token, noon); words1(err) != "organisation.invitation_ended" {
		t.Error("no key, and a link fits:", err)
	}
	late := audit.Act{By: other.By, At: noon.AddDate(0, 0, 14)}
	if _, err := organisation.Accept(ctx, tx, late, key, token); words1(err) != "organisation.invitation_ended" {
		t.Error("accepted after fourteen days:", err)
	}
	// Who holds the letter may accept with another address of theirs.
	if _, err := organisation.Accept(ctx, tx, other, key, token); err != nil {
		t.Error("with the letter and another address:", err)
	}
	if err := organisation.Refuse(ctx, tx, other, key, yours); err != nil {
		t.Error(err)
	}
	if _, err := organisation.Accept(ctx, tx, other, key, yours); words1(err) != "organisation.invitation_ended" {
		t.Error("accepted after refusing:", err)
	}
	third := invite(t, tx, second, id, "third."+email, organisation.Head)
	if err := organisation.SetRole(ctx, tx, head, id, people.ID(second.By), organisation.Writer); err != nil {
		t.Fatal(err)
	}
	if _, err := organisation.Offered(ctx, tx, key, 0, third, noon); words1(err) != "organisation.invitation_ended" {
		t.Error("the invitation of who is no head any more works:", err)
	}
	fourth := invite(t, tx, head, id, "fourth."+email, organisation.Reader)
	open, err := organisation.Invitations(ctx, tx, people.ID(second.By), id, noon)
	if err != nil || len(open) != 1 {
		t.Fatalf("open: %+v, %v", open, err)
	}
	if err := organisation.Revoke(ctx, tx, second, id, open[0].ID); !errors.Is(err, problem.Forbidden) {
		t.Error("a writer revoked:", err)
	}
	if err := organisation.Revoke(ctx, tx, head, id, open[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := organisation.Revoke(ctx, tx, head, id, open[0].ID); !errors.Is(err, problem.NotFound) {
		t.Error("revoked twice:", err)
	}
	if _, err := organisation.Offered(ctx, tx, key, 0, fourth, noon); words1(err) != "organisation.invitation_ended" {
		t.Error("a revoked invitation works:", err)
	}
}

func TestInvitationsAreRationed(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	head, _ := person(t, tx, "Trưởng")
	one, two := create(t, tx, head), create(t, tx, head)
	for i := range 30 {
		id := one
		if i%2 == 1 {
			id = two
		}
		if err := organisation.Invite(ctx, tx, head, id, fmt.Sprintf("many.%d.%s@example.org", i, one), organisation.Reader); err != nil {
			t.Fatal(err)
		}
	}
	if err := organisation.Invite(ctx, tx, head, one, "one.more@example.org", organisation.Reader); !errors.Is(err, problem.TooMany) {
		t.Error("the thirty-first letter in a day:", err)
	}
	tomorrow := audit.Act{By: head.By, At: noon.AddDate(0, 0, 1)}
	if err := organisation.Invite(ctx, tx, tomorrow, one, "one.more@example.org", organisation.Reader); err != nil {
		t.Error("the day after:", err)
	}
}
