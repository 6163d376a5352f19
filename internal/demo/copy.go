package demo

import (
	"context"
	"strconv"
)

// The first people are the reviewers, then comes a head for each organisation.

func (g *generator) copyPeople(ctx context.Context) error {
	return g.rows(ctx, "people", []string{"id", "name", "email", "email_key", "verified_at", "search_key", "created_at"}, g.reviewers+g.organisations, func(i int) [][]any {
		name := personName(g.random("person", i))
		return [][]any{{g.id("person", i), name, address(i), address(i), g.now, key(name, address(i)), g.now}}
	})
}

func (g *generator) copyOrganisations(ctx context.Context) error {
	columns := []string{"id", "kind", "name_vi", "place_id", "province_code", "search_key", "created_by", "created_at", "updated_at"}
	return g.rows(ctx, "organisations", columns, g.organisations, func(o int) [][]any {
		name, kind := g.organisation(o)
		place := g.commune(o)
		return [][]any{{g.id("organisation", o), kind, name, place.ID, place.Province, key(name), g.head(o), g.now, g.now}}
	})
}

// head is who heads organisation o.
func (g *generator) head(o int) int64 { return g.id("person", g.reviewers+o) }

func (g *generator) copyMembers(ctx context.Context) error {
	return g.rows(ctx, "members", []string{"organisation_id", "person_id", "role", "joined_at"}, g.organisations, func(o int) [][]any {
		return [][]any{{g.id("organisation", o), g.head(o), "head", g.now}}
	})
}

// insertCalls makes past calls like the demo's own, year by year backwards.
func (g *generator) insertCalls(ctx context.Context) error {
	for _, c := range g.calls {
		_, err := g.tx.Exec(ctx, `
			insert into calls (id, programme_id, code, title_vi, title_en, summary_vi, summary_en, text_vi, text_en, opens_at, closes_at, envelope, grant_min, grant_max,
			                   months_max, form_id, rubric_id, reviews_per_proposal, blind, peers_visible, sensitive, status, published_at, search_key, created_at, updated_at)
			select $1, programme_id, $2, title_vi || ' (' || $2 || ')', case when title_en = '' then '' else title_en || ' (' || $2 || ')' end, summary_vi, summary_en, text_vi, text_en,
			       $3, $4, greatest(envelope, 10000000000000), grant_min, grant_max, months_max, form_id, rubric_id, reviews_per_proposal, false, true, sensitive, 'published', $3, search_key, $3, $3
			from calls where id = $5`, c.ID, c.Code, c.Opens, c.Closes, c.From)
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) copyRoles(ctx context.Context) error {
	return g.rows(ctx, "roles", []string{"person_id", "role", "call_id", "granted_at"}, g.reviewers, func(i int) [][]any {
		var rows [][]any
		for _, c := range g.calls {
			rows = append(rows, []any{g.id("person", i), "reviewer", c.ID, g.now})
		}
		return rows
	})
}

func (g *generator) copyProposals(ctx context.Context) error {
	columns := []string{
		"id", "call_id", "programme_id", "organisation_id", "reference", "title", "status", "amount_asked", "months", "organisation_name", "organisation_kind",
		"province_code", "search_key", "created_by", "created_at", "updated_at", "submitted_at", "returned_until", "reviews_assigned", "reviews_sent", "score_mean", "score_min", "score_max",
	}
	return g.rows(ctx, "proposals", columns, g.Proposals, func(i int) [][]any {
		p := g.made(i)
		name, kind := g.organisation(p.organisation)
		var submitted, until any
		if p.status != "draft" {
			submitted = p.sent
		}
		if p.status == "returned" {
			until = p.sent.AddDate(0, 0, 10)
		}
		sent, mean, low, high := p.scores()
		return [][]any{{
			p.id, p.call.ID, p.call.ProgrammeID, g.id("organisation", p.organisation), p.reference, p.title, p.status, p.amount, p.months, name, kind,
			g.commune(p.organisation).Province, key(p.reference, p.title, name), g.head(p.organisation), p.created, p.sent, submitted, until,
			len(p.reviews), sent, mean, low, high,
		}}
	})
}

// scores are what the list shows of a proposal's reviews; nil where none is sent.
func (p madeProposal) scores() (sent int, mean, low, high any) {
	sum, least, most := 0.0, 101.0, -1.0
	for _, v := range p.reviews {
		if v.sent {
			sent++
			sum, least, most = sum+v.total, min(least, v.total), max(most, v.total)
		}
	}
	if sent == 0 {
		return 0, nil, nil, nil
	}
	return sent, decimal(sum / float64(sent)), decimal(least), decimal(most)
}

// decimal is a number with two decimals, as the column holds it.
func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }

