package demo

import (
	"context"
	"strconv"

	"daubang/internal/proposal"
	"daubang/internal/words"
)

// The first people are the reviewers, then comes a head for each organisation.

func (g *generator) copyPeople(ctx context.Context) error {
	return g.rows(ctx, "people", []string{"id", "name", "email", "email_key", "verified_at", "search_key", "created_at"}, g.reviewers+g.organisations, func(i int) ([][]any, error) {
		name := personName(g.random("person", i))
		return [][]any{{g.id("person", i), name, address(i), address(i), g.now, key(name, address(i)), g.now}}, nil
	})
}

// address of person i: nobody's, and never written to.
func address(i int) string { return "p" + strconv.Itoa(i) + "@generated.example" }

func (g *generator) copyOrganisations(ctx context.Context) error {
	columns := []string{"id", "kind", "name_vi", "place_id", "province_code", "representative", "representative_title", "search_key", "created_by", "created_at", "updated_at"}
	return g.rows(ctx, "organisations", columns, g.organisations, func(o int) ([][]any, error) {
		name, kind := g.organisation(o)
		place := g.commune(o)
		head := personName(g.random("person", g.reviewers+o))
		return [][]any{{g.id("organisation", o), kind, name, place.ID, place.Province, head, headTitle, key(name), g.head(o), g.now, g.now}}, nil
	})
}

// head is who heads organisation o.
func (g *generator) head(o int) int64 { return g.id("person", g.reviewers+o) }

func (g *generator) copyMembers(ctx context.Context) error {
	return g.rows(ctx, "members", []string{"organisation_id", "person_id", "role", "joined_at"}, g.organisations, func(o int) ([][]any, error) {
		return [][]any{{g.id("organisation", o), g.head(o), "head", g.now}}, nil
	})
}

// insertCalls makes calls of past years like the demo's own.
func (g *generator) insertCalls(ctx context.Context) error {
	for _, c := range g.calls {
		_, err := g.tx.Exec(ctx, `
			insert into calls (id, programme_id, code, title_vi, title_en, summary_vi, summary_en, text_vi, text_en, opens_at, closes_at, envelope, grant_min, grant_max,
			                   months_max, form_id, rubric_id, reviews_per_proposal, blind, peers_visible, sensitive, status, published_at, search_key, created_by, created_at, updated_at)
			select $1, programme_id, $2, title_vi || ' (' || $2 || ')', case when title_en = '' then '' else title_en || ' (' || $2 || ')' end, summary_vi, summary_en, text_vi, text_en,
			       $3, $4, greatest(envelope, 10000000000000), grant_min, grant_max, months_max, form_id, rubric_id, reviews_per_proposal, false, true, sensitive, 'published', $3, search_key, $6, $3, $3
			from calls where id = $5`, c.id, c.code, c.opens, c.closes, c.ID, c.Officer)
		if err != nil {
			return err
		}
		if _, err := g.tx.Exec(ctx, `insert into call_task_groups (call_id, task_group_id) select $1, task_group_id from call_task_groups where call_id = $2`, c.id, c.ID); err != nil {
			return err
		}
	}
	return g.ask(ctx)
}

func (g *generator) copyRoles(ctx context.Context) error {
	return g.rows(ctx, "roles", []string{"person_id", "role", "call_id", "granted_at"}, len(g.calls), func(c int) ([][]any, error) {
		var rows [][]any
		for k := range g.panel() {
			rows = append(rows, []any{g.id("person", g.panelist(c, k)), "reviewer", g.calls[c].id, g.now})
		}
		return rows, nil
	})
}

