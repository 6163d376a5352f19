package work

import (
	"context"

	"daubang/internal/letter"
	"daubang/internal/people"
	"daubang/internal/proposal"
	"daubang/internal/together"
	"daubang/templates/letters"
)

// wordColleague tells somebody of the applicant what a colleague gave them to
// do, if it is still so.
func (o Options) wordColleague(ctx context.Context, d letter.Due, name string) (l letters.Letter, err error) {
	m, err := o.matter(ctx, d, name, proposal.AsApplicant)
	if err != nil {
		return l, err
	}
	team, err := together.Of(ctx, o.DB, people.ID(d.PersonID), m.proposal.ID, o.Now())
	if err != nil {
		return l, err
	}
	if d.Kind == letter.HandedOver {
		if int64(team.With.PersonID) != d.PersonID || m.proposal.Status.Over() {
			return l, withheld(letter.MovedOn)
		}
		return letters.HandedOver(ctx, m.about), nil
	}
	task, ok := team.Tasks[d.Ref("section")]
	if !ok || int64(task.PersonID) != d.PersonID || !m.at(proposal.Draft, proposal.Returned) {
		return l, withheld(letter.MovedOn)
	}
	asked, err := proposal.WhatOf(ctx, o.DB, people.ID(d.PersonID), m.proposal)
	if err != nil {
		return l, err
	}
	section, _ := asked.Form.Section(task.Key) // one that the form has no more has no title
	m.about.URL += "/sections/" + task.Key
	return letters.SectionAssigned(ctx, m.about, typed(ctx, section.Title), task.DueOn, letters.Typed(task.AssignedByName)), nil
}
