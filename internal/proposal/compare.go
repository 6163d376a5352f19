package proposal

import (
	"slices"
	"strconv"

	"daubang/internal/document"
	"daubang/internal/form"
)

// Difference is an answer that is not the same in two versions of a proposal.
type Difference struct {
	Question      form.Question
	Before, After form.Answer
	Rows          []RowDifference // of a table
	Gone, New     []document.Document
}

// RowDifference is a row of a table in two versions; nil where it is not there.
type RowDifference struct {
	Before, After form.Row
	Number        int // in the version where it stands last
}

// SectionDifference is a section with what is not the same in it.
type SectionDifference struct {
	Section form.Section
	Changed []Difference
}

// Stand is what stood in a proposal at one time.
type Stand struct {
	Content   form.Content
	Documents []document.Document
}

// Compare lists what is not the same in two versions, in the order of the form
// the later was written in. What a reader was not given, they are not told of:
// both versions hold only what they may read.
func Compare(d form.Definition, before, after Stand) []SectionDifference {
	var all []SectionDifference
	for _, s := range d.Sections {
		in := SectionDifference{Section: s}
		for _, q := range s.Questions {
			if c, differs := compareAnswers(q, before.Content[s.Key][q.Key], after.Content[s.Key][q.Key]); differs {
				in.Changed = append(in.Changed, c)
				continue
			}
			c := Difference{Question: q, Gone: without(before.Documents, after.Documents, q), New: without(after.Documents, before.Documents, q)}
			if len(c.Gone)+len(c.New) > 0 {
				in.Changed = append(in.Changed, c)
			}
		}
		if len(in.Changed) > 0 {
			all = append(all, in)
		}
	}
	return all
}

func compareAnswers(q form.Question, before, after form.Answer) (Difference, bool) {
	c := Difference{Question: q, Before: before, After: after}
	if before.Equal(after) {
		return c, false
	}
	if q.Kind != form.Beneficiaries && len(before.Rows)+len(after.Rows) > 0 {
		c.Rows = compareRows(before.Rows, after.Rows)
		return c, len(c.Rows) > 0
	}
	return c, true
}

// compareRows finds the same row in two versions by its name, or by its place
// where rows had none yet.
func compareRows(before, after []form.Row) []RowDifference {
	was := map[string]form.Row{}
	for i, r := range before {
		was[rowName(r, i)] = r
	}
	var all []RowDifference
	for i, r := range after {
		old, ok := was[rowName(r, i)]
		delete(was, rowName(r, i))
		if !ok || !sameRow(old, r) {
			all = append(all, RowDifference{Before: old, After: r, Number: i + 1})
		}
	}
	for i, r := range before {
		if _, left := was[rowName(r, i)]; left {
			all = append(all, RowDifference{Before: r, Number: i + 1})
		}
	}
	return all
}

func rowName(r form.Row, i int) string {
	if r[form.RowID] != "" {
		return r[form.RowID]
	}
	return "at " + strconv.Itoa(i)
}

// sameRow compares what people typed, not how a row is called.
func sameRow(a, b form.Row) bool {
	for key := range a {
		if key != form.RowID && a[key] != b[key] {
			return false
		}
	}
	for key := range b {
		if key != form.RowID && a[key] != b[key] {
			return false
		}
	}
	return true
}

// without lists the documents of a question that are not among the others.
func without(all, others []document.Document, q form.Question) []document.Document {
	var left []document.Document
	for _, d := range all {
		if d.Question == q.Key && !slices.ContainsFunc(others, func(o document.Document) bool { return o.ID == d.ID }) {
			left = append(left, d)
		}
	}
	return left
}
