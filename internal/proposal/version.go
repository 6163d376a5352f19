package proposal

import (
	"context"
	"fmt"
	"time"

	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pg"
)

// Version is one version of a section as it came about: what changed with it.
type Version struct {
	Version int
	Answers form.Answers // the questions that changed, also those that were emptied
	ByName  string
	At      time.Time
	Aside   bool // was typed, and given up for what this version holds
}

// Versions are the versions of a section, the latest first, no more than limit:
// for those who write the proposal. For others there are none.
func Versions(ctx context.Context, db pg.DB, viewer people.ID, id ID, key string, limit int) ([]Version, error) {
	list, err := pg.All[Version](ctx, db, `
		select version, answers, by_name, at, aside from visible.section_versions($1) where proposal_id = $2 and key = $3
		order by at desc, version desc, aside limit $4`, viewer, id, key, limit)
	if err != nil {
		return nil, fmt.Errorf("reading versions of section %s of proposal %d: %w", key, id, err)
	}
	return list, nil
}
