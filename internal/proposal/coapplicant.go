package proposal

import (
	"context"
	"fmt"
	"time"

	"daubang/internal/people"
	"daubang/internal/pg"
)

// CoApplicant is an organisation that applies together with the one a proposal
// is of, as a submission keeps it. Package together asks and answers.
type CoApplicant struct {
	Name        string     `json:"name"`
	Role        string     `json:"role"`                   // a together.Part
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"` // nil: it had not answered
}

// CoApplicants are the organisations that apply together as of now: those that
// confirmed, and those that have not answered yet.
func CoApplicants(ctx context.Context, db pg.DB, viewer people.ID, id ID) ([]CoApplicant, error) {
	list, err := pg.All[CoApplicant](ctx, db, `
		select name, role, case when state = 'confirmed' then answered_at end as confirmed_at
		from visible.co_applicants($1) where proposal_id = $2 and state in ('invited', 'confirmed') order by invited_at, id`, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("reading who applies together for proposal %s: %w", id, err)
	}
	for _, c := range list {
		if c.ConfirmedAt != nil {
			*c.ConfirmedAt = c.ConfirmedAt.UTC() // a submission's hash must not hang on a machine's zone
		}
	}
	return list, nil
}
