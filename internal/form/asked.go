package form

import (
	"encoding/json"
	"slices"

	"daubang/internal/words"
)

// For is the form as it is asked of someone who gave these answers: sections
// and questions whose conditions are not met are left out. Answers to them are
// kept where they are and count for nothing: a condition on a hidden question
// finds it unanswered.
func (d Definition) For(c Content) Definition {
	return d.only(c, func(_ Section, _ Question, holds bool) bool { return holds })
}

// Sent is the form as a submission answered it, for whoever may read all or
// part of it: what was asked then, even if the answer that asked for it is not
// shown to this reader.
func (d Definition) Sent(c Content) Definition {
	return d.only(c, func(s Section, q Question, holds bool) bool { return holds || !c[s.Key][q.Key].Empty() })
}

func (d Definition) only(c Content, keep func(s Section, q Question, holds bool) bool) Definition {
	shown := map[string]Answer{}
	answer := func(key string) Answer { return shown[key] }
	all := d.Sections
	d.Sections = make([]Section, 0, len(all))
	for _, s := range all {
		asked := s.When == nil || s.When.Holds(answer)
		kept := make([]Question, 0, len(s.Questions))
		for _, q := range s.Questions {
			holds := asked && (q.When == nil || q.When.Holds(answer))
			if holds {
				shown[q.Key] = c[s.Key][q.Key]
			}
			if keep(s, q, holds) {
				kept = append(kept, q)
			}
		}
		if asked || len(kept) > 0 {
			s.Questions = kept
			d.Sections = append(d.Sections, s)
		}
	}
	return d
}

// Answered is the content a form asks for: answers to what it does not ask are
// left out. Of [Definition.For] it is what is sent.
func (d Definition) Answered(c Content) Content {
	only := Content{}
	for _, s := range d.Sections {
		a := Answers{}
		for _, q := range s.Questions {
			one := c[s.Key][q.Key]
			one.Other = q.Else(one)
			if !one.Empty() {
				a[q.Key] = one
			}
		}
		only[s.Key] = a
	}
	return only
}

// Keys are the keys of its questions.
func (d Definition) Keys() []string {
	var keys []string
	for _, s := range d.Sections {
		for _, q := range s.Questions {
			keys = append(keys, q.Key)
		}
	}
	return keys
}

// Asks says whether a question is in the form as it is.
func (d Definition) Asks(question string) bool {
	_, _, ok := d.Question(question)
	return ok
}

// Condition is when a question of a page is asked: Met by the answers that
// stand, Live as JSON for the script that follows what is picked on the page
// (empty where nothing on the page matters), and the sentence that says it.
type Condition struct {
	Met  bool
	Live string
	Said words.Pair
}

// Conditions are those of a section's questions, by question: of those that
// have one.
func (d Definition) Conditions(section string, c Content, t Terms) map[string]Condition {
	s, ok := d.Section(section)
	if !ok {
		return nil
	}
	asked := d.For(c)
	shown := func(key string) Answer {
		in, _, ok := asked.Question(key)
		if !ok {
			return Answer{}
		}
		return c[in.Key][key]
	}
	onPage := func(key string) bool {
		_, ok := s.Question(key)
		return ok
	}
	all := map[string]Condition{}
	for _, q := range s.Questions {
		if q.When == nil {
			continue
		}
		one := Condition{Met: q.When.Holds(shown), Said: d.Says(*q.When, t)}
		if slices.ContainsFunc(q.When.asks(), onPage) {
			live, _ := json.Marshal(q.When.within(onPage, shown)) // strings and lists can always be written
			one.Live = string(live)
		}
		all[q.Key] = one
	}
	return all
}

// Says is a condition as a clause: ở câu “Tổ chức do phụ nữ lãnh đạo?” bạn chọn
// “Có”.
func (d Definition) Says(w When, t Terms) words.Pair { return d.says(w, t, false) }

func (d Definition) says(w When, t Terms, not bool) words.Pair {
	switch {
	case w.Not != nil:
		return d.says(*w.Not, t, !not)
	case w.Question != "":
		return d.saysOne(w, t, not)
	}
	list, key := w.All, "form.when.and"
	if w.Any != nil {
		list = w.Any
	}
	if (w.Any != nil) != not {
		key = "form.when.or"
	}
	var said words.Pair
	for i, one := range list {
		part := d.says(one, t, not)
		if len(one.All)+len(one.Any) > 1 {
			part = both("form.when.part", part)
		}
		if i == 0 {
			said = part
			continue
		}
		said = both(key, said, part)
	}
	return said
}

func (d Definition) saysOne(w When, t Terms, not bool) words.Pair {
	_, q, _ := d.Question(w.Question)
	key := "form.when." + string(w.Is)
	if not {
		key = "form.when.not_" + string(w.Is)
	}
	var values words.Pair
	for i, v := range w.Values {
		said := both("form.when.quoted", q.said(v, t))
		if i == 0 {
			values = said
			continue
		}
		values = both("form.when.list", values, said)
	}
	return both(key, q.Label, values)
}

// said is the label of a value that may be picked.
func (q Question) said(value string, t Terms) words.Pair {
	switch {
	case q.Kind == YesNo && value == Yes:
		return both("form.when.yes")
	case q.Kind == YesNo:
		return both("form.when.no")
	case q.Kind == Agree:
		return both("form.when.agreed")
	default:
		return Label(q.Choices(t), value)
	}
}

// both says a sentence in both languages.
func both(key string, args ...any) words.Pair {
	return words.Pair{Vi: words.T(words.Vi, key, args...), En: words.T(words.En, key, args...)}
}
