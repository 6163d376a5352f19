package eligibility

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
)

// May refuses changing what a call asks once it is open: people have answered.
func May(c call.Call, act audit.Act) error {
	if p := c.Phase(act.At); p != call.PhaseDraft && p != call.PhaseSoon {
		return problem.Because(problem.Conflict, "eligibility.refused.open")
	}
	return nil
}

// Put writes a question as it was typed: in the place of the one with key, or
// as the last where key is empty. Like all changes it refuses who is not an
// officer of the call's programme, a call that is open, and, by edition, writing
// over what somebody else has changed since.
func Put(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID, edition int, key string, e Entry) error {
	return change(ctx, tx, act, id, edition, func(c *Check) (call.Change, error) {
		q, wrong := e.read()
		at := c.at(key)
		switch {
		case key != "" && at < 0:
			return call.Change{}, problem.Because(problem.Conflict, "eligibility.refused.gone")
		case key == "" && len(c.Questions) >= MaxQuestions:
			wrong.Add("text_vi", "eligibility.wrong.questions", MaxQuestions)
		}
		if err := wrong.OrNil(); err != nil {
			return call.Change{}, err
		}
		if key == "" {
			q.Key = c.next()
			c.Questions = append(c.Questions, q)
			return call.Change{To: q}, nil
		}
		was := c.Questions[at]
		q.Key = key
		c.Questions[at] = q
		return call.Change{From: was, To: q}, nil
	})
}

// Move moves a question one place up, or down where by is 1; beyond the end it
// stays where it is.
func Move(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID, edition int, key string, by int) error {
	return change(ctx, tx, act, id, edition, func(c *Check) (call.Change, error) {
		at := c.at(key)
		if at < 0 {
			return call.Change{}, problem.Because(problem.Conflict, "eligibility.refused.gone")
		}
		was, to := c.keys(), min(max(at+by, 0), len(c.Questions)-1)
		if to == at {
			return call.Change{}, nil
		}
		q := c.Questions[at]
		c.Questions = slices.Insert(slices.Delete(c.Questions, at, at+1), to, q)
		return call.Change{From: was, To: c.keys()}, nil
	})
}

// Remove takes a question out.
func Remove(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID, edition int, key string) error {
	return change(ctx, tx, act, id, edition, func(c *Check) (call.Change, error) {
		at := c.at(key)
		if at < 0 {
			return call.Change{}, problem.Because(problem.Conflict, "eligibility.refused.gone")
		}
		was := c.Questions[at]
		c.Questions = slices.Delete(c.Questions, at, at+1)
		return call.Change{From: was}, nil
	})
}

// Copy asks what another call asks, where nothing is asked yet.
func Copy(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID, edition int, from call.ID) error {
	other, err := Of(ctx, tx, people.ID(act.By), from)
	if err != nil {
		return err
	}
	return change(ctx, tx, act, id, edition, func(c *Check) (call.Change, error) {
		if len(c.Questions) > 0 {
			return call.Change{}, problem.Because(problem.Conflict, "eligibility.refused.not_empty")
		}
		if len(other.Questions) == 0 {
			return call.Change{}, problem.Invalid{"from": problem.Say("eligibility.wrong.from")}
		}
		c.Questions = other.Questions
		return call.Change{To: c.Questions}, nil
	})
}

// change locks the call, changes what it asks and keeps both states in its log.
func change(ctx context.Context, tx pgx.Tx, act audit.Act, id call.ID, edition int, do func(*Check) (call.Change, error)) error {
	of, err := call.Lock(ctx, tx, act, id)
	if err != nil {
		return err
	}
	if err := May(of, act); err != nil {
		return err
	}
	c, err := Of(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return err
	}
	if c.Edition != edition {
		return problem.Because(problem.Conflict, "eligibility.refused.edited_since")
	}
	changed, err := do(&c)
	if err != nil || changed.From == nil && changed.To == nil {
		return err
	}
	err = pg.Exec(ctx, tx, `
		insert into eligibility_checks (call_id, questions, updated_by, updated_at) values ($1, $2, $3, $4)
		on conflict (call_id) do update set questions = excluded.questions, edition = eligibility_checks.edition + 1,
			updated_by = excluded.updated_by, updated_at = excluded.updated_at`, id, orEmpty(c.Questions), act.By, act.At)
	if err != nil {
		return fmt.Errorf("changing the eligibility check of call %d: %w", id, err)
	}
	_, err = audit.Record(ctx, tx, act, "eligibility", "call", id, audit.Detail{"eligibility": changed})
	return err
}

// Keep stores what was answered with a proposal that the caller has locked and
// of which it knows that it is still a draft. Answers that are not whole are not
// kept: half an answer would read as if nothing spoke against the rest.
func Keep(ctx context.Context, tx pgx.Tx, act audit.Act, proposal int64, a Answers) error {
	r, err := For(ctx, tx, people.ID(act.By), proposal)
	if err != nil || r == nil {
		return err
	}
	kept := r.Read(func(name string) string { return a[name] })
	if !r.Whole(kept) {
		return nil
	}
	err = pg.Exec(ctx, tx, `
		insert into eligibility_answers (proposal_id, answers, answered_by, answered_at) values ($1, $2, $3, $4)
		on conflict (proposal_id) do update set answers = excluded.answers, answered_by = excluded.answered_by, answered_at = excluded.answered_at`,
		proposal, kept, act.By, act.At)
	if err != nil {
		return fmt.Errorf("keeping the eligibility answers of proposal %d: %w", proposal, err)
	}
	_, err = audit.Record(ctx, tx, act, "check_eligibility", "proposal", proposal, audit.Detail{"barred": len(r.Barred(kept))})
	return err
}

// at is where the question with key stands, -1 if nowhere.
func (c Check) at(key string) int {
	return slices.IndexFunc(c.Questions, func(q Question) bool { return q.Key == key })
}

// next is a key that no question has.
func (c Check) next() string {
	n := 1
	for _, k := range c.keys() {
		if i, err := strconv.Atoi(k[1:]); err == nil && i >= n {
			n = i + 1
		}
	}
	return "q" + strconv.Itoa(n)
}

func (c Check) keys() []string {
	all := make([]string, len(c.Questions))
	for i, q := range c.Questions {
		all[i] = q.Key
	}
	return all
}

func orEmpty(q []Question) []Question {
	if q == nil {
		return []Question{}
	}
	return q
}
