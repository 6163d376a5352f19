package together_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/portaltest"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/review"
	"daubang/internal/together"
)

var signing = people.Key("a secret of the tests, long enough")

func (w *world) invite(t *testing.T, by string, asked together.Invitation) error {
	t.Helper()
	return w.as(t, by, portaltest.Now, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return together.Invite(ctx, tx, act, w.draft, asked)
	})
}

// link is the token of the last letter of invitation.
func (w *world) link(t *testing.T) string {
	t.Helper()
	reference, err := pg.Value[string](t.Context(), w.db, `
		select l.refs ->> 'co_applicant' from letters l join audit_events e on e.id = l.event_id where l.kind = 'co_applicant_invited' order by e.seq desc limit 1`)
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := together.OfferOf(t.Context(), w.db, signing, reference)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (w *world) confirm(t *testing.T, by, proof string, as int64) error {
	t.Helper()
	return w.as(t, by, portaltest.Now.Add(time.Minute), func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		_, err := together.Confirm(ctx, tx, act, signing, proof, organisation.ID(as))
		return err
	})
}

func (w *world) view(t *testing.T, persona string, p proposal.ID) proposal.View {
	t.Helper()
	got, err := proposal.Get(t.Context(), w.db, w.who(persona), p)
	if err != nil && !errors.Is(err, problem.NotFound) {
		t.Fatal(err)
	}
	return got.View
}

func (w *world) answers(t *testing.T, persona string) (all []string) {
	t.Helper()
	list, err := together.CoApplicants(t.Context(), w.db, w.who(persona), w.draft)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		all = append(all, fmt.Sprint(c.Name, " ", c.Role, " ", c.State))
	}
	return all
}

var bank = together.Invitation{Name: " Hợp tác xã  Bến Đậu ", Email: "lien-he@ben-dau.test", Role: together.CoLead}

// An organisation is asked by letter, confirms by its head, reads, and is out
// again; nobody else learns of it.
func TestApplyingTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if v := w.view(t, "OX", w.draft); v != "" {
		t.Fatal("a stranger sees it as", v)
	}
	if err := w.invite(t, "HD", bank); err != nil {
		t.Fatal(err)
	}
	token := w.link(t)
	if err := w.invite(t, "HD", bank); err != nil { // again: a new letter, and the old link ends
		t.Fatal(err)
	}
	if err := w.confirm(t, "OX", token, w.Other); key(err) != "together.co.ended" {
		t.Errorf("the link of the letter before: %v", err)
	}
	token = w.link(t)
	if o, err := together.Offered(t.Context(), w.db, signing, 0, token, portaltest.Now); err != nil || o.LeadVi == "" || o.Name != "Hợp tác xã Bến Đậu" {
		t.Errorf("%+v, %v", o, err)
	}
	if w.view(t, "OX", w.draft) != "" {
		t.Error("to be asked is to see")
	}
	if err := w.confirm(t, "OX", token, w.Other); err != nil {
		t.Fatal(err)
	}
	if v := w.view(t, "OX", w.draft); v != proposal.AsCoApplicant {
		t.Errorf("seen as %q", v)
	}
	want := []string{"Hợp tác xã Lanh coordinate confirmed", "Quỹ fund invited", "Hợp tác xã Bến Đậu co_lead confirmed"}
	got := w.answers(t, "RD")
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || w.letters(t, letter.CoApplicantAnswered) != 2 { // HD and OH head the applicant
		t.Errorf("%q, %d letters", got, w.letters(t, letter.CoApplicantAnswered))
	}
	if err := w.as(t, "OX", portaltest.Now, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		_, err := proposal.SaveSection(ctx, tx, act, w.draft, "problem", 1, nil, false)
		return err
	}); !errors.Is(err, problem.Forbidden) {
		t.Errorf("who applies together writes: %v", err)
	}
	list, err := together.CoApplicants(t.Context(), w.db, w.who("OX"), w.draft)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.Email != "" {
			t.Errorf("%s reads where others were written to: %q", "OX", c.Email)
		}
	}
	mine := list[slices.IndexFunc(list, func(c together.CoApplicant) bool {
		return c.OrganisationID != nil && int64(*c.OrganisationID) == w.Other
	})]
	remove := func(by string, part together.CoApplicantID) error {
		return w.as(t, by, portaltest.Now, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return together.Remove(ctx, tx, act, w.draft, part)
		})
	}
	for by, want := range map[string]error{"WR": problem.Forbidden, "PO": problem.NotFound, "CO": problem.Forbidden, "RU": problem.NotFound, "AU": problem.Forbidden} {
		if err := remove(by, mine.ID); !errors.Is(err, want) {
			t.Errorf("taken out by %s: %v", by, err)
		}
	}
	if err := remove("OX", mine.ID); err != nil || w.view(t, "OX", w.draft) != "" {
		t.Errorf("goes itself: %v, sees it as %q", err, w.view(t, "OX", w.draft))
	}
	if err := remove("HD", mine.ID); !errors.Is(err, problem.NotFound) {
		t.Errorf("taken out twice: %v", err)
	}
}

