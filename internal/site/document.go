package site

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/document"
	"daubang/internal/form"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/templates"
)

// showDocuments lists the files of a proposal as the visitor may see them.
func (s *Site) showDocuments(w http.ResponseWriter, r *http.Request) error {
	p, err := s.proposal(r)
	if err != nil {
		return err
	}
	ctx, viewer := r.Context(), visitor(r).ID
	page := templates.ProposalDocuments{Proposal: p}
	if page.Asked, err = proposal.WhatOf(ctx, s.Read, viewer, p); err != nil {
		return err
	}
	if p.View == proposal.AsApplicant || p.SubmittedAt == nil {
		page.Documents, err = document.Attached(ctx, s.Read, viewer, int64(p.ID))
	} else {
		var sent proposal.Submission
		if sent, err = proposal.LastSubmission(ctx, s.Read, viewer, p.ID); err == nil {
			page.Documents, err = document.Some(ctx, s.Read, viewer, sent.Documents)
		}
	}
	if err != nil && !errors.Is(err, problem.NotFound) { // nothing was sent: there are no documents
		return err
	}
	if wantsJSON(r) {
		return s.json(w, r, http.StatusOK, page.Facts(ctx))
	}
	return s.show(w, r, http.StatusOK, page)
}

// attachDocument takes one file in. Who may not attach it is refused before a
// byte of it is read.
func (s *Site) attachDocument(w http.ResponseWriter, r *http.Request) error {
	p, err := s.attachingTo(r)
	if err != nil {
		return err
	}
	u, err := s.receive(w, r, upload{may: func(u upload) error {
		return proposal.MayBring(r.Context(), s.Read, visitor(r).ID, s.Now(), p, u.section, u.question, u.purpose, brought(r))
	}})
	if err == nil && u.part != "" {
		err = u.may(u)
	}
	if err == nil && u.part != "" {
		u.file, err = s.partNamed(r, p.ID, u.part, u.name)
	}
	var at document.ID
	if err == nil {
		err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) (err error) {
			at, err = proposal.Attach(ctx, tx, act, p.ID, u.section, u.question, u.purpose, u.file)
			return err
		})
	}
	if wantsJSON(r) {
		if err != nil {
			return err
		}
		return s.tellAttached(w, r, p, at)
	}
	if wrong, ok := s.wrong(err); ok {
		page, unknown := s.sectionPage(r, u.section)
		if unknown != nil {
			return err
		}
		page.Wrong, page.Upload = u.beside(wrong), templates.SectionUpload{Question: u.question, Purpose: u.purpose}
		return s.show(w, r, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("proposal.section.attached", u.file.Name), "/proposals/%s/sections/%s", p.ID, u.section)
}

// attached is a document as the script of an upload shows it.
type attached struct {
	Name   string `json:"name"`
	Facts  string `json:"facts"`
	Href   string `json:"href,omitempty"`
	Remove string `json:"remove"`
}

// tellAttached answers a script that sent a file.
func (s *Site) tellAttached(w http.ResponseWriter, r *http.Request, p proposal.Proposal, at document.ID) error {
	ctx := r.Context()
	d, err := document.Get(ctx, s.DB, visitor(r).ID, int64(p.ID), at)
	if err != nil {
		return err
	}
	asked, err := proposal.WhatOf(ctx, s.Read, visitor(r).ID, p)
	if err != nil {
		return err
	}
	section, _ := asked.Form.Section(d.SectionKey)
	q, _ := section.Question(d.Question)
	f := templates.FileRow(ctx, d, q, "/proposals/"+p.ID.String(), true)
	return s.json(w, r, http.StatusCreated, attached{Name: f.Name, Facts: f.Facts, Href: f.Href, Remove: f.Remove})
}

// upload is a form that brings one file.
type upload struct {
	section, question, purpose string
	file                       document.File
	part, name                 string             // instead of the file: one that came in pieces
	may                        func(upload) error // asked before the file is read
}

