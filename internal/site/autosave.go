package site

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/proposal"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// autosave stores the questions that changed on an opened page, while it is
// being written. It is sent as a form: changed=key for each question, with
// all of that question's controls; aside=key for one whose other answer was
// chosen. If-Match names the version the page was opened with. It answers 200
// with the new version, 412 with what somebody else wrote in the same answers,
// and refusals in words; see [wantsJSON]. Who saves too fast gets 429 and
// Retry-After; see [Site.inTurn].
func (s *Site) autosave(w http.ResponseWriter, r *http.Request) error {
	at, err := id[proposal.ID](r, "proposal")
	if err != nil {
		return err
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	typed, malformed := f.changes(r.Header.Get("If-Match"))
	var saved proposal.Saved
	err = s.inTurn(w, r, at, visitor(r).ID, func() error {
		return s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
			if malformed != nil {
				return errors.Join(proposal.MayWrite(ctx, tx, act, at, chi.URLParam(r, "section")), malformed)
			}
			saved, err = proposal.Write(ctx, tx, act, at, chi.URLParam(r, "section"), typed)
			return err
		})
	})
	if stale, ok := errors.AsType[proposal.Stale](err); ok {
		return s.json(w, r, http.StatusPreconditionFailed, both(stale))
	}
	if err != nil {
		return err
	}
	w.Header().Set("ETag", fmt.Sprintf(`"%d"`, saved.Version))
	said := acknowledged{Version: saved.Version, At: saved.At.In(viet.Zone).Format("15:04"), Done: saved.Done, Other: saved.Other}
	if saved.Moved != nil {
		said.Moved = words.Say(words.Of(r.Context()), saidOfMove(*saved.Moved)) + " " + words.Tr(r.Context(), "build.moved_reload")
	}
	return s.json(w, r, http.StatusOK, said)
}

// acknowledged says that what was sent is in the database.
type acknowledged struct {
	Version int    `json:"version"`
	At      string `json:"at"` // 14:32, in Viet Nam
	Done    bool   `json:"done"`
	Moved   string `json:"moved,omitempty"` // the page shows an earlier version of the form: what became of what it sent
	Other   string `json:"other,omitempty"` // who else changed the section since the page was opened
}

// conflict is what stands where two have written.
type conflict struct {
	Version int      `json:"version"`
	Differ  []theirs `json:"differ"`
}

// theirs is an answer as its controls would send it, and whose it is.
type theirs struct {
	Question string              `json:"question"`
	By       string              `json:"by"`
	At       string              `json:"at"`
	Fields   map[string][]string `json:"fields"`
}

func both(stale proposal.Stale) conflict {
	c := conflict{Version: stale.Theirs.Version}
	for _, q := range stale.Section.Questions {
		for _, last := range stale.Differ {
			if _, ok := last.Answers[q.Key]; ok {
				c.Differ = append(c.Differ, theirs{
					Question: q.Key, By: last.ByName, At: last.At.In(viet.Zone).Format("15:04, 02/01/2006"), Fields: q.Sent(stale.Theirs.Answers[q.Key]),
				})
			}
		}
	}
	return c
}

// most is how many questions one save may hold.
const most = 400

var etag = regexp.MustCompile(`^"(\d{1,9})"$`)

// changes reads what an open page sends of itself. It refuses whatever ours
// would not send: a version without its quotes, a control of no question named.
func (v values) changes(match string) (proposal.Typed, error) {
	t := proposal.Typed{Form: v.inForm(), Page: v.page(), Over: map[string]int{}, Sent: v.sentUnder, Changed: []string{}, Done: func(standing bool) bool { return standing }}
	m := etag.FindStringSubmatch(match)
	if m == nil {
		return t, fmt.Errorf("%w: If-Match is %q", errMalformed, match)
	}
	t.Base, _ = strconv.Atoi(m[1]) // digits
	for _, one := range v.sent["changed"] {
		key, version, over := strings.Cut(one, "@")
		if over {
			n, err := strconv.Atoi(version)
			if err != nil {
				return t, fmt.Errorf("%w: version of %s", errMalformed, key)
			}
			t.Over[key] = n
		}
		t.Changed = append(t.Changed, key)
	}
	t.Aside = v.sent["aside"]
	named := append(slices.Clone(t.Changed), t.Aside...)
	slices.Sort(named)
	if len(named) == 0 || len(named) > most || len(slices.Compact(slices.Clone(named))) != len(named) {
		return t, fmt.Errorf("%w: %d questions", errMalformed, len(named))
	}
	for name := range v.sent {
		question, _, _ := strings.Cut(name, ".")
		if _, ok := slices.BinarySearch(named, question); !ok && !slices.Contains([]string{"page", "changed", "aside", form.InForm}, name) {
			return t, fmt.Errorf("%w: %s belongs to no question that changed", errMalformed, name)
		}
	}
	return t, nil
}
