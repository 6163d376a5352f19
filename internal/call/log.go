package call

import (
	"context"
	"reflect"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/viet"
)

// Change is what a field was and what it became, in the log of a call. Of a
// long text it is only the part that differs.
type Change struct {
	From any `json:"from"`
	To   any `json:"to"`
}

// Moved is the change of a moment, as the log writes moments.
func Moved(from, to time.Time) Change { return Change{From: moment(from), To: moment(to)} }

// record logs an edit by its changes; one that changed nothing is not logged.
func record(ctx context.Context, tx pgx.Tx, act audit.Act, verb string, id ID, before, after Content) error {
	detail := changes(before, after)
	if len(detail) == 0 {
		return nil
	}
	_, err := audit.Record(ctx, tx, act, verb, "call", id, detail)
	return err
}

// changes compares field by field, under the names of the columns.
func changes(before, after Content) audit.Detail {
	d := audit.Detail{}
	now := after.logged()
	for name, from := range before.logged() {
		to := now[name]
		if same(from, to) {
			continue
		}
		if a, ok := from.(text); ok {
			from, to = differing(string(a), string(to.(text))) //nolint:forcetypeassert // a column has one type
		}
		d[name] = Change{From: from, To: to}
	}
	return d
}

// text is long: only its changes are logged.
type text string

func (c Content) logged() map[string]any {
	return map[string]any{
		"code": c.Code, "title_vi": c.TitleVi, "title_en": c.TitleEn, "summary_vi": text(c.SummaryVi), "summary_en": text(c.SummaryEn),
		"text_vi": text(c.TextVi), "text_en": text(c.TextEn), "opens_at": moment(c.OpensAt), "closes_at": moment(c.ClosesAt), "envelope": c.Envelope,
		"grant_min": c.GrantMin, "grant_max": c.GrantMax, "months_max": c.MonthsMax, "applicant_kinds": orEmpty(c.ApplicantKinds),
		"provinces": orEmpty(c.Provinces), "task_groups": orEmpty(c.TaskGroups), "form_id": c.FormID, "rubric_id": c.RubricID,
		"reviews_per_proposal": c.ReviewsPerProposal, "blind": c.Blind, "peers_visible": c.PeersVisible, "sensitive": c.Sensitive,
		"timetable": c.Timetable, "review_due_on": onDay(c.ReviewDueOn), "results_on": onDay(c.ResultsOn),
	}
}

func moment(t time.Time) string { return t.In(viet.Zone).Format(time.RFC3339) }

func onDay(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.DateOnly)
}

func same(a, b any) bool {
	if m, ok := a.([]Milestone); ok {
		n, ok := b.([]Milestone)
		return ok && len(m) == len(n) && (len(m) == 0 || reflect.DeepEqual(m, n))
	}
	return reflect.DeepEqual(a, b)
}

// around is how much of the text on either side of a difference is kept.
const around = 20

// differing is what two texts do not share at their ends, with a little of what
// stands around it.
func differing(a, b string) (string, string) {
	x, y := []rune(a), []rune(b)
	start := 0
	for start < len(x) && start < len(y) && x[start] == y[start] {
		start++
	}
	end := 0
	for end < len(x)-start && end < len(y)-start && x[len(x)-1-end] == y[len(y)-1-end] {
		end++
	}
	for near := around; start > 0 && (near > 0 || !unicode.IsSpace(x[start-1])); near-- { // whole words
		start--
	}
	for near := around; end > 0 && (near > 0 || !unicode.IsSpace(x[len(x)-end])); near-- {
		end--
	}
	return cut(x, start, end), cut(y, start, end)
}

func cut(s []rune, start, end int) string {
	out := string(s[start : len(s)-end])
	if start > 0 {
		out = "…" + out
	}
	if end > 0 {
		out += "…"
	}
	return out
}
