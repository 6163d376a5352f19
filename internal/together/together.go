// Package together is how the people of an organisation share the writing of
// one proposal: which section is with whom and until when, and who has one in
// hand just now. What they write is package proposal's.
package together

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Task is a section that is with somebody until a day, that day included.
type Task struct {
	ProposalID     proposal.ID
	Key            string // of the section
	PersonID       people.ID
	Name           string
	Role           organisation.Role // empty: writes for the organisation no more
	DueOn          time.Time         // a day
	AssignedByName string
	AssignedAt     time.Time
}

// Late says that its day has passed.
func (t Task) Late(now time.Time) bool { return late(t.DueOn, now) }

// late says that a day, which counts whole, is over.
func late(day, now time.Time) bool { return viet.Day(now).After(day) }

// Team is how a proposal is shared just now.
type Team struct {
	With    proposal.Responsible
	Tasks   map[string]Task       // by section
	Present map[string][]Presence // by section, viewer aside, the last sign first
}

// Of reads how a proposal is shared, for those who write it; to others it is
// empty. At is the moment of asking.
func Of(ctx context.Context, db pg.DB, viewer people.ID, p proposal.ID, at time.Time) (Team, error) {
	type row struct {
		What     string
		Key      string
		PersonID people.ID
		Name     string
		Role     organisation.Role
		DueOn    *time.Time
		At       *time.Time
		ByName   string
	}
	rows, err := pg.All[row](ctx, db, `
		select 'with' as what, '' as key, person_id, name, role, null::date as due_on, null::timestamptz as at, '' as by_name
		from visible.responsible(@viewer) where proposal_id = @proposal
		union all
		select 'task', key, person_id, name, role, due_on, assigned_at, assigned_by_name from visible.section_assignments(@viewer) where proposal_id = @proposal
		union all
		(select 'present', key, person_id, name, '', null, max(seen_at), '' from visible.presences(@viewer)
		 where proposal_id = @proposal and person_id <> @viewer and seen_at > @since
		 group by key, person_id, name order by max(seen_at) desc, name)`,
		pgx.StrictNamedArgs{"viewer": viewer, "proposal": p, "since": at.Add(-presentFor)})
	if err != nil {
		return Team{}, fmt.Errorf("reading how proposal %s is shared: %w", p, err)
	}
	t := Team{Tasks: map[string]Task{}, Present: map[string][]Presence{}}
	for _, r := range rows {
		switch r.What {
		case "with":
			t.With = proposal.Responsible{PersonID: r.PersonID, Name: r.Name, Role: r.Role}
		case "task":
			t.Tasks[r.Key] = Task{ProposalID: p, Key: r.Key, PersonID: r.PersonID, Name: r.Name, Role: r.Role, DueOn: *r.DueOn, AssignedByName: r.ByName, AssignedAt: *r.At}
		default:
			t.Present[r.Key] = append(t.Present[r.Key], Presence{Key: r.Key, Name: r.Name, SeenAt: *r.At})
		}
	}
	return t, nil
}

// Mine is a section that waits for the viewer.
type Mine struct {
	ProposalID proposal.ID
	Reference  string
	Proposal   string // its title, empty until it is written
	Key        string
	Section    words.Pair
	DueOn      time.Time
}

// Late says that its day has passed.
func (m Mine) Late(now time.Time) bool { return late(m.DueOn, now) }

// Waiting lists the sections that are with viewer and not yet said to be done,
// of what can still be written, the most urgent first.
func Waiting(ctx context.Context, db pg.DB, viewer people.ID) ([]Mine, error) {
	type row struct {
		ProposalID proposal.ID
		Reference  string
		Proposal   string
		Key        string
		Vi, En     string
		DueOn      time.Time
	}
	rows, err := pg.All[row](ctx, db, `
		select a.proposal_id, p.reference, p.title as proposal, a.key, coalesce(f.title ->> 'vi', a.key) as vi, coalesce(f.title ->> 'en', '') as en, a.due_on
		from visible.own_sections($1) a
		cross join lateral (select p.* from visible.proposals($1) p where p.id = a.proposal_id and p.view = 'applicant' offset 0) p -- looked up one by one
		join visible.members($1) m on m.organisation_id = p.organisation_id and m.person_id = $1
		left join lateral (select s.done from visible.sections($1) s where s.proposal_id = a.proposal_id and s.key = a.key offset 0) s on true
		left join lateral (
		  select e -> 'title' as title from visible.forms d, jsonb_array_elements(d.definition -> 'sections') e where d.id = (select w.form_id from visible.proposal_forms w where w.proposal_id = p.id) and e ->> 'key' = a.key limit 1
		) f on true
		where m.role in ('head', 'writer') and not coalesce(s.done, false)
		  and (p.status = 'draft' or (p.status = 'returned' and p.returned_sections ? a.key))
		order by a.due_on, p.reference, a.key`, viewer)
	if err != nil {
		return nil, fmt.Errorf("reading what waits for one: %w", err)
	}
	all := make([]Mine, len(rows))
	for i, r := range rows {
		all[i] = Mine{ProposalID: r.ProposalID, Reference: r.Reference, Proposal: r.Proposal, Key: r.Key, Section: words.Pair{Vi: r.Vi, En: r.En}, DueOn: r.DueOn}
	}
	return all, nil
}

