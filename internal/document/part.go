package document

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/ref"
)

// Limits of files that come in pieces.
const (
	MaxParts  = 20             // that one person may have under way
	PartsLife = 24 * time.Hour // after its last byte a part is given up
)

// coming is where files lie that come in pieces, over requests of many
// processes: what is there, and how long, is all that is known of one. Its name
// says whose it is, for which proposal, and how large it will be.
const coming = "parts"

// Part is a file that comes in pieces.
type Part struct {
	ID   string
	Size int64 // what it will be
	Got  int64 // what is there
}

// Whole says that all of it is there.
func (p Part) Whole() bool { return p.Got == p.Size }

// Begin makes room for a file of size bytes that owner will send in pieces for
// a proposal. It refuses with [problem.Invalid] on the field file what is empty
// or too large, and with [problem.TooMany] who has too much under way.
func (s *Store) Begin(owner people.ID, proposal, size int64) (Part, error) {
	switch {
	case size <= 0:
		return Part{}, refuse("document.empty")
	case size > MaxBytes:
		return Part{}, refuse("document.too_large")
	}
	dir, err := fs.ReadDir(s.root.FS(), coming)
	if err != nil {
		return Part{}, fmt.Errorf("counting files under way: %w", err)
	}
	files, bytes := 0, size
	for _, e := range dir {
		if strings.HasPrefix(e.Name(), owner.String()+"-") {
			files++
			bytes += declared(e.Name())
		}
	}
	if files >= MaxParts || bytes > MaxProposalBytes {
		return Part{}, problem.Because(problem.TooMany, "document.parts_full")
	}
	p := Part{ID: partPrefix(owner, proposal) + strconv.FormatInt(size, 10) + "-" + strings.ToLower(rand.Text()), Size: size}
	f, err := s.root.OpenFile(path.Join(coming, p.ID), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return Part{}, fmt.Errorf("making room for a file: %w", full(err))
	}
	return p, f.Close()
}

func partPrefix(owner people.ID, proposal int64) string {
	return owner.String() + "-" + ref.Of(proposal) + "-"
}

// declared is the size in a part's name.
func declared(id string) int64 {
	fields := strings.Split(id, "-")
	if len(fields) != 4 {
		return 0
	}
	n, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Part finds what owner began for a proposal; for anybody else it is not there.
func (s *Store) Part(owner people.ID, proposal int64, id string) (Part, error) {
	if !strings.HasPrefix(id, partPrefix(owner, proposal)) || path.Base(id) != id || declared(id) == 0 {
		return Part{}, problem.NotFound
	}
	info, err := s.root.Stat(path.Join(coming, id))
	if errors.Is(err, fs.ErrNotExist) {
		return Part{}, problem.NotFound
	}
	if err != nil {
		return Part{}, fmt.Errorf("looking for a file under way: %w", err)
	}
	return Part{ID: id, Size: declared(id), Got: info.Size()}, nil
}

// LockPart keeps every other process off a part until unlock is called; ok is
// false while another has it.
func (s *Store) LockPart(id string) (unlock func(), ok bool, err error) {
	f, err := s.root.OpenFile(path.Join(coming, path.Base(id)), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, problem.NotFound
	}
	if err != nil {
		return nil, false, fmt.Errorf("locking a file under way: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close() // nothing was written
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, false, nil
		}
		return nil, false, fmt.Errorf("locking a file under way: %w", err)
	}
	return func() { _ = f.Close() }, true, nil // closing lets go of the lock
}

// Append adds to a locked part what r brings, up to its size. What arrived
// before r failed stays and counts; it is on disk before Append returns.
func (s *Store) Append(p Part, r io.Reader) (int64, error) {
	f, err := s.root.OpenFile(path.Join(coming, p.ID), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return 0, fmt.Errorf("receiving a part: %w", err)
	}
	n, err := io.Copy(f, io.LimitReader(r, p.Size-p.Got))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return n, fmt.Errorf("receiving a part: %w", full(err))
	}
	return n, nil
}

// PutPart takes in what came in pieces, as [Store.Put] does. The part stays
// until [Store.DropPart]: asked again, it gives the same file again.
func (s *Store) PutPart(ctx context.Context, p Part, name string) (File, error) {
	if !p.Whole() {
		return File{}, problem.Because(problem.Conflict, "document.part_open")
	}
	f, err := s.root.Open(path.Join(coming, p.ID))
	if err != nil {
		return File{}, fmt.Errorf("taking in a part: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	return s.Put(ctx, name, f)
}

// DropPart gives a part up. One that is gone is no error.
func (s *Store) DropPart(p Part) error {
	if err := s.root.Remove(path.Join(coming, p.ID)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("dropping a part: %w", err)
	}
	return nil
}

// full puts into words that the disk takes no more.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: %w", problem.Because(problem.Busy, "document.no_room"), err)
	}
	return err
}
