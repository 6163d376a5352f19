package intake

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/ref"
)

// Note writes an import that changed something to the audit log and hands the
// count on. Each import is a subject of its own, so two at once do not meet.
func Note(ctx context.Context, tx pgx.Tx, act audit.Act, what, file string, c Changes) (Changes, error) {
	if !c.Any() {
		return c, nil
	}
	detail := audit.Detail{"what": what, "file": file, "added": c.Added, "changed": c.Changed, "unchanged": c.Unchanged}
	if _, err := audit.Record(ctx, tx, act, "import", "import", ref.New[int64](), detail); err != nil {
		return Changes{}, fmt.Errorf("noting the import of %s: %w", file, err)
	}
	return c, nil
}
