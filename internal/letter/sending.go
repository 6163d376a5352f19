package letter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Due is a letter that is about to be worded and sent.
type Due struct {
	ID         ID
	Kind       Kind
	PersonID   int64 // 0: an address without an account
	Address    string
	Lang       words.Lang
	ProposalID int64 // 0: about no proposal
	Refs       map[string]any
	Tries      int // with this one
	QueuedAt   time.Time
}

// Ref is the text that refs hold under name, or nothing.
func (d Due) Ref(name string) string {
	s, _ := d.Refs[name].(string)
	return s
}

// Number is the whole number that refs hold under name, or 0.
func (d Due) Number(name string) int {
	f, _ := d.Refs[name].(float64) // JSON knows no other
	return int(f)
}

// Int is the id whose reference refs hold under name, or 0.
func (d Due) Int(name string) int64 {
	id, err := ref.Parse[int64](d.Ref(name))
	if err != nil {
		return 0
	}
	return id
}

// Written is a letter as it was worded; one-time links are not in it.
type Written struct{ Subject, Text, HTML string }

var (
	// Settled says that there is nothing to do for a letter: it is sent, given up
	// or not there.
	Settled = errors.New("letter is settled")
	// Taken says that another worker has the letter in hand.
	Taken = errors.New("letter is in another worker's hands")
)

// Take takes a queued letter in hand for so long: until then, or until
// [Settle] or [Wait], no other worker can. The time is the database's, for the
// lease is between machines. A real try to send is counted; wording alone is not.
func Take(ctx context.Context, db pg.DB, id ID, lease time.Duration, try bool) (Due, error) {
	d, err := pg.One[Due](ctx, db, `
		update letters set lease_until = clock_timestamp() + $2::interval, tries = tries + case when $3 then 1 else 0 end
		where id = $1 and state = 'queued' and (lease_until is null or lease_until < clock_timestamp())
		returning id, kind, coalesce(person_id, 0) as person_id, address, locale as lang, coalesce(proposal_id, 0) as proposal_id, refs, tries, queued_at`,
		id, lease, try)
	if !errors.Is(err, problem.NotFound) {
		return d, err
	}
	waiting, err := pg.Value[bool](ctx, db, `select exists (select from letters where id = $1 and state = 'queued')`, id)
	switch {
	case err != nil:
		return Due{}, err
	case waiting:
		return Due{}, Taken
	default:
		return Due{}, Settled
	}
}

// Outcome is what became of a letter in hand.
type Outcome struct {
	State  State
	As     Written   // what was sent; what failed before it was worded keeps the words it had
	Reason Reason    // of Withheld
	Said   string    // by the mail server, of Failed
	At     time.Time // of Sent
}

// Settle notes what became of a letter that the caller took in hand. One that
// somebody settled meanwhile is [Settled].
func Settle(ctx context.Context, tx pgx.Tx, d Due, o Outcome) error {
	err := pg.Exec(ctx, tx, `
		update letters set state = @state, lease_until = null, withheld_for = @reason, last_error = @said,
		       sent_at = case when @state = 'sent' then @at::timestamptz end,
		       subject = case when @subject = '' then subject else @subject end,
		       body_text = case when @subject = '' then body_text else @text end,
		       body_html = case when @subject = '' then body_html else @html end,
		       search_key = case when @subject = '' then search_key else @key end
		where id = @id and state = 'queued'`,
		pgx.StrictNamedArgs{
			"id": d.ID, "state": o.State, "reason": o.Reason, "said": o.Said, "at": o.At,
			"subject": o.As.Subject, "text": o.As.Text, "html": o.As.HTML, "key": viet.Key(o.As.Subject),
		})
	if errors.Is(err, problem.NotFound) {
		return Settled
	} else if err != nil {
		return fmt.Errorf("settling letter %s: %w", d.ID, err)
	}
	return nil
}

// Wait lets a letter out of hand that a later try may send, and notes why this
// one did not.
func Wait(ctx context.Context, db pg.DB, id ID, said string) error {
	if _, err := db.Exec(ctx, `update letters set lease_until = null, last_error = $2 where id = $1 and state = 'queued'`, id, said); err != nil {
		return fmt.Errorf("letting letter %s wait: %w", id, err)
	}
	return nil
}

// batch is how many letters one transaction moves.
const batch = 500

// Release queues letters that waited in the outbox for a mail server, the
// oldest first, and says how many; none when all are out. However many workers
// ask, each letter is queued once.
func Release(ctx context.Context, tx pgx.Tx) (int, error) {
	ids, err := pg.Values[ID](ctx, tx, `
		update letters set state = 'queued'
		where id in (select l.id from letters l where l.state = 'outbox' order by l.queued_at, l.id limit $1 for update skip locked)
		returning id`, batch)
	if err != nil {
		return 0, fmt.Errorf("emptying the outbox: %w", err)
	}
	return len(ids), send(ctx, tx, ids)
}

// Requeue gives a job back to letters that wait for one and have none, such as
// those whose worker was killed on their last try, and says how many. Letters
// queued since before are left alone.
func Requeue(ctx context.Context, tx pgx.Tx, before time.Time) (int, error) {
	ids, err := pg.Values[ID](ctx, tx, `
		select l.id from letters l
		where l.state = 'queued' and l.queued_at < $1 and not exists (select from letter_jobs j where j.letter_id = l.id)
		order by l.queued_at, l.id limit $2 for update of l skip locked`, before, batch)
	if err != nil {
		return 0, fmt.Errorf("finding letters without a job: %w", err)
	}
	return len(ids), send(ctx, tx, ids)
}
