package organisation

import (
	"context"
	"fmt"
	"time"

	"daubang/internal/people"
	"daubang/internal/pg"
)

// PaperKind is what sort of legal paper it is.
type PaperKind string

// PaperKinds lists the kinds of papers.
var PaperKinds = []PaperKind{"founding", "charter", "registration", "operation", "tax", "authorisation", "other"}

// Paper is a legal paper of an organisation, by its number and date; the file
// itself goes with a proposal.
type Paper struct {
	ID       int64
	Kind     PaperKind
	Number   string
	IssuedOn *time.Time
	Issuer   string
}

// Papers lists an organisation's legal papers for who may see it.
func Papers(ctx context.Context, db pg.DB, viewer people.ID, id ID) ([]Paper, error) {
	list, err := pg.All[Paper](ctx, db, `
		select id, kind, number, issued_on, issuer from visible.organisation_papers($1) where organisation_id = $2 order by position, id`, viewer, id)
	if err != nil {
		return nil, fmt.Errorf("listing legal papers: %w", err)
	}
	return list, nil
}
