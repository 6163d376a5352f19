package site

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/letter"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/templates"
	"daubang/templates/letters"
)

// letterFilter reads which letters are meant. What is none of ours narrows
// nothing.
func letterFilter(get func(string) string) letter.Filter {
	f := letter.Filter{State: letter.State(get("state")), Kind: letter.Kind(get("kind")), Text: viet.Clean(get("q"))}
	if !slices.Contains(letter.States, f.State) {
		f.State = ""
	}
	if !slices.Contains(letter.Kinds, f.Kind) {
		f.Kind = ""
	}
	f.Proposal, _ = ref.Parse[int64](get("proposal")) // none: of whichever proposal
	return f
}

func (s *Site) letters(w http.ResponseWriter, r *http.Request) error {
	ctx, viewer, f := r.Context(), visitor(r).ID, letterFilter(r.URL.Query().Get)
	cursor, back := r.URL.Query().Get("after"), false
	if before := r.URL.Query().Get("before"); before != "" {
		cursor, back = before, true
	}
	page, err := letter.List(ctx, s.Lagging, int64(viewer), f, cursor, back)
	if err != nil {
		return err
	}
	shown := templates.Letters{Filter: f, Page: page}
	if f.Proposal != 0 {
		about, err := proposal.Get(ctx, s.Lagging, viewer, proposal.ID(f.Proposal))
		if err != nil && !errors.Is(err, problem.NotFound) {
			return err
		}
		shown.Reference = about.Reference
	}
	return s.show(w, r, http.StatusOK, shown)
}

func (s *Site) showLetter(w http.ResponseWriter, r *http.Request) error {
	which, err := id[letter.ID](r, "letter")
	if err != nil {
		return err
	}
	ctx, v := r.Context(), visitor(r)
	l, err := letter.Get(ctx, s.Read, int64(v.ID), which)
	if err != nil {
		return err
	}
	page := templates.Letter{Letter: l, Desk: v.Is(people.Officer, people.Auditor)}
	if s.Demo {
		if page.Link, err = s.oneTimeLink(ctx, v.ID, l); err != nil {
			return err
		}
	}
	return s.show(w, r, http.StatusOK, page)
}

// oneTimeLink is the page behind the link that a letter of an account carries,
// or nothing. Only a demonstration shows it: elsewhere it is in the letter alone.
func (s *Site) oneTimeLink(ctx context.Context, viewer people.ID, l letter.Letter) (string, error) {
	if !slices.Contains([]letter.Kind{letter.Verify, letter.Reset, letter.Invitation}, l.Kind) {
		return "", nil
	}
	name, err := letter.LinkRef(ctx, s.Read, int64(viewer), l.ID)
	if err != nil {
		return "", err
	}
	var path, token string
	switch l.Kind {
	case letter.Verify:
		path = letters.VerifyPath
		token, _, err = people.LiveToken(ctx, s.Read, s.Secret, people.VerifyToken, name, s.Now())
	case letter.Reset:
		path = letters.ResetPath
		token, _, err = people.LiveToken(ctx, s.Read, s.Secret, people.ResetToken, name, s.Now())
	default:
		path = letters.InvitationPath
		if token, err = organisation.InvitationToken(ctx, s.Read, s.Secret, name); err == nil {
			_, err = organisation.Offered(ctx, s.Read, s.Secret, 0, token, s.Now())
		}
	}
	if errors.Is(err, problem.NotFound) { // used, or too old
		return "", nil
	}
	return path + token, err
}

func (s *Site) resendLetter(w http.ResponseWriter, r *http.Request) error {
	which, err := id[letter.ID](r, "letter")
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error { return letter.Resend(ctx, tx, act, which) }); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("letters.queued_again"), "/desk/letters/%s", which)
}

// askResend asks whether all failed letters under a filter are to go again.
func (s *Site) askResend(w http.ResponseWriter, r *http.Request) error {
	ctx, viewer, f := r.Context(), int64(visitor(r).ID), letterFilter(r.URL.Query().Get)
	if err := letter.MaySend(ctx, s.Read, viewer); err != nil {
		return err
	}
	f.State = letter.Failed
	page, err := letter.List(ctx, s.Read, viewer, f, "", false)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.LettersResend{Filter: f, Page: page})
}

func (s *Site) resendLetters(w http.ResponseWriter, r *http.Request) error {
	form, err := s.form(r)
	if err != nil {
		return err
	}
	n := 0
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
		n, err = letter.ResendFailed(ctx, tx, act, letterFilter(form.Line))
		return err
	})
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("letters.queued_many", n), "/desk/letters")
}