// Writers lists those of a proposal's organisation who may write it.
func Writers(ctx context.Context, db pg.DB, viewer people.ID, p proposal.Proposal) ([]organisation.Member, error) {
	members, err := organisation.Members(ctx, db, viewer, p.OrganisationID)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(members, func(m organisation.Member) bool { return m.Role == organisation.Reader }), nil
}

// Assign gives a section to somebody who writes for the organisation, until
// the end of a day. Who writes for it may; a colleague is told by letter. It
// refuses whoever only reads or is no member, a day that is over or lies after
// the last one to send, and what may not be written now. The same again changes
// nothing.
func Assign(ctx context.Context, tx pgx.Tx, act audit.Act, id proposal.ID, key string, to people.ID, until time.Time) error {
	p, asked, err := lock(ctx, tx, act, id, key)
	if err != nil {
		return err
	}
	if err := check(ctx, tx, act, p, asked, to, until); err != nil {
		return err
	}
	team, err := Of(ctx, tx, people.ID(act.By), id, act.At)
	if err != nil {
		return err
	}
	if stands, ok := team.Tasks[key]; ok && stands.PersonID == to && stands.DueOn.Equal(until) {
		return nil
	}
	if err := pg.Exec(ctx, tx, `
		insert into section_assignments (proposal_id, key, person_id, due_on, assigned_by, assigned_at)
		values (@proposal, @key, @to, @until, @by, @at)
		on conflict (proposal_id, key) do update set person_id = excluded.person_id, due_on = excluded.due_on, assigned_by = excluded.assigned_by,
		  assigned_at = excluded.assigned_at`,
		pgx.StrictNamedArgs{"proposal": id, "key": key, "to": to, "until": until, "by": act.By, "at": act.At}); err != nil {
		return fmt.Errorf("assigning section %s of proposal %s: %w", key, id, err)
	}
	event, err := audit.Record(ctx, tx, act, "assign_section", "proposal", id, audit.Detail{"section": key, "to": int64(to), "until": until.Format(time.DateOnly)})
	if err != nil || int64(to) == act.By {
		return err
	}
	// How the applicant shares its work is not the office's: no programme.
	about := letter.About{ProposalID: int64(id), Refs: map[string]any{"section": key}}
	return people.Write(ctx, tx, act, event, letter.SectionAssigned, about, to)
}

// Unassign takes a section back from whomever it is with. Who writes for the
// organisation may.
func Unassign(ctx context.Context, tx pgx.Tx, act audit.Act, id proposal.ID, key string) error {
	if _, _, err := lock(ctx, tx, act, id, key); err != nil {
		return err
	}
	err := pg.Exec(ctx, tx, `delete from section_assignments where proposal_id = $1 and key = $2`, id, key)
	if errors.Is(err, problem.NotFound) {
		return nil // a click twice
	}
	if err != nil {
		return fmt.Errorf("taking back section %s of proposal %s: %w", key, id, err)
	}
	_, err = audit.Record(ctx, tx, act, "unassign_section", "proposal", id, audit.Detail{"section": key})
	return err
}

// lock locks a proposal whose section may be written now, for who writes it.
func lock(ctx context.Context, tx pgx.Tx, act audit.Act, id proposal.ID, key string) (proposal.Proposal, proposal.Asked, error) {
	if _, err := proposal.LockToWrite(ctx, tx, act, id); err != nil {
		return proposal.Proposal{}, proposal.Asked{}, err
	}
	p, err := proposal.Get(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return p, proposal.Asked{}, err
	}
	asked, err := proposal.WhatOf(ctx, tx, people.ID(act.By), p)
	if err != nil {
		return p, asked, err
	}
	if _, ok := asked.Form.Section(key); !ok {
		return p, asked, problem.NotFound
	}
	return p, asked, asked.WhyNotEditable(p, key, act.At)
}

// LastDay is the last day on which a proposal can be sent, as far as is known.
func LastDay(p proposal.Proposal, asked proposal.Asked) time.Time {
	end := asked.Call.ClosesAt
	if p.ReturnedUntil != nil {
		end = *p.ReturnedUntil
	}
	return viet.Day(end.Add(-time.Nanosecond))
}

func check(ctx context.Context, tx pgx.Tx, act audit.Act, p proposal.Proposal, asked proposal.Asked, to people.ID, until time.Time) error {
	wrong := problem.Invalid{}
	writers, err := Writers(ctx, tx, people.ID(act.By), p)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(writers, func(m organisation.Member) bool { return m.PersonID == to }) {
		wrong.Add("person", "together.choose_writer")
	}
	switch last := LastDay(p, asked); {
	case until.IsZero():
		wrong.Add("until", "together.until_missing")
	case late(until, act.At):
		wrong.Add("until", "together.until_past")
	case until.After(last) && !late(last, act.At):
		wrong.Add("until", "together.until_late", words.Pair{Vi: viet.Date(last), En: viet.DateEn(last)})
	}
	return wrong.OrNil()
}
