package deadline

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/proposal"
)

// Reminder says of what somebody is reminded.
type Reminder string

// The reminders: so many days before the deadline, and a draft in which nothing
// was written for some days.
const (
	Days7 Reminder = "days_7"
	Days3 Reminder = "days_3"
	Days1 Reminder = "days_1"
	Idle  Reminder = "idle"
)

// batch is how many reminders one transaction writes.
const batch = 200

// Remind writes the reminders that are due at act.At, at most some hundreds, and
// says how many; none when all are written. What was written before is in a
// table, unique by person, draft, kind and deadline, so that asking twice, by
// two workers or after a pause reminds nobody twice: of the stages that passed
// meanwhile only the last is told, and one that comes within a day waits for it.
// Who began or was told of a new deadline after a stage had passed is not
// reminded of that stage.
func Remind(ctx context.Context, tx pgx.Tx, act audit.Act) (int, error) {
	n, err := remind(ctx, tx, act, letter.Reminder, `
		with stages (kind, ahead) as (values ('days_7', interval '7 days'), ('days_3', interval '3 days'), ('days_1', interval '1 day'))
		select w.proposal_id, w.person_id, s.kind, w.closes_at as about
		from visible.draft_writers w
		cross join lateral (select s.kind, s.ahead from stages s where w.closes_at - s.ahead <= $1 order by s.ahead limit 1) s
		where w.reminders and w.opens_at <= $1 and $1 < w.closes_at
		  and greatest(w.created_at, w.told_at) < w.closes_at - s.ahead
		  and not exists (select from stages n where w.closes_at - n.ahead > $1 and w.closes_at - n.ahead <= $1 + interval '1 day')
		  and not exists (select from reminders r where r.proposal_id = w.proposal_id and r.kind = s.kind and r.person_id = w.person_id and r.about = w.closes_at)
		order by w.closes_at, w.proposal_id, w.person_id limit $2`)
	if err != nil || n > 0 {
		return n, err
	}
	return remind(ctx, tx, act, letter.Idle, `
		with stages (ahead) as (values (interval '7 days'), (interval '3 days'), (interval '1 day'))
		select w.proposal_id, w.person_id, 'idle' as kind, w.updated_at as about
		from visible.draft_writers w
		where w.reminders and w.opens_at <= $1 and $1 < w.closes_at and w.updated_at <= $1 - interval '5 days'
		  and not exists (select from stages n where w.closes_at - n.ahead > $1 and w.closes_at - n.ahead <= $1 + interval '1 day')
		  and not exists (select from reminders r where r.proposal_id = w.proposal_id and r.person_id = w.person_id
		                  and (r.kind = 'idle' and r.about = w.updated_at or r.sent_at > $1 - interval '1 day'))
		order by w.updated_at, w.proposal_id, w.person_id limit $2`)
}

// due is a reminder to be written.
type due struct {
	ProposalID proposal.ID
	PersonID   people.ID
	Kind       Reminder
	About      time.Time
}

func remind(ctx context.Context, tx pgx.Tx, act audit.Act, kind letter.Kind, sql string) (int, error) {
	list, err := pg.All[due](ctx, tx, sql, act.At, batch)
	if err != nil {
		return 0, fmt.Errorf("finding what to remind of: %w", err)
	}
	if len(list) == 0 {
		return 0, nil
	}
	var proposals []proposal.ID
	var persons []people.ID
	var kinds []string
	var abouts []time.Time
	for _, d := range list {
		proposals, persons, kinds, abouts = append(proposals, d.ProposalID), append(persons, d.PersonID), append(kinds, string(d.Kind)), append(abouts, d.About)
	}
	// Another worker that found the same waits here and then has nothing to write.
	mine, err := pg.All[due](ctx, tx, `
		insert into reminders (proposal_id, person_id, kind, about, sent_at)
		select t.proposal_id, t.person_id, t.kind, t.about, @at
		from unnest(@proposals::bigint[], @persons::bigint[], @kinds::text[], @abouts::timestamptz[]) as t (proposal_id, person_id, kind, about)
		order by t.proposal_id, t.person_id
		on conflict do nothing
		returning proposal_id, person_id, kind, about`, pgx.StrictNamedArgs{
		"at": act.At, "proposals": proposals, "persons": persons, "kinds": kinds, "abouts": abouts,
	})
	if err != nil {
		return 0, fmt.Errorf("noting reminders: %w", err)
	}
	drafts := map[Reminder][]draft{}
	for _, d := range mine {
		drafts[d.Kind] = join(drafts[d.Kind], d)
	}
	for kindOf, some := range drafts {
		if err := write(ctx, tx, act, "remind", kind, some, map[string]any{"reminder": string(kindOf)}); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// join adds who is reminded to those of the same draft.
func join(drafts []draft, d due) []draft {
	for i := range drafts {
		if drafts[i].ProposalID == d.ProposalID {
			drafts[i].Writers = append(drafts[i].Writers, d.PersonID)
			return drafts
		}
	}
	return append(drafts, draft{ProposalID: d.ProposalID, Writers: []people.ID{d.PersonID}})
}
