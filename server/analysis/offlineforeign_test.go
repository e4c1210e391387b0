package analysis

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
)

// testForeignSound reads stereo files, as programs of calls write them, in which
// one side beeps at 1 s and the other at 2 s.
func testForeignSound(t *testing.T) {
	dir := t.TempDir()
	beep := func(at string) string { return "if(between(t," + at + "," + at + ".2),0.5*sin(2764*t),0)" }
	for file, codecs := range map[string][2]string{
		"call.mp4": {"libx264", "aac"}, "call.webm": {"libvpx", "libopus"}, "vp9.webm": {"libvpx-vp9", "libopus"},
	} {
		cmd := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=3:s=320x240:r=10", "-f", "lavfi",
			"-i", "aevalsrc='"+beep("1")+"|"+beep("2")+"':d=3:s=48000", "-pix_fmt", "yuv420p", "-c:v", codecs[0], "-c:a", codecs[1], "-strict", "-1",
			"-deadline", "realtime", filepath.Join(dir, file))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	for _, c := range []struct {
		file              string
		sound             FileSound
		mine, others      int64 // ms at which a beep is heard; 0: never
		unknown, somebody bool
	}{
		{"call.mp4", SoundLeft, 1000, 2000, false, true}, {"vp9.webm", SoundRight, 2000, 1000, false, true},
		{"call.webm", SoundOne, 1000, 0, false, true}, {"call.mp4", SoundMixed, 0, 0, true, false}, {"call.webm", SoundMixed, 0, 0, true, false},
	} {
		l := &ear{}
		opts := options()
		opts.Interview, opts.Participant, opts.Sound = "foreign", "foreign", c.sound
		opts.Gate.Heard = []string{"foreign", otherPerson}
		opts.Config = Config{Detectors: []Descriptor{{
			Name: "ear", Scope: ScopeInterview,
			Rules: []evidence.Rule{{Kind: evidence.SpeechPause, Measure: "x", On: 2, Off: 2, MaxStep: time.Second}},
			Scene: func(*models.Set) (Detector[SceneReading], error) { return l, nil },
		}}}
		r, err := AnalyzeFile(context.Background(), filepath.Join(dir, c.file), opts)
		if err != nil {
			t.Fatal(err)
		}
		first := map[string]int64{}
		unknown, somebody := false, false
		for _, in := range l.got {
			s := in.Sound
			if s == nil {
				continue
			}
			unknown = unknown || s.Reason == evidence.ReasonNotAvailable
			somebody = somebody || s.Heard()
			for i, v := range s.PCM {
				if v > 0.2 && first[in.Participant] == 0 {
					first[in.Participant] = s.AtMS + int64(i)*1000/SoundRate
				}
			}
		}
		near := func(got, want int64) bool { return got == want || want > 0 && max(got-want, want-got) < 30 }
		if !near(first["foreign"], c.mine) || !near(first[otherPerson], c.others) || unknown != c.unknown || somebody != c.somebody {
			t.Errorf("%s of %s: beeps at %v, unknown %v, heard %v; want them at %d and %d, %v, %v", c.sound, c.file, first, unknown, somebody, c.mine, c.others, c.unknown, c.somebody)
		}
		if c.sound == SoundMixed {
			for _, cov := range r.Coverage {
				if cov.State == evidence.Measured || cov.State == evidence.NotMeasurable && cov.Reason != evidence.ReasonNotAvailable && cov.EndMS-cov.StartMS > 1500 {
					t.Errorf("mixed sound: coverage %+v, want not measurable (not_available)", cov)
				}
			}
		}
	}
}
