package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// Info names a model in a finding.
type Info struct {
	Name   string
	SHA256 string // hex, of the file that is loaded
}

// Set is the models of one folder, each checked against the manifest. It is
// safe for concurrent use; its Sessions are not.
type Set struct {
	dir string
}

// The runtime's environment is one per process; Sets share it.
var environment struct {
	sync.Mutex
	users int
}

// Open checks the sha256 of every file this platform needs and loads ONNX
// Runtime. An error names each file that is missing or changed.
func Open(dir string) (*Set, error) {
	var bad []error
	for _, a := range Manifest {
		if !a.here() || a.Kind == KindSample {
			continue
		}
		switch err := check(dir, a); {
		case errors.Is(err, fs.ErrNotExist):
			bad = append(bad, fmt.Errorf("%s is missing", a.File))
		case err != nil:
			bad = append(bad, err)
		}
	}
	lib, err := Lookup(Runtime)
	if err != nil {
		return nil, err
	}
	if len(bad) > 0 {
		return nil, fmt.Errorf("models in %s cannot be used (run: bonafide models fetch): %w", dir, errors.Join(bad...))
	}
	environment.Lock()
	defer environment.Unlock()
	if environment.users == 0 {
		path, err := filepath.Abs(filepath.Join(dir, lib.File))
		if err != nil {
			return nil, err
		}
		ort.SetSharedLibraryPath(path)
		if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
			return nil, fmt.Errorf("loading ONNX Runtime from %s: %w", path, err)
		}
	}
	environment.users++
	return &Set{dir: dir}, nil
}

// Close releases the runtime. Close the sessions first. It may be called again.
func (s *Set) Close() error {
	environment.Lock()
	defer environment.Unlock()
	if s.dir == "" {
		return nil
	}
	s.dir = ""
	environment.users--
	if environment.users > 0 {
		return nil
	}
	if err := ort.DestroyEnvironment(); err != nil {
		return fmt.Errorf("releasing ONNX Runtime: %w", err)
	}
	return nil
}

// Info gives name and sha256 of a model, to be kept with what it measured.
func (s *Set) Info(name string) (Info, error) {
	a, err := Lookup(name)
	if err != nil {
		return Info{}, err
	}
	return Info{Name: a.Name, SHA256: a.SHA256}, nil
}

// Data reads a file that belongs to a model, checking its sha256 again.
func (s *Set) Data(name string) ([]byte, error) {
	a, err := Lookup(name)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(s.dir, a.File))
	if err != nil {
		return nil, fmt.Errorf("reading %s (run: bonafide models fetch): %w", a.Name, err)
	}
	if got := sum(b); got != a.SHA256 {
		return nil, fmt.Errorf("model changed since the start (run: bonafide models fetch): %w", &HashError{File: a.File, Want: a.SHA256, Got: got})
	}
	return b, nil
}
