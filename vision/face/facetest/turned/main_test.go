package main

import (
	"image"
	"image/color"
	"math"
	"testing"

	"bonafide/vision"
)

func TestAlong(t *testing.T) {
	for at, want := range map[float64]float64{0: 0, 0.1: 0.5, 0.2: 1, 0.6: 1, 0.7: 0.5, 0.8: 0, 0.99: 0} {
		if got := along(at); math.Abs(got-want) > 1e-9 {
			t.Errorf("at %g of the series it has come %g of the way, want %g", at, got, want)
		}
	}
}

// A face with a nose in front of it.
func head() []vision.Point3 {
	return []vision.Point3{{X: 10, Y: 10, Z: 20}, {X: 50, Y: 10, Z: 20}, {X: 50, Y: 50, Z: 20}, {X: 10, Y: 50, Z: 20}, {X: 30, Y: 30, Z: 0}}
}

func TestTurn(t *testing.T) {
	right, up := turn(head(), 0.5, 0)[4], turn(head(), 0, 0.5)[4]
	if right.X <= 31 || math.Abs(right.Y-30) > 1e-9 {
		t.Errorf("turned to the right, the nose is at %+v", right)
	}
	if up.Y >= 29 || math.Abs(up.X-30) > 1e-9 {
		t.Errorf("raised, the nose is at %+v", up)
	}
	for i, p := range turn(head(), 0, 0) {
		if d := math.Abs(p.X-head()[i].X) + math.Abs(p.Y-head()[i].Y) + math.Abs(p.Z-head()[i].Z); d > 1e-9 {
			t.Errorf("not turned, point %d has moved by %g", i, d)
		}
	}
}

func TestDraw(t *testing.T) {
	photo := image.NewRGBA(image.Rect(0, 0, 60, 60))
	for y := range 60 {
		for x := range 60 {
			photo.Set(x, y, color.RGBA{R: uint8(4 * x), G: uint8(4 * y), A: 255})
		}
	}
	triangles := [][3]int{{0, 1, 4}, {1, 2, 4}, {2, 3, 4}, {3, 0, 4}}
	same := draw(photo, head(), head(), triangles)
	for i, v := range same.Pix {
		if d := int(v) - int(photo.Pix[i]); d < -1 || d > 1 {
			t.Fatalf("not turned, pixel %d,%d is %d, was %d", i/4%60, i/240, v, photo.Pix[i])
		}
	}
	nose := turn(head(), 0.5, 0)[4]
	got, want := draw(photo, head(), turn(head(), 0.5, 0), triangles).RGBAAt(int(nose.X), 30), photo.RGBAAt(30, 30)
	if d := int(got.R) - int(want.R); d < -16 || d > 16 {
		t.Errorf("where the nose is now it is %v, want about %v", got, want)
	}
	if got := draw(photo, head(), turn(head(), 0.5, 0), triangles).RGBAAt(2, 2); got != photo.RGBAAt(2, 2) {
		t.Errorf("beside the face it is %v", got)
	}
}

func TestFieldsOfATornFile(t *testing.T) {
	for _, b := range [][]byte{{0x0a, 5, 1}, {0x0a}, {0x80}, {0x0a, 2, 0x20, 0xff}} {
		if got, err := trianglesOf(b); err == nil {
			t.Errorf("% x gives %v", b, got)
		}
	}
}
