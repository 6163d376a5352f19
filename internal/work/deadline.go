package work

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/deadline"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/proposal"
	"daubang/templates/letters"
)

// remind writes the reminders that are due. What is due stands in the database:
// after a pause the round catches up, and two at once write each once.
func remind(ctx context.Context, o Options) error {
	return untilNone(ctx, o, "they were reminders", func(tx pgx.Tx) (int, error) {
		return deadline.Remind(ctx, tx, audit.Act{At: o.Now()})
	})
}

// wordDeadline words what is said of a deadline to who is still writing. Once
// they have sent it, or the time is over, it is not said any more.
func (o Options) wordDeadline(ctx context.Context, d letter.Due, name string, now time.Time) (l letters.Letter, err error) {
	m, err := o.matter(ctx, d, name, proposal.AsApplicant)
	if err != nil {
		return l, err
	}
	until := m.proposal.Until(m.call)
	writing := proposal.Draft
	if d.Kind == letter.ReturnExtended {
		writing = proposal.Returned
	}
	if !m.at(writing) || !now.Before(until) {
		return l, withheld(letter.MovedOn)
	}
	switch d.Kind {
	case letter.ReturnExtended:
		return letters.ReturnExtended(ctx, m.about, until, letters.Typed(d.Ref("reason"))), nil
	case letter.Extended:
		why, err := deadline.Concerning(ctx, o.DB, people.ID(d.PersonID), m.proposal.CallID, m.proposal.OrganisationID)
		if err != nil {
			return l, err
		}
		if why == nil {
			return l, withheld(letter.Gone)
		}
		return letters.Extended(ctx, m.about, until, letters.Typed(why.Reason)), nil
	case letter.Idle:
		return letters.Idle(ctx, m.about, m.proposal.UpdatedAt, until, now), nil
	default:
		return letters.Reminder(ctx, m.about, until, now), nil
	}
}
