package work

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"daubang/internal/call"
	"daubang/internal/form"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/words"
	"daubang/templates/letters"
)

// withheld says that a letter must not go, and why.
type withheld letter.Reason

func (w withheld) Error() string { return "letter withheld: " + string(w) }

// word is what a letter says now, from what its recipient may see now, and the
// name it is addressed to. A letter that would no longer be true is [withheld].
func (o Options) word(ctx context.Context, d letter.Due, now time.Time) (l letters.Letter, name string, err error) {
	if d.PersonID != 0 {
		if name, err = o.recipient(ctx, people.ID(d.PersonID)); err != nil {
			return l, "", err
		}
	}
	switch d.Kind {
	case letter.Verify, letter.Known, letter.Reset:
		l, err = o.wordAccount(ctx, d, now)
		return l, "", err // whose address it is has not been proved by who chose the name
	case letter.Invitation:
		l, err = o.wordInvitation(ctx, d, now)
		return l, "", err
	case letter.Receipt, letter.Returned, letter.FormChanged, letter.Eligible, letter.Ineligible, letter.Decided:
		l, err = o.wordApplicant(ctx, d, name)
	case letter.PassportChecked, letter.PaperExpires, letter.ScanInfected, letter.ScanUnscannable:
		l, err = o.wordPassport(ctx, d, name)
	case letter.CoApplicantInvited, letter.CoApplicantAnswered, letter.CoApplicantRemoved:
		l, err = o.wordCoApplicant(ctx, d, name, now)
	case letter.SectionAssigned, letter.HandedOver:
		l, err = o.wordColleague(ctx, d, name)
	case letter.InquiryAnswered, letter.InquiriesPublished, letter.InquiriesAsked:
		l, err = o.wordInquiry(ctx, d, name)
	case letter.Message:
		l, err = o.wordMessage(ctx, d, name)
	case letter.Extended, letter.ReturnExtended, letter.Reminder, letter.Idle:
		l, err = o.wordDeadline(ctx, d, name, now)
	case letter.DocumentInfected, letter.DocumentUnscannable:
		l, err = o.wordInfected(ctx, d, name)
	case letter.ReviewAssigned, letter.ProposalWithdrawn:
		l, err = o.wordReviewer(ctx, d, name)
	case letter.ReviewsIn:
		l, err = o.wordOfficer(ctx, d, name)
	default:
		err = fmt.Errorf("no wording for letters of kind %q", d.Kind)
	}
	return l, name, err
}

// recipient is the name of who is written to.
func (o Options) recipient(ctx context.Context, id people.ID) (string, error) {
	type row struct {
		Name     string
		Disabled bool
	}
	p, err := pg.One[row](ctx, o.DB, `select name, disabled_at is not null as disabled from visible.people($1) where id = $1`, id)
	switch {
	case errors.Is(err, problem.NotFound):
		return "", withheld(letter.Gone)
	case err != nil:
		return "", err
	case p.Disabled:
		return "", withheld(letter.Closed)
	}
	return p.Name, nil
}

func (o Options) wordAccount(ctx context.Context, d letter.Due, now time.Time) (letters.Letter, error) {
	address := letters.Typed(d.Address)
	if d.Kind == letter.Known {
		return letters.Known(ctx, address, o.BaseURL+"/sign-in"), nil
	}
	kind, path := people.VerifyToken, letters.VerifyPath
	if d.Kind == letter.Reset {
		kind, path = people.ResetToken, letters.ResetPath
	}
	token, until, err := people.LiveToken(ctx, o.DB, o.Secret, kind, d.Ref("token"), now)
	if err != nil {
		return letters.Letter{}, unless(err, letter.Spent)
	}
	link := letters.Link{URL: o.BaseURL + path + token, Until: until}
	if d.Kind == letter.Reset {
		return letters.Reset(ctx, address, link), nil
	}
	return letters.Verify(ctx, address, link), nil
}

