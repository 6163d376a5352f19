package form

import (
	"slices"
	"strings"

	"daubang/internal/problem"
	"daubang/internal/words"
)

// Remarks are what looks odd in the tables of a section but keeps nobody from
// sending: at which control, and the words.
func (s Section) Remarks(a Answers, t Terms) Gaps {
	c := &checking{section: s.Key, terms: t}
	for _, q := range s.Questions {
		switch q.Kind {
		case Activities:
			c.actionMonth(q, a[q.Key])
		case Budget:
			c.unfunded(q, a[q.Key])
		default: // nothing else is odd without being wrong
		}
	}
	return c.gaps
}

// actionMonth names activities that are said to fall within the Action Month,
// 15 November to 15 December, and do not touch a last quarter.
func (c *checking) actionMonth(q Question, a Answer) {
	order := q.Column("from").Choices(c.terms)
	at := func(v string) int { return slices.IndexFunc(order, func(o Option) bool { return o.Value == v }) }
	for i, r := range a.Rows {
		from, to := at(r["from"]), at(r["to"])
		if r["action_month"] != Yes || from < 0 || to < from {
			continue
		}
		if !slices.ContainsFunc(order[from:to+1], func(o Option) bool { return strings.HasSuffix(o.Value, "-4") }) {
			c.add(Name(q.Key, i, "action_month"), "form.action_month", r["name"])
		}
	}
}

// unfunded names the activities that no line of a budget pays for, once some
// line says what it is for.
func (c *checking) unfunded(q Question, a Answer) {
	col := q.Column("activity")
	var missing []string
	paid := map[string]bool{}
	for _, r := range a.Rows {
		paid[r[col.Key]] = true
	}
	delete(paid, "")
	for _, o := range col.Choices(c.terms) {
		if !paid[o.Value] {
			missing = append(missing, o.Label.Vi)
		}
	}
	if len(paid) > 0 && len(missing) > 0 {
		said := strings.Join(missing, "; ")
		c.add(Name(q.Key, 0, "activity"), "form.budget.unfunded", words.Pair{Vi: said, En: said})
	}
}

// RemarkAt is the words of the remark at a control, if there is one.
func (g Gaps) RemarkAt(field string) (problem.Words, bool) {
	for _, one := range g {
		if one.Field == field {
			return one.Words, true
		}
	}
	return problem.Words{}, false
}