// brought is how large a file is that a form brings, before it is read.
func brought(r *http.Request) int64 {
	if r.ContentLength < 0 {
		return document.MaxBytes
	}
	return max(r.ContentLength-2<<10, 0) // what is around it
}

// beside says what is wrong at the controls of the question that was answered.
func (u upload) beside(wrong problem.Invalid) problem.Invalid {
	at := problem.Invalid{}
	for name, w := range wrong {
		switch name {
		case "purpose":
			name = u.question
		case "file":
			name = form.FileName(u.question)
		}
		at[name] = w
	}
	return at
}

const (
	uploadLimit    = document.MaxBytes + 1<<20 // the file, and what is around it
	fieldLimit     = 200                       // bytes of a field beside it
	slowestLine    = 4 << 10                   // bytes a second
	patience       = 20 * time.Second
	maxUploadParts = 8
)

// receive reads an upload part by part: nothing of it is held in memory. The
// fields come before the file, as our pages send them; u is what is known before.
func (s *Site) receive(w http.ResponseWriter, r *http.Request, u upload) (upload, error) {
	r.Body = s.patiently(w, r, uploadLimit)
	parts, err := r.MultipartReader()
	if err != nil {
		return u, fmt.Errorf("%w: %w", errMalformed, err)
	}
	for range maxUploadParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			if u.file.SHA256 == "" && u.part == "" {
				return u, problem.Invalid{"file": problem.Say("document.missing")}
			}
			return u, nil
		}
		if err != nil {
			return u, broken(err)
		}
		if err := s.part(r.Context(), part, &u); err != nil {
			return u, broken(err)
		}
	}
	return u, fmt.Errorf("%w: too many parts", errMalformed)
}

func (s *Site) part(ctx context.Context, part *multipart.Part, u *upload) error {
	switch part.FormName() {
	case "section":
		return field(part, &u.section)
	case "question":
		return field(part, &u.question)
	case "purpose":
		return field(part, &u.purpose)
	case "upload":
		return field(part, &u.part)
	case "name":
		return field(part, &u.name)
	case "file":
		if part.FileName() == "" || u.file.SHA256 != "" {
			return nil // no file was chosen, or a second one came
		}
		if u.purpose == "" {
			return problem.Invalid{"purpose": problem.Say("document.purpose")}
		}
		if err := u.may(*u); err != nil {
			return err
		}
		f, err := s.Files.Put(ctx, part.FileName(), part)
		u.file = f
		return err
	}
	return nil
}

// field reads a short field into to.
func field(part *multipart.Part, to *string) error {
	b, err := io.ReadAll(io.LimitReader(part, fieldLimit))
	*to = viet.Clean(string(b))
	return err
}

// broken says what a line that failed was: too much, or not one of our forms.
func broken(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem.Invalid{"file": problem.Say("document.too_large")}
	}
	if _, ok := errors.AsType[problem.Invalid](err); ok {
		return err
	}
	return fmt.Errorf("receiving an upload: %w", err)
}

// patiently reads at most limit bytes of a body that brings a file, however slow
// the line.
func (s *Site) patiently(w http.ResponseWriter, r *http.Request, limit int64) io.ReadCloser {
	return s.line(w, r, http.MaxBytesReader(w, r.Body, limit), patience, slowestLine)
}

// answering is how long the answer to what was brought may take, once it is here.
const answering = 5 * time.Minute

func (s *Site) line(w http.ResponseWriter, r *http.Request, body io.ReadCloser, patience time.Duration, slowest int64) *line {
	return &line{body: body, waits: http.NewResponseController(w), within: requestOf(r).within, patience: patience, slowest: slowest, now: s.Now}
}

