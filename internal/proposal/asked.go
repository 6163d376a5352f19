package proposal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"daubang/internal/call"
	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Asked is what a proposal under a call has to answer: the call, its form, and
// the terms it adds.
type Asked struct {
	Call  call.Call // its closing is the one that holds for who is asked
	Form  form.Definition
	Terms form.Terms
}

// What reads what a call asks of who begins now, if viewer may see the call.
func What(ctx context.Context, db pg.DB, viewer people.ID, id call.ID) (Asked, error) {
	return WhatIn(ctx, db, viewer, id, 0)
}

// WhatIn is [What] in one version of the form: that of a proposal, or of what
// was sent. A call may have moved on to another since.
func WhatIn(ctx context.Context, db pg.DB, viewer people.ID, id call.ID, version form.ID) (Asked, error) {
	return WhatFor(ctx, db, viewer, id, version, 0)
}

// WhatFor is [WhatIn] for the proposal of an organisation: the call closes when
// it closes for them. Years and quarters are those the call announced, so that an
// extension takes no answer out of its list.
func WhatFor(ctx context.Context, db pg.DB, viewer people.ID, id call.ID, version form.ID, o organisation.ID) (Asked, error) {
	c, announced, err := call.GetFor(ctx, db, viewer, id, o)
	if err != nil {
		return Asked{}, fmt.Errorf("reading call %d: %w", id, err)
	}
	asks, err := form.Asks(ctx, db, cmp.Or(version, c.FormID))
	if err != nil {
		return Asked{}, err
	}
	asPublished := c
	asPublished.ClosesAt = announced
	terms, err := termsOf(ctx, db, viewer, asPublished)
	return Asked{Call: c, Form: asks, Terms: terms}, err
}

// WhatOf is what p has to answer, in the form it is written in.
func WhatOf(ctx context.Context, db pg.DB, viewer people.ID, p Proposal) (Asked, error) {
	return WhatFor(ctx, db, viewer, p.CallID, p.FormID, p.OrganisationID)
}

// listed is an entry of a list that a form draws on.
type listed struct {
	List, Value, Vi, En string
	Position            int
}

func termsOf(ctx context.Context, db pg.DB, viewer people.ID, c call.Call) (form.Terms, error) {
	t := form.Terms{GrantMin: c.GrantMin, GrantMax: c.GrantMax, MonthsMax: c.MonthsMax, Lists: map[string][]form.Option{
		form.Years: years(c), form.Quarters: quarters(c), form.HalfYears: halfYears(c),
	}}
	rows, err := pg.All[listed](ctx, db, `
		select 'task_groups' as list, g.code as value, g.title_vi as vi, g.title_en as en, g.position
		from visible.task_groups($1) g join visible.call_task_groups cg on cg.task_group_id = g.id where cg.call_id = $2
		union all
		select 'targets', code, code || ' ' || target_vi, case when target_en = '' then '' else code || ' ' || target_en end, position
		from visible.national_targets
		order by 1, 5`, viewer, c.ID)
	if err != nil {
		return t, fmt.Errorf("reading what call %d asks: %w", c.ID, err)
	}
	for _, r := range rows {
		t.Lists[r.List] = append(t.Lists[r.List], form.Option{Value: r.Value, Label: words.Pair{Vi: r.Vi, En: r.En}})
	}
	return t, nil
}

// startWithin is how many months after closing a project may still begin; the
// lists of years and quarters reach that far beyond the longest duration.
const startWithin = 12

// years a project of the call may run in.
func years(c call.Call) []form.Option {
	first := c.ClosesAt.In(viet.Zone)
	last := time.Date(first.Year(), first.Month()+time.Month(startWithin+c.MonthsMax), 1, 0, 0, 0, 0, viet.Zone)
	var all []form.Option
	for y := first.Year(); y <= last.Year(); y++ {
		s := strconv.Itoa(y)
		all = append(all, form.Option{Value: s, Label: words.Pair{Vi: s, En: s}})
	}
	return all
}

var roman = [...]string{"I", "II", "III", "IV"}

// quarters a project of the call may run in, as 2027-1.
func quarters(c call.Call) []form.Option {
	first := c.ClosesAt.In(viet.Zone)
	from := first.Year()*4 + (int(first.Month())-1)/3
	var all []form.Option
	for q := from; q <= from+(startWithin+c.MonthsMax+2)/3; q++ {
		year, n := strconv.Itoa(q/4), q%4
		all = append(all, form.Option{
			Value: year + "-" + strconv.Itoa(n+1),
			Label: words.Pair{Vi: "Quý " + roman[n] + "/" + year, En: "Q" + strconv.Itoa(n+1) + " " + year},
		})
	}
	return all
}

// halfYears a project of the call may run in, as 2027-h1.
func halfYears(c call.Call) []form.Option {
	first := c.ClosesAt.In(viet.Zone)
	from := first.Year()*2 + (int(first.Month())-1)/6
	var all []form.Option
	for h := from; h <= from+(startWithin+c.MonthsMax+5)/6; h++ {
		year, n := strconv.Itoa(h/2), strconv.Itoa(h%2+1)
		all = append(all, form.Option{
			Value: year + "-h" + n,
			Label: words.Pair{Vi: "6 tháng " + [...]string{"đầu", "cuối"}[h%2] + " năm " + year, En: "half-year " + n + " of " + year},
		})
	}
	return all
}

// Lacking is what a proposal must have before it is sent, and has not: answers,
// files, and files without malware.
func Lacking(a Asked, c form.Content, attached []document.Document) form.Gaps {
	gaps := a.Form.Check(c, Files(attached), a.Terms)
	for _, d := range a.attached(attached) {
		if d.State == document.Infected {
			gaps = append(gaps, form.Gap{Section: d.SectionKey, Field: "file", Words: problem.Say("document.replace_infected", d.Name)})
		}
	}
	return gaps
}

// attached are the documents of questions that the form asks.
func (a Asked) attached(all []document.Document) []document.Document {
	return slices.DeleteFunc(slices.Clone(all), func(d document.Document) bool { return !a.Form.Asks(d.Question) })
}

// Files counts documents by question and purpose, as a form's check needs them.
func Files(documents []document.Document) form.Attached {
	files := form.Attached{}
	for _, d := range documents {
		if files[d.Question] == nil {
			files[d.Question] = map[string]int{}
		}
		files[d.Question][d.Purpose]++
	}
	return files
}

// Questions of a form that the portal itself reads; a form need not have them.
const (
	titleQuestion   = "title"
	titleEnQuestion = "title_en"
	monthsQuestion  = "months"
)
