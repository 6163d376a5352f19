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
	Mark    int
	Comment string
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

// Review is a sheet as it is kept.
type Review struct {
	AssignmentID ID
	ProposalID   proposal.ID
	ReviewerID   people.ID
	ReviewerName string
	State        State
	Sheet
	Total     *rubric.Points // nil while marks are missing
	Version   int            // 0: nothing was saved yet
	UpdatedAt time.Time
	SentAt    *time.Time
}

// Sheets lists the sheets on a proposal that the viewer may read: their own,
// and others' once theirs is sent; all that were sent, for those who decide.
func Sheets(ctx context.Context, db pg.DB, viewer people.ID, p proposal.ID) ([]Review, error) {
	type row struct {
		AssignmentID   ID
		ReviewerID     people.ID
		ReviewerName   string
		State          State
		Feedback, Note string
		Total          *rubric.Points
		Version        int
		UpdatedAt      time.Time
		SentAt         *time.Time
	}
	rows, err := pg.All[row](ctx, db, `
		select assignment_id, reviewer_id, reviewer_name, state, feedback, note, (total * 100)::int as total, version, updated_at, sent_at
		from visible.reviews($1) where proposal_id = $2
		order by sent_at, assignment_id`, viewer, p)
	if err != nil {
		return nil, fmt.Errorf("listing the reviews of proposal %s: %w", p, err)
	}
	scores, err := pg.All[struct {
		AssignmentID ID
		Criterion    string
		Mark         int
		Comment      string
	}](ctx, db, `
		select assignment_id, criterion, coalesce(mark, 0) as mark, comment from visible.scores($1) where proposal_id = $2`, viewer, p)
	if err != nil {
		return nil, fmt.Errorf("listing the scores of proposal %s: %w", p, err)
	}
	list := make([]Review, len(rows))
	for i, r := range rows {
		list[i] = Review{
			AssignmentID: r.AssignmentID, ProposalID: p, ReviewerID: r.ReviewerID, ReviewerName: r.ReviewerName, State: r.State,
			Sheet: Sheet{Scores: map[string]Score{}, Feedback: r.Feedback, Note: r.Note},
			Total: r.Total, Version: r.Version, UpdatedAt: r.UpdatedAt, SentAt: r.SentAt,
		}
		for _, s := range scores {
			if s.AssignmentID == r.AssignmentID {
				list[i].Scores[s.Criterion] = Score{Mark: s.Mark, Comment: s.Comment}
			}
		}
	}
	return list, nil
}

// Split parts the viewer's own sheet, empty if there is none, from the others'.
func Split(all []Review, viewer people.ID) (own Review, others []Review) {
	others = slices.Clone(all)
	if i := slices.IndexFunc(others, func(r Review) bool { return r.ReviewerID == viewer }); i >= 0 {
		own = others[i]
		others = slices.Delete(others, i, i+1)
	}
	return own, others
}
