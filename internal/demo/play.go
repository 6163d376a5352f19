package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/decision"
	"daubang/internal/demo/data"
	"daubang/internal/eligibility"
	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/proposal"
	"daubang/internal/review"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// project is a proposal of the demo and how far it has come. Days count from
// today.
type project struct {
	Call         string                `json:"call"`
	Organisation string                `json:"organisation"`
	Head         string                `json:"head"`
	Texts        map[string]string     `json:"texts"` // question → answer; "@like" of another project's title
	Like         string                `json:"like"`  // take what is not written here from the project of this name
	Name         string                `json:"name"`
	Rows         map[string][]form.Row `json:"rows"`   // question → rows
	People       [2]string             `json:"people"` // beneficiaries: women, men
	Groups       []string              `json:"groups"`
	Sections     []string              `json:"sections"` // a draft: only these are written
	Checked      map[string]string     `json:"checked"`  // answers of the self-check that are not the best
	Submitted    *int                  `json:"submitted"`
	Returned     map[string]string     `json:"returned"`
	Screened     *int                  `json:"screened"`
	Refused      string                `json:"refused"`
	Reviewed     *int                  `json:"reviewed"`
	Reviews      []sheet               `json:"reviews"`
	Decided      *outcome              `json:"decided"`
}

// sheet is a review: its marks in the rubric's order, none while it is only
// asked for, and not sent while it is begun.
type sheet struct {
	By       string `json:"by"`
	Marks    []int  `json:"marks"`
	Feedback string `json:"feedback"`
	Draft    bool   `json:"draft"`
}

type outcome struct {
	decision.Content
	Staged   int  `json:"staged"` // day
	Released *int `json:"released"`
}

// play has the cast do what they did, in the order of days.
func (c *cast) play(ctx context.Context, tx pgx.Tx, now time.Time) error {
	projects, err := readProjects()
	if err != nil {
		return err
	}
	if err := c.prove(ctx, tx, now); err != nil {
		return fmt.Errorf("passports: %w", explain(err))
	}
	release := map[string]int{}
	for i := range projects {
		p := &projects[i]
		if err := c.bring(ctx, tx, now, p); err != nil {
			return fmt.Errorf("project %s: %w", p.Name, explain(err))
		}
		if p.Decided != nil && p.Decided.Released != nil {
			release[p.Call] = *p.Decided.Released
		}
	}
	for _, scene := range []func(context.Context, pgx.Tx, time.Time) error{c.talk, c.share, c.again} {
		if err := scene(ctx, tx, now); err != nil {
			return fmt.Errorf("talking, sharing and sending again: %w", explain(err))
		}
	}
	for code, day := range release {
		act := c.at(now, day, "ha")
		plan, err := decision.Planned(ctx, tx, people.ID(act.By), c.calls[code])
		if err != nil {
			return err
		}
		if _, err := decision.Release(ctx, tx, act, c.calls[code], plan.Seen); err != nil {
			return fmt.Errorf("releasing %s: %w", code, explain(err))
		}
	}
	return nil
}

func readProjects() ([]project, error) {
	b, err := data.Files.ReadFile("projects.json")
	if err != nil {
		return nil, err
	}
	var all []project
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("reading projects.json: %w", err)
	}
	byName := map[string]*project{}
	for i := range all {
		p := &all[i]
		byName[p.Name] = p
		like := byName[p.Like]
		if like == nil {
			continue
		}
		for k, v := range like.Texts {
			if _, own := p.Texts[k]; !own {
				p.Texts[k] = v
			}
		}
		for k, v := range like.Rows {
			if _, own := p.Rows[k]; !own {
				if p.Rows == nil {
					p.Rows = map[string][]form.Row{}
				}
				p.Rows[k] = v
			}
		}
	}
	return all, nil
}

// at is an act by somebody of the cast, so many days from now, in the morning.
func (c *cast) at(now time.Time, day int, local string) audit.Act {
	d := now.In(viet.Zone).AddDate(0, 0, day)
	morning := time.Date(d.Year(), d.Month(), d.Day(), 9, 12, 0, 0, viet.Zone)
	if morning.After(now) {
		morning = now.Add(-time.Hour)
	}
	return audit.Act{By: int64(c.people[local]), At: morning}
}

// bring takes a project from its first word to where it stands.
func (c *cast) bring(ctx context.Context, tx pgx.Tx, now time.Time, p *project) error {
	started := -2
	if p.Submitted != nil {
		started = *p.Submitted - 3
	}
	act := c.at(now, started, p.Head)
	id, err := proposal.Start(ctx, tx, act, c.calls[p.Call], c.organisations[p.Organisation])
	if err != nil {
		return err
	}
	if err := p.check(ctx, tx, act, c.calls[p.Call], id); err != nil {
		return err
	}
	if err := p.fill(ctx, tx, act, c.calls[p.Call], id); err != nil {
		return err
	}
	if p.Submitted == nil {
		return nil
	}
	if _, err := proposal.Submit(ctx, tx, c.at(now, *p.Submitted, p.Head), id); err != nil {
		return err
	}
	if p.Screened == nil {
		return nil
	}
	return c.judge(ctx, tx, now, p, id)
}

// check keeps what was answered before: to every question an answer that speaks
// for the applicant, but for those named.
func (p *project) check(ctx context.Context, tx pgx.Tx, act audit.Act, id callID, n proposal.ID) error {
	asks, err := eligibility.Of(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return err
	}
	answers := eligibility.Answers{}
	for _, q := range asks.Questions {
		good := slices.IndexFunc(q.Choices(), func(o eligibility.Option) bool { return !q.Bar(o.Value) })
		answers[q.Key] = cmp.Or(p.Checked[q.Key], q.Choices()[good].Value)
	}
	return proposal.KeepEligibility(ctx, tx, act, n, answers)
}

