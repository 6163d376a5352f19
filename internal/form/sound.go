package form

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// keyed is what a key must look like: it becomes the name of a control, in
// which a point has a meaning.
var keyed = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// reserved are the names of the controls that are on every page of questions.
var reserved = []string{"version", "act", "add", "remove", "up", "down", "keep", "done", "to", "purpose", "file", "section", "question", "page", "changed", "aside", Unasked, InForm}

// Sound reports a form that could not be asked: keys that stand twice or cannot
// be the name of a control, kinds without what they need, conditions on what is
// not asked before. A condition can therefore never lead round in a circle.
func (d Definition) Sound() error {
	sections, earlier := map[string]bool{}, map[string]Question{}
	identity := map[string]bool{}
	for _, s := range d.Sections {
		if sections[s.Key] || !keyed.MatchString(s.Key) {
			return fmt.Errorf("form %s: section %q stands twice, or its key is not of small letters, digits and _", d.Key, s.Key)
		}
		sections[s.Key] = true
		if !slices.ContainsFunc(d.Groups, func(g Group) bool { return g.Key == s.Group }) {
			return fmt.Errorf("form %s: section %q is in no group", d.Key, s.Key)
		}
		if err := s.When.soundIn(s, earlier, identity); err != nil {
			return fmt.Errorf("form %s: section %q %w", d.Key, s.Key, err)
		}
		for _, q := range s.Questions {
			if _, twice := earlier[q.Key]; twice || !keyed.MatchString(q.Key) || slices.Contains(reserved, q.Key) {
				return fmt.Errorf("form %s: question %q stands twice, or its key is not of small letters, digits and _, or is one that pages use", d.Key, q.Key)
			}
			if err := q.sound(); err != nil {
				return fmt.Errorf("form %s: question %q %w", d.Key, q.Key, err)
			}
			if err := q.When.soundIn(s, earlier, identity); err != nil {
				return fmt.Errorf("form %s: question %q %w", d.Key, q.Key, err)
			}
			earlier[q.Key], identity[q.Key] = q, s.Identity
		}
	}
	return nil
}

// soundIn is sound for a section or a question of one. What does not name the
// applicant may not depend on what does: whether it is asked would tell those
// who judge without knowing who applies.
func (w *When) soundIn(s Section, earlier map[string]Question, identity map[string]bool) error {
	if w == nil {
		return nil
	}
	if err := w.sound(earlier, 1); err != nil {
		return err
	}
	if i := slices.IndexFunc(w.asks(), func(key string) bool { return identity[key] }); i >= 0 && !s.Identity {
		return fmt.Errorf("has a condition on %q, which names the applicant", w.asks()[i])
	}
	return nil
}

// needs lists the columns a kind of table works with.
var needs = map[Kind][]string{
	Places:        {"name"},
	Organisations: {"name", "kind", "tax_code"},
	Budget:        {"text", "unit", "quantity", "price", "source", "year"},
	Activities:    {"name", "from", "to"},
	Logframe:      {"level", "text", "indicator"},
}

// Needs lists the keys of the columns that a kind of table works with.
func Needs(k Kind) []string { return needs[k] }

func (q Question) sound() error {
	if q.Label.Vi == "" || q.Label.En == "" {
		return errors.New("has no label in both languages")
	}
	switch q.Kind {
	case Number:
		if q.Decimals < 0 || q.Decimals > 2 {
			return errors.New("has more than two decimals")
		}
	case Line, Text, Money, Date, Period, YesNo, Agree:
	case Choice, Choices:
		if q.From == "" && len(q.Options) == 0 {
			return errors.New("has nothing to choose")
		}
	case Files:
		if len(q.Purposes) == 0 {
			return errors.New("does not say what files are for")
		}
	case Table, Places, Organisations, Budget, Activities, Logframe:
		if len(q.Columns) == 0 || q.MaxRows == 0 {
			return errors.New("has no columns, or no limit to its rows")
		}
		if slices.ContainsFunc(q.Columns, func(c Column) bool { return c.Key == RowID }) {
			return errors.New("has a column whose key is that of rows")
		}
		for _, key := range needs[q.Kind] {
			if !slices.ContainsFunc(q.Columns, func(c Column) bool { return c.Key == key }) {
				return fmt.Errorf("lacks the column %s", key)
			}
		}
	case Beneficiaries:
		if len(q.Reaches) == 0 || len(q.Counts) == 0 || q.Counts[0].Part != "" {
			return errors.New("has no lines, or no total first")
		}
	default:
		return fmt.Errorf("is of the unknown kind %q", q.Kind)
	}
	return nil
}
