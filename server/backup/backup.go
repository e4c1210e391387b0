// Package backup copies the files of a data folder to a backup and back. It
// knows no database: what is encrypted stays encrypted, so a backup is worth
// nothing without the key store, which goes to a folder of its own.
package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bonafide/server/durable"
)

// Manifest says what a backup holds. It lies beside the copies.
type Manifest struct {
	Format    string `json:"format"`
	Version   int    `json:"version"`
	CreatedMS int64  `json:"created_ms"` // Unix ms
	Program   string `json:"program"`
	Entries   int64  `json:"entries"` // of the log
	Root      string `json:"root"`    // of its tree
	Files     int    `json:"files"`   // recordings and pictures
	Bytes     int64  `json:"bytes"`
}

// The layout of a backup.
const (
	format       = "bonafide-backup"
	version      = 1
	manifestFile = "backup.json"
	Database     = "bonafide.db"
	Media        = "media"
)

// NewManifest begins a manifest of this program's format.
func NewManifest() Manifest { return Manifest{Format: format, Version: version} }

// ReadManifest reads the manifest of a backup, and refuses what is none.
func ReadManifest(dir string) (m Manifest, err error) {
	b, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return m, fmt.Errorf("%s is not a whole backup: %w", dir, err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("%s is not a whole backup: %s: %w", dir, manifestFile, err)
	}
	if m.Format != format || m.Version != version {
		return m, fmt.Errorf("%s holds %q version %d; this program restores %q version %d", dir, m.Format, m.Version, format, version)
	}
	return m, nil
}

// Write keeps the manifest, which makes the backup a whole one.
func (m Manifest) Write(dir string) error {
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("writing the backup's manifest: %w", err)
	}
	return durable.Write(filepath.Join(dir, manifestFile), append(b, '\n'))
}

// Copied counts what a copy did.
type Copied struct {
	Files, New int   // there afterwards; copied this time
	Bytes      int64 // of New
}

// Files copies files, given by slash paths below from, to the same paths below
// to. One that is there with the same size and time is left. A file that does
// not exist in from is passed over: it was deleted meanwhile.
func Files(ctx context.Context, from, to string, names []string) (c Copied, err error) {
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return c, err
		}
		if !filepath.IsLocal(name) {
			return c, fmt.Errorf("copying %q: it does not lie below %s", name, from)
		}
		n, isNew, err := one(filepath.Join(from, filepath.FromSlash(name)), filepath.Join(to, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return c, fmt.Errorf("copying %s: %w", name, err)
		}
		c.Files++
		if isNew {
			c.New++
			c.Bytes += n
		}
	}
	return c, nil
}

func one(from, to string) (n int64, isNew bool, err error) {
	src, err := os.Open(from)
	if err != nil {
		return 0, false, err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return 0, false, err
	}
	if old, err := os.Stat(to); err == nil && old.Size() == info.Size() && old.ModTime().Equal(info.ModTime()) {
		return 0, false, nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return 0, false, err
	}
	if err := durable.WriteFrom(to, func(w io.Writer) error { n, err = io.Copy(w, src); return err }); err != nil {
		return n, false, err
	}
	return n, true, os.Chtimes(to, info.ModTime(), info.ModTime())
}

// Below lists the regular files below a folder as slash paths, none where it
// does not exist. Files of which only a part may be there are left out.
func Below(dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(d.Name(), ".tmp") {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		out = append(out, filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", dir, err)
	}
	return out, nil
}
