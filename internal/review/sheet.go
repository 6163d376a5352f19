package review

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/rubric"
)

// Sheet is what a reviewer writes. It may be as unfinished as they like until
// it is sent.
type Sheet struct {
	Scores   map[string]Score // by criterion
	Feedback string           // to the applicant, who is told after the decision
	Note     string           // to the panel and the officers
}

// Score is the mark on one criterion, 0 for none yet, and why.
type Score struct {
	Mark    int    `json:"mark"`
	Comment string `json:"comment"`
}

// The longest texts of a sheet, in characters.
const (
	MaxComment  = 2000
	MaxFeedback = 5000
)

// MarkField and CommentField name the controls of a criterion, so that what is
// wrong stands beside them.
func MarkField(criterion string) string { return "mark_" + criterion }

// CommentField names the control of a criterion's comment.
func CommentField(criterion string) string { return "comment_" + criterion }

// Marks are the marks given so far, by criterion.
func (s Sheet) Marks() map[string]int {
	marks := map[string]int{}
	for key, score := range s.Scores {
		if score.Mark != 0 {
			marks[key] = score.Mark
		}
	}
	return marks
}

// Same reports whether two sheets say the same.
func (s Sheet) Same(as Sheet) bool {
	blank := func(_ string, sc Score) bool { return sc == Score{} }
	a, b := maps.Clone(s.Scores), maps.Clone(as.Scores)
	maps.DeleteFunc(a, blank)
	maps.DeleteFunc(b, blank)
	return s.Feedback == as.Feedback && s.Note == as.Note && maps.Equal(a, b)
}

// checkDraft refuses only what could not be kept: marks that do not exist and
// texts beyond their limit.
func (s Sheet) checkDraft(d rubric.Definition) error {
	wrong := problem.Invalid{}
	for key, score := range s.Scores {
		if _, ok := d.Criterion(key); !ok || score.Mark != 0 && (score.Mark < rubric.Lowest || score.Mark > rubric.Highest) {
			wrong.Add(MarkField(key), "review.mark_unknown")
		}
		checkLength(wrong, CommentField(key), score.Comment, MaxComment)
	}
	checkLength(wrong, "feedback", s.Feedback, MaxFeedback)
	checkLength(wrong, "note", s.Note, MaxFeedback)
	return wrong.OrNil()
}

// CheckWhole lists what is missing before the sheet can be sent: every mark,
// and a comment on those the rubric wants explained.
func (s Sheet) CheckWhole(d rubric.Definition) error {
	wrong := problem.Invalid{}
	for _, c := range d.Criteria {
		score := s.Scores[c.Key]
		switch {
		case score.Mark == 0:
			wrong.Add(MarkField(c.Key), "review.mark_missing", c.Title)
		case d.NeedsComment(score.Mark) && score.Comment == "":
			wrong.Add(CommentField(c.Key), "review.comment_missing", score.Mark, c.Title)
		}
	}
	return wrong.OrNil()
}

// Review is an assignment and the sheet it leads to, as a viewer may see them.
type Review struct {
	Assignment
	Sheet
	Total        *rubric.Points // nil while marks are missing, or where the sheet is not to be seen
	Version      int            // 0: nothing was saved yet, or it is not to be seen
	UpdatedAt    *time.Time
	SentAt       *time.Time
	ConflictKind ConflictKind // of a declared conflict
	ConflictNote string
}

// Of lists the reviews of a proposal that the viewer may know of: a reviewer
// their own, and the others' once theirs is sent; the desk and the chair every
// assignment, with the sheets that are sent.
func Of(ctx context.Context, db pg.DB, viewer people.ID, p proposal.ID) ([]Review, error) {
	list, err := pg.All[Review](ctx, db, `
		select a.id, a.proposal_id, a.reviewer_id, a.reviewer_name, a.state, a.due_at, a.assigned_at, a.answered_at, a.reason,
		       coalesce(r.feedback, '') as feedback, coalesce(r.note, '') as note, (r.total * 100)::int as total, coalesce(r.version, 0) as version,
		       r.updated_at, r.sent_at, coalesce(k.kind, '') as conflict_kind, coalesce(k.note, '') as conflict_note,
		       coalesce((select jsonb_object_agg(s.criterion, jsonb_build_object('mark', coalesce(s.mark, 0), 'comment', s.comment))
		                 from scores s where s.assignment_id = r.assignment_id), '{}') as scores
		from visible.assignments($1) a
		left join visible.reviews($1) r on r.assignment_id = a.id
		left join visible.conflicts($1) k on k.proposal_id = a.proposal_id and k.person_id = a.reviewer_id
		where a.proposal_id = $2
		order by a.assigned_at, a.id`, viewer, p)
	if err != nil {
		return nil, fmt.Errorf("listing the reviews of proposal %s: %w", p, err)
	}
	return list, nil
}

// Sheets are those of reviews that are sent: what a panel reads.
func Sheets(all []Review) []Review {
	return slices.DeleteFunc(slices.Clone(all), func(r Review) bool { return r.SentAt == nil })
}

// Split parts the viewer's own review, empty if there is none, from the others'.
func Split(all []Review, viewer people.ID) (own Review, others []Review) {
	others = slices.Clone(all)
	if i := slices.IndexFunc(others, func(r Review) bool { return r.ReviewerID == viewer }); i >= 0 {
		own = others[i]
		others = slices.Delete(others, i, i+1)
	}
	return own, others
}

// Feedback is what reviewers wrote for the applicant of a proposal, once it is
// decided: without who wrote which, and in no order that tells.
func Feedback(ctx context.Context, db pg.DB, viewer people.ID, p proposal.ID) ([]string, error) {
	list, err := pg.Values[string](ctx, db, `select feedback from visible.feedback($1) where proposal_id = $2 order by md5(feedback)`, viewer, p)
	if err != nil {
		return nil, fmt.Errorf("reading what reviewers wrote for proposal %s: %w", p, err)
	}
	return list, nil
}
