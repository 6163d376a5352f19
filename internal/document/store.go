package document

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"

	"daubang/internal/problem"
	"daubang/internal/viet"
)

// Limits of what is attached.
const (
	MaxBytes         = 20 << 20  // of one file
	MaxFiles         = 30        // of one proposal
	MaxProposalBytes = 200 << 20 // of one proposal
)

// Store keeps files under their SHA-256: what is the same is kept once, and a
// file never changes. It holds no names; those are rows of the database.
type Store struct {
	// Scans says that there is a scanner: what is taken in waits for it.
	Scans     bool
	root      *os.Root
	shrinking chan struct{} // one picture is made smaller at a time
}

// staging is where files lie until they are whole.
const staging = "incoming"

// OpenStore opens the store at an address such as file:///var/lib/daubang/files,
// and makes the directory where there is none.
func OpenStore(address string) (*Store, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return nil, fmt.Errorf("files address %q: only file:///directory is known", address)
	}
	if err := os.MkdirAll(u.Path, 0o700); err != nil {
		return nil, fmt.Errorf("making the directory for files: %w", err)
	}
	root, err := os.OpenRoot(u.Path)
	if err != nil {
		return nil, fmt.Errorf("opening the directory for files: %w", err)
	}
	for _, dir := range []string{staging, coming} {
		if err := root.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("making the directory for files: %w", err)
		}
	}
	return &Store{root: root, shrinking: make(chan struct{}, 1)}, nil
}

// Close lets go of the directory.
func (s *Store) Close() error { return s.root.Close() }

// File is a file that the store holds, as its sender called it.
type File struct {
	Name      string // cleaned, with an ending that fits its kind
	MediaType string
	Size      int64
	SHA256    string

	awaitsScan bool
}

// Put takes a file in. It looks into it and refuses with [problem.Invalid] on
// the field file what is too large, of another kind than PDF, DOCX, XLSX, JPEG
// or PNG, or not what it says it is; it takes out of pictures what they tell
// about place and camera, and makes large ones smaller. The file is on disk for good before Put returns, and
// is nobody's until a row names it (see [Attach]).
func (s *Store) Put(ctx context.Context, name string, r io.Reader) (File, error) {
	raw, err := s.stage()
	if err != nil {
		return File{}, err
	}
	defer s.drop(raw)
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(raw, sum), io.LimitReader(reading{ctx, r}, MaxBytes+1))
	switch {
	case err != nil:
		return File{}, fmt.Errorf("receiving a file: %w", full(err))
	case size > MaxBytes:
		return File{}, refuse("document.too_large")
	case size == 0:
		return File{}, refuse("document.empty")
	}
	k, err := inspect(ctx, raw, size)
	if err != nil {
		return File{}, err
	}
	f := File{Name: k.named(viet.FileName(name)), MediaType: k.mediaType, awaitsScan: s.Scans}
	if k.strip == nil {
		f.Size, f.SHA256 = size, hex.EncodeToString(sum.Sum(nil))
		return f, s.keep(raw, f.SHA256)
	}
	bare, err := s.stage()
	if err != nil {
		return File{}, err
	}
	defer s.drop(bare)
	sum.Reset()
	if f.Size, err = strip(k, raw, size, bare, sum); err != nil {
		return File{}, err
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	small, err := s.shrunk(ctx, k, bare, f.Size)
	if err != nil {
		return File{}, err
	}
	if small == nil {
		return f, s.keep(bare, f.SHA256)
	}
	defer s.drop(small)
	if f.Size, f.SHA256, err = measured(small); err != nil {
		return File{}, fmt.Errorf("measuring a picture: %w", err)
	}
	return f, s.keep(small, f.SHA256)
}

// strip writes the picture in raw to bare without what it tells about its maker.
func strip(k kind, raw *os.File, size int64, bare *os.File, sum hash.Hash) (int64, error) {
	counted := &counter{w: io.MultiWriter(bare, sum)}
	if err := k.strip(counted, io.NewSectionReader(raw, 0, size)); err != nil {
		return 0, err
	}
	return counted.n, nil
}

// Open reads a file by its SHA-256. Who may is not known here: see [Open].
func (s *Store) open(sum string) (*os.File, error) {
	f, err := s.root.Open(place(sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("file %s is gone from the store: %w", sum, err)
	}
	return f, err
}

// place is where a file lies: ab/abcdef….
func place(sum string) string { return path.Join(sum[:2], sum) }

// stage makes a file to write to.
func (s *Store) stage() (*os.File, error) {
	f, err := s.root.OpenFile(path.Join(staging, rand.Text()), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making room for a file: %w", full(err))
	}
	return f, nil
}

// drop closes a staged file, and takes it away unless it was kept.
func (s *Store) drop(f *os.File) {
	_ = f.Close()                                              // written and synced, or of no more use
	_ = s.root.Remove(path.Join(staging, path.Base(f.Name()))) // gone already if it was kept
}

// keep makes a staged file part of the store: its bytes on disk, then its
// name, then the directories that hold the name.
func (s *Store) keep(f *os.File, sum string) error {
	if err := f.Sync(); err != nil {
		return fmt.Errorf("writing a file: %w", full(err))
	}
	dir := sum[:2]
	if err := s.root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making the directory for files: %w", err)
	}
	if err := s.root.Rename(path.Join(staging, path.Base(f.Name())), place(sum)); err != nil {
		return fmt.Errorf("naming a file: %w", full(err))
	}
	for _, d := range []string{dir, "."} {
		if err := s.sync(d); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) sync(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return fmt.Errorf("syncing the directory for files: %w", err)
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}

// refuse says what is wrong with a file, at the control that sends it.
func refuse(key string, args ...any) error {
	return problem.Invalid{"file": problem.Say(key, args...)}
}

// reading stops when its context does: a sender who has gone is not waited for.
type reading struct {
	ctx context.Context //nolint:containedctx // lives as long as the one call that makes it
	r   io.Reader
}

func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// counter counts what passes.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
