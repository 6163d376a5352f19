package site

import (
	"net/http"

	"daubang/internal/place"
	"daubang/internal/viet"
)

// fewest characters of a name that are looked up, and most places offered.
const (
	placeShortest = 2
	placeMost     = 12
)

// suggestPlaces offers names of today's administrative units to a script, as a
// field takes them: "Xã Sà Phìn, Tỉnh Tuyên Quang". The register is public.
func (s *Site) suggestPlaces(w http.ResponseWriter, r *http.Request) error {
	names := []string{}
	if q := viet.Clean(r.URL.Query().Get("q")); viet.CountChars(q) >= placeShortest {
		found, err := place.Find(r.Context(), s.Read, q, placeMost)
		if err != nil {
			return err
		}
		for _, f := range found {
			names = append(names, f.Address())
		}
	}
	w.Header().Set("Cache-Control", "public, max-age=3600")
	return s.json(w, r, http.StatusOK, names)
}
