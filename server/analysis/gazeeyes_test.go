package analysis

import (
	"context"
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/webm"
	"bonafide/vision"
	"bonafide/vision/face"
	"bonafide/vision/gaze"
	"bonafide/vision/gaze/gazetest"
)

// puppets makes puppets of pictures with one face each; pictures without are
// left out.
func puppets(t testing.TB, pictures []*vision.Frame) (out []*gazetest.Puppet) {
	t.Helper()
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	defer set.Close()
	stage, err := face.NewStage(set, face.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Close()
	for _, f := range pictures {
		faces, err := stage.Detect(f)
		if err != nil {
			t.Fatal(err)
		}
		if len(faces) == 0 || faces[0].Landmarks == nil {
			continue
		}
		p, err := gazetest.NewPuppet(f, faces[0].Landmarks, gaze.PixelsPerCM(&faces[0]))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		t.Fatal("none of the pictures has a face")
	}
	return out
}

// portraitPicture is a sample portrait on the wall of the scene.
func portraitPicture(t testing.TB, file string, at image.Rectangle) *vision.Frame {
	t.Helper()
	s, err := newScene()
	if err != nil {
		t.Fatal(err)
	}
	big, err := crop(file, at, 380, 380*at.Dy()/at.Dx()&^1)
	if err != nil {
		t.Fatal(err)
	}
	m := (&vision.Frame{Image: s.wall}).Clone()
	paste(m.Image, big, 130, (480-big.Rect.Dy())/2)
	return m
}

// recordEyes encodes a face whose eyes follow a trace, with a camera's noise,
// at so many pictures per second. Several puppets are played back and forth at
// 15 per second, so that the head moves.
func recordEyes(t testing.TB, heads []*gazetest.Puppet, trace gazetest.Trace, length time.Duration, rate int) string {
	t.Helper()
	size := heads[0].Draw(0).Rect
	enc, err := codec.NewVP8Encoder(size.Dx(), size.Dy(), rate, 1200)
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	path := filepath.Join(t.TempDir(), "eyes.webm")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := webm.NewWriter(f, webm.Header{Tracks: []webm.Track{{Number: 1, Codec: webm.VP8, Width: size.Dx(), Height: size.Dy()}}})
	if err != nil {
		t.Fatal(err)
	}
	grain := gazetest.NewGrain(8, size.Dx()*size.Dy())
	for i := 0; time.Duration(i)*time.Second/time.Duration(rate) < length; i++ {
		at := time.Duration(i) * time.Second / time.Duration(rate)
		pic := grain.Add(heads[backAndForthIndex(int(at*15/time.Second), len(heads))].Draw(trace.At(at)))
		key := i%(10*rate) == 0
		data, err := enc.Encode(pic, key)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteBlock(webm.Block{Track: 1, At: at, Key: key, Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	return path
}

func backAndForthIndex(i, n int) int {
	if n == 1 {
		return 0
	}
	i %= 2 * (n - 1)
	return min(i, 2*(n-1)-i)
}

// gazeOptions look for the gaze alone.
func gazeOptions() Options {
	opts := options()
	opts.Config = Config{Detectors: []Descriptor{Gaze(GazeConfig{})}}
	return opts
}

// A real face whose irises read lines of 20°, encoded as VP8: the whole way
// from pictures to a finding with its plot.
func testGazeOfMovedIrises(t *testing.T) {
	trace := gazetest.Reading(21, time.Minute, gazetest.ReadingStyle{Line: 20})
	path := recordEyes(t, puppets(t, []*vision.Frame{portraitPicture(t, "sample6.jpg", image.Rect(150, 420, 550, 860))}), trace, 46*time.Second, 10)
	got, err := AnalyzeFile(context.Background(), path, gazeOptions())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Findings) != 1 || got.Findings[0].Kind != evidence.GazeReading || got.Findings[0].StartMS > 38_000 {
		t.Fatalf("findings %+v, want one of reading; coverage %+v", got.Findings, got.Coverage)
	}
	f := got.Findings[0]
	if len(f.Models) < 2 || f.Quality < 0.1 {
		t.Errorf("models %v, quality %v", f.Models, f.Quality)
	}
	if m := value(t, f, "spread"); m.Value < 10 || m.Value > 30 {
		t.Errorf("%+v; lines were 20° wide", m)
	}
	n := 0
	for _, s := range got.Series {
		if s.Name == "gaze.horizontal" {
			n += len(s.Points)
		}
	}
	if n < 400 {
		t.Errorf("%d points of the gaze, want about 450", n)
	}
	checkCoverage(t, got.Coverage, gazeOptions().Config.Kinds(), 0, got.Duration.Milliseconds())
}
