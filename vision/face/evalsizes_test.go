package face

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/draw"

	"bonafide/vision"
)

// TestEvalSizes prints how often a face of a given height is found: 60 photos,
// pasted at random places of a plain picture (SIM: an upper bound), by the search
// of the whole picture and by that with tiles. It asserts nothing.
func TestEvalSizes(t *testing.T) {
	dir := filepath.Join(evalData(t), "faces")
	var labels []struct{ File, Source string }
	readJSON(t, filepath.Join(dir, "labels.json"), &labels)
	s := newStage(t)
	type photo struct {
		m    image.Image
		face vision.Rect
	}
	var photos []photo
	for _, l := range labels {
		if l.Source != "lfw" && l.Source != "LFW" || len(photos) == 60 {
			continue
		}
		f, err := os.Open(filepath.Join(dir, l.File))
		if err != nil {
			continue
		}
		m, _, err := image.Decode(f)
		f.Close()
		if err != nil {
			continue
		}
		found, err := s.Detect(vision.FromImage(m, 0))
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 1 && found[0].Confirmed() {
			photos = append(photos, photo{m, found[0].Box})
		}
	}
	fmt.Printf("%d photos\npicture    height   whole picture   with tiles\n", len(photos))
	for _, size := range []image.Point{{X: 640, Y: 480}, {X: 1280, Y: 720}} {
		for _, height := range []float64{20, 24, 28, 32, 40, 48, 56, 64, 80} {
			r := rand.New(rand.NewPCG(1, uint64(height)))
			whole, tiled := 0, 0
			for _, p := range photos {
				scale := height / p.face.Height()
				b := p.m.Bounds()
				w, h := int(float64(b.Dx())*scale), int(float64(b.Dy())*scale)
				at := image.Pt(r.IntN(size.X-w), r.IntN(size.Y-h))
				canvas := image.NewRGBA(image.Rect(0, 0, size.X, size.Y))
				draw.Draw(canvas, canvas.Bounds(), image.NewUniform(color.Gray{Y: 130}), image.Point{}, draw.Src)
				draw.CatmullRom.Scale(canvas, image.Rect(at.X, at.Y, at.X+w, at.Y+h), p.m, b, draw.Src, nil)
				want := vision.Rect{X0: p.face.X0*scale + float64(at.X), Y0: p.face.Y0*scale + float64(at.Y),
					X1: p.face.X1*scale + float64(at.X), Y1: p.face.Y1*scale + float64(at.Y)}
				f := vision.FromImage(canvas, 0)
				all, err := s.Detect(f)
				if err != nil {
					t.Fatal(err)
				}
				small, err := s.Small(f, nil, vision.Rect{})
				if err != nil {
					t.Fatal(err)
				}
				whole += hits(all, want)
				tiled += hits(small, want)
			}
			fmt.Printf("%-10s %4.0f px  %8.0f %%      %8.0f %%\n", fmt.Sprintf("%d×%d", size.X, size.Y), height,
				100*float64(whole)/float64(len(photos)), 100*float64(tiled)/float64(len(photos)))
		}
	}
}

// hits is 1 if one of the faces is at a place.
func hits(faces []vision.Face, at vision.Rect) int {
	for _, f := range faces {
		if f.Landmarks != nil && f.Box.IoU(at) > 0.3 {
			return 1
		}
	}
	return 0
}