// line lets a slow but honest line take its time: the deadlines for reading and
// for the answer move on as long as bytes come in.
type line struct {
	body     io.ReadCloser
	waits    *http.ResponseController
	within   *time.Timer // what the request may take
	patience time.Duration
	slowest  int64 // bytes a second
	now      func() time.Time
	started  time.Time
	read     int64
}

func (l *line) Read(p []byte) (int, error) {
	if l.started.IsZero() {
		l.started = l.now()
	}
	until := l.started.Add(l.patience + time.Duration(l.read/l.slowest)*time.Second)
	_ = l.waits.SetReadDeadline(until) // where they cannot be set the server's own hold
	_ = l.waits.SetWriteDeadline(until.Add(answering))
	n, err := l.body.Read(p)
	l.read += int64(n)
	if errors.Is(err, io.EOF) {
		_ = l.waits.SetReadDeadline(time.Time{}) // or a line that is done would break while its request is worked on
	}
	if l.within != nil {
		l.within.Reset(writeWithin)
	}
	return n, err
}

func (l *line) Close() error { return l.body.Close() }

// removeDocument takes a file away again.
func (s *Site) removeDocument(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.applying(r)
	if err != nil {
		return err
	}
	if role == organisation.Reader {
		return problem.Because(problem.Forbidden, "proposal.only_writers")
	}
	f, err := s.form(r)
	if err != nil {
		return err
	}
	at, err := ref.Parse[document.ID](f.Line("remove"))
	if err != nil {
		return fmt.Errorf("%w: no document is named", errMalformed)
	}
	d, err := document.Get(r.Context(), s.Read, visitor(r).ID, int64(p.ID), at)
	if err != nil {
		return err
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return proposal.Detach(ctx, tx, act, p.ID, at)
	})
	if err != nil {
		return err
	}
	if wantsJSON(r) {
		return s.json(w, r, http.StatusOK, struct{}{})
	}
	return s.toSaying(w, r, problem.Say("proposal.section.detached"), "/proposals/%s/sections/%s", p.ID, d.SectionKey)
}

// download gives a file to who may see it: never shown in the browser, never
// under the name its sender gave it, never kept by anything in between.
func (s *Site) download(w http.ResponseWriter, r *http.Request) error {
	p, err := s.proposal(r)
	if err != nil {
		return err
	}
	at, err := id[document.ID](r, "document")
	if err != nil {
		return err
	}
	d, file, err := document.Open(r.Context(), s.Read, s.Files, visitor(r).ID, int64(p.ID), at)
	if err != nil {
		return err
	}
	give(w, r, file, d.MediaType, d.Size, "ho-so-"+p.Reference+"-"+strconv.Itoa(d.Number))
	return nil
}

// give sends a file as a download under a name of ours, and closes it.
func give(w http.ResponseWriter, r *http.Request, file io.ReadCloser, mediaType string, size int64, name string) {
	defer func() { _ = file.Close() }() // only read
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Content-Disposition", `attachment; filename="`+name+document.Ending(mediaType)+`"`)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "no-store")
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, file) // the visitor has gone; there is no one to tell
	}
}

// scanAgain has a file looked at once more that the scanner could not look into.
func (s *Site) scanAgain(w http.ResponseWriter, r *http.Request) error {
	at, err := id[document.ID](r, "document")
	if err != nil {
		return err
	}
	err = s.do(r, func(ctx context.Context, tx pgx.Tx, act audit.Act) error {
		return document.ScanAgain(ctx, tx, act, at, s.Files.Scans)
	})
	if err != nil {
		return err
	}
	return s.toSaying(w, r, problem.Say("document.held.again_said"), "/desk/quarantine")
}

// quarantine lists the files of proposals at the desk that nobody there may
// open, and why.
func (s *Site) quarantine(w http.ResponseWriter, r *http.Request) error {
	held, err := document.Quarantine(r.Context(), s.Read, visitor(r).ID)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, templates.Quarantine{Held: held, Scans: s.Files.Scans, Acts: visitor(r).Is(people.Officer)})
}
