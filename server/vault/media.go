package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// Content is a file of the recordings folder to be read, whether it is sealed
// or, from before there was encryption, plain. Close it.
type Content struct {
	io.ReaderAt
	io.Closer
	Bytes    int64 // of the plaintext
	Modified time.Time
	Plain    bool // it is not encrypted
}

// Reader reads it from the beginning; it can seek.
func (c *Content) Reader() *io.SectionReader { return io.NewSectionReader(c, 0, c.Bytes) }

// OpenMedia opens a file below the recordings folder by its slash path, whose
// first element is its interview. What does not exist, or was deleted with its
// key, is fs.ErrNotExist. A nil Vault opens plain files only.
func (v *Vault) OpenMedia(root *os.Root, name string) (*Content, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	c, err := v.content(f, name)
	if err != nil {
		err = errors.Join(fmt.Errorf("opening %s: %w", name, err), f.Close())
		if errors.Is(err, ErrDestroyed) {
			err = errors.Join(err, fs.ErrNotExist)
		}
		return nil, err
	}
	return c, nil
}

func (v *Vault) content(f *os.File, name string) (*Content, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is not a file: %w", fs.ErrNotExist)
	}
	c := &Content{ReaderAt: f, Closer: f, Bytes: info.Size(), Modified: info.ModTime()}
	mark := make([]byte, markSize)
	if _, err := f.ReadAt(mark, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	interview, _, _ := strings.Cut(name, "/")
	switch {
	case string(mark) != blobMark && string(mark) != fileMark:
		c.Plain = true
		return c, nil
	case v == nil:
		return nil, errors.New("it is encrypted, and no key store was opened")
	case string(mark) == fileMark:
		x, err := v.OpenFile(interview, readOnly{f}, info.Size())
		if err != nil {
			return nil, err
		}
		c.ReaderAt, c.Bytes = x, x.Size()
		return c, nil
	}
	sealed, err := readBlob(f, info.Size())
	if err != nil {
		return nil, err
	}
	plain, err := v.Unseal(interview, sealed)
	if err != nil {
		return nil, err
	}
	c.ReaderAt, c.Bytes = bytes.NewReader(plain), int64(len(plain))
	return c, nil
}

// readOnly is a file that nothing is written to, so that an index that is
// missing is not added by a reader.
type readOnly struct{ *os.File }

// FS is the recordings folder with its plaintext, for copying.
func (v *Vault) FS(root *os.Root) fs.FS { return mediaFS{v, root} }

type mediaFS struct {
	v    *Vault
	root *os.Root
}

// Open opens a file, never a folder.
func (m mediaFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	c, err := m.v.OpenMedia(m.root, name)
	if err != nil {
		return nil, err
	}
	return &mediaFile{c, c.Reader(), path.Base(name)}, nil
}

type mediaFile struct {
	c *Content
	*io.SectionReader
	name string
}

func (f *mediaFile) Close() error               { return f.c.Close() }
func (f *mediaFile) Stat() (fs.FileInfo, error) { return mediaInfo{f}, nil }

type mediaInfo struct{ f *mediaFile }

func (i mediaInfo) Name() string       { return i.f.name }
func (i mediaInfo) Size() int64        { return i.f.c.Bytes }
func (i mediaInfo) Mode() fs.FileMode  { return 0o440 }
func (i mediaInfo) ModTime() time.Time { return i.f.c.Modified }
func (i mediaInfo) IsDir() bool        { return false }
func (i mediaInfo) Sys() any           { return nil }
