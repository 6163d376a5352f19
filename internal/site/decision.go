package site

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/decision"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/rubric"
	"daubang/internal/viet"
	"daubang/internal/words"
	"daubang/templates"
	"daubang/templates/letters"
)

// rankingPage is how many proposals a page of the ranking shows.
const rankingPage = 50

// rankedCall is the call the address names and its money, for its officers and
// auditors; to everybody else there is no ranking of it.
func (s *Site) rankedCall(r *http.Request) (call.Call, decision.Sums, error) {
	c, err := s.call(r)
	if err != nil {
		return c, decision.Sums{}, err
	}
	sums, err := decision.AddUp(r.Context(), s.Read, visitor(r).ID, c.ID)
	if err == nil && !sums.Officer && !visitor(r).Is(people.Auditor) {
		err = problem.NotFound
	}
	return c, sums, err
}

// ranking is the page of the ranking that the address names.
func (s *Site) ranking(r *http.Request) (templates.DeskRanking, error) {
	ctx := r.Context()
	c, sums, err := s.rankedCall(r)
	if err != nil {
		return templates.DeskRanking{}, err
	}
	scale, err := rubric.Get(ctx, s.Read, c.RubricID)
	if err != nil {
		return templates.DeskRanking{}, err
	}
	v := templates.DeskRanking{Call: c, Rubric: scale.Definition, Sums: sums, Acts: sums.Officer, Chosen: map[proposal.ID]bool{}}
	v.Page, err = strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || v.Page < 1 || v.Page > 1_000_000 {
		v.Page = 1
	}
	v.Rows, v.All, err = decision.Ranking(ctx, s.Read, visitor(r).ID, c.ID, scale.Definition, (v.Page-1)*rankingPage, rankingPage)
	if err != nil {
		return templates.DeskRanking{}, err
	}
	v.Pages = max(1, (v.All+rankingPage-1)/rankingPage)
	if v.Page > v.Pages {
		return v, problem.NotFound
	}
	return v, nil
}

func (s *Site) deskRanking(w http.ResponseWriter, r *http.Request) error {
	v, err := s.ranking(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}

// stageMany stages one outcome on every row that is ticked.
func (s *Site) stageMany(w http.ResponseWriter, r *http.Request) error {
	c, sums, err := s.rankedCall(r)
	if err != nil {
		return err
	}
	if !sums.Officer {
		return problem.Because(problem.Forbidden, "decision.officers_only")
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	var ps []proposal.ID
	for _, typed := range f.All("id") {
		p, err := ref.Parse[proposal.ID](typed)
		if err != nil {
			return err
		}
		ps = append(ps, p)
	}
	content := decision.Content{Outcome: decision.Outcome(f.Line("outcome")), Reason: f.Text("reason")}
	done, left := 0, 0
	if len(ps) == 0 {
		err = problem.Invalid{"proposals": problem.Say("decision.bulk_nothing")}
	} else {
		err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			done, left, err = decision.StageAll(ctx, tx, act, c.ID, ps, content)
			return err
		})
	}
	if wrong, ok := s.wrong(err); ok {
		v, err := s.ranking(r)
		if err != nil {
			return err
		}
		v.Wrong, v.Outcome, v.Reason = wrong, content.Outcome, content.Reason
		for _, p := range ps {
			v.Chosen[p] = true
		}
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("decision.said_bulk", done, left), "/desk/calls/%s/decisions", c.ID)
}

// decisionPage is what is staged on a proposal.
func (s *Site) decisionPage(r *http.Request, p proposal.Proposal) (templates.DeskDecision, error) {
	ctx, viewer := r.Context(), visitor(r).ID
	c, err := call.Get(ctx, s.Read, viewer, p.CallID)
	if err != nil {
		return templates.DeskDecision{}, err
	}
	all, err := decision.Of(ctx, s.Read, viewer, p.ID)
	if err != nil {
		return templates.DeskDecision{}, err
	}
	v := templates.DeskDecision{Proposal: p, Envelope: c.Envelope, Staged: decision.In(all, decision.Staged)}
	if v.Staged != nil {
		v.Content, v.Seen = v.Staged.Content, seen(*v.Staged)
		if v.Content.Outcome.Grants() {
			v.Amount = viet.Number(v.Content.Amount)
		}
	}
	return v, nil
}