// Of all who press at once, one confirms.
func TestAnInvitationIsConfirmedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.invite(t, "HD", bank); err != nil {
		t.Fatal(err)
	}
	token := w.link(t)
	ready, errs := make(chan struct{}), make([]error, 6)
	var done sync.WaitGroup
	for i := range errs {
		done.Go(func() {
			<-ready
			by := "OX"
			if i%2 == 1 {
				by = "CO" // already part of it, so never the one
			}
			errs[i] = w.confirm(t, by, token, w.Other)
		})
	}
	close(ready)
	done.Wait()
	won := 0
	for i, err := range errs {
		switch {
		case err == nil:
			won++
		case key(err) != "together.co.ended" && (i%2 == 0 || key(err) != "together.co.heads"):
			t.Errorf("%d: %v", i, err)
		}
	}
	if won != 1 || w.letters(t, letter.CoApplicantAnswered) != 2 {
		t.Errorf("%d confirmed, %d letters", won, w.letters(t, letter.CoApplicantAnswered))
	}
}

func TestWhoMayConfirmWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.invite(t, "HD", bank); err != nil {
		t.Fatal(err)
	}
	token := w.link(t)
	if err := w.confirm(t, "OX", token, 0); !errors.As(err, new(problem.Invalid)) {
		t.Errorf("for nobody: %v", err)
	}
	if err := w.confirm(t, "OX", token, w.Partner); key(err) != "together.co.heads" {
		t.Errorf("for another's organisation: %v", err)
	}
	for by, as := range map[string]int64{"HD": w.Organisation, "CO": w.Partner} {
		if err := w.confirm(t, by, token, as); !errors.As(err, new(problem.Invalid)) {
			t.Errorf("%s for one that is in it already: %v", by, err)
		}
	}
	forged := token[:len(token)-1] + map[bool]string{true: "1", false: "0"}[strings.HasSuffix(token, "0")]
	for name, proof := range map[string]string{"a forged link": forged, "none": "", "the mere reference": token[:12], "nonsense": "x"} {
		if err := w.confirm(t, "OX", proof, w.Other); key(err) != "together.co.ended" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, status := range []string{"in_review", "withdrawn", "discarded"} {
		if _, err := w.db.Exec(t.Context(), `update proposals set status = $2 where id = $1`, w.draft, status); err != nil {
			t.Fatal(err)
		}
		if err := w.confirm(t, "OX", token, w.Other); key(err) != "together.co.ended" {
			t.Errorf("of what is %s: %v", status, err)
		}
	}
	if _, err := w.db.Exec(t.Context(), `update proposals set status = 'submitted' where id = $1`, w.draft); err != nil {
		t.Fatal(err)
	}
	if err := w.confirm(t, "OX", token, w.Other); err != nil {
		t.Errorf("after sending, before review: %v", err)
	}
}

