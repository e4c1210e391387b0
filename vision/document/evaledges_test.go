package document

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"bonafide/vision"
	"bonafide/vision/document/doctest"
	"bonafide/vision/opencv"
)

// edgeTally counts what was said of the edges at one width.
type edgeTally struct {
	seen, whole, right, both, near, wrong, none int
	took                                        time.Duration
}

// TestEvalEdges measures, on specimens laid into real pictures (composites),
// how often the four corners of the document are found around its portrait, in
// one picture: right are those of which every one lies within 4 % of the
// document's width of where it is, near within 8 %, all others wrong. It
// asserts nothing.
func TestEvalEdges(t *testing.T) {
	docs, videos := evalDir(t, "iddocs"), evalDir(t, "videos")
	r := newEvalRig(t)
	fmt.Println("composites: corners of documents around their portraits, one picture each")
	fmt.Println("picture    width  portraits  of documents wholly in view  right (< 4 %), of those in view  near (< 8 %)  wrong  not found  time")
	for _, size := range sizes {
		for _, width := range size.widths {
			var n edgeTally
			for i, s := range specimens {
				card := s.open(t, docs)
				for v := range views {
					bg := still(t, filepath.Join(videos, backgrounds[(i+v)%len(backgrounds)]), size.w, size.h)
					if bg == nil || card == nil || !s.portrait {
						continue
					}
					faces, err := r.stage.Detect(vision.FromImage(bg, 0))
					if err != nil || len(faces) == 0 {
						continue
					}
					pose := place(size.w, size.h, width, faces[0].Box, uint64(1000*i+10*v+width))
					n.look(t, r, vision.FromImage(doctest.Hold(bg, card, pose), 0), pose, pose.Corners(card), s.file)
				}
			}
			fmt.Printf("%4d×%-4d  %4d   %3d        %3d                           %3d %3.0f %%                         %3d           %3d    %3d       %4.0f ms\n",
				size.w, size.h, width, n.seen, n.whole, n.right, share(n.both, n.whole), n.near, n.wrong, n.none, n.took.Seconds()*1000/float64(max(n.seen, 1)))
		}
	}
}

// look measures one picture.
func (n *edgeTally) look(t *testing.T, r evalRig, f *vision.Frame, pose doctest.Pose, corners [4][2]float64, name string) {
	truth, main, small := r.faces(t, f, corners)
	for i := range small {
		if small[i].Box.Inside(truth.Bounds()) < 0.5 {
			continue
		}
		p, err := opencv.FromFrame(f)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		began := time.Now()
		o, err := OutlineOf(p, &small[i], boxOf(main))
		if err != nil {
			t.Fatal(err)
		}
		n.took += time.Since(began)
		n.seen++
		whole := false
		if b := truth.Bounds(); b.Inside(vision.Rect{X1: float64(f.Width()), Y1: float64(f.Height())}) == 1 {
			n.whole++
			whole = true
		}
		off := math.Inf(1)
		if o.Found {
			off = worst(o.Quad, truth) / pose.Width
		}
		switch {
		case off < 0.04:
			n.right++
			if whole {
				n.both++
			}
		case off < 0.08:
			n.near++
		case o.Found:
			n.wrong++
			t.Logf("%s, %v wide: %.0f %% off: %.0f, is %.0f", name, pose.Width, 100*off, o.Quad, truth)
		default:
			n.none++
		}
		return
	}
}
