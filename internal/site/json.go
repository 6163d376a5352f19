package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"daubang/internal/problem"
	"daubang/internal/words"
	"daubang/templates"
)

// wantsJSON says that a script of ours asks, which wants data and words, not a
// page. A browser that shows pages never asks so.
func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

// json answers a script.
func (s *Site) json(w http.ResponseWriter, r *http.Request, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("answering a script: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b) // who asked has gone
	}
	return nil
}

// refusal tells a script why not, in a sentence it can show.
type refusal struct {
	Message string `json:"message"`
	Field   string `json:"field,omitempty"` // the control it is about
}

// inWords is a refusal as a script shows it: what is wrong with the first field
// that is, or else what the page would say.
func inWords(ctx context.Context, err error, page templates.Failure) refusal {
	if wrong, ok := errors.AsType[problem.Invalid](err); ok && len(wrong) > 0 {
		field := slices.Sorted(maps.Keys(wrong))[0]
		return refusal{Message: words.Say(words.Of(ctx), wrong[field]), Field: field}
	}
	return refusal{Message: words.Say(words.Of(ctx), page.Advice)}
}

// refuseScript answers a script that sent something after its session had ended.
func (s *Site) refuseScript(w http.ResponseWriter, r *http.Request) error {
	return s.json(w, r, http.StatusUnauthorized, refusal{Message: words.Tr(r.Context(), "failure.signed_out_script")})
}
