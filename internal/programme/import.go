package programme

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/intake"
	"daubang/internal/legal"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/words"
)

// Import loads a file of programmes, a JSON list. A programme is known by its
// key; a new one is published unless its record says draft, an old one keeps its
// status, and what became of its issuer where the record does not tell. Legal
// bases that the register lacks are added to it. It asks no one's leave: only
// the shell and the demonstration come here.
func Import(ctx context.Context, tx pgx.Tx, act audit.Act, name string, r io.Reader) (intake.Changes, error) {
	records, err := intake.ReadRecords[record](name, r)
	if err != nil {
		return intake.Changes{}, err
	}
	var changes intake.Changes
	first := map[string]bool{}
	for _, at := range records {
		plan, err := at.Value.plan(at)
		if err != nil {
			return intake.Changes{}, err
		}
		if first[at.Value.key()] {
			return intake.Changes{}, at.Refuse("key", "programme.key_twice", at.Value.key())
		}
		first[at.Value.key()] = true
		for i, b := range at.Value.LegalBases {
			basis, err := b.basis(ctx, tx, at, fmt.Sprintf("legal_bases.%d.", i))
			if err != nil {
				return intake.Changes{}, err
			}
			plan.Bases = append(plan.Bases, basis)
		}
		did, err := merge(ctx, tx, act, at.Value, plan)
		if wrong, ok := errors.AsType[problem.Invalid](err); ok {
			return intake.Changes{}, refusal(at, wrong)
		}
		if err != nil {
			return intake.Changes{}, fmt.Errorf("importing %s: %w", at.Value.key(), err)
		}
		changes.Add(did, plan.called())
	}
	return intake.Note(ctx, tx, act, "programmes", name, changes)
}

func (b recordBasis) basis(ctx context.Context, tx pgx.Tx, at intake.Record[record], path string) (Basis, error) {
	citation, relation, err := b.citation(at, path)
	if err != nil {
		return Basis{}, err
	}
	id, err := legal.Register(ctx, tx, citation)
	return Basis{DocumentID: id, Relation: relation, BySubject: relation != Succession && !b.InText.Number}, err
}

// merge writes one programme and says what that did.
func merge(ctx context.Context, tx pgx.Tx, act audit.Act, r record, p Plan) (intake.Change, error) {
	id, err := pg.Value[ID](ctx, tx, `select id from programmes where key = $1`, r.key())
	if errors.Is(err, problem.NotFound) {
		status := r.Status
		if status == "" {
			status = Published
		}
		id, err := add(ctx, tx, act, p, r.key(), status)
		if err != nil {
			return "", err
		}
		_, err = audit.Record(ctx, tx, act, "import", "programme", id, nil)
		return intake.Added, err
	}
	if err != nil {
		return "", fmt.Errorf("looking for it: %w", err)
	}
	now, before, err := standing(ctx, tx, id)
	if err != nil {
		return "", err
	}
	p.keep(r.Plan, before.Content)
	changed, err := replace(ctx, tx, act, now, before, p)
	if err != nil || len(changed) == 0 {
		return intake.Unchanged, err
	}
	_, err = audit.Record(ctx, tx, act, "import", "programme", id, audit.Detail{"changed": changed})
	return intake.Changed, err
}

// keep leaves what a record does not speak of as it was.
func (p *Plan) keep(r recordPlan, before Content) {
	if r.PeriodFrom == "" && r.PeriodTo == "" {
		p.PeriodFrom, p.PeriodTo = before.PeriodFrom, before.PeriodTo
	}
	if r.IssuerPlace == nil {
		p.IssuerPlaceLevel, p.IssuerPlaceCode = before.IssuerPlaceLevel, before.IssuerPlaceCode
	}
	if p.IssuerEndedOn == nil {
		p.IssuerEndedOn = before.IssuerEndedOn
	}
	if r.Successor == nil {
		p.Successor = before.Successor
	}
}

// called is what to call a plan in a line of text.
func (p Plan) called() words.Pair {
	if number := p.FullNumber(); number != "" {
		return words.Pair{Vi: number + ", " + p.Title.Vi, En: number + ", " + p.Title.In(words.En)}
	}
	return p.Title
}

// UnmarshalJSON reads a string or an object of both languages.
func (e *eitherOr) UnmarshalJSON(b []byte) error {
	*e = eitherOr{}
	if len(b) > 0 && b[0] == '{' {
		return json.Unmarshal(b, &e.Pair)
	}
	return json.Unmarshal(b, &e.Note)
}
