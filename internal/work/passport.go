package work

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/document"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/passport"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/ref"
	"daubang/internal/words"
	"daubang/templates/letters"
)

// wordPassport tells a head what became of a part of the passport, as it stands.
func (o Options) wordPassport(ctx context.Context, d letter.Due, name string) (l letters.Letter, err error) {
	org, err := ref.Parse[organisation.ID](d.Ref("organisation"))
	if err != nil {
		return l, unless(err, letter.Gone)
	}
	viewer := people.ID(d.PersonID)
	from, err := organisation.Get(ctx, o.DB, viewer, org)
	if err != nil {
		return l, unless(err, letter.Gone)
	}
	if role, err := organisation.RoleOf(ctx, o.DB, viewer, org); err != nil || role != organisation.Head {
		return l, unlessHead(err)
	}
	parts, err := passport.Parts(ctx, o.DB, viewer, org)
	if err != nil {
		return l, err
	}
	i := slices.IndexFunc(parts, func(p passport.Part) bool {
		return d.Ref("part") != "" && p.Part == d.Ref("part") || p.Paper() != 0 && p.Paper().String() == d.Ref("paper")
	})
	if i < 0 {
		return l, withheld(letter.MovedOn)
	}
	p, url := parts[i], o.BaseURL+"/organisations/"+org.String()+"/passport"
	if d.Kind == letter.PaperExpires {
		if p.ExpiresOn == nil || p.Expired(o.Now()) {
			return l, withheld(letter.MovedOn)
		}
		return letters.PaperExpires(ctx, letters.Typed(name), typed(ctx, from.Name()), words.Tr(ctx, "organisation.paper."+p.Kind), letters.Typed(p.Number), *p.ExpiresOn, url), nil
	}
	if d.Kind == letter.ScanInfected || d.Kind == letter.ScanUnscannable {
		state := map[letter.Kind]document.State{letter.ScanInfected: document.Infected, letter.ScanUnscannable: document.Unscannable}[d.Kind]
		if !slices.ContainsFunc(p.Scans, func(s document.Scan) bool { return s.ID.String() == d.Ref("document") && s.State == state }) {
			return l, withheld(letter.MovedOn) // taken away meanwhile
		}
		return letters.ScanHeld(ctx, d.Kind == letter.ScanInfected, letters.Typed(name), typed(ctx, from.Name()), words.Tr(ctx, "organisation.paper."+p.Kind), letters.Typed(p.Number), url+"/papers/"+p.Paper().String()), nil
	}
	if p.State.Waits() {
		return l, withheld(letter.MovedOn)
	}
	return letters.PassportChecked(ctx, letters.Typed(name), typed(ctx, from.Name()), passportPart(ctx, p), letters.Typed(p.Reason), url), nil
}

// unlessHead withholds from who heads the organisation no more.
func unlessHead(err error) error {
	if err == nil {
		return withheld(letter.Gone)
	}
	return unless(err, letter.Gone)
}

func passportPart(ctx context.Context, p passport.Part) string {
	switch p.Part {
	case passport.Signatory:
		return words.Tr(ctx, "passport.signatory")
	case passport.Bank:
		return words.Tr(ctx, "passport.bank")
	default:
		return words.Tr(ctx, "organisation.paper."+p.Kind)
	}
}

// remindOfPapers writes of papers that end soon, organisation by organisation:
// one that fails holds back no other.
func remindOfPapers(ctx context.Context, o Options) error {
	due, err := passport.ToRemind(ctx, o.DB, o.Now())
	if err != nil {
		return err
	}
	var failed []error
	for _, org := range due {
		if err := pg.Tx(ctx, o.DB, func(tx pgx.Tx) error {
			_, err := passport.Remind(ctx, tx, o.Now(), org)
			return err
		}); err != nil {
			failed = append(failed, fmt.Errorf("reminding organisation %s of its papers: %w", org, err))
		}
	}
	return errors.Join(failed...)
}
