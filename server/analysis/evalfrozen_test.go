package analysis

import (
	"fmt"
	"image"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/codec"
	"bonafide/vision"
	"bonafide/vision/face"
	"bonafide/vision/gaze"
	"bonafide/vision/gaze/gazetest"
)

// TestEvalFrozen prints by how much pictures half a second apart differ: those
// of people in clips of $BONAFIDE_EVAL/videos, of one picture sent again and
// again, and of a photograph in which the irises alone move (SIM); the mean over
// all cells, which media.frozen goes by, and the largest of one cell. It asserts
// nothing.
func TestEvalFrozen(t *testing.T) {
	dir := evaluationData(t)
	fmt.Printf("%-34s %22s   %s\n", "", "mean: least, median", "one cell: least, median, 9 in 10, most")
	real := &differences{}
	for _, clip := range oneOfEach {
		frames, err := readClip(filepath.Join(dir, "videos", clip))
		if err != nil {
			t.Fatalf("%s: %v", clip, err)
		}
		real.previous = nil
		for i := 0; i < len(frames); i += compositeRate / 2 {
			real.add(frames[i].Image)
		}
	}
	real.print("people in clips, as they are")
	sc, err := newScene()
	if err != nil {
		t.Fatal(err)
	}
	still := sc.draw(lookFrozen, time.Second)
	p := irises(t, still)
	for _, kbit := range []int{150, 400, 1200} {
		throughVP8(t, kbit, func(time.Duration) *image.YCbCr { return still }).print(fmt.Sprintf("one picture, %d kbit/s", kbit))
		for _, noisy := range []bool{false, true} {
			grain, eyes := gazetest.NewGrain(5, sceneW*sceneH), gazetest.Talking(3, 20*time.Second)
			draw := func(at time.Duration) *image.YCbCr { return p.Draw(eyes.At(at)) }
			name := fmt.Sprintf("irises alone, %d kbit/s", kbit)
			if noisy {
				clean := draw
				draw, name = func(at time.Duration) *image.YCbCr { return grain.Add(clean(at)) }, name+", noise"
			}
			throughVP8(t, kbit, draw).print(name)
		}
	}
}

// irises is the face of a picture whose irises can be moved.
func irises(t *testing.T, m *image.YCbCr) *gazetest.Puppet {
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
	f := (&vision.Frame{Image: m}).Clone()
	found, err := stage.Detect(f)
	if err != nil || len(found) == 0 {
		t.Fatalf("no face, %v", err)
	}
	p, err := gazetest.NewPuppet(f, found[0].Landmarks, gaze.PixelsPerCM(&found[0]))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// throughVP8 sends 20 s of pictures through VP8 at 15 a second.
func throughVP8(t *testing.T, kbit int, draw func(time.Duration) *image.YCbCr) *differences {
	t.Helper()
	enc, err := codec.NewVP8Encoder(sceneW, sceneH, 15, kbit)
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	dec, err := codec.NewVP8Decoder()
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	d := &differences{}
	for i := range 20 * 15 {
		data, err := enc.Encode(draw(time.Duration(i)*time.Second/15), i%60 == 0)
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := dec.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if i%8 == 0 {
			d.add(m)
		}
	}
	return d
}

// differences collects those of pictures that follow each other.
type differences struct {
	previous    *Thumb
	mean, cells []float64
}

func (d *differences) add(m *image.YCbCr) {
	next := newThumb(m)
	if d.previous != nil {
		most := 0.0
		for i := range next {
			diff := float64(next[i] - d.previous[i])
			most = max(most, diff, -diff)
		}
		d.mean, d.cells = append(d.mean, next.Difference(d.previous)), append(d.cells, most)
	}
	d.previous = next
}

func (d *differences) print(name string) {
	slices.Sort(d.mean)
	slices.Sort(d.cells)
	at := func(v []float64, share float64) float64 { return v[int(share*float64(len(v)-1))] }
	fmt.Printf("%-34s %10.3f %10.3f   %8.2f %8.2f %8.2f %8.2f   (%d pairs)\n", name, d.mean[0], at(d.mean, 0.5),
		d.cells[0], at(d.cells, 0.5), at(d.cells, 0.9), at(d.cells, 1), len(d.mean))
}
