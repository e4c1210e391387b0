package gaze

import (
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/vision"
	"bonafide/vision/face"
	"bonafide/vision/gaze/gazetest"
)

// portraits are faces in the sample photos, which are fetched before the tests
// run: file and region.
var portraits = []struct {
	file string
	at   image.Rectangle
}{
	{"sample6.jpg", image.Rect(150, 420, 550, 860)}, {"sample1.jpg", image.Rect(1374, 102, 1774, 542)},
	{"sample3.jpg", image.Rect(1020, 120, 1340, 500)}, {"sample6.jpg", image.Rect(1400, 140, 1920, 680)},
}

// portrait gives a region of a sample photo, scaled to a width by averaging,
// on grey in a picture of 640x480.
func portrait(t testing.TB, i, width int) *vision.Frame {
	t.Helper()
	f, err := os.Open(filepath.Join(models.Dir(), portraits[i].file))
	if err != nil {
		t.Fatalf("%v (run: make samples)", err)
	}
	defer f.Close()
	src, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	r := portraits[i].at
	out := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(out, out.Rect, image.NewUniform(image.White.C), image.Point{}, draw.Src)
	k := float64(r.Dx()) / float64(width)
	height := int(float64(r.Dy()) / k)
	x0, y0 := (640-width)/2, max((480-height)/2, 0)
	for y := range min(height, 480) {
		for x := range width {
			a, b := r.Min.X+int(float64(x)*k), r.Min.Y+int(float64(y)*k)
			c, d := max(r.Min.X+int(float64(x+1)*k), a+1), max(r.Min.Y+int(float64(y+1)*k), b+1)
			var sum [3]uint32
			for sy := b; sy < d; sy++ {
				for sx := a; sx < c; sx++ {
					r, g, b, _ := src.At(sx, sy).RGBA()
					sum[0], sum[1], sum[2] = sum[0]+r>>8, sum[1]+g>>8, sum[2]+b>>8
				}
			}
			n := uint32((c - a) * (d - b))
			o := out.PixOffset(x0+x, y0+y)
			out.Pix[o], out.Pix[o+1], out.Pix[o+2] = uint8(sum[0]/n), uint8(sum[1]/n), uint8(sum[2]/n)
		}
	}
	return vision.FromImage(out, 0)
}

// follow measures a puppet at Rate while its eyes go through some angles.
func follow(t testing.TB, s *face.Stage, p *gazetest.Puppet, angles []float64) (out []Sample) {
	t.Helper()
	track, grain := face.NewTracker(s), gazetest.NewGrain(1, 640*480)
	loose := Config{MinIOD: 5, MinSharpness: 0.1}
	for i, a := range angles {
		f := &vision.Frame{Image: grain.Add(p.Draw(a)), At: time.Duration(i) * Step}
		found, ok, err := track.Process(f)
		if err != nil || !ok {
			t.Fatalf("picture %d: %v, %v", i, ok, err)
		}
		out = append(out, loose.Measure(found.Main, f, f.At))
	}
	return out
}

// puppet makes one of a portrait; nil where no face is found.
func puppet(t testing.TB, s *face.Stage, i, width int) (*gazetest.Puppet, *vision.Face) {
	t.Helper()
	f := portrait(t, i, width)
	faces, err := s.Detect(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(faces) == 0 || faces[0].Landmarks == nil {
		return nil, nil
	}
	p, err := gazetest.NewPuppet(f, faces[0].Landmarks, PixelsPerCM(&faces[0]))
	if err != nil {
		t.Fatal(err)
	}
	return p, &faces[0]
}

// Irises of a real face that are moved by known angles are followed: right is
// right, the response is monotone and near to what they moved by.
func TestMovedIrises(t *testing.T) {
	s := newStage(t)
	p, f := puppet(t, s, 0, 300)
	if p == nil {
		t.Fatal("no face in the portrait")
	}
	angles := []float64{0, -15, -10, -5, 0, 5, 10, 15}
	got := follow(t, s, p, angles)
	t.Logf("%.0f px between the eyes, head at %+v", f.IOD, f.Pose)
	for i, s := range got {
		t.Logf("%5.0f°: %6.1f° horizontal, %s", angles[i], s.Horizontal-got[0].Horizontal, s.Reason)
		if i > 1 && s.Horizontal <= got[i-1].Horizontal {
			t.Errorf("eyes at %v look no further right than at %v", angles[i], angles[i-1])
		}
	}
	if slope := (got[7].Horizontal - got[1].Horizontal) / 30; slope < 0.6 || slope > 1.5 {
		t.Errorf("30° are measured as %.2f times that", slope)
	}
}

// TestEvalPixels prints noise and response at falling distances of the eyes,
// from which MinIOD is chosen.
func TestEvalPixels(t *testing.T) {
	if os.Getenv("BONAFIDE_EVAL") == "" {
		t.Skip("BONAFIDE_EVAL is not set: the limit of the eyes' distance is not measured")
	}
	s := newStage(t)
	fmt.Println("still and moved eyes of sample portraits, sensor noise ±3 of 255")
	fmt.Println("portrait  IOD px   noise °   slope   of 10° sweeps found")
	for i := range portraits {
		for _, width := range []int{360, 240, 180, 140, 115, 95, 80, 65} {
			p, f := puppet(t, s, i, width)
			if p == nil {
				fmt.Printf("%8d  width %d: no face\n", i, width)
				continue
			}
			var angles []float64
			for range 20 {
				angles = append(angles, 0)
			}
			for k := range 100 {
				angles = append(angles, float64(k%20)*0.5-5)
			}
			got := follow(t, s, p, angles)
			var still, lines []float64
			var xy, xx float64
			for k, g := range got {
				if g.Reason == ReasonNoEyes {
					continue
				}
				if k < 20 {
					still = append(still, g.Horizontal)
					continue
				}
				lines = append(lines, g.Horizontal)
				xy, xx = xy+angles[k]*g.Horizontal, xx+angles[k]*angles[k]
			}
			if len(still) < 10 || len(lines) < 90 {
				fmt.Printf("%8d  %6.0f    lost\n", i, f.IOD)
				continue
			}
			fmt.Printf("%8d  %6.0f   %6.2f   %6.2f   %d of 4\n", i, f.IOD, deviation(still), xy/xx-mean(lines)*mean(angles[20:])*float64(len(lines))/xx,
				len(Sweeps(Signal{X: lines}, Rightwards)))
		}
	}
}
