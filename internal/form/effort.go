package form

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"daubang/internal/pg"
	"daubang/internal/problem"
)

// effort is what was found out and when.
type effort struct {
	minutes int
	at      time.Time
}

// efforts are kept for a while: an estimate from many does not change by the
// minute, and it is shown on pages that many open.
var efforts sync.Map // ID → effort

// effortLasts is how long an estimate is kept.
const effortLasts = 10 * time.Minute

// Effort estimates how many minutes it takes to write a version, rounded up to
// five: the middle of what it took those who sent it. Once ten have; 0 before.
func Effort(ctx context.Context, db pg.DB, id ID, at time.Time) (int, error) {
	if known, ok := efforts.Load(id); ok {
		if e, ok := known.(effort); ok && at.Sub(e.at).Abs() < effortLasts {
			return e.minutes, nil
		}
	}
	type row struct {
		Sample  int
		Seconds float64
	}
	r, err := pg.One[row](ctx, db, `select sample, seconds from visible.form_effort($1)`, id)
	if err != nil && !errors.Is(err, problem.NotFound) {
		return 0, fmt.Errorf("estimating form %d: %w", id, err)
	}
	e := effort{minutes: 5 * int(math.Ceil(r.Seconds/300)), at: at}
	efforts.Store(id, e)
	return e.minutes, nil
}
