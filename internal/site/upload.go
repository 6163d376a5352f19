package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	tus "github.com/tus/tusd/v2/pkg/handler"
	"golang.org/x/exp/slog"

	"daubang/internal/document"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

// Large files come in pieces, by the tus protocol (https://tus.io), so that a
// line that breaks costs one piece. Each request of it passes the same checks as
// the form; what has come whole is attached by that form, which then names it
// instead of bringing a file. See [document.Part].

// beginUpload makes room for a file.
func (s *Site) beginUpload(w http.ResponseWriter, r *http.Request) error {
	p, err := s.attachingTo(r)
	if err != nil {
		return err
	}
	return s.tus(w, r, p.ID, "", (*tus.UnroutedHandler).PostFile)
}

// continueUpload takes the next piece.
func (s *Site) continueUpload(w http.ResponseWriter, r *http.Request) error {
	p, err := s.attachingTo(r)
	if err != nil {
		return err
	}
	return s.tus(w, r, p.ID, chi.URLParam(r, "upload"), (*tus.UnroutedHandler).PatchFile)
}

// askUpload says how much of a file is there.
func (s *Site) askUpload(w http.ResponseWriter, r *http.Request) error {
	p, err := s.attachingTo(r)
	if err != nil {
		return err
	}
	return s.tus(w, r, p.ID, chi.URLParam(r, "upload"), (*tus.UnroutedHandler).HeadFile)
}

// dropUpload gives a file up.
func (s *Site) dropUpload(w http.ResponseWriter, r *http.Request) error {
	p, err := s.attachingTo(r)
	if err != nil {
		return err
	}
	return s.tus(w, r, p.ID, chi.URLParam(r, "upload"), (*tus.UnroutedHandler).DelFile)
}

// attachingTo is the proposal that the visitor may attach files to now.
func (s *Site) attachingTo(r *http.Request) (proposal.Proposal, error) {
	p, role, err := s.applying(r)
	if err != nil {
		return p, err
	}
	if role == organisation.Reader {
		return p, problem.Because(problem.Forbidden, "proposal.only_writers")
	}
	if p.Status != proposal.Draft && p.Status != proposal.Returned {
		return p, proposal.WhyNotEditable(r.Context(), s.Read, visitor(r).ID, p, "", s.Now())
	}
	return p, nil
}

// stalled is how long a piece may bring no byte at all.
const stalled = 20 * time.Second

// tus lets the library answer one request about the part id, which must be the
// visitor's own, of this proposal.
func (s *Site) tus(w http.ResponseWriter, r *http.Request, of proposal.ID, id string, answer func(*tus.UnroutedHandler, http.ResponseWriter, *http.Request)) error {
	parts := &parts{site: s, r: r, owner: visitor(r).ID, proposal: int64(of)}
	if id != "" {
		if _, err := s.Files.Part(parts.owner, parts.proposal, id); err != nil {
			return err
		}
	}
	composer := tus.NewStoreComposer()
	composer.UseCore(parts)
	composer.UseTerminater(parts)
	composer.UseLocker(parts)
	h, err := tus.NewUnroutedHandler(tus.Config{
		StoreComposer: composer, MaxSize: document.MaxBytes, BasePath: s.BaseURL.String() + "/proposals/" + of.String() + "/uploads/",
		DisableDownload: true, Cors: &tus.CorsConfig{Disable: true}, Logger: silent,
		NetworkTimeout: stalled, AcquireLockTimeout: stalled / 4, GracefulRequestCompletionTimeout: time.Second,
	})
	if err != nil {
		return fmt.Errorf("taking a file in pieces: %w", err)
	}
	asked := r.Clone(r.Context())
	asked.URL.Path = id                        // the library takes all of it for the part's name
	asked.Header.Del("X-Http-Method-Override") // the method is what our map of addresses says
	asked.Body = s.patiently(w, r, maxPart)    // a slow line may take its time, a stalled one not
	if r.Method == http.MethodPost {
		asked.Header.Del("Content-Type") // room first: pieces come by PATCH
	}
	h.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(h, w, r) })).ServeHTTP(w, asked)
	return nil
}

// maxPart is the most that one piece may bring.
const maxPart = document.MaxBytes

// silent keeps the library from logging addresses: our own log tells what fails.
var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

// parts are the files that one visitor has under way for one proposal, as the
// library sees them.
type parts struct {
	site     *Site
	r        *http.Request
	owner    people.ID
	proposal int64
}

