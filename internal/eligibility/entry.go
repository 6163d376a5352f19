package eligibility

import (
	"strconv"

	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Kind says how a question is answered, and with which answers to it one may
// propose, as an officer chooses.
type Kind string

// The kinds.
const (
	NeedsYes Kind = "needs_yes" // no speaks against proposing
	NeedsNo  Kind = "needs_no"  // yes does
	Chosen   Kind = "choice"    // each option says whether it does
)

// Kinds lists them.
var Kinds = []Kind{NeedsYes, NeedsNo, Chosen}

// Entry is a question as an officer types it.
type Entry struct {
	TextVi, TextEn       string
	HintVi, HintEn       string
	Kind                 string
	Options              []OptionEntry
	ReasonVi, ReasonEn   string
	InsteadVi, InsteadEn string
}

// OptionEntry is a row of the options; an empty one is none.
type OptionEntry struct {
	Vi, En string
	Bars   bool
}

// OptionField names a control of the i-th row of the options, from 0.
func OptionField(i int, part string) string { return "option_" + strconv.Itoa(i+1) + "_" + part }

// EntryOf writes a question the way an officer would have typed it.
func EntryOf(q Question) Entry {
	e := Entry{
		TextVi: q.Text.Vi, TextEn: q.Text.En, HintVi: q.Hint.Vi, HintEn: q.Hint.En, Kind: string(NeedsYes),
		ReasonVi: q.Reason.Vi, ReasonEn: q.Reason.En, InsteadVi: q.Instead.Vi, InsteadEn: q.Instead.En,
	}
	if q.Bar(Yes) {
		e.Kind = string(NeedsNo)
	}
	for _, o := range q.Options {
		e.Kind = string(Chosen)
		e.Options = append(e.Options, OptionEntry{Vi: o.Label.Vi, En: o.Label.En, Bars: q.Bar(o.Value)})
	}
	return e
}

// read makes a question of what was typed. Both languages are asked for: who
// reads only one of them is told no less.
func (e Entry) read() (Question, problem.Invalid) {
	wrong := problem.Invalid{}
	q := Question{
		Text: words.Pair{Vi: e.TextVi, En: e.TextEn}, Hint: words.Pair{Vi: e.HintVi, En: e.HintEn},
		Reason: words.Pair{Vi: e.ReasonVi, En: e.ReasonEn}, Instead: words.Pair{Vi: e.InsteadVi, En: e.InsteadEn},
	}
	needed(wrong, "text", q.Text, MaxText)
	optional(wrong, "hint", q.Hint, MaxText)
	needed(wrong, "reason", q.Reason, MaxReason)
	optional(wrong, "instead", q.Instead, MaxReason)
	switch Kind(e.Kind) {
	case NeedsYes:
		q.Bars = []string{No}
	case NeedsNo:
		q.Bars = []string{Yes}
	case Chosen:
		e.readOptions(&q, wrong)
	default:
		wrong.Add("kind", "eligibility.wrong.kind")
	}
	return q, wrong
}

// readOptions takes at least two answers, one of them good and one not: a
// question whose answer changes nothing is not asked.
func (e Entry) readOptions(q *Question, wrong problem.Invalid) {
	for i, o := range e.Options {
		if o.Vi == "" && o.En == "" {
			continue
		}
		label := words.Pair{Vi: o.Vi, En: o.En}
		for _, l := range []struct{ part, text string }{{"vi", o.Vi}, {"en", o.En}} {
			if l.text == "" {
				wrong.Add(OptionField(i, l.part), "eligibility.wrong.both")
			}
			long(wrong, OptionField(i, l.part), l.text, MaxLabel)
		}
		value := strconv.FormatInt(int64(10+len(q.Options)), 36) // a, b, c …
		q.Options = append(q.Options, Option{Value: value, Label: label})
		if o.Bars {
			q.Bars = append(q.Bars, value)
		}
	}
	switch {
	case len(q.Options) < 2 || len(q.Options) > MaxOptions:
		wrong.Add(OptionField(0, "vi"), "eligibility.wrong.options", MaxOptions)
	case len(q.Bars) == 0 || len(q.Bars) == len(q.Options):
		wrong.Add(OptionField(0, "bars"), "eligibility.wrong.bars")
	}
}

// needed asks for a text in both languages, in the controls name_vi and name_en.
func needed(wrong problem.Invalid, name string, p words.Pair, most int) {
	if p.Vi == "" {
		wrong.Add(name+"_vi", "eligibility.wrong."+name)
	}
	if p.En == "" {
		wrong.Add(name+"_en", "eligibility.wrong.both")
	}
	long(wrong, name+"_vi", p.Vi, most)
	long(wrong, name+"_en", p.En, most)
}

// optional takes a text in both languages or in none.
func optional(wrong problem.Invalid, name string, p words.Pair, most int) {
	if p.Vi == "" && p.En != "" {
		wrong.Add(name+"_vi", "eligibility.wrong.both")
	}
	if p.En == "" && p.Vi != "" {
		wrong.Add(name+"_en", "eligibility.wrong.both")
	}
	long(wrong, name+"_vi", p.Vi, most)
	long(wrong, name+"_en", p.En, most)
}

func long(wrong problem.Invalid, field, s string, most int) {
	if n := viet.CountChars(s); n > most {
		wrong.Add(field, "eligibility.wrong.long", most, n-most)
	}
}
