package document

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"daubang/internal/pg"
)

// How long what is nobody's may lie about: a file is whole and named within the
// request that brings it, so that these are far more than enough.
const (
	stagedLife = time.Hour
	orphanLife = 24 * time.Hour
	// removedLife is how long a file outlives its being taken away, for who did so
	// by mistake and has to ask for it.
	removedLife = 3 * 24 * time.Hour
)

// Sweep takes away what nobody will ask for again: parts that were given up,
// files that a killed process left half written, files that no row names, because
// the row was never written, and those that were taken away some days ago and are
// part of nothing that was sent. It returns how many went.
func (s *Store) Sweep(ctx context.Context, db pg.DB, now time.Time) (int, error) {
	parts, err := s.sweepDir(coming, now.Add(-PartsLife))
	if err != nil {
		return parts, err
	}
	staged, err := s.sweepDir(staging, now.Add(-stagedLife))
	if err != nil {
		return parts + staged, err
	}
	orphans, err := s.sweepOrphans(ctx, db, now)
	return parts + staged + orphans, err
}

// sweepDir takes away what was last written to before.
func (s *Store) sweepDir(dir string, before time.Time) (n int, err error) {
	old, err := s.olderThan(dir, before)
	if err != nil {
		return 0, err
	}
	for _, name := range old {
		if err := s.root.Remove(path.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return n, fmt.Errorf("sweeping files: %w", err)
		}
		n++
	}
	return n, nil
}

func (s *Store) olderThan(dir string, before time.Time) ([]string, error) {
	all, err := fs.ReadDir(s.root.FS(), dir)
	if err != nil {
		return nil, fmt.Errorf("sweeping files: %w", err)
	}
	var old []string
	for _, e := range all {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && info.ModTime().Before(before) { // else it has gone meanwhile
			old = append(old, e.Name())
		}
	}
	return old, nil
}

// sweepOrphans takes away files that no row needs, a directory at a time.
func (s *Store) sweepOrphans(ctx context.Context, db pg.DB, now time.Time) (n int, err error) {
	before := now.Add(-orphanLife)
	dirs, err := fs.Glob(s.root.FS(), "[0-9a-f][0-9a-f]")
	if err != nil {
		return 0, fmt.Errorf("sweeping files: %w", err)
	}
	for _, dir := range dirs {
		old, err := s.olderThan(dir, before)
		if err != nil {
			return n, err
		}
		if len(old) == 0 {
			continue
		}
		orphans, err := pg.Values[string](ctx, db, `
			select f.sum from unnest($1::text[]) f(sum)
			where not exists (select from documents d where d.sha256 = f.sum and (d.removed_at is null or d.removed_at > $2 or document_is_sent(d.id)))`, old, now.Add(-removedLife))
		if err != nil {
			return n, fmt.Errorf("looking for whom files belong to: %w", err)
		}
		for _, sum := range orphans {
			gone, err := s.sweepOrphan(sum, before)
			if err != nil {
				return n, err
			}
			if gone {
				n++
			}
		}
	}
	return n, nil
}

// sweepOrphan puts a file aside and looks again: the same may just have come in
// anew, and goes back then.
func (s *Store) sweepOrphan(sum string, before time.Time) (bool, error) {
	aside := path.Join(staging, "orphan-"+sum)
	if err := s.root.Rename(place(sum), aside); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("sweeping files: %w", err)
	}
	info, err := s.root.Stat(aside)
	if err == nil && !info.ModTime().Before(before) {
		err = s.root.Rename(aside, place(sum))
		return false, err
	}
	if err == nil {
		err = s.root.Remove(aside)
	}
	return err == nil, err
}
