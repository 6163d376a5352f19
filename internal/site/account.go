package site

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/words"
	"daubang/templates"
)

// sessionLife is how long a browser keeps the session's cookie; the session
// itself may end before.
const sessionLife = 30 * 24 * time.Hour

// goingLife is how long a browser knows where its person was going: as long as
// the letter may take.
const goingLife = 24 * time.Hour

// from is the network address of who asks, as far as it is known; limits of
// tries are counted by it.
func from(r *http.Request) string { return middleware.GetClientIP(r.Context()) }

// askSignIn shows the sign-in page, or where a person who is signed in was going.
func (s *Site) askSignIn(w http.ResponseWriter, r *http.Request) error {
	next := s.going(r, s.ours(r.URL.Query().Get("next")))
	if visitor(r).SignedIn() {
		return s.to(w, r, "%s", next)
	}
	return s.show(w, r, http.StatusOK, templates.SignIn{Next: next, Kept: awaited(next)})
}

// signIn opens a session and goes on to where its person was going.
func (s *Site) signIn(w http.ResponseWriter, r *http.Request) error {
	f, err := s.formOnce(r, "email", "password", "next")
	if err != nil {
		return err
	}
	page := templates.SignIn{Email: f.Line("email"), Next: s.ours(f.Line("next"))}
	page.Kept = awaited(page.Next)
	act, err := s.act(r, s.DB)
	if err != nil {
		return err
	}
	entry, err := people.SignIn(r.Context(), s.DB, act, people.Try{
		Email: page.Email, Password: f.Raw("password"), UserAgent: r.UserAgent(), From: from(r), Instead: visitor(r).SessionID,
	})
	if err != nil {
		return s.refuseSignIn(w, r, page, err)
	}
	switch entry.Needs {
	case people.NeedsAddress:
		say := problem.Say("sign_in.unverified")
		page.Refused = &say
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	case people.NeedsSecondFactor: // no account asks for one yet
		return problem.Forbidden
	case people.Entered:
	}
	s.setSession(w, entry.Token, f.Line("shared") == form.Yes)
	http.SetCookie(w, s.cookie(goingCookie, "", -1))
	if page.Next == "/" { // they were going nowhere in particular: to their work
		v, err := people.Enter(r.Context(), s.DB, entry.Token, act.At)
		if err != nil {
			return err
		}
		page.Next = home(v)
	}
	return s.to(w, r, "%s", page.Next)
}

// setSession signs this browser in. On a machine that others use the session ends
// with the browser, and scripts keep nothing.
func (s *Site) setSession(w http.ResponseWriter, token string, shared bool) {
	life, mark := sessionLife, -time.Second
	if shared {
		life, mark = 0, 0
	}
	http.SetCookie(w, s.cookie(sessionCookie, token, life))
	http.SetCookie(w, s.cookie(sharedCookie, form.Yes, mark))
}

// refuseSignIn shows the page again. What is said, and the status, tell nothing
// about whether there is such an account.
func (s *Site) refuseSignIn(w http.ResponseWriter, r *http.Request, page templates.SignIn, err error) error {
	if wrong, ok := s.wrong(err); ok {
		page.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	refusal, ok := errors.AsType[problem.Refusal](err)
	if !ok {
		return err
	}
	page.Refused = &refusal.Words
	status := http.StatusUnprocessableEntity
	if errors.Is(err, problem.TooMany) {
		status = http.StatusTooManyRequests
	}
	s.Log.InfoContext(r.Context(), "sign-in refused", "request", requestOf(r).id, "from", from(r), "why", refusal.Key)
	return s.show(w, r, status, page)
}

// signOut ends this browser's session and takes back what it kept of us.
func (s *Site) signOut(w http.ResponseWriter, r *http.Request) error {
	if v := visitor(r); v.SignedIn() {
		err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
			return people.EndSession(ctx, tx, act, v.SessionID)
		})
		if err != nil && !errors.Is(err, problem.NotFound) { // ended elsewhere meanwhile
			return err
		}
	}
	if err := s.leaveKept(w, r); err != nil {
		return err
	}
	http.SetCookie(w, s.cookie(sessionCookie, "", -1))
	w.Header().Set("Clear-Site-Data", forgetUs)
	return s.toSaying(w, r, problem.Say("account.signed_out"), "/")
}

