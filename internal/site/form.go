package site

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/templates"
)

// formLimit is the most a form may weigh without its files, in bytes: thirty
// long answers of Vietnamese text and their tables fit several times over.
const formLimit = 2 << 20

// values are what a visitor sent in a form.
type values struct{ sent url.Values }

// form reads a form. A body that is no form or too large is refused whole.
func (s *Site) form(r *http.Request) (values, error) {
	if r.Body != nil && r.MultipartForm == nil {
		r.Body = http.MaxBytesReader(nil, r.Body, formLimit)
	}
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return values{}, fmt.Errorf("%w: %w", errTooLarge, err)
		}
		return values{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	return values{sent: r.PostForm}, nil
}

// formOnce is form, for one in which none of the fields may be sent twice: which
// of the two would count, another program might see differently.
func (s *Site) formOnce(r *http.Request, names ...string) (values, error) {
	f, err := s.form(r)
	if err != nil {
		return values{}, err
	}
	return f, f.single(names...)
}

// single refuses a form in which a field that stands once was sent twice.
func (v values) single(names ...string) error {
	for _, n := range names {
		if len(v.sent[n]) > 1 {
			return fmt.Errorf("%w: %s sent %d times", errMalformed, n, len(v.sent[n]))
		}
	}
	return nil
}

// Raw is the field as it was sent, for passwords and the like.
func (v values) Raw(name string) string { return v.sent.Get(name) }

// Line is the field as one clean line.
func (v values) Line(name string) string { return viet.Clean(v.sent.Get(name)) }

// Text is the field as clean text of many lines.
func (v values) Text(name string) string { return viet.CleanText(v.sent.Get(name)) }

// All are the field's values, each a clean line: checkboxes, table rows.
func (v values) All(name string) []string {
	all := make([]string, len(v.sent[name]))
	for i, s := range v.sent[name] {
		all[i] = viet.Clean(s)
	}
	return all
}

// Has reports whether the field was sent: a button pressed, a box ticked.
func (v values) Has(name string) bool { return v.sent.Has(name) }

// keepForm answers a form that came after its session had ended: the sign-in
// page, with everything that was sent folded into it. Whose session it was is
// folded in too, so that nobody else is given the words; where the browser has
// lost even that, they stay with who is at this very page.
func (s *Site) keepForm(w http.ResponseWriter, r *http.Request) error {
	page := templates.SignIn{Next: "/"}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		var err error
		if page.Kept, err = s.folded(r); err != nil {
			return err
		}
	}
	return s.show(w, r, http.StatusUnauthorized, page)
}

// folded is what was sent, and whose session it was, under our seal.
func (s *Site) folded(r *http.Request) (string, error) {
	f, err := s.form(r)
	if err != nil {
		return "", err
	}
	k := keptForm{Action: r.URL.RequestURI(), Values: f.sent}
	if c, err := r.Cookie(s.cookieName(sessionCookie)); err == nil {
		if k.Who, err = people.Whose(r.Context(), s.Read, c.Value); err != nil {
			return "", err
		}
	}
	b, err := json.Marshal(k)
	if err != nil {
		return "", fmt.Errorf("keeping form: %w", err)
	}
	return base64.StdEncoding.EncodeToString(append(s.seal(b), b...)), nil
}

// keptForm is a form that waits for its sender to sign in again.
type keptForm struct {
	Action string
	Values url.Values
	Who    people.ID // whose session it was; 0: nobody knows
}

// seal marks a kept form as folded by us.
func (s *Site) seal(b []byte) []byte {
	m := hmac.New(sha256.New, s.Secret)
	_, _ = m.Write(append([]byte("kept form\x00"), b...)) // a hash never fails
	return m.Sum(nil)
}

// resume gives a kept form back to who has just signed in, to look at and send:
// it is a page with a button, never sent by itself.
// Somebody else gets nothing of it.
func (s *Site) resume(w http.ResponseWriter, r *http.Request, who people.ID, kept string) error {
	var k keptForm
	b, err := base64.StdEncoding.DecodeString(kept)
	if err != nil || len(b) < sha256.Size || !hmac.Equal(b[:sha256.Size], s.seal(b[sha256.Size:])) || json.Unmarshal(b[sha256.Size:], &k) != nil || local(k.Action) != k.Action {
		return fmt.Errorf("%w: kept form", errMalformed)
	}
	if k.Who != 0 && k.Who != who {
		return s.toSaying(w, r, problem.Say("resume.not_yours"), "/")
	}
	return s.show(w, r, http.StatusOK, templates.Resume{Action: k.Action, Values: k.Values})
}

func queryEscape(s string) string { return url.QueryEscape(s) }

// under reports whether path is at or below the page at root.
func under(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }
