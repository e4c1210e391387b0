package app

import (
	"image"
	"image/draw"
	_ "image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
	"bonafide/server/signaling/signaltest"
	"bonafide/vision"
	"bonafide/vision/face"
	"bonafide/vision/gaze"
	"bonafide/vision/gaze/gazetest"
)

// sitter is a face of a sample photo before grey, whose irises can be moved.
func sitter(t testing.TB) *gazetest.Puppet {
	t.Helper()
	f, err := os.Open(filepath.Join(modelsDir, "sample6.jpg"))
	if err != nil {
		t.Fatalf("%v (run: make samples)", err)
	}
	defer f.Close()
	photo, _, err := image.Decode(f)
	ok(t, err)
	pic := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(pic, pic.Rect, image.NewUniform(image.Black.C), image.Point{}, draw.Src)
	for i := range pic.Pix {
		pic.Pix[i] = max(pic.Pix[i], 110)
	}
	draw.Draw(pic, image.Rect(120, 20, 520, 460), photo, image.Pt(150, 420), draw.Src)
	frame := vision.FromImage(pic, 0)
	set, err := models.Open(modelsDir)
	ok(t, err)
	defer set.Close()
	stage, err := face.NewStage(set, face.Config{})
	ok(t, err)
	defer stage.Close()
	faces, err := stage.Detect(frame)
	ok(t, err)
	if len(faces) == 0 || faces[0].Landmarks == nil {
		t.Fatal("no face in the sample photo")
	}
	p, err := gazetest.NewPuppet(frame, faces[0].Landmarks, gaze.PixelsPerCM(&faces[0]))
	ok(t, err)
	return p
}

// eyes are 15 pictures a second of a face whose eyes follow a trace.
func eyes(t testing.TB, p *gazetest.Puppet, trace gazetest.Trace, length time.Duration) (out []mediatest.Frame) {
	t.Helper()
	const fps = 15
	enc, err := codec.NewVP8Encoder(640, 480, fps, 1200)
	ok(t, err)
	defer enc.Close()
	grain := gazetest.NewGrain(5, 640*480)
	for i := range int(length * fps / sec) {
		at := time.Duration(i) * sec / fps
		data, err := enc.Encode(grain.Add(p.Draw(trace.At(at))), i%(4*fps) == 0)
		ok(t, err)
		out = append(out, mediatest.Frame{At: at, Duration: sec / fps, Key: data[0]&1 == 0, Data: data})
	}
	return out
}

// TestLongReader sends a real face whose irises read lines of 20°, and one
// whose irises talk, through the relay to a running server: the first is found
// within a minute with its plot, the second is measured and not found.
func TestLongReader(t *testing.T) {
	long(t)
	if !haveModels() {
		t.Skip("the models are not here (run: make models)")
	}
	const length = 62 * sec
	p := sitter(t)
	for _, c := range []struct {
		name  string
		trace gazetest.Trace
		want  int
	}{
		{"reads", gazetest.Reading(33, length, gazetest.ReadingStyle{Line: 20}), 1},
		{"talks", gazetest.Talking(33, length), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSiteFor(t, length+90*sec, func(c *Config) { c.NoAnalysis = false })
			m := s.plan()
			m.begin(signaltest.AllConsents(), signaltest.AllConsents())
			show := program{media.SourceCamera: eyes(t, p, c.trace, length)}
			done := play(s.ctx, time.Now(), show, m.publish(m.cand, show))
			done.wait()
			r := m.hangUp(20 * sec)
			var found []evidence.Finding
			for _, f := range r.Findings {
				if f.Kind == evidence.GazeReading {
					found = append(found, f)
				}
				t.Logf("%s from %d to %d ms: %+v", f.Kind, f.StartMS, f.EndMS, f.Values)
			}
			measured, busy := int64(0), int64(0)
			for _, v := range r.Coverage {
				switch {
				case v.Kind == evidence.GazeReading && v.State == evidence.Measured:
					measured += v.EndMS - v.StartMS
				case v.Kind == evidence.GazeReading && (v.Reason == evidence.ReasonOverload || v.Reason == evidence.ReasonFewFrames):
					busy += v.EndMS - v.StartMS
				}
			}
			if busy > 5000 {
				t.Skipf("the machine is too busy for ten readings a second, which the coverage says: %d ms", busy)
			}
			if len(found) != c.want {
				t.Errorf("%d findings of reading, want %d", len(found), c.want)
			}
			if measured < 20_000 {
				t.Errorf("gaze was measured for %d ms after the first window, coverage %+v", measured, r.Coverage)
			}
			points := 0
			for _, e := range entriesOf[evidence.SeriesPayload](m, evidence.EntrySeries) {
				if e.Name == "gaze.horizontal" {
					points += e.Count
				}
			}
			if points < 400 {
				t.Errorf("the log has %d readings of the gaze, want about 600", points)
			}
		})
	}
}

// film writes a trace's pictures as Motion JPEG, which Chromium plays as a
// camera at 30 pictures a second, over and over.
func film(t *testing.T, p *gazetest.Puppet, trace gazetest.Trace, length time.Duration) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "film.mjpeg")
	cmd := exec.Command("ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "640x480", "-r", "30", "-color_range", "tv",
		"-i", "-", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "3", path)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	ok(t, err)
	ok(t, cmd.Start())
	grain := gazetest.NewGrain(6, 640*480)
	for i := range int(length * 30 / sec) {
		pic := grain.Add(p.Draw(trace.At(time.Duration(i) * sec / 30)))
		for _, plane := range [][]byte{pic.Y, pic.Cb, pic.Cr} {
			if _, err := in.Write(plane); err != nil {
				t.Fatal(err)
			}
		}
	}
	ok(t, in.Close())
	ok(t, cmd.Wait())
	return path
}

// TestLongReaderInBrowser does the same through Chromium's camera and encoder:
// web/e2e/reader.spec.ts shows the film and looks at the review.
func TestLongReaderInBrowser(t *testing.T) {
	long(t)
	if !haveModels() {
		t.Skip("the models are not here (run: make models)")
	}
	web := filepath.Join("..", "..", "web")
	if _, err := os.Stat(filepath.Join(web, "node_modules", "@playwright")); err != nil {
		t.Skip("Playwright is not installed (run: make e2e)")
	}
	p := sitter(t)
	for _, c := range []struct {
		name, want string
		trace      gazetest.Trace
	}{
		{"reads", "1", gazetest.Reading(34, 90*sec, gazetest.ReadingStyle{Line: 20})},
		{"talks", "0", gazetest.Talking(34, 90*sec)},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command("npx", "--no-install", "playwright", "test", "-c", "e2e", "reader")
			cmd.Dir = web
			cmd.Env = append(os.Environ(), "BONAFIDE_READER_FILM="+film(t, p, c.trace, 90*sec), "BONAFIDE_READER_FINDINGS="+c.want)
			out, err := cmd.CombinedOutput()
			t.Logf("%s", out)
			if err != nil {
				t.Errorf("the browser's test: %v", err)
			} else if strings.Contains(string(out), "1 skipped") {
				t.Skip("nothing was judged: the machine is too busy for ten readings a second, as is printed above")
			}
		})
	}
}
