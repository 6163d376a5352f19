package people

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/pg"
	"daubang/internal/words"
)

// SetLocale remembers in which language a person reads pages and letters. It is
// no event worth a place in the log.
func SetLocale(ctx context.Context, tx pgx.Tx, _ audit.Act, id ID, lang words.Lang) error {
	if err := pg.Exec(ctx, tx, `update people set locale = $2 where id = $1`, id, lang); err != nil {
		return fmt.Errorf("remembering the language: %w", err)
	}
	return nil
}
