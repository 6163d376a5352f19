package site

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/form"
	"daubang/internal/place"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/spreadsheet"
	"daubang/internal/words"
	"daubang/templates"
)

// tablePage is a table of a section, to be taken out of the portal or brought
// back in.
func (s *Site) tablePage(r *http.Request) (templates.TableImport, error) {
	section, err := s.sectionPage(r, chi.URLParam(r, "section"))
	if err != nil {
		return templates.TableImport{}, err
	}
	q, ok := section.Section.Question(chi.URLParam(r, "question"))
	if !ok || !spreadsheet.Takes(q) {
		return templates.TableImport{}, problem.NotFound
	}
	return templates.TableImport{ProposalSection: section, Question: q, Way: spreadsheet.Append}, nil
}

// importable is tablePage for who may change the table now; others are told why
// they may not.
func (s *Site) importable(r *http.Request) (templates.TableImport, error) {
	page, err := s.tablePage(r)
	if err == nil && page.ReadOnly != nil && page.ReadOnly.Key == "proposal.read_only" {
		err = problem.Because(problem.Forbidden, "proposal.only_writers")
	} else if err == nil && page.ReadOnly != nil {
		err = problem.Because(problem.Conflict, page.ReadOnly.Key, page.ReadOnly.Args...)
	}
	return page, err
}

func stampOf(r *http.Request, page templates.TableImport) spreadsheet.Stamp {
	return spreadsheet.Stamp{Form: page.Proposal.FormID, Question: page.Question, Language: words.Of(r.Context())}
}

// downloadTable gives our own template of a table, with the rows that stand.
func (s *Site) downloadTable(w http.ResponseWriter, r *http.Request) error {
	page, err := s.tablePage(r)
	if err != nil {
		return err
	}
	var units []place.Found
	if spreadsheet.HasPlaces(page.Question) {
		if units, err = place.Today(r.Context(), s.Read); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if err := spreadsheet.Template(&b, stampOf(r, page), page.Asked.Terms, page.Answers[page.Question.Key].Rows, units); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", `attachment; filename="`+page.Proposal.Reference+"-"+page.Question.Key+`.xlsx"`)
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes()) // the visitor has gone; there is no one to tell
	return nil
}

// askTable asks for a file or pasted cells.
func (s *Site) askTable(w http.ResponseWriter, r *http.Request) error {
	page, err := s.importable(r)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, page)
}

// importTable reads a file or pasted cells and shows what would change; with
// "accept" it saves what was shown. Until then nothing is changed.
func (s *Site) importTable(w http.ResponseWriter, r *http.Request) error {
	page, err := s.importable(r)
	if err != nil {
		return err
	}
	f, file, err := s.tableSent(w, r)
	if wrong, ok := s.wrong(err); ok {
		page.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	if f.Has("accept") {
		return s.acceptTable(w, r, page, f)
	}
	page.Pasted = f.Raw("pasted")
	if f.Line("way") == spreadsheet.Replace || file != nil {
		page.Way = spreadsheet.Replace
	}
	read, err := s.readTable(r, page, file)
	if wrong, ok := s.wrong(err); ok {
		page.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	page.Read = &read
	if len(read.Wrong) > 0 {
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	page.Preview(read)
	if most := spreadsheet.Shape(page.Question).MaxRows; len(page.Rows) > most {
		page.Wrong = problem.Invalid{"": problem.Say("form.too_many_rows", page.Question.Label, most)}
		page.Read = nil
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	return s.show(w, r, http.StatusOK, page)
}

// tableSent reads a form that may bring a small file; it is held in memory.
func (s *Site) tableSent(w http.ResponseWriter, r *http.Request) (values, []byte, error) {
	r.Body = http.MaxBytesReader(w, r.Body, spreadsheet.MaxBytes+formLimit)
	err := r.ParseMultipartForm(spreadsheet.MaxBytes + formLimit) //nolint:gosec // bounded in the line before
	if errors.Is(err, http.ErrNotMultipart) {
		f, err := s.form(r)
		return f, nil, err
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return values{}, nil, problem.Invalid{"file": problem.Say("sheet.too_large")}
	}
	if err != nil {
		return values{}, nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	f := values{sent: r.MultipartForm.Value}
	files := r.MultipartForm.File["file"]
	if len(files) == 0 || files[0].Size == 0 {
		return f, nil, problem.Invalid{"file": problem.Say("sheet.no_file")}
	}
	open, err := files[0].Open()
	if err != nil {
		return f, nil, fmt.Errorf("reading an upload: %w", err)
	}
	defer func() { _ = open.Close() }() // it is in memory
	b, err := io.ReadAll(io.LimitReader(open, spreadsheet.MaxBytes+1))
	return f, b, err
}

// workbooksAtOnce is how many workbooks are read at a time, for each can take a
// hundred times its size in memory; who comes then waits a little.
const (
	workbooksAtOnce = 2
	workbooksWait   = 10 * time.Second
)

func (s *Site) readTable(r *http.Request, page templates.TableImport, file []byte) (read spreadsheet.Table, err error) {
	if file != nil {
		read, err = s.readWorkbook(r, page, file)
	} else {
		read, err = spreadsheet.ReadPasted(page.Pasted, page.Question, page.Asked.Terms)
	}
	if err != nil {
		return read, err
	}
	return spreadsheet.Located(r.Context(), s.Read, page.Question, read)
}

func (s *Site) readWorkbook(r *http.Request, page templates.TableImport, file []byte) (spreadsheet.Table, error) {
	select {
	case s.workbooks <- struct{}{}:
		defer func() { <-s.workbooks }()
	case <-r.Context().Done():
		return spreadsheet.Table{}, r.Context().Err()
	case <-time.After(workbooksWait):
		return spreadsheet.Table{}, problem.Busy
	}
	return spreadsheet.ReadWorkbook(file, stampOf(r, page), page.Asked.Terms)
}

// acceptTable saves the rows that were shown over the version that was shown;
// what somebody else changed meanwhile is shown anew instead.
func (s *Site) acceptTable(w http.ResponseWriter, r *http.Request, page templates.TableImport, f values) error {
	key := page.Question.Key
	err := s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		_, err := proposal.Write(ctx, tx, act, page.Proposal.ID, page.Section.Key, proposal.Typed{
			Base: f.version(), Over: map[string]int{}, Changed: []string{key}, Sent: f.sentUnder, Done: func(standing bool) bool { return standing },
		})
		return err
	})
	if stale, ok := errors.AsType[proposal.Stale](err); ok {
		page.Version, page.Behind, page.Way = stale.Theirs.Version, stale.Theirs.UpdatedByName, spreadsheet.Replace
		page.Answers = stale.Theirs.Answers
		page.Preview(spreadsheet.Table{Rows: spreadsheet.Rows(page.Question, stale.Mine[key].Rows), Columns: keysOf(spreadsheet.Shape(page.Question).ColumnsIn(page.Asked.Terms))})
		return s.show(w, r, http.StatusConflict, page)
	}
	if wrong, ok := s.wrong(err); ok {
		page.Wrong = wrong
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	i := slices.IndexFunc(page.Section.Questions, func(q form.Question) bool { return q.Key == key })
	return s.toSaying(w, r, problem.Say("sheet.saved", page.Section.Questions[i].Label.In(words.Of(r.Context()))), "/proposals/%s/sections/%s#%s", page.Proposal.ID, page.Section.Key, key)
}

func keysOf(columns []form.Column) []string {
	keys := make([]string, len(columns))
	for i, c := range columns {
		keys[i] = c.Key
	}
	return keys
}
