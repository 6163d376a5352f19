// Package demo fills an empty portal with something to play with: the five
// programmes, calls in every phase, organisations, people of every role and
// proposals in every state, made by the same functions as the real ones, a few
// weeks of work in a second. Who is in it is made up. [Generate] adds as many
// more as asked for.
package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/audit"
	"daubang/internal/calendar"
	"daubang/internal/demo/data"
	"daubang/internal/form"
	"daubang/internal/intake"
	"daubang/internal/legal"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/place"
	"daubang/internal/programme"
	"daubang/internal/rubric"
	"daubang/internal/words"
)

// Password opens every account of the demo. It is worth nothing: the demo is
// served on loopback only.
const Password = "hoa-ban-trang-2027" //nolint:gosec // it is meant to be known: every page of the demo says so

// Account is somebody to try the portal as.
type Account struct {
	Does  words.Pair // what one can do as them
	Name  string
	Email string
}

// Load fills db as of now; what is there already is left alone, so it may run at
// every start. The portal's secret seals accounts and signs invitations.
func Load(ctx context.Context, db *pgxpool.Pool, now time.Time, secret people.Key) error {
	return pg.Tx(ctx, db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('daubang demo', 0))`); err != nil {
			return err
		}
		there, err := pg.Value[bool](ctx, tx, `select exists (select from people where email_key = $1)`, officerEmail)
		if err != nil || there {
			return err
		}
		return load(ctx, tx, now, secret)
	})
}

func load(ctx context.Context, tx pgx.Tx, now time.Time, secret people.Key) error {
	past := audit.Act{At: now.AddDate(-1, 0, 0)}
	if err := reference(ctx, tx, past); err != nil {
		return err
	}
	formID, err := form.InstallDefault(ctx, tx, past.At)
	if err != nil {
		return err
	}
	rubricID, err := rubric.InstallDefault(ctx, tx, past.At)
	if err != nil {
		return err
	}
	c, err := newCast(ctx, tx, past)
	if err != nil {
		return err
	}
	c.secret = secret
	if c.calls, err = Calls(ctx, tx, now, c.officers, formID, rubricID); err != nil {
		return err
	}
	if err := c.appoint(ctx, tx, past); err != nil {
		return err
	}
	if c.rubric, err = rubric.Get(ctx, tx, rubricID); err != nil {
		return err
	}
	return c.play(ctx, tx, now)
}

// reference loads what everything else refers to, from our own files.
func reference(ctx context.Context, tx pgx.Tx, act audit.Act) error {
	for _, f := range []struct {
		name string
		load func(context.Context, pgx.Tx, audit.Act, string, io.Reader) (intake.Changes, error)
	}{
		{"places.csv", place.Import},
		{"successions.csv", place.ImportSuccessions},
		{"legal_documents.csv", legal.Import},
		{"national_targets.csv", legal.ImportTargets},
		{"holidays.csv", calendar.Import},
		{"programmes.json", programme.Import},
	} {
		b, err := data.Files.ReadFile(f.name)
		if err != nil {
			return fmt.Errorf("reading the demo's data: %w", err)
		}
		if _, err := f.load(ctx, tx, act, f.name, bytes.NewReader(b)); err != nil {
			return fmt.Errorf("loading the demo's data: %w", err)
		}
	}
	return nil
}

// cast is who is in the demo.
type cast struct {
	people        map[string]people.ID // by the local part of the address
	organisations map[string]organisationID
	officers      map[string]people.ID // by the programme's import key
	calls         map[string]callID    // by code
	rubric        rubric.Rubric
	secret        people.Key
}
