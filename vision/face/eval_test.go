package face

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/vision"
)

// evalData is the folder of evaluation data; the test is skipped without it.
func evalData(t *testing.T) string {
	dir := os.Getenv("BONAFIDE_EVAL")
	if dir == "" {
		t.Skip("BONAFIDE_EVAL is not set: accuracy on real data is not measured (make eval DATA=<folder>)")
	}
	return dir
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// tally counts what Detect gave over one group of pictures of one person.
type tally struct {
	frames, confirmed, unconfirmed, extra int
	iod, sharp, bright                    []float64
	reasons                               map[vision.Reason]int
}

func (c *tally) add(faces []vision.Face) {
	c.frames++
	if len(faces) == 0 {
		return
	}
	if !faces[0].Confirmed() {
		c.unconfirmed++
		return
	}
	c.confirmed++
	if len(faces) > 1 {
		c.extra++
	}
	c.iod, c.sharp, c.bright = append(c.iod, faces[0].IOD), append(c.sharp, faces[0].Sharpness), append(c.bright, faces[0].Brightness)
	if c.reasons == nil {
		c.reasons = map[vision.Reason]int{}
	}
	for _, r := range faces[0].Quality.Reasons {
		c.reasons[r]++
	}
}

func quantiles(v []float64) string {
	if len(v) == 0 {
		return "-"
	}
	s := slices.Sorted(slices.Values(v))
	at := func(q float64) float64 { return s[int(q*float64(len(s)-1))] }
	return fmt.Sprintf("%.0f/%.0f/%.0f", at(0.05), at(0.5), at(0.95))
}

func (c *tally) row(name string) string {
	p := func(n int) float64 { return 100 * float64(n) / float64(max(c.frames, 1)) }
	return fmt.Sprintf("%-14s %5d  %6.2f  %6.2f  %6.2f  %-11s %-12s %-11s %v", name, c.frames, p(c.confirmed),
		p(c.unconfirmed), p(c.extra), quantiles(c.iod), quantiles(c.sharp), quantiles(c.bright), c.reasons)
}

const header = "source        frames  face %  unsure %  extra %  IOD 5/50/95  sharp 5/50/95  luma 5/50/95  reasons"

// TestEvalPhotos measures detection on photos of one face each, the first
// BONAFIDE_EVAL_N (default 300) of every source.
func TestEvalPhotos(t *testing.T) {
	dir := filepath.Join(evalData(t), "faces")
	n := 300
	if s := os.Getenv("BONAFIDE_EVAL_N"); s != "" {
		fmt.Sscan(s, &n)
	}
	var labels []struct{ File, Source string }
	readJSON(t, filepath.Join(dir, "labels.json"), &labels)
	s := newStage(t)
	counts := map[string]*tally{}
	for _, l := range labels {
		c := counts[l.Source]
		if c == nil {
			c = &tally{}
			counts[l.Source] = c
		}
		f, err := os.Open(filepath.Join(dir, l.File))
		if err != nil || c.frames >= n {
			continue
		}
		img, _, err := image.Decode(f)
		f.Close()
		if err != nil {
			continue // a format that the standard library does not read
		}
		faces, err := s.Detect(vision.FromImage(img, 0))
		if err != nil {
			t.Fatal(l.File, err)
		}
		c.add(faces)
	}
	printTable(counts)
}

func printTable(counts map[string]*tally) {
	fmt.Println(header)
	var names []string
	for k := range counts {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		if counts[k].frames == 0 {
			continue // no file in a format that we read
		}
		fmt.Println(counts[k].row(k))
	}
}

// TestEvalVideos measures detection twice per second on clips of one person,
// and how often the tracker, given ten pictures a second, loses the face.
func TestEvalVideos(t *testing.T) {
	dir := filepath.Join(evalData(t), "videos")
	var labels []struct {
		File          string
		Width, Height int
		Label         struct{ People any }
	}
	readJSON(t, filepath.Join(dir, "labels.json"), &labels)
	s := newStage(t)
	counts := map[string]*tally{}
	var tracked, lost int
	for _, l := range labels {
		if l.Label.People != 1.0 {
			continue
		}
		name, _, _ := strings.Cut(l.File, "/")
		c := counts[name]
		if c == nil {
			c = &tally{}
			counts[name] = c
		}
		tr := NewTracker(s)
		err := decode(filepath.Join(dir, l.File), l.Width, l.Height, func(f *vision.Frame) error {
			r, ok, err := tr.Process(f)
			if err != nil || !ok {
				return err
			}
			tracked++
			if r.Main == nil {
				lost++
			}
			if f.At%(500*time.Millisecond) == 0 {
				faces, err := s.Detect(f)
				if err != nil {
					return err
				}
				if len(faces) != 1 || !faces[0].Confirmed() {
					t.Logf("%s at %v: %d faces", l.File, f.At, len(faces))
				}
				c.add(faces)
			}
			return nil
		})
		if err != nil {
			t.Logf("%s: %v", l.File, err)
		}
	}
	printTable(counts)
	fmt.Printf("tracker: %d steps, without a face %d (%.2f %%)\n", tracked, lost, 100*float64(lost)/float64(max(tracked, 1)))
}

// decode reads the first 20 seconds of a clip at 10 frames per second with ffmpeg.
func decode(path string, w, h int, each func(*vision.Frame) error) error {
	cmd := exec.Command("ffmpeg", "-v", "error", "-i", path, "-t", "20", "-vf",
		fmt.Sprintf("fps=10,scale=%d:%d:out_range=tv", w&^1, h&^1), "-pix_fmt", "yuv420p", "-f", "rawvideo", "-")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	r := bufio.NewReaderSize(out, 1<<20)
	m := image.NewYCbCr(image.Rect(0, 0, w&^1, h&^1), image.YCbCrSubsampleRatio420)
	for i := 0; err == nil; i++ {
		for _, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
			if err == nil {
				_, err = io.ReadFull(r, plane)
			}
		}
		if err == nil {
			err = each(&vision.Frame{Image: m, At: time.Duration(i) * 100 * time.Millisecond})
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if err != nil {
		cmd.Process.Kill()
	}
	return errors.Join(err, cmd.Wait())
}