func TestWhoMayBeInvited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for field, asked := range map[string]together.Invitation{
		"name":  {Email: bank.Email, Role: bank.Role},
		"email": {Name: "A", Email: "không", Role: bank.Role},
		"role":  {Name: "A", Email: bank.Email, Role: "boss"},
	} {
		if wrong, _ := errors.AsType[problem.Invalid](w.invite(t, "HD", asked)); wrong[field].Key == "" {
			t.Errorf("%s: %v", field, wrong)
		}
	}
	if _, err := w.db.Exec(t.Context(), `update people set email_key = lower(email_key)`); err != nil { // the world's are not folded
		t.Fatal(err)
	}
	if wrong, _ := errors.AsType[problem.Invalid](w.invite(t, "HD", together.Invitation{Name: "A", Email: "wr@portal.test", Role: bank.Role})); wrong["email"].Key != "together.co.own" {
		t.Errorf("a colleague: %v", wrong)
	}
	for by, want := range map[string]error{"WR": problem.Forbidden, "RD": problem.Forbidden, "CO": problem.Forbidden, "OX": problem.NotFound, "PO": problem.NotFound} {
		if err := w.invite(t, by, bank); !errors.Is(err, want) {
			t.Errorf("by %s: %v", by, err)
		}
	}
	for i := range 8 { // two are there
		if err := w.invite(t, "HD", together.Invitation{Name: "A", Email: fmt.Sprintf("a%d@a.test", i), Role: together.Fund}); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := w.invite(t, "HD", bank); key(err) != "together.co.too_many" {
		t.Errorf("an eleventh: %v", err)
	}
	if err := w.invite(t, "HD", together.Invitation{Name: "A", Email: "a0@a.test", Role: together.Fund}); err != nil {
		t.Errorf("a new letter to one of ten: %v", err)
	}
	w.draft = proposal.ID(w.Proposal["submitted"])
	if err := w.invite(t, "HD", bank); key(err) != "proposal.sealed_open" {
		t.Errorf("for what was sent: %v", err)
	}
	if err := w.as(t, "HD", portaltest.Now, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return proposal.Reopen(ctx, tx, act, w.draft)
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.invite(t, "HD", bank); err != nil {
		t.Errorf("for what is being changed: %v", err)
	}
}

// Who applies together judges nothing of it, on no channel; in a blind call
// reviewers do not learn who they are.
func TestWhoAppliesTogetherDoesNotJudge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	judged := proposal.ID(w.Proposal["in_review"])
	for _, sql := range []string{ // CO and a colleague hold every role there is
		`insert into roles (person_id, role, programme_id, call_id, granted_at) values ($1, 'officer', $2, null, now()), ($1, 'reviewer', null, $3, now()), ($1, 'chair', null, $3, now())`,
	} {
		if _, err := w.db.Exec(t.Context(), sql, w.who("CO"), w.Programme, w.Call); err != nil {
			t.Fatal(err)
		}
	}
	if v := w.view(t, "CO", judged); v != proposal.AsCoApplicant {
		t.Errorf("an officer who applies together sees it as %q", v)
	}
	for channel, sql := range map[string]string{
		"the desk":    `select count(*)::int from visible.desk($1) where id = $2`,
		"assignments": `select count(*)::int from visible.assignments($1) where proposal_id = $2`,
		"reviews":     `select count(*)::int from visible.reviews($1) where proposal_id = $2`,
		"conflicts":   `select count(*)::int from visible.conflicts($1) where proposal_id = $2`,
		"the ranking": `select count(*)::int from visible.ranking($1) where id = $2`,
		"feedback":    `select count(*)::int from visible.feedback($1) where proposal_id = $2`,
		"history":     `select count(*)::int from visible.history($1) where proposal_id = $2`,
		"presence":    `select count(*)::int from visible.presences($1) where proposal_id = $2`,
		"personal":    `select count(*)::int from visible.documents($1) where proposal_id = $2 and personal`,
		"letters":     `select count(*)::int from visible.letters($1) where proposal_id = $2 and whole`,
	} {
		if n, err := pg.Value[int](t.Context(), w.db, sql, w.who("CO"), judged); err != nil || n != 0 {
			t.Errorf("%s: %d rows, %v", channel, n, err)
		}
	}
	type sum struct{ Listed, Counted int64 }
	for _, who := range []string{"CO", "PO", "OH"} {
		s, err := pg.One[sum](t.Context(), w.db, `select (select count(*) from visible.desk($1)) as listed, (select coalesce(sum(n), 0)::bigint from visible.desk_counts($1)) as counted`, w.who(who))
		if err != nil || s.Listed != s.Counted {
			t.Errorf("%s: %+v, %v", who, s, err)
		}
	}
	candidates, err := review.Candidates(t.Context(), w.db, w.who("PO"), judged)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(candidates, func(c review.Candidate) bool { return c.ID == w.who("CO") })
	if i < 0 || candidates[i].Bar != review.Belongs {
		t.Errorf("may be asked to review: %+v", candidates)
	}
	w.draft = judged
	if len(w.answers(t, "RA")) != 1 {
		t.Error("a reviewer who may know who applies does not see who else")
	}
	if _, err := w.db.Exec(t.Context(), `update calls set blind = true where id = $1`, w.Call); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"RA", "CH", "RU", "OX"} {
		if list := w.answers(t, who); len(list) != 0 {
			t.Errorf("in a blind call %s learns of %v", who, list)
		}
	}
	if len(w.answers(t, "PO")) != 1 {
		t.Error("an officer does not see them")
	}
}
