package work

import (
	"context"
	"time"

	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/proposal"
	"daubang/internal/together"
	"daubang/internal/words"
	"daubang/templates/letters"
)

// wordCoApplicant words what two organisations that apply together, or might,
// are told of each other.
func (o Options) wordCoApplicant(ctx context.Context, d letter.Due, name string, now time.Time) (l letters.Letter, err error) {
	c, token, err := together.OfferOf(ctx, o.DB, o.Secret, d.Ref("co_applicant"))
	if err != nil {
		return l, unless(err, letter.Gone)
	}
	part := letters.CoPart{Name: letters.Typed(c.Name), Lead: typed(ctx, c.Lead()), Role: string(c.Role)}
	about := letters.About{
		Name: letters.Typed(name), Reference: c.Reference, Title: typed(ctx, c.ProposalTitle()), Call: typed(ctx, c.Call()), Sensitive: c.Sensitive,
		URL: o.BaseURL + "/proposals",
	}
	switch d.Kind {
	case letter.CoApplicantInvited:
		if _, err := together.Offered(ctx, o.DB, o.Secret, people.ID(d.PersonID), token, now); err != nil {
			return l, unless(err, letter.Spent)
		}
		part.Link = letters.Link{URL: o.BaseURL + letters.CoOfferPath + token, Until: c.ExpiresAt}
		return letters.CoApplicantInvited(ctx, about, part, letters.Typed(c.InvitedBy)), nil
	case letter.CoApplicantRemoved: // who was taken out may see nothing more: the letter keeps to what both knew
		if c.State != "removed" {
			return l, withheld(letter.MovedOn)
		}
		about.Title, about.Call = "", typed(ctx, words.Pair{Vi: c.CallVi, En: c.CallEn})
		return letters.CoApplicantRemoved(ctx, about, part), nil
	default:
		m, err := o.matter(ctx, d, name, proposal.AsApplicant)
		if err != nil {
			return l, err
		}
		if c.State != string(together.Confirmed) && c.State != string(together.Refused) {
			return l, withheld(letter.MovedOn)
		}
		m.about.URL += "/co-applicants"
		return letters.CoApplicantAnswered(ctx, m.about, part, c.State == string(together.Confirmed)), nil
	}
}
