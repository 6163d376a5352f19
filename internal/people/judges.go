package people

import (
	"context"
	"fmt"

	"daubang/internal/pg"
)

// Overseers lists who sees every review of a call whether or not they review
// themselves: officers of its programme, its chairs, and auditors. None of them
// can be its reviewer, for others' scores are hidden until one's own are sent.
func Overseers(ctx context.Context, db pg.DB, programmeID, callID int64) ([]ID, error) {
	list, err := pg.Values[ID](ctx, db, `
		select distinct person_id from roles
		where role = 'auditor' or (role = 'officer' and programme_id = $1) or (role = 'chair' and call_id = $2)`,
		programmeID, callID)
	if err != nil {
		return nil, fmt.Errorf("listing overseers: %w", err)
	}
	return list, nil
}
