// Package durable writes files that a crash or a loss of power leaves whole or
// not at all: what it has written is on the disk, and so is its name. Its locks
// take a folder for one process.
package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// unfinished names what is being written, beside the place it is for. A crash
// may leave such a file. Nobody reads it, but it may hold the whole content: a
// folder of secrets has to be rid of it (see Unfinished).
const unfinished = ".new-"

// Unfinished lists the files that crashes left in a folder and those below it,
// and those that are being written there now.
func Unfinished(folder string) (left []string, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // finished meanwhile
		case err == nil && d.Type().IsRegular() && strings.HasPrefix(d.Name(), unfinished):
			left = append(left, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing unfinished files in %s: %w", folder, err)
	}
	return left, nil
}

// Write makes a file that its owner alone may read, or replaces one.
func Write(path string, content []byte) error { return WriteFrom(path, whole(content)) }

// whole writes content at once.
func whole(content []byte) func(io.Writer) error {
	return func(w io.Writer) error { _, err := w.Write(content); return err }
}

// WriteFrom is Write for what comes piece by piece. An error of write leaves
// what was there before.
func WriteFrom(path string, write func(io.Writer) error) error {
	tmp, err := begin(path, write)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		_ = os.Remove(tmp)
		return err // names both files
	}
	return SyncFolder(filepath.Dir(path))
}

// WriteNew is Write for a file that must not exist yet; it leaves one that
// does, and returns an error that wraps fs.ErrExist.
func WriteNew(path string, content []byte) error {
	tmp, err := begin(path, whole(content))
	if err != nil {
		return err
	}
	// Of several at the same time, one link succeeds.
	if err := errors.Join(os.Link(tmp, path), os.Remove(tmp)); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(path))
}

// begin writes the content beside its place.
func begin(path string, write func(io.Writer) error) (tmp string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), unfinished+"*")
	if err != nil {
		return "", fmt.Errorf("writing %s: %w", path, err)
	}
	err = write(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return "", fmt.Errorf("writing %s: %w", path, err)
	}
	return f.Name(), nil
}

// SyncFolder makes the names in a folder durable: after files were made,
// renamed or removed in it.
func SyncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