// NewUpload makes room. What the client says of its file beside the size is not
// kept: the form says it again.
func (p *parts) NewUpload(_ context.Context, info tus.FileInfo) (tus.Upload, error) {
	if info.SizeIsDeferred {
		return nil, tus.ErrInvalidUploadLength
	}
	if err := document.Room(p.r.Context(), p.site.Read, p.owner, p.site.Now(), p.proposal, info.Size); err != nil {
		return nil, p.answer(err)
	}
	part, err := p.site.Files.Begin(p.owner, p.proposal, info.Size)
	return &piece{parts: p, Part: part}, p.answer(err)
}

// GetUpload finds one of them.
func (p *parts) GetUpload(_ context.Context, id string) (tus.Upload, error) {
	part, err := p.site.Files.Part(p.owner, p.proposal, id)
	return &piece{parts: p, Part: part}, p.answer(err)
}

// AsTerminatableUpload says that each can be given up.
func (p *parts) AsTerminatableUpload(u tus.Upload) tus.TerminatableUpload {
	return u.(*piece) //nolint:forcetypeassert // there is no other
}

// answer puts an error into the words and the status that a page would have.
func (p *parts) answer(err error) error {
	if err == nil {
		return nil
	}
	status, page := p.site.verdict(p.r, err)
	b, unsaid := json.Marshal(inWords(p.r.Context(), err, page))
	if unsaid != nil {
		return unsaid
	}
	e := tus.NewError("REFUSED", err.Error(), status)
	e.HTTPResponse.Body = string(b)
	e.HTTPResponse.Header = tus.HTTPHeader{"Content-Type": "application/json"}
	if status == http.StatusServiceUnavailable {
		e.HTTPResponse.Header["Retry-After"] = "5"
	}
	return e
}

// piece is one of them.
type piece struct {
	*parts
	document.Part
}

// GetInfo says how far it is.
func (p *piece) GetInfo(context.Context) (tus.FileInfo, error) {
	return tus.FileInfo{ID: p.ID, Size: p.Size, Offset: p.Got}, nil
}

// WriteChunk adds to it.
func (p *piece) WriteChunk(_ context.Context, _ int64, src io.Reader) (int64, error) {
	n, err := p.site.Files.Append(p.Part, src)
	return n, p.answer(err)
}

// GetReader gives nothing: what is not yet attached is read by nobody.
func (p *piece) GetReader(context.Context) (io.ReadCloser, error) { return nil, tus.ErrNotFound }

// FinishUpload does nothing: the form attaches it.
func (p *piece) FinishUpload(context.Context) error { return nil }

// Terminate gives it up.
func (p *piece) Terminate(context.Context) error { return p.answer(p.site.Files.DropPart(p.Part)) }

// holders are the requests of this process that write to a part just now. A
// line that broke may not be seen to be broken for a while: who comes back for
// the part ends the request that holds it.
var holders sync.Map // part id → func()

// NewLock makes a lock for a part. Between processes it is one on the file.
func (p *parts) NewLock(id string) (tus.Lock, error) { return &partLock{parts: p, id: id}, nil }

type partLock struct {
	*parts
	id     string
	unlock func()
}

// Lock waits until nobody else writes to the part, or ctx ends.
func (l *partLock) Lock(ctx context.Context, release func()) error {
	for {
		unlock, ok, err := l.site.Files.LockPart(l.id)
		if err != nil {
			return l.answer(err)
		}
		if ok {
			holders.Store(l.id, release)
			l.unlock = unlock
			return nil
		}
		if holder, ok := holders.Load(l.id); ok {
			holder.(func())() //nolint:forcetypeassert // nothing else is stored
		}
		select {
		case <-ctx.Done():
			return tus.ErrLockTimeout
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Unlock lets others write.
func (l *partLock) Unlock() error {
	holders.Delete(l.id)
	l.unlock()
	return nil
}

// under is the part that the form of an upload names, as a file.
func (s *Site) partNamed(r *http.Request, of proposal.ID, id, name string) (document.File, error) {
	part, err := s.Files.Part(visitor(r).ID, int64(of), id)
	if errors.Is(err, problem.NotFound) {
		return document.File{}, problem.Because(problem.NotFound, "document.part_gone")
	}
	if err != nil {
		return document.File{}, err
	}
	return s.Files.PutPart(r.Context(), part, name)
}