// fill writes the sections; of a draft only those named.
func (p *project) fill(ctx context.Context, tx pgx.Tx, act audit.Act, id callID, n proposal.ID) error {
	asked, err := proposal.What(ctx, tx, people.ID(act.By), id)
	if err != nil {
		return err
	}
	for _, s := range asked.Form.Sections {
		if len(p.Sections) > 0 && !strings.Contains(" "+strings.Join(p.Sections, " ")+" ", " "+s.Key+" ") {
			continue
		}
		answers := form.Answers{}
		for _, q := range s.Questions {
			if a := p.answer(q, asked.Terms); !a.Empty() {
				answers[q.Key] = a
			}
		}
		saved, err := proposal.SaveSection(ctx, tx, act, n, s.Key, 0, answers, true)
		if err != nil {
			return err
		}
		if len(saved.Gaps) > 0 {
			return fmt.Errorf("section %s: %v", s.Key, saved.Gaps)
		}
	}
	return nil
}

// answer is what the project says to a question.
func (p *project) answer(q form.Question, t form.Terms) form.Answer {
	switch q.Kind {
	case form.Choices:
		if q.Key == "priority_groups" {
			return form.Answer{Values: p.Groups}
		}
		if o := q.Choices(t); len(o) > 0 && q.Required {
			return form.Answer{Values: []string{o[0].Value}}
		}
		return form.Answer{}
	case form.YesNo, form.Agree:
		return form.Answer{Text: form.Yes}
	case form.Table, form.Budget, form.Activities, form.Logframe:
		return form.Answer{Rows: settle(q, t, p.Rows[q.Key])}
	case form.Beneficiaries:
		rows := []form.Row{
			{form.LineCell: "direct.total", "female": p.People[0], "male": p.People[1], "other": "0"},
			{form.LineCell: "indirect.total", form.NotCollectedCell: form.Yes},
		}
		for _, line := range q.Counts[1:] {
			rows = append(rows, form.Row{form.LineCell: "direct." + line.Key, form.NotCollectedCell: form.Yes},
				form.Row{form.LineCell: "indirect." + line.Key, form.NotCollectedCell: form.Yes})
		}
		return form.Answer{Rows: rows}
	case form.Files:
		return form.Answer{}
	default:
		return form.Answer{Text: p.Texts[q.Key]}
	}
}

// settle puts a row's "#0", "#1" … in place: the first, second … of what the
// form offers there now, such as the quarters that the project may run in.
func settle(q form.Question, t form.Terms, rows []form.Row) []form.Row {
	out := make([]form.Row, len(rows))
	for i, r := range rows {
		out[i] = form.Row{}
		if r[form.RowID] != "" {
			out[i][form.RowID] = r[form.RowID]
		}
		for _, col := range q.ColumnsIn(t) {
			v := r[col.Key]
			if n, ok := strings.CutPrefix(v, "#"); ok {
				options := col.Choices(t)
				v = options[min(int(n[0]-'0'), len(options)-1)].Value
			}
			if v != "" {
				out[i][col.Key] = v
			}
		}
	}
	return out
}

// judge takes a submitted project through the office.
func (c *cast) judge(ctx context.Context, tx pgx.Tx, now time.Time, p *project, id proposal.ID) error {
	act := c.at(now, *p.Screened, "ha")
	switch {
	case p.Refused != "":
		return proposal.Refuse(ctx, tx, act, id, p.Refused)
	case len(p.Returned) > 0:
		return proposal.Return(ctx, tx, act, id, p.Returned, now.In(viet.Zone).AddDate(0, 0, 7))
	}
	if err := proposal.Accept(ctx, tx, act, id); err != nil {
		return err
	}
	if p.Reviewed == nil {
		return nil
	}
	act = c.at(now, *p.Reviewed, "ha")
	for _, s := range p.Reviews {
		if _, err := review.Assign(ctx, tx, act, id, c.people[s.By], act.At.AddDate(0, 0, 30)); err != nil {
			return err
		}
	}
	if err := proposal.OpenReview(ctx, tx, act, id); err != nil {
		return err
	}
	for _, s := range p.Reviews {
		if err := c.review(ctx, tx, c.at(now, *p.Reviewed+4, s.By), id, s); err != nil {
			return err
		}
	}
	if p.Decided == nil {
		return nil
	}
	return decision.Stage(ctx, tx, c.at(now, p.Decided.Staged, "ha"), id, p.Decided.Content, time.Time{})
}

// review writes a sheet, as far as it goes.
func (c *cast) review(ctx context.Context, tx pgx.Tx, act audit.Act, p proposal.ID, s sheet) error {
	if len(s.Marks) == 0 {
		return nil
	}
	id, err := pg.Value[review.ID](ctx, tx, `select id from visible.assignments($1) where proposal_id = $2 and reviewer_id = $1`, act.By, p)
	if err != nil {
		return err
	}
	if err := review.Accept(ctx, tx, act, id); err != nil {
		return err
	}
	filled := review.Sheet{Scores: map[string]review.Score{}, Feedback: s.Feedback}
	for i, criterion := range c.rubric.Definition.Criteria {
		if i < len(s.Marks) {
			mark := s.Marks[i]
			filled.Scores[criterion.Key] = review.Score{Mark: mark, Comment: words.T(words.Vi, "demo.comment."+strconv.Itoa(mark))}
		}
	}
	version, err := review.Save(ctx, tx, act, id, filled, 0)
	if err != nil || s.Draft {
		return err
	}
	return review.Send(ctx, tx, act, id, version)
}
