package document

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"

	"bonafide/vision"
	"bonafide/vision/document/doctest"
	"bonafide/vision/opencv"
)

// plainRoom is a wall with the frame of a door, whose lines pass behind what is
// held before it.
func plainRoom() *image.RGBA {
	room := image.NewRGBA(image.Rect(0, 0, 1280, 720))
	draw.Draw(room, room.Rect, image.NewUniform(color.RGBA{R: 120, G: 132, B: 128, A: 255}), image.Point{}, draw.Src)
	draw.Draw(room, image.Rect(600, 0, 640, 720), image.NewUniform(color.RGBA{R: 70, G: 60, B: 50, A: 255}), image.Point{}, draw.Src)
	return room
}

// faceOn is the portrait's face of a specimen that is held in a pose, as far as
// its place tells: a tenth to a quarter of the width from its left edge.
func faceOn(c [4][2]float64) *vision.Face {
	at := func(u, v float64) vision.Point {
		top := vision.Point{X: c[0][0] + u*(c[1][0]-c[0][0]), Y: c[0][1] + u*(c[1][1]-c[0][1])}
		low := vision.Point{X: c[3][0] + u*(c[2][0]-c[3][0]), Y: c[3][1] + u*(c[2][1]-c[3][1])}
		return vision.Point{X: top.X + v*(low.X-top.X), Y: top.Y + v*(low.Y-top.Y)}
	}
	m, w := at(0.175, 0.43), math.Hypot(c[1][0]-c[0][0], c[1][1]-c[0][1])
	f := &vision.Face{Box: vision.Rect{X0: m.X - 0.075*w, Y0: m.Y - 0.1*w, X1: m.X + 0.075*w, Y1: m.Y + 0.1*w}}
	f.Pose.Roll = math.Atan2(c[1][1]-c[0][1], c[1][0]-c[0][0]) * 180 / math.Pi
	for i := range 40 {
		p := at(0.1+0.15*float64(i%8)/8, 0.3+0.3*float64(i/8)/5)
		f.Landmarks = append(f.Landmarks, vision.Point3{X: p.X, Y: p.Y})
	}
	return f
}

