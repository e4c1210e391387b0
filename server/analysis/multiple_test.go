package analysis

import (
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
)

// TestSmallFacesAreFollowed: what the search in tiles finds is looked for at its
// place at every search, counts for as long as it is there, and is given up
// when it is gone.
func TestSmallFacesAreFollowed(t *testing.T) {
	small := func(x, score, height float64) vision.Face {
		return vision.Face{Box: vision.Rect{X0: x, Y0: 40, X1: x + height, Y1: 40 + height}, Score: score}
	}
	const tiles, place = "tiles", "place"
	d := FaceMultiple(FaceMultipleConfig{}).Faces()
	for _, c := range []struct {
		name string
		at   time.Duration
		gap  evidence.Reason
		slow bool // no search in tiles is to be had
		big  int  // faces beside the main one that the whole picture shows
		find []vision.Face
		look string // which search is made
		want float64
	}{
		{name: "nothing in the tiles", at: 0, look: tiles, want: 1},
		{name: "not due again", at: 500 * time.Millisecond, want: 1},
		{name: "too weak", at: 3 * sec, find: []vision.Face{small(100, 0.7, 30)}, look: tiles, want: 1},
		{name: "too small", at: 6 * sec, find: []vision.Face{small(100, 0.9, 15)}, look: tiles, want: 1},
		{name: "on a slow machine", at: 9 * sec, slow: true, find: []vision.Face{small(100, 0.9, 24)}, want: 1},
		{name: "found", at: 9500 * time.Millisecond, find: []vision.Face{small(100, 0.9, 24)}, look: tiles, want: 2},
		{name: "a little further", at: 10 * sec, find: []vision.Face{small(115, 0.85, 24)}, look: place, want: 2},
		{name: "missed once", at: 10500 * time.Millisecond, look: place, want: 1},
		{name: "there again", at: 11 * sec, find: []vision.Face{small(120, 0.9, 26)}, look: place, want: 2},
		{name: "beside a large one", at: 11500 * time.Millisecond, big: 1, want: 2},
		{name: "another, elsewhere", at: 12 * sec, find: []vision.Face{small(300, 0.9, 24)}, look: place, want: 1},
		{name: "gone", at: 12500 * time.Millisecond, look: place, want: 1},
		{name: "given up, and looked for everywhere", at: 13 * sec, find: []vision.Face{small(300, 0.9, 24)}, look: tiles, want: 2},
		{name: "a picture that cannot be measured", at: 13500 * time.Millisecond, gap: evidence.ReasonDark},
		{name: "not followed over that", at: 14 * sec, find: []vision.Face{small(300, 0.9, 24)}, want: 1},
	} {
		looked := ""
		in := FaceReading{AtMS: c.at.Milliseconds(), Detected: true, Reason: c.gap}
		if c.gap == "" {
			in.Main = &vision.Face{Box: vision.Rect{X0: 200, Y0: 100, X1: 400, Y1: 300}, Score: 0.99}
			in.Faces = append(in.Faces, *in.Main)
			for range c.big {
				in.Faces = append(in.Faces, small(500, 0.95, 80))
			}
			if !c.slow {
				in.Small = func(near vision.Rect) ([]vision.Face, error) {
					looked = tiles
					if near.Area() > 0 {
						looked = place
					}
					return c.find, nil
				}
			}
		}
		got, err := d.Detect(in)
		if err != nil || len(got) != 1 || got[0].Value != c.want || got[0].Reason != c.gap || looked != c.look {
			t.Errorf("%s: %+v, %v, searched %q; want %v by %q", c.name, got, err, looked, c.want, c.look)
		}
	}
}