// seen stands in the page for the staged decision it shows.
func seen(d decision.Decision) string {
	if d.ID == 0 {
		return ""
	}
	return d.StagedAt.UTC().Format(time.RFC3339Nano)
}

func (s *Site) askDecision(w http.ResponseWriter, r *http.Request) error {
	p, err := s.officerProposal(r, decision.Decidable)
	if err != nil {
		return err
	}
	v, err := s.decisionPage(r, p)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, v)
}

func (s *Site) stageDecision(w http.ResponseWriter, r *http.Request) error {
	p, err := s.officerProposal(r, decision.Decidable)
	if err != nil {
		return err
	}
	v, err := s.decisionPage(r, p)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	v.Amount = f.Line("amount")
	amount, read := viet.ParseMoney(v.Amount)
	v.Content = decision.Content{
		Outcome: decision.Outcome(f.Line("outcome")), Amount: amount, Conditions: f.Text("conditions"), Reason: f.Text("reason"), Feedback: f.Text("feedback"),
	}
	var shown time.Time
	if v.Seen = f.Line("seen"); v.Seen != "" {
		if shown, err = time.Parse(time.RFC3339Nano, v.Seen); err != nil {
			return errMalformed
		}
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return decision.Stage(ctx, tx, act, v.Proposal.ID, v.Content, shown)
	})
	if stale, ok := errors.AsType[decision.Stale](err); ok {
		v.Saved, v.Seen = &stale.Saved, seen(stale.Saved)
		return s.show(w, r, http.StatusConflict, v)
	}
	if wrong, ok := s.wrong(err); ok {
		v.Wrong = unread(wrong, "amount", read || v.Amount == "", "decision.amount_unread")
		return s.show(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("decision.said_staged"), "/desk/proposals/%s/decision", v.Proposal.ID)
}

func (s *Site) removeDecision(w http.ResponseWriter, r *http.Request) error {
	p, err := s.officeProposal(r)
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error { return decision.Unstage(ctx, tx, act, p.ID) }); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("decision.said_unstaged"), "/desk/proposals/%s/decision", p.ID)
}

// askRelease shows what a release would tell to whom.
func (s *Site) askRelease(w http.ResponseWriter, r *http.Request) error {
	c, sums, err := s.rankedCall(r)
	if err != nil {
		return err
	}
	plan, err := decision.Planned(r.Context(), s.Read, visitor(r).ID, c.ID)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.DeskRelease{Call: c, Plan: plan, Letters: s.sampleLetters(r.Context(), c, plan), Acts: sums.Officer})
}

// sampleLetters are, for each outcome, the first letter that a release would
// send, in the visitor's language.
func (s *Site) sampleLetters(ctx context.Context, c call.Call, plan decision.Plan) map[decision.Outcome]templates.SampleLetter {
	samples := map[decision.Outcome]templates.SampleLetter{}
	for _, l := range plan.Lines {
		if _, ok := samples[l.Outcome]; ok || len(l.To) == 0 {
			continue
		}
		about := letters.About{
			Name: letters.Typed(l.To[0]), Reference: l.Reference, Title: letters.Typed(l.Title), Call: letters.Typed(c.Title().In(words.Of(ctx))),
			Sensitive: c.Sensitive, URL: s.BaseURL.String() + "/proposals/" + l.ProposalID.String(),
		}
		sample := letters.Decided(ctx, about, letters.Decision{
			Outcome: string(l.Outcome), Amount: l.Amount, Conditions: letters.Typed(l.Conditions), Feedback: letters.Typed(l.Feedback),
		})
		samples[l.Outcome] = templates.SampleLetter{Subject: sample.Subject, Text: sample.Text(ctx, letters.Frame{Site: s.BaseURL.String(), Ref: "…"})}
	}
	return samples
}

func (s *Site) release(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.rankedCall(r)
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	n := 0
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		n, err = decision.Release(ctx, tx, act, c.ID, f.Line("seen"))
		return err
	})
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("decision.said_released", n), "/desk/calls/%s/decisions", c.ID)
}
