package work

import (
	"context"

	"daubang/internal/letter"
	"daubang/internal/message"
	"daubang/internal/people"
	"daubang/internal/proposal"
	"daubang/templates/letters"
)

// wordMessage tells who is on the other side of a thread what was written, if
// they have not read it meanwhile.
func (o Options) wordMessage(ctx context.Context, d letter.Due, name string) (l letters.Letter, err error) {
	m, err := o.matter(ctx, d, name, proposal.AsApplicant, proposal.AsOfficer)
	if err != nil {
		return l, err
	}
	said, err := message.Get(ctx, o.DB, people.ID(d.PersonID), message.ID(d.Int("message")))
	if err != nil {
		return l, unless(err, letter.Gone)
	}
	if !said.Unread {
		return l, withheld(letter.MovedOn)
	}
	m.about.URL += "/messages"
	if said.Side == message.Office {
		return letters.FromOffice(ctx, m.about, letters.Typed(said.Text)), nil
	}
	return letters.FromApplicant(ctx, m.about, letters.Typed(m.proposal.OrganisationName), letters.Typed(said.Text)), nil
}
