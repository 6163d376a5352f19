package deadline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

// Extend puts the deadline of a published call off, for whom the entry says, and
// tells everybody who is writing a draft that it concerns. Only officers of its
// programme may, and not for an organisation of their own. Once the call has
// closed it only asks for it: it holds when a second officer has confirmed it,
// and nobody is told before. What is wrong with the entry comes back beside its
// fields.
func Extend(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID, e Entry) (State, error) {
	c, err := call.Lock(ctx, tx, act, id)
	if err != nil {
		return "", err
	}
	if c.Status != call.Published {
		return "", problem.Because(problem.Conflict, "call.refused.draft")
	}
	what, err := e.read(ctx, tx, people.ID(act.By), c, act.At)
	if err != nil {
		return "", err
	}
	if err := notOwn(ctx, tx, act, what.organisations); err != nil {
		return "", err
	}
	again, err := pg.Value[bool](ctx, tx, `
		select exists (select from extensions where call_id = @call and late and confirmed_at is null and dropped_at is null and proposed_by = @by and closes_at = @until
		  and whole = @whole and provinces = @provinces and communes = @communes and organisations = @organisations and reason = @reason)`, pgx.StrictNamedArgs{
		"call": c.ID, "by": act.By, "until": what.closesAt, "whole": what.whole, "provinces": orEmpty(what.provinces), "communes": orEmpty(what.communes),
		"organisations": orEmpty(what.organisations), "reason": what.reason,
	})
	if err != nil {
		return "", fmt.Errorf("looking for the same extension of call %s: %w", c.Code, err)
	}
	if again { // a click twice: it waits already
		return Pending, nil
	}
	x, err := insert(ctx, tx, act, c, what)
	if err != nil {
		return "", err
	}
	if x.Late {
		_, err := audit.Record(ctx, tx, act, "extend_propose", "call", id, x.detail())
		return Pending, err
	}
	return Holds, hold(ctx, tx, act, x)
}

// notOwn refuses who belongs to an organisation that is named.
func notOwn(ctx context.Context, tx pgx.Tx, act audit.Act, named []organisation.ID) error {
	mine, err := organisation.Mine(ctx, tx, people.ID(act.By))
	if err != nil {
		return err
	}
	for _, m := range mine {
		if slices.Contains(named, m.ID) {
			return problem.Because(problem.Forbidden, "deadline.refused.own", m.NameVi)
		}
	}
	return nil
}

// locked is an extension as it stands, with its call locked.
type locked struct {
	ID            ID
	CallID        call.ID
	Whole         bool
	Organisations []organisation.ID
	ClosedBefore  time.Time
	ClosesAt      time.Time
	Late          bool
	ProposedBy    people.ID
	ConfirmedAt   *time.Time
	DroppedAt     *time.Time
}

func (x locked) detail() audit.Detail {
	return audit.Detail{"extension": x.ID.String(), "closes_at": call.Moved(x.ClosedBefore, x.ClosesAt)}
}