func (g *generator) copySubmissions(ctx context.Context) error {
	columns := []string{"id", "proposal_id", "number", "content", "identity", "sha256", "submitted_by", "submitted_at"}
	return g.rows(ctx, "submissions", columns, g.Proposals, func(i int) [][]any {
		p := g.made(i)
		if p.status == "draft" {
			return nil
		}
		r := g.random("text", i)
		name, kind := g.organisation(p.organisation)
		content := map[string]any{
			"identification": map[string]any{"title": p.title, "months": strconv.Itoa(p.months)},
			"problem":        map[string]any{"problem": paragraph(r) + " " + paragraph(r)},
			"logframe":       map[string]any{"goal": paragraph(r)},
			"sustainability": map[string]any{"sustainability": paragraph(r)},
		}
		identity := map[string]any{"organisation": map[string]any{"name_vi": name, "kind": kind}}
		return [][]any{{g.id("submission", i), p.id, 1, content, identity, "generated-" + strconv.Itoa(i), g.head(p.organisation), p.sent}}
	})
}

func (g *generator) copyAssignments(ctx context.Context) error {
	columns := []string{"id", "proposal_id", "reviewer_id", "state", "due_at", "assigned_by", "assigned_at", "answered_at"}
	return g.rows(ctx, "assignments", columns, g.Proposals, func(i int) [][]any {
		p := g.made(i)
		var rows [][]any
		for _, v := range p.reviews {
			state := "accepted"
			if v.sent {
				state = "sent"
			}
			rows = append(rows, []any{v.id, p.id, g.id("person", v.reviewer), state, p.call.Closes.AddDate(0, 0, 28), g.id("person", v.reviewer), p.call.Closes, p.call.Closes})
		}
		return rows
	})
}

func (g *generator) copyReviews(ctx context.Context) error {
	columns := []string{"assignment_id", "feedback", "note", "total", "updated_at", "sent_at"}
	return g.rows(ctx, "reviews", columns, g.Proposals, func(i int) [][]any {
		var rows [][]any
		for _, v := range g.made(i).reviews {
			if v.sent {
				rows = append(rows, []any{v.id, "Đề xuất rõ việc, cần nêu kỹ hơn ai theo dõi số liệu.", "", decimal(v.total), v.at, v.at})
			}
		}
		return rows
	})
}

func (g *generator) copyScores(ctx context.Context) error {
	return g.rows(ctx, "scores", []string{"assignment_id", "criterion", "mark", "comment"}, g.Proposals, func(i int) [][]any {
		var rows [][]any
		for _, v := range g.made(i).reviews {
			for k, c := range g.criteria {
				if v.sent {
					rows = append(rows, []any{v.id, c.Key, v.marks[k], ""})
				}
			}
		}
		return rows
	})
}

func (g *generator) copyDecisions(ctx context.Context) error {
	columns := []string{"id", "proposal_id", "call_id", "outcome", "amount", "reason", "state", "staged_by", "staged_at", "released_at"}
	return g.rows(ctx, "decisions", columns, g.Proposals, func(i int) [][]any {
		p := g.made(i)
		amount := int64(0)
		switch p.status {
		case "approved", "conditional":
			amount = p.amount
		case "waitlisted", "declined":
		default:
			return nil
		}
		at := p.call.Closes.AddDate(0, 2, 0)
		return [][]any{{g.id("decision", i), p.id, p.call.ID, p.status, amount, "", "released", g.head(p.organisation), at, at}}
	})
}

// insertEvents begins each proposal's chain: it was started, and sent.
func (g *generator) insertEvents(ctx context.Context) error {
	for _, e := range []struct{ verb, at, from string }{
		{"start", "p.created_at", `'\x'::bytea`},
		{"submit", "p.submitted_at", `(select e.hash from audit_events e where e.subject = 'proposal' and e.subject_id = p.id and e.seq = 1)`},
	} {
		_, err := g.tx.Exec(ctx, `
			insert into audit_events (subject, subject_id, seq, person_id, at, verb, detail, prev_hash, hash)
			select 'proposal', x.id, x.seq, x.person, x.at, x.verb, '{}', x.prev, event_hash(x.prev, 'proposal', x.id, x.seq, x.person, x.at, x.verb, '{}')
			from (select p.id, case when $1 = 'start' then 1 else 2 end as seq, p.created_by as person, `+e.at+` as at, $1 as verb, `+e.from+` as prev
			      from proposals p join people w on w.id = p.created_by where w.email_key like '%@generated.example' and `+e.at+` is not null) x`, e.verb)
		if err != nil {
			return err
		}
	}
	return nil
}
