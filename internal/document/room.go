package document

import (
	"context"
	"fmt"
	"time"

	"daubang/internal/people"
	"daubang/internal/pg"
)

// MaxDailyBytes is how much one person may attach within a day, whether it stays
// or is taken away again: what was taken away lies on the disk for some days.
const MaxDailyBytes = 500 << 20

// Room refuses with [problem.Invalid] on the field file, as [Attach] would, what
// by wants to attach to a proposal: ask before a byte of it is read.
func Room(ctx context.Context, db pg.DB, by people.ID, at time.Time, proposal, size int64) error {
	type standing struct{ Files, Bytes int64 }
	s, err := pg.One[standing](ctx, db, `
		select count(*) as files, coalesce(sum(size), 0)::bigint as bytes from documents where proposal_id = $1 and removed_at is null`, proposal)
	switch {
	case err != nil:
		return fmt.Errorf("counting documents: %w", err)
	case s.Files >= MaxFiles:
		return refuse("document.too_many", MaxFiles)
	case s.Bytes+size > MaxProposalBytes:
		return refuse("document.too_much", MaxProposalBytes>>20)
	}
	return roomToday(ctx, db, by, at, size)
}

// RoomForScan is [Room] for a scan of a paper of an organisation.
func RoomForScan(ctx context.Context, db pg.DB, by people.ID, at time.Time, organisation, size int64) error {
	n, err := pg.Value[int64](ctx, db, `select coalesce(sum(size), 0)::bigint from documents where organisation_id = $1 and removed_at is null`, organisation)
	switch {
	case err != nil:
		return fmt.Errorf("counting scans of papers: %w", err)
	case n+size > MaxProposalBytes:
		return refuse("passport.too_much", MaxProposalBytes>>20)
	}
	return roomToday(ctx, db, by, at, size)
}

func roomToday(ctx context.Context, db pg.DB, by people.ID, at time.Time, size int64) error {
	n, err := pg.Value[int64](ctx, db, `select coalesce(sum(size), 0)::bigint from documents where uploaded_by = $1 and uploaded_at > $2`, by, at.Add(-24*time.Hour))
	switch {
	case err != nil:
		return fmt.Errorf("counting what was attached today: %w", err)
	case n+size > MaxDailyBytes:
		return refuse("document.too_much_today", MaxDailyBytes>>20)
	}
	return nil
}
