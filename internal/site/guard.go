package site

import (
	"net/http"
	"strings"

	"daubang/internal/pg"
	"daubang/internal/words"
	"daubang/templates"
	"daubang/web"
)

// guarded sets the headers that every answer carries, failures too. Scripts run
// by this answer's nonce, styles only from our own files; nothing may frame us.
func (s *Site) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+requestOf(r).nonce+"' 'strict-dynamic'; style-src 'self'; font-src 'self'; "+
			"img-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		h.Set("Cache-Control", "no-store")
		if s.BaseURL.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// framing lets a page show another of ours in a frame.
func framing(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src 'self'")
}

// framed lets a page of ours, and nobody else's, show this one in a frame.
func framed(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "frame-ancestors 'none'", "frame-ancestors 'self'", 1))
}

// manifest lets the portal be installed like a program, in the visitor's language.
func (s *Site) manifest(w http.ResponseWriter, r *http.Request) error {
	err := s.json(w, r, http.StatusOK, map[string]any{
		"name": words.Tr(r.Context(), "frame.name"), "short_name": words.Tr(r.Context(), "frame.name"), "description": words.Tr(r.Context(), "frame.about"),
		"lang": string(words.Of(r.Context())), "id": "/", "start_url": "/proposals", "scope": "/", "display": "standalone",
		"background_color": "#FBF7EF", "theme_color": "#6B1F55",
		"icons": []map[string]string{{"src": web.URL("logo.svg"), "sizes": "any", "type": "image/svg+xml"}},
	})
	return err
}

// offline is what the service worker shows where there is no line and no page.
func (s *Site) offline(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, http.StatusOK, templates.Offline{})
}

// healthz says that this process lives.
func (s *Site) healthz(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // who asked has gone
	return nil
}

// readyz says whether the database answers, so that an edge knows where to send.
func (s *Site) readyz(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := pg.Value[int](r.Context(), s.Read, `select 1`); err != nil {
		s.Log.WarnContext(r.Context(), "not ready", "err", err)
		http.Error(w, "no database", http.StatusServiceUnavailable)
		return nil
	}
	_, _ = w.Write([]byte("ready\n")) // who asked has gone
	return nil
}