func outlineIn(t *testing.T, m image.Image, face *vision.Face, live vision.Rect) Outline {
	t.Helper()
	p, err := opencv.FromFrame(vision.FromImage(m, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	o, err := OutlineOf(p, face, live)
	if err != nil {
		t.Fatal(err)
	}
	if cut, err := o.Cut(p); err != nil || cut.Width() < 2 {
		t.Errorf("cutting %+v: %v", o, err)
	}
	return o
}

// The corners are found where they are, or not at all.
func TestOutline(t *testing.T) {
	card := doctest.Card(1000, nil, zone)
	for _, c := range []struct {
		name  string
		pose  doctest.Pose
		live  vision.Rect
		found bool
	}{
		{"held well", doctest.Pose{X: 860, Y: 380, Width: 480, Roll: 0.06, Turn: 0.1, Noise: 2, Quality: 85}, vision.Rect{}, true},
		{"turned the other way, with a thumb on it", doctest.Pose{X: 860, Y: 380, Width: 400, Roll: -0.15, Turn: -0.2, Tilt: 0.15, Thumb: true, Noise: 3, Quality: 75}, vision.Rect{}, true},
		{"small and blurred", doctest.Pose{X: 900, Y: 300, Width: 300, Blur: 1, Noise: 3, Quality: 75}, vision.Rect{X0: 200, Y0: 100, X1: 450, Y1: 500}, true},
		{"partly outside the picture", doctest.Pose{X: 1140, Y: 380, Width: 480, Noise: 2, Quality: 85}, vision.Rect{}, false},
		{"turned away by 70 degrees", doctest.Pose{X: 860, Y: 380, Width: 480, Turn: 70 * math.Pi / 180, Noise: 2, Quality: 85}, vision.Rect{}, false},
		{"over the live face", doctest.Pose{X: 860, Y: 380, Width: 480, Noise: 2, Quality: 85}, vision.Rect{X0: 850, Y0: 300, X1: 950, Y1: 420}, false},
	} {
		corners := c.pose.Corners(card)
		o := outlineIn(t, doctest.Hold(plainRoom(), card, c.pose), faceOn(corners), c.live)
		if o.Found != c.found {
			t.Errorf("%s: found %v, want %v: %+v", c.name, o.Found, c.found, o)
			continue
		}
		for i, at := range corners {
			if p := (vision.Point{X: at[0], Y: at[1]}); o.Found && o.Quad[i].Dist(p) > 0.02*c.pose.Width {
				t.Errorf("%s: corner %d at %v, is %v", c.name, i, o.Quad[i], p)
			}
		}
	}
}

// A portrait without a document around it has no edges: a photograph on the
// wall, or a face in a window.
func TestNoOutline(t *testing.T) {
	face := faceOn([4][2]float64{{620, 220}, {1100, 220}, {1100, 540}, {620, 540}})
	if o := outlineIn(t, plainRoom(), face, vision.Rect{}); o.Found || o.Around.Inside(vision.Rect{X1: 1280, Y1: 720}) < 1 {
		t.Errorf("edges of nothing: %+v", o)
	}
}

// Edges count where several pictures show them in the same place beside the
// portrait.
func TestOutlineVote(t *testing.T) {
	at := func(dx, right float64) (*vision.Face, Outline) {
		q := opencv.Quad{{X: 600 + dx, Y: 200}, {X: 1080 + dx + right, Y: 210}, {X: 1080 + dx + right, Y: 530}, {X: 600 + dx, Y: 520}}
		var c [4][2]float64
		for i, p := range q {
			c[i] = [2]float64{p.X, p.Y}
		}
		c[1][0], c[2][0] = c[1][0]-right, c[2][0]-right // the portrait knows nothing of a wrong edge
		return faceOn(c), Outline{Quad: q, Found: true, Around: q.Bounds()}
	}
	var v OutlineVote
	_, first := at(0, 0)
	if v.Agrees(first) || v.Agrees(Outline{}) {
		t.Error("agreed by nothing")
	}
	for i, dx := range []float64{0, 11, -7} {
		face, o := at(dx, 0)
		v.Add(face, o)
		if got := v.Agrees(o); got != (i >= MinAgree) {
			t.Errorf("after %d pictures: %v", i+1, got)
		}
	}
	face, wrong := at(4, 60)
	if v.Add(face, wrong); v.Agrees(wrong) || !v.Agrees(first) {
		t.Error("an edge elsewhere counts, or hides the others")
	}
	for i := range 3 * maxOutlines {
		face, o := at(float64(i), float64(i%7)*50)
		v.Add(face, o)
	}
	if len(v.found) != maxOutlines {
		t.Errorf("%d outlines are kept", len(v.found))
	}
}

// Whatever is in view, and wherever a portrait is taken to be, there is an
// outline within the picture, or an error.
func FuzzOutline(f *testing.F) {
	f.Add(uint16(640), uint16(480), 300.0, 200.0, 60.0, 4.0, uint8(3))
	f.Add(uint16(2), uint16(2), 0.0, 0.0, 1.0, 0.0, uint8(0))
	f.Add(uint16(100), uint16(3), -5.0, 1e9, 1e300, 400.0, uint8(9))
	f.Add(uint16(333), uint16(217), math.NaN(), math.Inf(1), math.Inf(-1), math.NaN(), uint8(255))
	f.Add(uint16(640), uint16(480), 300.0, 200.0, 0.01, -90.0, uint8(77))
	f.Fuzz(func(t *testing.T, w, h uint16, x, y, height, roll float64, pattern uint8) {
		m := image.NewGray(image.Rect(0, 0, int(w%800)+2, int(h%800)+2))
		for i := range m.Pix {
			m.Pix[i] = uint8(i/(int(pattern)+1)) * 40
		}
		p, err := opencv.FromFrame(vision.FromImage(m, 0))
		if err != nil {
			return
		}
		defer p.Close()
		face := &vision.Face{Box: vision.Rect{X0: x - height/2, Y0: y - height/2, X1: x + height/2, Y1: y + height/2}}
		face.Pose.Roll = roll
		o, err := OutlineOf(p, face, vision.Rect{})
		if err != nil {
			return
		}
		if o.Found && (o.Around.X0 < -1 || o.Around.Y0 < -1 || o.Around.X1 > float64(p.Width())+1 || o.Around.Y1 > float64(p.Height())+1) {
			t.Errorf("%+v in %d×%d", o, p.Width(), p.Height())
		}
		if cut, err := o.Cut(p); err == nil && (cut.Width() > 4096 || cut.Height() > 4096) {
			t.Errorf("%d×%d pixels", cut.Width(), cut.Height())
		}
		if strips, err := Strips(p, 3); err == nil && len(strips) > 3 {
			t.Errorf("%d strips", len(strips))
		}
	})
}

// BenchmarkOutline is one search for a document's edges in a picture of 1280x720.
func BenchmarkOutline(b *testing.B) {
	card := doctest.Card(1000, nil, zone)
	pose := doctest.Pose{X: 860, Y: 380, Width: 480, Roll: 0.06, Turn: 0.1, Noise: 2, Quality: 85}
	p, err := opencv.FromFrame(vision.FromImage(doctest.Hold(plainRoom(), card, pose), 0))
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	face := faceOn(pose.Corners(card))
	for b.Loop() {
		if _, err := OutlineOf(p, face, vision.Rect{}); err != nil {
			b.Fatal(err)
		}
	}
}