func (s *Site) askRegistration(w http.ResponseWriter, r *http.Request) error {
	if visitor(r).SignedIn() {
		return s.to(w, r, "/account")
	}
	return s.show(w, r, http.StatusOK, templates.Register{Next: s.ours(r.URL.Query().Get("next"))})
}

// goingCookie holds where somebody was going when they registered: the letter
// with its link comes between, and after it they go on from there.
const goingCookie = "going"

// going is next, or where this browser was going before it registered.
func (s *Site) going(r *http.Request, next string) string {
	c, err := r.Cookie(s.cookieName(goingCookie))
	if next != "/" || err != nil {
		return next
	}
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return next
	}
	return s.ours(string(b))
}

// register answers alike whether the address has an account or not.
func (s *Site) register(w http.ResponseWriter, r *http.Request) error {
	f, err := s.formOnce(r, "name", "email", "password", "next")
	if err != nil {
		return err
	}
	page := templates.Register{Name: f.Line("name"), Email: f.Line("email"), Next: s.ours(f.Line("next"))}
	act, err := s.act(r, s.DB)
	if err != nil {
		return err
	}
	err = people.Register(r.Context(), s.DB, act, people.Registration{
		Name: page.Name, Email: page.Email, Password: f.Raw("password"), Locale: words.Of(r.Context()), From: from(r),
	})
	if wrong, ok := s.wrong(err); ok {
		page.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	} else if err != nil {
		return err
	}
	if page.Next != "/" {
		http.SetCookie(w, s.cookie(goingCookie, base64.RawURLEncoding.EncodeToString([]byte(page.Next)), goingLife))
	}
	return s.to(w, r, "/register/sent")
}

func (s *Site) registrationSent(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, http.StatusOK, templates.LetterSent{Reset: false})
}

// key signs the links of letters.
func (s *Site) key() people.Key { return people.Key(s.Secret) }

// askVerify shows the button that proves an address. The link alone does
// nothing: programs that look into letters follow links.
func (s *Site) askVerify(w http.ResponseWriter, r *http.Request) error {
	token := chi.URLParam(r, "token")
	if err := people.CheckToken(r.Context(), s.Read, s.key(), people.VerifyToken, token, s.Now()); err != nil {
		return s.linkSpent(w, r, err)
	}
	return s.show(w, r, http.StatusOK, templates.Verify{Token: token})
}

func (s *Site) verify(w http.ResponseWriter, r *http.Request) error {
	err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return people.Verify(ctx, tx, act, s.key(), chi.URLParam(r, "token"), from(r))
	})
	if err != nil {
		return s.linkSpent(w, r, err)
	}
	return s.toSaying(w, r, problem.Say("account.verified"), "/sign-in")
}

// linkSpent is the one page for links that do not work, whatever the reason.
func (s *Site) linkSpent(w http.ResponseWriter, r *http.Request, err error) error {
	if errors.Is(err, problem.NotFound) {
		return s.show(w, r, http.StatusNotFound, templates.LinkSpent{})
	}
	return err
}

func (s *Site) askForgot(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, http.StatusOK, templates.Forgot{Email: visitor(r).Email})
}

// forgot answers alike whether the address has an account or not.
func (s *Site) forgot(w http.ResponseWriter, r *http.Request) error {
	f, err := s.formOnce(r, "email")
	if err != nil {
		return err
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return people.RequestReset(ctx, tx, act, f.Line("email"), from(r))
	})
	if wrong, ok := s.wrong(err); ok {
		return s.show(w, r, http.StatusUnprocessableEntity, templates.Forgot{Email: f.Line("email"), Wrong: wrong})
	} else if err != nil {
		return err
	}
	return s.to(w, r, "/forgot/sent")
}

func (s *Site) forgotSent(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, http.StatusOK, templates.LetterSent{Reset: true})
}

func (s *Site) askReset(w http.ResponseWriter, r *http.Request) error {
	token := chi.URLParam(r, "token")
	if err := people.CheckToken(r.Context(), s.Read, s.key(), people.ResetToken, token, s.Now()); err != nil {
		return s.linkSpent(w, r, err)
	}
	return s.show(w, r, http.StatusOK, templates.Reset{Token: token})
}