func (g *generator) copyProposals(ctx context.Context) error {
	columns := []string{
		"id", "call_id", "programme_id", "organisation_id", "reference", "title", "status", "amount_asked", "months", "organisation_name", "organisation_kind",
		"province_code", "search_key", "created_by", "created_at", "updated_at", "submitted_at", "returned_until", "returned_sections", "ineligible_reasons",
		"reviews_assigned", "reviews_sent", "score_mean", "score_min", "score_max", "criterion_means",
	}
	return g.rows(ctx, "proposals", columns, g.Proposals, func(i int) ([][]any, error) {
		p := g.application(i)
		by, organisation := g.head(p.organisation), g.id("organisation", p.organisation)
		if p.status == "draft" {
			return [][]any{{
				p.id, p.call.id, p.call.ProgrammeID, organisation, p.reference, p.title, p.status, 0, 0, "", "", "", "", by, p.created, p.created, nil, nil, "{}", "",
				0, 0, nil, nil, nil, "{}",
			}}, nil
		}
		name, kind := g.organisation(p.organisation)
		r := g.random("reason", i)
		until, sections, ineligible := any(nil), "{}", ""
		switch p.status {
		case "returned":
			until, sections = p.sent.AddDate(0, 0, 10), `{"budget": "`+reason(r)+`"}`
		case "ineligible":
			ineligible = reason(r)
		}
		assigned, sent, mean, low, high := p.scores()
		return [][]any{{
			p.id, p.call.id, p.call.ProgrammeID, organisation, p.reference, p.title, p.status, p.amount, p.months, name, kind,
			g.commune(p.organisation).Province, key(p.reference, p.title, name), by, p.created, p.sent, p.sent, until, sections, ineligible,
			assigned, sent, mean, low, high, p.criterionMeans(),
		}}, nil
	})
}

func (g *generator) copySubmissions(ctx context.Context) error {
	columns := []string{"id", "proposal_id", "number", "content", "identity", "sha256", "submitted_by", "submitted_at"}
	return g.rows(ctx, "submissions", columns, g.Proposals, func(i int) ([][]any, error) {
		p := g.application(i)
		if p.status == "draft" {
			return nil, nil
		}
		s := g.written(i, p)
		sum, err := proposal.Sum(p.reference, s, nil)
		g.sums[i] = sum
		return [][]any{{g.id("submission", i), p.id, s.Number, s.Content, s.Identity, sum, g.head(p.organisation), p.sent}}, err
	})
}

func (g *generator) copyAssignments(ctx context.Context) error {
	columns := []string{"id", "proposal_id", "reviewer_id", "state", "due_at", "assigned_by", "assigned_at", "answered_at"}
	return g.rows(ctx, "assignments", columns, g.Proposals, func(i int) ([][]any, error) {
		p := g.application(i)
		var rows [][]any
		for _, v := range p.sheets {
			assigned, answered := p.call.closes.AddDate(0, 0, 1), any(nil)
			switch v.state {
			case "sent":
				answered = v.at
			case "accepted":
				answered = assigned.AddDate(0, 0, 1)
			}
			rows = append(rows, []any{v.id, p.id, g.id("person", v.reviewer), v.state, p.call.closes.AddDate(0, 0, 28), p.call.Officer, assigned, answered})
		}
		return rows, nil
	})
}

func (g *generator) copyReviews(ctx context.Context) error {
	columns := []string{"assignment_id", "feedback", "total", "marks", "updated_at", "sent_at"}
	return g.rows(ctx, "reviews", columns, g.Proposals, func(i int) ([][]any, error) {
		var rows [][]any
		for _, v := range g.application(i).sheets {
			switch v.state {
			case "sent":
				rows = append(rows, []any{v.id, feedback[v.id%int64(len(feedback))], decimal(v.total), len(v.marks), v.at, v.at})
			case "accepted":
				rows = append(rows, []any{v.id, "", nil, len(v.marks), v.at, nil})
			}
		}
		return rows, nil
	})
}

func (g *generator) copyScores(ctx context.Context) error {
	return g.rows(ctx, "scores", []string{"assignment_id", "criterion", "mark", "comment"}, g.Proposals, func(i int) ([][]any, error) {
		var rows [][]any
		p := g.application(i)
		for _, v := range p.sheets {
			for k, mark := range v.marks {
				comment := ""
				if p.call.rubric.NeedsComment(mark) {
					comment = words.T(words.Vi, "demo.comment."+strconv.Itoa(mark))
				}
				rows = append(rows, []any{v.id, p.call.rubric.Criteria[k].Key, mark, comment})
			}
		}
		return rows, nil
	})
}

func (g *generator) copyDecisions(ctx context.Context) error {
	columns := []string{"id", "proposal_id", "call_id", "outcome", "amount", "reason", "state", "staged_by", "staged_at", "released_at"}
	return g.rows(ctx, "decisions", columns, g.Proposals, func(i int) ([][]any, error) {
		p := g.application(i)
		amount := int64(0)
		switch p.status {
		case "approved", "conditional":
			amount = p.amount
		case "waitlisted", "declined":
		default:
			return nil, nil
		}
		at := p.call.closes.AddDate(0, 2, 0)
		return [][]any{{g.id("decision", i), p.id, p.call.id, p.status, amount, reason(g.random("reason", i)), "released", p.call.Officer, at, at}}, nil
	})
}
