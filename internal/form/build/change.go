package build

import (
	"slices"

	"daubang/internal/form"
	"daubang/internal/problem"
	"daubang/internal/words"
)

// Put stores a section in place of the one with key, or as the last if key is
// empty; its questions stay. It gets a key of its own then, and a group that was
// not there before is made of title.
func Put(d form.Definition, key string, s form.Section, group words.Pair) (form.Definition, string) {
	d.Sections, d.Groups = slices.Clone(d.Sections), slices.Clone(d.Groups)
	if group.Vi != "" {
		s.Group = Unique(group, func(k string) bool {
			return slices.ContainsFunc(d.Groups, func(g form.Group) bool { return g.Key == k })
		})
		d.Groups = append(d.Groups, form.Group{Key: s.Group, Title: group})
	}
	i := slices.IndexFunc(d.Sections, func(old form.Section) bool { return old.Key == key })
	if i < 0 {
		s.Key = Unique(s.Title, func(k string) bool { _, ok := d.Section(k); return ok })
		s.Questions = []form.Question{}
		d.Sections = append(d.Sections, s)
	} else {
		s.Key, s.Questions = key, d.Sections[i].Questions
		d.Sections[i] = s
	}
	return withoutEmptyGroups(d), s.Key
}

// withoutEmptyGroups drops headings that nothing stands under.
func withoutEmptyGroups(d form.Definition) form.Definition {
	d.Groups = slices.DeleteFunc(slices.Clone(d.Groups), func(g form.Group) bool { return len(d.In(g.Key)) == 0 })
	return d
}

// reserved are keys that pages of questions use for themselves; a new question
// gets another.
var reserved = []string{"version", "act", "add", "remove", "keep", "done", "to", "purpose", "file", "section", "question", "page", "changed", "aside", form.Unasked, form.InForm, form.RowID}

// PutQuestion stores a question in place of the one with key, or as the last of
// a section if key is empty. Into another section it goes as the last there.
func PutQuestion(d form.Definition, section, key string, q form.Question) (form.Definition, string) {
	d = copied(d)
	to := slices.IndexFunc(d.Sections, func(s form.Section) bool { return s.Key == section })
	if to < 0 {
		return d, key
	}
	q = Tidy(q)
	at, _, there := d.Question(key)
	if key == "" || !there {
		q.Key = Unique(q.Label, func(k string) bool {
			_, _, ok := d.Question(k)
			return ok || slices.Contains(reserved, k)
		})
		d.Sections[to].Questions = append(d.Sections[to].Questions, q)
		return d, q.Key
	}
	q.Key = key
	from := slices.IndexFunc(d.Sections, func(s form.Section) bool { return s.Key == at.Key })
	i := slices.IndexFunc(d.Sections[from].Questions, func(old form.Question) bool { return old.Key == key })
	if from == to {
		d.Sections[to].Questions[i] = q
		return d, key
	}
	d.Sections[from].Questions = slices.Delete(d.Sections[from].Questions, i, i+1)
	d.Sections[to].Questions = append(d.Sections[to].Questions, q)
	return d, key
}

// copied shares no list with d that is changed here.
func copied(d form.Definition) form.Definition {
	d.Sections = slices.Clone(d.Sections)
	for i := range d.Sections {
		d.Sections[i].Questions = slices.Clone(d.Sections[i].Questions)
	}
	return d
}

// Act is something done to a section or question from the list of all.
type Act string

// The acts.
const (
	Up     Act = "up"
	Down   Act = "down"
	Delete Act = "delete"
)

// Do moves or deletes a section, or a question of it if question is not empty.
// Up from the first place and down from the last change nothing. It refuses what
// is not there, and to delete the last section.
func Do(d form.Definition, a Act, section, question string) (form.Definition, error) {
	d = copied(d)
	i := slices.IndexFunc(d.Sections, func(s form.Section) bool { return s.Key == section })
	if i < 0 {
		return d, problem.NotFound
	}
	if question == "" {
		if a == Delete && len(d.Sections) == 1 {
			return d, problem.Because(problem.Conflict, "build.last_section")
		}
		d.Sections = do(d.Sections, a, i)
		return withoutEmptyGroups(d), nil
	}
	j := slices.IndexFunc(d.Sections[i].Questions, func(q form.Question) bool { return q.Key == question })
	if j < 0 {
		return d, problem.NotFound
	}
	d.Sections[i].Questions = do(d.Sections[i].Questions, a, j)
	return d, nil
}

func do[T any](list []T, a Act, i int) []T {
	switch {
	case a == Delete:
		return slices.Delete(list, i, i+1)
	case a == Up && i > 0:
		list[i-1], list[i] = list[i], list[i-1]
	case a == Down && i < len(list)-1:
		list[i+1], list[i] = list[i], list[i+1]
	}
	return list
}