func (s *Site) reset(w http.ResponseWriter, r *http.Request) error {
	token := chi.URLParam(r, "token")
	f, err := s.formOnce(r, "password")
	if err != nil {
		return err
	}
	act, err := s.act(r, s.DB)
	if err != nil {
		return err
	}
	err = people.Reset(r.Context(), s.DB, act, s.key(), token, f.Raw("password"), from(r))
	if wrong, ok := s.wrong(err); ok {
		return s.show(w, r, http.StatusUnprocessableEntity, templates.Reset{Token: token, Wrong: wrong})
	} else if err != nil {
		return s.linkSpent(w, r, err)
	}
	http.SetCookie(w, s.cookie(sessionCookie, "", -1)) // a new password ended every session, this browser's too
	return s.toSaying(w, r, problem.Say("account.reset_done"), "/sign-in")
}

// account shows what a person may change about themself.
func (s *Site) account(w http.ResponseWriter, r *http.Request) error {
	p, err := people.MyProfile(r.Context(), s.Read, visitor(r).ID)
	if err != nil {
		return err
	}
	return s.showAccount(w, r, http.StatusOK, p, nil)
}

func (s *Site) showAccount(w http.ResponseWriter, r *http.Request, status int, p people.Profile, wrong problem.Invalid) error {
	v := visitor(r)
	sessions, err := people.Sessions(r.Context(), s.Read, v.ID, s.Now())
	if err != nil {
		return err
	}
	return s.show(w, r, status, templates.Account{Email: v.Email, Profile: p, Roles: v.Roles, Sessions: sessions, Here: v.SessionID, Shared: s.shared(r), Wrong: wrong})
}

func (s *Site) saveAccount(w http.ResponseWriter, r *http.Request) error {
	f, err := s.form(r)
	if err != nil {
		return err
	}
	p := people.Profile{Name: f.Line("name"), Phone: f.Line("phone"), Locale: words.Pick(f.Line("locale")), Reminders: f.Has("reminders")}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error { return people.SaveProfile(ctx, tx, act, p) })
	if wrong, ok := s.wrong(err); ok {
		return s.showAccount(w, r, http.StatusUnprocessableEntity, p, wrong)
	} else if err != nil {
		return err
	}
	http.SetCookie(w, s.cookie(languageCookie, string(p.Locale), 365*24*time.Hour))
	return s.toSaying(w, r, problem.Say("account.saved"), "/account")
}

func (s *Site) changePassword(w http.ResponseWriter, r *http.Request) error {
	f, err := s.formOnce(r, "present", "password")
	if err != nil {
		return err
	}
	act, err := s.act(r, s.DB)
	if err != nil {
		return err
	}
	err = people.ChangePassword(r.Context(), s.DB, act, visitor(r).SessionID, f.Raw("present"), f.Raw("password"))
	if wrong, ok := s.wrong(err); ok {
		p, err := people.MyProfile(r.Context(), s.Read, visitor(r).ID)
		if err != nil {
			return err
		}
		return s.showAccount(w, r, http.StatusUnprocessableEntity, p, wrong)
	} else if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("account.password_changed"), "/account")
}

// setShared says whether others use this machine, too. If they do, the session
// ends with the browser, and what the browser kept of us is taken back.
func (s *Site) setShared(w http.ResponseWriter, r *http.Request) error {
	f, err := s.formOnce(r, "shared")
	if err != nil {
		return err
	}
	c, err := r.Cookie(s.cookieName(sessionCookie))
	if err != nil {
		return fmt.Errorf("%w: no session", errMalformed)
	}
	shared := f.Line("shared") == form.Yes
	s.setSession(w, c.Value, shared)
	if !shared {
		return s.toSaying(w, r, problem.Say("account.shared_not"), "/account")
	}
	w.Header().Set("Clear-Site-Data", forgetUs)
	return s.toSaying(w, r, problem.Say("account.shared_now"), "/account")
}

// forgetUs has a browser throw away what it keeps of the portal, cookies aside:
// drafts, pages, and the worker that shows them.
const forgetUs = `"cache", "storage"`

func (s *Site) endSession(w http.ResponseWriter, r *http.Request) error {
	session, err := id[people.SessionID](r, "session")
	if err != nil {
		return err
	}
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return people.EndSession(ctx, tx, act, session)
	}); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("account.session_ended"), "/account")
}

func (s *Site) endOtherSessions(w http.ResponseWriter, r *http.Request) error {
	v := visitor(r)
	if err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return people.EndOthers(ctx, tx, act, v.ID, v.SessionID)
	}); err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("account.sessions_ended"), "/account")
}
