package site

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"daubang/internal/call"
	"daubang/internal/desk"
	"daubang/internal/export"
	"daubang/internal/people"
	"daubang/internal/place"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
	"daubang/templates"
)

// deskFilter reads the list's filter from its address. What is none of ours,
// such as a sort nobody offers, narrows nothing.
func deskFilter(r *http.Request) desk.Filter {
	q := r.URL.Query()
	f := desk.Filter{
		Province: viet.Clean(q.Get("province")), Kind: viet.Clean(q.Get("kind")), Text: viet.Clean(q.Get("q")),
		Sort: desk.Sort(q.Get("sort")), Up: q.Get("order") == "up",
	}
	f.Call, _ = ref.Parse[call.ID](q.Get("call")) // none: every call
	for _, s := range q["status"] {
		if status := proposal.Status(s); slices.Contains(proposal.Statuses, status) && !slices.Contains(f.Status, status) {
			f.Status = append(f.Status, status)
		}
	}
	if !slices.Contains([]desk.Sort{desk.Newest, desk.Score, desk.Amount, desk.Title}, f.Sort) {
		f.Sort = ""
	}
	return f
}

func (s *Site) listDeskProposals(w http.ResponseWriter, r *http.Request) error {
	ctx, viewer, f := r.Context(), visitor(r).ID, deskFilter(r)
	cursor, back := r.URL.Query().Get("after"), false
	if before := r.URL.Query().Get("before"); before != "" {
		cursor, back = before, true
	}
	page, err := desk.List(ctx, s.Lagging, viewer, f, cursor, back)
	if err != nil {
		return err
	}
	counts, err := desk.Counts(ctx, s.Lagging, viewer)
	if err != nil {
		return err
	}
	calls, err := call.AtDesk(ctx, s.Lagging, viewer, s.Now())
	if err != nil {
		return err
	}
	provinces, err := place.Provinces(ctx, s.Lagging, s.Now())
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.DeskProposals{Filter: f, Page: page, Counts: counts, Calls: calls, Provinces: provinces})
}

// exportDeskProposals streams the list, whole, as it stands under the same
// filter. A fault on the way breaks the download off, so that nobody takes half
// a file for the whole.
func (s *Site) exportDeskProposals(w http.ResponseWriter, r *http.Request) error {
	ctx, viewer := r.Context(), visitor(r).ID
	names, err := s.exportNames(r, viewer)
	if err != nil {
		return err
	}
	dialect := export.Plain
	if r.URL.Query().Get("dialect") == "excel" {
		dialect = export.Excel
	}
	day := s.Now().In(viet.Zone).Format(time.DateOnly)
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="`+words.Tr(ctx, "desk_list.file")+`-`+day+`.csv"`)
	file := export.NewCSV(w, dialect)
	err = export.Proposals(file, words.Of(ctx), names, desk.All(ctx, s.Lagging, viewer, deskFilter(r)))
	if err != nil {
		s.Log.ErrorContext(ctx, "export broken off", "request", requestOf(r).id, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// exportNames are the words that a file has in place of codes.
func (s *Site) exportNames(r *http.Request, viewer people.ID) (export.Names, error) {
	ctx, lang := r.Context(), words.Of(r.Context())
	n := export.Names{Calls: map[call.ID]string{}, Provinces: map[string]string{}}
	calls, err := call.AtDesk(ctx, s.Lagging, viewer, s.Now())
	if err != nil {
		return n, err
	}
	for _, c := range calls {
		n.Calls[c.ID] = c.Code
	}
	provinces, err := place.Provinces(ctx, s.Lagging, s.Now())
	if err != nil {
		return n, fmt.Errorf("naming provinces: %w", err)
	}
	for _, p := range provinces {
		n.Provinces[p.Code] = p.Title().In(lang)
	}
	return n, nil
}
