package demo

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"
)

// event is one thing that happened to a proposal.
type event struct {
	by     int64
	at     time.Time
	verb   string
	detail string // as PostgreSQL writes the jsonb
}

// decided is the verb that ends in a status.
var decided = map[string]string{"approved": "approve", "conditional": "approve_with_conditions", "waitlisted": "waitlist", "declined": "decline"}

// events are the moves that brought a proposal to where it stands.
func (g *generator) events(p application, sum string) []event {
	head, office := g.head(p.organisation), int64(p.call.Officer)
	list := []event{{head, p.created, "start", "{}"}}
	if p.status == "draft" {
		return list
	}
	list = append(list, event{head, p.sent, "submit", `{"number": 1, "sha256": "` + sum + `"}`})
	screened := p.call.closes.AddDate(0, 0, 1)
	switch p.status {
	case "submitted":
		return list
	case "returned":
		return append(list, event{office, p.sent.Add(time.Hour), "return", "{}"})
	case "ineligible":
		return append(list, event{office, screened, "refuse", "{}"})
	case "withdrawn":
		return append(list, event{head, screened, "withdraw", "{}"})
	}
	list = append(list, event{office, screened, "accept", "{}"})
	if judged[p.status] {
		list = append(list, event{office, screened, "open_review", "{}"})
	}
	if verb, ok := decided[p.status]; ok {
		list = append(list, event{office, p.call.closes.AddDate(0, 2, 0), verb, "{}"})
	}
	return list
}

// copyEvents writes each proposal's chain. The hashes are those of the SQL
// function event_hash, worked out here because half a million calls of it take
// longer than all the rest; a test compares them.
func (g *generator) copyEvents(ctx context.Context) error {
	columns := []string{"id", "subject", "subject_id", "seq", "person_id", "at", "verb", "detail", "prev_hash", "hash"}
	return g.rows(ctx, "audit_events", columns, g.Proposals, func(i int) ([][]any, error) {
		p := g.application(i)
		var rows [][]any
		prev := []byte{}
		for k, e := range g.events(p, g.sums[i]) {
			hash := e.hash(prev, p.id, k+1)
			rows = append(rows, []any{g.id("event "+strconv.Itoa(k), i), "proposal", p.id, k + 1, e.by, e.at, e.verb, e.detail, prev, hash})
			prev = hash
		}
		return rows, nil
	})
}

func (e event) hash(prev []byte, subject int64, seq int) []byte {
	h := sha256.New()
	h.Write(prev)
	for _, part := range []string{
		"proposal", strconv.FormatInt(subject, 10), strconv.Itoa(seq), strconv.FormatInt(e.by, 10), e.at.UTC().Format("2006-01-02T15:04:05.000000"), e.verb, e.detail,
	} {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part) // a hash takes everything
	}
	return h.Sum(nil)
}
