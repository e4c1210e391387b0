package analysis

import (
	"context"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
)

func TestParseRegion(t *testing.T) {
	for in, want := range map[string]Region{
		"": {}, "largest": {}, "left": {0, 0, 50, 100}, "right": {50, 0, 50, 100}, "50, 0,50,50": {50, 0, 50, 50},
	} {
		r, err := ParseRegion(in)
		if err != nil || r != want {
			t.Errorf("%q is %+v, %v; want %+v", in, r, err, want)
		}
		if again, err := ParseRegion(r.String()); err != nil || again != r {
			t.Errorf("%v is written %q, which is read as %v, %v", r, r.String(), again, err)
		}
	}
	for in, why := range map[string]string{
		"middle": "four whole numbers", "1,2,3": "four whole numbers", "0,0,50,x": "four whole numbers",
		"60,0,50,50": "at most 100", "0,0,5,50": "at least 10", "-1,0,50,50": "at least 0",
	} {
		if _, err := ParseRegion(in); err == nil || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), in) {
			t.Errorf("%q: error %v does not say %q", in, err, why)
		}
	}
}

func TestRegionIsCut(t *testing.T) {
	m := image.NewYCbCr(image.Rect(0, 0, 9, 8), image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		m.Y[i] = uint8(i)
	}
	f := &vision.Frame{Image: m, At: time.Second, Damaged: true}
	cut := Region{50, 50, 50, 50}.cut(f)
	if err := cut.Check(); err != nil {
		t.Fatal(err)
	}
	if cut.Width() != 4 || cut.Height() != 4 || cut.At != f.At || !cut.Damaged || cut.Image.Y[0] != m.Y[4*m.YStride+4] || cut.Clone().Image.Y[0] != cut.Image.Y[0] {
		t.Errorf("cut to %v beginning with %d", cut.Image.Rect, cut.Image.Y[0])
	}
	if (Region{}).cut(f) != f {
		t.Error("the whole picture was cut")
	}
}

// testOneOfTwoPeople reads a recording that shows two people side by side, of
// whom the left one goes away: what is found depends on who is meant.
func testOneOfTwoPeople(t *testing.T) {
	s, err := newScene()
	if err != nil {
		t.Fatal(err)
	}
	const end, away = 7 * time.Second, 3 * time.Second
	path := filepath.Join(t.TempDir(), "gallery.mkv")
	cmd := exec.Command("ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", fmt.Sprintf("%dx%d", sceneW, sceneH), "-r", "10",
		"-color_range", "tv", "-i", "-", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "3", path)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for at := time.Duration(0); at < end; at += 100 * time.Millisecond {
		pic := s.draw(lookEmpty, at)
		if at < away {
			paste(pic, s.face, 30+int(at/(200*time.Millisecond)), 100)
		}
		paste(pic, s.other, 350+int(at/(200*time.Millisecond)), 100)
		for _, plane := range [][]byte{pic.Y, pic.Cb, pic.Cr} {
			if _, err := in.Write(plane); err != nil {
				t.Fatal(err)
			}
		}
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	for face, want := range map[string][]truth{"left": {{evidence.FaceAbsent, away, end}}, "right": nil} {
		opts := options()
		opts.Sound = SoundMixed
		opts.Config.Detectors = append(testDetectors()[:3], StreamFacts(StreamConfig{}))
		if opts.Region, err = ParseRegion(face); err != nil {
			t.Fatal(err)
		}
		got, err := AnalyzeFile(context.Background(), path, opts)
		if err != nil {
			t.Fatal(err)
		}
		checkFindings(t, got.Findings, want, 700*time.Millisecond)
		checkCoverage(t, got.Coverage, opts.Config.Kinds(), 0, end.Milliseconds())
		for _, k := range []evidence.Kind{evidence.StreamVirtual, evidence.StreamDevice, evidence.StreamSettings, evidence.StreamTimes} {
			if s := stateAt(got.Coverage, k, 5*time.Second); s != "not_measurable/not_available" {
				t.Errorf("%s of a file is %s, want not_measurable/not_available", k, s)
			}
		}
		said := strings.Join(got.Unmeasured, "\n")
		for _, part := range []string{"--face " + face, "Loss, jitter", "one mixed sound", "at even times"} {
			if !strings.Contains(said, part) {
				t.Errorf("what was not measured does not say %q:\n%s", part, said)
			}
		}
	}
	opts := options()
	opts.Region = Region{0, 0, 50, 100}
	if _, err := AnalyzeFile(context.Background(), path, opts); err == nil || !strings.Contains(err.Error(), "Region") {
		t.Errorf("a part of a recording of ours: error %v", err)
	}
}
