package inquiry

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Ask puts a question about a published call to its office. It refuses nobody
// who is signed in, but an empty or too long text, a call that takes no more
// questions, and more than so many a day.
func Ask(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID, text string) (ID, error) {
	if act.By == 0 {
		return 0, problem.Forbidden
	}
	c, err := call.Get(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return 0, err
	}
	until, err := Until(ctx, tx, c)
	if err != nil {
		return 0, err
	}
	if c.Status != call.Published || !act.At.Before(until) {
		return 0, problem.Because(problem.Conflict, "inquiry.over", words.Pair{Vi: viet.Instant(until), En: viet.InstantEn(until)})
	}
	if wrong := checked(text, "text", MaxQuestion, "inquiry.empty"); wrong != nil {
		return 0, wrong
	}
	// Two questions of one person are counted one after the other.
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('inquiry ' || $1::bigint, 0))`, act.By); err != nil {
		return 0, fmt.Errorf("waiting for one's own question: %w", err)
	}
	again, err := pg.Values[ID](ctx, tx, `select id from inquiries where asker_id = $1 and call_id = $2 and text = $3 and asked_at > $4 limit 1`, act.By, id, text, act.At.Add(-time.Hour))
	if err != nil {
		return 0, err
	}
	if len(again) > 0 { // a click twice, or an answer that was lost
		return again[0], nil
	}
	lately, err := pg.Value[int](ctx, tx, `select count(*) from inquiries where asker_id = $1 and call_id = $2 and asked_at > $3`, act.By, id, act.At.AddDate(0, 0, -1))
	if err != nil {
		return 0, err
	}
	if lately >= MaxDay {
		return 0, problem.Because(problem.TooMany, "inquiry.too_many", MaxDay)
	}
	asked, err := pg.Value[ID](ctx, tx, `insert into inquiries (call_id, asker_id, text, asked_at) values ($1, $2, $3, $4) returning id`, id, act.By, text, act.At)
	if err != nil {
		return 0, fmt.Errorf("asking about call %s: %w", c.Code, err)
	}
	_, err = audit.Record(ctx, tx, act, "ask", "inquiry", asked, audit.Detail{"call": id.String()})
	return asked, err
}

// checked refuses what is empty or too long in a field.
func checked(text, field string, most int, empty string) error {
	wrong := problem.Invalid{}
	switch n := viet.CountChars(text); {
	case n == 0:
		wrong.Add(field, empty)
	case n > most:
		wrong.Add(field, "inquiry.long", most, n-most)
	}
	return wrong.OrNil()
}

// Reply is an answer as an officer types it.
type Reply struct {
	Kind       string
	PublicText string // the question as everybody will read it; of a public answer
	Text       string // the answer, or the reason why there is none
	Seen       int    // how many answers stood on the page it was typed on
}

// lock holds an inquiry for an officer of its call's programme.
func lock(ctx context.Context, tx pgx.Tx, act audit.Act, id ID) (row, call.Call, error) {
	of, err := pg.Value[call.ID](ctx, tx, `select call_id from visible.inquiries($1) where id = $2`, act.By, id)
	if err != nil {
		return row{}, call.Call{}, err
	}
	c, err := call.Get(ctx, tx, people.ID(act.By), of)
	if err != nil {
		return row{}, c, err
	}
	writes, _, err := call.Office(ctx, tx, people.ID(act.By), c.ProgrammeID)
	if err != nil {
		return row{}, c, err
	}
	if !writes {
		return row{}, c, problem.Because(problem.Forbidden, "call.refused.officers_only")
	}
	i, err := pg.One[row](ctx, tx, `select id, asker_id, state, public_text from inquiries where id = $1 for update`, id)
	return i, c, err
}

type row struct {
	ID         ID
	AskerID    people.ID
	State      State
	PublicText string
}

// Settle answers an inquiry, publicly or to its asker alone, or says why there is
// no answer. What is published can only be corrected: by another public answer,
// under the same question. The asker is told, and of what is published everybody
// who writes a draft under the call, once a day at most. The last answer again is
// no other; another one from a page that does not show every answer is refused,
// for it would correct what its writer has not read.
func Settle(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, r Reply) error {
	i, c, err := lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	kind := State(r.Kind)
	if i.State == Public {
		if kind != Public {
			return problem.Because(problem.Conflict, "inquiry.published")
		}
		r.PublicText = i.PublicText
	}
	if err := r.check(kind); err != nil {
		return err
	}
	if kind != Public {
		r.PublicText = ""
	}
	again, err := pg.Value[bool](ctx, tx, `
		select exists (select from (select kind, text from inquiry_answers where inquiry_id = $1 order by answered_at desc, id desc limit 1) a where a.kind = $2 and a.text = $3)`, id, kind, r.Text)
	if err != nil || again { // a click twice, or an answer that was lost: what is published cannot be taken back
		return err
	}
	stand, err := pg.Value[int](ctx, tx, `select count(*)::int from inquiry_answers where inquiry_id = $1`, id)
	if err != nil {
		return fmt.Errorf("counting answers of inquiry %s: %w", id, err)
	}
	if stand != r.Seen {
		return problem.Because(problem.Conflict, "inquiry.answered_meanwhile")
	}
	if err := pg.Exec(ctx, tx, `update inquiries set state = $2, public_text = $3 where id = $1`, id, kind, r.PublicText); err != nil {
		return fmt.Errorf("answering inquiry %s: %w", id, err)
	}
	if err := pg.Exec(ctx, tx, `insert into inquiry_answers (inquiry_id, kind, text, answered_by, answered_at) values ($1, $2, $3, $4, $5)`, id, kind, r.Text, act.By, act.At); err != nil {
		return fmt.Errorf("answering inquiry %s: %w", id, err)
	}
	event, err := audit.Record(ctx, tx, act, "answer_"+string(kind), "inquiry", id, audit.Detail{"call": c.ID.String()})
	if err != nil {
		return err
	}
	about := letter.About{ProgrammeID: int64(c.ProgrammeID), Refs: map[string]any{"inquiry": id.String(), "call": c.ID.String()}}
	if err := people.Write(ctx, tx, act, event, letter.InquiryAnswered, about, i.AskerID); err != nil {
		return err
	}
	if kind != Public {
		return nil
	}
	return announce(ctx, tx, act, event, c, i.AskerID)
}

// check notes what is wrong with a reply, by the controls of its page.
func (r Reply) check(kind State) error {
	wrong := problem.Invalid{}
	switch kind {
	case Public, Private, Declined:
	case Open:
		wrong.Add("kind", "inquiry.wrong.kind")
	default:
		wrong.Add("kind", "inquiry.wrong.kind")
	}
	add := func(text, field string, most int, empty string) {
		if n := viet.CountChars(text); n == 0 {
			wrong.Add(field, empty)
		} else if n > most {
			wrong.Add(field, "inquiry.long", most, n-most)
		}
	}
	if kind == Public {
		add(r.PublicText, "public_text", MaxQuestion, "inquiry.wrong.public_text")
	}
	add(r.Text, "text", MaxAnswer, "inquiry.wrong.text")
	return wrong.OrNil()
}

// announce tells who writes a draft under the call that there is something new to
// read, unless a letter told them the same day.
func announce(ctx context.Context, tx pgx.Tx, act audit.Act, event int64, c call.Call, but people.ID) error {
	to, err := pg.Values[people.ID](ctx, tx, `
		insert into inquiry_notices (call_id, person_id, day)
		select distinct $1::bigint, w.person_id, $2::date from visible.draft_writers w where w.call_id = $1 and w.person_id <> $3
		order by 2 on conflict do nothing returning person_id`, c.ID, viet.Day(act.At), but)
	if err != nil {
		return fmt.Errorf("finding who writes under call %s: %w", c.Code, err)
	}
	about := letter.About{ProgrammeID: int64(c.ProgrammeID), Refs: map[string]any{"call": c.ID.String()}}
	return people.Write(ctx, tx, act, event, letter.InquiriesPublished, about, to...)
}

// SetUntil says until when a call takes questions. Officers of its programme may;
// not beyond its closing.
func SetUntil(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID, day, clock string) error {
	c, err := call.Lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	until, ok := viet.ParseInstant(day, clock)
	switch {
	case !ok:
		return problem.Invalid{"until_on": problem.Say("deadline.wrong.closes_on")}
	case until.After(c.ClosesAt):
		return problem.Invalid{"until_on": problem.Say("inquiry.wrong.until", words.Pair{Vi: viet.Instant(c.ClosesAt), En: viet.InstantEn(c.ClosesAt)})}
	}
	before, err := Until(ctx, tx, c)
	if err != nil || before.Equal(until) {
		return err
	}
	if err := pg.Exec(ctx, tx, `insert into inquiry_times (call_id, until) values ($1, $2) on conflict (call_id) do update set until = excluded.until`, id, until); err != nil {
		return fmt.Errorf("setting until when call %s takes questions: %w", c.Code, err)
	}
	_, err = audit.Record(ctx, tx, act, "questions_until", "call", id, audit.Detail{"questions_until": call.Moved(before, until)})
	return err
}
