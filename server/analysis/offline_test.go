package analysis

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/webm"
)

// script is what the recordings of these tests show, and findings what must be
// found in it.
var script = []spell{
	{5 * time.Second, lookFace}, {9 * time.Second, lookEmpty}, {13 * time.Second, lookFace},
	{17 * time.Second, lookTwo}, {20 * time.Second, lookFace}, {24 * time.Second, lookDark},
	{27 * time.Second, lookFace}, {32 * time.Second, lookFrozen}, {35 * time.Second, lookFace},
	{40 * time.Second, lookSmall}, {43 * time.Second, lookFace}, {47 * time.Second, lookNone},
	{50 * time.Second, lookFace},
}

var scriptTruth = []truth{
	{evidence.FaceAbsent, 5 * time.Second, 9 * time.Second},
	{evidence.FaceMultiple, 13 * time.Second, 17 * time.Second},
	{evidence.MediaFrozen, 27 * time.Second, 32 * time.Second},
	{evidence.FaceTooSmall, 35 * time.Second, 40 * time.Second},
	{evidence.CameraOff, 43 * time.Second, 47 * time.Second},
}

// record writes the script as a recording of ours: VP8 in WebM at 10 pictures
// a second, with a silent sound track beside it if sound is set.
func record(t *testing.T, script []spell, start time.Duration, sound bool) string {
	t.Helper()
	s, err := newScene()
	if err != nil {
		t.Fatal(err)
	}
	enc, err := codec.NewVP8Encoder(sceneW, sceneH, 10, 1200)
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	path := filepath.Join(t.TempDir(), "recording.webm")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := webm.Header{Start: start, Tracks: []webm.Track{{Number: 1, Codec: webm.VP8, Width: sceneW, Height: sceneH}}}
	if sound {
		h.Tracks = append(h.Tracks, webm.Track{Number: 2, Codec: webm.Opus, Channels: 1})
	}
	w, err := webm.NewWriter(f, h)
	if err != nil {
		t.Fatal(err)
	}
	end := script[len(script)-1].until
	for at := time.Duration(0); at < end; at += 20 * time.Millisecond {
		if sound {
			// An Opus packet without content: 20 ms of silence.
			if err := w.WriteBlock(webm.Block{Track: 2, At: at, Key: true, Data: []byte{0xf8, 0xff, 0xfe}}); err != nil {
				t.Fatal(err)
			}
		}
		l := lookAt(script, at)
		if at%(100*time.Millisecond) != 0 || l == lookNone {
			continue
		}
		data, err := enc.Encode(s.draw(l, at), at%(4*time.Second) == 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteBlock(webm.Block{Track: 1, At: at, Key: at%(4*time.Second) == 0, Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	return path
}

func options() Options {
	return Options{
		Run: "test", Interview: "i1", Participant: "p1", ModelsDir: models.Dir(), Config: Config{Detectors: testDetectors()},
	}
}

func testRecordingIsMeasured(t *testing.T) {
	path := record(t, script, 10*time.Second, true)
	steps := 0
	opts := options()
	opts.Progress = func(done, total time.Duration) { steps++ }
	began := time.Now()
	got, err := AnalyzeFile(context.Background(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("50 s of video took %v; %+v", time.Since(began).Round(10*time.Millisecond), got.Stats)
	var want []truth
	for _, w := range scriptTruth {
		want = append(want, truth{w.kind, w.from + 10*time.Second, w.to + 10*time.Second})
	}
	checkFindings(t, got.Findings, want, 800*time.Millisecond)
	checkCoverage(t, got.Coverage, opts.Config.Kinds(), 10_000, 60_000)
	for at, states := range map[time.Duration]map[evidence.Kind]string{
		12 * time.Second: {evidence.FaceAbsent: "measured", evidence.MediaFrozen: "measured", evidence.CameraOff: "measured"},
		17 * time.Second: {evidence.FaceAbsent: "measured", evidence.FaceTooSmall: "not_measurable/no_face"},
		32 * time.Second: {evidence.FaceAbsent: "not_measurable/dark", evidence.MediaFrozen: "not_measurable/dark", evidence.CameraOff: "measured"},
		56 * time.Second: {evidence.FaceAbsent: "not_measurable/camera_off", evidence.CameraOff: "measured"},
	} {
		for k, state := range states {
			if s := stateAt(got.Coverage, k, at); s != state {
				t.Errorf("at %v %s is %s, want %s", at, k, s, state)
			}
		}
	}
	for _, f := range got.Findings {
		if f.Run != "test" || f.Interview != "i1" || f.Participant != "p1" || f.Source != "camera" || f.Samples < 2 || len(f.Values) == 0 {
			t.Errorf("finding %+v", f)
		}
		if biometric := strings.HasPrefix(string(f.Kind), "face."); biometric != (len(f.Models) == 2) {
			t.Errorf("finding of %s names the models %v", f.Kind, f.Models)
		}
		if (f.Kind == evidence.CameraOff) != (len(f.Stills) == 0) {
			t.Errorf("finding of %s has the stills %v", f.Kind, f.Stills)
		}
		for _, s := range f.Stills {
			if len(got.Stills[s.SHA256]) == 0 || s.Width != sceneW || s.Height != sceneH || s.AtMS != f.StartMS {
				t.Errorf("still %+v of %s with %d bytes", s, f.Kind, len(got.Stills[s.SHA256]))
			}
		}
	}
	if steps == 0 || got.Start != 10*time.Second || got.Truncated != "" {
		t.Errorf("%d steps of progress, start %v, truncated %q", steps, got.Start, got.Truncated)
	}
}

// A foreign file goes through ffmpeg and yields the same findings, but for the
// hole, which a file of constant rate cannot have.
func testForeignFileIsMeasured(t *testing.T) {
	short := []spell{{4 * time.Second, lookFace}, {8 * time.Second, lookEmpty}, {11 * time.Second, lookFace}, {15 * time.Second, lookTwo}, {17 * time.Second, lookFace}}
	src := record(t, short, 0, false)
	path := filepath.Join(t.TempDir(), "foreign.mp4")
	// Turned by its metadata alone, and of odd size.
	for _, args := range [][]string{
		{"-v", "error", "-i", src, "-vf", "scale=641:481,transpose=clock", "-c:v", "mpeg4", "-q:v", "4", path + ".tmp.mp4"},
		{"-v", "error", "-display_rotation", "90", "-i", path + ".tmp.mp4", "-c", "copy", path},
	} {
		if out, err := exec.Command("ffmpeg", args...).CombinedOutput(); err != nil {
			// Releases before 6.0 write the rotation as a tag.
			args = []string{"-v", "error", "-i", path + ".tmp.mp4", "-c", "copy", "-metadata:s:v", "rotate=270", path}
			if out2, err := exec.Command("ffmpeg", args...).CombinedOutput(); err != nil {
				t.Fatalf("ffmpeg: %v\n%s%s", err, out, out2)
			}
		}
	}
	opts := options()
	opts.Offset = 100 * time.Second
	got, err := AnalyzeFile(context.Background(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	checkFindings(t, got.Findings, []truth{
		{evidence.FaceAbsent, 104 * time.Second, 108 * time.Second}, {evidence.FaceMultiple, 111 * time.Second, 115 * time.Second},
	}, time.Second)
	if got.Duration < 16*time.Second || got.Duration > 18*time.Second {
		t.Errorf("duration %v, want 17s", got.Duration)
	}
	for _, f := range got.Findings {
		for _, s := range f.Stills {
			if s.Width < s.Height {
				t.Errorf("still of %dx%d is not turned upright", s.Width, s.Height)
			}
		}
	}
	// Cut short: what is there is measured.
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.mkv")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-c", "copy", cut).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, out)
	}
	if b, err = os.ReadFile(cut); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, b[:len(b)*6/10], 0o600); err != nil {
		t.Fatal(err)
	}
	got, err = AnalyzeFile(context.Background(), cut, opts)
	if err != nil {
		t.Fatal(err)
	}
	if got.Truncated == "" || len(got.Findings) != 1 || got.Findings[0].Kind != evidence.FaceAbsent {
		t.Errorf("cut file: truncated %q, findings %+v", got.Truncated, got.Findings)
	}
}

// What the log knows of a hole decides what it is. The same input gives the
// same result each time.
func testHolesAreToldApart(t *testing.T) {
	short := []spell{{2 * time.Second, lookFace}, {6 * time.Second, lookNone}, {8 * time.Second, lookFace}}
	path := record(t, short, 0, true)
	for _, c := range []struct {
		name  string
		truth Truth
		want  []truth
		state string
	}{
		{"nothing is known", Truth{}, []truth{{evidence.CameraOff, 2 * time.Second, 6 * time.Second}}, "measured"},
		{"muted", Truth{Mutes: []Span{{2 * time.Second, 6 * time.Second}}}, []truth{{evidence.CameraOff, 2 * time.Second, 6 * time.Second}}, "measured"},
		{"lost", Truth{Gaps: []evidence.Gap{{StartMS: 2000, EndMS: 6000, Packets: 9, Cause: "loss"}}}, nil, "not_measurable/packet_loss"},
		{"silent", Truth{Gaps: []evidence.Gap{{StartMS: 2000, EndMS: 6000, Cause: "silence_on_wire"}}},
			[]truth{{evidence.CameraOff, 2 * time.Second, 6 * time.Second}}, "measured"},
		{"away", Truth{Gaps: []evidence.Gap{{StartMS: 2000, EndMS: 6000, Cause: "disconnected"}}}, nil, "not_measurable/disconnected"},
	} {
		opts := options()
		opts.Config.Detectors = []Descriptor{CameraOff(CameraOffConfig{}), MediaFrozen(MediaFrozenConfig{})}
		opts.Truth = c.truth
		got, err := AnalyzeFile(context.Background(), path, opts)
		if err != nil {
			t.Fatal(err)
		}
		checkFindings(t, got.Findings, c.want, time.Second)
		if s := stateAt(got.Coverage, evidence.CameraOff, 4*time.Second); s != c.state {
			t.Errorf("%s: camera.off is %s at 4 s, want %s", c.name, s, c.state)
		}
	}
	opts := options() // with everything
	opts.Truth = Truth{Gaps: []evidence.Gap{{StartMS: 2000, EndMS: 6000, Packets: 9, Cause: "loss"}}}
	var results [2]Result
	for i := range results {
		var err error
		if results[i], err = AnalyzeFile(context.Background(), path, opts); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(results[0], results[1]) {
		t.Error("the same recording gave another result the second time")
	}
}

func TestFilesThatAreNoVideo(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	photo, err := os.ReadFile(filepath.Join(models.Dir(), "sample1.jpg"))
	if err != nil {
		t.Fatalf("%v (run: make samples)", err)
	}
	sound := filepath.Join(dir, "sound.wav")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", sound).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, out)
	}
	for name, path := range map[string]string{
		"text":    write("a.txt", []byte("This is a text, and not a video at all.\n")),
		"garbage": write("b.mp4", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00garbage garbage garbage")),
		"photo":   write("c.jpg", photo),
		"empty":   write("d.webm", nil),
		"folder":  dir,
		"sound":   sound,
	} {
		_, err := AnalyzeFile(context.Background(), path, options())
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "not a video") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := AnalyzeFile(context.Background(), filepath.Join(dir, "none.webm"), options()); err == nil || !os.IsNotExist(unwrapAll(err)) {
		t.Errorf("missing file: error %v", err)
	}
	opts := options()
	opts.Run = evidence.RunLive
	if _, err := AnalyzeFile(context.Background(), sound, opts); err == nil || !strings.Contains(err.Error(), "Run") {
		t.Errorf("run %q: error %v", opts.Run, err)
	}
}

func unwrapAll(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = u.Unwrap()
	}
}
