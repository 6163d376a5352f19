package pg

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

// OpenReadOnly connects like [Open], to sessions that refuse every write: for
// handlers of GET and for replicas.
func OpenReadOnly(ctx context.Context, url string) (*pgxpool.Pool, error) {
	conf, err := settings(url)
	if err != nil {
		return nil, err
	}
	conf.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	pool, err := pgxpool.NewWithConfig(ctx, conf)
	if err != nil {
		return nil, fmt.Errorf("opening database: %w", err)
	}
	return pool, nil
}