func (o Options) wordInvitation(ctx context.Context, d letter.Due, now time.Time) (letters.Letter, error) {
	token, err := organisation.InvitationToken(ctx, o.DB, o.Secret, d.Ref("invitation"))
	if err != nil {
		return letters.Letter{}, unless(err, letter.Spent)
	}
	offer, err := organisation.Offered(ctx, o.DB, o.Secret, people.ID(d.PersonID), token, now)
	if err != nil {
		return letters.Letter{}, unless(err, letter.Spent)
	}
	return letters.Invitation(ctx, letters.Offer{
		Organisation: typed(ctx, offer.OrganisationName), InvitedBy: letters.Typed(offer.InvitedBy), Role: string(offer.Role),
		Link: letters.Link{URL: o.BaseURL + letters.InvitationPath + token, Until: offer.ExpiresAt},
	}), nil
}

// unless turns "not there" into a reason to withhold; any other error stays.
func unless(err error, reason letter.Reason) error {
	if errors.Is(err, problem.NotFound) {
		return withheld(reason)
	}
	return err
}

func typed(ctx context.Context, p words.Pair) letters.Typed {
	return letters.Typed(p.In(words.Of(ctx)))
}

// matter is the proposal of a letter as its recipient may see it, and its call.
type matter struct {
	proposal proposal.Proposal
	call     call.Call
	about    letters.About
}

// matter reads what a letter is about. Whoever sees the proposal otherwise than
// as one of views, say because they joined the applicant meanwhile, gets no
// letter.
func (o Options) matter(ctx context.Context, d letter.Due, name string, views ...proposal.View) (m matter, err error) {
	viewer := people.ID(d.PersonID)
	if m.proposal, err = proposal.Get(ctx, o.DB, viewer, proposal.ID(d.ProposalID)); err != nil {
		return m, unless(err, letter.Gone)
	}
	if !slices.Contains(views, m.proposal.View) {
		return m, withheld(letter.Gone)
	}
	if m.call, _, err = call.GetFor(ctx, o.DB, viewer, m.proposal.CallID, m.proposal.OrganisationID); err != nil {
		return m, unless(err, letter.Gone)
	}
	m.about = letters.About{
		Name: letters.Typed(name), Reference: m.proposal.Reference, Title: typed(ctx, words.Pair{Vi: m.proposal.Title, En: m.proposal.TitleEn}),
		Call: typed(ctx, m.call.Title()), Sensitive: m.call.Sensitive, URL: o.BaseURL + "/proposals/" + m.proposal.ID.String(),
	}
	return m, nil
}

// at reports whether the proposal stands at one of the statuses.
func (m matter) at(statuses ...proposal.Status) bool {
	return slices.Contains(statuses, m.proposal.Status)
}

func (o Options) wordApplicant(ctx context.Context, d letter.Due, name string) (l letters.Letter, err error) {
	m, err := o.matter(ctx, d, name, proposal.AsApplicant)
	if err != nil {
		return l, err
	}
	switch d.Kind {
	case letter.Receipt: // it stays true whatever happens after
		return o.wordReceipt(ctx, d, m)
	case letter.Returned:
		if m.at(proposal.Returned) {
			return o.wordReturned(ctx, m)
		}
	case letter.FormChanged:
		if m.at(proposal.Draft) {
			m.about.URL += "/form-changes"
			return letters.FormChanged(ctx, m.about, d.Number("aside")), nil
		}
	case letter.Eligible:
		if m.at(proposal.Eligible, proposal.InReview, proposal.Approved, proposal.Conditional, proposal.Waitlisted, proposal.Declined) {
			return letters.Eligible(ctx, m.about, m.call.ResultsOn), nil
		}
	case letter.Ineligible:
		if m.at(proposal.Ineligible) {
			return letters.Ineligible(ctx, m.about, letters.Typed(m.proposal.IneligibleReasons)), nil
		}
	default: // a decision
		if m.at(proposal.Approved, proposal.Conditional, proposal.Waitlisted, proposal.Declined) {
			return o.wordDecision(ctx, d, m)
		}
	}
	return l, withheld(letter.MovedOn)
}

