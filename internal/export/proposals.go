package export

import (
	"fmt"
	"iter"

	"daubang/internal/call"
	"daubang/internal/desk"
	"daubang/internal/words"
)

// Names are what stands in a file in place of ids and codes.
type Names struct {
	Calls     map[call.ID]string
	Provinces map[string]string
}

// headings of the file of proposals, in order.
var headings = []string{"reference", "title", "organisation", "kind", "province", "call", "status", "asked", "months", "submitted", "sent", "assigned", "mean", "lowest", "highest"}

// Proposals writes a list of the desk, a line a proposal, with its headings in
// language l.
func Proposals(c *CSV, l words.Lang, n Names, lines iter.Seq2[desk.Line, error]) error {
	var head []Cell
	for _, h := range headings {
		head = append(head, Text(words.T(l, "export.proposals."+h)))
	}
	if err := c.Row(head...); err != nil {
		return err
	}
	statuses, kinds := map[string]string{}, map[string]string{}
	said := func(known map[string]string, prefix, value string) Cell {
		s, ok := known[value]
		if !ok {
			s = words.T(l, prefix+value)
			known[value] = s
		}
		return Text(s)
	}
	for p, err := range lines {
		if err != nil {
			return fmt.Errorf("reading proposals to export: %w", err)
		}
		err := c.Row(Text(p.Reference), Text(p.Title), Text(p.OrganisationName), said(kinds, "organisation.kind.", p.OrganisationKind), Text(n.Provinces[p.ProvinceCode]),
			Text(n.Calls[p.CallID]), said(statuses, "proposal.status.", string(p.Status)), Whole(p.AmountAsked), Whole(int64(p.Months)), Instant(&p.SubmittedAt),
			Whole(int64(p.ReviewsSent)), Whole(int64(p.ReviewsAssigned)), Decimal(p.ScoreMean), Decimal(p.ScoreMin), Decimal(p.ScoreMax))
		if err != nil {
			return err
		}
	}
	return c.Flush()
}
