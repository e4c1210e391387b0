package analysis

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/face"
	"bonafide/vision/identity"
)

// moment is what the models say of one picture of a clip.
type moment struct {
	face  *vision.Face
	parts [3]identity.Embedding
}

// clip is somebody's video, five pictures a second.
type clip struct {
	name, person string
	moments      []moment
}

const clipRate = 5

// measureClip runs the models on the first ten seconds of a clip, fitted into
// 640x480.
func measureClip(e *engine, path string) (out []moment, err error) {
	cmd := exec.Command("ffmpeg", "-v", "error", "-i", path, "-t", "10", "-vf",
		fmt.Sprintf("fps=%d,scale=%d:%d:force_original_aspect_ratio=decrease:out_range=tv,pad=%d:%d:-1:-1:gray", clipRate, sceneW, sceneH, sceneW, sceneH),
		"-pix_fmt", "yuv420p", "-f", "rawvideo", "-")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cmd.Wait()) }()
	r := bufio.NewReaderSize(pipe, 1<<20)
	m := image.NewYCbCr(image.Rect(0, 0, sceneW, sceneH), image.YCbCrSubsampleRatio420)
	for {
		for _, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
			if _, err := io.ReadFull(r, plane); err != nil {
				if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
					return out, nil
				}
				return out, err
			}
		}
		f := &vision.Frame{Image: m}
		faces, err := e.stage.Detect(f)
		if err != nil {
			return out, err
		}
		now := moment{}
		if len(faces) > 0 && faces[0].Confirmed() {
			now.face = &faces[0]
			for part := range now.parts {
				if now.parts[part], err = e.embedder.Embed(f, now.face, identity.Part(part)); err != nil {
					return out, err
				}
			}
		}
		out = append(out, now)
	}
}

// replay is a tracker that shows clips, each forwards and backwards again and
// again, the second from a time on.
type replay struct {
	first, second *clip
	from          time.Duration
	next          time.Duration
}

func (r *replay) at(at time.Duration) moment {
	c := r.first
	if at >= r.from {
		c, at = r.second, at-r.from
	}
	i := int(at*clipRate/time.Second) % max(2*len(c.moments)-2, 1)
	if i >= len(c.moments) {
		i = 2*len(c.moments) - 2 - i
	}
	return c.moments[i]
}

func (r *replay) Process(f *vision.Frame) (face.Result, bool, error) {
	out := face.Result{At: f.At, Main: r.at(f.At).face, Searched: f.At >= r.next}
	if out.Searched {
		r.next = f.At.Truncate(500*time.Millisecond) + 500*time.Millisecond
	}
	return out, true, nil
}

func (r *replay) Reset() {}

func (r *replay) Embed(f *vision.Frame, _ *vision.Face, part identity.Part) (identity.Embedding, error) {
	return r.at(f.At).parts[part], nil
}

// showing gives the findings of one clip, then another, and for how many
// seconds faces were compared.
func showing(t *testing.T, first, second *clip, from, end time.Duration) (map[evidence.Kind][]evidence.Finding, float64) {
	t.Helper()
	r := &rig{t: t, findings: map[string]evidence.Finding{}}
	p, err := NewPipeline(Config{Detectors: []Descriptor{Identity(IdentityConfig{})}}, &replay{first: first, second: second, from: from},
		evidence.Subject{Run: "test"}, Gate{NoStills: true}, 0, Emit{
			Finding:  func(f evidence.Finding) { r.findings[f.ID] = f },
			Coverage: func(c []evidence.Coverage) { r.coverage = append(r.coverage, c...) },
		})
	if err != nil {
		t.Fatal(err)
	}
	r.Pipeline = p
	r.frames(0, end, time.Second/clipRate)
	r.must(r.Finish(end))
	out := map[evidence.Kind][]evidence.Finding{}
	for _, f := range r.findings {
		out[f.Kind] = append(out[f.Kind], f)
	}
	compared := 0.0
	for _, c := range r.coverage {
		if c.Kind == evidence.IdentityMismatch && c.State == evidence.Measured {
			compared += float64(c.EndMS-c.StartMS) / 1000
		}
	}
	return out, compared
}

// TestEvalSwitches plays clips of $BONAFIDE_EVAL/videos: one person for two
// minutes, one person in two clips, and every person after every other. The
// models see each picture once; what they say is then played in any order. It
// asserts nothing.
func TestEvalSwitches(t *testing.T) {
	dir := evaluationData(t)
	dir = filepath.Join(dir, "videos")
	b, err := os.ReadFile(filepath.Join(dir, "labels.json"))
	if err != nil {
		t.Fatal(err)
	}
	var labels []struct {
		File  string
		Label struct {
			People   any
			Identity string
		}
	}
	if err := json.Unmarshal(b, &labels); err != nil {
		t.Fatal(err)
	}
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	defer set.Close()
	e, err := newEngine(set, Config{Detectors: testDetectors()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	var clips []*clip
	seconds, hours := 0.0, 0.0
	alone := map[evidence.Kind]int{}
	for _, l := range labels {
		if l.Label.People != 1.0 {
			continue
		}
		c := &clip{name: l.File, person: l.Label.Identity}
		if c.moments, err = measureClip(e, filepath.Join(dir, l.File)); err != nil || len(c.moments) == 0 {
			t.Logf("%s: %v", l.File, err)
			continue
		}
		found, compared := showing(t, c, c, time.Hour, 2*time.Minute)
		for k, fs := range found {
			alone[k] += len(fs)
			fmt.Printf("one person, yet %s: %s\n", k, c.name)
		}
		seconds += float64(len(c.moments)) / clipRate
		hours += compared / 3600
		if compared > 60 {
			clips = append(clips, c)
		}
	}
	fmt.Printf("one person: %.0f s of clips, played for 2 minutes each, compared for %.2f h: %d mismatches, %d changes (%.1f per hour)\n",
		seconds, hours, alone[evidence.IdentityMismatch], alone[evidence.IdentityChanged],
		float64(alone[evidence.IdentityMismatch]+alone[evidence.IdentityChanged])/hours)
	evalPairs(t, clips)
}

// evalPairs plays each clip after each other one.
func evalPairs(t *testing.T, clips []*clip) {
	const from, end = 20 * time.Second, 40 * time.Second
	people := map[string]bool{}
	var same, sameFound, other, mismatches, changes int
	var delay, late float64
	for _, a := range clips {
		people[a.person] = true
		for _, b := range clips {
			if a == b {
				continue
			}
			found, _ := showing(t, a, b, from, end)
			m, c := found[evidence.IdentityMismatch], found[evidence.IdentityChanged]
			if a.person == b.person {
				if same++; len(m)+len(c) > 0 {
					sameFound++
					fmt.Printf("the same person, yet a finding: %s, then %s\n", a.name, b.name)
				}
				continue
			}
			other++
			if len(c) > 0 {
				changes++
			}
			if len(m) == 0 {
				fmt.Printf("not found: %s, then %s\n", a.name, b.name)
				continue
			}
			mismatches++
			d := float64(m[0].StartMS)/1000 - from.Seconds()
			delay += d
			late = max(late, d)
		}
	}
	fmt.Printf("%d clips of %d people that can be compared\n", len(clips), len(people))
	fmt.Printf("the same person in two clips: %d, with a finding %d\n", same, sameFound)
	fmt.Printf("two people: %d, mismatch found in %.1f %%, change in %.1f %%; the mismatch begins %.1f s after the switch on average, %.1f s at most\n",
		other, 100*float64(mismatches)/float64(max(other, 1)), 100*float64(changes)/float64(max(other, 1)), delay/float64(max(mismatches, 1)), late)
}
