package proposal

import (
	"context"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/eligibility"
	"daubang/internal/organisation"
)

// KeepEligibility keeps with a draft what its applicant answered before they
// began it; of what was sent it changes nothing. It refuses who only reads for
// the organisation.
func KeepEligibility(ctx context.Context, tx pgx.Tx, act audit.Act, id ID, a eligibility.Answers) error {
	p, err := lockAs(ctx, tx, act, id, organisation.Head, organisation.Writer)
	if err != nil || p.Status != Draft {
		return err
	}
	return eligibility.Keep(ctx, tx, act, int64(id), a)
}