func (o Options) wordReceipt(ctx context.Context, d letter.Due, m matter) (letters.Letter, error) {
	type row struct {
		Number      int
		SHA256      string
		By          string
		SubmittedAt time.Time
	}
	s, err := pg.One[row](ctx, o.DB, `
		select number, sha256, submitted_by_name as by, submitted_at from visible.submissions($1)
		where proposal_id = $2 and ($3 = 0 or number = $3) order by number desc limit 1`, d.PersonID, d.ProposalID, d.Number("number"))
	if err != nil {
		return letters.Letter{}, unless(err, letter.Gone)
	}
	m.about.URL += "/receipt"
	return letters.Receipt(ctx, m.about, letters.Submission{Number: s.Number, At: s.SubmittedAt, SHA256: s.SHA256, By: letters.Typed(s.By)}), nil
}

func (o Options) wordReturned(ctx context.Context, m matter) (letters.Letter, error) {
	f, err := form.Get(ctx, o.DB, m.proposal.FormID)
	if err != nil {
		return letters.Letter{}, err
	}
	var parts []letters.Part
	for _, s := range f.Definition.Sections {
		if reason := m.proposal.ReturnedSections[s.Key]; reason != "" { // none: it was not the office that opened it
			parts = append(parts, letters.Part{Section: typed(ctx, s.Title), Reason: letters.Typed(reason)})
		}
	}
	return letters.Returned(ctx, m.about, m.proposal.ReturnedUntil, parts), nil
}

func (o Options) wordDecision(ctx context.Context, d letter.Due, m matter) (letters.Letter, error) {
	type row struct {
		Outcome    string
		Amount     int64
		Conditions string
		Feedback   string
	}
	r, err := pg.One[row](ctx, o.DB, `
		select outcome, amount, conditions, feedback from visible.decisions($1) where proposal_id = $2 and state = 'released'`, d.PersonID, d.ProposalID)
	if err != nil {
		return letters.Letter{}, unless(err, letter.Gone)
	}
	return letters.Decided(ctx, m.about, letters.Decision{
		Outcome: r.Outcome, Amount: r.Amount, Conditions: letters.Typed(r.Conditions), Feedback: letters.Typed(r.Feedback),
	}), nil
}

func (o Options) wordReviewer(ctx context.Context, d letter.Due, name string) (l letters.Letter, err error) {
	m, err := o.matter(ctx, d, name, proposal.AsReviewer, proposal.AsAsked, proposal.AsChair)
	if err != nil {
		return l, err
	}
	type row struct {
		ID    int64
		State string
		DueAt time.Time
	}
	a, err := pg.One[row](ctx, o.DB, `select id, state, due_at from visible.assignments($1) where proposal_id = $2 and reviewer_id = $1`, d.PersonID, d.ProposalID)
	if err != nil {
		return l, unless(err, letter.Gone)
	}
	waiting := a.State == "invited" || a.State == "accepted"
	switch {
	case d.Kind == letter.ReviewAssigned && waiting && m.at(proposal.InReview):
		m.about.URL = o.BaseURL + "/reviews/" + ref.Of(a.ID)
		return letters.ReviewAssigned(ctx, m.about, a.DueAt), nil
	case d.Kind == letter.ProposalWithdrawn && (waiting || a.State == "sent") && m.at(proposal.Withdrawn):
		m.about.URL = o.BaseURL + "/reviews"
		return letters.ProposalWithdrawn(ctx, m.about), nil
	}
	return l, withheld(letter.MovedOn)
}

func (o Options) wordOfficer(ctx context.Context, d letter.Due, name string) (l letters.Letter, err error) {
	m, err := o.matter(ctx, d, name, proposal.AsOfficer)
	if err != nil {
		return l, err
	}
	if !m.at(proposal.InReview) {
		return l, withheld(letter.MovedOn)
	}
	m.about.URL = o.BaseURL + "/desk/proposals/" + m.proposal.ID.String()
	return letters.ReviewsIn(ctx, m.about, m.proposal.ReviewsSent), nil
}
