package analysis

import (
	"bufio"
	"fmt"
	"image"
	"io"
	"log/slog"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
)

// unheldTime is for how long a person who holds nothing is asked for a
// document, in the clips that are shorter played forwards and backwards.
const unheldTime = 12 * time.Second

// unheldPictures reads a clip or a picture at 5 pictures per second, at most
// unheldTime of it, at a size with even sides.
func unheldPictures(path string) ([]*image.YCbCr, error) {
	probe, err := exec.Command("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height", "-of", "csv=p=0", path).Output()
	if err != nil {
		return nil, err
	}
	var w, h int
	if _, err := fmt.Sscanf(strings.TrimSpace(string(probe)), "%d,%d", &w, &h); err != nil {
		return nil, fmt.Errorf("%q: %w", probe, err)
	}
	w, h = w&^1, h&^1
	rate := "fps=5,"
	if filepath.Ext(path) == ".jpg" {
		rate = "" // one picture: at a rate it would be none
	}
	cmd := exec.Command("ffmpeg", "-v", "error", "-i", path, "-t", fmt.Sprint(unheldTime.Seconds()), "-vf",
		fmt.Sprintf("%sscale=%d:%d:out_range=tv", rate, w, h), "-pix_fmt", "yuv420p", "-f", "rawvideo", "-")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var out []*image.YCbCr
	for r := bufio.NewReader(pipe); ; {
		m := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
		var err error
		for _, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
			if err == nil {
				_, err = io.ReadFull(r, plane)
			}
		}
		if err != nil {
			return out, cmd.Wait()
		}
		out = append(out, m)
	}
}

// TestEvalNoDocument asks people for a document who hold none, or something
// else: the clips of $BONAFIDE_EVAL/videos and the pictures of
// iddocs/handheld_not_id, four directions as four clips. It asserts nothing.
func TestEvalNoDocument(t *testing.T) {
	dir := evaluationData(t)
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	defer set.Close()
	cfg := Config{
		Detectors: []Descriptor{Identity(IdentityConfig{})},
		Steps:     []StepDescriptor{ShowID(DocumentConfig{Log: slog.New(slog.DiscardHandler)})},
	}
	e, err := newEngine(set, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	clips := map[string][]*image.YCbCr{}
	for _, pattern := range []string{"videos/*/*.*", "iddocs/handheld_not_id/*.jpg"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			group, base := filepath.Base(filepath.Dir(file)), filepath.Base(file)
			if group == "handheld_not_id" {
				base, _, _ = strings.Cut(base, "_")
			}
			pictures, err := unheldPictures(file)
			if err != nil || len(pictures) == 0 {
				t.Logf("%s: %v", file, err)
				continue
			}
			clips[group+"/"+base] = append(clips[group+"/"+base], pictures...)
		}
	}
	var names []string
	for name := range clips {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, watched := range []time.Duration{200 * time.Millisecond, 30 * time.Second} {
		outcomes := map[string]map[evidence.StepOutcome]int{}
		for _, name := range names {
			r := askFor(t, cfg, e, clips[name], watched)
			group, _, _ := strings.Cut(name, "/")
			if outcomes[group] == nil {
				outcomes[group] = map[evidence.StepOutcome]int{}
			}
			outcomes[group][r.Outcome]++
			if r.Outcome != evidence.StepNotSeen {
				fmt.Printf("%s: %s %s, found by %q, zone %q, %v\n", name, r.Outcome, r.Reason, r.Document.Found, r.Document.Zone, r.Values)
			}
		}
		fmt.Printf("\nwatched for %v, then asked for a document for %v, and none is held: steps by outcome (\"done\" is a false alarm)\n", watched, unheldTime)
		for _, group := range slices.Sorted(maps.Keys(outcomes)) {
			n := outcomes[group]
			fmt.Printf("%-18s done %d, not measurable %d, not seen %d\n", group, n[evidence.StepDone], n[evidence.StepNotMeasurable], n[evidence.StepNotSeen])
		}
	}
}

// askFor runs one step on a clip that was watched for a time before.
func askFor(t *testing.T, cfg Config, e *engine, pictures []*image.YCbCr, watched time.Duration) (result evidence.StepResult) {
	t.Helper()
	p, err := NewPipeline(cfg, e.tracker(), evidence.Subject{}, Gate{NoStills: true}, 0, Emit{
		Finding: func(evidence.Finding) {}, Coverage: func([]evidence.Coverage) {}, StepResult: func(s evidence.StepResult) { result = s },
	})
	if err != nil {
		t.Fatal(err)
	}
	const step = 200 * time.Millisecond
	for i := 0; time.Duration(i)*step < watched+unheldTime; i++ {
		at := time.Duration(i) * step
		if at == watched {
			if err := p.BeginStep(evidence.StepOrder{Step: "s", Card: evidence.CardShowID}, at); err != nil {
				t.Fatal(err)
			}
		}
		j := i % max(2*len(pictures)-2, 1)
		if j >= len(pictures) {
			j = 2*len(pictures) - 2 - j
		}
		if err := p.Frame(&vision.Frame{Image: pictures[j], At: at}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.EndStep("s", watched+unheldTime); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(watched + unheldTime); err != nil {
		t.Fatal(err)
	}
	return result
}
