package passport

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/viet"
)

// Check says of a part, as the officer saw it, that it is in order or what is
// to be changed. Officers may, but not of an organisation of their own; what was
// changed since they looked is refused. The organisation's heads are told.
func Check(ctx context.Context, tx pgx.Tx, act audit.Act, org organisation.ID, part, mark string, verdict State, reason string) error {
	if err := lockForOffice(ctx, tx, act, org); err != nil {
		return err
	}
	parts, err := Parts(ctx, tx, people.ID(act.By), org)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(parts, func(p Part) bool { return p.Part == part })
	reason = viet.CleanText(reason)
	switch {
	case i < 0:
		return problem.Because(problem.Conflict, "passport.changed_meanwhile")
	case verdict != Verified && verdict != Change:
		return problem.Invalid{"verdict": problem.Say("passport.verdict_missing")}
	case verdict == Change && reason == "":
		return problem.Invalid{"reason": problem.Say("passport.reason_missing")}
	case viet.CountChars(reason) > longestReason:
		return problem.Invalid{"reason": problem.Say("proposal.reason_long", longestReason)}
	case parts[i].Mark != mark:
		return problem.Because(problem.Conflict, "passport.changed_meanwhile")
	case parts[i].State == verdict && parts[i].Reason == reason:
		return nil // a click twice
	}
	if verdict == Verified {
		reason = ""
	}
	if err := pg.Exec(ctx, tx, `
		insert into passport_checks (organisation_id, part, mark, verdict, reason, checked_by, checked_at)
		values (@org, @part, @mark, @verdict, @reason, @by, @at)
		on conflict (organisation_id, part) do update set mark = excluded.mark, verdict = excluded.verdict, reason = excluded.reason,
		  checked_by = excluded.checked_by, checked_at = excluded.checked_at`,
		pgx.StrictNamedArgs{"org": org, "part": part, "mark": mark, "verdict": verdict, "reason": reason, "by": act.By, "at": act.At}); err != nil {
		return fmt.Errorf("checking %s of organisation %s: %w", part, org, err)
	}
	event, err := audit.Record(ctx, tx, act, "check_passport", "organisation", org, audit.Detail{"part": part, "verdict": verdict})
	if err != nil {
		return err
	}
	to, err := organisation.People(ctx, tx, org, organisation.Head)
	if err != nil {
		return err
	}
	return people.Write(ctx, tx, act, event, letter.PassportChecked, letter.About{Refs: map[string]any{"organisation": org.String(), "part": part}}, to...)
}

// lockForOffice locks an organisation for an officer who is none of its people.
func lockForOffice(ctx context.Context, tx pgx.Tx, act audit.Act, org organisation.ID) error {
	if err := organisation.Hold(ctx, tx, people.ID(act.By), org); err != nil {
		return err
	}
	officer, err := pg.Value[bool](ctx, tx, `select exists (select from visible.roles($1) r where r.person_id = $1 and r.role = 'officer')`, act.By)
	if err != nil {
		return fmt.Errorf("asking who checks: %w", err)
	}
	_, err = organisation.RoleOf(ctx, tx, people.ID(act.By), org)
	switch {
	case err == nil:
		return problem.Because(problem.Forbidden, "passport.own")
	case !errors.Is(err, problem.NotFound):
		return err
	case !officer:
		return problem.Because(problem.Forbidden, "passport.officers_only")
	}
	return nil
}

// SeeAccount opens the number of an account to an officer, and remembers that
// they looked.
func SeeAccount(ctx context.Context, tx pgx.Tx, act audit.Act, secret people.Key, org organisation.ID) (string, error) {
	if err := lockForOffice(ctx, tx, act, org); err != nil {
		return "", err
	}
	n, err := number(ctx, tx, people.ID(act.By), secret, org)
	if errors.Is(err, problem.NotFound) {
		return "", problem.Because(problem.Conflict, "passport.no_account")
	}
	if err != nil {
		return "", err
	}
	_, err = audit.Record(ctx, tx, act, "see_account", "organisation", org, nil)
	return n, err
}

// ToRemind are the organisations of which a paper ends so soon that its heads are
// to be told, and were not told yet.
func ToRemind(ctx context.Context, db pg.DB, at time.Time) ([]organisation.ID, error) {
	list, err := pg.Values[organisation.ID](ctx, db, `
		select distinct d.organisation_id from (`+ending+`) d
		where not exists (select from passport_reminders r where r.paper_id = d.id and r.expires_on = d.expires_on and r.days = d.days)
		order by 1`, viet.Day(at))
	if err != nil {
		return nil, fmt.Errorf("finding organisations with papers that end: %w", err)
	}
	return list, nil
}

// ending are the papers that end within sixty days, and which of the three times
// to tell of it has come.
const ending = `
	select e.id, e.organisation_id, e.expires_on, min(n.days) as days
	from visible.expiring_papers e join unnest(array[7, 30, 60]) n (days) on e.expires_on - $1::date <= n.days
	where e.expires_on >= $1::date and e.expires_on <= $1::date + 60
	group by e.id, e.organisation_id, e.expires_on`

// Remind writes to the heads of an organisation whose papers end in sixty, thirty
// or seven days, once for each, and says how many papers. Whoever asks and
// however often, each is one letter.
func Remind(ctx context.Context, tx pgx.Tx, at time.Time, org organisation.ID) (int, error) {
	if err := organisation.Hold(ctx, tx, 0, org); err != nil {
		return 0, err
	}
	due, err := pg.Values[PaperID](ctx, tx, `
		insert into passport_reminders (paper_id, expires_on, days)
		select d.id, d.expires_on, d.days from (`+ending+`) d where d.organisation_id = $2 order by d.id
		on conflict do nothing
		returning paper_id`, viet.Day(at), org)
	if err != nil {
		return 0, fmt.Errorf("finding papers of organisation %s that end: %w", org, err)
	}
	if len(due) == 0 {
		return 0, nil
	}
	act := audit.Act{At: at}
	to, err := organisation.People(ctx, tx, org, organisation.Head)
	if err != nil {
		return 0, err
	}
	for _, paper := range due {
		event, err := audit.Record(ctx, tx, act, "remind_paper", "organisation", org, audit.Detail{"paper": paper.String()})
		if err != nil {
			return 0, err
		}
		about := letter.About{Refs: map[string]any{"organisation": org.String(), "paper": paper.String()}}
		if err := people.Write(ctx, tx, act, event, letter.PaperExpires, about, to...); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}