func insert(ctx context.Context, tx pgx.Tx, act audit.Act, c call.Call, what content) (locked, error) {
	x, err := pg.One[locked](ctx, tx, `
		insert into extensions (call_id, whole, provinces, communes, organisations, closed_before, closes_at, reason, late, proposed_by, proposed_at)
		values (@call, @whole, @provinces, @communes, @organisations, @before, @until, @reason, @late, @by, @at)
		returning id, call_id, whole, organisations, closed_before, closes_at, late, proposed_by, confirmed_at, dropped_at`, pgx.StrictNamedArgs{
		"call": c.ID, "whole": what.whole, "provinces": orEmpty(what.provinces), "communes": orEmpty(what.communes),
		"organisations": orEmpty(what.organisations), "before": c.ClosesAt, "until": what.closesAt, "reason": what.reason,
		"late": !act.At.Before(c.ClosesAt), "by": act.By, "at": act.At,
	})
	if err != nil {
		return x, fmt.Errorf("extending call %s: %w", c.Code, err)
	}
	return x, nil
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Confirm makes an extension hold that another officer asked for when the call
// had closed, and tells those concerned. It refuses who asked for it, and what
// has passed or is overtaken meanwhile.
func Confirm(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	x, c, err := lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	switch {
	case x.ProposedBy == people.ID(act.By):
		return problem.Because(problem.Forbidden, "deadline.refused.same_person")
	case !x.ClosesAt.After(act.At):
		return problem.Because(problem.Conflict, "deadline.refused.past")
	case !x.ClosesAt.After(c.ClosesAt):
		return problem.Because(problem.Conflict, "deadline.refused.not_later")
	}
	if err := notOwn(ctx, tx, act, x.Organisations); err != nil {
		return err
	}
	return hold(ctx, tx, act, x)
}

// Drop ends an extension that was asked for and not confirmed; nobody was told
// of it. Any officer of the programme may, who asked for it too.
func Drop(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) error {
	x, _, err := lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if err := pg.Exec(ctx, tx, `update extensions set dropped_by = $2, dropped_at = $3 where id = $1`, id, act.By, act.At); err != nil {
		return fmt.Errorf("dropping an extension: %w", err)
	}
	_, err = audit.Record(ctx, tx, act, "extend_drop", "call", x.CallID, audit.Detail{"extension": id.String()})
	return err
}

// lock holds an extension that still waits for its second officer, and its call:
// of two who confirm at once, one comes too late.
func lock(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (locked, call.Call, error) {
	of, err := pg.Value[call.ID](ctx, tx, `select call_id from extensions where id = $1`, id)
	if err != nil {
		return locked{}, call.Call{}, err
	}
	c, err := call.Lock(ctx, tx, act, of)
	if err != nil {
		return locked{}, c, err
	}
	x, err := pg.One[locked](ctx, tx, `
		select id, call_id, whole, organisations, closed_before, closes_at, late, proposed_by, confirmed_at, dropped_at
		from extensions where id = $1 for update`, id)
	switch {
	case err != nil:
		return x, c, fmt.Errorf("locking extension %s: %w", id, err)
	case x.ConfirmedAt != nil:
		return x, c, problem.Because(problem.Conflict, "deadline.refused.confirmed")
	case x.DroppedAt != nil:
		return x, c, problem.Because(problem.Conflict, "deadline.refused.dropped")
	}
	return x, c, nil
}

// hold makes an extension count from now on, and tells who is writing. One for
// places is from now on for the organisations that stand there now, and for those
// that register there later: a record that moves neither gains nor loses time.
func hold(ctx context.Context, tx pgx.Tx, act audit.Act, x locked) error {
	if err := pg.Exec(ctx, tx, `
		update extensions set confirmed_by = $2, confirmed_at = $3, stood = extension_stood(provinces, communes) where id = $1`, x.ID, holder(act, x), act.At); err != nil {
		return fmt.Errorf("extending call %d: %w", x.CallID, err)
	}
	var err error
	if x.Whole {
		err = call.Extend(ctx, tx, act, x.CallID, x.ClosesAt)
	} else {
		_, err = audit.Record(ctx, tx, act, "extend_some", "call", x.CallID, x.detail())
	}
	if err != nil {
		return err
	}
	drafts, err := pg.All[draft](ctx, tx, `
		select w.proposal_id, array_agg(w.person_id order by w.person_id) as writers
		from visible.draft_writers w join extensions e on e.call_id = w.call_id
		where e.id = $1 and extension_concerns(e, w.organisation_id) group by w.proposal_id`, x.ID)
	if err != nil {
		return fmt.Errorf("finding the drafts of call %d: %w", x.CallID, err)
	}
	return write(ctx, tx, act, "extend", letter.Extended, drafts, map[string]any{"extension": x.ID.String()})
}

func holder(act audit.Act, x locked) people.ID {
	if x.Late {
		return people.ID(act.By)
	}
	return x.ProposedBy
}

// draft is a proposal that is being written, and by whom.
type draft struct {
	ProposalID proposal.ID
	Writers    []people.ID
}

// write records an event at each draft and queues a letter to its writers. A
// draft that was sent or thrown away meanwhile is left out.
func write(ctx context.Context, tx pgx.Tx, act audit.Act, verb string, kind letter.Kind, drafts []draft, refs map[string]any) error {
	writers := map[proposal.ID][]people.ID{}
	ids := make([]proposal.ID, len(drafts))
	for i, d := range drafts {
		ids[i], writers[d.ProposalID] = d.ProposalID, d.Writers
	}
	found, err := proposal.LockAll(ctx, tx, ids)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(p proposal.Locked) bool { return p.Status != proposal.Draft })
	if len(found) == 0 {
		return nil
	}
	ids = ids[:0]
	for _, p := range found {
		ids = append(ids, p.ID)
	}
	events, err := audit.RecordAll(ctx, tx, act, verb, "proposal", ids, audit.Detail(refs))
	if err != nil {
		return err
	}
	notices := make([]people.Notice, len(found))
	for i, p := range found {
		notices[i] = people.Notice{Event: events[i], About: p.About(refs), To: writers[p.ID]}
	}
	return people.WriteAll(ctx, tx, act, kind, notices...)
}
