// Package intake reads the files that bring reference data into the portal:
// places, laws, holidays, programmes.
//
// It knows files, not what they mean: a file is read whole and checked whole
// before anything of it is written, a fault is told with file, line, column and
// reason, and a second run of the same file changes nothing. What a row means,
// and the SQL that merges it, stands in the package of the concept.
package intake

import (
	"fmt"
	"strings"

	"daubang/internal/problem"
	"daubang/internal/words"
)

// Change is what an import did to one thing.
type Change string

// The changes.
const (
	Added     Change = "added"
	Changed   Change = "changed"
	Unchanged Change = "unchanged"
)

// Changes counts what an import did.
type Changes struct {
	Added     int
	Changed   int
	Unchanged int
	Each      []Line // of files that hold a few large things; tables are only counted
}

// Line is what an import did to one thing, by what it is called.
type Line struct {
	Change Change
	Name   words.Pair
}

// Add counts one thing and names it.
func (c *Changes) Add(did Change, name words.Pair) {
	switch did {
	case Added:
		c.Added++
	case Changed:
		c.Changed++
	case Unchanged:
		c.Unchanged++
	}
	c.Each = append(c.Each, Line{Change: did, Name: name})
}

// Any reports whether anything is different now.
func (c Changes) Any() bool { return c.Added+c.Changed > 0 }

// In says what was done in language l: one line for each thing that is named,
// then the count.
func (c Changes) In(l words.Lang) string {
	var b strings.Builder
	for _, line := range c.Each {
		b.WriteString(words.T(l, "intake.each."+string(line.Change), line.Name) + "\n")
	}
	b.WriteString(words.T(l, "intake.counted", c.Added, c.Changed, c.Unchanged))
	return b.String()
}

// Count makes the count from what a merging statement returned: one value for
// each row it wrote, true where the row is new. The rest of total was the same.
func Count(total int, written []bool) Changes {
	var c Changes
	for _, isNew := range written {
		if isNew {
			c.Added++
		} else {
			c.Changed++
		}
	}
	c.Unchanged = total - len(written)
	return c
}

// Refusal says where a file is wrong, and why. Nothing of the file is loaded.
type Refusal struct {
	File   string
	Line   int    // from 1; 0: the file as a whole
	Column string // of a table, or the path within a record: plan.issue_date
	Reason problem.Words
}

// In says the refusal in language l.
func (r Refusal) In(l words.Lang) string {
	switch {
	case r.Line == 0:
		return words.T(l, "intake.refused_file", r.File, r.Reason)
	case r.Column == "":
		return words.T(l, "intake.refused_line", r.File, r.Line, r.Reason)
	default:
		return words.T(l, "intake.refused_column", r.File, r.Line, r.Column, r.Reason)
	}
}

func (r Refusal) Error() string { return r.In(words.En) }

// refuse makes the error that a reader returns.
func refuse(file string, line int, column, key string, args ...any) error {
	return Refusal{File: file, Line: line, Column: column, Reason: problem.Say(key, args...)}
}

// unreadable is a fault of the disk or the line, not of the file's content.
func unreadable(file string, err error) error { return fmt.Errorf("reading %s: %w", file, err) }
