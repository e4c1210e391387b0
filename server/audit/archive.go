package audit

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
)

// Bounds of what is read from a bundle.
const (
	maxFiles = 100_000
	maxText  = 512 << 20 // bytes of a file that is read whole, unpacked
	readSize = 1 << 20   // bytes read at a time when hashing
)

// archive is an opened bundle.
type archive struct {
	files map[string]*zip.File
	names []string // in the order of the archive
	sums  map[string]File
}

// openArchive reads the directory of a zip file.
func openArchive(r io.ReaderAt, size int64, t *topic) *archive {
	z, err := zip.NewReader(r, size)
	if err != nil {
		t.fail("The file is not a whole zip archive; it was cut off, damaged, or is something else (%v).", err)
		return nil
	}
	if len(z.File) > maxFiles {
		t.fail("The archive holds %d files; a bundle has at most %d.", len(z.File), maxFiles)
		return nil
	}
	a := &archive{files: map[string]*zip.File{}, sums: map[string]File{}}
	for _, f := range z.File {
		switch {
		case !plainPath(f.Name) || !f.Mode().IsRegular():
			t.fail("The archive holds %q, which is not a plain file below its root.", clip(f.Name))
			continue
		case a.files[f.Name] != nil:
			t.fail("The archive holds two files named %s.", clip(f.Name))
			continue
		case f.Method != zip.Store && f.Method != zip.Deflate:
			t.fail("%s is packed in a way that bundles do not use.", clip(f.Name))
			continue
		}
		a.files[f.Name] = f
		a.names = append(a.names, f.Name)
	}
	return a
}

// text reads a file whole and hashes it; nil when it is missing or damaged,
// which is then a fault.
func (a *archive) text(name string, t *topic) []byte {
	f := a.files[name]
	if f == nil {
		t.fail("%s is missing.", name)
		return nil
	}
	r, err := f.Open()
	var b []byte
	if err == nil {
		b, err = io.ReadAll(io.LimitReader(r, maxText+1))
		err = errors.Join(err, r.Close())
	}
	if err == nil && len(b) > maxText {
		err = fmt.Errorf("it is larger than %d bytes", maxText)
	}
	if err != nil {
		t.fail("%s is damaged: %v.", name, err)
		a.sums[name] = File{Path: name, Bytes: -1}
		return nil
	}
	sum := sha256.Sum256(b)
	a.sums[name] = File{name, int64(len(b)), hex.EncodeToString(sum[:])}
	return b
}

// object reads a JSON file into v. Fields that do not exist are faults: they
// could say something that no check looks at.
func (a *archive) object(name string, v any, t *topic) bool {
	b := a.text(name, t)
	if b == nil {
		return false
	}
	if err := decode(b, v); err != nil {
		t.fail("%s cannot be read: %v.", name, err)
		return false
	}
	return true
}

func decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows its JSON value")
	}
	return nil
}

// hash hashes every file that was not read yet, several at a time.
func (a *archive) hash(ctx context.Context, t *topic, progress func(done, total int64)) error {
	var todo []*zip.File
	var total int64
	for _, n := range a.names {
		if _, known := a.sums[n]; !known {
			todo = append(todo, a.files[n])
			total += int64(a.files[n].UncompressedSize64)
		}
	}
	results := make([]error, len(todo))
	sums := make([]File, len(todo))
	next := make(chan int)
	var mu sync.Mutex
	var done int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(todo)) {
		workers.Go(func() {
			buf := make([]byte, readSize)
			for i := range next {
				sums[i], results[i] = hashFile(ctx, todo[i], buf, func(n int) {
					mu.Lock()
					defer mu.Unlock()
					done += int64(n)
					if progress != nil {
						progress(done, total)
					}
				})
			}
		})
	}
	for i := range todo {
		next <- i
	}
	close(next)
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, err := range results {
		name := todo[i].Name
		if err != nil {
			t.fail("%s is damaged: %v.", name, err)
			sums[i] = File{Path: name, Bytes: -1}
		}
		a.sums[name] = sums[i]
	}
	return nil
}

func hashFile(ctx context.Context, f *zip.File, buf []byte, read func(int)) (File, error) {
	r, err := f.Open()
	if err != nil {
		return File{}, err
	}
	defer r.Close()
	h := sha256.New()
	var n int64
	for {
		if err := ctx.Err(); err != nil {
			return File{}, err
		}
		k, err := r.Read(buf)
		h.Write(buf[:k])
		n += int64(k)
		read(k)
		if err == io.EOF { // exactly: an archive that ends too early is io.ErrUnexpectedEOF
			return File{f.Name, n, hex.EncodeToString(h.Sum(nil))}, nil
		}
		if err != nil {
			return File{}, err
		}
	}
}

// compare holds the files against the manifest.
func (a *archive) compare(m Manifest, t *topic) {
	listed := map[string]bool{}
	for _, f := range m.Files {
		if listed[f.Path] {
			t.fail("The manifest lists %s twice.", clip(f.Path))
			continue
		}
		listed[f.Path] = true
		got, ok := a.sums[f.Path]
		switch {
		case !ok:
			t.fail("%s is missing, though the manifest lists it.", clip(f.Path))
		case got.Bytes < 0: // damaged; said already
		case got != f:
			t.fail("%s was changed: it is not the file that the manifest lists.", clip(f.Path))
		}
	}
	for _, n := range a.names {
		if !listed[n] && n != fileManifest && n != fileSignature {
			t.fail("%s was added: the manifest does not list it.", clip(n))
		}
	}
}

// below lists the archive's files in a folder.
func (a *archive) below(dir string) []string {
	var out []string
	for _, n := range a.names {
		if strings.HasPrefix(n, dir) {
			out = append(out, n)
		}
	}
	return out
}
