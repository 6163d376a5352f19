package proposal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Start begins a proposal of an organisation under a call and returns it, or
// the draft that is there already. It refuses who only reads for the
// organisation, a call that is not open, and organisations it does not invite.
func Start(ctx context.Context, tx pgx.Tx, act audit.Act, c call.ID, o organisation.ID) (ID, error) {
	id, _, err := startOrFind(ctx, tx, act, c, o)
	return id, err
}

// startOrFind is [Start], and says whether the draft is a new one.
func startOrFind(ctx context.Context, tx pgx.Tx, act audit.Act, c call.ID, o organisation.ID) (id ID, fresh bool, err error) {
	to, _, err := call.GetFor(ctx, tx, people.ID(act.By), c, o)
	if err != nil {
		return 0, false, fmt.Errorf("reading call %d: %w", c, err)
	}
	from, err := organisation.Get(ctx, tx, people.ID(act.By), o)
	if err != nil {
		return 0, false, fmt.Errorf("reading organisation %d: %w", o, err)
	}
	role, err := organisation.RoleOf(ctx, tx, people.ID(act.By), o)
	if err != nil {
		return 0, false, err
	}
	if why := WhyNot(to, from, role, act); why != nil {
		return 0, false, why
	}
	for range 8 { // a reference that is taken is drawn again
		id, err := pg.Value[ID](ctx, tx, `
			insert into proposals (call_id, programme_id, organisation_id, reference, created_by, created_at, updated_at)
			values ($1, $2, $3, $4, $5, $6, $6)
			on conflict do nothing
			returning id`, c, to.ProgrammeID, o, to.Code+"-"+tail(), act.By, act.At)
		if err == nil {
			_, err = audit.Record(ctx, tx, act, "start", "proposal", id, nil)
			return id, true, err
		}
		if !errors.Is(err, problem.NotFound) {
			return 0, false, fmt.Errorf("starting a proposal: %w", err)
		}
		id, err = pg.Value[ID](ctx, tx, `select id from proposals where call_id = $1 and organisation_id = $2 and status = 'draft'`, c, o)
		if !errors.Is(err, problem.NotFound) {
			return id, false, err
		}
	}
	return 0, false, fmt.Errorf("no free reference for call %s", to.Code)
}

// WhyNot says why an organisation may not begin a proposal now, with the
// remedy; nil if it may. The call is as it stands for them: see [call.GetFor].
func WhyNot(c call.Call, o organisation.Organisation, role organisation.Role, act audit.Act) error {
	switch {
	case act.At.Before(c.OpensAt):
		return problem.Because(problem.Conflict, "proposal.start.early", words.Pair{Vi: viet.Instant(c.OpensAt), En: viet.InstantEn(c.OpensAt)})
	case !c.Accepting(act.At):
		return problem.Because(problem.Conflict, "proposal.start.late", words.Pair{Vi: viet.Instant(c.ClosesAt), En: viet.InstantEn(c.ClosesAt)})
	case role != organisation.Head && role != organisation.Writer:
		return problem.Because(problem.Forbidden, "proposal.start.reader", o.NameVi)
	case !c.Invites(o.Kind, o.ProvinceCode):
		return problem.Because(problem.Forbidden, "proposal.start.not_invited", o.NameVi)
	}
	return nil
}

// said aloud without mistakes: no vowels that make words, no look-alikes.
const referenceLetters = "23456789BCDFGHJKMNPQRTVWXY"

// tail is the random end of a reference.
func tail() string {
	var b [5]byte
	for i := range b {
		b[i] = letter26()
	}
	return string(b[:])
}

// letter26 draws one letter, each as likely as the others.
func letter26() byte {
	const fair = 256 - 256%len(referenceLetters)
	var b [1]byte
	for {
		_, _ = rand.Read(b[:]) // never fails, says its documentation
		if int(b[0]) < fair {
			return referenceLetters[int(b[0])%len(referenceLetters)]
		}
	}
}
