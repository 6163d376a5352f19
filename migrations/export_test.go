package migrations

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
)

// Down takes every step back. The portal never does; that it can be done keeps
// each step honest about what it made.
func Down(ctx context.Context, db *pgxpool.Pool) error {
	return with(db, func(steps *goose.Provider) error {
		_, err := steps.DownTo(ctx, 0)
		return err
	})
}
